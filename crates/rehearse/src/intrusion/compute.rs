//! Compute: a function that makes a key by itself, an instance that reads from within, a task that is broken into.

use floodmark_case::{Access, CredentialKind, LeftoverKind};

use super::foothold::{denied_secret, make_key, read_parameter, read_secret};
use super::{Flow, Hands, Intruder, Left, Tainted};
use crate::calendar::Moment;
use crate::chores::american_text;
use crate::entities::Logged;
use crate::identity::{self, Caller, Holder, Role};
use crate::organisation::{Cloud, account, region};
use crate::rng::word;
use crate::services::{TASK_ROLE, task_id, task_session};
use crate::template::pooled;

/// A role, a function with it, and a rule that runs it; then the function makes a key for an existing user.
#[expect(clippy::too_many_lines, reason = "one act: its calls in their order, and what they leave")]
pub(super) fn function(intruder: &mut Intruder<'_>, hands: &Hands) {
    let (at, by, name) = (intruder.clock.function, hands.made.clone(), intruder.names.function.clone());
    let role = Role::new(account::HOSTING, format!("{name}-role"));
    let (arn, home, owner) = (role.arn(intruder.org), intruder.home(), intruder.id(account::HOSTING));
    let function = format!("arn:aws:lambda:{home}:{owner}:function:{name}");
    let schedule = format!("arn:aws:events:{home}:{owner}:rule/{name}");
    let trust = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"#;
    let calls = [
        (
            "iam:CreateRole",
            format!(r#"{{"roleName":"{name}-role","assumeRolePolicyDocument":"{trust}"}}"#),
            format!(
                r#"{{"role":{{"path":"/","roleName":"{name}-role","roleId":"{}","arn":"{arn}","createDate":"{}"}}}}"#,
                role.unique_id(intruder.org),
                american_text(at)
            ),
        ),
        (
            "iam:PutRolePolicy",
            format!(
                r#"{{"roleName":"{name}-role","policyName":"runtime","policyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":[\"iam:*\",\"secretsmanager:*\"],\"Resource\":\"*\"}}]}}"}}"#
            ),
            String::new(),
        ),
        (
            "lambda:CreateFunction20150331",
            format!(
                r#"{{"functionName":"{name}","runtime":"python3.13","role":"{arn}","handler":"index.handler","code":{{}},"timeout":60,"memorySize":128,"publish":false,"packageType":"Zip"}}"#
            ),
            format!(
                r#"{{"functionName":"{name}","functionArn":"{function}","runtime":"python3.13","role":"{arn}","handler":"index.handler","codeSize":1874,"timeout":60,"memorySize":128,"version":"$LATEST","state":"Pending","packageType":"Zip"}}"#
            ),
        ),
        (
            "events:PutRule",
            format!(r#"{{"name":"{name}","scheduleExpression":"rate(6 hours)","state":"ENABLED"}}"#),
            format!(r#"{{"ruleArn":"{schedule}"}}"#),
        ),
        (
            "lambda:AddPermission20150331v2",
            format!(
                r#"{{"functionName":"{name}","statementId":"{name}","action":"lambda:InvokeFunction","principal":"events.amazonaws.com","sourceArn":"{schedule}"}}"#
            ),
            format!(
                r#"{{"statement":"{{\"Sid\":\"{name}\",\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"events.amazonaws.com\"}},\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"{function}\"}}"}}"#
            ),
        ),
        (
            "events:PutTargets",
            format!(r#"{{"rule":"{name}","targets":[{{"id":"1","arn":"{function}"}}]}}"#),
            r#"{"failedEntryCount":0,"failedEntries":[]}"#.to_owned(),
        ),
    ];
    for (step, (call, request, response)) in calls.into_iter().enumerate() {
        intruder
            .script
            .call(at + step as u64 * 17, account::HOSTING, &by, call)
            .request(request)
            .response(response)
            .put();
    }
    intruder.reach(arn.clone(), &[Access::Created]);
    intruder.touch(arn.clone(), &[Access::Changed, Access::Executed, Access::Shared]);
    intruder.reach(function.clone(), &[Access::Created]);
    intruder.touch(function.clone(), &[Access::Changed, Access::Shared, Access::Executed]);
    intruder.reach(schedule.clone(), &[Access::Created, Access::Changed]);
    let left = [
        (LeftoverKind::Role, arn.clone(), None, "iam:CreateRole", true),
        (LeftoverKind::PolicyAttachment, format!("{arn}#inline/runtime"), None, "iam:PutRolePolicy", false),
        (LeftoverKind::Function, function.clone(), Some(region::HOME), "lambda:CreateFunction", true),
        (LeftoverKind::Automation, schedule.clone(), Some(region::HOME), "events:PutRule", true),
        (
            LeftoverKind::Automation,
            format!("{schedule}#target/1"),
            Some(region::HOME),
            "events:PutTargets",
            false,
        ),
        (
            LeftoverKind::ResourcePolicy,
            format!("{function}#policy/{name}"),
            Some(region::HOME),
            "lambda:AddPermission",
            false,
        ),
    ];
    for (kind, resource, region, call, required) in left {
        let kinds: &[LeftoverKind] = &[kind, LeftoverKind::Policy, LeftoverKind::Share];
        let kinds = if required { &kinds[..1] } else { kinds };
        intruder.leave(Left {
            kinds,
            resource,
            account: account::HOSTING,
            region,
            since: at,
            by: &by.key,
            call,
            required,
        });
    }
    intruder.milestone(at, format!("The function {name} is put in place, to be run every six hours"));
    function_acts(intruder, &role, &function, at + 600, &by.key);
}

fn function_acts(intruder: &mut Intruder<'_>, role: &Role, function: &str, at: Moment, maker: &str) {
    let name = intruder.names.function.clone();
    let key = intruder.key("ASIA", "function");
    intruder.script.hand_over(at, role, &name, &key, "lambda.amazonaws.com");
    let arn = role.arn(intruder.org);
    compute_role(intruder, &arn, &[function], at, maker, "lambda:CreateFunction");
    intruder.taint(Tainted {
        id: &key,
        aliases: &[],
        kind: CredentialKind::RoleSession,
        principal: arn.clone(),
        account: account::HOSTING,
        parents: &[maker, &arn, function],
        how: "lambda:CreateFunction",
        fell: at,
        required: true,
    });
    let holder = Holder::Compute("AWS::Lambda::Function", function.to_owned());
    let address = intruder.org.cloud_address(Cloud::Aws, &[word("intruder function")]);
    let session = identity::session(intruder.org, role, &name, &key, at, &holder)
        .at(&address, "Boto3/1.40.4 md/Botocore#1.40.4 ua/2.1 os/linux#5.10.244-266.970.amzn2.x86_64 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython exec-env/AWS_Lambda_python3.13 cfg/retry-mode#legacy Botocore/1.40.4");
    intruder
        .script
        .call(at + 4, account::HOSTING, &session, "iam:ListUsers")
        .request(r#"{"maxItems":100}"#)
        .put();
    let sleeper = intruder.names.sleeper.clone();
    let made = intruder.key("AKIA", "sleeper");
    make_key(intruder, &session, at + 6, account::HOSTING, &sleeper, &made);
    let morning = at + 11 * 3_600;
    let user = intruder.caller(account::HOSTING, &sleeper, &made, 4, intruder.manner.kit.cli);
    intruder.script.call(morning, account::HOSTING, &user, "sts:GetCallerIdentity").put();
    let host = format!(r#"{{"Host":"s3.{}.amazonaws.com"}}"#, intruder.home());
    intruder.script.call(morning + 9, account::HOSTING, &user, "s3:ListBuckets").request(host).put();
    intruder.milestone(at + 6, format!("The function makes a key for the existing user {sleeper}"));
}

/// The role as the compute holds it: it may be named, it need not.
fn compute_role(
    intruder: &mut Intruder<'_>,
    arn: &str,
    aliases: &[&str],
    at: Moment,
    maker: &str,
    how: &str,
) {
    intruder.taint(Tainted {
        id: arn,
        aliases,
        kind: CredentialKind::ComputeRole,
        principal: arn.to_owned(),
        account: account::HOSTING,
        parents: &[maker],
        how,
        fell: at,
        required: false,
    });
}

/// An instance with a role of the house, opened to the world; its session reads, and its interface sends.
pub(super) fn instance(intruder: &mut Intruder<'_>, hands: &mut Hands) {
    let (at, by, role) = (intruder.clock.instance, hands.made.clone(), intruder.names.migration.clone());
    let org = intruder.org;
    let (home, id) = (intruder.home(), intruder.id(account::HOSTING));
    let instance = pooled(org, "i", account::HOSTING, 900);
    let group = pooled(org, "sg", account::HOSTING, 900);
    let pair = intruder.manner.kit.label;
    let prefix = format!("arn:aws:ec2:{home}:{id}");
    let role_name = role.name().to_owned();
    let calls = [
        (
            "ec2:CreateKeyPair",
            format!(r#"{{"keyName":"{pair}","keyType":"ed25519"}}"#),
            format!(
                r#"{{"keyName":"{pair}","keyPairId":"key-0{}","keyMaterial":"<sensitiveDataRemoved>"}}"#,
                &instance[3..]
            ),
        ),
        (
            "ec2:CreateSecurityGroup",
            format!(
                r#"{{"groupName":"{pair}-sg","groupDescription":"tmp","vpcId":"{}"}}"#,
                pooled(org, "vpc", account::HOSTING, 0)
            ),
            format!(r#"{{"_return":true,"groupId":"{group}"}}"#),
        ),
        (
            "ec2:AuthorizeSecurityGroupIngress",
            format!(
                r#"{{"groupId":"{group}","ipPermissions":{{"items":[{{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{{}},"ipRanges":{{"items":[{{"cidrIp":"0.0.0.0/0"}}]}}}}]}}}}"#
            ),
            r#"{"_return":true}"#.to_owned(),
        ),
        (
            "ec2:RunInstances",
            format!(
                r#"{{"instancesSet":{{"items":[{{"imageId":"ami-0{}","minCount":1,"maxCount":1,"keyName":"{pair}"}}]}},"instanceType":"c7gn.4xlarge","groupSet":{{"items":[{{"groupId":"{group}"}}]}},"iamInstanceProfile":{{"name":"{role_name}"}}}}"#,
                &group[4..]
            ),
            format!(
                r#"{{"reservationId":"r-0{tail}","ownerId":"{id}","groupSet":{{}},"instancesSet":{{"items":[{{"instanceId":"{instance}","imageId":"ami-0{tail}","instanceState":{{"code":0,"name":"pending"}},"keyName":"{pair}","instanceType":"c7gn.4xlarge","privateIpAddress":"10.20.4.77","iamInstanceProfile":{{"arn":"arn:aws:iam::{id}:instance-profile/{role_name}"}}}}]}}}}"#,
                tail = &group[4..]
            ),
        ),
    ];
    for (step, (call, request, response)) in calls.into_iter().enumerate() {
        intruder
            .script
            .call(at + step as u64 * 24, account::HOSTING, &by, call)
            .request(request)
            .response(response)
            .put();
    }
    let arn = format!("{prefix}:instance/{instance}");
    for named in
        [format!("image/ami-0{}", &group[4..]), format!("vpc/{}", pooled(org, "vpc", account::HOSTING, 0))]
    {
        intruder.touch(format!("{prefix}:{named}"), &[Access::Read, Access::Executed, Access::Changed]);
    }
    intruder.touch(format!("{prefix}:key-pair/{pair}"), &[Access::Executed, Access::Read]);
    intruder.touch(format!("{prefix}:security-group/{group}"), &[Access::Executed, Access::Read]);
    let left = [
        (LeftoverKind::KeyMaterial, format!("{prefix}:key-pair/{pair}"), "ec2:CreateKeyPair"),
        (LeftoverKind::Network, format!("{prefix}:security-group/{group}"), "ec2:CreateSecurityGroup"),
        (
            LeftoverKind::Network,
            format!("{prefix}:security-group/{group}#ingress/tcp/22/0.0.0.0/0"),
            "ec2:AuthorizeSecurityGroupIngress",
        ),
        (LeftoverKind::Compute, arn.clone(), "ec2:RunInstances"),
    ];
    for (kind, resource, call) in left {
        let made = resource.split('#').next().unwrap_or_default().to_owned();
        intruder.reach(made, &[Access::Created]);
        intruder.leave(Left {
            kinds: &[kind, LeftoverKind::Other],
            resource,
            account: account::HOSTING,
            region: Some(region::HOME),
            since: at,
            by: &by.key,
            call,
            required: true,
        });
    }
    intruder.touch(format!("{prefix}:security-group/{group}"), &[Access::Changed, Access::Shared]);
    intruder.touch(arn.clone(), &[Access::Executed]);
    intruder.touch(format!("arn:aws:iam::{id}:instance-profile/{role_name}"), &[Access::Executed]);
    intruder.milestone(at, "An instance is started with a role of the house");
    instance_acts(intruder, hands, &role, &instance, at + 220, &by.key);
}

fn instance_acts(
    intruder: &mut Intruder<'_>,
    hands: &mut Hands,
    role: &Role,
    instance: &str,
    at: Moment,
    maker: &str,
) {
    let key = intruder.key("ASIA", "instance");
    let arn = role.arn(intruder.org);
    intruder.script.hand_over(at - 100, role, instance, &key, "ec2.amazonaws.com");
    let held =
        format!("arn:aws:ec2:{}:{}:instance/{instance}", intruder.home(), intruder.id(account::HOSTING));
    compute_role(intruder, &arn, &[instance, &held], at - 148, maker, "ec2:RunInstances");
    intruder.touch(arn.clone(), &[Access::Executed]);
    intruder.taint(Tainted {
        id: &key,
        aliases: &[],
        kind: CredentialKind::RoleSession,
        principal: arn.clone(),
        account: account::HOSTING,
        parents: &[
            maker,
            &arn,
            instance,
            &format!("arn:aws:ec2:{}:{}:instance/{instance}", intruder.home(), intruder.id(account::HOSTING)),
        ],
        how: "ec2:RunInstances",
        fell: at - 100,
        required: true,
    });
    let address = intruder.org.cloud_address(Cloud::Aws, &[word("intruder instance")]);
    let session = identity::session(intruder.org, role, instance, &key, at - 100, &Holder::Instance)
        .at(&address, "aws-cli/2.30.4 md/awscrt#0.27.6 ua/2.1 os/linux#6.1.153-175.280.amzn2023.aarch64 md/arch#aarch64 lang/python#3.9.23 md/pyimpl#CPython m/E cfg/retry-mode#standard md/installer#rpm md/prompt#off md/command#s3.sync");
    intruder.script.call(at, account::HOSTING, &session, "sts:GetCallerIdentity").put();
    for (step, name) in ["prod/web/cdn-token", "prod/search/api"].into_iter().enumerate() {
        read_secret(intruder, &session, at + 60 + step as u64 * 8, account::HOSTING, name);
    }
    denied_secret(intruder, &session, at + 90, account::HOSTING, "prod/idp/client");
    let unlogged: Vec<_> =
        intruder.org.buckets.iter().filter(|bucket| bucket.logged == Logged::Nothing).collect();
    let home = intruder.home();
    let taken: u64 = unlogged.iter().map(|bucket| bucket.taken).sum();
    for (step, bucket) in unlogged.into_iter().enumerate() {
        intruder
            .script
            .call(at + 120 + step as u64 * 11, account::HOSTING, &session, "s3:GetBucketLocation")
            .region(bucket.region)
            .request(format!(
                r#"{{"bucketName":"{}","Host":"{}.s3.{home}.amazonaws.com","location":""}}"#,
                bucket.name, bucket.name
            ))
            .put();
        intruder.touch(format!("arn:aws:s3:::{}", bucket.name), &[Access::Read]);
    }
    hands.instance = session;
    let tail = &instance[3..];
    hands.flow = Flow {
        interface: format!("eni-0{tail}"),
        inside: "10.20.4.77".to_owned(),
        outside: intruder.address(3),
        from: at + 600,
        until: at + 9 * 3_600,
        // What the wire carried is what was taken and a thirtieth for its frames.
        bytes: taken + taken / 30,
    };
    intruder.milestone(at + 600, "The instance begins to send what it reads to an address outside");
}

/// A command runs in a task of the house, and the task's session is used from outside.
pub(super) fn task(intruder: &mut Intruder<'_>, hands: &Hands) {
    let (at, by) = (intruder.clock.task, hands.made.clone());
    let org = intruder.org;
    let id = task_id(org);
    let (home, owner) = (intruder.home(), intruder.id(account::HOSTING));
    let arn = format!("arn:aws:ecs:{home}:{owner}:task/web-prod/{id}");
    intruder
        .script
        .call(at - 60, account::HOSTING, &by, "ecs:ListTasks")
        .request(r#"{"cluster":"web-prod"}"#)
        .put();
    intruder
        .script
        .call(at, account::HOSTING, &by, "ecs:ExecuteCommand")
        .request(format!(r#"{{"cluster":"web-prod","task":"{arn}","container":"cms","interactive":true,"command":"HIDDEN_DUE_TO_SECURITY_REASONS"}}"#))
        .response(format!(r#"{{"clusterArn":"arn:aws:ecs:{home}:{owner}:cluster/web-prod","taskArn":"{arn}","containerName":"cms","interactive":true,"session":{{"sessionId":"ecs-execute-command-{}","streamUrl":"HIDDEN_DUE_TO_SECURITY_REASONS","tokenValue":"HIDDEN_DUE_TO_SECURITY_REASONS"}}}}"#, &id[..17]))
        .put();
    intruder.reach(arn.clone(), &[Access::Executed]);
    intruder.touch(format!("arn:aws:ecs:{home}:{owner}:cluster/web-prod"), &[Access::Executed, Access::Read]);
    let (key, created) = task_session(org, at);
    let role = Role::new(account::HOSTING, TASK_ROLE);
    let role_arn = role.arn(org);
    compute_role(intruder, &role_arn, &[&arn], at, &by.key, "ecs:ExecuteCommand");
    intruder.touch(role_arn.clone(), &[Access::Executed]);
    intruder.taint(Tainted {
        id: &key,
        aliases: &[],
        kind: CredentialKind::RoleSession,
        principal: role_arn.clone(),
        account: account::HOSTING,
        parents: &[&by.key, &role_arn, &arn],
        how: "ecs:ExecuteCommand",
        fell: at,
        required: true,
    });
    let holder = Holder::Compute("AWS::ECS::Task", arn);
    let session: Caller = identity::session(org, &role, &id, &key, created, &holder)
        .at(&intruder.address(6), "python-urllib3/2.3.0");
    intruder.script.call(at + 500, account::HOSTING, &session, "sts:GetCallerIdentity").put();
    read_secret(intruder, &session, at + 530, account::HOSTING, "prod/idp/client");
    read_parameter(intruder, &session, at + 560, account::HOSTING, "/idp/prod/issuer");
    intruder.milestone(at, "A command runs in a task of the house; its session is then used from outside");
}

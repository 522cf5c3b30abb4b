//! The chores of people that a rule might take for an intruder's work: users, keys, roles and policies made in good
//! faith, sign-ins, refusals, a region by mistake.

use crate::calendar::{Moment, TICK, TICKS_PER_DAY, american, iso_text, march};
use crate::identity::{self, Caller, Holder, Role};
use crate::organisation::{Organisation, account, region};
use crate::people::{ADMINISTRATOR, KEYED, desk, keyed_key, permission_set};
use crate::rng::word;
use crate::script::{Line, Script};
use crate::services::{TASK_ROLE, task_habit, task_id, task_session};
use crate::template::{pooled, secret_suffix};

/// The chores that this many innocent events leave room for.
pub(crate) fn chores(org: &Organisation, innocent: u64, breach: Moment, task_opened: Moment) -> Vec<Line> {
    let mut script = Script::new(org, "chores");
    let admin = administrator(org, account::SHARED, breach);
    twin_key(&mut script, breach);
    task_goes_on(&mut script, task_opened);
    sign_ins(&mut script);
    insights(&mut script);
    let count = 3 + (innocent / 12_000).min(120);
    for number in 0..count {
        let mut rng = org.rng(&[word("chore"), number]);
        let day = [2_u64, 3, 4, 6, 9, 10, 12, 5, 11, 13][(number % 10) as usize];
        let at = (day * TICKS_PER_DAY + rng.between(33, 66)) * TICK + rng.below(TICK);
        match number % 6 {
            0 => new_role(&mut script, &admin, at, number),
            1 => new_colleague(&mut script, at, number),
            2 => rotation(&mut script, at, number),
            3 => wrong_region(&mut script, at, number),
            4 => refusals(&mut script, at, number),
            _ => snapshot_for_staging(&mut script, at, number),
        }
    }
    script.finish()
}

/// The administrator's session in an account at a moment, from the desk.
fn administrator(org: &Organisation, account: usize, at: Moment) -> Caller {
    let (address, agent) = desk(org, ADMINISTRATOR);
    let role = Role::new(account, permission_set(org, "AdministratorAccess", account));
    let created = at - at % 14_400;
    let key = org.unique_id("ASIA", &[word("administrator"), account as u64, created]);
    let session = format!("{}@corp.example", org.person(ADMINISTRATOR));
    identity::session(org, &role, &session, &key, created, &Holder::Asker).at(&address, agent)
}

/// The inside of an answer of `CreateAccessKey`.
pub(crate) fn access_key(user: &str, key: &str, at: Moment) -> String {
    let mut made = String::new();
    american(at, &mut made);
    format!(
        r#"{{"accessKey":{{"userName":"{user}","accessKeyId":"{key}","status":"Active","createDate":"{made}"}}}}"#
    )
}

/// On the evening of the breach the administrator makes a key for a colleague, who uses it from the office.
fn twin_key(script: &mut Script<'_>, breach: Moment) {
    let org = script.org;
    let index = KEYED[1];
    let user = org.person(index);
    let at = breach + 7_200 + script.rng.below(3_600);
    let admin = administrator(org, account::HOSTING, at);
    let key = org.unique_id("AKIA", &[word("twin key")]);
    script
        .call(at - 40, account::HOSTING, &admin, "iam:ListAccessKeys")
        .request(format!(r#"{{"userName":"{user}"}}"#))
        .put();
    script
        .call(at, account::HOSTING, &admin, "iam:CreateAccessKey")
        .request(format!(r#"{{"userName":"{user}"}}"#))
        .response(access_key(&user, &key, at))
        .put();
    let (address, _) = desk(org, index);
    let agent = "aws-cli/2.33.8 md/awscrt#0.29.1 ua/2.1 os/macos#25.3.0 md/arch#arm64 lang/python#3.13.11 md/pyimpl#CPython m/b,Z,n,E cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#sts.get-caller-identity";
    let owner = identity::user(org, account::HOSTING, &user, &key).at(&address, agent);
    let morning = march(20, 8, 10) + script.rng.below(1_800);
    script.call(morning, account::HOSTING, &owner, "sts:GetCallerIdentity").put();
    script
        .call(morning + 60, account::HOSTING, &owner, "s3:ListBuckets")
        .request(format!(r#"{{"Host":"s3.{}.amazonaws.com"}}"#, org.regions[region::HOME]))
        .put();
}

/// The task into which the intruder will break does its own work before, during and after.
fn task_goes_on(script: &mut Script<'_>, opened: Moment) {
    let org = script.org;
    let (address, agent) = task_habit(org);
    let (key, created) = task_session(org, opened);
    let role = Role::new(account::HOSTING, TASK_ROLE);
    let arn = format!(
        "arn:aws:ecs:{}:{}:task/web-prod/{}",
        org.regions[region::HOME],
        org.account(account::HOSTING),
        task_id(org)
    );
    let holder = Holder::Compute("AWS::ECS::Task", arn);
    let task = identity::session(org, &role, &task_id(org), &key, created, &holder).at(&address, &agent);
    for (offset, name) in [
        (0, "prod/web/database"),
        (500, "prod/web/cdn-token"),
        (2_400, "prod/search/api"),
        (4_000, "prod/web/database"),
    ] {
        let at = (opened + offset).saturating_sub(400).max(created + 30);
        script
            .call(at, account::HOSTING, &task, "secretsmanager:GetSecretValue")
            .request(format!(r#"{{"secretId":"{name}"}}"#))
            .put();
    }
}

fn sign_ins(script: &mut Script<'_>) {
    let org = script.org;
    for (number, &index) in KEYED.iter().enumerate() {
        let user = org.person(index);
        let (address, agent) = desk(org, index);
        for day in [16, 18, 23, 26] {
            let at = march(day, 7 + number as u64, 30) + script.rng.below(1_800);
            let caller = identity::signing_in(org, account::HOSTING, &user).at(&address, agent);
            let fails = number == 1 && day == 18;
            let answer = if fails { "Failure" } else { "Success" };
            let mfa =
                format!(r#""MFAIdentifier":"arn:aws:iam::{}:mfa/{user}","#, org.account(account::HOSTING));
            let extra = format!(
                r#""LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No",{}"MFAUsed":"{}""#,
                if fails { "" } else { &mfa },
                if fails { "No" } else { "Yes" },
            );
            script
                .call(at, account::HOSTING, &caller, "signin:ConsoleLogin")
                .response(format!(r#"{{"ConsoleLogin":"{answer}"}}"#))
                .extra(extra)
                .put();
        }
    }
}

/// Insights events: CloudTrail's own word that a call was made unusually often.
fn insights(script: &mut Script<'_>) {
    let org = script.org;
    for (number, (source, name)) in [("ec2", "DescribeInstances"), ("ssm", "GetParameter")].iter().enumerate()
    {
        let at = march(17 + number as u64 * 6, 10, 5);
        let mut ids = [String::new(), String::new()];
        for id in &mut ids {
            script.rng.uuid(id);
        }
        for (state, at) in [("Start", at), ("End", at + 1_860)] {
            let mut event = String::new();
            script.rng.uuid(&mut event);
            let json = format!(
                r#"{{"eventVersion":"1.11","eventTime":"{}","awsRegion":"{}","eventID":"{event}","eventType":"AwsCloudTrailInsight","recipientAccountId":"{}","sharedEventID":"{}","insightDetails":{{"state":"{state}","eventSource":"{source}.amazonaws.com","eventName":"{name}","insightType":"ApiCallRateInsight","insightContext":{{"statistics":{{"baseline":{{"average":0.{}}},"insight":{{"average":{}.5}},"insightDuration":31,"baselineDuration":10092}},"attributions":[]}}}},"eventCategory":"Insight"}}"#,
                iso_text(at),
                org.regions[region::HOME],
                org.account(account::HOSTING),
                ids[number],
                script.rng.between(100, 900),
                script.rng.between(20, 90),
            );
            script.raw(at, account::HOSTING, region::HOME, json);
        }
    }
}

fn new_role(script: &mut Script<'_>, admin: &Caller, at: Moment, number: u64) {
    let org = script.org;
    let role = Role::new(account::SHARED, format!("report-builder-{number}"));
    let trust = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ecs-tasks.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"#;
    let caller = administrator(org, account::SHARED, at).at(&admin.address, &admin.agent);
    let name = role.name().to_owned();
    script
        .call(at, account::SHARED, &caller, "iam:CreateRole")
        .request(format!(r#"{{"roleName":"{name}","description":"Builds the weekly report","assumeRolePolicyDocument":"{trust}"}}"#))
        .response(format!(r#"{{"role":{{"path":"/","roleName":"{name}","roleId":"{}","arn":"{}","createDate":"{}"}}}}"#, role.unique_id(org), role.arn(org), american_text(at)))
        .put();
    script
        .call(at + 30, account::SHARED, &caller, "iam:AttachRolePolicy")
        .request(format!(
            r#"{{"roleName":"{name}","policyArn":"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}"#
        ))
        .put();
}

/// `Mar 19, 2026, 6:40:00 PM`.
pub(crate) fn american_text(at: Moment) -> String {
    let mut text = String::new();
    american(at, &mut text);
    text
}

fn new_colleague(script: &mut Script<'_>, at: Moment, number: u64) {
    let org = script.org;
    let admin = administrator(org, account::SANDBOX, at);
    let user = format!("vendor-{}", org.person(30 + (number % 8) as usize));
    script
        .call(at, account::SANDBOX, &admin, "iam:CreateUser")
        .request(format!(
            r#"{{"userName":"{user}","tags":[{{"key":"ticket","value":"OPS-{}"}}]}}"#,
            4_000 + number
        ))
        .response(format!(
            r#"{{"user":{{"path":"/","userName":"{user}","userId":"{}","arn":"{}","createDate":"{}"}}}}"#,
            identity::user_id(org, account::SANDBOX, &user),
            identity::user_arn(org, account::SANDBOX, &user),
            american_text(at)
        ))
        .put();
    script
        .call(at + 25, account::SANDBOX, &admin, "iam:AddUserToGroup")
        .request(format!(r#"{{"groupName":"vendors","userName":"{user}"}}"#))
        .put();
    script
        .call(at + 70, account::SANDBOX, &admin, "iam:CreateAccessKey")
        .request(format!(r#"{{"userName":"{user}"}}"#))
        .response(access_key(&user, &org.unique_id("AKIA", &[word("colleague"), number]), at + 70))
        .put();
}

fn rotation(script: &mut Script<'_>, at: Moment, number: u64) {
    let org = script.org;
    let index = KEYED[0];
    let user = org.person(index);
    let (address, agent) = desk(org, index);
    let new = org.unique_id("AKIA", &[word("rotated"), number]);
    let caller = identity::user(org, account::HOSTING, &user, &keyed_key(org, index)).at(&address, agent);
    script
        .call(at, account::HOSTING, &caller, "iam:CreateAccessKey")
        .request(format!(r#"{{"userName":"{user}"}}"#))
        .response(access_key(&user, &new, at))
        .put();
    // It is given up again: everything still runs on the old one.
    script
        .call(at + 600, account::HOSTING, &caller, "iam:DeleteAccessKey")
        .request(format!(r#"{{"userName":"{user}","accessKeyId":"{new}"}}"#))
        .put();
}

fn wrong_region(script: &mut Script<'_>, at: Moment, number: u64) {
    let org = script.org;
    let admin = administrator(org, account::DEV, at);
    for (step, call) in
        ["ec2:DescribeInstances", "ec2:DescribeVpcs", "lambda:ListFunctions20150331"].iter().enumerate()
    {
        script
            .call(at + step as u64 * 9, account::DEV, &admin, call)
            .region(if number.is_multiple_of(2) { region::GLOBAL } else { region::FAR })
            .request(r#"{"maxResults":100}"#)
            .put();
    }
}

fn refusals(script: &mut Script<'_>, at: Moment, number: u64) {
    let org = script.org;
    let index = 3 + (number % 5) as usize;
    let (address, agent) = desk(org, index);
    let role = Role::new(account::INTRANET, permission_set(org, "ReadOnlyAccess", account::INTRANET));
    let session = format!("{}@corp.example", org.person(index));
    let key = org.unique_id("ASIA", &[word("refused"), number]);
    let caller = identity::session(org, &role, &session, &key, at - 600, &Holder::Asker).at(&address, agent);
    for step in 0..5 + number % 4 {
        script
            .call(
                at + step * 4,
                account::INTRANET,
                &caller,
                ["ssm:StartSession", "logs:CreateLogGroup", "ec2:StopInstances"][(step % 3) as usize],
            )
            .request(format!(r#"{{"target":"{}"}}"#, pooled(org, "i", account::INTRANET, step)))
            .denied("because no identity-based policy allows the action")
            .put();
    }
}

/// A snapshot is shared with another account of the house, and a secret is renewed.
fn snapshot_for_staging(script: &mut Script<'_>, at: Moment, number: u64) {
    let org = script.org;
    let admin = administrator(org, account::HOSTING, at);
    let snapshot = pooled(org, "snap", account::HOSTING, 100 + number);
    script
        .call(at, account::HOSTING, &admin, "ec2:ModifySnapshotAttribute")
        .request(format!(
            r#"{{"snapshotId":"{snapshot}","createVolumePermission":{{"add":{{"items":[{{"userId":"{}"}}]}}}},"attributeType":"CREATE_VOLUME_PERMISSION"}}"#,
            org.account(account::STAGING)
        ))
        .response(r#"{"_return":true}"#)
        .put();
    let arn = format!(
        "arn:aws:secretsmanager:{}:{}:secret:stage/web/database-{}",
        org.regions[region::HOME],
        org.account(account::HOSTING),
        secret_suffix(org, account::HOSTING, "stage/web/database")
    );
    script
        .call(at + 300, account::HOSTING, &admin, "secretsmanager:PutSecretValue")
        .request(format!(r#"{{"secretId":"{arn}","clientRequestToken":"rotation-{number}"}}"#))
        .response(format!(r#"{{"arn":"{arn}","name":"stage/web/database"}}"#))
        .put();
}

use super::*;
use crate::engine::births::testing::{each, record, user};

/// What one call by ann did, as `access resource` and `leaves resource undo`.
fn did(call: &str, request: &str, response: &str) -> Vec<String> {
    let rest = format!(r#","requestParameters":{request},"responseElements":{response},"readOnly":false"#);
    let mut told = Vec::new();
    each(&[record("10:00:00", &user("ann", "AKIA1"), call, &rest)], |event, _| {
        for touch in touches(event) {
            if let Some(access) = touch.access {
                told.push(format!("{access:?} {}", touch.resource));
            }
            if let Some(leaves) = touch.leaves {
                told.push(format!("{:?} {} | {}", leaves.kind, touch.resource, leaves.undo));
            }
        }
        for undoing in undoings(event) {
            told.push(format!(
                "undoes {}{}",
                undoing.resource,
                if undoing.by_others { " by others" } else { "" }
            ));
        }
    });
    told.sort();
    told
}

#[test]
fn resources_are_named_by_the_table_of_the_story() {
    let ec2 = "arn:aws:ec2:eu-west-1:111";
    assert_eq!(
        did("iam:CreateAccessKey", r#"{"userName":"bob"}"#, r#"{"accessKey":{"accessKeyId":"AKIA2"}}"#),
        [
            "AccessKey AKIA2 | aws iam delete-access-key --user-name bob --access-key-id AKIA2",
            "Changed arn:aws:iam::111:user/bob",
            "Created AKIA2",
        ]
    );
    assert_eq!(
        did(
            "secretsmanager:GetSecretValue",
            r#"{"secretId":"arn:aws:secretsmanager:eu-west-1:111:secret:db/prod-AbC123"}"#,
            "null"
        ),
        ["Read arn:aws:secretsmanager:eu-west-1:111:secret:db/prod"]
    );
    assert_eq!(
        did("ssm:GetParameters", r#"{"names":["/a/b","c"]}"#, "null"),
        ["Read arn:aws:ssm:eu-west-1:111:parameter/a/b", "Read arn:aws:ssm:eu-west-1:111:parameter/c"]
    );
    assert_eq!(
        did(
            "ec2:ModifySnapshotAttribute",
            r#"{"snapshotId":"snap-1","createVolumePermission":{"add":{"items":[{"userId":"999"},{"group":"all"}]}}}"#,
            "null"
        ).last(),
        Some(&format!("Shared {ec2}:snapshot/snap-1"))
    );
    let opened = did(
        "ec2:AuthorizeSecurityGroupIngress",
        r#"{"groupId":"sg-1","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,
            "ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}}"#,
        "null",
    );
    let rule = "IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]";
    assert_eq!(
        opened,
        [
            format!("Changed {ec2}:security-group/sg-1"),
            format!(
                "Network {ec2}:security-group/sg-1#ingress/tcp/22/0.0.0.0/0 | aws ec2 \
                 revoke-security-group-ingress --region eu-west-1 --group-id sg-1 --ip-permissions '{rule}'"
            ),
        ]
    );
    assert_eq!(
        did("lambda:UpdateFunctionCode20150331v2", r#"{"functionName":"111:function:f:live"}"#, "null")[0],
        "Changed arn:aws:lambda:eu-west-1:111:function:f"
    );
}

#[test]
fn shares_name_each_grantee_with_its_own_option() {
    let shared = did(
        "ec2:ModifyImageAttribute",
        r#"{"imageId":"ami-1","launchPermission":{"add":{"items":[{"group":"all"}]}}}"#,
        "null",
    );
    assert_eq!(
        shared[0],
        "Share arn:aws:ec2:eu-west-1:111:image/ami-1#shared/all | aws ec2 modify-image-attribute --region \
         eu-west-1 --image-id ami-1 --attribute launchPermission --operation-type remove --group-names all"
    );
}

#[test]
fn hostile_names_stay_one_word_of_the_command() {
    for (name, word) in [
        ("a b", "'a b'"),
        ("$(reboot)", "'$(reboot)'"),
        ("x';rm -rf ~;'", r"'x'\'';rm -rf ~;'\'''"),
        ("x\ny\u{1b}[31m", r"$'x\u000ay\u001b[31m'"),
        ("é", "'é'"),
    ] {
        let request = serde_json::json!({ "userName": name, "policyArn": "arn:p" }).to_string();
        let told = did("iam:AttachUserPolicy", &request, "null");
        let expected = format!("aws iam detach-user-policy --user-name {word} --policy-arn arn:p");
        assert!(told.iter().any(|line| line.ends_with(&expected)), "{told:?}");
    }
    let told = did("iam:CreateUser", r#"{"userName":"--profile=x"}"#, "null");
    assert!(told.iter().any(|line| line.ends_with("delete-user --user-name=--profile=x")), "{told:?}");
    assert_eq!(super::shell::quote(""), "''");
}

#[test]
fn conditions_choose_between_on_and_off() {
    assert_eq!(
        did("iam:UpdateAccessKey", r#"{"accessKeyId":"AKIA2","status":"Inactive"}"#, "null"),
        ["Changed AKIA2", "undoes AKIA2"]
    );
    assert_eq!(
        did("iam:UpdateAssumeRolePolicy", r#"{"roleName":"r"}"#, "null")[2],
        "undoes arn:aws:iam::111:role/r#trust by others"
    );
}

#[test]
fn unknown_writing_calls_are_told_and_only_making_ones_leave_something() {
    assert_eq!(
        did("newthing:CreateGadget", "null", "null"),
        [
            "Changed arn:aws:newthing:eu-west-1:111:*",
            "Other arn:aws:newthing:eu-west-1:111:* | look at what newthing:CreateGadget made, and undo it",
        ]
    );
    assert_eq!(did("newthing:ResetGadget", "null", "null"), ["Changed arn:aws:newthing:eu-west-1:111:*"]);
    let reading = record("10:00:00", &user("ann", "AKIA1"), "newthing:GetGadget", r#","readOnly":true"#);
    each(&[reading], |event, _| assert_eq!(touches(event), []));
}

#[test]
fn refused_calls_reach_nothing_but_are_told() {
    let rest = r#","requestParameters":{"secretId":"s"},"errorCode":"AccessDeniedException""#;
    let refused = record("10:00:00", &user("ann", "AKIA1"), "secretsmanager:GetSecretValue", rest);
    each(&[refused], |event, _| {
        let accesses: Vec<_> = touches(event).into_iter().map(|touch| touch.access).collect();
        assert_eq!(accesses, [Some(Access::Denied)]);
    });
}

#[test]
fn api_dates_are_left_away() {
    for (name, plain) in [
        ("CreateFunction20150331", "CreateFunction"),
        ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
        ("CreateDistribution2020_05_31", "CreateDistribution"),
        ("CreateLocationS3", "CreateLocationS3"),
        ("ListObjectsV2", "ListObjectsV2"),
        ("", ""),
    ] {
        assert_eq!(plain_name(name), plain);
    }
}

#[test]
fn an_arn_in_the_path_of_a_call_to_eks_is_the_same_as_in_its_body() {
    let made =
        did("eks:CreateAccessEntry", r#"{"name":"c","principalArn":"arn:aws:iam::111:role/r"}"#, "null");
    let removed = did(
        "eks:DeleteAccessEntry",
        r#"{"name":"c","principalArn":"arn%3Aaws%3Aiam%3A%3A111%3Arole%2Fr"}"#,
        "null",
    );
    let entry = "arn:aws:eks:eu-west-1:111:cluster/c#access/arn:aws:iam::111:role/r";
    assert!(
        made.iter().any(|told| told.contains(&format!("{entry} | aws eks delete-access-entry"))),
        "{made:?}"
    );
    assert!(removed.contains(&format!("undoes {entry}")), "{removed:?}");
}

#[test]
fn the_quarantine_that_aws_puts_on_a_leaked_key_is_nothing_to_be_undone() {
    let attached = |policy: &str| {
        let request = format!(r#"{{"userName":"bob","policyArn":"arn:aws:iam::aws:policy/{policy}"}}"#);
        did("iam:AttachUserPolicy", &request, "null").iter().any(|told| told.contains("detach-user-policy"))
    };
    assert!(attached("AdministratorAccess"));
    assert!(!attached("AWSCompromisedKeyQuarantineV3"));
}

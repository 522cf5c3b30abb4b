use super::testing::{assumed, each, record, service, session, user};
use super::*;

/// The births of one record as `call child kind nature`.
fn born(record: String) -> Vec<String> {
    let mut fold = BirthsFold::default();
    each(&[record], |event, place| fold.observe(event, place));
    let (names, births) = fold.into_births();
    let told =
        |birth: &Birth| format!("{} {} {:?}", names.get(birth.call), names.get(birth.child), birth.nature);
    births.iter().map(told).collect()
}

fn by_ann(call: &str, request: &str, response: &str) -> Vec<String> {
    let rest = format!(r#","requestParameters":{request},"responseElements":{response}"#);
    born(record("10:00:00", &user("ann", "AKIA1"), call, &rest))
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one entry for each form")]
fn each_form_of_birth_is_read() {
    let user = "arn:aws:iam::111:user";
    let ec2 = "arn:aws:ec2:eu-west-1:111:instance";
    let keys = r#"{"credentials":{"accessKeyId":"ASIA9"}}"#;
    let cases: &[(&str, &str, &str, String)] = &[
        (
            "sts:AssumeRole",
            r#"{"roleArn":"arn:aws:iam::111:role/p/r","roleSessionName":"s"}"#,
            keys,
            "ASIA9 Minted".into(),
        ),
        (
            "sts:AssumeRoleWithSAML",
            r#"{"roleArn":"arn:aws:iam::111:role/r","principalArn":"arn:aws:iam::111:saml-provider/p"}"#,
            keys,
            "ASIA9 Minted".into(),
        ),
        (
            "sts:AssumeRoleWithWebIdentity",
            r#"{"roleArn":"arn:aws:iam::111:role/r"}"#,
            keys,
            "ASIA9 Minted".into(),
        ),
        ("sts:AssumeRoot", r#"{"targetPrincipal":"222"}"#, keys, "ASIA9 Minted".into()),
        ("sts:GetSessionToken", "null", keys, "ASIA9 Minted".into()),
        ("sts:GetFederationToken", r#"{"name":"f"}"#, keys, "ASIA9 Minted".into()),
        (
            "iam:CreateAccessKey",
            r#"{"userName":"bob"}"#,
            r#"{"accessKey":{"accessKeyId":"AKIA2"}}"#,
            "AKIA2 Minted".into(),
        ),
        (
            "iam:UpdateAccessKey",
            r#"{"accessKeyId":"AKIA3","status":"Active"}"#,
            "null",
            "AKIA3 Revived".into(),
        ),
        (
            "iam:CreateLoginProfile",
            r#"{"userName":"bob"}"#,
            "null",
            format!("{user}/bob#login-profile Password"),
        ),
        (
            "iam:UpdateLoginProfile",
            r#"{"userName":"bob"}"#,
            "null",
            format!("{user}/bob#login-profile Password"),
        ),
        ("iam:ChangePassword", "null", "null", format!("{user}/ann#login-profile Password")),
        ("iam:CreateUser", r#"{"userName":"eve","path":"/x/"}"#, "null", format!("{user}/eve Principal")),
        (
            "iam:UpdateAssumeRolePolicy",
            r#"{"roleName":"r","policyDocument":"{}"}"#,
            "null",
            "arn:aws:iam::111:role/r#trust Trust".into(),
        ),
        (
            "iam:CreateSAMLProvider",
            "null",
            r#"{"sAMLProviderArn":"arn:aws:iam::111:saml-provider/p"}"#,
            "arn:aws:iam::111:saml-provider/p ProviderMade".into(),
        ),
        (
            "iam:UpdateSAMLProvider",
            r#"{"sAMLProviderArn":"arn:aws:iam::111:saml-provider/p"}"#,
            "null",
            "arn:aws:iam::111:saml-provider/p ProviderChanged".into(),
        ),
        (
            "iam:CreateServiceSpecificCredential",
            "null",
            r#"{"serviceSpecificCredential":{"serviceSpecificCredentialId":"ACCA1"}}"#,
            "ACCA1 Minted".into(),
        ),
        (
            "iam:UploadSSHPublicKey",
            "null",
            r#"{"sSHPublicKey":{"sSHPublicKeyId":"APKA1"}}"#,
            "APKA1 Minted".into(),
        ),
        (
            "rolesanywhere:CreateTrustAnchor",
            "null",
            r#"{"trustAnchor":{"trustAnchorArn":"arn:ta"}}"#,
            "arn:ta ProviderMade".into(),
        ),
        (
            "rolesanywhere:CreateSession",
            r#"{"trustAnchorArn":"arn:ta","roleArn":"arn:aws:iam::111:role/r"}"#,
            r#"{"credentialSet":[{"credentials":{"accessKeyId":"ASIA8"}}]}"#,
            "ASIA8 Minted".into(),
        ),
        (
            "ec2:RunInstances",
            "null",
            r#"{"instancesSet":{"items":[{"instanceId":"i-1"}]}}"#,
            format!("{ec2}/i-1 Made"),
        ),
        (
            "ec2:AssociateIamInstanceProfile",
            r#"{"AssociateIamInstanceProfileRequest":{"InstanceId":"i-2"}}"#,
            "null",
            format!("{ec2}/i-2 Reprogrammed"),
        ),
        (
            "ec2:ModifyInstanceAttribute",
            r#"{"instanceId":"i-3","userData":"<sensitiveDataRemoved>"}"#,
            "null",
            format!("{ec2}/i-3 Reprogrammed"),
        ),
        ("ssm:SendCommand", r#"{"instanceIds":["i-4"]}"#, "null", format!("{ec2}/i-4 Entered")),
        ("ssm:StartSession", r#"{"target":"i-5"}"#, "null", format!("{ec2}/i-5 Entered")),
        (
            "ssm:StartSession",
            r#"{"target":"ecs:web_t1_t1-99"}"#,
            "null",
            "arn:aws:ecs:eu-west-1:111:task/web/t1 Entered".into(),
        ),
        (
            "ec2-instance-connect:SendSSHPublicKey",
            r#"{"instanceId":"i-6"}"#,
            "null",
            format!("{ec2}/i-6 Entered"),
        ),
        (
            "ecs:ExecuteCommand",
            r#"{"task":"t2","cluster":"web"}"#,
            r#"{"taskArn":"arn:aws:ecs:eu-west-1:111:task/web/t2"}"#,
            "arn:aws:ecs:eu-west-1:111:task/web/t2 Entered".into(),
        ),
        (
            "ecs:RunTask",
            "null",
            r#"{"tasks":[{"taskArn":"arn:aws:ecs:eu-west-1:111:task/web/t3"}]}"#,
            "arn:aws:ecs:eu-west-1:111:task/web/t3 Made".into(),
        ),
        (
            "lambda:CreateFunction20150331",
            r#"{"functionName":"f"}"#,
            r#"{"functionName":"f","role":"arn:aws:iam::111:role/fr"}"#,
            "arn:aws:lambda:eu-west-1:111:function:f Made".into(),
        ),
        (
            "lambda:UpdateFunctionCode20150331v2",
            r#"{"functionName":"arn:aws:lambda:eu-west-1:111:function:f"}"#,
            "null",
            "arn:aws:lambda:eu-west-1:111:function:f Reprogrammed".into(),
        ),
        (
            "lambda:UpdateFunctionConfiguration20150331v2",
            r#"{"functionName":"f","layers":["l"]}"#,
            "null",
            "arn:aws:lambda:eu-west-1:111:function:f Reprogrammed".into(),
        ),
        (
            "glue:CreateJob",
            r#"{"name":"j","role":"arn:aws:iam::111:role/g"}"#,
            "null",
            "arn:aws:glue:eu-west-1:111:j RolePassed".into(),
        ),
        (
            "codebuild:StartBuild",
            "null",
            r#"{"build":{"id":"proj:1234"}}"#,
            "arn:aws:codebuild:eu-west-1:111:build/proj:1234 Made".into(),
        ),
        ("cognito-identity:GetCredentialsForIdentity", r#"{"identityId":"x"}"#, keys, "ASIA9 Minted".into()),
        (
            "sso:CreateAccountAssignment",
            r#"{"permissionSetArn":"arn:ps","principalId":"u1","targetId":"222"}"#,
            "null",
            "arn:ps#assigned/u1/222 Principal".into(),
        ),
        (
            "identitystore:CreateUser",
            r#"{"userName":"eve"}"#,
            "null",
            "identity-center/user/eve Principal".into(),
        ),
    ];
    for (call, request, response, expected) in cases {
        let plain = call.trim_end_matches("v2").trim_end_matches("20150331");
        assert_eq!(by_ann(call, request, response), [format!("{plain} {expected}")]);
    }
}

#[test]
fn logins_are_children_of_the_password_and_of_sessions() {
    let console = r#"{"type":"IAMUser","arn":"arn:aws:iam::111:user/a/ann","accountId":"111"}"#;
    let success = r#","responseElements":{"ConsoleLogin":"Success"}"#;
    let login = "arn:aws:iam::111:user/ann#console/2026-03-19T10:00:00Z Console";
    assert_eq!(
        born(record("10:00:00", console, "signin:ConsoleLogin", success)),
        [format!("signin:ConsoleLogin {login}")]
    );
    let failure = r#","responseElements":{"ConsoleLogin":"Failure"}"#;
    assert_eq!(born(record("10:00:00", console, "signin:ConsoleLogin", failure)), Vec::<String>::new());
    let federated = record("10:00:00", &session("r", "s", "ASIA1"), "signin:GetSigninToken", "");
    assert_eq!(
        born(federated),
        ["signin:GetSigninToken arn:aws:sts::111:assumed-role/r/s#console/2026-03-19T10:00:00Z Console"]
    );
}

#[test]
fn what_failed_or_changes_nothing_begets_nothing() {
    let failed = format!(r#"{},"errorCode":"AccessDenied""#, assumed("r", "s", "ASIA1"));
    assert_eq!(born(record("10:00:00", &service("ec2"), "sts:AssumeRole", &failed)), Vec::<String>::new());
    for (call, request) in [
        ("iam:UpdateAccessKey", r#"{"accessKeyId":"AKIA3","status":"Inactive"}"#),
        ("ec2:ModifyInstanceAttribute", r#"{"instanceId":"i-3","disableApiTermination":{"value":true}}"#),
        ("lambda:UpdateFunctionConfiguration20150331v2", r#"{"functionName":"f","timeout":3}"#),
        ("s3:GetObject", r#"{"bucketName":"b"}"#),
    ] {
        assert_eq!(by_ann(call, request, "null"), Vec::<String>::new(), "{call}");
    }
}

#[test]
fn a_birth_takes_little_memory() {
    assert!(size_of::<Birth>() <= 112, "{}", size_of::<Birth>());
}

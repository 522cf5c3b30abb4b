//! Sequences of events as AWS logs them, each with what follows from it by hand.

use super::*;
use crate::engine::births::testing::{assumed, each, lineage, record, service, session, start, user};

/// Which of these records are the intruder's, if these credentials are.
fn tainted<const N: usize>(records: &[String; N], starts: &[Start]) -> [bool; N] {
    let lineage = lineage(records, starts);
    let mut answers = [false; N];
    each(records, |event, place| {
        answers[place.record as usize] = lineage.is_tainted(event) || lineage.entered_by(place).is_some();
    });
    answers
}

fn signs_in(time: &str, name: &str, address: &str, answer: &str) -> String {
    let who = format!(
        r#"{{"type":"IAMUser","principalId":"AIDA-{name}","arn":"arn:aws:iam::111:user/{name}","accountId":"111","userName":"{name}"}}"#
    );
    let rest = format!(r#","sourceIPAddress":"{address}","responseElements":{{"ConsoleLogin":"{answer}"}}"#);
    record(time, &who, "signin:ConsoleLogin", &rest)
}

/// A call with keys of the console that stem from a login.
fn from_console(time: &str, name: &str, key: &str, login: &str, address: &str) -> String {
    let who = format!(
        r#"{{"type":"IAMUser","principalId":"AIDA-{name}","arn":"arn:aws:iam::111:user/{name}","accountId":"111",
            "accessKeyId":"{key}","sessionContext":{{"attributes":{{"creationDate":"2026-03-19T{login}Z"}}}}}}"#
    );
    record(time, &who, "iam:ListUsers", &format!(r#","sourceIPAddress":"{address}""#))
}

const THIEF: &str = "203.0.113.66";
const HOME: &str = "192.0.2.10";

#[test]
fn a_password_that_others_set_anew_is_no_longer_the_intruders() {
    let password =
        |time, who: &str, call| record(time, who, call, r#","requestParameters":{"userName":"dave"}"#);
    let records = [
        password("10:01:00", &user("ann", "AKIA1"), "iam:CreateLoginProfile"),
        signs_in("10:05:00", "dave", THIEF, "Success"),
        from_console("10:06:00", "dave", "ASIA1", "10:05:00", THIEF),
        password("12:00:00", &user("responder", "AKIA9"), "iam:UpdateLoginProfile"),
        signs_in("13:00:00", "dave", HOME, "Success"),
        from_console("13:01:00", "dave", "ASIA2", "13:00:00", HOME),
    ];
    assert_eq!(tainted(&records, &[start("AKIA1")]), [true, true, true, false, false, false]);
}

#[test]
fn a_password_that_the_intruder_changes_again_stays_the_intruders() {
    let by_dave = r#"{"type":"IAMUser","arn":"arn:aws:iam::111:user/dave","accountId":"111","accessKeyId":"ASIA1",
        "sessionContext":{"attributes":{"creationDate":"2026-03-19T10:05:00Z"}}}"#;
    let records = [
        record(
            "10:01:00",
            &user("ann", "AKIA1"),
            "iam:CreateLoginProfile",
            r#","requestParameters":{"userName":"dave"}"#,
        ),
        signs_in("10:05:00", "dave", THIEF, "Success"),
        record("10:06:00", by_dave, "iam:ChangePassword", ""),
        signs_in("10:30:00", "dave", THIEF, "Success"),
    ];
    assert_eq!(tainted(&records, &[start("AKIA1")]), [true; 4]);
}

#[test]
fn a_login_that_fails_counts_only_where_the_intruder_was() {
    let records = [
        record(
            "10:01:00",
            &user("ann", "AKIA1"),
            "iam:UpdateLoginProfile",
            r#","requestParameters":{"userName":"dave"}"#,
        ),
        signs_in("10:02:00", "dave", THIEF, "Failure"),
        signs_in("10:05:00", "dave", THIEF, "Success"),
        from_console("10:06:00", "dave", "ASIA1", "10:05:00", THIEF),
        signs_in("10:07:00", "dave", HOME, "Failure"), // the owner's password is another now
    ];
    assert_eq!(tainted(&records, &[start("AKIA1")]), [true, true, true, true, false]);
}

#[test]
fn a_switch_of_roles_in_the_console_is_followed() {
    let role = |key: &str, created: &str| {
        format!(
            r#"{{"type":"AssumedRole","principalId":"AROA-ops:dave","arn":"arn:aws:sts::222:assumed-role/ops/dave",
                "accountId":"222"{key},"sessionContext":{{"attributes":{{"creationDate":"2026-03-19T{created}Z"}}}}}}"#
        )
    };
    let switch = |time, address: &str| {
        let rest = format!(
            r#","recipientAccountId":"222","sourceIPAddress":"{address}","responseElements":{{"SwitchRole":"Success"}},
                "additionalEventData":{{"SwitchFrom":"arn:aws:iam::111:user/dave"}}"#
        );
        record(time, &role("", time), "signin:SwitchRole", &rest)
    };
    let records = [
        signs_in("09:00:00", "dave", HOME, "Success"),
        record(
            "10:01:00",
            &user("ann", "AKIA1"),
            "iam:UpdateLoginProfile",
            r#","requestParameters":{"userName":"dave"}"#,
        ),
        signs_in("10:05:00", "dave", THIEF, "Success"),
        switch("10:06:00", THIEF),
        record("10:07:00", &role(r#","accessKeyId":"ASIA5""#, "10:06:00"), "s3:ListBuckets", ""),
        switch("11:00:00", HOME), // the owner, still logged in since nine
        record("11:01:00", &role(r#","accessKeyId":"ASIA6""#, "11:00:00"), "s3:ListBuckets", ""),
    ];
    assert_eq!(tainted(&records, &[start("AKIA1")]), [false, true, true, true, true, false, false]);
}

#[test]
fn a_partner_does_not_hide_a_stranger_of_the_same_foreign_account() {
    let policy = r#","requestParameters":{"roleName":"ops","policyDocument":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::999:root\"}}}"}"#;
    let foreign = |id: &str| format!(r#"{{"type":"AWSAccount","principalId":"{id}","accountId":"999"}}"#);
    let records = [
        record("09:00:00", &foreign("AROAPARTNER:one"), "sts:AssumeRole", &assumed("ops", "p", "ASIA1")),
        record("10:00:00", &user("ann", "AKIA1"), "iam:UpdateAssumeRolePolicy", policy),
        record("10:05:00", &foreign("AIDAEVIL"), "sts:AssumeRole", &assumed("ops", "x", "ASIA2")),
        record("10:06:00", &session("ops", "x", "ASIA2"), "s3:ListBuckets", ""),
        record("10:07:00", &foreign("AROAPARTNER:two"), "sts:AssumeRole", &assumed("ops", "p", "ASIA3")),
        record("10:08:00", &session("ops", "p", "ASIA3"), "s3:ListBuckets", ""),
    ];
    let by_hand = [false, true, true, true, false, false];
    assert_eq!(tainted(&records, &[start("AKIA1")]), by_hand, "the entry itself is the intruder's, too");
}

#[test]
fn a_function_of_the_same_name_with_another_role_is_not_the_intruders() {
    let made = r#","responseElements":{"functionName":"f","role":"arn:aws:iam::111:role/one"}"#;
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "lambda:CreateFunction20150331", made),
        record("10:01:00", &service("lambda"), "sts:AssumeRole", &assumed("one", "f", "ASIA1")),
        record("10:02:00", &session("one", "f", "ASIA1"), "s3:ListBuckets", ""),
        record("10:02:00", &session("other", "f", "ASIA2"), "s3:ListBuckets", ""),
    ];
    assert_eq!(tainted(&records, &[start("AKIA1")]), [true, false, true, false]);
}

#[test]
fn what_names_no_key_is_not_the_intruders_where_other_keys_of_the_user_are_at_home() {
    let at = |address: &str| format!(r#","sourceIPAddress":"{address}""#);
    let abroad = r#"{"type":"AWSAccount","principalId":"AIDA-bob","accountId":"111"}"#;
    let new =
        r#","requestParameters":{"userName":"bob"},"responseElements":{"accessKey":{"accessKeyId":"AKIA3"}}"#;
    let in_222 = |address: &str| format!(r#"{},"recipientAccountId":"222""#, at(address));
    let records = [
        record("09:00:00", &user("bob", "AKIA2"), "s3:ListBuckets", &at(HOME)),
        record("10:00:00", &user("ann", "AKIA1"), "iam:CreateAccessKey", new),
        record("10:01:00", &user("bob", "AKIA3"), "s3:ListBuckets", &at(THIEF)),
        record("10:02:00", abroad, "sts:AssumeRole", &in_222(HOME)),
        record("10:03:00", abroad, "s3:ListBuckets", &in_222(THIEF)),
    ];
    assert_eq!(tainted(&records, &[start("AKIA1")]), [false, true, true, false, true]);
    let lineage = lineage(&records, &[start("AKIA1")]);
    let late = Time::parse("2026-03-19T11:00:00Z").expect("a time");
    let requester =
        |address| lineage.taint_of_requester("arn:aws:iam::111:user/bob", address, "any/1", late).is_some();
    assert_eq!([HOME, THIEF, "198.51.100.200"].map(requester), [false, true, true]);
}

#[test]
fn keys_that_a_service_got_on_the_intruders_behalf_are_looked_for() {
    let on_behalf = r#"{"type":"IAMUser","arn":"arn:aws:iam::111:user/ann","accountId":"111","accessKeyId":"ASIA1",
        "invokedBy":"cloudformation.amazonaws.com","sessionContext":{"attributes":{"creationDate":"2026-03-19T10:00:01Z"}}}"#;
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "cloudformation:CreateStack", ""),
        record("10:00:02", on_behalf, "ec2:RunInstances", ""),
    ];
    let lineage = lineage(&records, &[start("AKIA1")]);
    assert!(lineage.names().any(|(name, _)| name == "ASIA1"), "or the file that holds it is not read again");
}

#[test]
fn a_start_has_its_own_time_and_a_broader_one_does_not_overrule_it() {
    let records = [
        record("09:00:00", &user("ann", "AKIA1"), "s3:ListBuckets", ""),
        record(
            "09:30:00",
            r#"{"type":"IAMUser","arn":"arn:aws:iam::111:user/ann"}"#,
            "signin:ConsoleLogin",
            "",
        ),
        record("11:00:00", &user("ann", "AKIA1"), "s3:ListBuckets", ""),
    ];
    let late = Start { since: Time::parse("2026-03-19T10:00:00Z"), ..start("AKIA1") };
    let lineage = lineage(&records, &[start("arn:aws:iam::111:user/ann"), late]);
    assert_eq!(
        lineage.taint_of("AKIA1").map(|fallen| fallen.since.to_string()[11..16].to_owned()),
        Some("10:00".into())
    );
}

//! Small logs as AWS delivers them, in several files, and the answer to them as a whole.

use std::num::NonZero;
use std::path::Path;

use floodmark_case::{Access, Answer};
use floodmark_trace::{From, Progress, Request, trace};

const LONG: &str = "AKIASTOLENAAAAAAAAAA";

fn answer(folder: &Path, from: &[&str]) -> Answer {
    let from: Vec<From> = from.iter().map(|text| text.parse().expect("a start")).collect();
    trace(&Request {
        paths: vec![folder.to_owned()],
        at_hand: Vec::new(),
        from,
        since: None,
        rules: Vec::new(),
        builtin_rules: true,
        placeholders: floodmark_trace::sigma::Placeholders::default(),
        public_keys: None,
        threads: NonZero::new(2).expect("two"),
        progress: Progress::default(),
    })
}

fn deliver(folder: &Path, name: &str, records: &[String]) {
    std::fs::write(folder.join(name), format!("{{\"Records\":[{}]}}", records.join(","))).expect("written");
}

/// A call; `who` is a `userIdentity`, `rest` further fields, each with a leading comma.
fn call(time: &str, who: &str, call: &str, address: &str, rest: &str) -> String {
    let (service, name) = call.split_once(':').expect("service:Name");
    format!(
        r#"{{"eventVersion":"1.09","userIdentity":{who},"eventTime":"2026-03-10T{time}Z",
            "eventSource":"{service}.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1",
            "sourceIPAddress":"{address}","userAgent":"aws-cli/2.27","eventID":"{time}-{name}-{address}",
            "recipientAccountId":"111111111111"{rest}}}"#
    )
}

fn user(name: &str, key: &str) -> String {
    format!(
        r#"{{"type":"IAMUser","principalId":"AIDA{name}","arn":"arn:aws:iam::111111111111:user/{name}",
            "accountId":"111111111111","accessKeyId":"{key}","userName":"{name}"}}"#
    )
}

fn tainted(answer: &Answer) -> Vec<&str> {
    let fallen = answer.story.credentials.iter().filter(|credential| credential.tainted);
    fallen.map(|credential| credential.id.as_str()).collect()
}

#[test]
fn what_a_service_did_on_the_intruders_behalf_is_told_though_it_is_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let on_behalf = r#"{"type":"IAMUser","arn":"arn:aws:iam::111111111111:user/ci","principalId":"AIDAci",
        "accountId":"111111111111","accessKeyId":"ASIABEHALFAAAAAAAAAA","invokedBy":"cloudformation.amazonaws.com",
        "sessionContext":{"attributes":{"creationDate":"2026-03-10T10:00:01Z"}}}"#;
    let stack = call("10:00:00", &user("ci", LONG), "cloudformation:CreateStack", "203.0.113.9", "");
    deliver(folder.path(), "one.json", &[stack]);
    let bucket = r#","requestParameters":{"bucketName":"staged"}"#;
    let made = call("10:00:02", on_behalf, "s3:CreateBucket", "cloudformation.amazonaws.com", bucket);
    deliver(folder.path(), "two.json", &[made]);
    let answer = answer(folder.path(), &[LONG]);
    let staged = answer.story.reached.iter().find(|reached| reached.resource == "arn:aws:s3:::staged");
    assert_eq!(staged.map(|staged| staged.access), Some(Access::Created), "{:?}", answer.story.reached);
}

#[test]
fn a_key_that_was_made_and_never_used_is_known_and_one_that_does_not_occur_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = r#","requestParameters":{"userName":"bob"},
        "responseElements":{"accessKey":{"userName":"bob","accessKeyId":"AKIANEVERUSEDAAAAAAA"}}"#;
    let made = call("10:00:00", &user("ci", LONG), "iam:CreateAccessKey", "203.0.113.9", made);
    deliver(folder.path(), "one.json", &[made]);
    let answer = answer(folder.path(), &["AKIANEVERUSEDAAAAAAA", "AKIANOTHEREAAAAAAAAA"]);
    assert_eq!(tainted(&answer), ["AKIANEVERUSEDAAAAAAA"]);
    assert_eq!(answer.story.credentials.last().and_then(|key| key.parent.as_deref()), Some(LONG));
    assert_eq!(
        answer.coverage.cannot_conclude,
        ["whether AKIANOTHEREAAAAAAAAA was used: it does not occur in what was read"]
    );
}

#[test]
fn entering_a_role_through_an_opened_trust_is_a_row_of_the_timeline() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = r#","requestParameters":{"roleName":"ops","policyDocument":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999999999999\"}}}"}"#;
    let opened = call("10:00:00", &user("ci", LONG), "iam:UpdateAssumeRolePolicy", "203.0.113.9", policy);
    deliver(folder.path(), "one.json", &[opened]);
    let foreign = r#"{"type":"AWSAccount","principalId":"AIDAEVIL","accountId":"999999999999"}"#;
    let entry = r#","requestParameters":{"roleArn":"arn:aws:iam::111111111111:role/ops","roleSessionName":"x"},
        "responseElements":{"credentials":{"accessKeyId":"ASIAENTEREDAAAAAAAAA"}}"#;
    let entered = call("11:00:00", foreign, "sts:AssumeRole", "198.51.100.1", entry);
    deliver(folder.path(), "two.json", &[entered]);
    let answer = answer(folder.path(), &[LONG]);
    let trust = "arn:aws:iam::111111111111:role/ops#trust";
    let rows: Vec<(&str, &str)> =
        answer.story.timeline.iter().map(|row| (row.call.as_str(), row.credential.as_str())).collect();
    assert_eq!(rows, [("iam:UpdateAssumeRolePolicy", LONG), ("sts:AssumeRole", trust)]);
    assert!(answer.story.reached.iter().any(|reached| reached.access == Access::Executed));
    assert!(tainted(&answer).contains(&"ASIAENTEREDAAAAAAAAA"));
}

#[test]
fn of_an_access_log_only_what_was_read_and_by_the_intruder_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = r#","requestParameters":{"userName":"bob"},
        "responseElements":{"accessKey":{"userName":"bob","accessKeyId":"AKIABOBEVILAAAAAAAAA"}}"#;
    let records = [
        call("08:00:00", &user("bob", "AKIABOBOWNAAAAAAAAAA"), "s3:ListBuckets", "192.0.2.7", ""),
        call("10:00:00", &user("ci", LONG), "iam:CreateAccessKey", "203.0.113.9", new),
        call("10:05:00", &user("bob", "AKIABOBEVILAAAAAAAAA"), "s3:ListBuckets", "203.0.113.9", ""),
    ];
    deliver(folder.path(), "one.json", &records);
    let line = |request: &str, address: &str, status: &str, bytes: u64| {
        format!(
            "79a5 files [10/Mar/2026:11:00:00 +0000] {address} arn:aws:iam::111111111111:user/bob {request} REST.GET.OBJECT a/{request} \
             \"GET /a HTTP/1.1\" {status} {bytes} {bytes} 9 9 \"-\" \"aws-cli/2\" -"
        )
    };
    let lines = [
        line("R1", "203.0.113.9", "200 -", 700),
        line("R2", "203.0.113.9", "403 AccessDenied", 300),
        line("R3", "192.0.2.7", "200 -", 40), // bob at work, with his own key
    ];
    std::fs::write(folder.path().join("access.log"), lines.join("\n") + "\n").expect("written");
    let answer = answer(folder.path(), &[LONG]);
    let volumes: Vec<(u64, u64)> =
        answer.story.volumes.iter().map(|volume| (volume.reads, volume.bytes)).collect();
    assert_eq!(volumes, [(1, 700)]);
}

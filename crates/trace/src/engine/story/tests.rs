use floodmark_case::{Access, LeftoverKind};

use super::*;
use crate::engine::births::testing::{each, lineage, record, start, user};
use crate::engine::leftover::UndoFold;

/// The story of AKIA1 that these records tell.
fn tell(records: &[String]) -> Telling {
    let lineage = lineage(records, &[start("AKIA1")]);
    let (mut story, mut undos) = (StoryFold::default(), UndoFold::default());
    each(records, |event, place| {
        story.observe(&lineage, event, place);
        undos.observe(event, place);
    });
    story.finish(&lineage, &undos.finish(), &[])
}

fn left(records: &[String]) -> Vec<(LeftoverKind, String)> {
    tell(records).leftovers.into_iter().map(|leftover| (leftover.kind, leftover.resource)).collect()
}

fn ann(time: &str, call: &str, request: &str) -> String {
    record(time, &user("ann", "AKIA1"), call, &format!(r#","requestParameters":{request}"#))
}

fn responder(time: &str, call: &str, request: &str) -> String {
    record(time, &user("responder", "AKIA9"), call, &format!(r#","requestParameters":{request}"#))
}

fn new_key(time: &str) -> String {
    let rest =
        r#","requestParameters":{"userName":"bob"},"responseElements":{"accessKey":{"accessKeyId":"AKIA2"}}"#;
    record(time, &user("ann", "AKIA1"), "iam:CreateAccessKey", rest)
}

const BOB: &str = "arn:aws:iam::111:user/bob";

#[test]
fn like_calls_are_one_row_until_a_gap_of_a_quarter_of_an_hour() {
    let get = |time: &str| ann(time, "s3:ListBuckets", "null");
    let times = ["10:00:00", "10:15:00", "10:30:01", "10:31:00"];
    let records: Vec<String> = times.iter().map(|time| get(time)).collect();
    let rows: Vec<u64> = tell(&records).runs.iter().map(|run| run.row.count).collect();
    assert_eq!(rows, [2, 2]);
}

#[test]
fn an_event_delivered_twice_or_in_two_accounts_counts_once() {
    let shared = r#","sharedEventID":"s-1","requestParameters":{"bucketName":"b","key":"a/k"},
        "additionalEventData":{"bytesTransferredOut":10.0},"requestID":"R1""#;
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "s3:GetObject", shared),
        record("10:00:00", &user("ann", "AKIA1"), "s3:GetObject", shared),
        record(
            "10:00:00",
            r#"{"type":"AWSAccount","principalId":"AIDA-ann","accountId":"111"}"#,
            "s3:GetObject",
            &format!(r#"{shared},"recipientAccountId":"222""#),
        ),
    ];
    let telling = tell(&records);
    let rows: Vec<_> =
        telling.runs.iter().map(|run| (run.row.count, run.row.bytes_out, run.row.account.as_str())).collect();
    assert_eq!(rows, [(1, 10, "111")]);
    assert_eq!((telling.volumes[0].reads, telling.volumes[0].bytes), (1, 10));
    assert_eq!(telling.reached[0].count, 1);
}

#[test]
fn what_was_reached_is_told_by_resource_and_access() {
    let records = [
        ann("10:00:00", "secretsmanager:GetSecretValue", r#"{"secretId":"db"}"#),
        ann("10:01:00", "secretsmanager:GetSecretValue", r#"{"secretId":"db"}"#),
        record(
            "10:02:00",
            &user("ann", "AKIA1"),
            "secretsmanager:GetSecretValue",
            r#","requestParameters":{"secretId":"no"},"errorCode":"AccessDenied""#,
        ),
        responder("10:03:00", "secretsmanager:GetSecretValue", r#"{"secretId":"other"}"#),
    ];
    let told: Vec<_> = tell(&records)
        .reached
        .into_iter()
        .map(|reached| (reached.resource, reached.access, reached.count, reached.by))
        .collect();
    let secret = |name: &str| format!("arn:aws:secretsmanager:eu-west-1:111:secret:{name}");
    let by = vec!["AKIA1".to_owned()];
    assert_eq!(told, [(secret("db"), Access::Read, 2, by.clone()), (secret("no"), Access::Denied, 1, by)]);
}

#[test]
fn what_is_made_is_left_until_somebody_undoes_it() {
    let create = new_key("10:00:00");
    let delete = r#"{"userName":"bob","accessKeyId":"AKIA2"}"#;
    let off = r#"{"userName":"bob","accessKeyId":"AKIA2","status":"Inactive"}"#;
    assert_eq!(left(std::slice::from_ref(&create)), [(LeftoverKind::AccessKey, "AKIA2".to_owned())]);
    assert_eq!(left(&[create.clone(), ann("10:05:00", "iam:DeleteAccessKey", delete)]), []);
    assert_eq!(left(&[create.clone(), responder("12:00:00", "iam:UpdateAccessKey", off)]), []);
    let before = responder("09:00:00", "iam:UpdateAccessKey", off);
    assert_eq!(left(&[before, create.clone()]).len(), 1, "an undoing before the making undoes nothing");
    let refused = responder("12:00:00", "iam:DeleteAccessKey", delete)
        .replace(r#""eventName""#, r#""errorCode":"AccessDenied","eventName""#);
    assert_eq!(left(&[create, refused]).len(), 1);
}

#[test]
fn deleting_a_user_takes_all_that_hangs_on_it_along() {
    let records = [
        ann("10:00:00", "iam:CreateUser", r#"{"userName":"bob"}"#),
        new_key("10:01:00"),
        ann("10:02:00", "iam:CreateLoginProfile", r#"{"userName":"bob"}"#),
        ann(
            "10:03:00",
            "iam:AttachUserPolicy",
            r#"{"userName":"bob","policyArn":"arn:aws:iam::aws:policy/A"}"#,
        ),
        ann("10:04:00", "iam:AddUserToGroup", r#"{"userName":"bob","groupName":"admins"}"#),
    ];
    let kinds: Vec<LeftoverKind> = left(&records).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            LeftoverKind::AccessKey,
            LeftoverKind::LoginProfile,
            LeftoverKind::GroupMembership,
            LeftoverKind::PolicyAttachment,
            LeftoverKind::User,
        ],
        "in an order in which the commands work"
    );
    let mut undone = records.to_vec();
    undone.push(responder("12:00:00", "iam:DeleteUser", r#"{"userName":"bob"}"#));
    assert_eq!(left(&undone), []);
}

#[test]
fn what_needs_another_thing_is_undone_before_it() {
    let policy = "arn:aws:iam::111:policy/p";
    let version = format!(r#"{{"policyArn":"{policy}","setAsDefault":true}}"#);
    let records = [
        ann("10:00:00", "iam:CreateRole", r#"{"roleName":"r"}"#),
        ann("10:01:00", "iam:PutRolePolicy", r#"{"roleName":"r","policyName":"i"}"#),
        ann("10:02:00", "iam:CreateInstanceProfile", r#"{"instanceProfileName":"ip"}"#),
        ann("10:03:00", "iam:AddRoleToInstanceProfile", r#"{"instanceProfileName":"ip","roleName":"r"}"#),
        record(
            "10:04:00",
            &user("ann", "AKIA1"),
            "iam:CreatePolicyVersion",
            &format!(
                r#","requestParameters":{version},"responseElements":{{"policyVersion":{{"versionId":"v7"}}}}"#
            ),
        ),
        ann("10:05:00", "cloudtrail:StopLogging", r#"{"name":"t"}"#),
        ann("10:06:00", "s3:DeleteBucket", r#"{"bucketName":"lost"}"#),
    ];
    let order: Vec<String> = left(&records).into_iter().map(|(_, resource)| resource).collect();
    assert_eq!(
        order,
        [
            "arn:aws:cloudtrail:eu-west-1:111:trail/t",
            &format!("{policy}#default"),
            &format!("{policy}#version/v7"),
            "arn:aws:iam::111:instance-profile/ip#role/r",
            "arn:aws:iam::111:instance-profile/ip",
            "arn:aws:iam::111:role/r#inline/i",
            "arn:aws:iam::111:role/r",
            "arn:aws:s3:::lost",
        ]
    );
}

#[test]
fn a_boundary_that_was_taken_off_and_replaced_is_still_to_be_put_back() {
    let on = ann(
        "10:01:00",
        "iam:PutUserPermissionsBoundary",
        r#"{"userName":"bob","permissionsBoundary":"arn:p"}"#,
    );
    let off = ann("10:00:00", "iam:DeleteUserPermissionsBoundary", r#"{"userName":"bob"}"#);
    assert_eq!(left(&[off, on.clone()]), [(LeftoverKind::Policy, format!("{BOB}#boundary"))]);
    let back = responder("12:00:00", "iam:PutUserPermissionsBoundary", r#"{"userName":"bob"}"#);
    assert_eq!(left(&[on, back]), []);
}

#[test]
fn a_setting_is_undone_by_the_owners_next_setting_not_by_the_intruders() {
    let put = r#"{"bucketName":"b","bucketPolicy":{}}"#;
    let policy = (LeftoverKind::ResourcePolicy, "arn:aws:s3:::b#policy".to_owned());
    let intruder = [ann("10:00:00", "s3:PutBucketPolicy", put), ann("10:01:00", "s3:PutBucketPolicy", put)];
    assert_eq!(left(&intruder), [policy]);
    let mut owner = intruder.to_vec();
    owner.push(responder("12:00:00", "s3:PutBucketPolicy", put));
    assert_eq!(left(&owner), []);
}

#[test]
fn logging_that_was_stopped_is_left_until_it_is_started() {
    let stop =
        ann("10:00:00", "cloudtrail:StopLogging", r#"{"name":"arn:aws:cloudtrail:eu-west-1:111:trail/t"}"#);
    assert_eq!(
        left(std::slice::from_ref(&stop)),
        [(LeftoverKind::Detection, "arn:aws:cloudtrail:eu-west-1:111:trail/t".to_owned())]
    );
    assert_eq!(left(&[stop, responder("11:00:00", "cloudtrail:StartLogging", r#"{"name":"t"}"#)]), []);
}

#[test]
fn destroying_what_was_there_is_a_loss_and_destroying_ones_own_is_none() {
    let delete = ann("10:05:00", "s3:DeleteBucket", r#"{"bucketName":"b"}"#);
    assert_eq!(left(std::slice::from_ref(&delete)), [(LeftoverKind::DataLoss, "arn:aws:s3:::b".to_owned())]);
    assert_eq!(left(&[ann("10:00:00", "s3:CreateBucket", r#"{"bucketName":"b"}"#), delete]), []);
}

#[test]
fn a_leftover_says_how_to_undo_it() {
    let telling = tell(&[new_key("10:00:00")]);
    assert_eq!(
        telling.leftovers[0].undo,
        "Cut off the key: aws iam delete-access-key --user-name bob --access-key-id AKIA2"
    );
    assert_eq!(
        (telling.leftovers[0].region.as_str(), telling.leftovers[0].by.as_str()),
        ("aws-global", "AKIA1")
    );
    let ids: Vec<_> = telling.credentials.iter().map(|credential| credential.id.as_str()).collect();
    assert_eq!(ids, ["AKIA1", "AKIA2"]);
    assert!(
        telling.reached.iter().any(|reached| reached.resource == BOB && reached.access == Access::Changed)
    );
}

#[test]
fn order_files_and_threads_do_not_matter() {
    let mut records = vec![new_key("10:00:00")];
    for n in 0..30 {
        let time = format!("10:{:02}:00", n % 20 + 5);
        records.push(ann(&time, "s3:GetObject", &format!(r#"{{"bucketName":"b{}","key":"k{n}"}}"#, n % 3)));
        records.push(ann(
            &time,
            "iam:AttachUserPolicy",
            &format!(r#"{{"userName":"u{n}","policyArn":"arn:p"}}"#),
        ));
    }
    records.push(responder("12:00:00", "iam:DeleteUser", r#"{"userName":"u7"}"#));
    records.extend_from_within(5..9);
    let lineage = lineage(&records, &[start("AKIA1")]);
    let mut places: Vec<usize> = (0..records.len()).collect();
    let mut seed = 3_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    let mut expected = None;
    for round in 0..20 {
        for at in (1..places.len()).rev() {
            places.swap(at, next(at + 1));
        }
        let mut parts: Vec<(StoryFold, UndoFold)> = (0..=round % 4).map(|_| Default::default()).collect();
        let mut events = crate::event::Events::default();
        for &place in &places {
            let wire = serde_json::from_str(&records[place]).expect("a record");
            let event = events.event(wire).expect("a time");
            let at = Place { input: 0, record: u32::try_from(place).expect("few") };
            let part = next(parts.len());
            parts[part].0.observe(&lineage, &event, at);
            parts[part].1.observe(&event, at);
        }
        while parts.len() > 1 {
            let (a, b) = (parts.swap_remove(next(parts.len())), parts.swap_remove(next(parts.len())));
            parts.push((a.0.merge(b.0), a.1.merge(b.1)));
        }
        let (story, undos) = parts.pop().expect("one is left");
        let telling = format!("{:?}", story.finish(&lineage, &undos.finish(), &[]));
        assert_eq!(&telling, expected.get_or_insert_with(|| telling.clone()));
    }
}

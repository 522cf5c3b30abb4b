//! What the sample intrusion reached and left, and what the evidence covers.

use floodmark_case::{
    Access, Confidence, Coverage, EvidenceId, Gap, GapKind, Leftover, LeftoverKind, Reached, ReadSource,
    Unread, Volume, Window,
};

use super::{ACCOUNT, BACKUP, DEPLOY, LOGIN, PUBLISHER, SECOND, SESSION, STOLEN, at, between, cite};

fn reach(resource: &str, kind: &str, access: Access, count: u64, window: Window, by: &str) -> Reached {
    Reached {
        resource: resource.into(),
        kind: kind.into(),
        account: ACCOUNT.into(),
        access,
        count,
        window,
        by: vec![by.into()],
        confidence: Confidence::High,
        citations: cite("trail-0320T02", "Records[3-5,9]"),
    }
}

pub(crate) fn reached() -> Vec<Reached> {
    use Access::{Changed, Created, Denied, Executed, Read, Shared};
    let reading = between("20T02:11:04", "21T05:40:12");
    vec![
        reach(SECOND, "access key", Created, 1, between("19T19:04:31", "19T19:04:31"), STOLEN),
        reach(BACKUP, "access key", Created, 1, between("19T19:22:08", "19T19:22:08"), STOLEN),
        reach(LOGIN, "login profile", Created, 1, between("19T19:25:55", "19T19:25:55"), STOLEN),
        reach(PUBLISHER, "user", Changed, 1, between("19T19:04:31", "19T19:04:31"), STOLEN),
        reach("arn:aws:s3:::europa-web-content", "bucket", Read, 30_511, reading, SESSION),
        reach("arn:aws:s3:::europa-web-forms", "bucket", Read, 10_390, reading, SESSION),
        reach("arn:aws:s3:::europa-web-logs", "bucket", Read, 121, reading, SESSION),
        reach(
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:europa/web/db-main",
            "secret",
            Read,
            1,
            between("19T23:14:02", "19T23:14:02"),
            SECOND,
        ),
        reach(
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:europa/web/smtp",
            "secret",
            Read,
            1,
            between("19T23:14:40", "19T23:14:40"),
            SECOND,
        ),
        reach(
            "arn:aws:ec2:eu-west-1:111122223333:snapshot/snap-0a1b2c3d4e5f60718",
            "snapshot",
            Shared,
            1,
            between("21T06:10:30", "21T06:10:30"),
            SECOND,
        ),
        reach(
            "arn:aws:s3:::europa-web-content",
            "bucket",
            Changed,
            1,
            between("21T06:02:00", "21T06:02:00"),
            SECOND,
        ),
        reach(
            "arn:aws:lambda:eu-west-1:111122223333:function:log-rotate-helper",
            "function",
            Created,
            1,
            between("21T06:40:00", "21T06:40:00"),
            SECOND,
        ),
        reach(
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/europa-org",
            "trail",
            Changed,
            1,
            between("20T01:58:40", "20T01:58:40"),
            SECOND,
        ),
        reach(DEPLOY, "role", Executed, 1, between("20T02:04:10", "20T02:04:10"), SECOND),
        reach(
            "arn:aws:ec2:ap-southeast-1:111122223333:instance/*",
            "instance",
            Denied,
            6,
            between("20T00:40:00", "20T00:41:12"),
            SECOND,
        ),
    ]
}

fn left(kind: LeftoverKind, resource: &str, since: &str, call: &str, by: &str, undo: &str) -> Leftover {
    Leftover {
        kind,
        resource: resource.into(),
        account: ACCOUNT.into(),
        region: if call.starts_with("iam:") { "aws-global".into() } else { "eu-west-1".into() },
        since: at(since),
        by: by.into(),
        call: call.into(),
        undo: undo.into(),
        confidence: Confidence::High,
        citations: cite("trail-0319T18", "Records[16]"),
    }
}

pub(crate) fn leftovers() -> Vec<Leftover> {
    vec![
        left(
            LeftoverKind::AccessKey,
            SECOND,
            "19T19:04:31",
            "iam:CreateAccessKey",
            STOLEN,
            "Deactivate it, then delete it: `aws iam update-access-key --user-name europa-web-publisher --access-key-id AKIAT4EXAMPLESECOND2 --status Inactive`",
        ),
        left(
            LeftoverKind::AccessKey,
            BACKUP,
            "19T19:22:08",
            "iam:CreateAccessKey",
            STOLEN,
            "Deactivate it, then delete it: `aws iam update-access-key --user-name svc-backup --access-key-id AKIAT4EXAMPLEBACKUP3 --status Inactive`",
        ),
        left(
            LeftoverKind::LoginProfile,
            LOGIN,
            "19T19:25:55",
            "iam:CreateLoginProfile",
            STOLEN,
            "Delete the console password: `aws iam delete-login-profile --user-name svc-backup`",
        ),
        left(
            LeftoverKind::Detection,
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/europa-org",
            "20T01:58:40",
            "cloudtrail:StopLogging",
            SECOND,
            "See that it logs: `aws cloudtrail get-trail-status --name europa-org`; start it if not: `aws cloudtrail start-logging --name europa-org`",
        ),
        left(
            LeftoverKind::ResourcePolicy,
            "arn:aws:s3:::europa-web-content#policy",
            "21T06:02:00",
            "s3:PutBucketPolicy",
            SECOND,
            "Put the policy back that was there before; the event holds the new one only.",
        ),
        left(
            LeftoverKind::Share,
            "arn:aws:ec2:eu-west-1:111122223333:snapshot/snap-0a1b2c3d4e5f60718#shared/999988887777",
            "21T06:10:30",
            "ec2:ModifySnapshotAttribute",
            SECOND,
            "End the share: `aws ec2 modify-snapshot-attribute --snapshot-id snap-0a1b2c3d4e5f60718 --attribute createVolumePermission --operation-type remove --user-ids 999988887777`; what was copied stays copied.",
        ),
        left(
            LeftoverKind::Function,
            "arn:aws:lambda:eu-west-1:111122223333:function:log-rotate-helper",
            "21T06:40:00",
            "lambda:CreateFunction20150331",
            SECOND,
            "Keep its code as evidence, then delete it: `aws lambda delete-function --function-name log-rotate-helper`",
        ),
    ]
}

fn volume(bucket: &str, prefix: &str, objects: u64, bytes: u64, basis: &str) -> Volume {
    Volume {
        resource: format!("arn:aws:s3:::{bucket}"),
        prefix: prefix.into(),
        objects,
        reads: objects + objects / 40,
        bytes,
        basis: basis.into(),
        window: between("20T02:11:04", "21T05:40:12"),
        citations: cite("access-0320", "line 17"),
    }
}

pub(crate) fn volumes() -> Vec<Volume> {
    vec![
        volume("europa-web-content", "sites/agri/", 18_400, 150_050_000_000, "s3-access-log"),
        volume("europa-web-content", "sites/comm/", 12_111, 100_050_000_000, "s3-access-log"),
        volume("europa-web-content", "sites/comm/", 12_050, 99_800_000_000, "cloudtrail"),
        volume("europa-web-forms", "contact/2025/", 10_390, 61_900_000_000, "s3-access-log"),
        volume("europa-web-logs", "", 121, 400_000_000, "cloudtrail"),
    ]
}

pub(crate) fn coverage() -> Coverage {
    let source = |name: &str, kind: &str, bytes, records, window: Window| ReadSource {
        path: format!("evidence/{kind}/{name}.json.gz"),
        evidence: EvidenceId::of(name.as_bytes()),
        kind: kind.into(),
        bytes,
        records,
        window: Some(window),
    };
    Coverage {
        read: vec![
            source("trail-0319T18", "cloudtrail", 48_201_114, 181_224, between("19T00:00:02", "19T23:59:58")),
            source("trail-0320T02", "cloudtrail", 61_551_092, 242_090, between("20T00:00:01", "24T23:58:11")),
            source("access-0320", "s3-access-log", 9_118_400, 52_113, between("20T00:00:00", "22T00:00:00")),
            source("guardduty", "guardduty", 18_822, 3, between("20T02:30:00", "21T08:00:00")),
        ],
        unread: vec![
            Unread { path: "evidence/README.md".into(), why: "not a log that trace reads".into(), incomplete: false },
            Unread { path: "evidence/cloudtrail/trail-0322T07.json.gz".into(), why: "the gzip stream ends after 1,048,576 bytes; 4,120 records before that were read".into(), incomplete: true },
            Unread { path: "evidence/cloudtrail/trail-0323T01.json.gz: Records[17]".into(), why: "eventTime is `yesterday`, expected an RFC 3339 time".into(), incomplete: true },
        ],
        gaps: vec![
            Gap { kind: GapKind::LoggingStopped, what: "111122223333 eu-west-1".into(), window: Some(between("20T01:58:40", "20T13:02:11")), why: "StopLogging was called on the trail europa-org; management events of this time are missing.".into() },
            Gap { kind: GapKind::Account, what: "999988887777".into(), window: None, why: "A snapshot was shared with this account; its own log is not here.".into() },
            Gap { kind: GapKind::Hours, what: "111122223333 eu-central-1".into(), window: Some(between("22T04:00:00", "22T09:00:00")), why: "No event where there are events before and after.".into() },
        ],
        cannot_conclude: vec![
            "Whether anything was changed in eu-west-1 between 2026-03-20 01:58 and 13:02.".into(),
            "Whether the shared snapshot was copied: only the log of account 999988887777 could show it.".into(),
        ],
    }
}

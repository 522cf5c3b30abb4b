//! A hand-made answer after the founding case: a key that a poisoned scanner took from a pipeline.
//!
//! All identifiers are made up; the addresses are those set apart for documentation.

mod aftermath;

use floodmark_case::{
    Answer, Citation, Command, Confidence, Credential, CredentialKind, EvidenceId, Finding, Inventory, Link,
    LinkKind, Node, NodeKind, Outcome, SCHEMA, Severity, Story, Suspicion, TimelineRow, Timestamp, Window,
};

use aftermath::{coverage, leftovers, reached, volumes};

pub(crate) const STOLEN: &str = "AKIAT4EXAMPLESTOLEN1";
pub(crate) const SECOND: &str = "AKIAT4EXAMPLESECOND2";
pub(crate) const BACKUP: &str = "AKIAT4EXAMPLEBACKUP3";
pub(crate) const SESSION: &str = "ASIAT4EXAMPLEDEPLOY4";
pub(crate) const FEDERATED: &str = "ASIAT4EXAMPLEFEDERA5";
pub(crate) const PARENT: &str = "arn:aws:iam::111122223333:user/platform/onboarding";
pub(crate) const LOGIN: &str = "arn:aws:iam::111122223333:user/svc-backup#login-profile";

const ACCOUNT: &str = "111122223333";
const SCANNER: &str = "arn:aws:iam::111122223333:user/ci/europa-web-scanner";
const PUBLISHER: &str = "arn:aws:iam::111122223333:user/europa-web-publisher";
const SVC_BACKUP: &str = "arn:aws:iam::111122223333:user/svc-backup";
const DEPLOY: &str = "arn:aws:iam::111122223333:role/WebDeploy";
const FIRST_ADDRESS: &str = "203.0.113.77";
const SECOND_ADDRESS: &str = "2001:db8:4::19";

/// The whole answer.
pub(crate) fn answer() -> Answer {
    Answer {
        schema: SCHEMA.into(),
        command: Command::Trace,
        verdict: format!(
            "The key {STOLEN} of user europa-web-scanner was used by an intruder from 2026-03-19 18:52 to \
             2026-03-24 09:10 UTC and begot five further credentials, two of which still work. With them 312.4 GB in \
             41,022 objects were read from three buckets, two secrets were read, and seven things were left behind. \
             Two log files could not be read and eleven hours of eu-west-1 have no log, so more may have happened."
        ),
        findings: findings(),
        links: links(),
        inventory: Inventory::default(),
        coverage: coverage(),
        story: Story {
            suspects: vec![Suspicion { id: STOLEN.into(), guess: false, why: "given with --from".into() }],
            credentials: credentials(),
            timeline: timeline(),
            reached: reached(),
            leftovers: leftovers(),
            volumes: volumes(),
        },
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    format!("2026-03-{text}Z").parse().expect("a time of March 2026")
}

pub(crate) fn between(from: &str, to: &str) -> Window {
    Window::between(at(from), at(to))
}

pub(crate) fn cite(file: &str, place: &str) -> Vec<Citation> {
    vec![Citation { evidence: EvidenceId::of(file.as_bytes()), place: place.into() }]
}

struct Detection(&'static str, &'static str, Severity, Confidence, &'static str, &'static str);

fn finding(what: &Detection, window: Window, count: u64, subject: Node, texts: [&str; 2]) -> Finding {
    let subjects = vec![subject];
    let mut citations = cite("trail-0319T18", "Records[16]");
    if count > 1 {
        citations.extend(cite("trail-0320T02", "Records[3-5,9]"));
    }
    Finding {
        id: Finding::stable_id(what.0, &subjects, Some(window)),
        rule: what.0.into(),
        title: what.1.into(),
        explanation: texts[0].into(),
        severity: what.2,
        confidence: what.3,
        window: Some(window),
        subjects,
        techniques: vec![what.4.into()],
        tactics: vec![what.5.into()],
        count,
        citations,
        advice: texts[1].into(),
    }
}

#[allow(clippy::too_many_lines, reason = "it is a list")]
fn findings() -> Vec<Finding> {
    use Severity::{Critical, High, Low, Medium};
    let key = |id: &str| Node::new(NodeKind::Credential, id);
    let sure = Confidence::High;
    vec![
        finding(
            &Detection(
                "floodmark.mass-read",
                "Mass read of objects by a fallen credential",
                Critical,
                sure,
                "T1530",
                "collection",
            ),
            between("20T02:11:04", "21T05:40:12"),
            41_022,
            key(SESSION),
            [
                "Role session ASIAT4EXAMPLEDEPLOY4 read 41,022 objects in 27 h, 2,000 times its daily median of 20; the access logs put it at 312.4 GB.",
                "Take the buckets europa-web-content, europa-web-forms and europa-web-logs as disclosed; assess whose data they hold.",
            ],
        ),
        finding(
            &Detection(
                "floodmark.key-for-other-user",
                "Access key created for another user",
                Critical,
                sure,
                "T1098.001",
                "persistence",
            ),
            between("19T19:04:31", "19T19:22:08"),
            2,
            Node::new(NodeKind::Principal, PUBLISHER),
            [
                "europa-web-scanner created access keys for europa-web-publisher and svc-backup, 12 and 30 minutes after it was first used from 203.0.113.77.",
                "Deactivate AKIAT4EXAMPLESECOND2 and AKIAT4EXAMPLEBACKUP3, and every other key of both users.",
            ],
        ),
        finding(
            &Detection(
                "floodmark.trail-stopped",
                "Logging of a trail was stopped",
                High,
                sure,
                "T1562.008",
                "defense-evasion",
            ),
            between("20T01:58:40", "20T01:58:40"),
            1,
            Node::new(NodeKind::Resource, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/europa-org"),
            [
                "AKIAT4EXAMPLESECOND2 called StopLogging on the trail europa-org; it was started again by the platform team 11 hours later.",
                "Treat 2026-03-20 01:58 to 13:02 in eu-west-1 as unseen; look for other logs of that time.",
            ],
        ),
        finding(
            &Detection(
                "8f2ac1f7-2a4b-4c5e-9d53-6f2a1f0e8b11",
                "Secrets read that the user never read before",
                High,
                Confidence::Medium,
                "T1555.006",
                "credential-access",
            ),
            between("19T23:14:02", "19T23:14:40"),
            2,
            key(SECOND),
            [
                "Two secrets were read by AKIAT4EXAMPLESECOND2; europa-web-publisher has no earlier read of any secret in these logs.",
                "Rotate europa/web/db-main and europa/web/smtp.",
            ],
        ),
        finding(
            &Detection(
                "floodmark.console-from-key",
                "Console password made for a service user",
                High,
                sure,
                "T1098",
                "persistence",
            ),
            between("19T19:25:55", "19T19:25:55"),
            1,
            Node::new(NodeKind::Principal, SVC_BACKUP),
            [
                "svc-backup, a user without a password until then, was given one by AKIAT4EXAMPLESTOLEN1.",
                "Delete the login profile of svc-backup.",
            ],
        ),
        finding(
            &Detection(
                "floodmark.secret-scanner-check",
                "Key checked as secret scanners do",
                Medium,
                sure,
                "T1078.004",
                "initial-access",
            ),
            between("19T18:52:11", "19T18:52:11"),
            1,
            key(STOLEN),
            [
                "GetCallerIdentity with the user agent of TruffleHog, from an address that this key was never used from, 28 minutes after the poisoned release was public.",
                "Take the pipeline that held the key as read out entirely, not only this key.",
            ],
        ),
        finding(
            &Detection(
                "floodmark.discovery-burst",
                "Burst of discovery calls",
                Medium,
                sure,
                "T1580",
                "discovery",
            ),
            between("19T18:53:02", "19T19:02:47"),
            212,
            key(STOLEN),
            [
                "212 list and describe calls of 31 kinds over 14 services in ten minutes, 118 of them denied.",
                "",
            ],
        ),
        finding(
            &Detection(
                "2ab8f2a4-0d9d-4b3e-8c6c-2f0a9c1d7b55",
                "Federation token with a broad policy",
                Medium,
                Confidence::Medium,
                "T1550.001",
                "lateral-movement",
            ),
            between("20T00:02:19", "20T00:02:19"),
            1,
            key(FEDERATED),
            [
                "GetFederationToken was called with a policy that allows everything; such a token outlives the key that made it.",
                "Revoke by a deny on tokens issued before now; deactivating the key is not enough.",
            ],
        ),
        finding(
            &Detection(
                "floodmark.new-region",
                "Call to a region never used before",
                Low,
                Confidence::Low,
                "T1535",
                "defense-evasion",
            ),
            between("20T00:40:00", "20T00:41:12"),
            6,
            key(SECOND),
            ["Six calls to ap-southeast-1, where this account has no other event.", ""],
        ),
    ]
}

fn links() -> Vec<Link> {
    let key = |id: &str| Node::new(NodeKind::Credential, id);
    let link = |from: Node, to: Node, kind, window| Link {
        from,
        to,
        kind,
        window: Some(window),
        confidence: Confidence::High,
        citations: cite("trail-0319T18", "Records[16]"),
    };
    vec![
        link(
            key(STOLEN),
            Node::new(NodeKind::Principal, SCANNER),
            LinkKind::ActedAs,
            between("19T18:52:11", "20T00:02:19"),
        ),
        link(
            key(STOLEN),
            Node::new(NodeKind::Address, FIRST_ADDRESS),
            LinkKind::UsedFrom,
            between("19T18:52:11", "20T00:02:19"),
        ),
        link(key(STOLEN), key(SECOND), LinkKind::Begot, between("19T19:04:31", "19T19:04:31")),
        link(
            key(SESSION),
            Node::new(NodeKind::Resource, "arn:aws:s3:::europa-web-content"),
            LinkKind::Read,
            between("20T02:11:04", "21T05:40:12"),
        ),
    ]
}

fn credential(
    id: &str,
    kind: CredentialKind,
    principal: &str,
    parent: Option<&str>,
    how: &str,
) -> Credential {
    Credential {
        id: id.into(),
        kind,
        principal: principal.into(),
        account: ACCOUNT.into(),
        parent: parent.map(Into::into),
        how: how.into(),
        tainted: true,
        fell: None,
        used: None,
        calls: 0,
        addresses: Vec::new(),
        user_agents: Vec::new(),
        confidence: Confidence::High,
        citations: cite("trail-0319T18", "Records[41]"),
    }
}

fn credentials() -> Vec<Credential> {
    use CredentialKind::{FederationToken, LoginProfile, LongLivedKey, Principal, RoleSession};
    let both = || vec![FIRST_ADDRESS.to_owned(), SECOND_ADDRESS.to_owned()];
    let cli = || vec!["aws-cli/2.27.1 md/awscrt#0.26.1 ua/2.1 os/linux#6.8 lang/python#3.13.3".to_owned()];
    vec![
        Credential { tainted: false, calls: 0, ..credential(PARENT, Principal, PARENT, None, "ancestor") },
        Credential {
            fell: Some(at("19T18:52:11")),
            used: Some(between("19T18:52:11", "20T00:02:19")),
            calls: 231,
            addresses: both(),
            user_agents: vec!["TruffleHog".into(), "Boto3/1.38.2 md/Botocore#1.38.2".into()],
            ..credential(STOLEN, LongLivedKey, SCANNER, Some(PARENT), "given")
        },
        Credential {
            fell: Some(at("19T19:04:31")),
            used: Some(between("19T23:14:02", "24T09:10:44")),
            calls: 1_204,
            addresses: vec![SECOND_ADDRESS.into()],
            user_agents: cli(),
            ..credential(SECOND, LongLivedKey, PUBLISHER, Some(STOLEN), "iam:CreateAccessKey")
        },
        Credential {
            fell: Some(at("20T02:04:10")),
            used: Some(between("20T02:04:55", "21T05:40:12")),
            calls: 41_190,
            addresses: vec![SECOND_ADDRESS.into()],
            user_agents: cli(),
            ..credential(SESSION, RoleSession, DEPLOY, Some(SECOND), "sts:AssumeRole")
        },
        Credential {
            fell: Some(at("20T00:02:19")),
            confidence: Confidence::Medium,
            ..credential(FEDERATED, FederationToken, SCANNER, Some(STOLEN), "sts:GetFederationToken")
        },
        Credential {
            fell: Some(at("19T19:22:08")),
            ..credential(BACKUP, LongLivedKey, SVC_BACKUP, Some(STOLEN), "iam:CreateAccessKey")
        },
        Credential {
            fell: Some(at("19T19:25:55")),
            ..credential(LOGIN, LoginProfile, SVC_BACKUP, Some(STOLEN), "iam:CreateLoginProfile")
        },
    ]
}

struct Run(&'static str, &'static str, &'static str, &'static str, u64, Outcome);

fn row(run: &Run, resources: &[&str], resource_count: u64, bytes_out: u64) -> TimelineRow {
    let Run(from, to, credential, call, count, outcome) = *run;
    let findings = findings();
    let window = between(from, to);
    let part_of: Vec<_> = findings
        .iter()
        .filter(|finding| {
            finding.window.is_some_and(|whole| whole.from <= window.from && window.to <= whole.to)
        })
        .collect();
    TimelineRow {
        window,
        credential: credential.into(),
        call: call.into(),
        outcome,
        error: match outcome {
            Outcome::Success => None,
            Outcome::Denied => Some("AccessDenied".into()),
            Outcome::Failed => Some("NoSuchEntity".into()),
        },
        count,
        account: ACCOUNT.into(),
        region: if call.starts_with("iam:") { "us-east-1".into() } else { "eu-west-1".into() },
        address: if credential == STOLEN { FIRST_ADDRESS.into() } else { SECOND_ADDRESS.into() },
        user_agent: if from == "19T18:52:11" { "TruffleHog".into() } else { "aws-cli/2.27.1".into() },
        resources: resources.iter().map(|&resource| resource.to_owned()).collect(),
        resource_count,
        bytes_out,
        techniques: part_of.iter().flat_map(|finding| finding.techniques.clone()).collect(),
        findings: part_of.iter().map(|finding| finding.id.clone()).collect(),
        citations: cite("trail-0319T18", "Records[16-22]"),
    }
}

fn timeline() -> Vec<TimelineRow> {
    use Outcome::{Denied, Failed, Success};
    let trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/europa-org";
    let secrets = [
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:europa/web/db-main",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:europa/web/smtp",
    ];
    let content = "arn:aws:s3:::europa-web-content";
    vec![
        row(&Run("19T18:52:11", "19T18:52:11", STOLEN, "sts:GetCallerIdentity", 1, Success), &[], 0, 0),
        row(&Run("19T18:53:02", "19T19:02:47", STOLEN, "s3:ListBuckets", 4, Success), &[], 0, 0),
        row(&Run("19T18:53:10", "19T19:01:19", STOLEN, "iam:ListUsers", 12, Success), &[], 0, 0),
        row(&Run("19T18:53:31", "19T19:02:40", STOLEN, "ec2:DescribeInstances", 84, Denied), &[], 0, 0),
        row(&Run("19T18:54:00", "19T18:59:21", STOLEN, "secretsmanager:ListSecrets", 34, Denied), &[], 0, 0),
        row(
            &Run("19T19:04:31", "19T19:04:31", STOLEN, "iam:CreateAccessKey", 1, Success),
            &[SECOND, PUBLISHER],
            2,
            0,
        ),
        row(
            &Run("19T19:20:12", "19T19:20:12", STOLEN, "iam:GetLoginProfile", 1, Failed),
            &[SVC_BACKUP],
            1,
            0,
        ),
        row(
            &Run("19T19:22:08", "19T19:22:08", STOLEN, "iam:CreateAccessKey", 1, Success),
            &[BACKUP, SVC_BACKUP],
            2,
            0,
        ),
        row(&Run("19T19:25:55", "19T19:25:55", STOLEN, "iam:CreateLoginProfile", 1, Success), &[LOGIN], 1, 0),
        row(
            &Run("19T23:14:02", "19T23:14:40", SECOND, "secretsmanager:GetSecretValue", 2, Success),
            &secrets,
            2,
            0,
        ),
        row(
            &Run("20T00:02:19", "20T00:02:19", STOLEN, "sts:GetFederationToken", 1, Success),
            &[FEDERATED],
            1,
            0,
        ),
        row(&Run("20T00:40:00", "20T00:41:12", SECOND, "ec2:RunInstances", 6, Denied), &[], 0, 0),
        row(&Run("20T01:58:40", "20T01:58:40", SECOND, "cloudtrail:StopLogging", 1, Success), &[trail], 1, 0),
        row(
            &Run("20T02:04:10", "20T02:04:10", SECOND, "sts:AssumeRole", 1, Success),
            &[DEPLOY, SESSION],
            2,
            0,
        ),
        row(
            &Run("20T02:04:55", "20T02:10:31", SESSION, "s3:ListObjectsV2", 160, Success),
            &[content, "arn:aws:s3:::europa-web-forms"],
            3,
            0,
        ),
        row(
            &Run("20T02:11:04", "20T16:20:00", SESSION, "s3:GetObject", 30_511, Success),
            &["arn:aws:s3:::europa-web-content/sites/agri/export-2026-02.csv", content],
            30_511,
            250_100_000_000,
        ),
        row(
            &Run("20T16:31:00", "21T05:40:12", SESSION, "s3:GetObject", 10_511, Success),
            &["arn:aws:s3:::europa-web-forms/contact/2025/q4.ndjson.gz"],
            10_511,
            62_300_000_000,
        ),
        row(
            &Run("21T06:02:00", "21T06:02:00", SECOND, "s3:PutBucketPolicy", 1, Success),
            &["arn:aws:s3:::europa-web-content#policy"],
            1,
            0,
        ),
        row(
            &Run("21T06:10:30", "21T06:10:30", SECOND, "ec2:ModifySnapshotAttribute", 1, Success),
            &["arn:aws:ec2:eu-west-1:111122223333:snapshot/snap-0a1b2c3d4e5f60718#shared/999988887777"],
            1,
            0,
        ),
        row(
            &Run("21T06:40:00", "21T06:40:00", SECOND, "lambda:CreateFunction20150331", 1, Success),
            &["arn:aws:lambda:eu-west-1:111122223333:function:log-rotate-helper"],
            1,
            0,
        ),
        row(&Run("22T11:00:00", "24T09:10:44", SECOND, "s3:ListBuckets", 1_190, Denied), &[], 0, 0),
    ]
}

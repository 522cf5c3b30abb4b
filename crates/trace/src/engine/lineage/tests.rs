use super::*;
use crate::engine::births::testing::{
    assumed, each, lineage, lineage_with, record, service, session, start, user,
};

/// `id parent HH:MM:SS` of all that fell, in its order.
fn told(lineage: &Lineage) -> Vec<String> {
    let line = |fallen: &Fallen| {
        let parent = fallen.parent.as_deref().unwrap_or("-");
        format!("{} {parent} {}", fallen.id, &fallen.since.to_string()[11..19])
    };
    lineage.fallen().iter().map(line).collect()
}

fn tainted(lineage: &Lineage, record: &str) -> bool {
    let mut answer = false;
    each(&[record.to_owned()], |event, _| answer = lineage.is_tainted(event));
    answer
}

fn key_for(user: &str, key: &str) -> String {
    format!(
        r#","requestParameters":{{"userName":"{user}"}},"responseElements":{{"accessKey":{{"accessKeyId":"{key}","userName":"{user}"}}}}"#
    )
}

#[test]
fn a_chain_of_five_links_is_followed_across_accounts() {
    let other = r#","sharedEventID":"s-1","requestParameters":{"roleArn":"arn:aws:iam::222:role/audit","roleSessionName":"x"}"#;
    let keys = r#","responseElements":{"credentials":{"accessKeyId":"ASIA3"}}"#;
    let from_222 = r#"{"type":"AWSAccount","principalId":"AROA-ci:go","accountId":"111"}"#;
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "iam:CreateAccessKey", &key_for("bob", "AKIA2")),
        record("10:01:00", &user("bob", "AKIA2"), "sts:AssumeRole", &assumed("ci", "go", "ASIA2")),
        record("10:02:00", &session("ci", "go", "ASIA2"), "sts:AssumeRole", other), // does not name the keys
        record(
            "10:02:00",
            from_222,
            "sts:AssumeRole",
            &format!(r#"{other}{keys},"recipientAccountId":"222""#),
        ),
        record(
            "10:03:00",
            &session("audit", "x", "ASIA3"),
            "iam:CreateLoginProfile",
            r#","requestParameters":{"userName":"eve"}"#,
        ),
        record(
            "10:04:00",
            r#"{"type":"IAMUser","arn":"arn:aws:iam::111:user/eve","accountId":"111"}"#,
            "signin:ConsoleLogin",
            r#","responseElements":{"ConsoleLogin":"Success"}"#,
        ),
        record(
            "10:05:00",
            r#"{"type":"IAMUser","arn":"arn:aws:iam::111:user/eve","accountId":"111","accessKeyId":"ASIA4",
                "sessionContext":{"attributes":{"creationDate":"2026-03-19T10:04:01Z"}}}"#,
            "s3:ListBuckets",
            "",
        ),
    ];
    let lineage = lineage(&records, &[start("AKIA1")]);
    let eve = "arn:aws:iam::111:user/eve";
    assert_eq!(
        told(&lineage),
        [
            "AKIA1 - 10:00:00".to_owned(),
            "AKIA2 AKIA1 10:00:00".into(),
            "ASIA2 AKIA2 10:01:00".into(),
            "ASIA3 ASIA2 10:02:00".into(),
            format!("{eve}#login-profile ASIA3 10:03:00"),
            format!("{eve}#console/2026-03-19T10:04:00Z {eve}#login-profile 10:04:00"),
            format!("ASIA4 {eve}#console/2026-03-19T10:04:00Z 10:05:00"),
        ]
    );
    assert!(tainted(&lineage, &records[5]), "the login itself, which names no key");
    let by_hand = records.iter().map(|record| tainted(&lineage, record)).collect::<Vec<_>>();
    assert_eq!(by_hand, [true; 7]);
}

#[test]
fn what_happened_before_the_fall_is_not_tainted() {
    let records = [
        record("09:00:00", &user("ann", "AKIA1"), "sts:AssumeRole", &assumed("ci", "old", "ASIA1")),
        record("10:00:00", &user("ann", "AKIA1"), "sts:AssumeRole", &assumed("ci", "tie", "ASIA2")),
        record("11:00:00", &user("ann", "AKIA1"), "sts:AssumeRole", &assumed("ci", "new", "ASIA3")),
    ];
    let since = Time::parse("2026-03-19T10:00:00Z");
    let lineage = lineage(&records, &[Start { since, ..start("AKIA1") }]);
    assert_eq!(told(&lineage), ["AKIA1 - 10:00:00", "ASIA2 AKIA1 10:00:00", "ASIA3 AKIA1 11:00:00"]);
    assert_eq!(records.each_ref().map(|record| tainted(&lineage, record)), [false, true, true]);
}

#[test]
fn sessions_of_the_owner_of_a_shared_key_are_not_tainted() {
    let at_home = r#","sourceIPAddress":"192.0.2.7","userAgent":"Boto3/1.34""#;
    let records = [
        record(
            "10:00:00",
            &user("ann", "AKIA1"),
            "sts:AssumeRole",
            &format!("{at_home}{}", assumed("ci", "hers", "ASIA1")),
        ),
        record("10:01:00", &user("ann", "AKIA1"), "sts:AssumeRole", &assumed("ci", "his", "ASIA2")),
    ];
    let habit = Habit { network: Network::new("192.0.2.0/24"), agent: Some("Boto3".into()) };
    let owner = [habit].into_iter().collect();
    let lineage = lineage(&records, &[Start { owner, ..start("AKIA1") }]);
    assert_eq!(told(&lineage), ["AKIA1 - 10:00:00", "ASIA2 AKIA1 10:01:00"]);
    assert_eq!(records.each_ref().map(|record| tainted(&lineage, record)), [false, true]);
}

#[test]
fn a_trust_change_lets_in_those_it_names_who_were_not_there_before() {
    let policy = r#","requestParameters":{"roleName":"ci","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::999:root\",\"arn:aws:iam::111:user/deploy\"]}}]}"}"#;
    let outsider = r#"{"type":"AWSAccount","principalId":"AIDA-x","accountId":"999"}"#;
    let stranger = r#"{"type":"AWSAccount","principalId":"AIDA-y","accountId":"888"}"#;
    let records = [
        record("09:00:00", &user("deploy", "AKIA5"), "sts:AssumeRole", &assumed("ci", "d", "ASIA1")),
        record("10:00:00", &user("ann", "AKIA1"), "iam:UpdateAssumeRolePolicy", policy),
        record("10:30:00", &user("deploy", "AKIA5"), "sts:AssumeRole", &assumed("ci", "d", "ASIA2")),
        record("11:00:00", outsider, "sts:AssumeRole", &assumed("ci", "x", "ASIA3")),
        record("11:30:00", stranger, "sts:AssumeRole", &assumed("ci", "y", "ASIA4")),
    ];
    assert_eq!(
        told(&lineage(&records, &[start("AKIA1")])),
        [
            "AKIA1 - 10:00:00",
            "arn:aws:iam::111:role/ci#trust AKIA1 10:00:00",
            "ASIA3 arn:aws:iam::111:role/ci#trust 11:00:00",
        ]
    );
}

#[test]
fn sessions_through_a_new_provider_fall() {
    let provider = "arn:aws:iam::111:saml-provider/p";
    let made = format!(r#","responseElements":{{"sAMLProviderArn":"{provider}"}}"#);
    let saml = assumed("admin", "m", "ASIA1").replacen('{', &format!(r#"{{"principalArn":"{provider}","#), 1);
    let who = r#"{"type":"SAMLUser","principalId":"p:m","userName":"m"}"#;
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "iam:CreateSAMLProvider", &made),
        record("10:01:00", who, "sts:AssumeRoleWithSAML", &saml),
    ];
    assert_eq!(
        told(&lineage(&records, &[start("AKIA1")]))[1..],
        [format!("{provider} AKIA1 10:00:00"), format!("ASIA1 {provider} 10:01:00")]
    );
}

#[test]
fn the_sessions_of_compute_that_was_made_fall_whole() {
    let run = r#","responseElements":{"instancesSet":{"items":[{"instanceId":"i-1"}]}}"#;
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "ec2:RunInstances", run),
        record("10:01:00", &service("ec2"), "sts:AssumeRole", &assumed("node", "i-1", "ASIA1")),
        record("10:02:00", &session("node", "i-1", "ASIA1"), "s3:ListBuckets", ""),
        record("10:02:00", &service("ec2"), "sts:AssumeRole", &assumed("node", "i-2", "ASIA2")),
    ];
    let lineage = lineage(&records, &[start("AKIA1")]);
    let instance = "arn:aws:ec2:eu-west-1:111:instance/i-1";
    assert_eq!(
        told(&lineage)[1..],
        [format!("{instance} AKIA1 10:00:00"), format!("ASIA1 {instance} 10:01:00")]
    );
    assert!(tainted(&lineage, &records[2]));
}

#[test]
fn of_compute_that_was_entered_only_what_is_new_to_it_counts() {
    let inside = r#","sourceIPAddress":"10.0.0.5","userAgent":"Boto3/1.34""#;
    let node = session("node", "i-1", "ASIA1");
    let records = [
        record("09:00:00", &node, "s3:GetObject", inside),
        record(
            "10:00:00",
            &user("ann", "AKIA1"),
            "ssm:StartSession",
            r#","requestParameters":{"target":"i-1"}"#,
        ),
        record("10:01:00", &node, "s3:GetObject", inside),
        record("10:02:00", &node, "s3:GetObject", &inside.replace("Boto3", "aws-cli")),
        record("10:03:00", &node, "s3:GetObject", r#","userAgent":"Boto3/1.34""#),
    ];
    for (inside, expected, confidence) in [
        (Inside::NewPrograms, [false, true, false, true, true], Confidence::Medium),
        (Inside::All, [false, true, true, true, true], Confidence::Low),
        (Inside::None, [false, true, false, false, true], Confidence::Medium),
    ] {
        let lineage = lineage_with(&records, &[start("AKIA1")], inside);
        assert_eq!(records.each_ref().map(|record| tainted(&lineage, record)), expected, "{inside:?}");
        assert_eq!(lineage.taint_of("ASIA1").map(|fallen| fallen.confidence), Some(confidence));
    }
}

#[test]
fn circles_and_self_issue_end() {
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "iam:CreateAccessKey", &key_for("bob", "AKIA2")),
        record("10:00:00", &user("bob", "AKIA2"), "iam:CreateAccessKey", &key_for("ann", "AKIA1")),
        record("10:00:00", &user("bob", "AKIA2"), "iam:CreateAccessKey", &key_for("bob", "AKIA2")),
    ];
    assert_eq!(told(&lineage(&records, &[start("AKIA1")])), ["AKIA1 AKIA2 10:00:00", "AKIA2 AKIA1 10:00:00"]);
}

#[test]
fn ancestors_are_shown_and_orphans_are_said() {
    let records = [
        record("09:00:00", &session("ci", "go", "ASIA0"), "iam:CreateAccessKey", &key_for("ann", "AKIA0")),
        record("09:30:00", &user("ann", "AKIA0"), "iam:CreateAccessKey", &key_for("bob", "AKIA1")),
        record("10:00:00", &user("bob", "AKIA1"), "s3:ListBuckets", ""),
    ];
    let lineage = lineage(&records, &[start("AKIA1"), start("AKIA-NEVER")]);
    let line: Vec<_> = lineage.ancestors().iter().map(|ancestor| ancestor.id.as_str()).collect();
    assert_eq!(line, ["ASIA0", "AKIA0"]);
    assert_eq!(told(&lineage), ["AKIA1 AKIA0 10:00:00"]);
    assert!(!tainted(&lineage, &records[1]));
    assert_eq!(lineage.unknown().len(), 2, "{:?}", lineage.unknown());
}

#[test]
fn users_roles_sessions_and_addresses_are_starts_too() {
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "s3:ListBuckets", ""),
        record("10:01:00", &user("ann", "AKIA2"), "s3:ListBuckets", r#","sourceIPAddress":"192.0.2.7""#),
        record("10:02:00", &session("ci", "go", "ASIA1"), "s3:ListBuckets", ""),
        record(
            "10:03:00",
            &session("ci", "no", "ASIA2"),
            "s3:ListBuckets",
            r#","sourceIPAddress":"192.0.2.7""#,
        ),
    ];
    for (id, expected) in [
        ("arn:aws:iam::111:user/path/ann", [true, true, false, false]),
        ("arn:aws:iam::111:role/ci", [false, false, true, true]),
        ("arn:aws:sts::111:assumed-role/ci/go", [false, false, true, false]),
        ("192.0.2.7", [false, true, false, true]),
        ("192.0.2.0/24", [false, true, false, true]),
        ("198.51.100.9", [true, false, true, false]),
    ] {
        let lineage = lineage(&records, &[start(id)]);
        assert_eq!(records.each_ref().map(|record| tainted(&lineage, record)), expected, "{id}");
    }
}

#[test]
fn what_services_do_with_keys_of_their_own_counts_as_what_they_act_for() {
    let at = |time: &str, key: &str, service: &str| {
        let who = format!(
            r#"{{"type":"IAMUser","principalId":"AIDA-ann","arn":"arn:aws:iam::111:user/ann","accountId":"111",
                "accessKeyId":"{key}","invokedBy":"{service}","sessionContext":{{"attributes":{{
                "creationDate":"2026-03-19T{time}Z"}}}}}}"#
        );
        record(time, &who, "kms:Decrypt", "")
    };
    let records = [
        record("10:00:00", &user("ann", "AKIA1"), "secretsmanager:GetSecretValue", ""),
        at("10:00:01", "ASIA1", "secretsmanager.amazonaws.com"),
        at("10:05:00", "ASIA2", ""), // a login whose own event is missing
        at("10:05:00", "ASIA3", "health.amazonaws.com"),
    ];
    let lineage = lineage(&records, &[start("AKIA1")]);
    assert_eq!(told(&lineage), ["AKIA1 - 10:00:00"]);
    assert_eq!(records.each_ref().map(|record| tainted(&lineage, record)), [true, true, false, false]);
    assert_eq!(lineage.taint_of("ASIA1").map(|fallen| fallen.id.as_str()), Some("AKIA1"));
}

#[test]
fn a_changed_provider_lets_in_only_what_is_new_to_it() {
    let provider = "arn:aws:iam::111:saml-provider/p";
    let changed = format!(r#","requestParameters":{{"sAMLProviderArn":"{provider}"}}"#);
    let who = r#"{"type":"SAMLUser","principalId":"p:m","userName":"m"}"#;
    let saml = |time: &str, name: &str, key: &str| {
        let rest =
            assumed("staff", name, key).replacen('{', &format!(r#"{{"principalArn":"{provider}","#), 1);
        record(time, who, "sts:AssumeRoleWithSAML", &rest)
    };
    let records = [
        saml("09:00:00", "bob", "ASIA1"),
        record("10:00:00", &user("ann", "AKIA1"), "iam:UpdateSAMLProvider", &changed),
        saml("11:00:00", "bob", "ASIA2"),
        saml("11:00:00", "eve", "ASIA3"),
    ];
    let counted = told(&lineage(&records, &[start("AKIA1")]));
    assert_eq!(counted[2..], [format!("ASIA3 {provider} 11:00:00")]);
}

#[test]
fn a_role_passed_to_a_service_falls_with_what_it_runs() {
    let job = r#","requestParameters":{"name":"j","role":"arn:aws:iam::111:role/etl"}"#;
    let records = [
        record("09:00:00", &service("glue"), "sts:AssumeRole", &assumed("etl", "Glue", "ASIA1")),
        record("10:00:00", &user("ann", "AKIA1"), "glue:CreateJob", job),
        record("10:01:00", &service("glue"), "sts:AssumeRole", &assumed("etl", "Glue", "ASIA2")),
        record("10:01:00", &service("lambda"), "sts:AssumeRole", &assumed("etl", "f", "ASIA3")),
    ];
    let fallen = told(&lineage(&records, &[start("AKIA1")]));
    assert_eq!(fallen[2..], ["ASIA2 arn:aws:glue:eu-west-1:111:j 10:01:00"]);
}

#[test]
fn order_files_and_threads_do_not_matter() {
    let mut records = Vec::new();
    for n in 0..40 {
        let parent = format!("ASIA{:02}", n / 2);
        let minute = format!("10:{:02}:{:02}", n / 3, n % 7);
        records.push(record(
            &minute,
            &session("ci", &format!("s{n}"), &parent),
            "sts:AssumeRole",
            &assumed("ci", &format!("s{n}"), &format!("ASIA{:02}", n + 1)),
        ));
    }
    records.extend_from_within(3..9); // delivered twice
    let starts = [start("ASIA00"), start("ASIA05")];
    let mut places: Vec<usize> = (0..records.len()).collect();
    let mut seed = 7_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    let mut expected = None;
    for round in 0..30 {
        for at in (1..places.len()).rev() {
            places.swap(at, next(at + 1));
        }
        let mut parts: Vec<(BirthsFold, SightingsFold)> =
            (0..=round % 5).map(|_| Default::default()).collect();
        let mut events = crate::event::Events::default();
        for &place in &places {
            let wire = serde_json::from_str(&records[place]).expect("a record");
            let event = events.event(wire).expect("a time");
            let at = Place { input: 0, record: u32::try_from(place).expect("few") };
            let part = next(parts.len());
            parts[part].0.observe(&event, at);
            parts[part].1.observe(&event, at);
        }
        while parts.len() > 1 {
            let (a, b) = (parts.swap_remove(next(parts.len())), parts.swap_remove(next(parts.len())));
            parts.push((a.0.merge(b.0), a.1.merge(b.1)));
        }
        let (births, sightings) = parts.pop().expect("one is left");
        let lineage = Lineage::trace(births, sightings, &starts, Inside::default());
        let answer = format!("{:?} {:?} {:?}", lineage.fallen(), lineage.ancestors(), lineage.unknown());
        assert_eq!(&answer, expected.get_or_insert_with(|| answer.clone()));
    }
}

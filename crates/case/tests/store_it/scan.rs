//! Answers of `scan` beside those of `trace`.

use floodmark_case::{
    Answer, Asked, Case, Command, Component, ComponentScope, Coverage, EvidenceId, Flaw, FlawKind, FoundAt,
    Inventory, Story,
};
use tempfile::TempDir;

use crate::sample::{answer, at, create};

fn scanned() -> Answer {
    let mut scanned = answer("two components");
    scanned.command = Command::Scan;
    scanned.story = Story::default();
    for finding in &mut scanned.findings {
        finding.window = None;
    }
    scanned.links.clear();
    scanned.coverage = Coverage::default();
    let found = FoundAt {
        path: "Cargo.lock".into(),
        evidence: EvidenceId::of(b"log-1"),
        place: "line 17".into(),
        layer: None,
    };
    let component = |purl: &str| Component {
        purl: purl.into(),
        name: "rand".into(),
        version: Some("0.8.5".into()),
        ecosystem: Some("crates.io".into()),
        source: None,
        reference: None,
        claimed: vec![],
        scope: ComponentScope::Unknown,
        direct: true,
        pulled_in_by: vec![],
        hashes: vec![],
        found: vec![found.clone()],
    };
    scanned.inventory = Inventory {
        components: vec![component("pkg:cargo/a@1"), component("pkg:cargo/rand@0.8.5")],
        flaws: vec![Flaw {
            finding: scanned.findings[0].id.clone(),
            component: "pkg:cargo/rand@0.8.5".into(),
            kind: FlawKind::Vulnerable,
            id: "RUSTSEC-2026-0001".into(),
            aliases: vec!["CVE-2026-1".into()],
            summary: "it is broken".into(),
            fixed: vec!["0.8.6".into()],
            cvss: None,
            score: Some(7.5),
            epss: None,
            known_exploited: false,
            vex: None,
            set_aside: None,
        }],
        asked: Asked { compromises: 3, advisories: Some(7), newest: Some(at(1)) },
    };
    scanned
}

#[test]
fn an_answer_is_written_with_the_fields_of_its_own_command_and_no_others() {
    let json = |answer: &Answer| serde_json::to_value(answer).expect("JSON");
    let (scan, trace) = (json(&scanned()), json(&answer("")));
    assert!(scan["components"].is_array() && scan.get("credentials").is_none());
    assert!(trace["credentials"].is_array() && trace.get("components").is_none());
    assert!(scan["findings"][0].get("window").is_none() && trace["findings"][0]["window"].is_object());
    for whole in [scanned(), answer("")] {
        assert_eq!(serde_json::from_value::<Answer>(json(&whole)).expect("an answer"), whole);
    }
    let mut wrong = json(&scanned());
    wrong["command"] = "trace".into();
    let error = serde_json::from_value::<Answer>(wrong).expect_err("the fields are of another command");
    assert!(error.to_string().contains("an answer of trace without its own fields"), "{error}");
}

#[test]
fn answers_of_both_commands_live_in_one_case_and_verify() {
    let folder = TempDir::new().expect("folder");
    let mut case = create(folder.path());
    case.record_answer(&answer("traced"), at(5)).expect("records");
    case.record_answer(&scanned(), at(6)).expect("records");
    drop(case);
    let case = Case::open(folder.path()).expect("opens");
    assert_eq!(case.answer(Command::Scan).expect("reads"), Some(scanned()));
    assert_eq!(case.answer(Command::Trace).expect("reads"), Some(answer("traced")));
    let verified = case.verify(&[]).expect("verifies");
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
    drop(case);
    let database = rusqlite::Connection::open(folder.path().join("case.db")).expect("opens");
    database.execute("UPDATE component SET version = '0.8.6' WHERE name = 'rand'", []).expect("alters");
    drop(database);
    let altered = Case::open(folder.path()).expect("opens").verify(&[]).expect("verifies");
    assert!(!altered.problems.is_empty(), "what is derived is compared with what was told");
}

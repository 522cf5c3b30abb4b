//! Advisories that are too large, too long or make no sense: a clear line each, and the rest is read.

use std::time::{Duration, Instant};

use floodmark_intel::database::Matches;
use floodmark_intel::read::Report;
use floodmark_intel::version::Ecosystem;
use serde_json::{Value, json};

use super::scene::{Scene, osv};

fn ranged(id: &str, ecosystem: &str, events: &Value) -> String {
    json!({
        "id": id, "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": ecosystem, "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    })
    .to_string()
}

/// Imports this beside a good record, which must be found.
fn imported(record: &[u8]) -> (Scene, Report) {
    let scene = Scene::new();
    scene.write("in/absurd.json", record);
    scene.write("in/good.json", osv("GOOD-1", "good"));
    let report = scene.import("in");
    let good = ask(&scene, "PyPI", "good", "1");
    assert_eq!(good.matches.iter().map(|one| &*one.gist.id).collect::<Vec<_>>(), ["GOOD-1"]);
    (scene, report)
}

fn ask(scene: &Scene, ecosystem: &str, name: &str, version: &str) -> Matches {
    let ecosystem: Ecosystem = ecosystem.parse().expect("known");
    scene.database().matches_text(&ecosystem, name, version).expect("asked")
}

fn unread(report: &Report) -> Vec<&str> {
    report.unread.iter().map(|line| line.why.as_str()).collect()
}

#[test]
fn a_range_of_hundreds_of_thousands_of_events_is_read_and_asked_in_time() {
    let events: Vec<Value> = (0..100_000)
        .flat_map(|at| [json!({"introduced": format!("{at}.1")}), json!({"fixed": format!("{at}.5")})])
        .collect();
    let started = Instant::now();
    let (scene, report) = imported(ranged("X-1", "npm", &events.into()).as_bytes());
    assert_eq!(unread(&report), Vec::<&str>::new());
    assert_eq!(ask(&scene, "npm", "a", "77777.3.0").matches[0].fixed.as_deref(), Some("77777.5"));
    assert_eq!(ask(&scene, "npm", "a", "77777.7.0").matches, []);
    assert!(started.elapsed() < Duration::from_mins(2), "{:?}", started.elapsed());
}

#[test]
fn a_document_with_more_values_or_bytes_than_any_advisory_has_is_told_and_the_rest_is_read() {
    let events = vec![json!({"introduced": "1"}); 1_000_000];
    let (_, report) = imported(ranged("X-1", "npm", &events.into()).as_bytes());
    let [why] = unread(&report)[..] else { panic!("{:?}", report.unread) };
    assert!(why.contains("1000000"), "{why}");
    let mut large = osv("X-2", "b").into_bytes();
    large.resize(100 << 20, b' ');
    let (_, report) = imported(&large);
    let [why] = unread(&report)[..] else { panic!("{:?}", report.unread) };
    assert!(why.contains("bytes"), "{why}");
}

#[test]
fn a_range_that_ends_before_it_begins_is_a_doubt_and_holds_what_its_events_say() {
    let (scene, report) =
        imported(ranged("X-1", "npm", &json!([{"introduced": "2.0.0"}, {"fixed": "1.0.0"}])).as_bytes());
    let told: Vec<_> = report.doubts.iter().map(|doubt| (doubt.id.as_str(), doubt.what.as_str())).collect();
    assert_eq!(
        told,
        [(
            "X-1",
            "it ends before it begins: expected \"fixed\" or \"last_affected\" behind an \"introduced\""
        )]
    );
    assert_eq!(ask(&scene, "npm", "a", "3.0.0").matches.len(), 1);
    assert_eq!(ask(&scene, "npm", "a", "0.5.0").matches, []);
}

#[test]
fn a_bound_that_is_no_version_or_a_megabyte_leaves_the_version_undecided() {
    let long = "9".repeat(1 << 20);
    for bound in ["not a version", &long, "1.0\u{1b}[2J"] {
        let (scene, report) =
            imported(ranged("X-1", "npm", &json!([{"introduced": "0"}, {"fixed": bound}])).as_bytes());
        assert_eq!(report.doubts.len(), 1, "{:?}", &bound[..5]);
        assert!(report.doubts[0].what.len() < 1000);
        let found = ask(&scene, "npm", "a", "1.0.0");
        assert_eq!((found.matches.len(), found.undecided.len()), (0, 1));
        assert!(found.undecided[0].why.len() < 3000);
    }
}

#[test]
fn names_and_ids_that_are_none_are_told_in_a_short_line() {
    let long = "x".repeat(1 << 20);
    let of = |id: &str, name: &str, aliases: Value| {
        json!({"id": id, "aliases": aliases, "affected": [
            {"package": {"ecosystem": "npm", "name": name}, "versions": ["1.0.0"]},
            {"package": {"ecosystem": "npm", "name": "b"}, "versions": ["1.0.0"]},
        ]})
        .to_string()
    };
    let (scene, report) = imported(of("X-1", &long, json!([])).as_bytes());
    assert_eq!(unread(&report), ["it has 1048576 bytes: expected at most 4096"]);
    assert_eq!(ask(&scene, "npm", "b", "1.0.0").matches.len(), 1, "the other package is kept");
    let (scene, report) = imported(of("X-1", "a", json!(["CVE-1", long, "a\u{7}b", "c d"])).as_bytes());
    assert_eq!(unread(&report), ["3 of them are no ids: expected texts of at most 256 bytes without spaces"]);
    assert_eq!(*ask(&scene, "npm", "a", "1.0.0").matches[0].gist.aliases, ["CVE-1".into()]);
    for id in ["", &long, "X-1\u{1b}[2J", "X 1", "X\n1"] {
        let (_, report) = imported(of(id, "a", json!([])).as_bytes());
        let [why] = unread(&report)[..] else { panic!("{:?}", report.unread.len()) };
        assert!(why.contains("its \"id\" is none") && why.len() < 300, "{why}");
    }
}

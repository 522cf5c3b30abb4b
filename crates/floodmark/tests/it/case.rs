//! `floodmark case`, and `trace --case`.

use std::fs;

use crate::scene::{Ran, Scene, log_file};

/// A scene with a case `kept` in it that holds one answer.
fn with_case() -> Scene {
    let scene = Scene::new();
    scene.write("logs/a.json", log_file(&["sts:GetCallerIdentity", "s3:ListBuckets", "iam:ListUsers"]));
    let ran = scene.run("trace logs --case kept");
    assert_eq!(ran.code, Some(0), "{ran}");
    scene
}

/// A run without what differs from run to run: times and hashes.
fn lasting(scene: &Scene, ran: &Ran) -> String {
    let folder = scene.path("kept").canonicalize().expect("the case is there");
    let text = ran.to_string().replace(&folder.display().to_string(), "kept");
    let masked = text.lines().map(|line| {
        let is_time = |word: &str| word.len() == 10 && word.starts_with("20") && word.contains('-');
        let is_clock = |word: &str| word.len() == 8 && word.matches(':').count() == 2;
        let is_hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        line.split(' ')
            .map(|word| match word {
                _ if is_time(word) => "YYYY-MM-DD",
                _ if is_clock(word) => "HH:MM:SS",
                _ if is_hash(word) => "HASH",
                _ => word,
            })
            .collect::<Vec<_>>()
            .join(" ")
    });
    masked.collect::<Vec<_>>().join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn a_case_is_shown_and_fits_narrow_terminals() {
    let scene = with_case();
    insta::assert_snapshot!("show", lasting(&scene, &scene.run("case show kept")));
    for columns in ["40", "60", "120"] {
        let ran = Ran::of(scene.floodmark("case show kept").env("COLUMNS", columns));
        let widest = ran.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest <= columns.parse().ok(), "{columns}:\n{ran}");
    }
}

#[test]
fn the_answer_in_a_case_is_the_answer_of_the_run() {
    let scene = with_case();
    for format in ["table", "json", "csv", "stix"] {
        let traced = scene.run(&format!("trace logs --format {format}"));
        let shown = scene.run(&format!("case show kept --answer --format {format}"));
        assert_eq!((shown.code, shown.stdout), (traced.code, traced.stdout), "{format}");
    }
}

#[test]
fn a_second_run_appends_to_the_case() {
    let scene = with_case();
    let again = scene.run("trace logs --case kept --from AKIAIOSFODNN7EXAMPLE");
    assert!(again.code.is_some_and(|code| code < 2), "{again}");
    let glance = scene.run("case show kept --format json").json();
    let current: Vec<_> =
        glance["answers"].as_array().expect("answers").iter().map(|answer| &answer["current"]).collect();
    assert_eq!(current, [false, true]);
    let log: Vec<_> =
        glance["log"].as_array().expect("a log").iter().map(|entry| entry["command"].as_str()).collect();
    assert_eq!(
        log,
        [
            Some("floodmark trace logs --case kept"),
            Some("floodmark trace logs --case kept"),
            Some("floodmark trace logs --case kept --from AKIAIOSFODNN7EXAMPLE")
        ]
    );
    assert_eq!(scene.run("case verify kept").code, Some(0));
}

#[test]
fn of_two_writers_at_once_the_second_is_told_who_has_the_case() {
    let scene = with_case();
    let lock = fs::File::options().write(true).open(scene.path("kept/case.lock")).expect("a lock file");
    lock.lock().expect("the lock is free");
    let ran = scene.run("trace logs --case kept");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran}");
    assert!(ran.stderr.contains("hint: wait until it is done"), "{ran}");
    assert_eq!(scene.run("case show kept").code, Some(0), "it can be read meanwhile");
    drop(lock);
    assert_eq!(scene.run("trace logs --case kept").code, Some(0));
}

#[test]
fn an_intact_case_and_its_evidence_are_verified() {
    let scene = with_case();
    insta::assert_snapshot!("verify", lasting(&scene, &scene.run("case verify kept --evidence .")));
}

#[test]
fn a_case_that_was_tampered_with_is_told() {
    let scene = with_case();
    let database = fs::read(scene.path("kept/case.db")).expect("the database");
    let old = b"floodmark trace logs --case kept";
    let at = database.windows(old.len()).rposition(|bytes| bytes == old).expect("the log is in it");
    let mut altered = database;
    altered[at + 10..at + 15].copy_from_slice(b"TRACE");
    scene.write("kept/case.db", altered);
    let ran = scene.run("case verify kept");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("ALTERED") && ran.stdout.contains("was altered"), "{ran}");
}

#[test]
fn evidence_that_was_altered_or_is_gone_is_told() {
    let scene = with_case();
    scene.write("logs/a.json", "{}");
    let altered = scene.run("case verify kept --evidence .");
    assert_eq!(altered.code, Some(1), "{altered}");
    assert!(altered.stdout.contains("logs/a.json: altered"), "{altered}");
    fs::remove_file(scene.path("logs/a.json")).expect("it was there");
    let gone = scene.run("case verify kept --evidence .");
    assert!(gone.code == Some(1) && gone.stdout.contains("logs/a.json: missing"), "{gone}");
}

#[test]
fn a_log_that_does_not_hold_the_noted_head_is_told() {
    let scene = with_case();
    let head = scene.run("case show kept --format json").json()["last"]["hash"].clone();
    let head = head.as_str().expect("a hash");
    scene.run("trace logs --case kept");
    assert_eq!(scene.run(&format!("case verify kept --expect-head {head}")).code, Some(0));
    let other = "0".repeat(64);
    let ran = scene.run(&format!("case verify kept --expect-head {other}"));
    assert_eq!(ran.code, Some(1), "{ran}");
}

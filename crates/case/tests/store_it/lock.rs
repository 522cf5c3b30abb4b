use std::time::{Duration, Instant};

use floodmark_case::{Case, CaseError};
use tempfile::TempDir;

use crate::sample::{answer, at, author, create, evidence};

#[test]
fn a_second_writer_is_refused_at_once_and_told_who_the_first_is() {
    let folder = TempDir::new().expect("folder");
    let first = create(folder.path());
    let started = Instant::now();
    let refused = Case::open_for_writing(folder.path(), author(), at(5)).expect_err("locked");
    assert!(started.elapsed() < Duration::from_secs(1), "it did not wait");
    let said = refused.to_string();
    assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
    assert!(said.contains("`floodmark trace logs --from AKIAIOSFODNN7EXAMPLE`, run by mara"), "{said}");
    assert!(said.ends_with("since 2026-03-20T09:46:40Z"), "{said}");
    assert!(refused.hint().is_some());
    assert!(matches!(Case::create(folder.path(), author(), at(5)), Err(CaseError::Locked { .. })));

    drop(first);
    Case::open_for_writing(folder.path(), author(), at(6)).expect("the lock ended with its holder");
}

#[test]
fn a_lock_file_of_nonsense_is_no_hindrance_and_names_nobody() {
    let folder = TempDir::new().expect("folder");
    let first = create(folder.path());
    std::fs::write(folder.path().join("case.lock"), [0xff; 200]).expect("writes");
    let refused = Case::open_for_writing(folder.path(), author(), at(5)).expect_err("locked");
    assert!(matches!(refused, CaseError::Locked { holder: None, .. }), "{refused}");
    drop(first);
    Case::open_for_writing(folder.path(), author(), at(6)).expect("opens");
}

#[test]
fn readers_see_every_commit_while_the_writer_writes_and_hold_nobody_up() {
    let folder = TempDir::new().expect("folder");
    let mut writer = create(folder.path());
    let reader = Case::open(folder.path()).expect("opens beside the writer");
    for round in 0..5 {
        writer.record_evidence(&[evidence(&format!("log {round}"), "a")], at(round)).expect("evidence");
        writer.record_answer(&answer("again"), at(round)).expect("answer");
        let verification = reader.verify(&[]).expect("checks");
        assert_eq!(verification.problems, []);
        assert_eq!(verification.head, Some(writer.head()));
    }
    drop(writer);
    assert!(reader.verify(&[]).expect("checks").is_clean());
}

#[test]
fn a_reader_that_verifies_all_the_time_never_sees_a_problem_in_what_a_writer_is_writing() {
    let folder = TempDir::new().expect("folder");
    let mut writer = create(folder.path());
    let path = folder.path().to_path_buf();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let reader = std::thread::spawn(move || {
        let mut rounds = 0;
        while stopped.try_recv().is_err() {
            let case = Case::open(&path).expect("opens");
            assert_eq!(case.verify(&[]).expect("checks").problems, []);
            rounds += 1;
        }
        rounds
    });
    for round in 0..60 {
        writer.record_note("a step", at(round)).expect("note");
    }
    stop.send(()).expect("still reading");
    assert!(reader.join().expect("no problem seen") > 0);
}

use std::fs;
use std::path::Path;

use floodmark_case::{Case, CaseError, Deed, Head, LogHash, Note, Problem};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::sample::{at, author, finished};

/// The problems of a finished case in which somebody ran `sql`.
fn problems_after(sql: &str) -> Vec<String> {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    edit(folder.path(), sql);
    let verification = Case::open(folder.path()).expect("opens").verify(&[]).expect("checks");
    verification.problems.iter().map(ToString::to_string).collect()
}

fn edit(folder: &Path, sql: &str) {
    let database = Connection::open(folder.join("case.db")).expect("opens");
    database.execute_batch(sql).expect(sql);
}

#[test]
fn an_untouched_case_has_no_problems() {
    assert_eq!(problems_after("SELECT 1"), [""; 0]);
}

#[test]
fn an_alteration_of_any_field_of_the_log_is_found_and_its_entry_named() {
    for change in [
        "at = '2026-03-20T09:46:40.5Z'",
        "who = 'somebody else'",
        "program = 'floodmark 9'",
        "command = 'ls'",
        "deed = 'answer'",
        "detail = 'nothing'",
        "content = zeroblob(32)",
        "hash = zeroblob(32)",
        "previous = zeroblob(32)",
        "rows = 0",
    ] {
        let problems = problems_after(&format!("UPDATE log SET {change} WHERE seq = 2"));
        assert!(problems.contains(&String::from("log: entry 2 was altered")), "{change}: {problems:?}");
    }
}

#[test]
fn an_alteration_with_its_own_hash_taken_again_breaks_the_chain() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    let mut entry = Case::open(folder.path()).expect("opens").log().expect("log").remove(1);
    entry.who = String::from("somebody else");
    edit(
        folder.path(),
        &format!("UPDATE log SET who = 'somebody else', hash = x'{}' WHERE seq = 2", entry.computed_hash()),
    );
    let verification = Case::open(folder.path()).expect("opens").verify(&[]).expect("checks");
    assert_eq!(verification.problems, [Problem::BrokenChain { seq: 3 }]);
}

#[test]
fn what_an_entry_wrote_is_found_altered_in_every_column() {
    for (change, entry) in [
        ("UPDATE evidence SET size = size + 1 WHERE source = 'logs/1.json.gz'", 2),
        ("UPDATE evidence SET kind = 'guardduty' WHERE source = 'logs/1.json.gz'", 2),
        ("UPDATE evidence SET source = 'elsewhere' WHERE source = 'logs/1.json.gz'", 2),
        ("UPDATE evidence SET at = '2027-01-01T00:00:00Z' WHERE source = 'logs/1.json.gz'", 2),
        ("UPDATE evidence SET id = zeroblob(32) WHERE source = 'logs/1.json.gz'", 2),
        ("UPDATE answer SET json = replace(json, 'the first', 'no harm') WHERE entry = 3", 3),
        ("UPDATE answer SET command = 'scan' WHERE entry = 3", 3),
        ("UPDATE answer SET json = json || ' ' WHERE entry = 4", 4),
    ] {
        let problems = problems_after(change);
        let named = |problem: &String| {
            problem.starts_with(&format!("entry {entry} (")) && problem.ends_with(" was altered")
        };
        assert!(problems.iter().any(named), "{change}: {problems:?}");
    }
}

#[test]
fn rows_that_are_gone_added_or_moved_are_counted() {
    for (change, problem) in [
        (
            "DELETE FROM evidence WHERE source = 'logs/1.json.gz'",
            "entry 2 wrote 2 rows of evidence and answers, 1 are there",
        ),
        ("DELETE FROM answer WHERE entry = 3", "entry 3 wrote 1 rows of evidence and answers, 0 are there"),
        (
            "INSERT INTO evidence SELECT id, 'planted', size, kind, at, 5 FROM evidence LIMIT 1",
            "entry 5 wrote 0 rows of evidence and answers, 1 are there",
        ),
        (
            "INSERT INTO evidence SELECT id, 'planted', size, kind, at, 77 FROM evidence LIMIT 1",
            "evidence: 1 rows were not written by any entry of the log",
        ),
        (
            "INSERT INTO answer SELECT 77, command, json FROM answer LIMIT 1",
            "answer: 1 rows were not written by any entry of the log",
        ),
    ] {
        let problems = problems_after(change);
        assert!(problems.iter().any(|found| found == problem), "{change}: {problems:?}");
    }
}

#[test]
fn an_alteration_of_any_derived_table_is_found_and_the_table_named() {
    for (table, column) in [
        ("finding", "severity"),
        ("finding", "body"),
        ("link", "to_id"),
        ("node", "id"),
        ("credential", "principal"),
        ("reached", "resource"),
        ("leftover", "resource"),
    ] {
        let one = format!("{table}: 1 rows differ from the answer of entry 4, the first at place 0");
        for change in [
            format!("UPDATE {table} SET {column} = 'harmless' WHERE place = 0"),
            format!("DELETE FROM {table} WHERE place = 0"),
        ] {
            assert_eq!(problems_after(&change), [one.as_str()], "{change}");
        }
        let stray = format!("{table}: it has rows of answer 3, which is not a current one");
        let problems = problems_after(&format!("UPDATE {table} SET answer = 3 WHERE place = 0"));
        assert!(problems.contains(&stray), "{problems:?}");
    }
    let problems = problems_after("UPDATE credential SET tainted = 0 WHERE tainted");
    assert_eq!(problems, ["credential: 1 rows differ from the answer of entry 4, the first at place 1"]);
    let added = "INSERT INTO node VALUES (4, 99, 'resource', 'planted')";
    assert_eq!(
        problems_after(added),
        ["node: 1 rows differ from the answer of entry 4, the first at place 99"]
    );
}

#[test]
fn swapped_entries_are_both_named() {
    let problems = problems_after(
        "UPDATE log SET seq = 99 WHERE seq = 3; UPDATE log SET seq = 3 WHERE seq = 4; UPDATE log SET seq = 4 WHERE seq = 99",
    );
    for problem in [
        "log: entry 3 was altered",
        "log: entry 4 was altered",
        "log: entry 3 does not follow from the entry before it",
        "log: entry 4 does not follow from the entry before it",
    ] {
        assert!(problems.iter().any(|found| found == problem), "{problem}: {problems:?}");
    }
}

#[test]
fn entries_removed_from_the_end_the_middle_or_the_start_are_missed() {
    let cut = problems_after("DELETE FROM log WHERE seq = 5");
    assert_eq!(
        cut,
        ["log: it ends with entry 4, but case.head knows entry 5: the last entries were removed"]
    );
    let middle = problems_after("DELETE FROM log WHERE seq IN (2, 3)");
    assert!(middle.contains(&String::from("log: entries 2 to 3 are missing")), "{middle:?}");
    let start = problems_after("DELETE FROM log WHERE seq = 1");
    assert!(start.contains(&String::from("log: entries 1 to 1 are missing")), "{start:?}");
    let all = problems_after("DELETE FROM log");
    assert!(all.contains(&String::from("the log is empty")), "{all:?}");
}

#[test]
fn a_field_that_cannot_be_read_is_a_problem_and_the_rest_is_still_checked() {
    let problems = problems_after(
        "UPDATE log SET hash = x'00' WHERE seq = 2; UPDATE log SET deed = 'dance' WHERE seq = 3;
         UPDATE log SET at = 'yesterday' WHERE seq = 4; UPDATE leftover SET resource = 'harmless'",
    );
    for start in
        ["log: entry 2 cannot", "log: entry 3 cannot", "log: entry 4 cannot", "leftover: 1 rows differ"]
    {
        assert!(problems.iter().any(|problem| problem.starts_with(start)), "{start}: {problems:?}");
    }
}

#[test]
fn a_cut_log_is_not_written_to_until_it_is_resealed_and_that_is_logged() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    edit(folder.path(), "DELETE FROM log WHERE seq = 5");
    let refused = Case::open_for_writing(folder.path(), author(), at(9)).expect_err("cut");
    assert!(matches!(refused, CaseError::HeadDisagrees { .. }), "{refused}");
    let writer = Case::reseal(folder.path(), author(), at(9)).expect("resealed");
    let last = writer.case().log().expect("log").pop().expect("an entry");
    assert_eq!((last.seq, last.deed), (5, Deed::Resealed));
    assert!(last.detail.starts_with("the log ends with entry 4 ("), "{}", last.detail);
    assert!(writer.case().verify(&[]).expect("checks").is_clean());
}

#[test]
fn a_head_one_entry_behind_is_a_note_and_mended_and_one_further_behind_is_a_problem() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    let log = Case::open(folder.path()).expect("opens").log().expect("log");
    let put_back = |seq: usize| {
        let head = Head { entries: seq as u64, hash: log[seq - 1].hash };
        let text = serde_json::to_string(&head).expect("json");
        fs::write(folder.path().join("case.head"), text).expect("writes");
        Case::open(folder.path()).expect("opens").verify(&[]).expect("checks")
    };
    let verification = put_back(4);
    assert_eq!((verification.problems, verification.notes), (vec![], vec![Note::HeadLags(5)]));
    let verification = put_back(3);
    assert_eq!(verification.problems, [Problem::HeadBehind { found: 5, known: 3 }]);
    assert!(Case::open_for_writing(folder.path(), author(), at(9)).is_err());
    put_back(4);
    let writer = Case::reseal(folder.path(), author(), at(9)).expect("opens");
    assert_eq!(writer.head().entries, 5, "there was nothing to reseal");
    assert_eq!(writer.case().verify(&[]).expect("checks").notes, []);
    drop(writer);
    put_back(4);
    let writer = Case::open_for_writing(folder.path(), author(), at(9)).expect("opens");
    assert_eq!(writer.case().verify(&[]).expect("checks").notes, []);
}

#[test]
fn a_head_that_is_gone_nonsense_or_of_another_chain_is_a_problem() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    let head = folder.path().join("case.head");
    let verify = || Case::open(folder.path()).expect("opens").verify(&[]).expect("checks").problems;
    let zeros = "0".repeat(64);
    for text in ["", "{}", "{\"entries\":-1}", "\u{1b}[2J"] {
        fs::write(&head, text).expect("writes");
        assert!(matches!(verify()[..], [Problem::NoHead(_)]), "{text}");
    }
    for entries in [0, 1, 5] {
        fs::write(&head, format!("{{\"entries\":{entries},\"hash\":\"{zeros}\"}}")).expect("writes");
        assert_eq!(verify(), [Problem::HeadMismatch { seq: entries }]);
    }
    fs::write(&head, format!("{{\"entries\":{},\"hash\":\"{zeros}\"}}", u64::MAX)).expect("writes");
    assert_eq!(verify(), [Problem::Truncated { found: 5, known: u64::MAX }]);
    let refused = Case::open_for_writing(folder.path(), author(), at(9)).expect_err("disagrees");
    assert!(matches!(refused, CaseError::HeadDisagrees { .. }), "{refused}");
    fs::remove_file(&head).expect("removes");
    assert!(matches!(verify()[..], [Problem::NoHead(_)]));
}

#[test]
fn a_head_noted_elsewhere_convicts_a_chain_that_was_rewritten_whole() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    let noted = Case::open(folder.path()).expect("opens").log().expect("log")[3].hash;
    let verification = Case::open(folder.path()).expect("opens").verify(&[noted]).expect("checks");
    assert!(verification.is_clean(), "a head noted earlier is still in the log that grew since");

    let rewritten = TempDir::new().expect("folder");
    let mut writer = Case::create(rewritten.path(), author(), at(0)).expect("a case");
    for _ in 0..4 {
        writer.record_note("nothing happened", at(1)).expect("note");
    }
    let verification = writer.case().verify(&[noted, LogHash::NONE]).expect("checks");
    assert_eq!(
        verification.problems,
        [Problem::NotedHashAbsent(noted), Problem::NotedHashAbsent(LogHash::NONE)]
    );
}

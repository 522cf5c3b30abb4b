use std::fs;

use floodmark_case::{Case, CaseError, Command, Deed, EvidenceId, Node, NodeKind, Severity};
use tempfile::TempDir;

use crate::sample::{answer, at, author, create, evidence, finished};

#[test]
fn what_was_recorded_is_read_back_by_another_opening() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    let case = Case::open(folder.path()).expect("opens");
    assert_eq!(case.answer(Command::Trace).expect("reads"), Some(answer("the second")));
    assert_eq!(case.findings().expect("reads"), answer("").findings);
    assert_eq!(case.links().expect("reads"), answer("").links);
    assert_eq!(case.credentials().expect("reads"), answer("").story.credentials);
    assert_eq!(case.tainted_credentials().expect("reads").len(), 1);
    assert_eq!(case.reached().expect("reads"), answer("").story.reached);
    assert_eq!(case.leftovers().expect("reads"), answer("").story.leftovers);
    assert_eq!(case.nodes().expect("reads").len(), 2);
    let deeds: Vec<Deed> = case.log().expect("log").into_iter().map(|entry| entry.deed).collect();
    assert_eq!(deeds, [Deed::Created, Deed::Evidence, Deed::Answer, Deed::Answer, Deed::Note]);
    let verification = case.verify(&[]).expect("checks");
    assert_eq!(verification.problems, []);
    assert_eq!(verification.notes, []);
    assert_eq!((verification.entries, verification.evidence, verification.answers), (5, 2, 2));
}

#[test]
fn a_later_run_supersedes_an_answer_and_does_not_erase_it() {
    let folder = TempDir::new().expect("folder");
    let mut writer = create(folder.path());
    let first = writer.record_answer(&answer("the first"), at(2)).expect("answer");
    let mut later = answer("the second");
    later.story.leftovers.clear();
    writer.record_answer(&later, at(3)).expect("answer");

    let case = writer.case();
    assert_eq!(case.answer(Command::Trace).expect("reads"), Some(later));
    assert_eq!(case.answer_at(first).expect("reads"), Some(answer("the first")));
    assert_eq!(case.leftovers().expect("reads"), [], "the tables hold the current answer only");
    let current: Vec<bool> =
        case.answers().expect("reads").into_iter().map(|stored| stored.current).collect();
    assert_eq!(current, [false, true]);
}

#[test]
fn the_same_evidence_twice_is_one_exhibit_with_two_sources() {
    let folder = TempDir::new().expect("folder");
    let mut writer = create(folder.path());
    writer.record_evidence(&[evidence("log-1", "b"), evidence("log-1", "a")], at(1)).expect("evidence");
    writer.record_evidence(&[evidence("log-1", "c")], at(2)).expect("evidence");
    let again = writer.record_evidence(&[evidence("log-1", "a"), evidence("log-1", "c")], at(3));
    assert_eq!(again.expect("nothing new"), None);
    let exhibits = writer.case().evidence().expect("reads");
    assert_eq!(exhibits.len(), 1);
    let sources: Vec<&str> = exhibits[0].sources.iter().map(|source| source.source.as_str()).collect();
    assert_eq!(sources, ["a", "b", "c"]);
    assert_eq!(writer.head().entries, 3);
}

#[test]
fn evidence_with_two_sizes_is_refused_and_nothing_of_the_call_is_kept() {
    let folder = TempDir::new().expect("folder");
    let mut writer = create(folder.path());
    let mut wrong = evidence("log-1", "b");
    wrong.size += 1;
    let refused = writer.record_evidence(&[evidence("log-1", "a"), wrong], at(1)).expect_err("contradiction");
    assert!(matches!(refused, CaseError::SizeContradicts { .. }), "{refused}");
    assert_eq!(writer.case().evidence().expect("reads"), []);
    assert_eq!(writer.head().entries, 1);
    writer.record_evidence(&[evidence("log-1", "a")], at(1)).expect("the writer goes on");
    assert!(writer.case().verify(&[]).expect("checks").is_clean());
}

#[test]
fn an_answer_enters_what_it_read_into_the_manifest() {
    let folder = TempDir::new().expect("folder");
    let mut writer = create(folder.path());
    writer.record_answer(&answer("it"), at(2)).expect("answer");
    let exhibits = writer.case().evidence().expect("reads");
    assert_eq!(exhibits[0].id, EvidenceId::of(b"log-1"));
    assert_eq!(exhibits[0].sources[0].source, "logs/1.json.gz");
}

#[test]
fn the_summary_counts_what_is_there() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    let summary = Case::open(folder.path()).expect("opens").summary().expect("sums up");
    assert_eq!((summary.evidence, summary.sources, summary.evidence_bytes), (2, 2, 10));
    assert_eq!(summary.kinds, [(String::from("cloudtrail"), 2)].into());
    assert_eq!(summary.findings, [(Severity::High, 1)].into());
    assert_eq!((summary.links, summary.nodes, summary.tainted_credentials), (1, 2, 1));
    assert_eq!((summary.reached, summary.leftovers, summary.answers.len()), (1, 1, 2));
    assert_eq!(summary.last.expect("an entry").detail, "the key was deactivated");
}

#[test]
fn the_links_of_a_node_are_those_at_either_end() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    let case = Case::open(folder.path()).expect("opens");
    for (kind, id, links) in [
        (NodeKind::Credential, "AKIAIOSFODNN7EXAMPLE", 1),
        (NodeKind::Resource, "arn:aws:s3:::europa-web", 1),
        (NodeKind::Principal, "arn:aws:s3:::europa-web", 0),
    ] {
        assert_eq!(case.links_of(&Node::new(kind, id)).expect("reads").len(), links, "{id}");
    }
}

#[test]
fn names_with_newlines_escapes_and_quotes_come_back_as_they_were() {
    let folder = TempDir::new().expect("folder");
    let inner = folder.path().join("a case?mode=rw#%41 '\n");
    let odd = "logs/\u{1b}[31m\n'; DROP TABLE log; --\u{0}\u{202e}.json";
    let mut by = author();
    by.who = String::from(odd);
    let mut writer = Case::create(&inner, by, at(0)).expect("a case");
    writer.record_evidence(&[evidence("log-1", odd)], at(1)).expect("evidence");
    writer.record_note(odd, at(2)).expect("note");
    drop(writer);
    let case = Case::open(&inner).expect("opens");
    assert_eq!(case.evidence().expect("reads")[0].sources[0].source, odd);
    let log = case.log().expect("log");
    assert_eq!((log[0].who.as_str(), log[2].detail.as_str()), (odd, odd));
    assert_eq!(case.verify(&[]).expect("checks").problems, []);
}

#[test]
fn the_same_recordings_make_the_same_head() {
    let [one, other] = [TempDir::new().expect("folder"), TempDir::new().expect("folder")];
    finished(one.path());
    finished(other.path());
    let head = |folder: &TempDir| Case::open(folder.path()).expect("opens").head().expect("reads");
    assert_eq!(head(&one), head(&other));
}

#[test]
fn a_case_is_made_in_no_folder_that_holds_something_else() {
    let folder = TempDir::new().expect("folder");
    fs::write(folder.path().join("thesis.tex"), "x").expect("writes");
    let refused = Case::create(folder.path(), author(), at(0)).expect_err("not empty");
    assert!(refused.to_string().ends_with("not empty and no case (it holds `thesis.tex`)"), "{refused}");
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1, "nothing was left there");
}

#[test]
fn a_case_is_not_made_over_another_and_not_over_the_remains_of_one() {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    assert!(matches!(Case::create(folder.path(), author(), at(9)), Err(CaseError::AlreadyACase(_))));
    fs::remove_file(folder.path().join("case.db")).expect("removes");
    assert!(matches!(Case::open_or_create(folder.path(), author(), at(9)), Err(CaseError::NotEmpty { .. })));
}

#[test]
fn a_folder_without_a_case_is_told_from_one_that_is_not_there() {
    let folder = TempDir::new().expect("folder");
    assert!(matches!(Case::open(folder.path()), Err(CaseError::NoCase(_))));
    assert!(matches!(Case::open(&folder.path().join("gone")), Err(CaseError::Missing(_))));
    fs::write(folder.path().join("case.db"), "").expect("writes");
    assert!(matches!(Case::open(folder.path()), Err(CaseError::Unfinished(_))));
    drop(Case::open_or_create(folder.path(), author(), at(0)).expect("finishes it"));
    assert!(Case::open(folder.path()).expect("opens").verify(&[]).expect("checks").is_clean());
}

#[test]
fn altered_and_missing_evidence_is_named_and_what_is_no_file_is_listed() {
    let folder = TempDir::new().expect("folder");
    let root = TempDir::new().expect("evidence");
    let mut writer = create(folder.path());
    let pieces = [
        evidence("intact", "intact"),
        evidence("altered", "altered"),
        evidence("longer", "longer"),
        evidence("missing", "missing"),
        evidence("folder", "folder"),
        evidence("stdin", "-"),
        evidence("object", "s3://bucket/key"),
    ];
    writer.record_evidence(&pieces, at(1)).expect("evidence");
    for (name, content) in [("intact", "intact"), ("altered", "alterex"), ("longer", "longer still")] {
        fs::write(root.path().join(name), content).expect("writes");
    }
    fs::create_dir(root.path().join("folder")).expect("makes");
    let custody = writer.case().verify_evidence(root.path()).expect("checks");
    assert_eq!((custody.intact, custody.not_files.len()), (1, 2));
    let mut said: Vec<String> = custody.problems.iter().map(ToString::to_string).collect();
    said.sort();
    let starts =
        ["altered: altered, it was", "folder: cannot be read", "longer: altered", "missing: missing"];
    assert_eq!(said.len(), starts.len(), "{said:?}");
    for (line, start) in said.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
}

//! The rehearsal, traced and scored: everything that fell is found, and two innocent weeks are quiet.

use std::num::NonZero;
use std::path::Path;

use floodmark_case::{Answer, Severity};
use floodmark_rehearse::{Intrusion, Plan, Rate, Truth, score, write};
use floodmark_trace::sigma::Placeholders;
use floodmark_trace::{From, Progress, Request, trace};

fn traced(folder: &Path, from: Vec<From>, builtin_rules: bool) -> Answer {
    trace(&Request {
        paths: vec![folder.to_owned()],
        at_hand: Vec::new(),
        from,
        since: None,
        rules: Vec::new(),
        placeholders: Placeholders::new(),
        builtin_rules,
        public_keys: None,
        threads: NonZero::new(2).expect("two"),
        progress: Progress::default(),
    })
}

#[test]
fn at_several_seeds_and_sizes_all_that_fell_and_all_that_was_left_is_found() {
    for (events, seed) in [(1_500, 1), (1_500, 2), (6_000, 3), (20_000, 4)] {
        let folder = tempfile::tempdir().expect("a folder");
        write(Plan { events, seed, intrusion: Intrusion::Woven }, folder.path()).expect("written");
        let truth = Truth::load(folder.path().join("truth.json")).expect("the truth");
        let given = truth.start.iter().map(|start| start.id.parse().expect("a key")).collect();
        for from in [Vec::new(), given] {
            let answer = traced(folder.path(), from, true);
            let score = score(&answer, &truth);
            let whole = |rate: Rate| rate == Rate::WHOLE;
            let wrong = format!("{events} events, seed {seed}: {score:?}");
            assert!(whole(score.credentials.recall) && whole(score.credentials.precision), "{wrong}");
            assert!(whole(score.leftovers.recall) && whole(score.leftovers.precision), "{wrong}");
            assert!(whole(score.reached.recall) && whole(score.reached.precision), "{wrong}");
            assert!(whole(score.parents) && score.volume.error == Rate(0), "{wrong}");
        }
    }
}

#[test]
fn without_known_tools_and_addresses_the_credential_is_still_found_by_its_departure_from_its_past() {
    let folder = tempfile::tempdir().expect("a folder");
    write(Plan { events: 20_000, seed: 6, intrusion: Intrusion::Woven }, folder.path()).expect("written");
    let truth = Truth::load(folder.path().join("truth.json")).expect("the truth");
    let answer = traced(folder.path(), Vec::new(), false);
    let score = score(&answer, &truth);
    assert_eq!(score.credentials.recall, Rate::WHOLE, "{score:?}");
}

#[test]
fn two_innocent_weeks_are_quiet() {
    for (events, seed) in [(1_500, 1), (20_000, 5)] {
        let folder = tempfile::tempdir().expect("a folder");
        write(Plan { events, seed, intrusion: Intrusion::Absent }, folder.path()).expect("written");
        let answer = traced(folder.path(), Vec::new(), true);
        let loud: Vec<_> =
            answer.findings.iter().filter(|finding| finding.severity >= Severity::Medium).collect();
        assert!(loud.is_empty(), "{loud:?}");
        assert!(answer.story.credentials.iter().all(|credential| !credential.tainted));
    }
}

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::time::Duration;

use floodmark_case::{Case, CaseError, Note};
use tempfile::TempDir;

use crate::sample::{answer, at, author, evidence};

const CHILD: &str = "FLOODMARK_TEST_KILLED_WRITER";
const ROUNDS: u64 = 60;

/// The child makes or opens the case and writes until it is killed; it says `ack N` once entry N was acknowledged.
#[test]
fn a_writer_killed_at_any_moment_leaves_a_case_that_opens_with_all_that_was_acknowledged() {
    if let Some(folder) = std::env::var_os(CHILD) {
        write_for_ever(Path::new(&folder));
    }
    let parent = TempDir::new().expect("folder");
    let mut random = 0x5eed_u64;
    let (mut acknowledged, mut lags, mut unborn) = (0, 0, 0);
    let mut born = BTreeSet::new();
    for round in 0..ROUNDS {
        // Every tenth round a new case, so that the making of one is interrupted too.
        let folder = parent.path().join(format!("case {}", round / 10));
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let patience = Duration::from_micros((random >> 33) % 40_000);
        let acks = run_and_kill(&folder, patience);
        acknowledged += acks.len();

        let case = match Case::open(&folder) {
            Ok(case) => case,
            Err(CaseError::Missing(_) | CaseError::NoCase(_) | CaseError::Unfinished(_)) => {
                assert_eq!((acks.len(), born.get(&folder)), (0, None), "round {round}: a case is lost");
                unborn += 1;
                continue;
            }
            Err(error) => panic!("round {round}: {error}"),
        };
        born.insert(folder.clone());
        let verification = case.verify(&[]).expect("checks");
        assert_eq!(verification.problems, [], "round {round}");
        lags += verification.notes.iter().filter(|note| matches!(note, Note::HeadLags(_))).count();
        let there: BTreeSet<u64> = case.log().expect("log").iter().map(|entry| entry.seq).collect();
        assert!(acks.is_subset(&there), "round {round}: {acks:?} acknowledged, {there:?} there");
        drop(case);

        let writer = Case::open_or_create(&folder, author(), at(0)).expect("opens for writing");
        let verification = writer.case().verify(&[]).expect("checks");
        assert_eq!((verification.problems, verification.notes), (vec![], vec![]), "round {round}");
    }
    println!(
        "{ROUNDS} kills, {acknowledged} acknowledged entries, {lags} lagging heads, {unborn} unborn cases"
    );
    assert!(acknowledged > 0, "no round got as far as writing anything");
}

fn run_and_kill(folder: &Path, patience: Duration) -> BTreeSet<u64> {
    let mut child = Process::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "--nocapture"])
        .arg("kill::a_writer_killed_at_any_moment_leaves_a_case_that_opens_with_all_that_was_acknowledged")
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let started = lines.by_ref().map_while(Result::ok).any(|line| line.ends_with("started"));
    assert!(started, "the child came as far as its work");
    std::thread::sleep(patience);
    kill(&mut child);
    // What it had said before it died.
    lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("ack ")?.parse().ok()).collect()
}

fn kill(child: &mut Child) {
    child.kill().expect("SIGKILL");
    let status = child.wait().expect("ends");
    assert_eq!(status.code(), None, "it was killed, it did not end by itself");
}

fn write_for_ever(folder: &Path) -> ! {
    let say = |line: &str| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).expect("says");
    };
    say("started");
    let mut writer = Case::open_or_create(folder, author(), at(0)).expect("opens");
    say(&format!("ack {}", writer.head().entries));
    let id = OsStr::to_string_lossy(folder.as_os_str()).into_owned();
    for round in 0.. {
        let name = format!("{id} {} {round}", writer.head().entries);
        let entry = match round % 3 {
            0 => writer.record_evidence(&[evidence(&name, "a"), evidence(&name, "b")], at(round)),
            1 => writer.record_answer(&answer(&name), at(round)).map(Some),
            _ => writer.record_note(&name, at(round)).map(Some),
        };
        say(&format!("ack {}", entry.expect("writes").expect("new")));
    }
    unreachable!("killed before the numbers end")
}

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command as Process;

use floodmark_case::{Case, CaseError};
use tempfile::TempDir;

use crate::sample::{at, author, create, evidence, finished};

const CHILD: &str = "FLOODMARK_TEST_READ_ONLY_CASE";
const NOBODY: u32 = 65_534;

/// Root may write everywhere, so that the reading is done by a child that is nobody.
#[test]
fn a_case_in_a_folder_that_cannot_be_written_is_read_and_verified() {
    if let Some(folder) = std::env::var_os(CHILD) {
        read_and_fail_to_write(Path::new(&folder));
        return;
    }
    let parent = TempDir::new().expect("folder");
    let rested = parent.path().join("rested");
    finished(&rested);

    // As a writer leaves it that was killed: with a write-ahead log that holds a commit.
    let live = parent.path().join("live");
    let mut writer = create(&live);
    writer.record_evidence(&[evidence("log-1", "a")], at(1)).expect("evidence");
    let killed = parent.path().join("killed");
    fs::create_dir(&killed).expect("makes");
    for name in ["case.db", "case.db-wal", "case.db-shm", "case.head", "case.lock"] {
        fs::copy(live.join(name), killed.join(name)).expect("copies");
    }
    for folder in [&rested, &killed] {
        for entry in fs::read_dir(folder).expect("lists") {
            fs::set_permissions(entry.expect("entry").path(), Permissions::from_mode(0o444)).expect("mode");
        }
        fs::set_permissions(folder, Permissions::from_mode(0o555)).expect("mode");
    }
    fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).expect("mode");

    let exe = parent.path().join("this-test");
    // By another process: a program that is still open for writing, here or in a fork, cannot be run.
    let this = std::env::current_exe().expect("this test");
    assert!(Process::new("cp").arg(this).arg(&exe).status().expect("runs").success());
    fs::set_permissions(&exe, Permissions::from_mode(0o755)).expect("mode");
    for folder in [&rested, &killed] {
        let name = "permissions::a_case_in_a_folder_that_cannot_be_written_is_read_and_verified";
        let mut child = Process::new(&exe);
        child.args(["--exact", name]).env(CHILD, folder);
        if rustix::process::geteuid().is_root() {
            child.uid(NOBODY).gid(NOBODY);
        }
        let output = child.output().expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("mode");
    }
}

fn read_and_fail_to_write(folder: &Path) {
    assert!(fs::write(folder.join("probe"), "x").is_err(), "the folder cannot be written");
    let case = Case::open(folder).expect("opens");
    let verification = case.verify(&[]).expect("checks");
    assert_eq!(verification.problems, []);
    assert!(verification.evidence > 0, "the last commit is seen");
    let refused = Case::open_for_writing(folder, author(), at(9)).expect_err("cannot write");
    assert!(matches!(refused, CaseError::Io { .. }), "{refused}");
}

#[test]
fn a_case_is_for_its_owner_only() {
    let parent = TempDir::new().expect("folder");
    let folder = parent.path().join("case");
    let _writer = create(&folder);
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o077;
    assert_eq!(mode(&folder), 0);
    for entry in fs::read_dir(&folder).expect("lists") {
        let path = entry.expect("entry").path();
        assert_eq!(mode(&path), 0, "{}", path.display());
    }
}

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use floodmark_case::{Case, CaseError, Command};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::sample::{at, author, finished};

fn a_finished_case() -> TempDir {
    let folder = TempDir::new().expect("folder");
    finished(folder.path());
    folder
}

/// Opens, reads everything and verifies; nothing of it may panic. Whether all was well.
fn go_through(folder: &Path) -> Result<bool, CaseError> {
    let case = Case::open(folder)?;
    let verification = case.verify(&[])?;
    case.summary()?;
    case.log()?;
    case.evidence()?;
    case.answer(Command::Trace)?;
    case.findings()?;
    case.links()?;
    case.nodes()?;
    case.credentials()?;
    Ok(verification.is_clean())
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

#[test]
fn a_damaged_database_is_an_error_or_a_problem_and_never_a_panic() {
    let folder = a_finished_case();
    let path = folder.path().join("case.db");
    let whole = fs::read(&path).expect("reads");
    assert!(go_through(folder.path()).expect("whole"));
    let mut random = Random(0xda_3a9e);
    for round in 0..300 {
        let mut bytes = whole.clone();
        match round % 3 {
            0 => bytes.truncate(random.below(whole.len())),
            1 => {
                for _ in 0..=random.below(20) {
                    let place = random.below(bytes.len());
                    bytes[place] = u8::try_from(random.below(256)).expect("a byte");
                }
            }
            _ => {
                let from = random.below(bytes.len());
                let to = bytes.len().min(from + random.below(8192));
                bytes[from..to].fill_with(|| u8::try_from(random.below(256)).expect("a byte"));
            }
        }
        fs::write(&path, &bytes).expect("writes");
        let _ = go_through(folder.path());
        let _ = Case::open_for_writing(folder.path(), author(), at(9));
        for companion in ["case.db-wal", "case.db-shm"] {
            let _ = fs::remove_file(folder.path().join(companion));
        }
    }
}

#[test]
fn bytes_that_are_no_database_are_called_damaged() {
    for bytes in [vec![b'x'; 4096], b"SQLite format 3\0".to_vec(), vec![0; 100_000]] {
        let folder = TempDir::new().expect("folder");
        fs::write(folder.path().join("case.db"), &bytes).expect("writes");
        let error = Case::open(folder.path()).expect_err("no database");
        assert!(matches!(error, CaseError::Damaged { .. }), "{error}");
        let error = Case::open_or_create(folder.path(), author(), at(0)).expect_err("no database");
        assert!(matches!(error, CaseError::Damaged { .. }), "{error}");
        assert_eq!(fs::read(folder.path().join("case.db")).expect("reads"), bytes, "it was left as it was");
    }
}

#[test]
fn nonsense_beside_the_database_is_no_panic() {
    let folder = a_finished_case();
    let mut random = Random(7);
    for name in ["case.db-wal", "case.db-shm", "case.head", "case.lock", "case.db-journal"] {
        let bytes: Vec<u8> = (0..70_000).map(|_| u8::try_from(random.below(256)).expect("a byte")).collect();
        fs::write(folder.path().join(name), bytes).expect("writes");
        let _ = go_through(folder.path());
    }
}

#[test]
fn a_database_of_another_program_is_refused_and_not_touched() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("case.db");
    Connection::open(&path).expect("opens").execute_batch("CREATE TABLE bookmarks (x)").expect("a table");
    let before = fs::read(&path).expect("reads");
    for refused in [
        Case::open(folder.path()).map(|_| ()),
        Case::open_for_writing(folder.path(), author(), at(0)).map(|_| ()),
        Case::create(folder.path(), author(), at(0)).map(|_| ()),
    ] {
        assert!(matches!(refused, Err(CaseError::Foreign(_))), "{refused:?}");
    }
    assert_eq!(fs::read(&path).expect("reads"), before);
}

#[test]
fn a_trigger_a_view_or_a_changed_table_is_refused_by_name() {
    for (planted, name) in [
        (
            "CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM evidence; END",
            "trigger `t` is not of a case",
        ),
        ("DROP TABLE node; CREATE VIEW node AS SELECT 1 AS answer", "view `node` is not of a case"),
        ("CREATE TABLE extra (x)", "table `extra` is not of a case"),
        ("DROP TABLE leftover", "table `leftover` is missing"),
        ("ALTER TABLE link ADD COLUMN y TEXT DEFAULT 'x'", "table `link` is not of a case"),
        ("CREATE TABLE \"\u{1b}[2J\" (x)", "table `\\u{1b}[2J` is not of a case"),
    ] {
        let folder = a_finished_case();
        let database = Connection::open(folder.path().join("case.db")).expect("opens");
        database.execute_batch(planted).expect(planted);
        drop(database);
        for refused in [
            Case::open(folder.path()).map(|_| ()),
            Case::open_for_writing(folder.path(), author(), at(9)).map(|_| ()),
        ] {
            let said = refused.expect_err(planted).to_string();
            assert!(said.ends_with(name), "{said}");
        }
    }
}

#[test]
fn a_case_of_a_newer_program_says_so() {
    let folder = a_finished_case();
    let database = Connection::open(folder.path().join("case.db")).expect("opens");
    database.pragma_update(None, "user_version", 99).expect("sets");
    drop(database);
    let refused = Case::open(folder.path()).expect_err("newer");
    assert!(refused.to_string().ends_with("has format 99, this program knows up to 2"), "{refused}");
}

#[test]
fn links_and_pipes_in_the_place_of_the_files_are_not_followed() {
    let elsewhere = TempDir::new().expect("folder");
    let target = elsewhere.path().join("target");
    fs::write(&target, "precious").expect("writes");

    let folder = TempDir::new().expect("folder");
    symlink(&target, folder.path().join("case.db")).expect("links");
    assert!(matches!(Case::open(folder.path()), Err(CaseError::NoCase(_))));
    assert!(Case::open_or_create(folder.path(), author(), at(0)).is_err());

    let folder = a_finished_case();
    for name in ["case.lock", "case.head"] {
        let path = folder.path().join(name);
        fs::remove_file(&path).expect("removes");
        symlink(&target, &path).expect("links");
        assert!(Case::open_for_writing(folder.path(), author(), at(0)).is_err(), "{name}");
        fs::remove_file(&path).expect("removes");
    }
    assert_eq!(fs::read_to_string(&target).expect("reads"), "precious");

    let pipe = folder.path().join("case.head");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).expect("a pipe");
    let verification = Case::open(folder.path()).expect("opens").verify(&[]).expect("does not wait");
    assert_eq!(verification.problems.len(), 1, "{:?}", verification.problems);
}

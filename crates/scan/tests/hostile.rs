//! Targets that want to do harm: what is wrong is told, and the rest is read.

mod scanned;

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use floodmark_case::Answer;
use scanned::scanned;

fn write(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
    fs::write(path, text).expect("a file");
}

const GOOD: &str = "[[package]]\nname = \"good\"\nversion = \"1.0.0\"\n";

fn names(answer: &Answer) -> Vec<&str> {
    answer.inventory.components.iter().map(|one| one.name.as_str()).collect()
}

fn whys(answer: &Answer, path: &str) -> Vec<String> {
    let unread = answer.coverage.unread.iter().filter(|one| one.path.starts_with(path));
    unread.map(|one| one.why.clone()).collect()
}

#[test]
fn a_lock_file_of_500_mb_is_told_and_the_rest_is_read() {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "good/Cargo.lock", GOOD);
    for name in ["a/Cargo.lock", "b/package-lock.json", "c/requirements.txt"] {
        write(root.path(), name, "");
        let file = File::options().write(true).open(root.path().join(name)).expect("opens");
        file.set_len(500 << 20).expect("a file with a hole");
        let answer = scanned(root.path());
        let told = whys(&answer, name);
        assert!(told.len() == 1 && told[0].contains("is larger than what is read"), "{name}: {told:?}");
        assert_eq!(names(&answer), ["good"]);
        fs::remove_file(root.path().join(name)).expect("removes");
    }
}

#[test]
fn entries_without_number_are_bounded_and_problems_are_counted() {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "requirements.txt", "=\n".repeat(100_000));
    let answer = scanned(root.path());
    let told = whys(&answer, "requirements.txt");
    assert!(told.len() < 100, "{}", told.len());
    assert!(told.iter().any(|why| why.contains("more of its entries could not be read")), "{told:?}");
}

#[test]
fn links_to_folders_are_no_way_around_and_none_leads_out() {
    let outside = tempfile::tempdir().expect("a folder");
    write(outside.path(), "Cargo.lock", GOOD.replace("good", "secret"));
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "a/Cargo.lock", GOOD);
    let link = |to: &Path, name: &str| symlink(to, root.path().join(name)).expect("a link");
    link(outside.path(), "a/outside");
    link(root.path(), "a/around");
    link(Path::new("."), "a/self");
    link(&outside.path().join("Cargo.lock"), "uv.lock");
    link(&Path::new("a/outside").join("Cargo.lock"), "poetry.lock");
    let answer = scanned(root.path());
    assert_eq!(names(&answer), ["good"]);
    assert!(answer.is_incomplete());
    assert_eq!(whys(&answer, "uv.lock").len() + whys(&answer, "poetry.lock").len(), 2);
}

#[test]
fn a_folder_that_may_not_be_read_is_told() {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "closed/Cargo.lock", GOOD);
    write(root.path(), "open/Cargo.lock", GOOD);
    let closed = root.path().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).expect("closes");
    let may_read_all = fs::read_dir(&closed).is_ok();
    let answer = scanned(root.path());
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("opens");
    if may_read_all {
        eprintln!("SKIPPED: a folder that may not be read; this user may read everything");
        return;
    }
    assert!(whys(&answer, "closed")[0].contains("ermission"), "{answer:?}");
    assert_eq!(names(&answer), ["good"]);
}

#[test]
fn names_that_are_no_text_are_read_and_names_that_act_are_harmless() {
    use std::os::unix::ffi::OsStrExt;
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("Cargo.lock"), GOOD).expect("a file");
    let escape = GOOD.replace("good", "\\u001b]0;owned\\u0007").replace("1.0.0", "../../etc");
    write(root.path(), "x\x1b[2J/Cargo.lock", escape);
    let answer = scanned(root.path());
    assert_eq!(answer.inventory.components.len(), 2);
    let purl = &answer.inventory.components.iter().find(|one| one.name != "good").expect("it is there").purl;
    assert!(purl.bytes().all(|byte| byte.is_ascii_graphic()), "{purl:?}");
}

#[test]
fn files_that_no_format_claims_are_not_spoken_of() {
    let root = tempfile::tempdir().expect("a folder");
    for folder in 0..20 {
        let folder = root.path().join(format!("folder-{folder}"));
        fs::create_dir(&folder).expect("a folder");
        (0..500).for_each(|file| drop(File::create(folder.join(format!("{file}.txt"))).expect("a file")));
    }
    write(root.path(), "folder-19/Cargo.lock", GOOD);
    let answer = scanned(root.path());
    assert_eq!((names(&answer), answer.coverage.read.len()), (vec!["good"], 1));
    assert!(answer.coverage.unread.is_empty(), "what no format claims is not spoken of");
}

#[test]
fn nothing_to_read_is_no_clean_answer() {
    let root = tempfile::tempdir().expect("a folder");
    let answer = scanned(root.path());
    assert!(answer.coverage.read.is_empty());
    assert!(answer.verdict.starts_with("Nothing was read"), "{}", answer.verdict);
    assert!(!answer.verdict.contains("known"), "nothing asked is not nothing known: {}", answer.verdict);
}

//! Repositories that are damaged, incomplete or made to mislead.

mod made;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use floodmark_git::{ObjectError, ObjectId, OpenError, Repository, RevisionError};

use made::{Made, git, lines};

fn two_commits() -> Option<(Made, String)> {
    let made = Made::new(&[])?;
    made.write("a", "one");
    made.commit("first");
    made.write("a", "two");
    let id = made.commit("second");
    Some((made, id))
}

fn notes(repository: &Repository) -> Vec<String> {
    let told = |note: &floodmark_git::Note| {
        let name = note.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("{name} {}{}", note.why, if note.is_broken { " (broken)" } else { "" })
    };
    repository.notes().iter().map(told).collect()
}

fn id(hex: &str) -> ObjectId {
    ObjectId::from_hex(hex.as_bytes()).expect("an id")
}

#[test]
fn a_name_that_there_is_not_is_told_with_those_that_are_near() {
    let Some((made, _)) = two_commits() else { return };
    made.git(["tag", "v1.2.0"]);
    made.git(["branch", "feature/login"]);
    made.git(["pack-refs", "--all"]);
    let repository = made.open();
    let error = |asked: &str| repository.commit(asked).expect_err(asked).to_string();
    assert_eq!(error("v1.2"), "`v1.2` is no commit, tag or branch of this repository; near to it are v1.2.0");
    assert!(error("Feature/Login").ends_with("near to it are feature/login"));
    assert_eq!(error("zzzzzzzz"), "`zzzzzzzz` is no commit, tag or branch of this repository");
    assert!(error(&"1".repeat(40)).contains("is no commit"));
    assert!(error("HEAD~5").contains("leads beyond"));
    assert!(error("HEAD^2").contains("has 1 parents"));
    assert!(error("HEAD^{tree}").contains("asks for something that is no commit"));
    assert!(error("../../HEAD").contains("is a range"));
}

#[test]
fn a_name_of_several_commits_is_told_with_all_of_them() {
    let Some((made, second)) = two_commits() else { return };
    made.git(["tag", "same", "HEAD~1"]);
    made.git(["branch", "same", "HEAD"]);
    made.git(["tag", "twice", "HEAD"]);
    made.git(["branch", "twice", "HEAD"]);
    let repository = made.open();
    assert_eq!(repository.commit("twice").expect("one commit").id.to_string(), second);
    let error = repository.commit("same").expect_err("two commits").to_string();
    assert!(error.contains("refs/heads/same") && error.contains("refs/tags/same"), "{error}");
    assert!(repository.commit("tags/same").is_ok());
    // Commits until two ids begin alike, which is soon with four digits.
    for number in 0..600 {
        made.object(
            "commit",
            format!("tree {}\ncommitter a <a> {number} +0000\n\n", made.git(["rev-parse", "HEAD^{tree}"]))
                .as_bytes(),
        );
        if number % 100 == 99 {
            let all = git(
                made.path(),
                ["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"],
            );
            let commits: Vec<&str> =
                all.lines().filter(|line| line.ends_with("commit")).map(|line| &line[..40]).collect();
            let Some(pair) = commits.windows(2).find(|pair| pair[0][..4] == pair[1][..4]) else { continue };
            let error = made.open().commit(&pair[0][..4]).expect_err("two commits");
            assert!(
                matches!(&error, RevisionError::Ambiguous { candidates, .. } if candidates.len() >= 2),
                "{error}"
            );
            return;
        }
    }
    panic!("no two ids of 600 begin alike");
}

#[test]
fn a_tree_or_a_blob_is_no_commit() {
    let Some((made, _)) = two_commits() else { return };
    let tree = made.git(["rev-parse", "HEAD^{tree}"]);
    made.git(["tag", "of-tree", &tree]);
    for asked in [tree.as_str(), "of-tree"] {
        let error = made.open().commit(asked).expect_err("a tree").to_string();
        assert!(error.contains(&format!("is the tree {tree}; expected a commit")), "{error}");
    }
}

#[test]
fn the_end_of_a_shallow_clone_is_told_and_what_is_there_is_found() {
    let Some((made, second)) = two_commits() else { return };
    let beside = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", made.path().display());
    git(beside.path(), ["clone", "-q", "--depth=1", &url, "shallow"]);
    let repository = Repository::open(&beside.path().join("shallow"), &[]).expect("a repository");
    assert_eq!(notes(&repository), ["shallow ends the history at 1 commits: this is a shallow clone"]);
    assert_eq!(repository.commit("HEAD").expect("a commit").id.to_string(), second);
    let error = |asked: &str| repository.commit(asked).expect_err("not there").to_string();
    assert!(error("HEAD~1").ends_with("is where this shallow clone ends"));
    assert!(error("v9").ends_with("this is a shallow clone, and does not have all of its history"));
}

#[test]
fn an_object_that_a_partial_clone_did_not_fetch_is_missing_and_the_clone_is_told() {
    let Some((made, _)) = two_commits() else { return };
    made.git(["config", "uploadpack.allowFilter", "true"]);
    let beside = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", made.path().display());
    git(beside.path(), ["clone", "-q", "--bare", "--filter=blob:none", &url, "partial"]);
    let repository = Repository::open(&beside.path().join("partial"), &[]).expect("a repository");
    assert!(notes(&repository)[0].contains("partial clone"));
    assert!(repository.commit("HEAD~1").is_ok());
    let blob = id(&made.git(["rev-parse", "HEAD:a"]));
    let error = repository.reader().blob(&blob, 10).expect_err("not fetched").to_string();
    assert_eq!(
        error,
        format!("the object {blob} is missing: this is a partial clone, and not all was fetched")
    );
}

#[test]
fn alternates_are_followed_inside_of_the_target_and_told_outside_of_it() {
    let Some((made, second)) = two_commits() else { return };
    made.git(["clone", "-q", "--bare", "--shared", ".", "borrower.git"]);
    let borrower = made.path().join("borrower.git");
    let outside = Repository::open(&borrower, &[]).expect("a repository");
    assert!(notes(&outside)[0].starts_with("alternates borrows objects from "), "{:?}", notes(&outside));
    let error = outside.commit("HEAD").expect_err("elsewhere").to_string();
    assert!(error.ends_with("its alternates lie outside of the target, and are not read"), "{error}");
    let inside = Repository::open(&borrower, &[made.path().to_owned()]).expect("a repository");
    assert_eq!(inside.commit("HEAD").expect("a commit").id.to_string(), second);
    assert_eq!(notes(&inside), Vec::<String>::new());
    // In a circle.
    fs::write(made.path().join(".git/objects/info/alternates"), "../../borrower.git/objects\n./\n")
        .expect("a file");
    assert!(
        Repository::open(&borrower, &[made.path().to_owned()])
            .is_ok_and(|inside| inside.commit("HEAD").is_ok())
    );
}

#[test]
fn replacements_and_grafts_are_told_and_not_applied() {
    let Some((made, second)) = two_commits() else { return };
    let other = made.object(
        "commit",
        format!("tree {}\ncommitter a <a> 7 +0000\n\n", made.git(["rev-parse", "HEAD^{tree}"])).as_bytes(),
    );
    made.git(["replace", &second, &other]);
    fs::write(made.path().join(".git/info/grafts"), format!("{second}\n")).expect("a file");
    let repository = made.open();
    let told = notes(&repository);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(repository.commit("HEAD").expect("a commit").committed, Some(1_773_921_600));
    assert!(repository.commit("HEAD~1").is_ok());
    made.git(["pack-refs", "--all"]);
    assert_eq!(notes(&made.open()), told);
}

#[test]
fn a_reftable_is_told_and_commits_are_found_by_their_ids() {
    let Some((made, second)) = two_commits() else { return };
    made.git(["config", "core.repositoryformatversion", "1"]);
    fs::OpenOptions::new()
        .append(true)
        .open(made.path().join(".git/config"))
        .and_then(|mut file| std::io::Write::write_all(&mut file, b"[extensions]\n\trefStorage = reftable\n"))
        .expect("written");
    let repository = made.open();
    assert!(notes(&repository)[0].contains("format that is not read"));
    assert!(repository.commit("main").expect_err("no names").to_string().contains("name a commit by its id"));
    assert_eq!(repository.commit(&second[..10]).expect("a commit").id.to_string(), second);
}

#[test]
fn a_format_that_is_not_known_is_refused() {
    for (version, extension) in [("7", ""), ("x", ""), ("1", "objectFormat = md5"), ("1", "newThing = true")]
    {
        let Some((made, _)) = two_commits() else { return };
        let config = format!("[core]\nrepositoryformatversion = {version}\n[extensions]\n{extension}\n");
        fs::write(made.path().join(".git/config"), config).expect("a file");
        assert!(
            matches!(Repository::open(made.path(), &[]), Err(OpenError::Format { .. })),
            "{version} {extension}"
        );
    }
    let nothing = tempfile::tempdir().expect("a folder");
    assert!(matches!(Repository::open(nothing.path(), &[]), Err(OpenError::None { .. })));
}

/// Every file of a repository.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Reads all that there is.
fn read_everything(made: &Made, ids: &[ObjectId]) -> Vec<Result<usize, ObjectError>> {
    let Ok(repository) = Repository::open(made.path(), &[]) else { return Vec::new() };
    for asked in ["HEAD", "HEAD~1", "main", "v1", "0000", "xyz"] {
        let _ = repository.commit(asked);
    }
    let mut reader = repository.reader();
    ids.iter()
        .map(|id| {
            let _ = reader.beginning(id, 8, 1 << 20);
            reader.object(id, 1 << 20).map(|object| object.bytes.len())
        })
        .collect()
}

#[test]
fn a_repository_with_any_file_cut_or_changed_is_read_as_far_as_it_goes_and_never_gives_other_bytes() {
    for packed in [false, true] {
        let Some((made, _)) = two_commits() else { return };
        let text = lines(500);
        for number in 0..3 {
            made.write("b", format!("{text}{number}"));
            made.commit("more");
        }
        made.git(["tag", "-a", "-m", "x", "v1"]);
        if packed {
            made.git(["gc", "-q", "--aggressive"]);
        }
        let all = git(
            made.path(),
            ["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objectsize)"],
        );
        let (ids, sizes): (Vec<ObjectId>, Vec<usize>) = all
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(hex, size)| (id(hex), size.parse::<usize>().expect("a size")))
            .unzip();
        let mut paths = Vec::new();
        files(&made.path().join(".git"), &mut paths);
        paths.retain(|path| {
            !path.components().any(|part| part.as_os_str() == "hooks" || part.as_os_str() == "logs")
        });
        for path in paths {
            let whole = fs::read(&path).expect("a file");
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644))
                .expect("writable");
            let step = (whole.len() / 12).max(1);
            for at in (0..whole.len()).step_by(step) {
                let mut changed = whole.clone();
                changed[at] ^= 0x5a;
                for bytes in [&whole[..at], &changed] {
                    // Anew each time: what is mapped must not be cut short.
                    fs::remove_file(&path).expect("removed");
                    fs::write(&path, bytes).expect("a file");
                    for (read, size) in read_everything(&made, &ids).into_iter().zip(&sizes) {
                        assert!(read.is_err() || read == Ok(*size), "{} at {at}", path.display());
                    }
                }
            }
            fs::remove_file(&path).expect("removed");
            fs::write(&path, &whole).expect("a file");
        }
        assert!(read_everything(&made, &ids).iter().all(Result::is_ok));
    }
}

#[test]
fn what_is_no_file_or_leads_out_of_the_target_is_never_opened() {
    let Some((made, _)) = two_commits() else { return };
    let blob = id(&made.git(["rev-parse", "HEAD:a"]));
    let hex = blob.to_string();
    let path = made.path().join(".git/objects").join(&hex[..2]).join(&hex[2..]);
    fs::remove_file(&path).expect("removed");
    let made_pipe = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo");
    assert!(made_pipe.success());
    assert!(matches!(made.open().reader().object(&blob, 9), Err(ObjectError::Missing { .. })));
    fs::remove_file(&path).expect("removed");
    symlink("/etc/hostname", &path).expect("a link");
    let error = made.open().reader().object(&blob, 9).expect_err("outside").to_string();
    assert!(error.contains("lies outside of the target"), "{error}");
    fs::write(made.path().join(".git/HEAD"), "ref: ../../../etc/passwd\n").expect("a file");
    assert!(made.open().commit("HEAD").is_err());
    fs::write(made.path().join(".git/HEAD"), "ref: HEAD\n").expect("a file");
    assert!(made.open().commit("HEAD").is_err());
}

#[test]
fn an_object_that_says_to_be_vast_is_told_by_its_size() {
    let Some((made, _)) = two_commits() else { return };
    let blob = id(&made.object("blob", &vec![0; 3 << 20]));
    for packed in [false, true] {
        if packed {
            made.git(["tag", "keep", &blob.to_string()]);
            made.git(["gc", "-q"]);
        }
        let error = made.open().reader().blob(&blob, 1 << 20).expect_err("too large");
        assert_eq!(error, ObjectError::TooLarge { id: blob, bytes: 3 << 20, most: 1 << 20 });
        assert_eq!(made.open().reader().beginning(&blob, 4, 1 << 20), Ok(vec![0; 4]));
    }
}

#[test]
fn a_good_copy_of_a_broken_object_is_taken() {
    let Some((made, _)) = two_commits() else { return };
    made.git(["gc", "-q"]);
    let blob = id(&made.git(["rev-parse", "HEAD:a"]));
    let hex = blob.to_string();
    let folder = made.path().join(".git/objects").join(&hex[..2]);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(&hex[2..]), "no zlib").expect("a file");
    assert_eq!(made.open().reader().blob(&blob, 9), Ok(b"two".to_vec()));
}

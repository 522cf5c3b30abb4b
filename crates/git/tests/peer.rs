//! What git says of the same repository.

mod made;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use floodmark_git::{ObjectId, Repository, beyond};

use made::{Made, git, lines, real};

/// A history with a merge, tags of both kinds, tags of tags, and several packs.
fn history(arguments: &[&str]) -> Option<Made> {
    let made = Made::new(arguments)?;
    let text = lines(2000);
    for number in 0..12 {
        made.write("Cargo.lock", format!("{number}\n{text}{number}\n"));
        made.write(&format!("folder-{number}/deep/file"), format!("{number}"));
        made.commit(&format!("commit {number}"));
        if number % 4 == 3 {
            made.git(["gc", "-q"]);
        }
        if number == 5 {
            made.git(["tag", "v1.0"]);
            made.git(["tag", "-a", "-m", "two", "v2.0"]);
            made.git(["tag", "-a", "-m", "of a tag", "v2.0-signed", "v2.0"]);
            made.git(["branch", "topic/a"]);
        }
    }
    made.git(["checkout", "-q", "topic/a"]);
    made.write("topic", "a");
    made.commit("topic");
    made.git(["checkout", "-q", "main"]);
    made.git(["merge", "-q", "--no-ff", "-m", "merge", "topic/a"]);
    made.git(["repack", "-q"]);
    made.write("loose", "x");
    made.commit("loose");
    Some(made)
}

/// Every object, as git has it.
fn same_objects(path: &Path) -> usize {
    let repository = Repository::open(path, &[]).expect("a repository");
    let mut reader = repository.reader();
    let all = git(path, ["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"]);
    let ids: Vec<(ObjectId, &str)> = all
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(id, kind)| (ObjectId::from_hex(id.as_bytes()).expect("an id"), kind))
        .collect();
    let mut child = Command::new("git")
        .current_dir(path)
        .args(["--no-replace-objects", "cat-file", "--batch=%(objectsize)"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git");
    let mut asked = child.stdin.take().expect("a pipe");
    let list: Vec<String> = ids.iter().map(|(id, _)| format!("{id}\n")).collect();
    let list = list.concat();
    let writer = std::thread::spawn(move || asked.write_all(list.as_bytes()).expect("written"));
    let mut said = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    for (id, kind) in &ids {
        use std::io::{BufRead, Read};
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        let mut bytes = vec![0; line.trim().parse::<usize>().expect("a size") + 1];
        said.read_exact(&mut bytes).expect("bytes");
        bytes.pop();
        let first = reader.beginning(id, 8, u64::MAX).expect("its beginning");
        assert_eq!(first, bytes[..bytes.len().min(8)], "{id}");
        let object = reader.object(id, u64::MAX).expect("an object");
        assert_eq!(object.kind.to_string(), *kind);
        assert!(object.bytes == bytes, "{id}");
    }
    writer.join().expect("all asked");
    child.wait().expect("an end");
    ids.len()
}

#[test]
fn every_object_is_what_git_says_in_either_hash_and_however_it_is_stored() {
    for arguments in [&[][..], &["--object-format=sha256"]] {
        let Some(made) = history(arguments) else { continue };
        let count = same_objects(made.path());
        made.git(["repack", "-q", "-a", "-d", "-f", "--depth=50"]);
        assert_eq!(same_objects(made.path()), count);
        made.git(["-c", "pack.indexVersion=1", "repack", "-q", "-a", "-d", "-F"]);
        made.git(["multi-pack-index", "write"]);
        made.git(["commit-graph", "write", "--reachable"]);
        made.git(["pack-refs", "--all"]);
        assert_eq!(same_objects(made.path()), count);
    }
}

#[test]
fn every_object_of_real_repositories_is_what_git_says() {
    for path in real() {
        println!("{}: {} objects", path.display(), same_objects(&path));
    }
}

#[test]
fn a_revision_is_the_commit_that_git_says() {
    for arguments in [&[][..], &["--object-format=sha256"]] {
        let Some(made) = history(arguments) else { continue };
        made.git(["update-ref", "refs/remotes/origin/main", "HEAD~2"]);
        made.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
        let short = made.git(["rev-parse", "--short=8", "HEAD~4"]);
        let described = made.git(["describe", "HEAD~1"]);
        let whole = made.git(["rev-parse", "HEAD~1^2"]);
        let tag = made.git(["rev-parse", "v2.0-signed"]);
        let asked = [
            "HEAD",
            "@",
            "@~3",
            "HEAD~1^2~1",
            "HEAD~1^2",
            "main",
            "heads/main",
            "refs/heads/main",
            "topic/a",
            "v1.0",
            "v2.0",
            "tags/v2.0",
            "v2.0-signed",
            "v2.0-signed^{commit}",
            "v2.0^{}~2",
            "v2.0^0",
            "origin",
            "origin/main",
            "remotes/origin/main",
            "origin/HEAD",
            "ORIG_HEAD",
            &short,
            &short.to_uppercase(),
            &whole,
            &tag,
            &described,
        ];
        for packed in [false, true] {
            if packed {
                made.git(["pack-refs", "--all"]);
            }
            let repository = made.open();
            for asked in asked {
                let commit = repository.commit(asked).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(
                    commit.id.to_string(),
                    made.git(["rev-parse", &format!("{asked}^{{commit}}")]),
                    "{asked}"
                );
                assert_eq!(
                    commit.tree.to_string(),
                    made.git(["rev-parse", &format!("{asked}^{{tree}}")]),
                    "{asked}"
                );
                assert_eq!(commit.committed, Some(1_773_921_600));
            }
        }
    }
}

#[test]
fn a_bare_repository_a_worktree_and_a_submodule_are_opened_each_from_its_own_place() {
    let Some(made) = history(&[]) else { return };
    let beside = tempfile::tempdir().expect("a folder");
    let at = |name: &str| beside.path().join(name);
    made.git(["clone", "-q", "--bare", ".", at("bare.git").to_str().expect("a path")]);
    made.git(["worktree", "add", "-q", at("worktree").to_str().expect("a path"), "v1.0"]);
    let Some(parent) = Made::new(&[]) else { return };
    parent.git(["submodule", "add", "-q", made.path().to_str().expect("a path"), "libs/sub"]);
    parent.commit("with a submodule");
    let submodule = parent.path().join("libs/sub");
    for (path, expected, outside) in [
        (at("bare.git"), "HEAD", 0),
        (made.path().join(".git"), "HEAD", 0),
        (at("worktree"), "v1.0", 1),
        (submodule, "HEAD", 1),
    ] {
        let beyond = beyond(&path).expect("a place");
        assert_eq!(beyond.len(), outside, "{}", path.display());
        let repository = Repository::open(&path, &beyond).expect("a repository");
        assert_eq!(
            repository.commit("HEAD").expect("a commit").id.to_string(),
            made.git(["rev-parse", &format!("{expected}^{{commit}}")])
        );
        if outside > 0 {
            assert!(Repository::open(&path, &[]).is_err(), "without what lies beyond");
        }
    }
    // A submodule of which the parent is the target lies within it.
    assert!(Repository::open(&parent.path().join("libs/sub"), &[parent.path().to_owned()]).is_ok());
}

#[test]
fn a_git_file_that_names_a_repository_which_does_not_name_it_back_opens_nothing() {
    let Some(made) = history(&[]) else { return };
    let stranger = tempfile::tempdir().expect("a folder");
    let dot = stranger.path().join(".git");
    for text in [
        format!("gitdir: {}/.git\n", made.path().display()),
        format!("gitdir: {}/.git/objects\n", made.path().display()),
        "gitdir: /nonexistent/floodmark\n".to_owned(),
        "gitdir:".to_owned(),
        "x".repeat(10_000),
    ] {
        std::fs::write(&dot, &text).expect("a file");
        assert!(beyond(stranger.path()).is_err(), "{text}");
        assert!(Repository::open(stranger.path(), &[]).is_err(), "{text}");
    }
    std::fs::remove_file(&dot).expect("removed");
    std::os::unix::fs::symlink(made.path().join(".git"), &dot).expect("a link");
    assert_eq!(beyond(stranger.path()).expect("none"), Vec::<std::path::PathBuf>::new());
    let error = Repository::open(stranger.path(), &[]).map(drop).expect_err("a link out").to_string();
    assert!(error.contains("lies outside of the target"), "{error}");
}

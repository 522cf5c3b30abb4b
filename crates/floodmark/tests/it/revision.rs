//! `floodmark scan --revision`.

use std::process::Command;

use crate::scene::{Ran, Scene};

const LOCK: &str = "[[package]]\nname = \"serde\"\nversion = \"1.0.228\"\n\
                    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

const POISONED: &str = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      \
                        - uses: tj-actions/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67\n";

fn git(scene: &Scene, arguments: &str) -> String {
    let mut command = Command::new("git");
    scene.scrub(&mut command);
    command.args(arguments.split_whitespace()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", "/nonexistent").env("GIT_ALLOW_PROTOCOL", "file");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
        command.env(format!("GIT_{who}_DATE"), "2026-03-19T12:00:00Z");
    }
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(0), "git {arguments}: {ran}");
    ran.stdout.trim().to_owned()
}

/// A repository that was poisoned at v1.0 and no longer is.
fn repository() -> Option<Scene> {
    if Command::new("git").arg("--version").output().is_err() {
        println!("SKIPPED: git is not to be had");
        return None;
    }
    let scene = Scene::new();
    git(&scene, "init -q -b main repo");
    scene.write("repo/Cargo.lock", LOCK);
    scene.write("repo/.github/workflows/ci.yml", POISONED);
    git(&scene, "-C repo add -A");
    git(&scene, "-C repo commit -q -m poisoned");
    git(&scene, "-C repo tag v1.0");
    git(&scene, "-C repo rm -q -r .github");
    git(&scene, "-C repo commit -q -m clean");
    Some(scene)
}

#[test]
fn a_revision_is_scanned_in_the_cell_and_the_checkout_as_it_lies() {
    let Some(scene) = repository() else { return };
    let poisoned = scene.run("scan repo --revision v1.0");
    assert_eq!(poisoned.code, Some(1), "{poisoned}");
    insta::assert_snapshot!("revision", poisoned);
    for asked in ["repo", "repo --revision HEAD"] {
        let clean = scene.run(&format!("scan {asked}"));
        assert_eq!(clean.code, Some(0), "{clean}");
    }
    let json = scene.run("scan repo --revision HEAD~1 --format json").json();
    assert_eq!(json["revision"]["commit"].as_str(), Some(git(&scene, "-C repo rev-parse v1.0").as_str()));
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_bare_repository_a_worktree_and_a_submodule_are_scanned_where_they_lie() {
    let Some(scene) = repository() else { return };
    git(&scene, "clone -q --bare repo bare.git");
    git(&scene, "-C repo worktree add -q ../worktree v1.0");
    git(&scene, "init -q -b main parent");
    git(&scene, &format!("-C parent submodule add -q {} sub", scene.path("repo").display()));
    for target in ["bare.git", "repo/.git", "worktree", "parent/sub"] {
        let ran = scene.run(&format!("scan {target} --revision v1.0"));
        assert_eq!(ran.code, Some(1), "{target}: {ran}");
    }
    let head = scene.run("scan worktree --revision HEAD");
    assert_eq!(head.code, Some(1), "its own HEAD: {head}");
}

#[test]
fn a_revision_or_repository_that_there_is_not_is_a_wrong_call_that_tells_what_is_near() {
    let Some(scene) = repository() else { return };
    let ran = scene.run("scan repo --revision v1.1");
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(
        ran.stderr.contains("`v1.1` is no commit, tag or branch of this repository; near to it are v1.0"),
        "{ran}"
    );
    scene.write("folder/Cargo.lock", LOCK);
    let ran = scene.run("scan folder --revision HEAD");
    assert_eq!((ran.code, ran.stderr.contains("is no git repository")), (Some(2), true), "{ran}");
    // A folder from anybody cannot make us read another repository of this user.
    scene.write("folder/.git", format!("gitdir: {}\n", scene.path("repo/.git").display()));
    let ran = scene.run("scan folder --revision HEAD");
    assert_eq!((ran.code, ran.stderr.contains("does not name it back")), (Some(2), true), "{ran}");
    assert_eq!(scene.run("scan folder").code, Some(0));
}

#[test]
fn what_a_partial_clone_lacks_makes_the_answer_incomplete() {
    let Some(scene) = repository() else { return };
    git(&scene, "-C repo config uploadpack.allowFilter true");
    let url = format!("file://{}", scene.path("repo").display());
    git(&scene, &format!("clone -q --bare --filter=blob:none {url} partial.git"));
    let ran = scene.run("scan partial.git --revision v1.0 --format json");
    assert_eq!(ran.code, Some(3), "{ran}");
    let unread = ran.unread();
    let why =
        |path: &str| unread.iter().find(|one| one.0 == path).map(|one| one.1.as_str()).unwrap_or_default();
    assert!(
        why("Cargo.lock").ends_with("is missing: this is a partial clone, and not all was fetched"),
        "{unread:?}"
    );
    assert!(why("config").starts_with("says that this is a partial clone"), "{unread:?}");
    git(&scene, "clone -q --bare --shared repo borrower.git");
    let ran = scene.run("scan borrower.git --revision v1.0");
    assert!(ran.stderr.contains("its alternates lie outside of the target, and are not read"), "{ran}");
    assert_eq!(ran.code, Some(2));
}

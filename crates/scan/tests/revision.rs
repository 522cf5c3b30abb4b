//! A git repository at a revision, made by git itself, and what a scan of its checkout says.

#[path = "../../git/tests/made/mod.rs"]
mod made;

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};

use floodmark_case::Answer;
use floodmark_intel::compromise::Compromises;
use floodmark_scan::{Choices, Knowledge, Progress, Request, Revision, scan};

use made::{Made, git, real, tried};

fn scanned(target: &Path, revision: Option<&str>, threads: usize) -> Answer {
    let open = |asked| {
        Revision::open(target, &Revision::beyond(target).expect("a place"), asked).expect("a revision")
    };
    scan(&Request {
        target: target.to_owned(),
        pulled: None,
        knowledge: Knowledge { advisories: None, compromises: Compromises::shipped() },
        choices: Choices { today: "2026-11-25".to_owned(), ..Choices::default() },
        platform: None,
        revision: revision.map(open),
        threads: NonZero::new(threads).expect("threads"),
        progress: Progress::default(),
    })
}

/// The files of a revision in a folder, as git unpacks them, whatever its attributes say of archives and ends of lines.
fn unpacked(repository: &Path, revision: &str) -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own.git");
    let from = repository.to_str().expect("a path");
    git(folder.path(), ["clone", "-q", "--bare", "--shared", from, "own.git"]);
    fs::create_dir_all(own.join("info")).expect("a folder");
    let plain = "* -export-ignore -export-subst -text -ident !eol !filter !working-tree-encoding\n";
    fs::write(own.join("info/attributes"), plain).expect("a file");
    // Mirrors may lack what is very large: those files are left out, one after the other.
    let mut paths = vec![".".to_owned()];
    let archive = loop {
        let asked = ["archive", "--format=tar", revision, "--"].into_iter().map(ToOwned::to_owned);
        let error = match tried(&own, asked.chain(paths.iter().cloned())) {
            Ok(archive) => break archive,
            Err(error) => error,
        };
        let lacking = error.split_once("for '").and_then(|(_, rest)| rest.split_once('\''));
        let Some((path, _)) = lacking.filter(|_| paths.len() < 100) else {
            println!("SKIPPED: {} {revision}: git cannot unpack it: {error}", repository.display());
            return None;
        };
        paths.push(format!(":(exclude,literal){path}"));
    };
    let tree = tempfile::tempdir().expect("a folder");
    let mut tar = Command::new("tar")
        .args(["-x", "-C", tree.path().to_str().expect("a path")])
        .stdin(Stdio::piped())
        .spawn()
        .expect("tar");
    std::io::Write::write_all(tar.stdin.as_mut().expect("a pipe"), &archive).expect("written");
    drop(tar.stdin.take());
    assert!(tar.wait().expect("an end").success());
    Some(tree)
}

/// Without what a revision has and a folder has not.
fn plain(mut answer: Answer) -> Answer {
    answer.verdict = String::new();
    let revision = answer.inventory.revision.take();
    let plain = |place: &mut String| {
        if let (Some(revision), Some((commit, rest))) = (&revision, place.split_once(':')) {
            assert_eq!(commit, revision.commit);
            *place = rest.rsplit_once(", ").expect("a place in a file").1.to_owned();
        }
    };
    let findings = answer.findings.iter_mut().flat_map(|finding| &mut finding.citations);
    let links = answer.links.iter_mut().flat_map(|link| &mut link.citations);
    findings.chain(links).for_each(|citation| plain(&mut citation.place));
    let is_of_repository = |why: &str| why.contains("submodule") || why.contains(" is missing");
    answer.coverage.unread.retain(|one| !is_of_repository(&one.why) && !one.path.starts_with(".git/"));
    answer
}

fn same_as_unpacked(repository: &Path, revision: &str) -> Answer {
    let answer = scanned(repository, Some(revision), 2);
    let Some(tree) = unpacked(repository, revision) else { return answer };
    let (mut ours, mut theirs) = (plain(answer.clone()), plain(scanned(tree.path(), None, 2)));
    for one in [&mut ours, &mut theirs] {
        // Only a tree says which commit of a submodule belongs to it.
        one.coverage.read.retain(|read| read.kind != "git-modules");
        one.inventory.components.retain(|one| one.found.iter().any(|found| *found.path != *".gitmodules"));
        one.coverage.cannot_conclude.clear();
    }
    assert!(
        ours == theirs,
        "{}:\n{:#?}\n{:#?}",
        repository.display(),
        ours.coverage.unread,
        theirs.coverage.unread
    );
    answer
}

const LOCK: &str = "[[package]]\nname = \"rand\"\nversion = \"0.8.5\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
const POISONED: &str = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: tj-actions/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67\n";

#[test]
fn a_finding_cites_the_commit_and_the_path_and_the_answer_says_what_was_found() {
    let Some(made) = Made::new(&[]) else { return };
    made.write(".github/workflows/ci.yml", POISONED);
    let first = made.commit("poisoned");
    made.git(["tag", "-a", "-m", "x", "v1.0"]);
    made.git(["rm", "-q", "-r", ".github"]);
    made.commit("clean");
    let answer = scanned(made.path(), Some("v1.0"), 1);
    let revision = answer.inventory.revision.clone().expect("a revision");
    assert_eq!((revision.asked.as_str(), &revision.commit), ("v1.0", &first));
    assert_eq!(revision.committed.map(|time| time.to_string()).as_deref(), Some("2026-03-19T12:00:00Z"));
    assert!(answer.verdict.contains(&format!(
        ", at v1.0 of {}, the commit {first} of 2026-03-19T12:00:00Z.",
        made.path().display()
    )));
    let [finding] = &answer.findings[..] else { panic!("{answer:#?}") };
    assert!(
        finding.citations[0].place.starts_with(&format!("{first}:.github/workflows/ci.yml, ")),
        "{finding:#?}"
    );
    assert_eq!(finding.citations[0].evidence, floodmark_case::EvidenceId::of(POISONED.as_bytes()));
    assert_eq!(scanned(made.path(), Some("HEAD"), 1).findings, []);
    assert_eq!(scanned(made.path(), Some("HEAD~1"), 4).findings, answer.findings);
}

#[test]
fn the_answer_is_that_of_the_unpacked_tree_links_neighbours_and_programs_too() {
    for arguments in [&[][..], &["--object-format=sha256"]] {
        let Some(made) = Made::new(arguments) else { continue };
        made.write("Cargo.lock", LOCK);
        made.write("a.b/requirements.txt", "-r ../shared/base.txt\n-c ../a/none.txt\nflask==2.0\n");
        made.write("a/requirements.txt", "-r ../link/base.txt\n");
        made.write("shared/base.txt", "requests==2.0.0\n");
        made.write("go/go.mod", "module x\ngo 1.16\nrequire a.b/c v1.0.0\n");
        made.write("go/go.sum", "a.b/c v1.0.0 h1:x\n");
        made.write("tool", b"\x7fELF\x02\x01 no program");
        made.write("empty", "");
        made.write("notes", "text");
        made.write("wrong/Cargo.lock", "[[package]]\nname = 7\n");
        made.write(".floodmark-ignore.toml", "[[ignore]]\nid = \"X-1\"\nreason = \"none\"\n");
        made.write("caf\u{e9}/Cargo.lock", LOCK.replace("rand", "b"));
        for (to, name) in [
            ("shared", "link"),
            ("../Cargo.lock", "shared/Cargo.lock"),
            ("/Cargo.lock", "rooted.lock/Cargo.lock"),
            ("../../../etc/passwd", "out/Cargo.lock"),
            ("Cargo.lock", "round/Cargo.lock"),
            ("nowhere", "dangling/Cargo.lock"),
            ("../notes/x", "through/Cargo.lock"),
            ("../shared", "folder/Cargo.lock"),
        ] {
            let path = made.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::os::unix::fs::symlink(to, path).expect("a link");
        }
        made.commit("all of it");
        let answer = same_as_unpacked(made.path(), "HEAD");
        assert_eq!(answer.coverage.read.len(), 11, "{:#?}", answer.coverage.read);
        made.git(["gc", "-q"]);
        assert_eq!(scanned(made.path(), Some("HEAD"), 3), answer);
    }
}

#[test]
fn real_repositories_say_the_same_at_a_revision_as_unpacked() {
    for repository in real() {
        let commits = git(&repository, ["rev-list", "--first-parent", "HEAD"]);
        let commits: Vec<&str> = commits.lines().collect();
        for number in [0, commits.len() / 2, commits.len() - 1] {
            let answer = same_as_unpacked(&repository, commits[number]);
            println!(
                "{} {}: {} components in {} files, {} unread",
                repository.display(),
                commits[number],
                answer.inventory.components.len(),
                answer.coverage.read.len(),
                answer.coverage.unread.len()
            );
        }
    }
}

#[test]
fn a_submodule_is_its_repository_at_the_commit_and_told_as_not_read() {
    let Some(made) = Made::new(&[]) else { return };
    let commit = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
    made.write(
        ".gitmodules",
        "[submodule \"a\"]\npath = libs/a\nurl = https://github.com/tj-actions/changed-files\n\
         [submodule \"gone\"]\npath = libs/gone\nurl = https://github.com/o/gone\n",
    );
    for path in ["libs/a", "libs/nameless"] {
        made.git(["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{path}")]);
    }
    made.git(["add", ".gitmodules"]);
    made.git(["commit", "-q", "-m", "submodules"]);
    let answer = scanned(made.path(), Some("HEAD"), 2);
    let purls: Vec<_> = answer.inventory.components.iter().map(|one| one.purl.as_str()).collect();
    assert_eq!(purls, [format!("pkg:github/tj-actions/changed-files@{commit}")]);
    let told: Vec<_> = answer.coverage.unread.iter().map(|one| (one.path.as_str(), one.incomplete)).collect();
    assert_eq!(told, [("libs/a", false), ("libs/nameless", true)]);
    assert!(
        answer.coverage.unread[0]
            .why
            .contains(&format!("https://github.com/tj-actions/changed-files at {commit}"))
    );
    assert_eq!(answer.findings.len(), 1, "the commit is known to be poisoned: {:#?}", answer.findings);
}

/// A tree of these entries, whatever is wrong with them.
fn tree(made: &Made, entries: &[(&str, &str, &str)]) -> String {
    let raw = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
    };
    let entry =
        |(mode, name, id): &(&str, &str, &str)| [format!("{mode} {name}\0").as_bytes(), &raw(id)].concat();
    made.object("tree", &entries.iter().flat_map(entry).collect::<Vec<u8>>())
}

fn commit(made: &Made, tree: &str) -> String {
    made.object(
        "commit",
        format!("tree {tree}\nauthor a <a> 1 +0000\ncommitter a <a> 99999999999999 +0000\n\nx\n").as_bytes(),
    )
}

#[test]
fn names_that_no_folder_can_hold_are_told_and_the_rest_is_read() {
    let Some(made) = Made::new(&[]) else { return };
    let lock = made.object("blob", LOCK.as_bytes());
    let other = made.object("blob", LOCK.replace("rand", "other").as_bytes());
    let inner = tree(&made, &[("100644", "Cargo.lock", &lock)]);
    let id = commit(
        &made,
        &tree(
            &made,
            &[
                ("100644", "..", &lock),
                ("40000", "..", &inner),
                ("40000", ".git", &inner),
                ("40000", "", &inner),
                ("100644", "/etc/Cargo.lock", &lock),
                ("100644", "a/../Cargo.lock", &lock),
                ("20000", "device.lock", &lock),
                ("100644", "Cargo.lock", &lock),
                ("100644", "Cargo.lock", &other),
                ("40000", "as-tree", &lock),
                ("100644", "as-blob/Cargo.lock", &inner),
                ("100644", "gone.versions.toml", &"1".repeat(40)),
                ("40000", "gone", &"2".repeat(40)),
                ("100644", "folder.spdx", &inner),
            ],
        ),
    );
    let answer = scanned(made.path(), Some(&id), 2);
    let found: Vec<_> =
        answer.inventory.components.iter().map(|one| (one.name.as_str(), &*one.found[0].path)).collect();
    assert_eq!(found, [("rand", "Cargo.lock")]);
    let mut told: Vec<_> =
        answer.coverage.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
    told.sort();
    let missing = |digit: &str| format!("the object {} is missing", digit.repeat(40));
    assert_eq!(
        told,
        [
            "..: is called as the folder itself or the one above it".to_owned(),
            "..: is there twice".to_owned(),
            ".git: is called .git, where a repository keeps itself".to_owned(),
            "/etc/Cargo.lock: has a slash in its name".to_owned(),
            ": has no name".to_owned(),
            "Cargo.lock: is there twice".to_owned(),
            "a/../Cargo.lock: has a slash in its name".to_owned(),
            "as-blob/Cargo.lock: has a slash in its name".to_owned(),
            format!("as-tree: the object {lock} is a blob; expected a tree"),
            "device.lock: has a mode that git does not give; expected a file".to_owned(),
            format!("folder.spdx: the object {inner} is a tree; expected a blob"),
            format!("gone.versions.toml: {}", missing("1")),
            format!("gone: {}", missing("2")),
        ]
    );
    assert_eq!(answer.inventory.revision.and_then(|one| one.committed), None, "a time that is none");
    assert!(answer.coverage.unread.iter().all(|one| one.incomplete));
}

#[test]
fn trees_within_themselves_without_end_and_of_a_million_entries_are_bounded() {
    let Some(made) = Made::new(&[]) else { return };
    let lock = made.object("blob", LOCK.as_bytes());
    // Ten trees of ten: ten thousand million files of one.
    let mut bomb = tree(&made, &[("100644", "a.c", &lock)]);
    for _ in 0..10 {
        let names: Vec<String> = (0..10).map(|number| number.to_string()).collect();
        bomb = tree(
            &made,
            &names.iter().map(|name| ("40000", name.as_str(), bomb.as_str())).collect::<Vec<_>>(),
        );
    }
    let mut deep = tree(&made, &[("100644", "Cargo.lock", &lock)]);
    for _ in 0..300 {
        deep = tree(&made, &[("40000", "d", &deep)]);
    }
    let root = tree(&made, &[("100644", "Cargo.lock", &lock), ("40000", "deep", &deep)]);
    let answer = scanned(made.path(), Some(&commit(&made, &root)), 2);
    assert_eq!(answer.inventory.components.len(), 1);
    let [told] = &answer.coverage.unread[..] else { panic!("{:?}", answer.coverage.unread) };
    assert!(told.why.contains("more than 256 deep"), "{told:?}");
    let empty = tree(&made, &[]);
    let names: Vec<String> = (0..1_000_000).map(|number| format!("f{number:07}.c")).collect();
    let mut wide: Vec<(&str, &str, &str)> =
        names.iter().map(|name| ("100644", name.as_str(), lock.as_str())).collect();
    wide.push(("40000", "z", &empty));
    wide.push(("100644", "Cargo.lock", &lock));
    let answer = scanned(made.path(), Some(&commit(&made, &tree(&made, &wide))), 2);
    assert_eq!((answer.inventory.components.len(), answer.coverage.unread.len()), (1, 0));
    let answer = scanned(made.path(), Some(&commit(&made, &bomb)), 2);
    let [told] = &answer.coverage.unread[..] else { panic!("{:?}", answer.coverage.unread) };
    assert!(told.why.contains("is one of more than 101616 files and folders"), "{told:?}");
}

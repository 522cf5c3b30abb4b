//! Repositories made by git itself.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use floodmark_git::Repository;

/// A repository in a folder that goes with it.
pub(crate) struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    /// A repository without a commit; `None` where git cannot make it so, which is told.
    pub(crate) fn new(arguments: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut init = vec!["init", "-q", "-b", "main"];
        init.extend(arguments);
        if !command(folder.path(), &init).status().is_ok_and(|status| status.success()) {
            println!("SKIPPED: git {arguments:?} is not to be had");
            return None;
        }
        Some(Self { folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    /// Commits everything; the id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(["add", "-A"]);
        self.git(["commit", "-q", "--allow-empty", "-m", message]);
        self.git(["rev-parse", "HEAD"])
    }

    /// What git says.
    pub(crate) fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        git(self.path(), arguments)
    }

    /// The id of an object made of these bytes, whatever is wrong with them.
    pub(crate) fn object(&self, kind: &str, bytes: &[u8]) -> String {
        let mut child = command(self.path(), ["hash-object", "-w", "--literally", "-t", kind, "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git");
        child.stdin.take().expect("a pipe").write_all(bytes).expect("written");
        let output = child.wait_with_output().expect("an end");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("an id").trim().to_owned()
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::open(self.path(), &[]).expect("a repository")
    }
}

/// What git says in a folder.
pub(crate) fn git<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> String {
    String::from_utf8_lossy(&bytes(folder, arguments)).trim().to_owned()
}

/// The same, to the byte.
pub(crate) fn bytes<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Vec<u8> {
    tried(folder, arguments).unwrap_or_else(|error| panic!("{error}"))
}

/// The same, or what git complains of.
pub(crate) fn tried<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Vec<u8>, String> {
    let output = command(folder, arguments).output().expect("git");
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into())
    }
}

fn command<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments).stderr(Stdio::piped());
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs([("HOME", "/nonexistent"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_ALLOW_PROTOCOL", "file")]);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
        command.env(format!("GIT_{who}_DATE"), "2026-03-19T12:00:00Z");
    }
    command
}

/// Real repositories that may lie on this machine: checkouts and mirrors.
pub(crate) fn real() -> Vec<PathBuf> {
    let Some(list) = std::env::var_os("FLOODMARK_GIT_PEERS") else {
        println!("SKIPPED: FLOODMARK_GIT_PEERS names no repositories (paths, with a colon between)");
        return Vec::new();
    };
    std::env::split_paths(&list).collect()
}

/// A text of so many lines.
pub(crate) fn lines(count: usize) -> String {
    let lines: Vec<String> = (0..count).map(|line| format!("line {line}\n")).collect();
    lines.concat()
}

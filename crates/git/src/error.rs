//! What cannot be opened, found or read.

use std::io;
use std::path::PathBuf;

use gix_hash::ObjectId;

/// Why a repository cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none.
    #[error("{}: is no git repository; expected the top of a checkout, a bare repository, or a .git folder", path.display())]
    None {
        /// Where one was expected.
        path: PathBuf,
    },
    /// A `.git` file names a repository that knows nothing of it.
    #[error(
        "{}: names the repository {}, which does not name it back; expected a worktree or submodule of it",
        path.display(),
        named.display()
    )]
    Stranger {
        /// The `.git` file.
        path: PathBuf,
        /// What it names.
        named: PathBuf,
    },
    /// It is kept in a way that is not known.
    #[error("{}: {why}", path.display())]
    Format {
        /// The repository.
        path: PathBuf,
        /// What was found, and what was expected.
        why: String,
    },
    /// A file of it that cannot be read.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
}

/// Why a text names no commit.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// It is not written as a revision.
    #[error("`{asked}` {why}; expected a commit id, a tag, a branch or HEAD, and then ~N, ^N or ^{{commit}}")]
    Malformed {
        /// What was asked.
        asked: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Nothing is called so.
    #[error("`{asked}` is no commit, tag or branch of this repository{}", remarks(near, remark.as_deref()))]
    Unknown {
        /// What was asked.
        asked: String,
        /// Names that are nearly so, the nearest first.
        near: Vec<String>,
        /// What of this repository is not there, and may have it.
        remark: Option<String>,
    },
    /// Several things are called so.
    #[error("`{asked}` is ambiguous; expected one of {}", candidates.join(", "))]
    Ambiguous {
        /// What was asked.
        asked: String,
        /// Each candidate with its commit.
        candidates: Vec<String>,
    },
    /// It is there and no commit.
    #[error("`{asked}` is the {kind} {id}; expected a commit")]
    NoCommit {
        /// What was asked.
        asked: String,
        /// What it names.
        id: ObjectId,
        /// What that is.
        kind: gix_object::Kind,
    },
    /// Its history is not so long.
    #[error("`{asked}` leads beyond {id}, which {why}")]
    Beyond {
        /// What was asked.
        asked: String,
        /// The last commit on the way.
        id: ObjectId,
        /// Why there is no way on.
        why: String,
    },
    /// An object on the way to it cannot be read.
    #[error("`{asked}`: {error}")]
    Object {
        /// What was asked.
        asked: String,
        /// What went wrong.
        error: ObjectError,
    },
    /// The refs cannot be read.
    #[error("`{asked}` cannot be looked up: {why}")]
    Refs {
        /// What was asked.
        asked: String,
        /// What went wrong.
        why: String,
    },
}

fn remarks(near: &[String], remark: Option<&str>) -> String {
    let mut text = String::new();
    if !near.is_empty() {
        text = format!("; near to it are {}", near.join(", "));
    }
    if let Some(remark) = remark {
        text.push_str("; ");
        text.push_str(remark);
    }
    text
}

/// Why an object cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// It is not there.
    #[error("the object {id} is missing{}", remark.as_deref().map(|remark| format!(": {remark}")).unwrap_or_default())]
    Missing {
        /// Which.
        id: ObjectId,
        /// What of this repository is not there, and may have it.
        remark: Option<String>,
    },
    /// It is damaged.
    #[error("the object {id} is broken: {why}")]
    Broken {
        /// Which.
        id: ObjectId,
        /// What was wrong.
        why: String,
    },
    /// It is more than was asked for.
    #[error("the object {id} has {bytes} bytes; expected at most {most}")]
    TooLarge {
        /// Which.
        id: ObjectId,
        /// How large it is.
        bytes: u64,
        /// How large it may be.
        most: u64,
    },
    /// It is something else.
    #[error("the object {id} is a {kind}; expected a {expected}")]
    Kind {
        /// Which.
        id: ObjectId,
        /// What it is.
        kind: gix_object::Kind,
        /// What it should be.
        expected: gix_object::Kind,
    },
}

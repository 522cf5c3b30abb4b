//! Why the database could not be asked or built.

use std::io;
use std::path::{Path, PathBuf};

/// Why the database could not be asked or built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// There is none.
    #[error("{}: no such database", .0.display())]
    Missing(PathBuf),
    /// It is no database of ours, or one of another format.
    #[error("{}: is no intel database of this program: {why}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found, and what was expected.
        why: String,
    },
    /// It was written by an older or a newer version of this program.
    #[error("{}: was written by another version of this program: its format is {found}, expected {expected}", path.display())]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// The format that it has.
        found: i32,
        /// The one that this version writes and reads.
        expected: i32,
    },
    /// It holds something that no build of ours writes.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// Another import runs.
    #[error("{}: another import is writing this database", .0.display())]
    Busy(PathBuf),
    /// A database that was to be taken over is not what its signature says.
    #[error("{}: the signature does not hold: {why}", path.display())]
    Signature {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// `SQLite` could not do what it should.
    #[error("{}: {error}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        error: rusqlite::Error,
    },
    /// A file beside the database could not be used.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
}

impl DatabaseError {
    /// What to do next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing(_) => Some("make one: floodmark intel import PATH..."),
            Self::OtherFormat { .. } => {
                Some("move the file away and import all sources again: floodmark intel import PATH...")
            }
            Self::Foreign { .. } | Self::Damaged(_) => {
                Some("move the file away and import again: floodmark intel import PATH...")
            }
            Self::Busy(_) => Some("wait until it has ended"),
            Self::Signature { .. } => Some("have it sent again, and ask by another way for the key"),
            Self::Sqlite { .. } | Self::File { .. } => None,
        }
    }

    pub(super) fn sqlite(path: &Path) -> impl Fn(rusqlite::Error) -> Self + Copy + '_ {
        move |error| Self::Sqlite { path: path.to_owned(), error }
    }

    pub(super) fn file(path: &Path) -> impl Fn(io::Error) -> Self + Copy + '_ {
        move |error| Self::File { path: path.to_owned(), error }
    }
}

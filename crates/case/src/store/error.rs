//! What can go wrong with a case.

use std::fmt::{self, Write};
use std::io;
use std::path::{Path, PathBuf};

use super::lock::Holder;

/// Why a case could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The folder is not there.
    #[error("{}: no such folder", .0.display())]
    Missing(PathBuf),
    /// The folder holds no `case.db`.
    #[error("{}: no case here, expected a file `case.db` in it", .0.display())]
    NoCase(PathBuf),
    /// `case.db` is there but empty: whoever created the case was stopped before the first entry.
    #[error("{}: the case was never finished, its `case.db` is empty", .0.display())]
    Unfinished(PathBuf),
    /// A case was to be created where one is already.
    #[error("{}: there is a case here already", .0.display())]
    AlreadyACase(PathBuf),
    /// A case was to be created in a folder that holds something else.
    #[error("{}: not empty and no case (it holds `{}`)", .folder.display(), Inert(.entry))]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// The first thing in it that is not of a case.
        entry: String,
    },
    /// The database is `SQLite`, but not a case of Floodmark.
    #[error("{}: a database, but not of a Floodmark case", .0.display())]
    Foreign(PathBuf),
    /// The case was written by a newer program.
    #[error("{}: the case has format {found}, this program knows up to {known}", .path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// The case was written by an older program and is opened for reading only.
    #[error("{}: the case has format {found}, this program reads {known}", .path.display())]
    Older {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format that this program reads.
        known: i64,
    },
    /// The database holds a table, trigger, view or index that no case has, or lacks one.
    #[error("{}: the database's layout was changed: {}", .path.display(), Inert(.what))]
    Layout {
        /// The database.
        path: PathBuf,
        /// Which object, and how it differs.
        what: String,
    },
    /// The database is corrupt, or no database.
    #[error("{}: the database is damaged: {}", .path.display(), Inert(.why))]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What `SQLite` says.
        why: String,
    },
    /// Another process writes to the case.
    #[error("{}: another process is writing to this case: {}", .folder.display(), Holder::describe(.holder.as_ref()))]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// Who holds the lock, as the lock file says, if it can be read.
        holder: Option<Holder>,
    },
    /// The log and `case.head` contradict each other.
    #[error("{}: the log and `case.head` disagree: {}", .folder.display(), Inert(.why))]
    HeadDisagrees {
        /// The folder.
        folder: PathBuf,
        /// How.
        why: String,
    },
    /// The entry is stored, but `case.head` could not be brought up to date.
    #[error("{}: the entry is stored, but the head of the log could not be written: {source}", .path.display())]
    HeadNotWritten {
        /// The head file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder cannot be written, and the last write to the case was interrupted.
    #[error("{}: the last write was interrupted, and the folder cannot be written to settle it", .0.display())]
    Unsettled(PathBuf),
    /// The same evidence was entered with two sizes: one of them was not measured on these bytes.
    #[error("evidence {id}: entered with {found} bytes, the manifest says {known}")]
    SizeContradicts {
        /// The evidence.
        id: crate::EvidenceId,
        /// The size as given now.
        found: u64,
        /// The size in the manifest.
        known: u64,
    },
    /// A number does not fit the database.
    #[error("{what}: {value} is more than the store can hold")]
    TooLarge {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// An answer could not be written as JSON.
    #[error("the answer cannot be written as JSON: {0}")]
    Unwritable(serde_json::Error),
    /// A file of the case could not be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `SQLite` refused.
    #[error("{}: {source}", .path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// Text out of a case, which may be somebody else's: control characters spelt out, and not endless.
pub(super) struct Inert<'a>(pub(super) &'a str);

impl fmt::Display for Inert<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, character) in self.0.chars().enumerate() {
            match character {
                _ if count == TEXT_AT_MOST => return f.write_str("…"),
                _ if character.is_control() || is_bidi(character) => {
                    write!(f, "{}", character.escape_unicode())?;
                }
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

const TEXT_AT_MOST: usize = 400;

/// The characters that turn the direction of the text after them.
fn is_bidi(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl CaseError {
    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Missing(_) | Self::NoCase(_) => {
                "check the path; a case is made by the first command that is given it"
            }
            Self::Unfinished(_) => "run the command that was interrupted again, it will finish the case",
            Self::AlreadyACase(_) => "open it, or name another folder",
            Self::NotEmpty { .. } => "name an empty folder, or one that does not exist yet",
            Self::Foreign(_) => "name the folder of a case",
            Self::Newer { .. } => "use the version of Floodmark that wrote it, or a newer one",
            Self::Older { .. } => "open it once for writing, which brings it up to date",
            Self::Layout { .. } | Self::Damaged { .. } => {
                "do not trust this copy; restore the case folder from a backup and verify that"
            }
            Self::Locked { .. } => {
                "wait until it is done, or stop it; the case can be read meanwhile, and the lock ends with its holder"
            }
            Self::HeadDisagrees { .. } => {
                "run `case verify`; entries may have been removed: restore the folder from a backup, or accept it by resealing"
            }
            Self::HeadNotWritten { .. } => "make room or mend the permissions, then run the command again",
            Self::Unsettled(_) => "copy the whole folder to where it can be written, and open it there",
            _ => return None,
        })
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }

    pub(super) fn database(path: &Path) -> impl Fn(rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        move |source| {
            use rusqlite::Error;
            use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};

            let is_damage = match &source {
                Error::FromSqlConversionFailure(..)
                | Error::InvalidColumnType(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::Utf8Error(..) => true,
                other => matches!(other.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase)),
            };
            if is_damage {
                return Self::Damaged { path: path.clone(), why: source.to_string() };
            }
            Self::Database { path: path.clone(), source }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_case_cannot_steer_the_terminal() {
        let error = CaseError::Damaged { path: "case.db".into(), why: "a\u{1b}[2Jb\n\u{202e}".repeat(100) };
        let shown = error.to_string();
        assert!(!shown.chars().any(|character| character.is_control() || is_bidi(character)), "{shown}");
        assert!(shown.ends_with('…') && shown.contains("a\\u{1b}[2Jb\\u{a}\\u{202e}"), "{shown}");
    }
}

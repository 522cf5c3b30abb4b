//! What can go wrong.

use std::path::PathBuf;

/// Why a rehearsal could not be written, or a truth not be read.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    /// The folder holds something; nothing was written.
    #[error("{0}: not empty; expected a new or an empty folder")]
    NotEmpty(PathBuf),
    /// The plan has too few events to hold the whole incident.
    #[error("{events} events are too few: expected at least {least}")]
    TooFew {
        /// How many were asked for.
        events: u64,
        /// How many it takes.
        least: u64,
    },
    /// A file could not be read.
    #[error("{path}: cannot be read: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("{path}: cannot be written: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A truth is not what `rehearse` writes.
    #[error("{path}: not a truth: {source}")]
    NotATruth {
        /// The file.
        path: PathBuf,
        /// What was wrong, and where.
        source: serde_json::Error,
    },
    /// A thread ended before its work was done.
    #[error("a writing thread ended before its work was done")]
    Thread,
}

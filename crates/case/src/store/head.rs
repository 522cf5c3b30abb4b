//! The head of the log, kept beside the database so that removed entries are missed.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{CaseError, LogHash, folder};

/// Where the log ends: how many entries it has, and the hash of the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of entries.
    pub entries: u64,
    /// The hash of the last entry; it stands for all of them.
    pub hash: LogHash,
}

/// What `case.head` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeadFile {
    Says(Head),
    Missing,
    Unreadable(String),
}

impl HeadFile {
    pub(super) fn read(folder: &Path) -> Self {
        match folder::read_small(&folder.join(folder::HEAD)) {
            Ok(None) => Self::Missing,
            Ok(Some(text)) => match serde_json::from_str(&text) {
                Ok(head) => Self::Says(head),
                Err(error) => Self::Unreadable(error.to_string()),
            },
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }
}

impl Head {
    /// Replaces `case.head` so that at any moment it is either the old one or the new one, on disk.
    pub(super) fn write(self, folder: &Path) -> Result<(), CaseError> {
        let path = folder.join(folder::HEAD);
        self.replace(folder, &path).map_err(|source| CaseError::HeadNotWritten { path, source })
    }

    fn replace(self, folder: &Path, path: &Path) -> io::Result<()> {
        let new = folder.join(folder::NEW_HEAD);
        // What a killed writer left; a link there is removed, not followed.
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file: File = folder::open_small(&new)?;
        writeln!(file, "{}", serde_json::to_string(&self)?)?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        folder::sync(folder)
    }
}

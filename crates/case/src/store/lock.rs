//! One writer at a time.

use std::fs::{File, TryLockError};
use std::io::{Seek, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Inert;
use super::log::Author;
use super::{CaseError, folder};

/// Who holds the lock of a case, as the lock file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process, as it sees itself (in a container this is not the number outside).
    pub pid: u32,
    /// Who runs it.
    pub who: String,
    /// Its command line, redacted.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

impl Holder {
    pub(super) fn describe(holder: Option<&Self>) -> String {
        let Some(Self { pid, who, command, since }) = holder else {
            return String::from("its lock file does not say which");
        };
        format!("process {pid}, `{}`, run by {}, since {since}", Inert(command), Inert(who))
    }
}

/// The lock of the writer, held until it is dropped or its process ends, however it ends.
///
/// It is an advisory lock (`flock`) on `case.lock`; the content of that file is only for people.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl WriterLock {
    /// Takes the lock at once, or says who holds it.
    pub(super) fn take(folder: &Path, author: &Author, since: Timestamp) -> Result<Self, CaseError> {
        let path = folder.join(folder::LOCK);
        let file = folder::open_small(&path).map_err(CaseError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let text = folder::read_small(&path).ok().flatten();
                let holder = text.and_then(|text| serde_json::from_str(&text).ok());
                return Err(CaseError::Locked { folder: folder.to_path_buf(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(CaseError::io(&path)(error)),
        }
        let mut lock = Self { file };
        lock.sign(author, since).map_err(CaseError::io(&path))?;
        Ok(lock)
    }

    fn sign(&mut self, author: &Author, since: Timestamp) -> std::io::Result<()> {
        let holder = Holder {
            pid: std::process::id(),
            who: author.who.clone(),
            command: author.command.clone(),
            since,
        };
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(serde_json::to_string(&holder)?.as_bytes())
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // The file stays: a lock file that is removed can be held by two at once. Failing to empty it only leaves a
        // stale name in a file that nobody holds.
        let _ = self.file.set_len(0);
        // A child that was forked and has not begun its own program yet holds the file, too; closing it would not end the lock.
        let _ = self.file.unlock();
    }
}

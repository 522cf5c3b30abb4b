//! What a cell lets through, and what became of it.

use std::{fmt, path::PathBuf};

use crate::{ConfineError, system};

/// The plan of a cell: the paths and resources that stay within reach. Everything else is refused.
#[derive(Debug, Default)]
pub struct Cell {
    pub(crate) read: Vec<PathBuf>,
    pub(crate) write: Vec<PathBuf>,
    pub(crate) limits: Limits,
}

/// What the process may use up; `None` leaves what the caller's shell set. A limit is only ever lowered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Private writable memory in bytes (`RLIMIT_DATA`): heap and stacks. Beyond it an allocation fails.
    pub memory_bytes: Option<u64>,
    /// CPU time of all threads in seconds (`RLIMIT_CPU`). Beyond it the process is killed by SIGXCPU.
    pub cpu_seconds: Option<u64>,
    /// The highest file descriptor plus one (`RLIMIT_NOFILE`). Beyond it an open fails.
    pub open_files: Option<u64>,
    /// The length in bytes that a file may grow to (`RLIMIT_FSIZE`). Beyond it SIGXFSZ kills the process.
    pub file_bytes: Option<u64>,
}

/// What is enforced from now on. Its `Display` is a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a cell with a hole must be told to the user"]
pub enum Strength {
    /// Landlock, in this interface version, closes the file system, and seccomp the system calls.
    Full(i32),
    /// These walls are missing, one sentence for each.
    Partial(Vec<String>),
}

impl Cell {
    /// A cell with nothing in it: no file can be opened, only what is open already can be used.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a file be read, or a folder and all below it. A symbolic link given here is followed once, now;
    /// links met in a folder lead nowhere unless their target is in the cell too. Nothing may be executed.
    #[must_use]
    pub fn read(mut self, path: impl Into<PathBuf>) -> Self {
        self.read.push(path.into());
        self
    }

    /// Lets an existing file be rewritten, or all below an existing folder be created, read, written, renamed
    /// and removed. No links, devices, pipes or sockets can be made there, and no modes or owners changed.
    #[must_use]
    pub fn write(mut self, path: impl Into<PathBuf>) -> Self {
        self.write.push(path.into());
        self
    }

    /// Sets what the process may use up.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Locks this process in, for good and in full, or fails.
    ///
    /// Call it before any thread starts and any byte of evidence is read. After an error the process may be
    /// half locked: it should end.
    pub fn enter(self) -> Result<Strength, ConfineError> {
        match self.enter_or_unconfined()? {
            Strength::Partial(missing) => Err(ConfineError::Unenforced(missing)),
            full @ Strength::Full(_) => Ok(full),
        }
    }

    /// Locks this process in as far as the system can, and tells what is missing: for `--allow-unconfined`. A
    /// path that is not there or a second thread is still an error.
    pub fn enter_or_unconfined(self) -> Result<Strength, ConfineError> {
        system::lock(&self)
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(abi) => write!(f, "confined by Landlock (ABI {abi}) and seccomp"),
            Self::Partial(missing) => write!(f, "not fully confined: {}", missing.join("; ")),
        }
    }
}

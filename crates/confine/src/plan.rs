//! What a cell lets through, and what became of it.

use std::{fmt, path::PathBuf};

use crate::{ConfineError, system};

/// The plan of a cell: what stays within reach. Everything else is refused, and what is open already can be used.
#[derive(Debug, Default)]
pub struct Cell {
    /// Files that can be read, and folders with all below them. A symbolic link given here is followed once, on
    /// entering; links met in a folder lead nowhere unless their target is in the cell too. Nothing may be executed.
    pub read: Vec<PathBuf>,
    /// Files that can be rewritten, and folders below which all can be created, read, written, renamed and removed.
    /// They must be there. No links, devices, pipes or sockets can be made there, and no modes or owners changed.
    pub write: Vec<PathBuf>,
    /// If there are any, the network is open outwards: TCP to these ports of any host (where Landlock knows ports,
    /// ABI 4), and UDP, by which names are resolved. Only for a process that fetches, and parses no evidence.
    pub connect: Vec<u16>,
    /// The most private writable memory in bytes (`RLIMIT_DATA`): heap and stacks. Beyond it an allocation fails.
    /// `None`, here as below, leaves what the caller's shell set. A limit is only ever lowered.
    pub memory_bytes: Option<u64>,
    /// The most CPU time of all threads in seconds (`RLIMIT_CPU`). Beyond it the process is killed by SIGXCPU.
    pub cpu_seconds: Option<u64>,
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

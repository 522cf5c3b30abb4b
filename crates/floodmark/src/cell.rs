//! The cell around a command that reads evidence.

use std::path::PathBuf;

use floodmark_confine::{Cell, Strength};

use crate::cli::Confinement;
use crate::failure::Failure;

/// The environment variables that a run keeps; all others are gone before the first argument is read.
pub const KEPT_VARIABLES: &[&str] = &[
    "COLUMNS",
    "FLOODMARK_*",
    "HOME",
    "LANG",
    "LC_*",
    "LOGNAME",
    "NO_COLOR",
    "RUST_BACKTRACE",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_DATA_HOME",
];

/// What a command may still touch once it reads evidence.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// Files and folders to read.
    pub read: Vec<PathBuf>,
    /// Folders to write in.
    pub write: Vec<PathBuf>,
}

/// Closes the cell around this process, which must not have started a thread yet.
pub(crate) fn enter(reach: Reach, confinement: &Confinement) -> Result<(), Failure> {
    let cell = Cell {
        read: reach.read,
        write: reach.write,
        connect: Vec::new(),
        memory_bytes: Some(confinement.max_memory.saturating_mul(1 << 20)),
        cpu_seconds: confinement.max_cpu,
    };
    if !confinement.allow_unconfined {
        return cell.enter().map(|_full| ()).map_err(Failure::from);
    }
    if let Strength::Partial(missing) = cell.enter_or_unconfined()? {
        eprintln!("warning: this kernel does not confine the reader: {}", missing.join("; "));
    }
    Ok(())
}

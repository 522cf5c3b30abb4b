//! Why a process could not be confined.

use std::{io, path::PathBuf};

/// Why a process could not be confined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfineError {
    /// So many threads run, and the walls would hold for the calling one only.
    #[error("{0} threads run, and the cell must be entered with one")]
    Threads(usize),
    /// This path, which the cell should hold, cannot be opened.
    #[error("cannot take {} into the cell", .0.display())]
    Path(PathBuf, #[source] io::Error),
    /// The program started anew with a reduced environment and found these other variables in it.
    #[error("the environment stays full: {}", .0.join(", "))]
    Environment(Vec<String>),
    /// The system refused a step: a phrase that completes "could not ...", and its answer.
    #[error("could not {0}")]
    System(&'static str, #[source] io::Error),
    /// These walls are missing, one sentence for each, and the caller did not allow that.
    #[error("cannot confine this process: {}", .0.join("; "))]
    Unenforced(Vec<String>),
}

impl ConfineError {
    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        matches!(self, Self::Unenforced(_))
            .then_some("use Linux 5.13 with Landlock, or pass --allow-unconfined")
    }
}

//! Why a process could not be confined.

use std::path::PathBuf;
use std::{error, fmt, io};

/// Why a process could not be confined.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfineError {
    /// So many threads run, and the walls would hold for the calling one only.
    Threads(usize),
    /// This path, which the cell should hold, cannot be opened.
    Path(PathBuf, io::Error),
    /// The program started anew with a reduced environment and found these other variables in it.
    Environment(Vec<String>),
    /// The system refused a step: a phrase that completes "could not ...", and its answer.
    System(&'static str, io::Error),
    /// These walls are missing, one sentence for each, and the caller did not allow that.
    Unenforced(Vec<String>),
}

impl ConfineError {
    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        let kernel = "use Linux 5.13 or later with Landlock enabled, or pass --allow-unconfined";
        matches!(self, Self::Unenforced(_)).then_some(kernel)
    }
}

impl fmt::Display for ConfineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threads(count) => write!(f, "{count} threads run, and the cell must be entered with one"),
            Self::Path(path, _) => write!(f, "cannot take {} into the cell", path.display()),
            Self::Environment(names) => write!(f, "the environment stays full: {}", names.join(", ")),
            Self::System(step, _) => write!(f, "could not {step}"),
            Self::Unenforced(missing) => write!(f, "cannot confine this process: {}", missing.join("; ")),
        }
    }
}

impl error::Error for ConfineError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Path(_, source) | Self::System(_, source) => Some(source),
            Self::Threads(_) | Self::Environment(_) | Self::Unenforced(_) => None,
        }
    }
}

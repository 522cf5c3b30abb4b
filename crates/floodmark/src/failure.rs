//! Why a command could not do its work, and what to do next.

use std::io;
use std::path::PathBuf;

use crate::Exit;

/// What stopped a command. Evidence that cannot be read never does: it is told in the answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file or folder that the command itself needs.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// The output could not be written.
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
    /// A wrong argument that only shows once it is looked at.
    #[error("{message}")]
    Usage {
        /// What was wrong, and what was expected.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The cell could not be closed.
    #[error("{0}")]
    Confine(#[from] floodmark_confine::ConfineError),
    /// The case.
    #[error("{0}")]
    Case(#[from] floodmark_case::CaseError),
    /// The rehearsal.
    #[error("{0}")]
    Rehearse(#[from] floodmark_rehearse::RehearseError),
    /// The database of what is known to be bad.
    #[error("{0}")]
    Intel(#[from] floodmark_intel::database::DatabaseError),
    /// What the network was needed for.
    #[error("{why}")]
    Fetch {
        /// What went wrong.
        why: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The report.
    #[error("{0}")]
    Report(#[from] floodmark_report::ReportError),
}

impl Failure {
    /// A wrong argument.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }

    /// Something could not be fetched.
    pub(crate) fn fetch(why: impl Into<String>, hint: Option<String>) -> Self {
        Self::Fetch { why: why.into(), hint }
    }

    /// There is no database.
    pub(crate) fn no_database(path: &std::path::Path) -> Self {
        floodmark_intel::database::DatabaseError::Missing(path.to_owned()).into()
    }

    /// A file that could not be used.
    pub(crate) fn file(path: impl Into<PathBuf>, error: io::Error) -> Self {
        Self::File { path: path.into(), error }
    }

    /// Tells it on standard error, and says how the run ends. A reader that closed its pipe is a normal end.
    pub(crate) fn report(&self) -> Exit {
        if self.is_broken_pipe() {
            return Exit::Clean;
        }
        eprintln!("error: {}", floodmark_report::inert(&self.to_string()));
        if let Some(hint) = self.hint() {
            eprintln!("hint: {}", floodmark_report::inert(hint));
        }
        Exit::Usage
    }

    fn hint(&self) -> Option<&str> {
        match self {
            Self::Usage { hint, .. } => Some(hint),
            Self::Fetch { hint, .. } => hint.as_deref(),
            Self::Confine(error) => error.hint(),
            Self::Case(error) => error.hint(),
            Self::Intel(error) => error.hint(),
            _ => None,
        }
    }

    fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Output(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Report(error) => error.is_broken_pipe(),
            _ => false,
        }
    }
}

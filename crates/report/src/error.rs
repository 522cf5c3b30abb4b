//! Why a view could not be written.

use std::io;

use floodmark_case::Command;

use crate::Format;

/// Why a view could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The output could not be written; a broken pipe is the reader's right and a normal end.
    #[error("the report could not be written: {0}")]
    Write(#[from] io::Error),
    /// The command does not answer in this format.
    #[error("an answer of {} is not written as {format}", command.as_str())]
    NoView {
        /// The format.
        format: Format,
        /// The command.
        command: Command,
    },
    /// A value had no form in JSON.
    #[error("the report could not be put into JSON: {0}")]
    Json(serde_json::Error),
}

impl ReportError {
    /// The error of the operating system behind it, if there is one.
    pub fn io(&self) -> Option<&io::Error> {
        match self {
            Self::Write(error) => Some(error),
            Self::Json(_) | Self::NoView { .. } => None,
        }
    }

    /// Whether the reader went away (`| head`), which is a normal end.
    pub fn is_broken_pipe(&self) -> bool {
        self.io().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<serde_json::Error> for ReportError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_io() { Self::Write(error.into()) } else { Self::Json(error) }
    }
}

//! The case folder.

use std::path::{Path, PathBuf};

/// An open case.
#[derive(Debug)]
pub struct Case {
    folder: PathBuf,
}

/// Why a case could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// Not there.
    #[error("{0}: no case here")]
    Missing(PathBuf),
}

impl Case {
    /// The folder of the case.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

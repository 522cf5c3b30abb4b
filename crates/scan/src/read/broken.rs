//! Why a file could not be read to its end.

use std::io;

/// What is wrong with a file as a whole. What is wrong with one entry is told to [`super::Reading::add`] instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// It could not be read at all, or not to its end.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is larger than what is read of such a file.
    #[error("is larger than what is read of a {format}; expected at most {most} bytes")]
    TooLarge {
        /// The bound, in bytes.
        most: u64,
        /// The format.
        format: &'static str,
    },
    /// It is no text.
    #[error("is no UTF-8 text (byte {at}); expected {expected}")]
    NotText {
        /// The first byte that is none.
        at: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// It is something else than what its name says, or a version of it that is not known.
    #[error("{found}; expected {expected}")]
    Other {
        /// What it is, in words that begin with a verb: "is no JSON (line 3)".
        found: String,
        /// What was expected.
        expected: &'static str,
    },
}

impl Broken {
    /// A file that is something else than expected; `found` begins with a verb.
    pub(crate) fn other(found: impl Into<String>, expected: &'static str) -> Self {
        Self::Other { found: found.into(), expected }
    }
}

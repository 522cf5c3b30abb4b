//! Why something could not be fetched.

use std::io;
use std::path::PathBuf;

/// Why something could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// A host could not be spoken to.
    #[error("{host}: cannot be reached: {why}")]
    Connection {
        /// The host and its port.
        host: String,
        /// What went wrong.
        why: String,
    },
    /// A server answered with a status that is not expected.
    #[error("{url}: the server answers {status}{}", said.as_deref().map(|said| format!(": {said}")).unwrap_or_default())]
    Status {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the server says of it, in one line.
        said: Option<String>,
    },
    /// A server sends elsewhere, where it may not.
    #[error("{from}: the server sends on to {to}, {why}; this was not followed")]
    Elsewhere {
        /// What was asked for.
        from: String,
        /// Where it sends.
        to: String,
        /// Why it is not gone to.
        why: String,
    },
    /// A server sends more than it may.
    #[error("{what}: is longer than {most} bytes, {why}")]
    TooLong {
        /// What is sent.
        what: String,
        /// How long it may be.
        most: u64,
        /// Where that bound comes from.
        why: &'static str,
    },
    /// A server sends less than was announced.
    #[error("{what}: ends after {got} bytes; expected {expected}")]
    Cut {
        /// What is sent.
        what: String,
        /// How many bytes came.
        got: u64,
        /// How many were announced.
        expected: u64,
    },
    /// A server is too slow to be waited for.
    #[error("{what}: comes at less than 1 KiB/s")]
    Slow {
        /// What is sent.
        what: String,
    },
    /// What came is not what its digest names.
    #[error("{what}: has the digest {got}; expected {expected}")]
    Digest {
        /// What was sent.
        what: String,
        /// Its digest.
        got: String,
        /// The digest that was asked for or announced.
        expected: String,
    },
    /// What a server says cannot be understood.
    #[error("{what}: {why}")]
    Nonsense {
        /// What was sent.
        what: String,
        /// What is wrong with it, and what was expected.
        why: String,
    },
    /// An image of another platform is asked for than there is.
    #[error("{reference}: has no image for {platform}; it has {}", offered.join(", "))]
    Platform {
        /// The image.
        reference: String,
        /// The platform that was asked for.
        platform: String,
        /// Those that there are.
        offered: Vec<String>,
    },
    /// The registry wants credentials.
    #[error("{registry}: wants credentials: {why}")]
    Credentials {
        /// The registry.
        registry: String,
        /// Why there are none that it takes.
        why: String,
    },
    /// A file of this machine.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// What was asked cannot be done.
    #[error("{0}")]
    Asked(String),
    /// Whoever asked is gone.
    #[error("nobody waits for it any more")]
    Unheard,
}

impl FetchError {
    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Connection { .. } => {
                Some("the environment's proxy variables are not used; name a proxy with --proxy")
            }
            Self::Credentials { .. } => {
                Some("--docker-config uses those that `docker login` wrote, if they are in the file itself")
            }
            Self::TooLong { why: MOST_BYTES, .. } => Some("--max-download allows more"),
            Self::Platform { .. } => Some("--platform names another"),
            _ => None,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }

    pub(crate) fn nonsense(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Nonsense { what: what.into(), why: why.into() }
    }
}

/// The bound on all that is fetched.
pub(crate) const MOST_BYTES: &str = "which is the most that is fetched";

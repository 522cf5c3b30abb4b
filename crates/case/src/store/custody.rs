//! Whether the evidence is still what it was when it was read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::error::Inert;
use super::{Case, CaseError};
use crate::EvidenceId;

/// What [`Case::verify_evidence`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Custody {
    /// How many sources still have the bytes that were read.
    pub intact: u64,
    /// The sources that are no files (standard input, URLs) and cannot be looked at again.
    pub not_files: Vec<String>,
    /// The sources that are not what they were.
    pub problems: Vec<CustodyProblem>,
}

/// A source whose bytes are not, or no longer, those that were read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustodyProblem {
    /// The file is not there.
    #[error("{}: missing, it was {id}", Inert(.evidence_source))]
    Missing {
        /// Where it was read from.
        evidence_source: String,
        /// What it was.
        id: EvidenceId,
    },
    /// The file has other bytes.
    #[error("{}: altered, it was {id}", Inert(.evidence_source))]
    Altered {
        /// Where it was read from.
        evidence_source: String,
        /// What it was.
        id: EvidenceId,
    },
    /// The file is there and cannot be read.
    #[error("{}: cannot be read: {}", Inert(.evidence_source), Inert(.why))]
    Unreadable {
        /// Where it was read from.
        evidence_source: String,
        /// Why.
        why: String,
    },
}

impl Case {
    /// Looks at every source of the manifest again; a relative path is taken from `root`.
    ///
    /// No more of a file is read than the manifest says it has. The manifest is only as good as the log: verify that first.
    pub fn verify_evidence(&self, root: &Path) -> Result<Custody, CaseError> {
        let mut custody = Custody::default();
        for exhibit in self.evidence()? {
            for source in exhibit.sources {
                custody.look(root, exhibit.id, exhibit.size, source.source);
            }
        }
        Ok(custody)
    }
}

impl Custody {
    fn look(&mut self, root: &Path, id: EvidenceId, size: u64, evidence_source: String) {
        if evidence_source == "-" || evidence_source.contains("://") {
            self.not_files.push(evidence_source);
            return;
        }
        let problem = match digest(&root.join(&evidence_source), size) {
            Ok(Some(digest)) if digest == id => {
                self.intact += 1;
                return;
            }
            Ok(_) => CustodyProblem::Altered { evidence_source, id },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                CustodyProblem::Missing { evidence_source, id }
            }
            Err(error) => CustodyProblem::Unreadable { evidence_source, why: error.to_string() },
        };
        self.problems.push(problem);
    }
}

/// The digest of a file of this size; `None` if it has another.
fn digest(path: &Path, size: u64) -> io::Result<Option<EvidenceId>> {
    // A FIFO in the place of the file must not stop us.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file: File = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "expected a regular file"));
    }
    if metadata.len() != size {
        return Ok(None);
    }
    let mut hash = Sha256::new();
    let mut reader = file.take(size);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok(Some(EvidenceId::new(hash.finalize().into()))),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&buffer[..read]);
    }
}

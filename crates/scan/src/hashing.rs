//! Hashes by the way.

use std::io::{self, Read};

use floodmark_case::EvidenceId;
use sha2::{Digest, Sha256};

/// Hashes what is read through it.
pub(crate) struct Hashing<R> {
    stream: R,
    hash: Sha256,
    bytes: u64,
}

impl<R> Hashing<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self { stream, hash: Sha256::new(), bytes: 0 }
    }

    /// As if what stands before the stream had been read through it.
    pub(crate) fn behind(before: &[u8], stream: R) -> Self {
        let mut hashing = Self::new(stream);
        hashing.hash.update(before);
        hashing.bytes = before.len() as u64;
        hashing
    }

    /// The hash of what was read, and how many bytes that were.
    pub(crate) fn finish(self) -> (EvidenceId, u64) {
        (EvidenceId::new(self.hash.finalize().into()), self.bytes)
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

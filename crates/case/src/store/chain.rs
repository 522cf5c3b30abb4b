//! The hash chain: how an entry of the log, and what it wrote, become 32 bytes.
//!
//! Everything that is hashed is a sequence of fields, and each field goes in as its length (eight bytes, big endian)
//! followed by its bytes, so that no two different sequences look alike. Numbers are eight bytes, big endian; text is
//! UTF-8; times are RFC 3339 in UTC, as they are stored.
//!
//! ```text
//! content(entry) = SHA-256( "floodmark case content 1",
//!                           for each row of evidence, by id and source: "evidence", id, source, size, kind, at
//!                           for its answer, if it wrote one:            "answer", command, json )
//! hash(entry)    = SHA-256( "floodmark case log 1", seq, previous, at, who, program, command, deed, detail, rows,
//!                           content )
//! previous(1)    = 32 zero bytes;  previous(n) = hash(n - 1)
//! ```

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{EvidenceId, ParseEvidenceIdError};

/// A SHA-256 of the log: of an entry, which stands for all entries before it too, or of what an entry wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LogHash(EvidenceId);

impl LogHash {
    /// What the first entry has for its predecessor.
    pub const NONE: Self = Self::new([0; 32]);

    /// Wraps a digest.
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(EvidenceId::new(digest))
    }

    /// The 32 bytes of the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for LogHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for LogHash {
    type Err = ParseEvidenceIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A hash over a sequence of fields, each preceded by its length.
pub(super) struct Fields(Sha256);

impl Fields {
    pub(super) fn new(purpose: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.text(purpose);
        fields
    }

    pub(super) fn bytes(&mut self, field: &[u8]) -> &mut Self {
        self.0.update((field.len() as u64).to_be_bytes());
        self.0.update(field);
        self
    }

    pub(super) fn text(&mut self, field: &str) -> &mut Self {
        self.bytes(field.as_bytes())
    }

    pub(super) fn number(&mut self, field: u64) -> &mut Self {
        self.bytes(&field.to_be_bytes())
    }

    pub(super) fn finish(self) -> LogHash {
        LogHash::new(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_byte_from_one_field_to_the_next_changes_the_hash() {
        let mut split_late = Fields::new("test");
        split_late.text("ab").text("c");
        let mut split_early = Fields::new("test");
        split_early.text("a").text("bc");
        assert_ne!(split_late.finish(), split_early.finish());
    }

    #[test]
    fn the_encoding_is_the_documented_one() {
        let mut fields = Fields::new("t");
        fields.number(7).bytes(b"xy");
        let by_hand = [
            &[0, 0, 0, 0, 0, 0, 0, 1][..],
            b"t",
            &[0, 0, 0, 0, 0, 0, 0, 8],
            &[0, 0, 0, 0, 0, 0, 0, 7],
            &[0, 0, 0, 0, 0, 0, 0, 2],
            b"xy",
        ]
        .concat();
        assert_eq!(fields.finish().to_string(), EvidenceId::of(&by_hand).to_string());
    }
}

//! Many texts in one deflated block, since they have much in common.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

use super::DatabaseError;

/// No block holds more, once inflated.
const BLOCK_AT_MOST: usize = 256 << 20;

/// How many bytes tell how long a text is.
const LENGTH: usize = size_of::<u32>();

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) block: i64,
    pub(super) at: usize,
    pub(super) len: usize,
}

/// Gathers texts into blocks of about one size.
#[derive(Debug)]
pub(super) struct Blocks {
    size: usize,
    number: i64,
    open: Vec<u8>,
}

impl Blocks {
    /// Blocks that are closed once they hold `size` bytes.
    pub(super) fn of(size: usize) -> Self {
        Self { size, number: 0, open: Vec::with_capacity(size * 2) }
    }

    /// Puts a text into the open block. The second value is a block that is full, with its number.
    pub(super) fn push(&mut self, text: &[u8]) -> (Spot, Option<(i64, Vec<u8>)>) {
        let spot = Spot { block: self.number, at: self.open.len(), len: text.len() };
        self.open.extend_from_slice(text);
        let full = (self.open.len() >= self.size).then(|| self.close());
        (spot, full)
    }

    /// The last block, if there is anything in it.
    pub(super) fn finish(mut self) -> Option<(i64, Vec<u8>)> {
        (!self.open.is_empty()).then(|| self.close())
    }

    fn close(&mut self) -> (i64, Vec<u8>) {
        let closed = (self.number, deflated(&self.open));
        self.open.clear();
        self.number += 1;
        closed
    }
}

/// The text at a spot of its inflated block.
pub(super) fn slice(block: &[u8], spot: Spot) -> Result<&[u8], DatabaseError> {
    spot.at
        .checked_add(spot.len)
        .and_then(|end| block.get(spot.at..end))
        .ok_or_else(|| DatabaseError::Damaged(format!("block {} is shorter than its records", spot.block)))
}

/// Deflates a text; its length stands before it.
pub(super) fn deflated(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(text.len() / 4 + LENGTH);
    bytes.extend(length.to_le_bytes());
    let mut encoder = DeflateEncoder::new(bytes, Compression::new(6));
    let written = encoder.write_all(text).and_then(|()| encoder.finish());
    written.expect("memory takes every byte")
}

/// Inflates one text after the other. To make its tables anew for each would cost more than most texts.
#[derive(Debug)]
pub(super) struct Inflater(Decompress);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompress::new(false))
    }
}

impl Inflater {
    /// Inflates what [`deflated`] made.
    pub(super) fn inflated(&mut self, bytes: &[u8]) -> Result<Vec<u8>, DatabaseError> {
        let damaged = |why: &str| DatabaseError::Damaged(format!("a block cannot be inflated: {why}"));
        let (length, bytes) =
            bytes.split_first_chunk::<LENGTH>().ok_or_else(|| damaged("it is cut short"))?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        // Nothing deflates to less than a thousandth.
        if length > BLOCK_AT_MOST || length / 2048 > bytes.len() {
            return Err(damaged("it comes to too much"));
        }
        let mut text = Vec::with_capacity(length);
        self.0.reset(false);
        let status = self.0.decompress_vec(bytes, &mut text, FlushDecompress::Finish);
        match status.map_err(|error| damaged(&error.to_string()))? {
            Status::StreamEnd if text.len() == length => Ok(text),
            _ => Err(damaged("it is of another length than it says")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_again() {
        let texts = ["one", "", "a longer one", "four"];
        let mut blocks = Blocks::of(10);
        let (mut closed, mut spots) = (Vec::new(), Vec::new());
        for text in texts {
            let (spot, full) = blocks.push(text.as_bytes());
            spots.push(spot);
            closed.extend(full);
        }
        closed.extend(blocks.finish());
        assert_eq!(closed.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1]);
        for (text, spot) in texts.into_iter().zip(spots) {
            let (_, bytes) = closed.iter().find(|(number, _)| *number == spot.block).expect("it is there");
            assert_eq!(
                slice(&Inflater::default().inflated(bytes).expect("whole"), spot).expect("within"),
                text.as_bytes()
            );
        }
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        let mut inflater = Inflater::default();
        let whole = deflated(&b"one text, and once more one text, and once more".repeat(9));
        for bytes in [&b""[..], b"no block", b"\xff\xff\xff\xff\x03\x00", &whole[..whole.len() - 1]] {
            assert!(inflater.inflated(bytes).is_err(), "{bytes:?}");
        }
        assert!(inflater.inflated(&whole).is_ok(), "what was damaged does not spoil what comes after it");
        assert!(slice(b"short", Spot { block: 0, at: 3, len: 9 }).is_err());
        assert!(slice(b"short", Spot { block: 0, at: usize::MAX, len: 9 }).is_err());
    }
}

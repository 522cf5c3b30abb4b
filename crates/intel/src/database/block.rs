//! Many texts in one deflated block, since they have much in common.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::DatabaseError;

/// No block holds more, once inflated.
const BLOCK_AT_MOST: u64 = 64 << 20;

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

/// Deflates a text.
pub(super) fn deflated(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(text.len() / 4), Compression::new(6));
    let written = encoder.write_all(text).and_then(|()| encoder.finish());
    written.expect("memory takes every byte")
}

/// Inflates what [`deflated`] made.
pub(super) fn inflated(bytes: &[u8]) -> Result<Vec<u8>, DatabaseError> {
    let mut text = Vec::with_capacity(bytes.len() * 6);
    let read = ZlibDecoder::new(bytes).take(BLOCK_AT_MOST + 1).read_to_end(&mut text);
    let damaged = |why: io::Error| DatabaseError::Damaged(format!("a block cannot be inflated: {why}"));
    if read.map_err(damaged)? as u64 > BLOCK_AT_MOST {
        return Err(DatabaseError::Damaged("a block comes to too much".to_owned()));
    }
    Ok(text)
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
            assert_eq!(slice(&inflated(bytes).expect("whole"), spot).expect("within"), text.as_bytes());
        }
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        assert!(inflated(b"no block").is_err());
        assert!(slice(b"short", Spot { block: 0, at: 3, len: 9 }).is_err());
        assert!(slice(b"short", Spot { block: 0, at: usize::MAX, len: 9 }).is_err());
    }
}

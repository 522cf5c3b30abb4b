//! Files that pass by once and are to be read from a few places in them: what was looked at is kept, and nothing else.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use floodmark_case::EvidenceId;

use super::Anywhere;
use crate::hashing::Hashing;

/// The end of what has passed by is held for whoever goes back a little: programs have their tables at their end.
const RECENT: usize = 1 << 20;

const BUFFER: usize = 64 << 10;

/// A file in a stream. Whoever reads it may go on in it as far as they like, and back to what is held.
pub(super) struct Passing<R> {
    stream: Hashing<R>,
    size: u64,
    /// How much of the stream was read.
    passed: u64,
    /// Where the next byte is asked for.
    at: u64,
    /// So much of the beginning is held, and these ranges.
    head: u64,
    also: Vec<Range<u64>>,
    held: Vec<(u64, Vec<u8>)>,
    recent: Vec<u8>,
    looked_at: Vec<(u64, Vec<u8>)>,
    missed: Vec<Range<u64>>,
    buffer: Vec<u8>,
}

impl<R: Read> Passing<R> {
    /// A file of so many bytes, of which these first bytes have been read already.
    pub(super) fn new(first: &[u8], stream: R, size: u64, head: u64, also: &[Range<u64>]) -> Self {
        let mut passing = Self {
            stream: Hashing::behind(first, stream),
            size,
            passed: 0,
            at: 0,
            head,
            also: also.to_vec(),
            held: Vec::new(),
            recent: Vec::new(),
            looked_at: vec![(0, first.to_vec())],
            missed: Vec::new(),
            buffer: Vec::new(),
        };
        passing.hold(first);
        passing
    }

    /// What was looked at, if some of it was asked for when it was gone.
    pub(super) fn missed(&self) -> Option<Vec<Range<u64>>> {
        let looked_at = self.looked_at.iter().map(|(at, bytes)| *at..*at + bytes.len() as u64);
        (!self.missed.is_empty()).then(|| looked_at.chain(self.missed.iter().cloned()).collect())
    }

    /// What was looked at, and the hash of all: the rest of the stream is read for it.
    pub(super) fn finish(mut self) -> io::Result<Pieces> {
        io::copy(&mut self.stream, &mut io::sink())?;
        let (evidence, size) = self.stream.finish();
        if size != self.size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Pieces { size, evidence, held: merged(self.looked_at) })
    }

    /// Holds what has to be held of the bytes that come next.
    fn hold(&mut self, bytes: &[u8]) {
        let here = self.passed..self.passed + bytes.len() as u64;
        for range in std::iter::once(&(0..self.head)).chain(&self.also) {
            let (from, to) = (range.start.max(here.start), range.end.min(here.end));
            if from < to {
                put(&mut self.held, from, part(bytes, here.start, from..to));
            }
        }
        if self.size > self.head {
            self.recent.extend_from_slice(bytes);
            if self.recent.len() > 2 * RECENT {
                self.recent.drain(..self.recent.len() - RECENT);
            }
        }
        self.passed = here.end;
    }

    /// Reads on in the stream up to a place.
    fn pass(&mut self, to: u64) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(BUFFER, 0);
        while self.passed < to {
            let most = usize::try_from(to - self.passed).unwrap_or(BUFFER).min(BUFFER);
            match self.stream.read(&mut buffer[..most])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => self.hold(&buffer[..count]),
            }
        }
        self.buffer = buffer;
        Ok(())
    }

    /// What is held from this place on.
    fn back(&self, at: u64) -> Option<&[u8]> {
        let recent_at = self.passed - self.recent.len() as u64;
        let pieces = [&self.held, &self.looked_at];
        let mut pieces = pieces.into_iter().flatten().map(|(from, bytes)| (*from, bytes.as_slice()));
        let recent = Some((recent_at, self.recent.as_slice()));
        recent.into_iter().chain(&mut pieces).find_map(|(from, bytes)| after(from, bytes, at))
    }
}

impl<R: Read> Read for Passing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.size.saturating_sub(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        if self.at < self.passed {
            let Some(held) = self.back(self.at) else {
                // All that was asked for at once, as far as is known.
                self.missed.push(self.at..self.at + most as u64);
                return Err(io::Error::other("has passed by"));
            };
            let count = held.len().min(most);
            buffer[..count].copy_from_slice(&held[..count]);
            put(&mut self.looked_at, self.at, &buffer[..count]);
            self.at += count as u64;
            return Ok(count);
        }
        self.pass(self.at)?;
        let count = self.stream.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.hold(&buffer[..count]);
        put(&mut self.looked_at, self.at, &buffer[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl<R> Seek for Passing<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = sought(to, self.at, self.size)?;
        Ok(self.at)
    }
}

impl<R: Read> Anywhere for Passing<R> {}

/// What was kept of a file: the pieces of it that its reader looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pieces {
    size: u64,
    evidence: EvidenceId,
    /// In order, with gaps between them.
    held: Vec<(u64, Vec<u8>)>,
}

impl Pieces {
    /// How many bytes are held.
    pub(super) fn bytes(&self) -> u64 {
        self.held.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }
}

/// A file of which there are pieces.
pub(super) struct InPieces<'p> {
    pub(super) pieces: &'p Pieces,
    pub(super) at: u64,
}

impl Read for InPieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.at >= self.pieces.size {
            return Ok(0);
        }
        let before = self.pieces.held.partition_point(|(from, _)| *from <= self.at);
        let piece = before.checked_sub(1).and_then(|piece| self.pieces.held.get(piece));
        let rest = piece.and_then(|(from, bytes)| after(*from, bytes, self.at));
        let rest = rest.ok_or_else(|| io::Error::other("was not kept whole of its layer"))?;
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for InPieces<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = sought(to, self.at, self.pieces.size)?;
        Ok(self.at)
    }
}

impl Anywhere for InPieces<'_> {
    fn known(&self) -> Option<(EvidenceId, u64)> {
        Some((self.pieces.evidence, self.pieces.size))
    }
}

fn sought(to: SeekFrom, at: u64, size: u64) -> io::Result<u64> {
    let place = match to {
        SeekFrom::Start(place) => Some(place),
        SeekFrom::Current(by) => at.checked_add_signed(by),
        SeekFrom::End(by) => size.checked_add_signed(by),
    };
    place.ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// Adds bytes to the last piece, or begins another.
fn put(pieces: &mut Vec<(u64, Vec<u8>)>, at: u64, bytes: &[u8]) {
    match pieces.last_mut() {
        Some((from, last)) if *from + last.len() as u64 == at => last.extend_from_slice(bytes),
        _ => pieces.push((at, bytes.to_vec())),
    }
}

/// The part of bytes that begin at a place.
fn part(bytes: &[u8], begin: u64, range: Range<u64>) -> &[u8] {
    let index = |place: u64| usize::try_from(place - begin).unwrap_or(bytes.len()).min(bytes.len());
    &bytes[index(range.start)..index(range.end)]
}

/// What stands from a place on in bytes that begin at another.
fn after(from: u64, bytes: &[u8], at: u64) -> Option<&[u8]> {
    let into = usize::try_from(at.checked_sub(from)?).ok()?;
    bytes.get(into..).filter(|rest| !rest.is_empty())
}

/// Pieces in order, those that touch as one.
fn merged(mut pieces: Vec<(u64, Vec<u8>)>) -> Vec<(u64, Vec<u8>)> {
    pieces.sort_by_key(|(at, _)| *at);
    let mut merged: Vec<(u64, Vec<u8>)> = Vec::new();
    for (at, bytes) in pieces {
        match merged.last_mut() {
            Some((from, last)) if at <= *from + last.len() as u64 => {
                let there = usize::try_from(*from + last.len() as u64 - at).unwrap_or(bytes.len());
                last.extend_from_slice(bytes.get(there..).unwrap_or_default());
            }
            _ => merged.push((at, bytes)),
        }
    }
    for (_, bytes) in &mut merged {
        bytes.shrink_to_fit();
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(file: &mut dyn Anywhere, at: u64, size: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; size];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn what_was_looked_at_is_kept_with_the_hash_of_all() {
        let file: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let size = file.len() as u64;
        let looks =
            [(0, 64), (3_000_000, 100), (32, 500), (size - 20, 20), (size - 1000, 300), (size - 20, 20)];
        let mut passing = Passing::new(&file[..8], &file[8..], size, 4096, &[]);
        for (at, length) in looks {
            let there = usize::try_from(at).expect("small");
            assert_eq!(look(&mut passing, at, length).expect("held"), file[there..there + length]);
        }
        assert_eq!(passing.missed(), None);
        let pieces = passing.finish().expect("a whole file");
        assert_eq!(pieces.evidence, EvidenceId::of(&file));
        assert!(pieces.bytes() < 1500, "{}", pieces.bytes());
        let mut kept = InPieces { pieces: &pieces, at: 0 };
        for (at, length) in looks {
            let there = usize::try_from(at).expect("small");
            assert_eq!(look(&mut kept, at, length).expect("kept"), file[there..there + length]);
        }
        assert!(look(&mut kept, 10_000, 1).is_err());
        assert_eq!(kept.known(), Some((EvidenceId::of(&file), size)));
    }

    #[test]
    fn what_has_passed_by_is_told_and_there_the_next_time() {
        let file: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let size = file.len() as u64;
        let mut passing = Passing::new(&[], &file[..], size, 4096, &[]);
        look(&mut passing, size - 10, 10).expect("ahead");
        look(&mut passing, 100_000, 50).expect_err("gone");
        let ranges = passing.missed().expect("something was missed");
        let mut passing = Passing::new(&[], &file[..], size, 4096, &ranges);
        look(&mut passing, size - 10, 10).expect("ahead");
        assert_eq!(look(&mut passing, 100_000, 50).expect("held"), file[100_000..100_050]);
        assert_eq!(passing.missed(), None);
    }

    #[test]
    fn a_file_cut_short_is_an_error() {
        let passing = Passing::new(&[], &[1_u8; 10][..], 20, 4096, &[]);
        assert!(passing.finish().is_err());
    }
}

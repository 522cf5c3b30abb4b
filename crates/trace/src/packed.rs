//! Moments kept in few bytes, since a log may have very many.

use serde::{Deserialize, Serialize};

/// A moment, and two numbers of whoever keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// In microseconds since 1970.
    pub(crate) time: i64,
    /// The number of the event's [`Place`](crate::place::Place).
    pub(crate) key: u64,
    /// A hash of the event's own identity.
    pub(crate) event: u64,
    pub(crate) numbers: [u32; 2],
}

/// A list of marks, some 16 bytes each: of what grows little from one to the next, the difference is kept, in as few bytes
/// as it takes (LEB128, the sign in the lowest bit).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// Each can be read alone; so none is ever moved, and no room lies idle.
    chunks: Vec<Vec<u8>>,
    /// The last of the last chunk.
    last: (i64, u64),
    len: usize,
}

const CHUNK: usize = 32 << 10;

/// No mark takes more bytes.
const LONGEST: usize = 2 * 10 + 8 + 2 * 5;

impl Marks {
    /// Adds one at the end.
    pub(crate) fn push(&mut self, mark: Mark) {
        if self.chunks.last().is_none_or(|chunk| chunk.len() + LONGEST > CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
            self.last = (0, 0);
        }
        let Some(chunk) = self.chunks.last_mut() else { return };
        let (time, key) = std::mem::replace(&mut self.last, (mark.time, mark.key));
        put(chunk, folded(mark.time.wrapping_sub(time)));
        put(chunk, folded(mark.key.wrapping_sub(key).cast_signed()));
        chunk.extend_from_slice(&mark.event.to_le_bytes());
        for number in mark.numbers {
            put(chunk, number.into());
        }
        self.len += 1;
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All of them, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Mark> {
        self.chunks.iter().flat_map(|chunk| {
            let (mut rest, mut last) = (&**chunk, (0, 0));
            std::iter::from_fn(move || take(&mut rest, &mut last))
        })
    }
}

/// The next mark of a chunk; none at its end, or where it breaks off.
fn take(rest: &mut &[u8], (time, key): &mut (i64, u64)) -> Option<Mark> {
    *time = time.wrapping_add(unfolded(get(rest)?));
    *key = key.wrapping_add(unfolded(get(rest)?).cast_unsigned());
    let (event, behind) = rest.split_first_chunk()?;
    *rest = behind;
    let numbers = [u32::try_from(get(rest)?).ok()?, u32::try_from(get(rest)?).ok()?];
    Some(Mark { time: *time, key: *key, event: u64::from_le_bytes(*event), numbers })
}

/// Small numbers of either sign as small numbers.
fn folded(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

fn unfolded(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn get(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_as_they_were_in_few_bytes_each() {
        let edges = [0, 1, 127, 128, u64::MAX, 1 << 63, u64::MAX >> 1];
        let odd = edges.into_iter().flat_map(|time| {
            edges.map(|key| Mark { time: time.cast_signed(), key, event: key ^ time, numbers: [0, u32::MAX] })
        });
        let usual = (0..10_000_u32).map(|number| Mark {
            time: 1_774_000_000_000_000 + i64::from(number) * 3_000_000,
            key: u64::from(number / 100) << 32 | u64::from(number % 100),
            event: u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            numbers: [number % 3_000, number % 100],
        });
        let all: Vec<Mark> = usual.chain(odd).collect();
        let mut marks = Marks::default();
        for mark in &all {
            marks.push(*mark);
        }
        assert_eq!((marks.iter().collect::<Vec<_>>(), marks.len()), (all.clone(), all.len()));
        let bytes: usize = marks.chunks.iter().map(Vec::len).sum();
        assert!(bytes < 17 * all.len(), "{bytes}");
    }

    #[test]
    fn a_chunk_that_breaks_off_ends_there() {
        let mut marks = Marks::default();
        let mark = Mark { time: -5, key: 300, event: 9, numbers: [1_000, 0] };
        marks.push(mark);
        let whole = marks.chunks[0].clone();
        for end in 0..whole.len() {
            marks.chunks[0].truncate(end);
            assert_eq!(marks.iter().next(), None);
            marks.chunks[0].clone_from(&whole);
        }
        assert_eq!(marks.iter().next(), Some(mark));
    }
}

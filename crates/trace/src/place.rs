//! Where a record stands, in eight bytes, and how that becomes a citation.

use std::fmt::Write;

use floodmark_case::{Citation, EvidenceId};

/// The place of a record: which input, which record in it.
///
/// Inputs are numbered in the order of their sorted paths, so places do not depend on which thread read what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// The input's number.
    pub input: u32,
    /// The record's number in it, counted as its [`Container`] counts.
    pub record: u32,
}

impl Place {
    /// Behind all others.
    pub const LAST: Self = Self { input: u32::MAX, record: u32::MAX };

    /// The place as one number, which orders as places do.
    pub const fn number(self) -> u64 {
        ((self.input as u64) << 32) | self.record as u64
    }

    /// The place of a number.
    pub const fn from_number(number: u64) -> Self {
        Self { input: (number >> 32) as u32, record: (number & 0xffff_ffff) as u32 }
    }
}

/// How the records of an input are held, and so how a place in it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Container {
    /// `{"Records": [...]}`: `Records[16]`.
    #[default]
    Records,
    /// `{"Events": [...]}`, as `aws cloudtrail lookup-events` prints: `Events[16]`.
    Events,
    /// A bare array: `[16]`.
    Array,
    /// An array below another key, by that key (`Findings`, `hits.hits`).
    Key(&'static str),
    /// One record per line: `line 17`, counted from 1.
    Lines,
    /// JSON values one after the other, not one per line: `value 3`, counted from 0.
    Values,
}

/// An input that records were read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Its SHA-256.
    pub evidence: EvidenceId,
    /// How it holds its records.
    pub container: Container,
}

/// Citations for these places, one per input, records in ranges. `inputs` is indexed by [`Place::input`]; a place
/// in an input that is not there is passed over.
pub fn cite(inputs: &[Input], places: &[Place]) -> Vec<Citation> {
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
        .chunk_by(|a, b| a.input == b.input)
        .filter_map(|of_one| {
            let input = inputs.get(usize::try_from(of_one[0].input).ok()?)?;
            Some(Citation { evidence: input.evidence, place: input.container.place(of_one) })
        })
        .collect()
}

impl Container {
    /// One record, as a citation names it.
    pub fn at(self, record: u32) -> String {
        self.place(&[Place { input: 0, record }])
    }

    fn place(self, sorted: &[Place]) -> String {
        let ranges = ranges(sorted);
        let many = sorted.len() > 1;
        match self {
            Self::Records => format!("Records[{ranges}]"),
            Self::Events => format!("Events[{ranges}]"),
            Self::Array => format!("[{ranges}]"),
            Self::Key(key) => format!("{key}[{ranges}]"),
            Self::Lines if many => format!("lines {ranges}"),
            Self::Lines => format!("line {ranges}"),
            Self::Values if many => format!("values {ranges}"),
            Self::Values => format!("value {ranges}"),
        }
    }
}

/// `3-5,9` for 3, 4, 5, 9.
fn ranges(sorted: &[Place]) -> String {
    let mut text = String::new();
    for run in sorted.chunk_by(|a, b| a.record.checked_add(1) == Some(b.record)) {
        if !text.is_empty() {
            text.push(',');
        }
        let (first, last) = (run[0].record, run[run.len() - 1].record);
        let _ = if first == last { write!(text, "{first}") } else { write!(text, "{first}-{last}") };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_become_one_citation_per_input_with_records_in_ranges() {
        let inputs = [
            Input { evidence: EvidenceId::of(b"a"), container: Container::Records },
            Input { evidence: EvidenceId::of(b"b"), container: Container::Lines },
        ];
        let place = |input, record| Place { input, record };
        let places =
            [place(1, 7), place(0, 9), place(0, 4), place(0, 3), place(0, 5), place(0, 4), place(9, 1)];
        let citations = cite(&inputs, &places);
        assert_eq!(
            citations,
            [
                Citation { evidence: EvidenceId::of(b"a"), place: "Records[3-5,9]".into() },
                Citation { evidence: EvidenceId::of(b"b"), place: "line 7".into() },
            ]
        );
    }
}

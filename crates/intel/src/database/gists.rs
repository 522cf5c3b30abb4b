//! Gists, many in one deflated block. They are numbered in the order in which packages name them first, so that those
//! which are asked for together lie together.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::DatabaseError;
use super::block::deflated;
use super::compact::{Reader, Writer, damaged};
use crate::advisory::{Class, Gist, Rating, Score, Severity};

/// About how much stands in a block before it is deflated.
const BLOCK: usize = 6 << 10;

const CLASSES: [Class; 3] = [Class::Notice, Class::Vulnerability, Class::Malicious];
const RATINGS: [Rating; 5] = [Rating::None, Rating::Low, Rating::Medium, Rating::High, Rating::Critical];

/// Gathers gists into blocks.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    /// The number of the first gist in the open block.
    first: i64,
    open: Vec<u8>,
    in_open: i64,
}

impl Gathering {
    /// Puts a gist into the open block. The values are its number, and a block that is full, by its first number.
    pub(super) fn push(&mut self, gist: &[u8]) -> (i64, Option<(i64, Vec<u8>)>) {
        let number = self.first + self.in_open;
        let mut writer = Writer::default();
        writer.bytes(gist);
        self.open.extend(writer.finish());
        self.in_open += 1;
        (number, (self.open.len() >= BLOCK).then(|| self.close()))
    }

    /// The last block, if there is anything in it.
    pub(super) fn finish(mut self) -> Option<(i64, Vec<u8>)> {
        (self.in_open > 0).then(|| self.close())
    }

    fn close(&mut self) -> (i64, Vec<u8>) {
        let closed = (self.first, deflated(&self.open));
        self.first += self.in_open;
        self.in_open = 0;
        self.open.clear();
        closed
    }
}

/// Blocks that were read, by their first number: what is asked for together lies together.
#[derive(Debug, Default)]
pub(super) struct Remembered(BTreeMap<i64, Block>);

/// How many blocks are remembered before all are forgotten: a megabyte.
const BLOCKS_AT_MOST: usize = 128;

#[derive(Debug)]
struct Block {
    text: Vec<u8>,
    /// Where each gist stands in it.
    places: Vec<(usize, usize)>,
}

impl Remembered {
    /// The gist of a number; `read` reads the block that begins at or before it, inflated.
    pub(super) fn gist(
        &mut self,
        number: i64,
        read: impl FnOnce() -> Result<(i64, Vec<u8>), DatabaseError>,
    ) -> Result<Gist, DatabaseError> {
        if self.found(number).is_none() {
            if self.0.len() >= BLOCKS_AT_MOST {
                self.0.clear();
            }
            let (first, text) = read()?;
            self.0.insert(first, Block::of(text)?);
        }
        decoded(self.found(number).ok_or_else(damaged)?)
    }

    fn found(&self, number: i64) -> Option<&[u8]> {
        let (first, block) = self.0.range(..=number).next_back()?;
        let (from, to) = *block.places.get(usize::try_from(number - first).ok()?)?;
        block.text.get(from..to)
    }
}

impl Block {
    fn of(text: Vec<u8>) -> Result<Self, DatabaseError> {
        let mut places = Vec::new();
        let mut reader = Reader::new(&text);
        while !reader.is_at_end() {
            let len = reader.bytes()?.len();
            let to = text.len() - reader.left();
            places.push((to - len, to));
        }
        Ok(Self { text, places })
    }
}

/// A gist as it stands in a block.
pub(super) fn encoded(gist: &Gist) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text(&gist.id);
    for names in [&gist.aliases, &gist.upstream, &gist.related] {
        writer.list(names, |writer, name| writer.text(name));
    }
    writer.count(CLASSES.iter().position(|one| *one == gist.class).unwrap_or_default());
    writer.text(gist.informational.as_deref().unwrap_or_default());
    writer.text(&gist.summary);
    for time in [gist.modified, gist.published] {
        // Behind the bits of the sign, so that no time is one byte.
        writer.number(time.map_or(0, |time| zigzag(time.as_second()) + 1));
        writer.number(time.map_or(0, |time| zigzag(time.subsec_nanosecond().into())));
    }
    writer.list(&gist.severity, write_severity);
    writer.number(gist.score.map_or(0, |score| u64::from(score.tenths()) + 1));
    writer.count(
        gist.rating.and_then(|rating| RATINGS.iter().position(|one| *one == rating)).map_or(0, |at| at + 1),
    );
    writer.finish()
}

fn decoded(bytes: &[u8]) -> Result<Gist, DatabaseError> {
    let mut reader = Reader::new(bytes);
    let id = reader.text()?.into();
    let mut names = || reader.list(|reader| reader.text().map(Into::into));
    let (aliases, upstream, related) = (names()?, names()?, names()?);
    let class = *CLASSES.get(reader.count()?).ok_or_else(damaged)?;
    let informational = Some(reader.text()?).filter(|text| !text.is_empty()).map(Into::into);
    let summary = reader.text()?.into();
    let (modified, published) = (time(&mut reader)?, time(&mut reader)?);
    let severity = reader.list(read_severity)?;
    let score = reader.number()?.checked_sub(1);
    let score =
        score.map(|tenths| u8::try_from(tenths).ok().and_then(Score::from_tenths).ok_or_else(damaged));
    let rating = reader.count()?.checked_sub(1);
    let rating = rating.map(|at| RATINGS.get(at).copied().ok_or_else(damaged)).transpose()?;
    Ok(Gist {
        id,
        aliases,
        upstream,
        related,
        class,
        informational,
        summary,
        modified,
        published,
        severity,
        score: score.transpose()?,
        rating,
    })
}

pub(super) fn write_severity(writer: &mut Writer, severity: &Severity) {
    writer.text(&severity.kind);
    writer.text(&severity.score);
}

pub(super) fn read_severity(reader: &mut Reader<'_>) -> Result<Severity, DatabaseError> {
    Ok(Severity { kind: reader.text()?.into(), score: reader.text()?.into() })
}

fn time(reader: &mut Reader<'_>) -> Result<Option<Timestamp>, DatabaseError> {
    let (second, nanosecond) = (reader.number()?.checked_sub(1), unzigzag(reader.number()?));
    let Some(second) = second else { return Ok(None) };
    let nanosecond = i32::try_from(nanosecond).map_err(|_| damaged())?;
    Timestamp::new(unzigzag(second), nanosecond).map(Some).map_err(|_| damaged())
}

/// A number with a sign as one without: 0, -1, 1, -2 ...
const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::super::block::Inflater;
    use super::*;

    fn gist(id: &str) -> Gist {
        Gist {
            id: id.into(),
            aliases: vec!["CVE-1".into(), "é".into()],
            upstream: Vec::new(),
            related: vec!["CVE-2".into()],
            class: Class::Malicious,
            informational: None,
            summary: "a summary".into(),
            modified: Some("2026-03-23T12:55:00.123456789Z".parse().expect("a time")),
            published: Some("1969-12-31T23:59:59.5Z".parse().expect("a time")),
            severity: vec![Severity { kind: "CVSS_V3".into(), score: "CVSS:3.1/…".into() }],
            score: Score::from_tenths(98),
            rating: Some(Rating::Critical),
        }
    }

    #[test]
    fn a_gist_is_read_as_it_was_written() {
        let bare = Gist {
            aliases: Vec::new(),
            informational: Some("unsound".into()),
            modified: None,
            published: None,
            score: None,
            rating: None,
            ..gist("X-2")
        };
        for one in [gist("X-1"), bare] {
            assert_eq!(decoded(&encoded(&one)).expect("whole"), one);
        }
    }

    #[test]
    fn every_gist_is_found_in_its_block() {
        let mut gathering = Gathering::default();
        let mut blocks = BTreeMap::new();
        for number in 0..1000 {
            let (told, full) = gathering.push(&encoded(&gist(&format!("X-{number}"))));
            assert_eq!(told, number);
            blocks.extend(full);
        }
        blocks.extend(gathering.finish());
        assert!(blocks.len() > 10, "{}", blocks.len());
        let mut remembered = Remembered::default();
        for number in [0, 999, 1, 500, 501, 998, 0] {
            let read = || {
                let (first, bytes) = blocks.range(..=number).next_back().expect("one");
                Ok((*first, Inflater::default().inflated(bytes)?))
            };
            let found = remembered.gist(number, read).expect("there");
            assert_eq!(*found.id, format!("X-{number}"));
        }
        let beyond =
            || Ok(blocks.last_key_value().map(|(first, bytes)| (*first, bytes.clone())).expect("one"));
        assert!(remembered.gist(1000, beyond).is_err());
    }

    #[test]
    fn what_is_cut_anywhere_is_an_error() {
        let bytes = encoded(&gist("X-1"));
        assert!((0..bytes.len()).all(|end| decoded(&bytes[..end]).is_err()));
    }
}

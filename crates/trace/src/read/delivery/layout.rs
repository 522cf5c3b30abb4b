//! The layouts that records come in: what stands between their values.
//!
//! Records of one call have the same members in the same order, so all but their values is known beforehand. What lies
//! between two values is kept as a piece of text, and behind each piece those that were found to follow it. A record is
//! read by comparing pieces and passing over values; [`to_leaf`] is asked only where no known piece fits.
//!
//! What a piece leaves open follows from its text and from what was open before it, so a piece that fits does what it did
//! when `to_leaf` found it, and with valid values between them, a way through the pieces is a valid record.

use std::ops::Range;

use super::callers::Callers;
use super::learn::{Leaf, Step, to_leaf};
use super::member::{Field, Member};
use crate::event::Wire;
use crate::json::scan::{Open, Result, Scan, Strange};

/// The layouts seen so far, as a tree of pieces.
#[derive(Debug)]
pub(super) struct Layouts {
    pieces: Vec<Piece>,
    /// What learning needs of each.
    origins: Vec<Origin>,
    /// The text of all pieces, one after the other.
    text: String,
    /// The steps of all pieces.
    steps: Vec<Step>,
    /// What followed the last times, where pieces differ in what follows, latest first; see [`Way::guess`].
    guesses: Vec<[u32; WAYS]>,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    text: (u32, u32),
    steps: (u32, u32),
    /// What stands behind it.
    leaf: Leaf,
    /// One that may follow; `NONE` if none is known.
    first: u32,
    /// How many may follow.
    followers: u32,
    /// The piece before it.
    parent: u32,
    /// The next piece that stands behind the same one.
    sibling: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Origin {
    /// What is open behind the piece.
    open: Open,
    /// How many values there were since the member of the record began.
    values: u32,
}

const ROOT: u32 = 0;
const NONE: u32 = u32::MAX;

/// How many pieces are kept before the tree is grown anew, so that endless variety does not fill the memory.
pub(super) const MOST: usize = 32_768;

/// How much text they may have.
const MOST_TEXT: usize = 4 << 20;

/// A longer one is not kept.
const LONGEST_PIECE: usize = 64 << 10;

/// How many pieces may follow one, so that the search for one stays short.
const MOST_FOLLOWERS: u32 = 256;

/// How many guesses there are for what may follow a piece in a call.
const WAYS: usize = 2;

/// For how many pieces and calls they are remembered.
const GUESSES: usize = 4_096;

/// How many values of one member are told apart: lists of every length would else be layouts of their own.
const MOST_VALUES: u32 = 40;

impl Default for Layouts {
    fn default() -> Self {
        Self {
            pieces: vec![Piece::behind(NONE, NONE)],
            origins: vec![Origin::default()],
            text: String::new(),
            steps: Vec::new(),
            guesses: vec![[NONE; WAYS]; GUESSES],
        }
    }
}

/// A member that has begun.
#[derive(Clone, Copy)]
struct Begun {
    field: Field,
    name: (usize, usize),
    value: usize,
}

/// How far the reader of a record has come.
struct Way {
    /// The last piece that is kept.
    last: u32,
    /// What was called, roughly: the layout hangs on it.
    call: u64,
    /// What is open, once it has come to a piece that is not kept.
    strayed: Option<Open>,
}

impl Layouts {
    /// Reads a record into an empty place.
    pub(super) fn record<'t>(
        &mut self,
        scan: &mut Scan<'t>,
        callers: &mut Callers,
        wire: &mut Wire<'t>,
    ) -> Result<()> {
        if self.is_full() {
            *self = Self::default();
        }
        let mut way = Way { last: ROOT, call: 0, strayed: None };
        let mut begun = Begun { field: Field::Other, name: (0, 0), value: 0 };
        let mut has_escapes = false;
        loop {
            let from = scan.at;
            let piece = self.follow(&mut way, scan)?;
            for step in &self.steps[range(piece.steps)] {
                match *step {
                    Step::Begin { field, name, value } => {
                        let name = (from + name.0 as usize, from + name.1 as usize);
                        begun = Begun { field, name, value: from + value as usize };
                        has_escapes = false;
                    }
                    Step::End { at } => {
                        let Begun { field, name, value } = begun;
                        let value = scan.text.get(value..from + at as usize).ok_or(Strange)?;
                        if field == Field::Name {
                            way.call = digest(value);
                        }
                        Member { field, text: scan.text, name, value, has_escapes }.enter(wire)?;
                    }
                }
            }
            match piece.leaf {
                Leaf::Text => has_escapes = scan.rest_of_string()?,
                Leaf::Number => scan.bare()?,
                Leaf::Caller => wire.same_caller = callers.value(scan)?,
                Leaf::End => return Ok(()),
            }
        }
    }

    /// Passes over the next piece.
    fn follow(&mut self, way: &mut Way, scan: &mut Scan<'_>) -> Result<Piece> {
        if way.strayed.is_some() {
            return self.learn(way, scan);
        }
        let rest = scan.rest();
        let Piece { first, followers, .. } = self.pieces[way.last as usize];
        let mut number = first;
        if followers > 1 {
            for guess in self.guesses[way.guess()] {
                if let Some(piece) = self.pieces.get(guess as usize)
                    && piece.parent == way.last
                    && piece.is_at(rest, &self.text)
                {
                    scan.at += piece.length();
                    way.last = guess;
                    return Ok(*piece);
                }
            }
        }
        while number != NONE {
            let piece = self.pieces[number as usize];
            if piece.is_at(rest, &self.text) {
                scan.at += piece.length();
                let guesses = &mut self.guesses[way.guess()];
                *guesses = [number, guesses[0]];
                way.last = number;
                return Ok(piece);
            }
            number = piece.sibling;
        }
        self.learn(way, scan)
    }

    /// Passes over the next piece, which is not known, and keeps it if there is room.
    fn learn(&mut self, way: &mut Way, scan: &mut Scan<'_>) -> Result<Piece> {
        let from = scan.at;
        let origin = self.origins[way.last as usize];
        let mut open = way.strayed.unwrap_or(origin.open);
        let kept_steps = self.pieces.last().map_or(0, |piece| piece.steps.1);
        self.steps.truncate(kept_steps as usize);
        let leaf = to_leaf(scan, &mut open, &mut self.steps)?;
        let text = scan.since(from)?;

        let begins = |step: &Step| matches!(step, Step::Begin { .. });
        let begins_member = self.steps[kept_steps as usize..].iter().any(begins);
        let values = if begins_member { 1 } else { origin.values + 1 };
        let parent = self.pieces[way.last as usize];
        let mut piece = Piece::behind(way.last, parent.first);
        (piece.leaf, piece.steps) = (leaf, (kept_steps, number(self.steps.len())));
        let is_worth_it =
            parent.followers < MOST_FOLLOWERS && values <= MOST_VALUES && text.len() <= LONGEST_PIECE;
        if way.strayed.is_some() || !is_worth_it || self.is_full() {
            way.strayed = Some(open);
            return Ok(piece);
        }
        piece.text.0 = number(self.text.len());
        self.text.push_str(text);
        piece.text.1 = number(self.text.len());
        let this = number(self.pieces.len());
        let parent = &mut self.pieces[way.last as usize];
        (parent.first, parent.followers) = (this, parent.followers + 1);
        way.last = this;
        self.pieces.push(piece);
        self.origins.push(Origin { open, values });
        Ok(piece)
    }

    #[cfg(test)]
    pub(super) fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Whether there is no room for one more piece.
    fn is_full(&self) -> bool {
        self.pieces.len() >= MOST || self.text.len() >= MOST_TEXT
    }
}

impl Way {
    /// Where to look up what may follow.
    fn guess(&self) -> usize {
        let mixed = (self.call ^ u64::from(self.last)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed >> 40).unwrap_or_default() % GUESSES
    }
}

/// A few bits of a text.
fn digest(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let word = |chunk: Option<&[u8; 8]>| chunk.map_or(0, |chunk| u64::from_le_bytes(*chunk));
    let ends = word(bytes.first_chunk()) ^ word(bytes.last_chunk()).rotate_left(23);
    ends.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) ^ bytes.len() as u64
}

impl Piece {
    /// A piece of nothing behind this one, beside that one.
    fn behind(parent: u32, sibling: u32) -> Self {
        Self { text: (0, 0), steps: (0, 0), leaf: Leaf::End, first: NONE, followers: 0, parent, sibling }
    }

    fn length(&self) -> usize {
        range(self.text).len()
    }

    /// Whether a text begins with it and its value.
    #[inline]
    fn is_at(&self, rest: &[u8], texts: &str) -> bool {
        let text = &texts.as_bytes()[range(self.text)];
        let begins_number = |byte: &u8| matches!(byte, b'-' | b'0'..=b'9');
        begins_with(rest, text)
            && (self.leaf != Leaf::Number || rest.get(text.len()).is_some_and(begins_number))
    }
}

fn range((from, to): (u32, u32)) -> Range<usize> {
    from as usize..to as usize
}

/// Numbers here are bounded by what is kept, and by the length of a record.
fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(NONE)
}

/// Whether text begins with a piece. Most are short, and are compared in a few words.
fn begins_with(text: &[u8], piece: &[u8]) -> bool {
    fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        Some((bytes.first_chunk()?, bytes.last_chunk()?))
    }
    let Some(text) = text.get(..piece.len()) else { return false };
    match piece.len() {
        4..8 => ends::<4>(text) == ends::<4>(piece),
        8..16 => ends::<8>(text) == ends::<8>(piece),
        16..=32 => ends::<16>(text) == ends::<16>(piece),
        33..=64 => ends::<32>(text) == ends::<32>(piece),
        _ => text == piece,
    }
}

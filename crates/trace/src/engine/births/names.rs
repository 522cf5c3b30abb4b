//! Text kept once and named by four bytes.

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

/// Longer text than this is cut: no name in a log is longer, and a hostile log must not fill the memory.
const LONGEST: usize = 8_192;

/// A text kept in [`Names`]; the default is the empty text.
///
/// Its number depends on the order of arrival: compare texts, not numbers, where order matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Name(u32);

impl Name {
    /// Whether it names the empty text.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// An interner: every text once, one after the other in one allocation.
#[derive(Default)]
pub struct Names {
    text: String,
    /// Where text `n + 1` ends; the empty text, number 0, takes no room.
    ends: Vec<u32>,
    /// By half a hash; where two texts share one, the later is behind it.
    index: HashMap<u32, u32, RandomState>,
    state: RandomState,
}

impl Names {
    /// The name of a text, new if it has none.
    pub fn name(&mut self, text: &str) -> Name {
        let text = &text[..text.floor_char_boundary(LONGEST)];
        if text.is_empty() {
            return Name::default();
        }
        let free = match self.look_up(text) {
            Ok(known) => return known,
            Err(free) => free,
        };
        let end = u32::try_from(self.text.len() + text.len());
        let (Ok(number), Ok(end)) = (u32::try_from(self.ends.len() + 1), end) else {
            return Name::default();
        };
        self.text.push_str(text);
        self.ends.push(end);
        self.index.insert(free, number);
        Name(number)
    }

    /// The name of a text, if it has one.
    pub fn find(&self, text: &str) -> Option<Name> {
        if text.is_empty() {
            return Some(Name::default());
        }
        self.look_up(text).ok()
    }

    /// The name of a text, or the place in the index that it would have.
    fn look_up(&self, text: &str) -> Result<Name, u32> {
        let mut hash = (self.state.hash_one(text) >> 32) as u32;
        while let Some(&number) = self.index.get(&hash) {
            if self.get(Name(number)) == text {
                return Ok(Name(number));
            }
            hash = hash.wrapping_add(1);
        }
        Err(hash)
    }

    /// The text of a name.
    pub fn get(&self, name: Name) -> &str {
        let Some(place) = (name.0 as usize).checked_sub(1) else {
            return "";
        };
        let from = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.text[from as usize..self.ends[place] as usize]
    }

    /// Takes in another's texts; the answer translates its names into ours.
    pub fn absorb(&mut self, other: &Self) -> Translation {
        let count = u32::try_from(other.ends.len()).unwrap_or(u32::MAX);
        Translation((0..=count).map(|number| self.name(other.get(Name(number)))).collect())
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({})", self.ends.len())
    }
}

/// What the names of one interner are in another.
pub struct Translation(Vec<Name>);

impl Translation {
    /// Our name for theirs.
    pub fn of(&self, name: Name) -> Name {
        self.0.get(name.0 as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_name_and_names_are_translated_when_interners_meet() {
        let (mut ours, mut theirs) = (Names::default(), Names::default());
        let (a, b) = (ours.name("a"), ours.name("b"));
        assert_eq!((ours.name("a"), ours.get(b), ours.get(Name::default())), (a, "b", ""));
        let (their_b, their_c) = (theirs.name("b"), theirs.name("c"));
        let translation = ours.absorb(&theirs);
        assert_eq!(translation.of(their_b), b);
        assert_eq!(ours.get(translation.of(their_c)), "c");
        assert_eq!((ours.find("c"), ours.find("d")), (Some(translation.of(their_c)), None));
    }
}

//! What was seen of each of many keys, found again by number.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

use super::habits::Seen;

/// Keys in the order in which they came, each with what was seen of it. A key keeps its number.
#[derive(Debug)]
pub(crate) struct Tally<K> {
    numbers: HashMap<K, u32, RandomState>,
    entries: Vec<(K, Option<Seen>)>,
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self { numbers: HashMap::default(), entries: Vec::new() }
    }
}

impl<K: Copy + Eq + Hash> Tally<K> {
    /// The number of a key.
    pub(crate) fn number(&mut self, key: K) -> u32 {
        *self.numbers.entry(key).or_insert_with(|| {
            self.entries.push((key, None));
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Adds to what was seen of the key of this number.
    pub(crate) fn add(&mut self, number: u32, seen: Seen) {
        if let Some((_, known)) = self.entries.get_mut(number as usize) {
            *known = Some(known.map_or(seen, |known| known.and(seen)));
        }
    }

    /// All keys of which something was seen.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, Seen)> {
        self.entries.iter().filter_map(|&(key, seen)| Some((key, seen?)))
    }
}

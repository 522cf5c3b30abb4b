//! Counts by key, each found again by its number.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

/// Entries in the order in which their keys came; an entry keeps its number.
#[derive(Debug)]
pub(crate) struct Tally<K, V> {
    numbers: HashMap<K, u32, RandomState>,
    entries: Vec<(K, V)>,
}

impl<K, V> Default for Tally<K, V> {
    fn default() -> Self {
        Self { numbers: HashMap::default(), entries: Vec::new() }
    }
}

impl<K: Copy + Eq + Hash, V> Tally<K, V> {
    /// Adds a value to what its key has, or makes it the first; the number of the entry.
    pub(crate) fn add(&mut self, key: K, value: V, join: impl FnOnce(&mut V, V)) -> u32 {
        match self.numbers.get(&key) {
            Some(&number) => {
                self.add_to(number, value, join);
                number
            }
            None => {
                let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
                self.entries.push((key, value));
                self.numbers.insert(key, number);
                number
            }
        }
    }

    /// Adds a value to an entry.
    pub(crate) fn add_to(&mut self, number: u32, value: V, join: impl FnOnce(&mut V, V)) {
        if let Some((_, known)) = self.entries.get_mut(number as usize) {
            join(known, value);
        }
    }

    /// All entries, in the order in which their keys came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.entries.iter()
    }

    /// All entries, in the order in which their keys came.
    pub(crate) fn into_entries(self) -> Vec<(K, V)> {
        self.entries
    }
}

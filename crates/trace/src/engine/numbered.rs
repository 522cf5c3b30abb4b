//! Things that recur, each kept once and called by a number.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

/// Things that recur, each kept once.
#[derive(Debug)]
pub(super) struct Numbered<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32, RandomState>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { all: Vec::new(), numbers: HashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    /// The number of a thing, which is made one's own if it is new.
    pub(super) fn number<B: Eq + Hash + ?Sized>(&mut self, thing: &B, owned: impl FnOnce(&B) -> T) -> u32
    where
        T: Borrow<B>,
    {
        if let Some(&known) = self.numbers.get(thing) {
            return known;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let thing = owned(thing);
        self.all.push(thing.clone());
        self.numbers.insert(thing, number);
        number
    }
    /// The thing of a number.
    pub(super) fn get(&self, number: u32) -> &T {
        &self.all[number as usize]
    }

    /// All of them, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter()
    }
}

//! The fields that correlations ask of matches, each combination of values once.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

/// A rule, and the values that a match of it has in the fields that are asked.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) rule: u32,
    /// How many matches have it.
    count: u32,
    /// Where its values are.
    values: (u32, u32),
}

/// All rows, by number.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Rows {
    all: Vec<Row>,
    /// The values of all rows, one after the other.
    values: Vec<Option<u32>>,
    /// By half a hash; where two rows share one, the later is behind it.
    #[serde(skip)]
    index: HashMap<u32, u32, RandomState>,
    #[serde(skip)]
    state: RandomState,
}

impl Rows {
    /// The number of a row, with so many more matches.
    pub(super) fn number(&mut self, rule: u32, values: &[Option<u32>], matches: u32) -> u32 {
        if self.index.len() != self.all.len() {
            self.reindex();
        }
        let mut hash = self.hash(rule, values);
        while let Some(&number) = self.index.get(&hash) {
            if self.all[number as usize].rule == rule && self.values(number) == values {
                let count = &mut self.all[number as usize].count;
                *count = count.saturating_add(matches);
                return number;
            }
            hash = hash.wrapping_add(1);
        }
        let number = small(self.all.len());
        let from = small(self.values.len());
        self.values.extend_from_slice(values);
        self.all.push(Row { rule, count: matches, values: (from, small(self.values.len())) });
        self.index.insert(hash, number);
        number
    }

    /// After rows were read from elsewhere, which do not bring their index.
    fn reindex(&mut self) {
        self.index.clear();
        for (number, row) in (0..).zip(&self.all) {
            let mut hash = self.hash(row.rule, self.values(number));
            while self.index.contains_key(&hash) {
                hash = hash.wrapping_add(1);
            }
            self.index.insert(hash, number);
        }
    }

    fn hash(&self, rule: u32, values: &[Option<u32>]) -> u32 {
        (self.state.hash_one((rule, values)) >> 32) as u32
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Row)> {
        (0..).zip(&self.all)
    }

    pub(super) fn rule(&self, number: u32) -> Option<u32> {
        self.all.get(number as usize).map(|row| row.rule)
    }

    /// How many matches have this row.
    pub(super) fn count(&self, number: u32) -> u64 {
        self.all.get(number as usize).map_or(0, |row| row.count.into())
    }

    /// The values of a row, by column.
    pub(super) fn values(&self, number: u32) -> &[Option<u32>] {
        let values = self.all.get(number as usize).map(|row| row.values.0 as usize..row.values.1 as usize);
        values.and_then(|values| self.values.get(values)).unwrap_or_default()
    }
}

/// There are fewer rows and values than bytes of memory for four of each.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

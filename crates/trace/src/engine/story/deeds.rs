//! What tainted events did, kept small: like events share one row and one deed.

use std::collections::HashMap;
use std::hash::Hash;

use floodmark_case::{Access, LeftoverKind, Outcome};
use foldhash::fast::RandomState;

use crate::engine::births::{Name, Names, Translation};
use crate::place::Place;
use crate::time::Time;

/// One tainted event: 40 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// A hash of the shared or own event id; 0 if it has none.
    pub id: u64,
    pub time: Time,
    pub place: Place,
    pub row: u32,
    pub deed: u32,
    pub bytes: u64,
}

/// What like events have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    pub credential: Name,
    pub call: Name,
    pub outcome: Outcome,
    pub error: Name,
    pub account: Name,
    pub region: Name,
    pub address: Name,
    pub agent: Name,
    /// Whether the record names the key, as the caller's copy of a cross-account call does.
    pub keyed: bool,
}

/// What an event did to which resources.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Deed {
    /// The resources that it named, for the timeline.
    pub named: Vec<Name>,
    pub touches: Vec<Touched>,
}

/// A [`crate::engine::effects::Touch`] in names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Touched {
    pub resource: Name,
    pub kind: &'static str,
    pub access: Option<Access>,
    /// The account that holds the resource.
    pub holder: Name,
    pub leaves: Option<Left>,
}

/// A [`crate::engine::effects::Leaves`] in names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    pub kind: LeftoverKind,
    pub undo: Name,
    pub within: Vec<Name>,
}

/// Values kept once and numbered in the order of arrival.
#[derive(Debug)]
pub(crate) struct Once<T> {
    values: Vec<T>,
    index: HashMap<T, u32, RandomState>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { values: Vec::new(), index: HashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Once<T> {
    pub(crate) fn number(&mut self, value: T) -> u32 {
        if let Some(&number) = self.index.get(&value) {
            return number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.index.insert(value, number);
        number
    }

    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// For each number of these values, its place in an order that depends on content alone.
    pub(crate) fn ranks<K: Ord>(&self, key: impl Fn(&T) -> K) -> Vec<u32> {
        let mut sorted: Vec<(K, usize)> = self.values.iter().map(&key).zip(0..).collect();
        sorted.sort_unstable();
        let mut ranks = vec![0; self.values.len()];
        for (rank, (_, number)) in (0..).zip(&sorted) {
            ranks[*number] = rank;
        }
        ranks
    }
}

impl Row {
    pub(crate) fn translated(&self, to: &Translation) -> Self {
        Self {
            credential: to.of(self.credential),
            call: to.of(self.call),
            error: to.of(self.error),
            account: to.of(self.account),
            region: to.of(self.region),
            address: to.of(self.address),
            agent: to.of(self.agent),
            ..*self
        }
    }

    pub(crate) fn key<'n>(&self, names: &'n Names) -> (bool, [&'n str; 7], Outcome) {
        let texts =
            [self.credential, self.call, self.error, self.account, self.region, self.address, self.agent];
        (!self.keyed, texts.map(|name| names.get(name)), self.outcome)
    }
}

impl Deed {
    pub(crate) fn translated(&self, to: &Translation) -> Self {
        let touched = |touched: &Touched| Touched {
            resource: to.of(touched.resource),
            kind: touched.kind,
            access: touched.access,
            holder: to.of(touched.holder),
            leaves: touched.leaves.as_ref().map(|left| Left {
                kind: left.kind,
                undo: to.of(left.undo),
                within: left.within.iter().map(|&name| to.of(name)).collect(),
            }),
        };
        Self {
            named: self.named.iter().map(|&name| to.of(name)).collect(),
            touches: self.touches.iter().map(touched).collect(),
        }
    }

    pub(crate) fn key<'n>(&self, names: &'n Names) -> Vec<(&'n str, &'n str, &'n str)> {
        let listed = self.named.iter().map(|&name| (names.get(name), "", ""));
        let touched = self.touches.iter().map(|touched| {
            let undo = touched.leaves.as_ref().map_or("", |left| names.get(left.undo));
            (names.get(touched.resource), touched.kind, undo)
        });
        listed.chain(touched).collect()
    }
}

//! Records that name no key: whether other keys of the same principal, which did not fall, are behind them.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::Fallen;
use super::past::Past;
use crate::engine::network::network;

/// From where the keys of a principal were used: those that fell, and those that did not.
#[derive(Debug, Default)]
pub(super) struct Siblings(HashMap<Box<str>, Places, RandomState>);

#[derive(Debug, Default)]
struct Places {
    fallen: BTreeSet<String>,
    others: BTreeSet<String>,
}

impl Siblings {
    /// What was seen of the principals of these.
    pub(super) fn new(past: &Past<'_>, fallen: &[Fallen], at_of: impl Fn(&str) -> Option<usize>) -> Self {
        let mut siblings = Self::default();
        for one in fallen {
            for name in [&one.principal, &one.principal_id] {
                if !name.is_empty() {
                    siblings.0.entry(name.as_str().into()).or_default();
                }
            }
        }
        for sighting in past.sightings {
            let id = past.text(sighting.id);
            if !(id.starts_with("AKIA") || id.starts_with("ASIA")) {
                continue;
            }
            let fell = at_of(id).map(|at| &fallen[at]);
            for name in [sighting.arn, sighting.principal_id] {
                let Some(places) = siblings.0.get_mut(past.text(name)) else { continue };
                for &(_, address, program) in &sighting.from {
                    let address = past.text(address);
                    let counts = |one: &Fallen| one.hands.count_from(address, past.text(program));
                    match fell {
                        None => places.others.insert(network(address)),
                        Some(one) if counts(one) => places.fallen.insert(network(address)),
                        Some(_) => false,
                    };
                }
            }
        }
        siblings
    }

    /// Whether a call of a principal from an address is that of keys which did not fall, as far as is known.
    pub(super) fn is_of_others(&self, principal: &str, address: &str) -> bool {
        self.0.get(principal).is_some_and(|places| {
            let from = network(address);
            places.others.contains(&from) && !places.fallen.contains(&from)
        })
    }

    /// Whether keys of a principal that fell were used from there.
    pub(super) fn is_of_fallen(&self, principal: &str, address: &str) -> bool {
        self.0.get(principal).is_some_and(|places| places.fallen.contains(&network(address)))
    }
}

//! The past of an actor, and where it departs from it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::habits::{Combination, Habits, Seen};
use super::names::Name;
use super::network;
use crate::place::Place;
use crate::time::Time;

/// An actor is established once it has been active for so long …
const SETTLED_SECONDS: i64 = 24 * 3_600;
/// … and has made so many calls.
const SETTLED_CALLS: u64 = 30;

/// One actor's networks in the order of their first use, each with what was done from it.
#[derive(Debug)]
pub struct Past<'h> {
    /// The actor.
    pub actor: &'h str,
    /// Its networks, in the order of first use.
    pub networks: Vec<FromNetwork<'h>>,
}

/// What an actor did from one network.
#[derive(Debug)]
pub struct FromNetwork<'h> {
    /// The network.
    pub network: &'h str,
    /// From the first to the last call.
    pub seen: Seen,
    /// All combinations, in the order of first sight.
    pub combinations: Vec<(Combination, Seen)>,
    /// Whether the actor was established elsewhere when it first called from here.
    pub is_new: bool,
    /// Calls first made from here, though the actor was established.
    pub new_calls: BTreeSet<&'h str>,
    /// Agents first seen here, though the actor was established.
    pub new_agents: BTreeSet<&'h str>,
    /// Regions first called from here, though the actor was established.
    pub new_regions: BTreeSet<&'h str>,
}

impl FromNetwork<'_> {
    /// Whether the actor departed from its past here: a network, an agent and calls that are all new to it.
    ///
    /// A move to another network that does what was always done, with what it was always done with, is no departure.
    pub fn is_departure(&self) -> bool {
        self.is_new
            && !network::is_service(self.network)
            && !self.new_calls.is_empty()
            && !self.new_agents.is_empty()
    }
}

/// The past of every actor, by name.
pub fn pasts(habits: &Habits) -> Vec<Past<'_>> {
    habits.actors().into_iter().map(|(actor, all)| past(habits, actor, &all)).collect()
}

fn past<'h>(habits: &'h Habits, actor: &'h str, all: &[(Combination, Seen)]) -> Past<'h> {
    let text = |name| habits.names.text(name);
    let mut by_network: BTreeMap<&str, Vec<(Combination, Seen)>> = BTreeMap::new();
    for &(combination, seen) in all {
        by_network.entry(text(combination.network)).or_default().push((combination, seen));
    }
    let elsewhere = Elsewhere::of(all);
    let mut networks: Vec<FromNetwork<'_>> = by_network
        .into_iter()
        .map(|(network, combinations)| elsewhere.measured(network, combinations, text))
        .collect();
    networks.sort_by_key(|from| (from.seen.first, from.network));
    Past { actor, networks }
}

/// When each part of what an actor does was first seen. An actor may come from very many networks (a mobile
/// application, a mesh of proxies), so each is measured against this, not against all the others.
///
/// Whatever was first seen before the first call from a network was seen elsewhere.
struct Elsewhere {
    /// When combinations were first seen, and how many calls all those up to it made, in this order.
    calls: Vec<((Time, Place), u64)>,
    /// By the place in [`PARTS`] and the name.
    first: HashMap<(usize, Name), (Time, Place), RandomState>,
}

/// What may be new about a call, beside the network.
const PARTS: [fn(&Combination) -> Name; 3] = [|one| one.call, |one| one.agent, |one| one.region];

impl Elsewhere {
    /// From all combinations, in the order of first sight.
    fn of(all: &[(Combination, Seen)]) -> Self {
        let mut first = HashMap::default();
        let mut calls = Vec::with_capacity(all.len());
        let mut sum = 0_u64;
        for (combination, seen) in all {
            sum += seen.count;
            calls.push((seen.first, sum));
            for (place, part) in PARTS.iter().enumerate() {
                first.entry((place, part(combination))).or_insert(seen.first);
            }
        }
        Self { calls, first }
    }

    fn measured<'h>(
        &self,
        network: &'h str,
        combinations: Vec<(Combination, Seen)>,
        text: impl Fn(Name) -> &'h str,
    ) -> FromNetwork<'h> {
        let seen = sum(combinations.iter().map(|&(_, seen)| seen));
        let before = self.calls.partition_point(|(first, _)| *first < seen.first);
        let calls_before = before.checked_sub(1).map_or(0, |last| self.calls[last].1);
        let since = if before > 0 { self.calls[0].0.0 } else { Time::MAX };
        let is_new = calls_before >= SETTLED_CALLS && since.plus_seconds(SETTLED_SECONDS) <= seen.first.0;
        let new = |place: usize| -> BTreeSet<&'h str> {
            let here = combinations.iter().map(|(combination, _)| PARTS[place](combination));
            let is_known =
                |name: &Name| self.first.get(&(place, *name)).is_some_and(|first| *first < seen.first);
            here.filter(|name| is_new && !is_known(name)).map(&text).collect()
        };
        let [new_calls, new_agents, new_regions] = [0, 1, 2].map(new);
        FromNetwork { network, seen, combinations, is_new, new_calls, new_agents, new_regions }
    }
}

/// All of these as one.
pub fn sum(all: impl IntoIterator<Item = Seen>) -> Seen {
    let mut all = all.into_iter();
    let first = all.next().unwrap_or(Seen {
        first: (Time::MAX, Place::default()),
        last: Time::MIN,
        count: 0,
        denied: 0,
    });
    all.fold(first, Seen::and)
}

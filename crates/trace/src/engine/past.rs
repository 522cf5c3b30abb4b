//! The past of an actor, and where it departs from it.

use std::collections::{BTreeMap, BTreeSet};

use super::habits::{Combination, Habits, Seen};
use super::names::Name;
use super::network;
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

/// Whether so many calls since some time establish an actor by a later time.
pub fn is_settled(calls: u64, since: Time, by: Time) -> bool {
    calls >= SETTLED_CALLS && since.plus_seconds(SETTLED_SECONDS) <= by
}

/// The past of every actor, by name.
pub fn pasts(habits: &Habits) -> Vec<Past<'_>> {
    habits.actors().into_iter().map(|(actor, all)| past(habits, actor, &all)).collect()
}

fn past<'h>(habits: &'h Habits, actor: &'h str, all: &[(Combination, Seen)]) -> Past<'h> {
    let mut by_network: BTreeMap<&str, Vec<(Combination, Seen)>> = BTreeMap::new();
    for &(combination, seen) in all {
        by_network.entry(habits.names.text(combination.network)).or_default().push((combination, seen));
    }
    let mut networks: Vec<FromNetwork<'_>> = by_network
        .into_iter()
        .map(|(network, combinations)| from_network(habits, network, combinations, all))
        .collect();
    networks.sort_by_key(|from| (from.seen.first, from.network));
    Past { actor, networks }
}

fn from_network<'h>(
    habits: &'h Habits,
    network: &'h str,
    combinations: Vec<(Combination, Seen)>,
    all: &[(Combination, Seen)],
) -> FromNetwork<'h> {
    let seen = sum(combinations.iter().map(|&(_, seen)| seen));
    let here = combinations[0].0.network;
    // Only what was done elsewhere before the first call from here counts as the past.
    let before: Vec<&(Combination, Seen)> = all
        .iter()
        .filter(|(other, other_seen)| other.network != here && other_seen.first < seen.first)
        .collect();
    let calls_before: u64 = before.iter().map(|(_, seen)| seen.count).sum();
    let since = before.iter().map(|(_, seen)| seen.first.0).min().unwrap_or(Time::MAX);
    let is_new = is_settled(calls_before, since, seen.first.0);
    let new = |part: fn(&Combination) -> Name| -> BTreeSet<&'h str> {
        if !is_new {
            return BTreeSet::new();
        }
        let known: BTreeSet<Name> = before.iter().map(|(other, _)| part(other)).collect();
        let here = combinations.iter().map(|(combination, _)| part(combination));
        here.filter(|name| !known.contains(name)).map(|name| habits.names.text(name)).collect()
    };
    let (new_calls, new_agents, new_regions) =
        (new(|one| one.call), new(|one| one.agent), new(|one| one.region));
    FromNetwork { network, seen, combinations, is_new, new_calls, new_agents, new_regions }
}

/// All of these as one.
pub fn sum(all: impl IntoIterator<Item = Seen>) -> Seen {
    let mut all = all.into_iter();
    let first = all.next().unwrap_or(Seen {
        first: (Time::MAX, crate::place::Place::default()),
        last: Time::MIN,
        count: 0,
        denied: 0,
    });
    all.fold(first, Seen::and)
}

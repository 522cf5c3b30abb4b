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
        .map(|(network, combinations)| from_network(network, combinations, all))
        .collect();
    networks.sort_by_key(|from| (from.seen.first, from.network));
    let new: Vec<News<'_>> = networks.iter().map(|from| news(habits, from, &networks)).collect();
    for (from, (calls, agents, regions)) in networks.iter_mut().zip(new) {
        (from.new_calls, from.new_agents, from.new_regions) = (calls, agents, regions);
    }
    Past { actor, networks }
}

fn from_network<'h>(
    network: &'h str,
    combinations: Vec<(Combination, Seen)>,
    all: &[(Combination, Seen)],
) -> FromNetwork<'h> {
    let seen = sum(combinations.iter().map(|&(_, seen)| seen));
    let here = combinations[0].0.network;
    // Only what was done elsewhere before the first call from here counts as the past.
    let before =
        || all.iter().filter(|(other, other_seen)| other.network != here && other_seen.first < seen.first);
    let calls_before: u64 = before().map(|(_, seen)| seen.count).sum();
    let since = before().map(|(_, seen)| seen.first.0).min().unwrap_or(Time::MAX);
    FromNetwork {
        network,
        seen,
        combinations,
        is_new: is_settled(calls_before, since, seen.first.0),
        new_calls: BTreeSet::new(),
        new_agents: BTreeSet::new(),
        new_regions: BTreeSet::new(),
    }
}

/// Calls, agents and regions that are new somewhere.
type News<'h> = (BTreeSet<&'h str>, BTreeSet<&'h str>, BTreeSet<&'h str>);

/// What is new in a network against what was done before at home: from networks that are not new themselves, or have
/// become a home since. What a thief did from one strange place does not make it known in the next.
fn news<'h>(habits: &'h Habits, here: &FromNetwork<'h>, all: &[FromNetwork<'h>]) -> News<'h> {
    if !here.is_new {
        return News::default();
    }
    let start = here.seen.first;
    let is_home = |from: &&FromNetwork<'h>| {
        from.network != here.network
            && (!from.is_new || is_settled(from.seen.count, from.seen.first.0, start.0))
    };
    let at_home = all.iter().filter(is_home).flat_map(|from| &from.combinations);
    let known: Vec<&Combination> =
        at_home.filter(|(_, seen)| seen.first < start).map(|(one, _)| one).collect();
    let new = |part: fn(&Combination) -> Name| -> BTreeSet<&'h str> {
        let known: BTreeSet<Name> = known.iter().map(|one| part(one)).collect();
        let done = here.combinations.iter().map(|(one, _)| part(one));
        done.filter(|name| !known.contains(name)).map(|name| habits.names.text(name)).collect()
    };
    (new(|one| one.call), new(|one| one.agent), new(|one| one.region))
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

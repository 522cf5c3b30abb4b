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
    let before = Before::of(all);
    let mut networks: Vec<FromNetwork<'_>> = by_network
        .into_iter()
        .map(|(network, combinations)| {
            let seen = sum(combinations.iter().map(|&(_, seen)| seen));
            FromNetwork {
                network,
                seen,
                combinations,
                is_new: before.is_settled(seen.first),
                new_calls: BTreeSet::new(),
                new_agents: BTreeSet::new(),
                new_regions: BTreeSet::new(),
            }
        })
        .collect();
    networks.sort_by_key(|from| (from.seen.first, from.network));
    let home = Home::of(&networks);
    for from in networks.iter_mut().filter(|from| from.is_new) {
        let [calls, agents, regions] = home.news(habits, from);
        (from.new_calls, from.new_agents, from.new_regions) = (calls, agents, regions);
    }
    Past { actor, networks }
}

/// An event as it orders before others.
type Moment = (Time, Place);

/// When each combination was first seen, and how many calls all those up to it made, in this order.
///
/// An actor may come from very many networks (a mobile application, a mesh of proxies), so each is measured against this,
/// not against all the others. Whatever was first seen before the first call from a network was seen elsewhere.
struct Before(Vec<(Moment, u64)>);

impl Before {
    /// From all combinations, in the order of first sight.
    fn of(all: &[(Combination, Seen)]) -> Self {
        let sums = all.iter().scan(0_u64, |sum, (_, seen)| {
            *sum += seen.count;
            Some((seen.first, *sum))
        });
        Self(sums.collect())
    }

    /// Whether what was done before this establishes the actor.
    fn is_settled(&self, start: Moment) -> bool {
        let before = self.0.partition_point(|(first, _)| *first < start);
        let (Some((first, _)), Some((_, calls))) = (self.0.first(), self.0[..before].last()) else {
            return false;
        };
        is_settled(*calls, first.0, start.0)
    }
}

/// What may be new about a call, beside the network.
const PARTS: [fn(&Combination) -> Name; 3] = [|one| one.call, |one| one.agent, |one| one.region];

/// By the place in [`PARTS`] and the name: behind which moment it counts as done at home, that is from networks that are
/// not new themselves, or have become a home since. What a thief did from one strange place does not make it known in the
/// next.
struct Home(HashMap<(usize, Name), Moment, RandomState>);

impl Home {
    fn of(networks: &[FromNetwork<'_>]) -> Self {
        let mut behind: HashMap<(usize, Name), Moment, RandomState> = HashMap::default();
        for from in networks.iter().filter(|from| !from.is_new || from.seen.count >= SETTLED_CALLS) {
            let settled = from.seen.first.0.plus_seconds(SETTLED_SECONDS);
            // The last moment before the network is settled; one that is not new is at any time.
            let last_before = (Time::from_micros(settled.micros().saturating_sub(1)), Place::LAST);
            for (combination, seen) in &from.combinations {
                let known = if from.is_new { seen.first.max(last_before) } else { seen.first };
                for (place, part) in PARTS.iter().enumerate() {
                    let earliest = behind.entry((place, part(combination))).or_insert(known);
                    *earliest = known.min(*earliest);
                }
            }
        }
        Self(behind)
    }

    /// The calls, agents and regions from here that were not known at home when it was first called from here.
    fn news<'h>(&self, habits: &'h Habits, here: &FromNetwork<'h>) -> [BTreeSet<&'h str>; 3] {
        [0, 1, 2].map(|place| {
            let done = here.combinations.iter().map(|(combination, _)| PARTS[place](combination));
            let is_known =
                |name: &Name| self.0.get(&(place, *name)).is_some_and(|behind| *behind < here.seen.first);
            done.filter(|name| !is_known(name)).map(|name| habits.names.text(name)).collect()
        })
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

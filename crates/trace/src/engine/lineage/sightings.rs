//! Which credentials were seen in use, as whom, from when to when, and from where first.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::engine::births::look::plain;
use crate::engine::births::{Name, Names, Translation};
use crate::engine::lineage::program;
use crate::event::Event;
use crate::place::Place;
use crate::shape::PerShape;
use crate::time::Time;

/// How many pairs of address and program are kept of one credential: the earliest.
const MOST_PAIRS: usize = 64;

/// A credential as it was seen in use.
#[derive(Debug, Clone)]
pub(crate) struct Sighting {
    /// As [`crate::identity::Identity::credential`] names it.
    pub id: Name,
    /// The ARN of the caller, path left away; of a session the session's.
    pub arn: Name,
    /// The unique id of the principal.
    pub principal_id: Name,
    /// The lasting principal.
    pub principal: Name,
    /// The account of the principal.
    pub account: Name,
    /// `userIdentity.type`.
    pub kind: Name,
    /// `sessionContext.attributes.creationDate`; [`Time::MIN`] if there is none.
    pub created: Time,
    /// The service that made the first call on somebody's behalf.
    pub invoked_by: Name,
    /// The first event.
    pub first: (Time, Place),
    /// The last event.
    pub last: Time,
    /// How many events, copies of one event counted each.
    pub events: u64,
    /// When a pair of address and program was first seen: the earliest [`MOST_PAIRS`], sorted in the end.
    pub from: Vec<(Time, Name, Name)>,
    /// The pair that was noted last, which is often the next.
    latest: usize,
}

/// Collects sightings: a fold over all events.
#[derive(Debug, Default)]
pub struct SightingsFold {
    pub(crate) names: Names,
    sightings: Vec<Sighting>,
    index: HashMap<Name, usize, RandomState>,
    shapes: PerShape<Known>,
}

/// Where events of one shape are noted: the sighting, and the pair of address and program in it.
#[derive(Debug, Clone, Copy)]
struct Known {
    at: usize,
    address: Name,
    program: Name,
}

impl SightingsFold {
    /// Takes note of an event.
    pub fn observe(&mut self, event: &Event<'_>, place: Place) {
        let where_to = match self.shapes.get(event.shape) {
            Some(known) => *known,
            None => {
                let Some(known) = self.meet(event, place) else { return };
                self.shapes.insert(event.shape, known);
                known
            }
        };
        let (names, known) = (&mut self.names, &mut self.sightings[where_to.at]);
        known.events += 1;
        known.last = known.last.max(event.time);
        if (event.time, place) < known.first {
            let (events, last, latest) = (known.events, known.last, known.latest);
            let from = std::mem::take(&mut known.from);
            *known = Sighting { last, events, from, latest, ..sighting(names, known.id, event, place) };
        }
        known.note(names, event.time, where_to.address, where_to.program);
    }

    fn meet(&mut self, event: &Event<'_>, place: Place) -> Option<Known> {
        let id = event.identity.credential();
        if id.is_empty() {
            return None;
        }
        let name = self.names.name(id);
        let at = match self.index.get(&name) {
            Some(&at) => at,
            None => self.add(name, event, place),
        };
        let (address, program) = (&event.wire.address, program(&event.wire.agent));
        Some(Known { at, address: self.names.name(address), program: self.names.name(program) })
    }

    /// Both folds' sightings.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        if self.sightings.len() < other.sightings.len() {
            std::mem::swap(&mut self, &mut other);
        }
        let ours = self.names.absorb(&other.names);
        for sighting in other.sightings {
            let sighting = sighting.translated(&ours);
            if let Some(&at) = self.index.get(&sighting.id) {
                self.sightings[at].join(sighting, &self.names);
                continue;
            }
            self.index.insert(sighting.id, self.sightings.len());
            self.sightings.push(sighting);
        }
        self
    }

    /// How many credentials were seen.
    pub fn len(&self) -> usize {
        self.sightings.len()
    }

    /// Whether none was seen.
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
    }

    /// The sightings, by credential; their names in the terms of `names`.
    pub(crate) fn into_sightings(self, names: &mut Names) -> Vec<Sighting> {
        let ours = names.absorb(&self.names);
        let mut sightings: Vec<Sighting> =
            self.sightings.into_iter().map(|sighting| sighting.translated(&ours)).collect();
        sightings.sort_by(|a, b| names.get(a.id).cmp(names.get(b.id)));
        for sighting in &mut sightings {
            sighting
                .from
                .sort_by_key(|&(since, address, agent)| (since, names.get(address), names.get(agent)));
        }
        sightings
    }

    fn add(&mut self, id: Name, event: &Event<'_>, place: Place) -> usize {
        let at = self.sightings.len();
        let sighting = sighting(&mut self.names, id, event, place);
        self.sightings.push(sighting);
        self.index.insert(id, at);
        at
    }
}

fn sighting(names: &mut Names, id: Name, event: &Event<'_>, place: Place) -> Sighting {
    let identity = &event.identity;
    Sighting {
        id,
        arn: names.name(&plain(&identity.arn)),
        principal_id: names.name(&identity.principal_id),
        principal: names.name(&plain(identity.principal())),
        account: names.name(&identity.account),
        kind: names.name(&identity.kind),
        created: Time::parse(&identity.session_created).unwrap_or(Time::MIN),
        invoked_by: names.name(&identity.invoked_by),
        first: (event.time, place),
        last: event.time,
        events: 0,
        from: Vec::new(),
        latest: 0,
    }
}

impl Sighting {
    /// Takes note of an address and a program.
    fn note(&mut self, names: &Names, time: Time, address: Name, program: Name) {
        if let Some(pair) = self.from.get_mut(self.latest).filter(|pair| (pair.1, pair.2) == (address, program))
        {
            pair.0 = pair.0.min(time);
            return;
        }
        let is_full = self.from.len() >= MOST_PAIRS;
        if is_full && self.from.iter().all(|(since, ..)| *since < time) {
            return; // it was either seen before, or too late to be kept
        }
        let at = self.from.iter().position(|(_, a, b)| (*a, *b) == (address, program));
        if let Some(at) = at {
            self.from[at].0 = self.from[at].0.min(time);
            self.latest = at;
            return;
        }
        self.latest = self.from.len();
        keep_earliest(&mut self.from, (time, address, program), names);
    }

    fn translated(mut self, to: &Translation) -> Self {
        for name in [
            &mut self.id,
            &mut self.arn,
            &mut self.principal_id,
            &mut self.principal,
            &mut self.account,
            &mut self.kind,
            &mut self.invoked_by,
        ] {
            *name = to.of(*name);
        }
        for (_, address, agent) in &mut self.from {
            (*address, *agent) = (to.of(*address), to.of(*agent));
        }
        self
    }

    fn join(&mut self, mut other: Self, names: &Names) {
        if other.first < self.first {
            std::mem::swap(self, &mut other);
        }
        self.events += other.events;
        self.last = self.last.max(other.last);
        for (since, address, agent) in other.from {
            match self.from.iter_mut().find(|(_, a, b)| (*a, *b) == (address, agent)) {
                Some((known, ..)) => *known = (*known).min(since),
                None => keep_earliest(&mut self.from, (since, address, agent), names),
            }
        }
    }
}

/// Keeps the pairs that were seen first, so that which are kept does not depend on the order of events.
fn keep_earliest(pairs: &mut Vec<(Time, Name, Name)>, pair: (Time, Name, Name), names: &Names) {
    let order = |&(since, address, agent): &(Time, Name, Name)| (since, names.get(address), names.get(agent));
    pairs.push(pair);
    if pairs.len() <= MOST_PAIRS {
        return;
    }
    if let Some(latest) = (0..pairs.len()).max_by(|&a, &b| order(&pairs[a]).cmp(&order(&pairs[b]))) {
        pairs.swap_remove(latest);
    }
}

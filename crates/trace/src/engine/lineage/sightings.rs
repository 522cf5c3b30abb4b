//! Which credentials were seen in use, as whom, from when to when, and from where first.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::engine::births::look::plain;
use crate::engine::births::{Name, Names, Translation};
use crate::engine::lineage::program;
use crate::event::Event;
use crate::identity::Identity;
use crate::place::Place;
use crate::run::Run;
use crate::shape::Caller;
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
    /// The caller met last: shapes that are new are often of the same.
    last: Option<(Caller, Profile)>,
}

/// What events of one shape say of a credential: who it is, and the pair of address and program.
#[derive(Debug, Clone)]
pub(crate) struct Sighted {
    as_first: Profile,
    pair: (Name, Name),
}

/// What the first event says of a credential.
#[derive(Debug, Clone, Copy)]
struct Profile {
    id: Name,
    arn: Name,
    principal_id: Name,
    principal: Name,
    account: Name,
    kind: Name,
    created: Time,
    invoked_by: Name,
}

impl SightingsFold {
    /// Takes note of an event.
    pub fn observe(&mut self, event: &Event<'_>, place: Place) {
        if let Some(whose) = self.meet(event) {
            self.count(&whose, &Run::once(event.time, place));
        }
    }

    /// Where events of this one's shape are noted; `None` if they are nobody's.
    pub(crate) fn meet(&mut self, event: &Event<'_>) -> Option<Sighted> {
        let id = event.identity.credential();
        if id.is_empty() {
            return None;
        }
        let names = &mut self.names;
        let as_first = match &self.last {
            Some((caller, profile)) if *caller == event.shape.caller() => *profile,
            _ => Profile::of(&event.identity, names),
        };
        self.last = Some((event.shape.caller(), as_first));
        let pair = (names.name(&event.wire.address), names.name(program(&event.wire.agent)));
        Some(Sighted { as_first, pair })
    }

    /// Takes note of events of a known shape.
    pub(crate) fn count(&mut self, sighted: &Sighted, run: &Run) {
        let &Sighted { as_first, pair } = sighted;
        let at = *self.index.entry(as_first.id).or_insert_with(|| {
            self.sightings.push(as_first.sighting(run));
            self.sightings.len() - 1
        });
        let known = &mut self.sightings[at];
        known.events += run.count;
        known.last = known.last.max(run.last);
        if run.first < known.first {
            let Sighting { last, events, latest, .. } = *known;
            let from = std::mem::take(&mut known.from);
            *known = Sighting { last, events, from, latest, ..as_first.sighting(run) };
        }
        known.note(&self.names, run.first.0, pair);
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
}

impl Profile {
    fn of(identity: &Identity, names: &mut Names) -> Self {
        Self {
            id: names.name(identity.credential()),
            arn: names.name(&plain(&identity.arn)),
            principal_id: names.name(&identity.principal_id),
            principal: names.name(&plain(identity.principal())),
            account: names.name(&identity.account),
            kind: names.name(&identity.kind),
            created: Time::parse(&identity.session_created).unwrap_or(Time::MIN),
            invoked_by: names.name(&identity.invoked_by),
        }
    }

    /// A sighting that begins with this run, of which nothing is counted yet.
    fn sighting(self, run: &Run) -> Sighting {
        let Self { id, arn, principal_id, principal, account, kind, created, invoked_by } = self;
        Sighting {
            id,
            arn,
            principal_id,
            principal,
            account,
            kind,
            created,
            invoked_by,
            first: run.first,
            last: run.last,
            events: 0,
            from: Vec::new(),
            latest: 0,
        }
    }
}

impl Sighting {
    /// Takes note of an address and a program.
    fn note(&mut self, names: &Names, time: Time, (address, program): (Name, Name)) {
        let is_it = |pair: &&mut (Time, Name, Name)| (pair.1, pair.2) == (address, program);
        if let Some(pair) = self.from.get_mut(self.latest).filter(is_it) {
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

//! The story: what the tainted events did, folded.

pub(crate) mod deeds;
#[cfg(test)]
mod invictus;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::{Credential, Leftover, Outcome, Reached, TimelineRow, Volume, Window};

use crate::engine::births::{Name, Names, call_of, stable_hash};
use crate::engine::effects::{account_of_resource, listed_resources, touches};
use crate::engine::leftover::{Undos, leftovers};
use crate::engine::lineage::{Ancestor, Fallen, Lineage};
use crate::engine::reach::reached;
use crate::engine::runs::runs;
use crate::engine::volume::{Basis, ObjectRead, VolumeFold};
use crate::event::Event;
use crate::place::{Input, Place, cite};
use crate::time::Time;

use deeds::{Deed, Left, Once, Row, Told, Touched};

/// How many resources of one event the timeline looks at.
const MOST_NAMED: usize = 100;
/// How many addresses and user agents of one credential are listed.
const MOST_LISTED: usize = 50;

/// Collects what tainted events did: a fold over all events of the second pass.
///
/// Copies of one event, from several trails or from both accounts of a call, are counted once.
#[derive(Debug, Default)]
pub struct StoryFold {
    names: Names,
    rows: Once<Row>,
    deeds: Once<Deed>,
    told: Vec<Told>,
    volume: VolumeFold,
}

/// The story as this engine tells it; verdict, findings and techniques are added by others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Telling {
    /// Ancestors first, then what fell, parents before children.
    pub credentials: Vec<Credential>,
    /// The timeline, in order of time.
    pub runs: Vec<Run>,
    /// What was reached, by resource.
    pub reached: Vec<Reached>,
    /// What was left behind, in the order in which to undo it.
    pub leftovers: Vec<Leftover>,
    /// How much went out.
    pub volumes: Vec<Volume>,
}

/// A row of the timeline with the events behind it, so that findings about these can be joined to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The row; its techniques and findings are empty.
    pub row: TimelineRow,
    /// Every one of its events, sorted.
    pub places: Vec<Place>,
}

impl StoryFold {
    /// Takes note of an event if it is the intruder's; the answer is the fallen credential behind it.
    pub fn observe<'l>(
        &mut self,
        lineage: &'l Lineage,
        event: &Event<'_>,
        place: Place,
    ) -> Option<&'l Fallen> {
        let fallen = lineage.taint(event).or_else(|| lineage.entered_by(place))?;
        let bytes = self.volume.observe(event, place);
        let deed = self.deed(event);
        let row = self.row(event, fallen);
        let shared = event.other("sharedEventID").filter(|id| !id.is_empty());
        let id = stable_hash(shared.as_deref().unwrap_or(&event.wire.id));
        let (row, deed) = (self.rows.number(row), self.deeds.number(deed));
        self.told.push(Told { id, time: event.time, place, row, deed, bytes });
        Some(fallen)
    }

    /// Takes note of a read in an S3 access log if it is the intruder's.
    pub fn observe_access(&mut self, lineage: &Lineage, read: &ObjectRead<'_>) {
        if lineage.taint_of_requester(read.requester, read.address, read.agent, read.time).is_some() {
            self.volume.add(read, Basis::AccessLog);
        }
    }

    /// Both folds' events.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        if self.told.len() < other.told.len() {
            std::mem::swap(&mut self, &mut other);
        }
        let ours = self.names.absorb(&other.names);
        let rows: Vec<u32> =
            other.rows.values().iter().map(|row| self.rows.number(row.translated(&ours))).collect();
        let deeds: Vec<u32> =
            other.deeds.values().iter().map(|deed| self.deeds.number(deed.translated(&ours))).collect();
        let of = |numbers: &[u32], number: u32| numbers.get(number as usize).copied().unwrap_or(number);
        let translated =
            |told: &Told| Told { row: of(&rows, told.row), deed: of(&deeds, told.deed), ..*told };
        self.told.extend(other.told.iter().map(translated));
        self.volume = self.volume.merge(other.volume);
        self
    }

    /// How many tainted events were seen, copies of one event counted each.
    pub fn len(&self) -> usize {
        self.told.len()
    }

    /// Whether none was seen.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Tells the story. `inputs` is indexed by [`Place::input`].
    pub fn finish(self, lineage: &Lineage, undos: &Undos, inputs: &[Input]) -> Telling {
        let Self { names, rows, deeds, mut told, volume } = self;
        let mut tainted: Vec<Place> = told.iter().map(|told| told.place).collect();
        tainted.sort_unstable();
        let row_ranks = rows.ranks(|row| row.key(&names));
        let deed_ranks = deeds.ranks(|deed| deed.key(&names));
        let order = |told: &Told| {
            (told.id, row_ranks[told.row as usize], deed_ranks[told.deed as usize], told.time, told.place)
        };
        told.sort_unstable_by_key(order);
        told.dedup_by(|later, first| later.id != 0 && later.id == first.id);
        told.sort_unstable_by_key(|told| (row_ranks[told.row as usize], told.time, told.place));
        let deedbook = Deedbook { names: &names, rows: rows.values(), deeds: deeds.values(), told: &told };
        Telling {
            credentials: credentials(&deedbook, lineage, inputs),
            runs: runs(&deedbook, inputs),
            reached: reached(&deedbook, lineage, inputs),
            leftovers: leftovers(&deedbook, lineage, undos, &tainted, inputs),
            volumes: volume.finish(inputs),
        }
    }

    fn row(&mut self, event: &Event<'_>, fallen: &Fallen) -> Row {
        let names = &mut self.names;
        let outcome = match () {
            () if event.succeeded() => Outcome::Success,
            () if event.is_denied() => Outcome::Denied,
            () => Outcome::Failed,
        };
        Row {
            credential: names.name(&fallen.id),
            call: names.name(&call_of(event)),
            outcome,
            error: names.name(event.wire.error.as_deref().unwrap_or_default()),
            account: names.name(&event.wire.account),
            region: names.name(&event.wire.region),
            address: names.name(&event.wire.address),
            agent: names.name(&event.wire.agent),
            keyed: !event.identity.access_key.is_empty(),
        }
    }

    fn deed(&mut self, event: &Event<'_>) -> Deed {
        let touches = touches(event);
        let mut named: Vec<Name> = Vec::new();
        for touch in touches.iter().filter(|touch| touch.access.is_some()).take(MOST_NAMED) {
            named.push(self.names.name(&touch.resource));
        }
        if named.is_empty() && event.service() != "s3" {
            let listed = listed_resources(event);
            named.extend(listed.iter().take(MOST_NAMED).map(|arn| self.names.name(arn)));
        }
        named.dedup();
        let kept = |touch: crate::engine::effects::Touch| {
            let texts = &mut self.names;
            Touched {
                resource: texts.name(&touch.resource),
                kind: touch.kind,
                access: touch.access,
                holder: texts.name(&account_of_resource(event, &touch.resource)),
                leaves: touch.leaves.map(|leaves| Left {
                    kind: leaves.kind,
                    undo: texts.name(&leaves.undo),
                    within: leaves.within.iter().map(|id| texts.name(id)).collect(),
                }),
            }
        };
        Deed { named, touches: touches.into_iter().map(kept).collect() }
    }
}

/// All that was told, each event once, by row and then by time.
pub(crate) struct Deedbook<'a> {
    pub names: &'a Names,
    pub rows: &'a [Row],
    pub deeds: &'a [Deed],
    pub told: &'a [Told],
}

impl<'a> Deedbook<'a> {
    pub(crate) fn text(&self, name: Name) -> &'a str {
        self.names.get(name)
    }

    pub(crate) fn row(&self, told: &Told) -> &'a Row {
        &self.rows[told.row as usize]
    }

    pub(crate) fn deed(&self, told: &Told) -> &'a Deed {
        &self.deeds[told.deed as usize]
    }
}

/// The window from the earliest to the latest of some instants; the epoch if there are none.
pub(crate) fn window(times: impl Iterator<Item = Time> + Clone) -> Window {
    let from = times.clone().min().unwrap_or_default();
    let to = times.max().unwrap_or_default();
    Window::between(from.to_timestamp(), to.to_timestamp())
}

/// What one credential did.
#[derive(Default)]
struct Uses<'a> {
    calls: u64,
    first: Option<(Time, Place)>,
    last: Time,
    addresses: BTreeSet<&'a str>,
    agents: BTreeSet<&'a str>,
}

fn credentials(book: &Deedbook<'_>, lineage: &Lineage, inputs: &[Input]) -> Vec<Credential> {
    let mut uses: BTreeMap<&str, Uses<'_>> = BTreeMap::new();
    for told in book.told {
        let row = book.row(told);
        let of_one = uses.entry(book.text(row.credential)).or_default();
        let at = (told.time, told.place);
        of_one.calls += 1;
        of_one.first = Some(of_one.first.map_or(at, |first| first.min(at)));
        of_one.last = of_one.last.max(told.time);
        of_one.addresses.insert(book.text(row.address));
        of_one.agents.insert(book.text(row.agent));
    }
    let none = Uses::default();
    let ancestors = lineage.ancestors().iter().map(|ancestor| of_ancestor(ancestor, inputs));
    let fallen = lineage
        .fallen()
        .iter()
        .map(|fallen| of_fallen(fallen, uses.get(fallen.id.as_str()).unwrap_or(&none), inputs));
    ancestors.chain(fallen).collect()
}

fn of_ancestor(ancestor: &Ancestor, inputs: &[Input]) -> Credential {
    let used = ancestor.used.map(|(from, to)| Window::between(from.to_timestamp(), to.to_timestamp()));
    Credential {
        id: ancestor.id.clone(),
        kind: ancestor.kind,
        principal: ancestor.principal.clone(),
        account: ancestor.account.clone(),
        parent: ancestor.parent.clone(),
        how: "ancestor".to_owned(),
        tainted: false,
        fell: None,
        used,
        calls: 0,
        addresses: Vec::new(),
        user_agents: Vec::new(),
        confidence: floodmark_case::Confidence::High,
        citations: cite(inputs, &ancestor.place.into_iter().collect::<Vec<_>>()),
    }
}

fn of_fallen(fallen: &Fallen, uses: &Uses<'_>, inputs: &[Input]) -> Credential {
    let list = |texts: &BTreeSet<&str>| {
        texts
            .iter()
            .filter(|text| !text.is_empty())
            .take(MOST_LISTED)
            .map(|text| (*text).to_owned())
            .collect()
    };
    let window = uses.first.map(|(from, _)| Window::between(from.to_timestamp(), uses.last.to_timestamp()));
    let is_start = matches!(fallen.how.as_str(), "given" | "guessed");
    let first = uses.first.map(|(_, place)| place).filter(|_| is_start);
    let places: Vec<Place> = fallen.place.into_iter().chain(first).collect();
    Credential {
        id: fallen.id.clone(),
        kind: fallen.kind,
        principal: fallen.principal.clone(),
        account: fallen.account.clone(),
        parent: fallen.parent.clone(),
        how: fallen.how.clone(),
        tainted: true,
        fell: Some(fallen.since.to_timestamp()),
        used: window,
        calls: uses.calls,
        addresses: list(&uses.addresses),
        user_agents: list(&uses.agents),
        confidence: fallen.confidence,
        citations: cite(inputs, &places),
    }
}

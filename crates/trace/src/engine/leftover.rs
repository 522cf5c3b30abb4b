//! What was left behind: what tainted calls made and no later call undid.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, HashMap};

use floodmark_case::{Confidence, Leftover, LeftoverKind};
use foldhash::fast::RandomState;

use crate::engine::births::{Name, Names, stable_hash};
use crate::engine::effects::{may_undo, undoings};
use crate::engine::lineage::Lineage;
use crate::engine::story::Deedbook;
use crate::engine::story::deeds::{Left, Told, Touched};
use crate::event::Event;
use crate::place::{Input, Place, cite};
use crate::shape::PerShape;
use crate::time::Time;

/// Collects calls that undo things, whoever makes them: a fold over all events.
#[derive(Debug, Default)]
pub struct UndoFold {
    names: Names,
    undone: Vec<(Name, Undone)>,
    may: PerShape<bool>,
}

/// When and by which event something was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Undone {
    time: Time,
    place: Place,
    event: u64,
    by_others: bool,
}

impl UndoFold {
    /// Takes note of an event; cheap if it undoes nothing.
    pub fn observe(&mut self, event: &Event<'_>, place: Place) {
        if !*self.may.get_or(event.shape, || may_undo(event)) {
            return;
        }
        for undoing in undoings(event) {
            let undone = Undone {
                time: event.time,
                place,
                event: stable_hash(&event.wire.id),
                by_others: undoing.by_others,
            };
            self.undone.push((self.names.name(&undoing.resource), undone));
        }
    }

    /// Both folds' undoings.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        if self.undone.len() < other.undone.len() {
            std::mem::swap(&mut self, &mut other);
        }
        let ours = self.names.absorb(&other.names);
        self.undone.extend(other.undone.into_iter().map(|(name, undone)| (ours.of(name), undone)));
        self
    }

    /// What was undone when.
    pub fn finish(self) -> Undos {
        let mut by_name: HashMap<Name, Vec<Undone>, RandomState> = HashMap::default();
        for (name, undone) in self.undone {
            by_name.entry(name).or_default().push(undone);
        }
        Undos { names: self.names, by_name }
    }
}

/// What was undone when, by resource.
#[derive(Debug, Default)]
pub struct Undos {
    names: Names,
    by_name: HashMap<Name, Vec<Undone>, RandomState>,
}

/// A tainted call that made something, or made it again.
struct Making<'a> {
    told: &'a Told,
    touched: &'a Touched,
    left: &'a Left,
}

/// What was left behind, in the order in which to undo it. `tainted` are the places of all tainted events, copies included, sorted.
pub(crate) fn leftovers(
    book: &Deedbook<'_>,
    lineage: &Lineage,
    undos: &Undos,
    tainted: &[Place],
    inputs: &[Input],
) -> Vec<Leftover> {
    let mut makings: BTreeMap<(&str, LeftoverKind), Vec<Making<'_>>> = BTreeMap::new();
    let mut made: HashMap<Name, Time, RandomState> = HashMap::default();
    for told in book.told {
        for touched in &book.deed(told).touches {
            if touched.access == Some(floodmark_case::Access::Created) {
                let since = made.entry(touched.resource).or_insert(told.time);
                *since = (*since).min(told.time);
            }
            if let Some(left) = &touched.leaves {
                let key = (book.text(touched.resource), left.kind);
                makings.entry(key).or_default().push(Making { told, touched, left });
            }
        }
    }
    let mut leftovers: Vec<Leftover> = makings
        .into_iter()
        .filter_map(|((resource, kind), mut makings)| {
            makings.sort_by_key(|making| (making.told.time, making.told.place));
            makings.retain(|making| {
                !is_of_own_making(book, &made, making) && !undos.undid(book, resource, making, tainted)
            });
            leftover(book, lineage, resource, kind, &makings, inputs)
        })
        .collect();
    leftovers.sort_by(in_order_of_undoing);
    leftovers
}

/// Logging first, so that what follows is recorded; then keys and passwords, which are still in use; then everything
/// else, the latest first: when a thing was made, all that it needs was there, so nothing that is still there needs it
/// when its turn comes.
fn in_order_of_undoing(a: &Leftover, b: &Leftover) -> Ordering {
    let turn = |left: &Leftover| match left.kind {
        LeftoverKind::Detection => 0,
        LeftoverKind::AccessKey => 1,
        LeftoverKind::LoginProfile => 2,
        LeftoverKind::DataLoss => 4,
        _ => 3,
    };
    // of what one call made, that which hangs on another thing goes before it
    let parts = |left: &Leftover| left.resource.matches('#').count();
    (turn(a), Reverse(a.since), Reverse(parts(a)))
        .cmp(&(turn(b), Reverse(b.since), Reverse(parts(b))))
        .then_with(|| (&a.resource, a.kind).cmp(&(&b.resource, b.kind)))
}

/// Whether what was destroyed or switched off is what the intruder had made.
fn is_of_own_making(
    book: &Deedbook<'_>,
    made: &HashMap<Name, Time, RandomState>,
    making: &Making<'_>,
) -> bool {
    if !matches!(making.left.kind, LeftoverKind::DataLoss | LeftoverKind::Detection) {
        return false;
    }
    let whole = book.text(making.touched.resource).split('#').next().unwrap_or_default();
    let whole = book.names.find(whole);
    [Some(making.touched.resource), whole]
        .into_iter()
        .flatten()
        .any(|name| made.get(&name).is_some_and(|&since| since <= making.told.time))
}

impl Undos {
    /// Whether something was undone after it was made, itself or with what it hangs on.
    fn undid(&self, book: &Deedbook<'_>, resource: &str, making: &Making<'_>, tainted: &[Place]) -> bool {
        let within = making.left.within.iter().map(|&name| book.text(name));
        std::iter::once(resource).chain(within).any(|id| {
            covering(id).iter().any(|id| {
                let undone = self.names.find(id).and_then(|name| self.by_name.get(&name));
                undone.into_iter().flatten().any(|undone| counts(undone, making.told, tainted))
            })
        })
    }
}

/// Whether an undoing undoes what an event made: not if it is that event, nor if the intruder only made it anew.
fn counts(undone: &Undone, made: &Told, tainted: &[Place]) -> bool {
    let itself = undone.place == made.place || (undone.event != 0 && undone.event == made.id);
    let by_intruder = || tainted.binary_search(&undone.place).is_ok();
    undone.time >= made.time && !itself && !(undone.by_others && by_intruder())
}

/// Whose undoing undoes a thing: its own, that of what it hangs on by a `#`, and that of all of its sort.
fn covering(id: &str) -> Vec<String> {
    let mut ids = vec![id.to_owned()];
    for (at, _) in id.match_indices('#') {
        ids.push(id[..at].to_owned());
        if let Some(slash) = id[at..].find('/') {
            ids.push(format!("{}/*", &id[..at + slash]));
        }
    }
    ids
}

/// `None` if nothing of it is left.
fn leftover(
    book: &Deedbook<'_>,
    lineage: &Lineage,
    resource: &str,
    kind: LeftoverKind,
    makings: &[Making<'_>],
    inputs: &[Input],
) -> Option<Leftover> {
    let first = makings.first()?;
    let row = book.row(first.told);
    let by = book.text(row.credential);
    let places: Vec<Place> = makings.iter().map(|making| making.told.place).collect();
    let account = match book.text(first.touched.holder) {
        "" => book.text(row.account),
        holder => holder,
    };
    Some(Leftover {
        kind,
        resource: resource.to_owned(),
        account: account.to_owned(),
        region: region(resource, book.text(row.region)).to_owned(),
        since: first.told.time.to_timestamp(),
        by: by.to_owned(),
        call: book.text(row.call).to_owned(),
        undo: sentence(kind, book.text(first.left.undo)),
        confidence: lineage.taint_of(by).map_or(Confidence::Low, |fallen| fallen.confidence),
        citations: cite(inputs, &places),
    })
}

/// The region in an ARN; of things without one the event's for S3, else `aws-global`.
fn region<'a>(resource: &'a str, of_event: &'a str) -> &'a str {
    if resource.starts_with("arn:") && resource.contains(":s3:::") {
        return of_event;
    }
    let in_arn = resource.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2));
    in_arn.filter(|region| !region.is_empty()).unwrap_or("aws-global")
}

/// A command with what it does before it; a sentence as it is.
fn sentence(kind: LeftoverKind, undo: &str) -> String {
    if !undo.starts_with("aws ") {
        let mut letters = undo.chars();
        return letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    }
    let task = match kind {
        LeftoverKind::AccessKey => "Cut off the key",
        LeftoverKind::User => "Delete the user, once its keys, password and policies are gone",
        LeftoverKind::Role => "Delete the role, once its policies are gone",
        LeftoverKind::GroupMembership => "Take the user out of the group",
        LeftoverKind::Policy => "Undo the policy",
        LeftoverKind::PolicyAttachment => "Take the policy away",
        LeftoverKind::LoginProfile => "Take the password away, and have its owner set a new one",
        LeftoverKind::MfaDevice => "Take the second factor away",
        LeftoverKind::Trust => "Undo the trust",
        LeftoverKind::Share => "End the share",
        LeftoverKind::ResourcePolicy => "Undo the resource policy",
        LeftoverKind::Function => "Remove the code",
        LeftoverKind::Compute => "Stop it, after keeping what is needed as evidence",
        LeftoverKind::KeyMaterial => "Delete the key material",
        LeftoverKind::Network => "Close the opening",
        LeftoverKind::Copy => "Delete the copy, after noting what was in it",
        LeftoverKind::Detection => "Switch it on again",
        LeftoverKind::Automation => "Remove the automation",
        LeftoverKind::DataLoss => "Restore what can be restored",
        LeftoverKind::Other => "Undo it",
    };
    format!("{task}: {undo}")
}

//! Births: the events by which one credential begets or unlocks another.
//!
//! Almost every event is dismissed by its service and call. Until all are known, a birth takes about 50 bytes and the
//! texts that are its own.

mod compute;
mod federation;
mod form;
mod iam;
pub(crate) mod look;
mod names;
mod policy;
mod sts;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hasher;

use floodmark_case::{Confidence, CredentialKind};
use foldhash::fast::RandomState;

use crate::engine::effects::plain_name;
use crate::engine::numbered::Numbered;
use crate::event::Event;
use crate::place::Place;
use crate::shape::PerShape;
use crate::time::Time;

pub(crate) use federation::login_id;
use form::Form;
pub use names::{Name, Names, Translation};
pub use policy::names as policy_names;

/// What a birth puts into the hands of whoever caused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nature {
    /// New keys: all that is done with them is done by their holder.
    Minted,
    /// Keys that existed and work again.
    Revived,
    /// A password.
    Password,
    /// A session of the console, by a login or by switching the role there.
    Console,
    /// A new say in who may assume a role.
    Trust,
    /// A new identity provider or trust anchor.
    ProviderMade,
    /// A changed identity provider or trust anchor, which others use too.
    ProviderChanged,
    /// New compute, which has a role.
    Made,
    /// A shell on compute that others run.
    Entered,
    /// Other code, user data or another role for compute that others run.
    Reprogrammed,
    /// A role handed to a service.
    RolePassed,
    /// A new principal, whose keys and password are births of their own.
    Principal,
}

/// One birth, in the names of its fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Birth {
    /// When.
    pub time: Time,
    /// The event.
    pub place: Place,
    /// A hash of the event's id, by which copies of one event are told; 0 if it has none.
    pub event: u64,
    /// A hash of `sharedEventID`, by which the copies of a call in two accounts are told; 0 if it has none.
    pub shared: u64,
    /// `sts:AssumeRole`.
    pub call: Name,
    /// What the call was made with, as [`crate::identity::Identity::credential`] names it.
    pub parent: Name,
    /// The caller's lasting principal, path left away.
    pub caller: Name,
    /// The ARN of the caller itself: of a session, the session's.
    pub caller_arn: Name,
    /// The caller's unique id.
    pub caller_id: Name,
    /// The caller's account.
    pub caller_account: Name,
    /// Where the call came from.
    pub address: Name,
    /// The user agent that it named.
    pub agent: Name,
    /// What was begotten: an access key id, or an ARN with a suffix.
    pub child: Name,
    /// The principal that the child acts as.
    pub principal: Name,
    /// The unique id of that principal, where the event says it (`AROA…:SESSION`).
    pub principal_id: Name,
    /// The account of the child.
    pub account: Name,
    /// The role that the child has or opens.
    pub role: Name,
    /// The session name that the child has or its sessions will have.
    pub session: Name,
    /// The identity provider, trust anchor or service through which the child came or its sessions will come.
    pub provider: Name,
    /// For a trust: the principals that it names, one per line.
    pub trusted: Name,
    /// What sort of thing the child is.
    pub kind: CredentialKind,
    /// What it puts into whose hands.
    pub nature: Nature,
    /// How sure it is that the caller has the child.
    pub confidence: Confidence,
}

/// A birth as read from an event, before its texts are named.
#[derive(Debug)]
struct Draft<'e> {
    child: Cow<'e, str>,
    kind: CredentialKind,
    nature: Nature,
    confidence: Confidence,
    /// Where it is not what the call was made with.
    parent: Option<Cow<'e, str>>,
    principal: Cow<'e, str>,
    principal_id: Cow<'e, str>,
    account: Cow<'e, str>,
    role: Cow<'e, str>,
    session: Cow<'e, str>,
    provider: Cow<'e, str>,
    trusted: String,
}

impl<'e> Draft<'e> {
    fn new(child: impl Into<Cow<'e, str>>, kind: CredentialKind, nature: Nature) -> Self {
        let none = Cow::Borrowed("");
        Self {
            child: child.into(),
            kind,
            nature,
            confidence: Confidence::High,
            parent: None,
            principal: none.clone(),
            principal_id: none.clone(),
            account: none.clone(),
            role: none.clone(),
            session: none.clone(),
            provider: none,
            trusted: String::new(),
        }
    }
}

/// Collects births: a fold over all events.
#[derive(Debug, Default)]
pub struct BirthsFold {
    names: Names,
    births: Vec<Short>,
    /// What each birth shares with others, by number.
    shared: Numbered<Birth>,
    forms: PerShape<Option<Form>>,
}

/// A birth as it is kept while there may be more: what is its own, and the number of what it shares with others.
#[derive(Debug, Clone, Copy)]
struct Short {
    time: Time,
    place: Place,
    event: u64,
    shared: u64,
    child: Name,
    principal_id: Name,
    session: Name,
    rest: u32,
}

impl BirthsFold {
    /// Takes note of an event; cheap if nothing is born of it.
    pub fn observe(&mut self, event: &Event<'_>, place: Place) {
        let form = || Form::of(event.service(), &event.wire.name).filter(|_| event.succeeded());
        let Some(form) = self.forms.get_or(event.shape, form) else { return };
        for draft in form.drafts(event) {
            self.record(event, place, &draft);
        }
    }

    /// Both folds' births; in whatever order folds are merged, the lineage is the same.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        if self.births.len() < other.births.len() {
            std::mem::swap(&mut self, &mut other);
        }
        let ours = self.names.absorb(&other.names);
        self.births.reserve_exact(other.births.len());
        for birth in other.births() {
            self.push(birth.translated(&ours));
        }
        self
    }

    /// How many births were noted, copies of one event counted each.
    pub fn len(&self) -> usize {
        self.births.len()
    }

    /// Whether nothing was born.
    pub fn is_empty(&self) -> bool {
        self.births.is_empty()
    }

    /// The births in an order that depends on their content alone, copies of one event told once.
    pub(crate) fn into_births(self) -> (Names, Vec<Birth>) {
        let mut births: Vec<Birth> = self.births().collect();
        let names = self.names;
        name_by_the_other_copy(&mut births, &names);
        births.sort_by(|a, b| a.key(&names).cmp(&b.key(&names)).then(a.place.cmp(&b.place)));
        births.dedup_by(|later, first| first.event != 0 && later.key(&names) == first.key(&names));
        (names, births)
    }

    fn record(&mut self, event: &Event<'_>, place: Place, draft: &Draft<'_>) {
        let identity = &event.identity;
        let call = call_of(event);
        let names = &mut self.names;
        let birth = Birth {
            time: event.time,
            place,
            event: stable_hash(&event.wire.id),
            shared: stable_hash(event.other("sharedEventID").as_deref().unwrap_or_default()),
            call: names.name(&call),
            parent: names.name(draft.parent.as_deref().unwrap_or_else(|| identity.credential())),
            caller: names.name(&look::plain(identity.principal())),
            caller_arn: names.name(&look::plain(&identity.arn)),
            caller_id: names.name(&identity.principal_id),
            caller_account: names.name(&identity.account),
            address: names.name(&event.wire.address),
            agent: names.name(&event.wire.agent),
            child: names.name(&draft.child),
            principal: names.name(&look::plain(&draft.principal)),
            principal_id: names.name(&draft.principal_id),
            account: names.name(if draft.account.is_empty() { &event.wire.account } else { &draft.account }),
            role: names.name(&look::plain(&draft.role)),
            session: names.name(&draft.session),
            provider: names.name(&draft.provider),
            trusted: names.name(&draft.trusted),
            kind: draft.kind,
            nature: draft.nature,
            confidence: draft.confidence,
        };
        self.push(birth);
    }

    fn push(&mut self, birth: Birth) {
        let Birth { time, place, event, shared, child, principal_id, session, .. } = birth;
        let rest = Birth {
            time: Time::MIN,
            place: Place::default(),
            event: 0,
            shared: 0,
            child: Name::default(),
            principal_id: Name::default(),
            session: Name::default(),
            ..birth
        };
        let rest = self.shared.number(&rest, |rest| *rest);
        self.births.push(Short { time, place, event, shared, child, principal_id, session, rest });
    }

    /// All births, whole.
    fn births(&self) -> impl Iterator<Item = Birth> {
        self.births.iter().map(|short| {
            let Short { time, place, event, shared, child, principal_id, session, rest } = *short;
            Birth { time, place, event, shared, child, principal_id, session, ..*self.shared.get(rest) }
        })
    }
}

impl Birth {
    /// All that tells it from another, in an order that does not depend on names' numbers.
    fn key<'n>(&self, names: &'n Names) -> (Time, [&'n str; 14], u64, u64, Nature) {
        let texts = [
            self.child,
            self.parent,
            self.call,
            self.caller_arn,
            self.caller_id,
            self.caller_account,
            self.address,
            self.agent,
            self.principal,
            self.principal_id,
            self.role,
            self.session,
            self.provider,
            self.trusted,
        ];
        (self.time, texts.map(|name| names.get(name)), self.event, self.shared, self.nature)
    }

    fn translated(&self, to: &Translation) -> Self {
        Self {
            call: to.of(self.call),
            parent: to.of(self.parent),
            caller: to.of(self.caller),
            caller_arn: to.of(self.caller_arn),
            caller_id: to.of(self.caller_id),
            caller_account: to.of(self.caller_account),
            address: to.of(self.address),
            agent: to.of(self.agent),
            child: to.of(self.child),
            principal: to.of(self.principal),
            principal_id: to.of(self.principal_id),
            account: to.of(self.account),
            role: to.of(self.role),
            session: to.of(self.session),
            provider: to.of(self.provider),
            trusted: to.of(self.trusted),
            ..*self
        }
    }
}

/// The call as IAM writes it, without API date: `lambda:CreateFunction`.
pub(crate) fn call_of(event: &Event<'_>) -> String {
    format!("{}:{}", event.service(), plain_name(&event.wire.name))
}

/// Of a call across accounts there is a copy in both logs; where one does not name the keys, the other may.
fn name_by_the_other_copy(births: &mut [Birth], names: &Names) {
    let is_key = |birth: &Birth| names.get(birth.child).starts_with("ASIA");
    let mut keys: HashMap<u64, Name, RandomState> = HashMap::default();
    for birth in births.iter().filter(|birth| birth.shared != 0 && is_key(birth)) {
        let known = keys.entry(birth.shared).or_insert(birth.child);
        if names.get(birth.child) < names.get(*known) {
            *known = birth.child;
        }
    }
    for birth in births.iter_mut().filter(|birth| birth.nature == Nature::Minted) {
        if let Some(&key) = keys.get(&birth.shared)
            && !names.get(birth.child).starts_with("ASIA")
        {
            birth.child = key;
        }
    }
}

/// A hash that is the same in every fold and run; 0 for the empty text only.
pub(crate) fn stable_hash(text: &str) -> u64 {
    use std::hash::BuildHasher;
    if text.is_empty() {
        return 0;
    }
    let mut hasher = foldhash::quality::FixedState::with_seed(0xF100_D3A2).build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish().max(1)
}

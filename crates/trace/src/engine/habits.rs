//! What each actor usually does, from where and with what: the past that a credential is measured against.
//!
//! Pass 1 keeps one entry per *combination* of actor, network, agent, region and call, not per event, so memory grows
//! with the variety of what is done, not with how often.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::names::{Name, Names, Renumbered};
use super::network;
use super::tally::Tally;
use crate::event::Event;
use crate::identity::Identity;
use crate::place::Place;
use crate::run::Run;
use crate::time::Time;

/// One combination of who, whence, with what, where and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Combination {
    /// Who acts, across sessions; see [`actor`].
    pub actor: Name,
    /// The network that the calls came from.
    pub network: Name,
    /// The family of the user agent.
    pub agent: Name,
    /// The region called.
    pub region: Name,
    /// The call, `service:Call`.
    pub call: Name,
}

/// When and how often a combination was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// First, with the event.
    pub first: (Time, Place),
    /// Last.
    pub last: Time,
    /// How often.
    pub count: u64,
    /// How often it was refused.
    pub denied: u64,
}

impl Seen {
    fn of(run: &Run, denied: bool) -> Self {
        Self {
            first: run.first,
            last: run.last,
            count: run.count,
            denied: if denied { run.count } else { 0 },
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            count: self.count + other.count,
            denied: self.denied + other.denied,
        }
    }
}

/// One credential, as the logs show it.
#[derive(Debug, Clone)]
pub struct CredentialSeen {
    /// The principal's ARN (of a session, the session's).
    pub principal: Name,
    /// The actor that it belongs to.
    pub actor: Name,
    /// The account of the principal.
    pub account: Name,
    /// Whether it was issued to compute (an instance, a task, a function).
    pub compute: bool,
}

/// Kinds of bulk reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BulkKind {
    /// S3 objects.
    Objects,
    /// Secrets and parameters.
    Secrets,
    /// Snapshot blocks, table exports, query results.
    Databases,
}

/// The fold over all events.
#[derive(Debug, Default)]
pub struct Habits {
    /// All names.
    pub names: Names,
    combinations: Tally<Combination>,
    credentials: HashMap<Name, CredentialSeen, RandomState>,
    uses: Tally<(Name, Name)>,
    bulk: Tally<(Name, Name, BulkKind, i64)>,
    memo: Memo,
}

/// Where events of one shape are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habit {
    combination: u32,
    of_credential: u32,
    bulk: Option<(Name, Name, BulkKind)>,
    denied: bool,
}

/// What texts were turned into, so that each is turned once.
#[derive(Debug, Default)]
struct Memo {
    networks: HashMap<Box<str>, Name, RandomState>,
    agents: HashMap<Box<str>, Name, RandomState>,
    /// The call in hand.
    call: String,
}

/// A memo starts anew beyond this, so that a hostile log cannot fill the memory.
const KEPT: usize = 65_536;

impl Habits {
    /// Takes note of one event.
    pub fn observe(&mut self, event: &Event<'_>, place: Place) {
        if let Some(whose) = self.meet(event) {
            self.count(whose, &Run::once(event.time, place));
        }
    }

    /// Where events of this one's shape are counted; `None` if they are nobody's habit.
    pub(crate) fn meet(&mut self, event: &Event<'_>) -> Option<Habit> {
        let identity = &*event.identity;
        if identity.is_service() || identity.credential().is_empty() {
            return None;
        }
        let network = self.network(&event.wire.address);
        let combination = Combination {
            actor: self.names.number(acting(identity)),
            network,
            agent: self.agent(&event.wire.agent),
            region: self.names.number(&event.wire.region),
            call: self.call(event),
        };
        Some(Habit {
            combination: self.combinations.number(combination),
            of_credential: self.credential(identity, combination.actor, network),
            bulk: bulk_kind(event).map(|kind| (combination.actor, network, kind)),
            denied: event.is_denied(),
        })
    }

    /// Takes note of events of a known shape.
    pub(crate) fn count(&mut self, whose: Habit, run: &Run) {
        let seen = Seen::of(run, whose.denied);
        self.combinations.add(whose.combination, seen);
        self.uses.add(whose.of_credential, seen);
        if let Some((actor, network, kind)) = whose.bulk {
            let at = self.bulk.number((actor, network, kind, run.hour));
            self.bulk.add(at, seen);
        }
    }

    /// Takes note of a credential; the number of its use from this network.
    fn credential(&mut self, identity: &Identity, actor: Name, network: Name) -> u32 {
        let id = self.names.number(identity.credential());
        let names = &mut self.names;
        self.credentials.entry(id).or_insert_with(|| CredentialSeen {
            principal: names.number(&identity.arn),
            actor,
            account: names.number(&identity.account),
            compute: is_compute(identity),
        });
        self.uses.number((id, network))
    }

    fn network(&mut self, address: &str) -> Name {
        if let Some(&known) = self.memo.networks.get(address) {
            return known;
        }
        if self.memo.networks.len() >= KEPT {
            self.memo.networks.clear();
        }
        let name = self.names.number(&network::network(address));
        self.memo.networks.insert(address.into(), name);
        name
    }

    fn agent(&mut self, agent: &str) -> Name {
        if let Some(&known) = self.memo.agents.get(agent) {
            return known;
        }
        if self.memo.agents.len() >= KEPT {
            self.memo.agents.clear();
        }
        let name = self.names.number(&network::agent_family(agent));
        self.memo.agents.insert(agent.into(), name);
        name
    }

    fn call(&mut self, event: &Event<'_>) -> Name {
        let call = &mut self.memo.call;
        call.clear();
        call.push_str(event.service());
        call.push(':');
        call.push_str(&event.wire.name);
        self.names.number(call)
    }

    /// Adds what another part of the logs showed.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let to = self.names.absorb(&other.names);
        for (key, seen) in other.combinations.iter() {
            let at = self.combinations.number(key.renumbered(&to));
            self.combinations.add(at, seen);
        }
        for ((actor, network, kind, hour), seen) in other.bulk.iter() {
            let at = self.bulk.number((to.name(actor), to.name(network), kind, hour));
            self.bulk.add(at, seen);
        }
        for ((credential, network), seen) in other.uses.iter() {
            let at = self.uses.number((to.name(credential), to.name(network)));
            self.uses.add(at, seen);
        }
        for (id, credential) in other.credentials {
            let credential = credential.renumbered(&to);
            match self.credentials.entry(to.name(id)) {
                std::collections::hash_map::Entry::Vacant(vacant) => {
                    vacant.insert(credential);
                }
                std::collections::hash_map::Entry::Occupied(mut known) => {
                    let known = known.get_mut();
                    // A key has one principal; where logs disagree, the smaller name wins whatever the order.
                    if self.names.text(credential.principal) < self.names.text(known.principal) {
                        (known.principal, known.account, known.actor) =
                            (credential.principal, credential.account, credential.actor);
                    }
                    known.compute |= credential.compute;
                }
            }
        }
        self
    }

    /// One credential, by its id.
    pub fn credential_seen(&self, id: &str) -> Option<&CredentialSeen> {
        self.credentials.get(&self.names.find(id)?)
    }

    /// All credentials with their ids, sorted by id.
    pub fn credentials(&self) -> Vec<(&str, &CredentialSeen)> {
        let mut all: Vec<_> =
            self.credentials.iter().map(|(id, seen)| (self.names.text(*id), seen)).collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all
    }

    /// The credentials that were used from a network, sorted.
    pub fn used_from(&self, network: &str) -> Vec<&str> {
        let Some(network) = self.names.find(network) else { return Vec::new() };
        let here = self.uses.iter().filter(|((_, from), _)| *from == network);
        let mut credentials: Vec<&str> =
            here.map(|((credential, _), _)| self.names.text(credential)).collect();
        credentials.sort_unstable();
        credentials
    }

    /// The networks that each credential was used from: credential, network, when; sorted by credential, then first use.
    pub fn uses(&self) -> Vec<(&str, &str, Seen)> {
        let text = |name| self.names.text(name);
        let mut all: Vec<_> = self
            .uses
            .iter()
            .map(|((credential, network), seen)| (text(credential), text(network), seen))
            .collect();
        all.sort_unstable_by_key(|&(credential, network, seen)| (credential, seen.first, network));
        all
    }

    /// All combinations by actor: sorted by the actor's name, then by first sight.
    pub fn actors(&self) -> Vec<(&str, Vec<(Combination, Seen)>)> {
        let mut by_actor: HashMap<Name, Vec<(Combination, Seen)>> = HashMap::new();
        for (combination, seen) in self.combinations.iter() {
            by_actor.entry(combination.actor).or_default().push((combination, seen));
        }
        let mut actors: Vec<_> =
            by_actor.into_iter().map(|(actor, all)| (self.names.text(actor), all)).collect();
        actors.sort_unstable_by_key(|(actor, _)| *actor);
        for (_, all) in &mut actors {
            all.sort_unstable_by_key(|(combination, seen)| {
                (seen.first, self.names.text(combination.call), self.names.text(combination.region))
            });
        }
        actors
    }

    /// Bulk reads per actor, network, kind and hour, sorted.
    pub fn bulk(&self) -> Vec<(&str, &str, BulkKind, i64, Seen)> {
        let text = |name| self.names.text(name);
        let mut all: Vec<_> = self
            .bulk
            .iter()
            .map(|((actor, network, kind, hour), seen)| (text(actor), text(network), kind, hour, seen))
            .collect();
        all.sort_unstable_by_key(|&(actor, network, kind, hour, _)| (actor, kind, hour, network));
        all
    }
}

impl Combination {
    fn renumbered(self, to: &Renumbered) -> Self {
        Self {
            actor: to.name(self.actor),
            network: to.name(self.network),
            agent: to.name(self.agent),
            region: to.name(self.region),
            call: to.name(self.call),
        }
    }
}

impl CredentialSeen {
    fn renumbered(mut self, to: &Renumbered) -> Self {
        self.principal = to.name(self.principal);
        self.actor = to.name(self.actor);
        self.account = to.name(self.account);
        self
    }
}

/// Who acts, across sessions: a user; a role; for a role that people share under their own session names
/// (IAM Identity Center, or a name that is an e-mail address), the person.
pub fn actor(identity: &Identity) -> &str {
    let principal = identity.principal();
    let is_person = identity.session_name().is_some_and(|session| session.contains('@'));
    if is_person || principal.contains("AWSReservedSSO_") { &identity.arn } else { principal }
}

/// The actor, or what names the credential where the record names no principal.
pub fn acting(identity: &Identity) -> &str {
    match actor(identity) {
        "" => identity.credential(),
        known => known,
    }
}

/// Whether a session was issued to an instance, task or function.
pub fn is_compute(identity: &Identity) -> bool {
    !identity.ec2_role_delivery.is_empty()
        || !identity.issued_to.is_empty()
        || identity.session_name().is_some_and(|name| {
            name.strip_prefix("i-")
                .is_some_and(|id| id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })
}

fn bulk_kind(event: &Event<'_>) -> Option<BulkKind> {
    match (&*event.wire.source, &*event.wire.name) {
        ("s3.amazonaws.com", "GetObject" | "SelectObjectContent") => Some(BulkKind::Objects),
        ("secretsmanager.amazonaws.com", "GetSecretValue" | "BatchGetSecretValue")
        | ("ssm.amazonaws.com", "GetParameter" | "GetParameters" | "GetParametersByPath") => {
            Some(BulkKind::Secrets)
        }
        ("ebs.amazonaws.com", "GetSnapshotBlock")
        | ("redshift-data.amazonaws.com", "ExecuteStatement" | "GetStatementResult")
        | ("rds-data.amazonaws.com", "ExecuteStatement")
        | ("athena.amazonaws.com", "GetQueryResults")
        | ("dynamodb.amazonaws.com", "Scan" | "ExportTableToPointInTime") => Some(BulkKind::Databases),
        _ => None,
    }
}

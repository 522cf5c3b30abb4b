//! What a starting point stands for.

use std::collections::BTreeSet;

use floodmark_case::{Confidence, CredentialKind};

use super::closure::Root;
use super::past::Past;
use super::sightings::Sighting;
use super::{Hands, Network, Start};
use crate::engine::births::Name;
use crate::engine::births::look::plain;
use crate::time::Time;

/// The credentials behind the starts, and a sentence for each start behind which there is nothing.
pub(super) fn resolve(past: &Past<'_>, starts: &[Start]) -> (Vec<Root>, Vec<String>) {
    let mut sorted: Vec<&Start> = starts.iter().collect();
    sorted.sort_by(|a, b| (a.guess, &a.id, a.since).cmp(&(b.guess, &b.id, b.since)));
    let own: BTreeSet<&str> = starts.iter().map(|start| start.id.as_str()).collect();
    let (mut roots, mut unknown) = (Vec::new(), Vec::new());
    for start in sorted {
        let mut found = resolve_one(past, start);
        if found.is_empty() {
            unknown.push(format!("whether {} was used: it does not occur in what was read", start.id));
        }
        // what is a start by itself has its own time and owner
        found.retain(|root| past.text(root.id) == start.id || !own.contains(past.text(root.id)));
        roots.extend(found);
    }
    (roots, unknown)
}

fn resolve_one(past: &Past<'_>, start: &Start) -> Vec<Root> {
    let id = plain(&start.id);
    if let Network::Block(..) = Network::new(&start.id) {
        return from_address(past, start);
    }
    let Some(name) = past.names.find(&id) else {
        return Vec::new();
    };
    if id.contains(":role/") {
        return of_role(past, start, name);
    }
    let mut roots = exactly(past, start, name);
    if id.contains(":user/") || id.contains(":assumed-role/") || id.contains(":root") {
        roots.extend(
            past.seen_by_arn
                .of(name)
                .map(|number| seen(past, start, &past.sightings[number], Confidence::High)),
        );
        roots.extend(born(past, start, past.by_principal.of(name)));
    }
    roots
}

/// The thing of this very id.
fn exactly(past: &Past<'_>, start: &Start, name: Name) -> Vec<Root> {
    if let Some(sighting) = past.sighting(name) {
        return vec![seen(past, start, sighting, Confidence::High)];
    }
    born(past, start, past.by_child.of(name)).into_iter().take(1).collect()
}

/// All sessions of a role.
fn of_role(past: &Past<'_>, start: &Start, role: Name) -> Vec<Root> {
    let sessions = past.sightings.iter().filter(|sighting| sighting.principal == role);
    let mut roots: Vec<Root> =
        sessions.map(|sighting| seen(past, start, sighting, Confidence::High)).collect();
    roots.extend(born(past, start, past.by_role.of(role)));
    roots
}

/// Everything that was used from an address; only what it did from there counts.
fn from_address(past: &Past<'_>, start: &Start) -> Vec<Root> {
    let network = Network::new(&start.id);
    let mut roots = Vec::new();
    for sighting in past.sightings {
        let first = sighting
            .from
            .iter()
            .filter(|(_, address, _)| network.contains(past.text(*address)))
            .map(|(first, ..)| *first)
            .min();
        let Some(first) = first else { continue };
        let mut root = seen(past, start, sighting, Confidence::High);
        root.since = first.max(start.since.unwrap_or(Time::MIN));
        root.hands = Hands::From(vec![network.clone()]);
        roots.push(root);
    }
    roots
}

fn born(past: &Past<'_>, start: &Start, births: impl Iterator<Item = usize>) -> Vec<Root> {
    births
        .map(|number| {
            let birth = &past.births[number];
            Root {
                id: birth.child,
                kind: birth.kind,
                principal: birth.principal,
                account: birth.account,
                since: start.since.unwrap_or(birth.time).max(birth.time),
                hands: Hands::Shared(start.owner.clone()),
                guess: start.guess,
                confidence: birth.confidence,
                place: Some(birth.place),
            }
        })
        .collect()
}

fn seen(past: &Past<'_>, start: &Start, sighting: &Sighting, confidence: Confidence) -> Root {
    Root {
        id: sighting.id,
        kind: kind(past.text(sighting.id), past.text(sighting.kind)),
        principal: sighting.arn,
        account: sighting.account,
        since: start.since.unwrap_or(sighting.first.0),
        hands: Hands::Shared(start.owner.clone()),
        guess: start.guess,
        confidence,
        place: Some(sighting.first.1),
    }
}

/// What sort of thing a credential is by its id and the type of its identity.
pub(super) fn kind(id: &str, identity: &str) -> CredentialKind {
    match identity {
        "Root" => CredentialKind::Root,
        _ if id.starts_with("AKIA") => CredentialKind::LongLivedKey,
        "AssumedRole" => CredentialKind::RoleSession,
        "FederatedUser" => CredentialKind::FederationToken,
        _ if id.starts_with("ASIA") => CredentialKind::SessionToken,
        _ => CredentialKind::Principal,
    }
}

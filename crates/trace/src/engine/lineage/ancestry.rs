//! Backward: from the starting points to the first ancestor that was seen.

use std::collections::BTreeSet;

use floodmark_case::CredentialKind;

use super::past::Past;
use super::{Ancestor, Fallen, roots};
use crate::engine::births::{Name, Nature};

/// More steps back than this are no lineage but a trap.
const MOST_STEPS: usize = 1_000;

/// The ancestors of all that fell by itself, first ancestors first; none that fell too.
pub(super) fn ancestors(past: &Past<'_>, fallen: &[Fallen]) -> Vec<Ancestor> {
    let fell: BTreeSet<&str> = fallen.iter().map(|fallen| fallen.id.as_str()).collect();
    let mut told = BTreeSet::new();
    let mut ancestors = Vec::new();
    for start in fallen.iter().filter(|fallen| matches!(fallen.how.as_str(), "given" | "guessed")) {
        let mut line = Vec::new();
        let mut current = past.names.find(&start.id);
        while let Some((parent, _)) = current.and_then(|id| parent_of(past, id)) {
            if line.len() >= MOST_STEPS || fell.contains(past.text(parent)) || !told.insert(parent) {
                break;
            }
            line.push(describe(past, parent));
            current = Some(parent);
        }
        ancestors.extend(line.into_iter().rev());
    }
    ancestors
}

/// A sentence for each session among the ancestors whose own issue is in no log.
pub(super) fn orphans(past: &Past<'_>, ancestors: &[Ancestor]) -> Vec<String> {
    ancestors
        .iter()
        .filter(|ancestor| ancestor.parent.is_none() && ancestor.id.starts_with("ASIA"))
        .filter(|ancestor| past.names.find(&ancestor.id).is_some())
        .map(|ancestor| format!("the issue of {}, an ancestor, is in no log that was read", ancestor.id))
        .collect()
}

/// What begot a credential, and the birth that says so.
///
/// Of compute that a service gave keys to, the compute; of keys of the console, the login.
pub(super) fn parent_of(past: &Past<'_>, id: Name) -> Option<(Name, Option<usize>)> {
    // of the copies of a cross-account call, the caller's names its key
    let number =
        past.by_child.of(id).filter(|&number| past.births[number].parent != id).min_by_key(|&number| {
            (past.births[number].time, !is_key(past.text(past.births[number].parent)), number)
        });
    let Some(number) = number else {
        let sighting = past.sighting(id).filter(|sighting| past.is_orphan(sighting))?;
        let login = past.login_of(sighting)?;
        return Some((past.births[login].child, Some(login)));
    };
    let birth = &past.births[number];
    if birth.nature == Nature::Minted && past.text(birth.parent).ends_with(".amazonaws.com") {
        let compute = past.by_session.of(birth.session).find(|&other| {
            let other = &past.births[other];
            matches!(other.nature, Nature::Made | Nature::Entered | Nature::Reprogrammed)
                && other.account == birth.account
        });
        if let Some(compute) = compute {
            return Some((past.births[compute].child, Some(number)));
        }
    }
    Some((birth.parent, Some(number))).filter(|(parent, _)| !parent.is_empty())
}

fn is_key(text: &str) -> bool {
    text.starts_with("AKIA") || text.starts_with("ASIA")
}

fn describe(past: &Past<'_>, id: Name) -> Ancestor {
    let text = |name: Name| past.text(name).to_owned();
    let birth = past.by_child.of(id).next().map(|number| &past.births[number]);
    let sighting = past.sighting(id);
    let kind = match (birth, sighting) {
        (Some(birth), _) => birth.kind,
        (None, Some(sighting)) => roots::kind(past.text(id), past.text(sighting.kind)),
        (None, None) => by_name(past.text(id)),
    };
    let principal = birth
        .map(|birth| birth.principal)
        .or_else(|| sighting.map(|sighting| sighting.arn))
        .map_or_else(|| past.text(id).split('#').next().unwrap_or_default().to_owned(), text);
    Ancestor {
        id: text(id),
        kind,
        principal,
        account: birth
            .map(|birth| birth.account)
            .or_else(|| sighting.map(|sighting| sighting.account))
            .map_or_else(String::new, text),
        parent: parent_of(past, id).map(|(parent, _)| text(parent)),
        how: birth.map_or_else(String::new, |birth| text(birth.call)),
        used: sighting.map(|sighting| (sighting.first.0, sighting.last)),
        place: birth.map(|birth| birth.place).or_else(|| sighting.map(|sighting| sighting.first.1)),
    }
}

fn by_name(id: &str) -> CredentialKind {
    match id {
        _ if id.ends_with("#login-profile") => CredentialKind::LoginProfile,
        _ if id.starts_with("AKIA") => CredentialKind::LongLivedKey,
        _ if id.ends_with(":root") => CredentialKind::Root,
        _ => CredentialKind::Principal,
    }
}

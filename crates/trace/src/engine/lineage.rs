//! The lineage: which credentials fell into the intruder's hands, from when, and how each came from another.

mod ancestry;
mod closure;
mod describe;
mod hands;
mod past;
mod roots;
#[cfg(test)]
mod scenarios;
mod siblings;
mod sightings;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use floodmark_case::{Confidence, CredentialKind};
use foldhash::fast::RandomState;

use crate::engine::births::look::plain;
use crate::engine::births::{BirthsFold, login_id};
use crate::event::Event;
use crate::place::Place;
use crate::time::Time;

pub use hands::{Habit, Hands, Network, OwnerHabits, program};
use siblings::Siblings;
pub(crate) use sightings::Sighted;
pub use sightings::SightingsFold;

/// A starting point of the story.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// A credential id, an ARN (user, role, session), or an IP address.
    pub id: String,
    /// From when it counts as fallen; `None` for as long as the logs go.
    pub since: Option<Time>,
    /// How its legitimate owner works, who goes on using it.
    pub owner: OwnerHabits,
    /// Whether the program chose it rather than its user.
    pub guess: bool,
}

/// What counts as the intruder's when compute that others run was entered or given other code.
///
/// Calls from addresses that the compute never had count in every case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inside {
    /// Of calls from its own addresses, those with a program that was not used there before.
    #[default]
    NewPrograms,
    /// All calls from its own addresses, too; with low confidence.
    All,
    /// No call from its own addresses.
    None,
}

/// A credential in the intruder's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallen {
    /// As [`floodmark_case::Credential::id`].
    pub id: String,
    /// What sort of thing it is.
    pub kind: CredentialKind,
    /// The ARN of the principal that it acts as.
    pub principal: String,
    /// The unique id of that principal, where one was seen.
    pub principal_id: String,
    /// The account of the principal.
    pub account: String,
    /// The credential that begot it; `None` for a starting point of unknown birth.
    pub parent: Option<String>,
    /// How it was begotten: the call; `given` or `guessed` for a starting point.
    pub how: String,
    /// From when it counts.
    pub since: Time,
    /// Which of its uses count.
    pub hands: Hands,
    /// How sure its place in the lineage is.
    pub confidence: Confidence,
    /// The event that begot it, or the first that was seen of it.
    pub place: Option<Place>,
    /// What the logs do not show about it, in a sentence.
    pub unknown: Option<String>,
}

/// A credential that begot a starting point, directly or not, and is only shown for the lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// As [`floodmark_case::Credential::id`].
    pub id: String,
    /// What sort of thing it is.
    pub kind: CredentialKind,
    /// The ARN of the principal that it acts as.
    pub principal: String,
    /// The account of the principal.
    pub account: String,
    /// The credential that begot it, if that was seen.
    pub parent: Option<String>,
    /// The call that begot it, if that was seen.
    pub how: String,
    /// When it was seen in use, if it was.
    pub used: Option<(Time, Time)>,
    /// The event that begot it, or the first that was seen of it.
    pub place: Option<Place>,
}

/// All that fell, and what begot it.
#[derive(Debug, Default)]
pub struct Lineage {
    fallen: Vec<Fallen>,
    ancestors: Vec<Ancestor>,
    unknown: Vec<String>,
    by_id: HashMap<Box<str>, usize, RandomState>,
    /// By ARN and unique id, for calls and log records that name no key.
    by_principal: HashMap<Box<str>, Vec<usize>, RandomState>,
    siblings: Siblings,
    /// By the event of a session's birth, what opened it: a trust policy or a provider.
    opened: HashMap<Place, usize, RandomState>,
}

impl Lineage {
    /// Draws the lineage from what all events showed: forward in time from each start, backward to its first ancestor.
    ///
    /// A start that resolves to nothing that was seen is listed in [`Self::unknown`].
    pub fn trace(births: BirthsFold, sightings: SightingsFold, starts: &[Start], inside: Inside) -> Self {
        let (mut names, births) = births.into_births();
        let sightings = sightings.into_sightings(&mut names);
        let past = past::Past::new(&names, &births, &sightings);
        let (roots, mut unknown) = roots::resolve(&past, starts);
        let (fallen, aliases) = closure::fall(&past, &roots, inside);
        let ancestors = ancestry::ancestors(&past, &fallen);
        unknown.extend(fallen.iter().filter_map(|fallen| fallen.unknown.clone()));
        unknown.extend(ancestry::orphans(&past, &ancestors));
        unknown.sort_unstable();
        unknown.dedup();
        let mut lineage = Self::new(fallen, aliases, ancestors, unknown);
        lineage.siblings = Siblings::new(&past, &lineage.fallen, |id| lineage.by_id.get(id).copied());
        lineage
    }

    fn new(
        fallen: Vec<Fallen>,
        aliases: Vec<(String, usize)>,
        ancestors: Vec<Ancestor>,
        unknown: Vec<String>,
    ) -> Self {
        let mut lineage = Self { ancestors, unknown, ..Self::default() };
        for (at, fallen) in fallen.iter().enumerate() {
            lineage.by_id.insert(fallen.id.as_str().into(), at);
            for name in [&fallen.principal, &fallen.principal_id] {
                if !name.is_empty() {
                    lineage.by_principal.entry(name.as_str().into()).or_default().push(at);
                }
            }
        }
        for (keys, at) in aliases {
            lineage.by_id.entry(keys.into()).or_insert(at);
        }
        for session in fallen.iter().filter(|fallen| fallen.kind == CredentialKind::RoleSession) {
            let by = session.parent.as_deref().and_then(|parent| lineage.by_id.get(parent).copied());
            let by = by.filter(|&at| fallen[at].kind == CredentialKind::Trust);
            lineage.opened.extend(session.place.zip(by));
        }
        lineage.fallen = fallen;
        lineage
    }

    /// What fell, parents before children.
    pub fn fallen(&self) -> &[Fallen] {
        &self.fallen
    }

    /// What begot the starting points, first ancestors first.
    pub fn ancestors(&self) -> &[Ancestor] {
        &self.ancestors
    }

    /// What the logs do not show about the lineage, one sentence each.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The names under which what fell may stand in the logs, and since when: keys, ARNs, unique ids.
    pub fn names(&self) -> impl Iterator<Item = (&str, Time)> {
        let keys = self.by_id.iter().map(|(id, &at)| (&**id, self.fallen[at].since));
        let principals = self.fallen.iter().flat_map(|fallen| {
            [&fallen.principal, &fallen.principal_id].map(|name| (name.as_str(), fallen.since))
        });
        keys.chain(principals).filter(|(name, _)| !name.is_empty())
    }

    /// The events of callers without a name here by which an opened role was entered.
    pub fn entries(&self) -> impl Iterator<Item = Place> {
        self.opened.keys().copied()
    }

    /// The opened trust or provider by which an event entered a role, where that is the intruder's.
    pub fn entered_by(&self, place: Place) -> Option<&Fallen> {
        self.opened.get(&place).map(|&at| &self.fallen[at])
    }

    /// The credential of this id, if it fell at any time.
    pub fn taint_of(&self, credential: &str) -> Option<&Fallen> {
        self.by_id.get(credential).map(|&at| &self.fallen[at])
    }

    /// Whether an event is the intruder's.
    pub fn is_tainted(&self, event: &Event<'_>) -> bool {
        self.taint(event).is_some()
    }

    /// The fallen credential with which an event was the intruder's; `None` if it was not.
    pub fn taint(&self, event: &Event<'_>) -> Option<&Fallen> {
        let identity = &event.identity;
        let by_id = || self.by_id.get(identity.credential()).copied().filter(|&at| self.counts(at, event));
        let at = if identity.access_key.is_empty() { self.keyless(event).or_else(by_id) } else { by_id() };
        at.map(|at| &self.fallen[at])
    }

    /// The fallen credential behind a record that names only an ARN, an address and a user agent, as S3 access logs do.
    ///
    /// `None` too if keys of the same principal that did not fall are behind it, as their networks say.
    pub fn taint_of_requester(&self, arn: &str, address: &str, agent: &str, time: Time) -> Option<&Fallen> {
        let arn = plain(arn);
        let candidates =
            self.by_principal.get(&*arn).filter(|_| !self.siblings.is_of_others(&arn, address))?;
        candidates
            .iter()
            .map(|&at| &self.fallen[at])
            .find(|fallen| fallen.since <= time && fallen.hands.count_from(address, agent))
    }

    /// Calls without a key: logins to the console, a session in another account's log, services on somebody's behalf.
    fn keyless(&self, event: &Event<'_>) -> Option<usize> {
        let identity = &event.identity;
        let arn = plain(&identity.arn);
        if let Some(login) = sign_in(event) {
            return self.signed_in(event, &arn, login);
        }
        let others = |name: &str| self.siblings.is_of_others(name, &event.wire.address);
        if others(&arn) || others(&identity.principal_id) {
            return None;
        }
        let by_arn = self.by_principal.get(&*arn).into_iter().flatten();
        let by_id = self.by_principal.get(&*identity.principal_id).into_iter().flatten();
        // each list is in the order of falling
        let fell = |at: &&usize| self.fallen[**at].since <= event.time;
        let signs_in = &*event.wire.source == "signin.amazonaws.com";
        let fits = by_arn.take_while(fell).chain(by_id.take_while(fell)).copied().filter(|&at| {
            let fallen = &self.fallen[at];
            let bound_to_key = fallen.kind == CredentialKind::LongLivedKey && identity.invoked_by.is_empty();
            // a login is made with a password, never with a key
            !(bound_to_key && signs_in) && self.counts(at, event)
        });
        // The password is what signs in; a user that was made is named only where nothing of it is.
        fits.min_by_key(|&at| match self.fallen[at].kind {
            CredentialKind::LoginProfile if signs_in => 0,
            CredentialKind::Principal => 2,
            _ => 1,
        })
    }

    /// The password, or else the session itself, of a login that fell; of one that failed the password, if it came from
    /// where the intruder was.
    fn signed_in(&self, event: &Event<'_>, arn: &str, login: SignIn) -> Option<usize> {
        let password = || {
            let of_user = self.by_principal.get(arn).into_iter().flatten().copied();
            let mut of_user = of_user.filter(|&at| self.counts(at, event));
            of_user.find(|&at| self.fallen[at].kind == CredentialKind::LoginProfile)
        };
        match login {
            SignIn::Succeeded(id) => {
                let session = self.by_id.get(&*id).copied()?;
                Some(password().unwrap_or(session))
            }
            SignIn::Failed => password().filter(|_| self.siblings.is_of_fallen(arn, &event.wire.address)),
        }
    }

    fn counts(&self, at: usize, event: &Event<'_>) -> bool {
        let fallen = &self.fallen[at];
        fallen.since <= event.time && fallen.hands.count(event)
    }
}

/// A login to the console with a password, or a switch of roles there.
enum SignIn {
    /// With the id of the session that it gave.
    Succeeded(String),
    Failed,
}

/// Whether an event is a login of a user or of the root user, or a switch of roles; other sessions sign in with themselves.
fn sign_in(event: &Event<'_>) -> Option<SignIn> {
    let name = &*event.wire.name;
    let has_password = matches!(&*event.identity.kind, "IAMUser" | "Root");
    if !(name == "SwitchRole" || (name == "ConsoleLogin" && has_password)) {
        return None;
    }
    let answer = event.response(&[name]);
    Some(if answer.as_deref() == Some("Success") {
        SignIn::Succeeded(login_id(event))
    } else {
        SignIn::Failed
    })
}

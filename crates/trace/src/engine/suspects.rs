//! Where the story starts: the credentials that were named, or those that stand out; and since when they are not
//! only their owner's.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use floodmark_case::Severity;

use super::draft::Draft;
use super::habits::{Combination, Habits, Seen};
use super::names::Name;
use super::network;
use super::past::{FromNetwork, Past, is_settled, pasts};
use crate::engine::births::look::plain;
use crate::time::Time;

/// A credential in the wrong hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// Its id.
    pub credential: String,
    /// From when on.
    pub since: Time,
    /// The networks from which its owner goes on using it; calls from there are not the intruder's.
    pub owner: BTreeSet<String>,
    /// Why it is suspect, in a sentence.
    pub why: String,
    /// Whether it was chosen by us rather than named.
    pub guess: bool,
}

/// What somebody named as a starting point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// An access key id, or another credential id.
    Key(String),
    /// The ARN of a user, role or session.
    Arn(String),
    /// An address.
    Address(IpAddr),
}

/// The text names no starting point.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no access key id (AKIA…, ASIA…), ARN (arn:…) or IP address")]
pub struct ParseFromError(String);

impl std::str::FromStr for From {
    type Err = ParseFromError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_key = text.len() >= 16
            && text.len() <= 128
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if text.starts_with("arn:") {
            Ok(Self::Arn(text.to_owned()))
        } else if let Ok(address) = text.parse() {
            Ok(Self::Address(address))
        } else if is_key {
            Ok(Self::Key(text.to_owned()))
        } else {
            Err(ParseFromError(text.chars().take(80).collect()))
        }
    }
}

impl std::fmt::Display for From {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(text) | Self::Arn(text) => f.write_str(text),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// The suspects for these starting points, and the starting points that the logs do not know.
pub fn named<'f>(
    from: &'f [From],
    habits: &Habits,
    drafts: &[Draft],
    since: Option<Time>,
) -> (Vec<Suspect>, Vec<&'f From>) {
    let board = Board::new(habits, drafts);
    let mut suspects = Vec::new();
    let mut unknown = Vec::new();
    for one in from {
        let found = board.credentials_of(one);
        if found.is_empty() {
            unknown.push(one);
        }
        suspects.extend(board.named_all(one, &found, since));
    }
    (suspects, unknown)
}

/// A starting point with which no call was made.
pub fn unused(from: &From, since: Option<Time>) -> Suspect {
    Suspect {
        credential: from.to_string(),
        since: since.unwrap_or(Time::MIN),
        owner: BTreeSet::new(),
        why: format!("{from} was named as a starting point; no call with it is in what was read"),
        guess: false,
    }
}

/// The credentials that stand out: those with a finding that is high or critical.
///
/// Records of another account's log name a caller by its unique id alone; such names count only where no key stands out.
pub fn guessed(habits: &Habits, drafts: &[Draft]) -> Vec<Suspect> {
    let board = Board::new(habits, drafts);
    let all: Vec<Suspect> = board.bad.keys().filter_map(|credential| board.guessed(credential)).collect();
    let (keys, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|suspect| is_key(&suspect.credential));
    if keys.is_empty() { others } else { keys }
}

/// Whether an ARN names the principal or the actor of a credential, or the role of its session; paths do not matter.
fn is_of(arn: &str, principal: &str, actor: &str) -> bool {
    let arn = plain(arn);
    arn == plain(principal)
        || arn == plain(actor)
        || role_of_session(principal).is_some_and(|role| arn == role)
}

/// `arn:aws:sts::1:assumed-role/ROLE/SESSION` → `arn:aws:iam::1:role/ROLE`.
fn role_of_session(arn: &str) -> Option<String> {
    let (partition, rest) = arn.strip_prefix("arn:")?.split_once(":sts::")?;
    let (account, session) = rest.split_once(":assumed-role/")?;
    let (role, _) = session.split_once('/')?;
    Some(format!("arn:{partition}:iam::{account}:role/{role}"))
}

/// Whether a credential id is an access key's.
///
/// Source: AWS IAM User Guide, "IAM identifiers", unique id prefixes.
fn is_key(credential: &str) -> bool {
    credential.starts_with("AKIA") || credential.starts_with("ASIA")
}

/// What is held against whom.
struct Board<'h> {
    habits: &'h Habits,
    pasts: Vec<Past<'h>>,
    uses: BTreeMap<&'h str, BTreeMap<&'h str, Seen>>,
    /// By credential and network: the worst findings.
    bad: BTreeMap<&'h str, BTreeMap<&'h str, Vec<&'h Draft>>>,
}

impl<'h> Board<'h> {
    fn new(habits: &'h Habits, drafts: &'h [Draft]) -> Self {
        let mut uses: BTreeMap<&str, BTreeMap<&str, Seen>> = BTreeMap::new();
        for (credential, network, seen) in habits.uses() {
            uses.entry(credential).or_default().insert(network, seen);
        }
        let mut bad: BTreeMap<&str, BTreeMap<&str, Vec<&Draft>>> = BTreeMap::new();
        for draft in drafts.iter().filter(|draft| draft.severity >= Severity::Medium) {
            for (credential, network) in &draft.by {
                bad.entry(credential).or_default().entry(network).or_default().push(draft);
            }
        }
        Self { habits, pasts: pasts(habits), uses, bad }
    }

    fn credentials_of(&self, from: &From) -> Vec<&'h str> {
        let names = &self.habits.names;
        match from {
            From::Key(id) => self.uses.get_key_value(id.as_str()).map(|(id, _)| *id).into_iter().collect(),
            From::Arn(arn) => self
                .habits
                .credentials()
                .into_iter()
                .filter(|(_, seen)| is_of(arn, names.text(seen.principal), names.text(seen.actor)))
                .map(|(id, _)| id)
                .collect(),
            From::Address(address) => self.habits.used_from(&network::network(&address.to_string())),
        }
    }

    /// The credentials behind a starting point. Of a principal that departed from its past with some of its credentials,
    /// and has others from which nothing is known, the others did not fall.
    fn named_all(&self, from: &From, credentials: &[&'h str], since: Option<Time>) -> Vec<Suspect> {
        let departed = |credential: &&&str| {
            self.departs(credential, &self.hostile_networks(credential, Severity::Medium))
        };
        let some =
            matches!(from, From::Arn(_)) && since.is_none() && credentials.iter().any(|one| departed(&one));
        let fallen = credentials.iter().filter(|one| !some || departed(one));
        fallen.map(|credential| self.named(credential, from, since)).collect()
    }

    fn named(&self, credential: &'h str, from: &From, since: Option<Time>) -> Suspect {
        let mut hostile = self.hostile_networks(credential, Severity::Medium);
        if let From::Address(address) = from {
            hostile.extend(
                self.habits
                    .names
                    .find(&network::network(&address.to_string()))
                    .map(|name| self.habits.names.text(name)),
            );
        }
        let departure = self.first_use(credential, &hostile);
        let (since, how) = match (since, departure) {
            (Some(since), _) => (since, "from the time that was given".to_owned()),
            (None, Some(at)) if self.departs(credential, &hostile) => {
                (at, format!("from {at}, when it departed from its own past"))
            }
            (None, Some(at)) => {
                (at, format!("from {at}, its first use from where a finding speaks against it"))
            }
            (None, None) => (
                self.first_use_at_all(credential),
                "from its first use, since nothing sets its later use apart".to_owned(),
            ),
        };
        let why = format!("{from} was named as a starting point; it counts as the intruder's {how}");
        let owner =
            if hostile.is_empty() { BTreeSet::new() } else { self.owner(credential, &hostile, since) };
        Suspect { credential: credential.to_owned(), since, owner, why, guess: false }
    }

    fn guessed(&self, credential: &'h str) -> Option<Suspect> {
        let worst = self
            .bad
            .get(credential)?
            .values()
            .flatten()
            .max_by_key(|draft| (draft.severity, std::cmp::Reverse(draft.from)))?;
        if worst.severity < Severity::High {
            return None;
        }
        let hostile = self.hostile_networks(credential, Severity::High);
        let (since, how) = self.guessed_since(credential, &hostile)?;
        let rules: BTreeSet<&str> =
            self.bad.get(credential)?.values().flatten().map(|draft| draft.rule.as_str()).collect();
        let why = format!(
            "guessed, because of `{}` ({}){}; it counts as the intruder's from {since}, {how}",
            worst.title,
            worst.severity.as_str(),
            if rules.len() > 1 {
                format!(" and {} other findings about it", rules.len() - 1)
            } else {
                String::new()
            }
        );
        let owner = self.owner(credential, &hostile, since);
        Some(Suspect { credential: credential.to_owned(), since, owner, why, guess: true })
    }

    /// The networks from which somebody else than the owner used the credential: those with findings, and those where
    /// its actor departed from its past.
    fn hostile_networks(&self, credential: &str, least: Severity) -> BTreeSet<&'h str> {
        let found = self.bad.get(credential).into_iter().flatten();
        let found = found
            .filter(|(_, drafts)| drafts.iter().any(|draft| draft.severity >= least))
            .map(|(network, _)| *network);
        let used = self.uses.get(credential);
        let departed = self
            .past(credential)
            .into_iter()
            .flat_map(|past| &past.networks)
            .filter(|from| from.is_departure());
        let departed = departed
            .map(|from| from.network)
            .filter(|network| used.is_some_and(|used| used.contains_key(network)));
        let hostile: BTreeSet<&str> = found.chain(departed).collect();
        // A correlation also names the owner's own calls. Where it was used from new networks too, these are the thief's.
        let networks = self.past(credential).into_iter().flat_map(|past| &past.networks);
        let new: BTreeSet<&str> = networks
            .filter(|from| from.is_new && hostile.contains(from.network))
            .map(|from| from.network)
            .collect();
        let mut hostile = if new.is_empty() { hostile } else { new };
        let tied = self.tied_by_tools(credential, &hostile);
        hostile.extend(tied);
        hostile
    }

    /// The new networks from which the credential was used with a tool that is known from hostile networks and was never
    /// used at home: from there a thief may have done nothing that is new but to try the key.
    fn tied_by_tools(&self, credential: &str, hostile: &BTreeSet<&str>) -> Vec<&'h str> {
        let (Some(past), Some(used)) = (self.past(credential), self.uses.get(credential)) else {
            return Vec::new();
        };
        let agents = |from: &FromNetwork<'h>| from.combinations.iter().map(|(one, _)| one.agent).collect();
        let all = |wanted: &dyn Fn(&FromNetwork<'h>) -> bool| -> BTreeSet<Name> {
            let networks = past.networks.iter().filter(|from| wanted(from));
            networks.flat_map(|from| -> Vec<Name> { agents(from) }).collect()
        };
        let at_home = all(&|from| !from.is_new);
        let tools: BTreeSet<Name> = all(&|from| from.is_new && hostile.contains(from.network))
            .difference(&at_home)
            .copied()
            .collect();
        let is_tied = |from: &&FromNetwork<'h>| {
            let here: Vec<Name> = agents(from);
            from.is_new
                && !network::is_service(from.network)
                && here.iter().any(|agent| tools.contains(agent))
        };
        let tied = past.networks.iter().filter(is_tied).map(|from| from.network);
        tied.filter(|network| used.contains_key(network)).collect()
    }

    fn past(&self, credential: &str) -> Option<&Past<'h>> {
        let actor = self.habits.names.text(self.habits.credential_seen(credential)?.actor);
        let index = self.pasts.binary_search_by_key(&actor, |past| past.actor).ok()?;
        self.pasts.get(index)
    }

    /// Whether one of these networks was new to the credential's actor.
    fn departs(&self, credential: &str, networks: &BTreeSet<&str>) -> bool {
        let from = self.past(credential).into_iter().flat_map(|past| &past.networks);
        from.filter(|from| networks.contains(from.network)).any(|from| from.is_new)
    }

    /// From when on a guessed credential counts as stolen, and why then.
    ///
    /// Where it had long been at home, all that came before the first serious finding is its owner's.
    fn guessed_since(&self, credential: &str, hostile: &BTreeSet<&str>) -> Option<(Time, &'static str)> {
        let first = self.first_use(credential, hostile)?;
        let findings = self.bad.get(credential)?;
        let serious = hostile.iter().filter_map(|network| findings.get(network)).flatten();
        let found = serious.filter(|draft| draft.severity >= Severity::High).map(|draft| draft.from).min();
        let used = self.uses.get(credential)?;
        let calls: u64 = hostile.iter().filter_map(|network| used.get(network)).map(|seen| seen.count).sum();
        match found {
            _ if self.departs(credential, hostile) => Some((first, "its first use from a network new to it")),
            Some(found) if is_settled(calls, first, found) => {
                Some((found, "the time of that finding, since it had long been used from there"))
            }
            _ => Some((first, "its first use from there")),
        }
    }

    fn first_use(&self, credential: &str, networks: &BTreeSet<&str>) -> Option<Time> {
        let used = self.uses.get(credential)?;
        networks.iter().filter_map(|network| used.get(network)).map(|seen| seen.first.0).min()
    }

    fn first_use_at_all(&self, credential: &str) -> Time {
        let used = self.uses.get(credential).into_iter().flat_map(BTreeMap::values);
        used.map(|seen| seen.first.0).min().unwrap_or(Time::MIN)
    }

    /// The owner's networks: those in use before the fall that nothing speaks against, and later ones from which
    /// nothing was done that the owner had not done before, with nothing that the owner had not used before.
    fn owner(&self, credential: &str, hostile: &BTreeSet<&str>, since: Time) -> BTreeSet<String> {
        let Some(past) = self.past(credential) else { return BTreeSet::new() };
        let mut owner = BTreeSet::new();
        let mut done = BTreeSet::new();
        let doing = |one: &Combination| (one.agent, one.call);
        for from in past.networks.iter().filter(|from| !hostile.contains(from.network)) {
            let is_earlier = from.seen.first.0 < since;
            if is_earlier || from.combinations.iter().all(|(one, _)| done.contains(&doing(one))) {
                owner.insert(from.network.to_owned());
                done.extend(from.combinations.iter().map(|(one, _)| doing(one)));
            }
        }
        owner
    }
}

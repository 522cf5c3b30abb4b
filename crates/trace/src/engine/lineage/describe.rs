//! What is told of something that fell.

use floodmark_case::CredentialKind;

use super::closure::{Cause, Closure, Falling, Sight};
use super::past::Past;
use super::sightings::Sighting;
use super::{Fallen, Habit, Hands, Inside, Network};
use crate::engine::births::{Birth, Name, Nature};
use crate::time::Time;

impl Closure<'_> {
    /// A credential at the moment of its fall.
    pub(super) fn describe(&self, falling: &Falling, id: Name) -> Fallen {
        let past = self.past;
        let sighting = past.sighting(id);
        let parent = falling.parent.map(|at| self.fallen[at].id.clone());
        let text = |name: Name| past.text(name).to_owned();
        let seen_id = sighting.map_or_else(String::new, |sighting| text(sighting.principal_id));
        match falling.cause {
            Cause::Root(number) => {
                let root = &self.roots[number];
                let birth = past.by_child.of(id).next().map(|number| &past.births[number]);
                let mut fallen = Fallen {
                    id: text(id),
                    kind: birth.map_or(root.kind, |birth| birth.kind),
                    principal: text(root.principal),
                    principal_id: seen_id,
                    account: text(root.account),
                    parent: None,
                    how: if root.guess { "guessed" } else { "given" }.to_owned(),
                    since: falling.since,
                    hands: root.hands.clone(),
                    confidence: falling.confidence.0,
                    place: birth.map(|birth| birth.place).or(root.place),
                    unknown: None,
                };
                fallen.parent = super::ancestry::parent_of(past, id).map(|(parent, _)| text(parent));
                let orphan = fallen.parent.is_none() && fallen.id.starts_with("ASIA");
                fallen.unknown = orphan.then(|| unissued(&fallen.id));
                fallen
            }
            Cause::Birth(number) => {
                let birth = &past.births[number];
                let principal_id = if seen_id.is_empty() { text(birth.principal_id) } else { seen_id };
                Fallen {
                    id: text(id),
                    kind: birth.kind,
                    principal: text(birth.principal),
                    principal_id,
                    account: text(birth.account),
                    parent,
                    how: text(birth.call),
                    since: falling.since,
                    hands: self.hands_of(birth, falling),
                    confidence: falling.confidence.0,
                    place: Some(birth.place),
                    unknown: None,
                }
            }
            Cause::Seen(number, sight) => {
                let sighting = &past.sightings[number];
                Fallen {
                    id: text(id),
                    kind: kind_of(past, sighting, sight),
                    principal: text(sighting.arn),
                    principal_id: text(sighting.principal_id),
                    account: text(sighting.account),
                    parent,
                    how: how(sight).to_owned(),
                    since: falling.since,
                    hands: self.hands_of_seen(sight, falling),
                    confidence: falling.confidence.0,
                    place: Some(sighting.first.1),
                    unknown: (sight != Sight::Console).then(|| unissued(past.text(id))),
                }
            }
        }
    }

    /// A session of compute that others run is shared with them; everything else that is born is the intruder's.
    fn hands_of(&self, birth: &Birth, falling: &Falling) -> Hands {
        match birth.nature {
            Nature::Entered | Nature::Reprogrammed => self.beside_its_users(birth.session, falling.since),
            Nature::Minted => falling.parent.map_or(Hands::Intruder, |at| {
                let parent = &self.fallen[at];
                let of_compute = parent.kind == CredentialKind::ComputeRole;
                if of_compute { parent.hands.clone() } else { Hands::Intruder }
            }),
            _ => Hands::Intruder,
        }
    }

    fn hands_of_seen(&self, sight: Sight, falling: &Falling) -> Hands {
        match (sight, falling.parent) {
            (Sight::Compute, Some(at)) => self.fallen[at].hands.clone(),
            _ => Hands::Intruder,
        }
    }

    /// How compute worked before it fell.
    fn beside_its_users(&self, session: Name, since: Time) -> Hands {
        if self.inside == Inside::All {
            return Hands::Intruder;
        }
        let past = self.past;
        let mut habits: Vec<(&str, Option<&str>)> = past
            .sessions_named(session)
            .flat_map(|number| &past.sightings[number].from)
            .filter(|(first, ..)| *first < since)
            .map(|&(_, address, agent)| {
                let agent = (self.inside == Inside::NewPrograms).then(|| past.text(agent));
                (past.text(address), agent)
            })
            .collect();
        habits.sort_unstable();
        habits.dedup();
        let habit = |(address, agent): (&str, Option<&str>)| Habit {
            network: Network::new(address),
            agent: agent.map(str::to_owned),
        };
        Hands::Shared(habits.into_iter().map(habit).collect())
    }
}

fn kind_of(past: &Past<'_>, sighting: &Sighting, sight: Sight) -> CredentialKind {
    let id = past.text(sighting.id);
    match past.text(sighting.kind) {
        _ if id.starts_with("AKIA") => CredentialKind::LongLivedKey,
        "AssumedRole" => CredentialKind::RoleSession,
        "FederatedUser" => CredentialKind::FederationToken,
        _ if sight == Sight::Console => CredentialKind::ConsoleLogin,
        "Root" => CredentialKind::Root,
        _ if id.starts_with("ASIA") => CredentialKind::SessionToken,
        _ => CredentialKind::Principal,
    }
}

const fn how(sight: Sight) -> &'static str {
    match sight {
        Sight::Console => "signin:ConsoleLogin",
        Sight::Compute => "session of the compute",
        Sight::SameSession => "further keys of the same session",
        Sight::OfPrincipal => "seen in use, its issue was not",
    }
}

fn unissued(id: &str) -> String {
    format!("the issue of {id} is in no log that was read: who took it, and from whom, is not known")
}

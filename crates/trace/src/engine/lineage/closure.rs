//! The transitive closure, forward in time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use floodmark_case::{Confidence, CredentialKind};
use foldhash::fast::RandomState;

use super::past::{LOGIN_SLACK, Past};
use super::sightings::Sighting;
use super::{Fallen, Habit, Hands, Inside, Network, OwnerHabits, program};
use crate::engine::births::look::leaf;
use crate::engine::births::{Birth, Name, Nature, policy_names};
use crate::place::Place;
use crate::time::Time;

/// Keys that a service gets to act on somebody's behalf are made for the call.
const ON_BEHALF_SLACK: i64 = 120;

/// Something from which the closure starts.
#[derive(Debug, Clone)]
pub(super) struct Root {
    pub id: Name,
    pub kind: CredentialKind,
    pub principal: Name,
    pub account: Name,
    pub since: Time,
    pub hands: Hands,
    pub guess: bool,
    pub confidence: Confidence,
    pub place: Option<Place>,
}

/// Why something falls; the number says which root, birth or sighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Root(usize),
    Birth(usize),
    Seen(usize, Sight),
}

/// Why keys that were seen in use, but not issued, are somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sight {
    Console,
    Compute,
    SameSession,
    OfPrincipal,
}

/// Something about to fall. Its order is the order of falling: by time, then by generation, then by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Falling {
    since: Time,
    generation: u32,
    cause: Cause,
    parent: Option<usize>,
    confidence: Confidence,
}

/// All that falls, in the order in which it fell, parents before children; and keys that count as one of these.
pub(super) fn fall(past: &Past<'_>, roots: &[Root], inside: Inside) -> (Vec<Fallen>, Vec<(String, usize)>) {
    let mut closure = Closure {
        past,
        roots,
        inside,
        heap: BinaryHeap::new(),
        settled: HashMap::default(),
        fallen: Vec::new(),
        aliases: Vec::new(),
    };
    for (number, root) in roots.iter().enumerate() {
        closure.push(Falling {
            since: root.since,
            generation: 0,
            cause: Cause::Root(number),
            parent: None,
            confidence: root.confidence,
        });
    }
    while let Some(Reverse(falling)) = closure.heap.pop() {
        closure.settle(falling);
    }
    (closure.fallen, closure.aliases)
}

struct Closure<'a> {
    past: &'a Past<'a>,
    roots: &'a [Root],
    inside: Inside,
    heap: BinaryHeap<Reverse<Falling>>,
    settled: HashMap<Name, usize, RandomState>,
    fallen: Vec<Fallen>,
    /// Keys that count as something that fell.
    aliases: Vec<(String, usize)>,
}

/// What is needed to follow a credential further.
struct Node {
    id: Name,
    at: usize,
    generation: u32,
    since: Time,
    confidence: Confidence,
    principal: Name,
    birth: Option<usize>,
}

impl Closure<'_> {
    fn push(&mut self, falling: Falling) {
        let id = self.id(falling.cause);
        if !id.is_empty() && !self.settled.contains_key(&id) {
            self.heap.push(Reverse(falling));
        }
    }

    fn id(&self, cause: Cause) -> Name {
        match cause {
            Cause::Root(number) => self.roots[number].id,
            Cause::Birth(number) => self.past.births[number].child,
            Cause::Seen(number, _) => self.past.sightings[number].id,
        }
    }

    fn settle(&mut self, falling: Falling) {
        let id = self.id(falling.cause);
        if id.is_empty() || self.settled.contains_key(&id) {
            return;
        }
        let at = self.fallen.len();
        self.settled.insert(id, at);
        let fallen = self.describe(&falling, id);
        self.fallen.push(fallen);
        let (principal, birth) = match falling.cause {
            Cause::Root(number) => (self.roots[number].principal, self.past.by_child.of(id).next()),
            Cause::Birth(number) => (self.past.births[number].principal, Some(number)),
            Cause::Seen(number, _) => (self.past.sightings[number].arn, None),
        };
        let node = Node {
            id,
            at,
            generation: falling.generation,
            since: falling.since,
            confidence: falling.confidence,
            principal,
            birth,
        };
        self.beget(&node);
        self.unlock(&node);
        self.on_behalf(&node);
    }

    /// What the credential itself made.
    fn beget(&mut self, node: &Node) {
        let past = self.past;
        for number in past.by_parent.of(node.id) {
            self.born(node, number, Confidence::High);
        }
        let kind = self.fallen[node.at].kind;
        let by_arn = matches!(
            kind,
            CredentialKind::RoleSession
                | CredentialKind::FederationToken
                | CredentialKind::ConsoleLogin
                | CredentialKind::Principal
        );
        if by_arn && node.principal != node.id {
            for number in past.by_parent.of(node.principal) {
                self.born(node, number, Confidence::High);
            }
        }
        for id in self.unique_ids(node) {
            for number in past.by_parent.of(id) {
                if !self.has_other_parent(number, node.id) {
                    self.born(node, number, Confidence::Medium);
                }
            }
        }
    }

    /// The unique ids that stand for the credential in another account's log.
    fn unique_ids(&self, node: &Node) -> Vec<Name> {
        let seen = self.past.sighting(node.id).map(|sighting| sighting.principal_id);
        let born = node.birth.map(|number| self.past.births[number].principal_id);
        let mut ids: Vec<Name> = seen.into_iter().chain(born).filter(|id| !id.is_empty()).collect();
        ids.dedup();
        ids
    }

    /// Whether another copy of a birth names other keys as its parent.
    fn has_other_parent(&self, number: usize, ours: Name) -> bool {
        let past = self.past;
        past.by_child.of(past.births[number].child).any(|other| {
            let parent = past.births[other].parent;
            let text = past.text(parent);
            parent != ours && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        })
    }

    fn born(&mut self, node: &Node, number: usize, at_most: Confidence) {
        let birth = &self.past.births[number];
        if birth.time < node.since || birth.child == node.id {
            return;
        }
        let (address, agent) = (self.past.text(birth.address), self.past.text(birth.agent));
        if !self.fallen[node.at].hands.count_from(address, agent) {
            return;
        }
        self.child(node, Cause::Birth(number), birth.time, at_most.min(birth.confidence));
    }

    fn child(&mut self, node: &Node, cause: Cause, since: Time, confidence: Confidence) {
        self.push(Falling {
            since: since.max(node.since),
            generation: node.generation.saturating_add(1),
            cause,
            parent: Some(node.at),
            confidence: confidence.min(node.confidence),
        });
    }

    /// What others may do, or compute does, because of it.
    fn unlock(&mut self, node: &Node) {
        let Some(birth) = node.birth.map(|number| self.past.births[number]) else {
            return;
        };
        if birth.child != node.id {
            return;
        }
        match birth.nature {
            Nature::Minted | Nature::Revived | Nature::Password => {}
            Nature::Console => self.console(node, node.birth),
            Nature::Trust => self.trusted(node, &birth),
            Nature::ProviderMade | Nature::ProviderChanged => self.through_provider(node, &birth),
            Nature::Made | Nature::Entered | Nature::Reprogrammed => self.compute(node, &birth),
            Nature::RolePassed => self.passed(node, &birth),
            Nature::Principal => self.principal(node, &birth),
        }
    }

    /// Keys of the console that come from this login.
    fn console(&mut self, node: &Node, login: Option<usize>) {
        let past = self.past;
        for number in past.seen_by_arn.of(node.principal) {
            let sighting = &past.sightings[number];
            if !past.is_orphan(sighting) || past.login_of(sighting) != login {
                continue;
            }
            let near = sighting.created <= node.since.plus_seconds(LOGIN_SLACK);
            let confidence = if near { Confidence::High } else { Confidence::Medium };
            self.child(node, Cause::Seen(number, Sight::Console), sighting.first.0, confidence);
        }
    }

    /// Sessions of a role by those whom its new policy names and who had not assumed it before.
    fn trusted(&mut self, node: &Node, trust: &Birth) {
        let past = self.past;
        let named: Vec<&str> =
            past.text(trust.trusted).lines().filter(|name| !name.ends_with(".amazonaws.com")).collect();
        let sessions: Vec<usize> = past
            .by_role
            .of(trust.role)
            .filter(|&number| past.births[number].nature == Nature::Minted)
            .collect();
        for &number in &sessions {
            let birth = &past.births[number];
            let account = past.text(birth.caller_account);
            let caller = [birth.caller, birth.caller_arn, birth.provider].map(|name| past.text(name));
            let was_there = sessions.iter().map(|&other| &past.births[other]).any(|other| {
                other.time < trust.time
                    && other.caller_account == birth.caller_account
                    && (other.caller, other.provider) == (birth.caller, birth.provider)
            });
            let is_named = named.iter().any(|name| policy_names(name, &caller, account));
            if birth.time >= node.since && is_named && !was_there {
                self.child(node, Cause::Birth(number), birth.time, Confidence::Medium);
            }
        }
    }

    /// Sessions through a provider; through a changed one only those whose name or address is new to it.
    fn through_provider(&mut self, node: &Node, provider: &Birth) {
        let past = self.past;
        let sessions: Vec<usize> = past
            .by_provider
            .of(provider.provider)
            .filter(|&number| past.births[number].nature == Nature::Minted)
            .collect();
        let made = provider.nature == Nature::ProviderMade;
        for &number in &sessions {
            let birth = &past.births[number];
            let was_there = sessions.iter().map(|&other| &past.births[other]).any(|other| {
                other.time < provider.time && other.session == birth.session && other.address == birth.address
            });
            if birth.time >= node.since && (made || !was_there) {
                let confidence = if made { Confidence::High } else { Confidence::Medium };
                self.child(node, Cause::Birth(number), birth.time, confidence);
            }
        }
    }

    /// Sessions that bear the name of the compute.
    fn compute(&mut self, node: &Node, compute: &Birth) {
        if compute.session.is_empty() {
            return;
        }
        let past = self.past;
        for number in past.by_session.of(compute.session) {
            let birth = &past.births[number];
            let fits = birth.nature == Nature::Minted && birth.account == compute.account;
            if fits && birth.time >= node.since {
                self.child(node, Cause::Birth(number), birth.time, compute.confidence);
            }
        }
        let running: Vec<usize> = past.sessions_named(compute.session).collect();
        for number in running {
            let sighting = &past.sightings[number];
            if sighting.account == compute.account && sighting.last >= node.since {
                let since = sighting.first.0.max(node.since);
                self.child(node, Cause::Seen(number, Sight::Compute), since, compute.confidence);
            }
        }
    }

    /// Sessions of a role that a service took after the role was passed to it.
    fn passed(&mut self, node: &Node, passed: &Birth) {
        let past = self.past;
        for number in past.by_role.of(passed.role) {
            let birth = &past.births[number];
            let fits = birth.nature == Nature::Minted
                && (birth.parent == passed.provider || birth.provider == passed.provider);
            if fits && birth.time >= node.since {
                self.child(node, Cause::Birth(number), birth.time, Confidence::Medium);
            }
        }
    }

    /// Keys of a principal that the intruder made, though their own birth was not seen.
    fn principal(&mut self, node: &Node, birth: &Birth) {
        let past = self.past;
        for number in past.seen_by_arn.of(birth.principal) {
            let sighting = &past.sightings[number];
            let unborn = past.by_child.of(sighting.id).next().is_none();
            if unborn && sighting.id != birth.principal && sighting.first.0 >= node.since {
                let cause = Cause::Seen(number, Sight::OfPrincipal);
                self.child(node, cause, sighting.first.0, Confidence::Medium);
            }
        }
        for number in past.by_session.of(birth.session) {
            let session = &past.births[number];
            let of_portal = leaf(past.text(session.role)).starts_with("AWSReservedSSO_");
            if of_portal && session.nature == Nature::Minted && session.time >= node.since {
                self.child(node, Cause::Birth(number), session.time, Confidence::Medium);
            }
        }
    }

    /// Keys that services got to act on its behalf, which count as itself, and further keys of the same session.
    fn on_behalf(&mut self, node: &Node) {
        let past = self.past;
        let text = past.text(node.id);
        let is_key = text.starts_with("AKIA") || text.starts_with("ASIA");
        // who of those who share a key a service acted for is not to be seen
        let shared = matches!(&self.fallen[node.at].hands, Hands::Shared(owner) if !owner.0.is_empty());
        if !is_key || shared {
            return;
        }
        let created = past.sighting(node.id).map_or(Time::MIN, |own| own.created);
        for number in past.seen_by_arn.of(node.principal) {
            let sighting = &past.sightings[number];
            if sighting.id == node.id || !past.is_orphan(sighting) || sighting.last < node.since {
                continue;
            }
            let same_session = created != Time::MIN && sighting.created == created;
            let fresh = sighting.created.plus_seconds(ON_BEHALF_SLACK) >= sighting.first.0;
            let for_the_call = text.starts_with("AKIA") && fresh && past.is_of_services(sighting);
            if for_the_call || (same_session && !sighting.invoked_by.is_empty()) {
                self.count_as(node, sighting.id);
            } else if same_session {
                let cause = Cause::Seen(number, Sight::SameSession);
                self.child(node, cause, sighting.first.0, Confidence::Medium);
            }
        }
    }

    /// Lets keys count as a credential that fell: what they did, it did.
    fn count_as(&mut self, node: &Node, keys: Name) {
        if self.settled.contains_key(&keys) {
            return;
        }
        self.settled.insert(keys, node.at);
        self.aliases.push((self.past.text(keys).to_owned(), node.at));
        let past = self.past;
        for number in past.by_parent.of(keys) {
            self.born(node, number, Confidence::Medium);
        }
    }

    fn describe(&self, falling: &Falling, id: Name) -> Fallen {
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
                    confidence: falling.confidence,
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
                    confidence: falling.confidence,
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
                    confidence: falling.confidence,
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
                let agent = (self.inside == Inside::NewPrograms).then(|| program(past.text(agent)));
                (past.text(address), agent)
            })
            .collect();
        habits.sort_unstable();
        habits.dedup();
        let habit = |(address, agent): (&str, Option<&str>)| Habit {
            network: Network::new(address),
            agent: agent.map(str::to_owned),
        };
        Hands::Shared(OwnerHabits(habits.into_iter().map(habit).collect()))
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

//! The transitive closure, forward in time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use floodmark_case::{Confidence, CredentialKind};
use foldhash::fast::RandomState;

use super::past::{LOGIN_SLACK, Past};
use super::sightings::Sighting;
use super::{Fallen, Hands, Inside};
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
pub(super) enum Cause {
    Root(usize),
    Birth(usize),
    Seen(usize, Sight),
}

/// Why keys that were seen in use, but not issued, are somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sight {
    Console,
    Compute,
    SameSession,
    OfPrincipal,
}

/// Something about to fall. Its order is the order of falling: by time, then by generation, then by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Falling {
    pub since: Time,
    pub generation: u32,
    pub cause: Cause,
    pub parent: Option<usize>,
    /// The surest reason first.
    pub confidence: Reverse<Confidence>,
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
            confidence: Reverse(root.confidence),
        });
    }
    while let Some(Reverse(falling)) = closure.heap.pop() {
        closure.settle(falling);
    }
    (closure.fallen, closure.aliases)
}

pub(super) struct Closure<'a> {
    pub past: &'a Past<'a>,
    pub roots: &'a [Root],
    pub inside: Inside,
    pub heap: BinaryHeap<Reverse<Falling>>,
    pub settled: HashMap<Name, usize, RandomState>,
    pub fallen: Vec<Fallen>,
    /// Keys that count as something that fell.
    pub aliases: Vec<(String, usize)>,
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

    /// Whether a login to the console that would fall is somebody else's: with a password that its owner or a responder
    /// has set since, or a switch of roles from the address of a login that did not fall.
    fn is_of_others(&self, cause: Cause) -> bool {
        let Cause::Birth(number) = cause else { return false };
        let login = &self.past.births[number];
        if login.nature != Nature::Console {
            return false;
        }
        let latest = |of: &mut dyn Iterator<Item = usize>, fits: &dyn Fn(&Birth) -> bool| {
            let earlier = of.filter(|&other| other != number && self.past.births[other].time <= login.time);
            earlier.filter(|&other| fits(&self.past.births[other])).last()
        };
        let set = latest(&mut self.past.by_child.of(login.parent), &|set| set.nature == Nature::Password);
        if let Some(set) = set {
            return !self.is_intruders(&self.past.births[set]);
        }
        let beside = |other: &Birth| other.nature == Nature::Console && other.address == login.address;
        latest(&mut self.past.by_principal.of(login.parent), &beside)
            .is_some_and(|other| !self.settled.contains_key(&self.past.births[other].child))
    }

    /// Whether a birth was caused by what had fallen by then.
    fn is_intruders(&self, birth: &Birth) -> bool {
        let (address, agent) = (self.past.text(birth.address), self.past.text(birth.agent));
        let did = |fallen: &Fallen| fallen.since <= birth.time && fallen.hands.count_from(address, agent);
        let parent = self.past.text(birth.parent);
        match self.settled.get(&birth.parent) {
            Some(&at) => did(&self.fallen[at]),
            None => self.fallen.iter().any(|fallen| fallen.principal == parent && did(fallen)),
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
        if id.is_empty() || self.settled.contains_key(&id) || self.is_of_others(falling.cause) {
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
            confidence: falling.confidence.0,
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
            confidence: Reverse(confidence.min(node.confidence)),
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
        let comer = |birth: &Birth| (birth.caller_account, who(past, birth), birth.provider);
        let before: HashSet<_, RandomState> = sessions
            .iter()
            .map(|&number| &past.births[number])
            .filter(|birth| birth.time < trust.time)
            .map(comer)
            .collect();
        for &number in &sessions {
            let birth = &past.births[number];
            if birth.time < node.since || before.contains(&comer(birth)) {
                continue;
            }
            let caller = [birth.caller, birth.caller_arn, birth.provider].map(|name| past.text(name));
            let account = past.text(birth.caller_account);
            if named.iter().any(|name| policy_names(name, &caller, account)) {
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
        let before: HashSet<_, RandomState> = sessions
            .iter()
            .map(|&number| &past.births[number])
            .filter(|birth| birth.time < provider.time)
            .map(|birth| (birth.session, birth.address))
            .collect();
        for &number in &sessions {
            let birth = &past.births[number];
            let is_new = made || !before.contains(&(birth.session, birth.address));
            if birth.time >= node.since && is_new {
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
        // names of functions are not unique: the same one may run elsewhere with another role
        let roles: Vec<Name> =
            past.by_child.of(compute.child).map(|number| past.births[number].role).collect();
        let may_have = |role: Name| roles.iter().all(|role| role.is_empty()) || roles.contains(&role);
        let shared_whole = self.inside == Inside::All && compute.nature != Nature::Made;
        let confidence = if shared_whole { Confidence::Low } else { compute.confidence };
        for number in past.by_session.of(compute.session) {
            let birth = &past.births[number];
            let fits = birth.nature == Nature::Minted && birth.account == compute.account;
            if fits && may_have(birth.role) && birth.time >= node.since {
                self.child(node, Cause::Birth(number), birth.time, confidence);
            }
        }
        let running: Vec<usize> = past.sessions_named(compute.session).collect();
        for number in running {
            let sighting = &past.sightings[number];
            let fits = sighting.account == compute.account && may_have(sighting.principal);
            if fits && sighting.last >= node.since {
                let since = sighting.first.0.max(node.since);
                self.child(node, Cause::Seen(number, Sight::Compute), since, confidence);
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
            // a key of the console comes from its login, which is told more exactly
            let unborn = past.by_child.of(sighting.id).next().is_none() && past.login_of(sighting).is_none();
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
        let shared = matches!(&self.fallen[node.at].hands, Hands::Shared(owner) if !owner.is_empty());
        if !is_key || shared {
            return;
        }
        let created = past.sighting(node.id).map_or(Time::MIN, |own| own.created);
        if created != Time::MIN {
            for number in past.of_one_start(node.principal, created) {
                self.same_session(node, number);
            }
        }
        if !text.starts_with("AKIA") {
            return;
        }
        for number in past.seen_by_arn.of(node.principal) {
            let sighting = &past.sightings[number];
            let fresh = sighting.created.plus_seconds(ON_BEHALF_SLACK) >= sighting.first.0;
            if fresh && self.may_be_of(node, sighting) && past.is_of_services(sighting) {
                self.count_as(node, sighting.id);
            }
        }
    }

    fn same_session(&mut self, node: &Node, number: usize) {
        let sighting = &self.past.sightings[number];
        if !self.may_be_of(node, sighting) {
            return;
        }
        if sighting.invoked_by.is_empty() {
            let cause = Cause::Seen(number, Sight::SameSession);
            self.child(node, cause, sighting.first.0, Confidence::Medium);
        } else {
            self.count_as(node, sighting.id);
        }
    }

    /// Whether keys whose issue was not seen, and that were used since the fall, are other keys than its own.
    fn may_be_of(&self, node: &Node, sighting: &Sighting) -> bool {
        sighting.id != node.id && sighting.last >= node.since && self.past.is_orphan(sighting)
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
}

/// The lasting principal behind a call. Another account's log names it by its unique id alone, a session's with the
/// session after it.
fn who<'p>(past: &Past<'p>, birth: &Birth) -> &'p str {
    match past.text(birth.caller) {
        "" => past.text(birth.caller_id).split(':').next().unwrap_or_default(),
        known => known,
    }
}

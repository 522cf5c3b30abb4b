//! The intrusion: one file per act, each of which writes its events and enters what it did into the truth.

mod compute;
mod cover;
mod entry;
mod foothold;
mod haul;
mod lateral;
mod manner;
mod response;
mod share;
mod takeover;

use floodmark_case::{Access, CredentialKind, LeftoverKind, Window};

use crate::calendar::{Moment, march, timestamp};
use crate::identity::{self, Caller, Role, user_arn};
use crate::organisation::{Organisation, account, region};
use crate::people::KEYED;
use crate::pipelines::{stolen_key, stolen_user};
use crate::rng::word;
use crate::script::{Line, Script};
use crate::truth::{Milestone, Start, Truth, TruthCredential, TruthLeftover, TruthReached, Undone};
use crate::{Intrusion, Plan};

pub(crate) use haul::Haul;
use manner::{Act, Manner, Pace};

/// The whole intrusion of a plan.
pub(crate) struct Story {
    pub(crate) lines: Vec<Line>,
    pub(crate) hauls: Vec<Haul>,
    pub(crate) truth: Truth,
    /// When the trail of the dark region is stopped.
    pub(crate) dark: (Moment, Moment),
    /// The instance of the intruder, for the flow log.
    pub(crate) flow: Flow,
    pub(crate) lineup: Lineup,
}

/// What the flow log shows of the intruder's instance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flow {
    pub(crate) interface: String,
    pub(crate) inside: String,
    pub(crate) outside: String,
    pub(crate) from: Moment,
    pub(crate) until: Moment,
    /// Bytes that left to the outside.
    pub(crate) bytes: u64,
}

/// Who and what the findings of the detector name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lineup {
    pub(crate) stolen_user: String,
    pub(crate) stolen_key: String,
    pub(crate) victim: String,
    pub(crate) victim_key: String,
    pub(crate) address: String,
    /// When it sees Kali Linux, if there is any.
    pub(crate) kali: Option<Moment>,
    /// When it sees somebody look around, and take data.
    pub(crate) looked: Moment,
    pub(crate) took: Moment,
}

/// When the acts begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// The first use of the stolen key.
    pub(crate) breach: Moment,
    pub(crate) sweep: Moment,
    pub(crate) second_key: Moment,
    pub(crate) lateral: Moment,
    pub(crate) new_user: Moment,
    pub(crate) function: Moment,
    pub(crate) instance: Moment,
    pub(crate) trust: Moment,
    pub(crate) task: Moment,
    pub(crate) passing: Moment,
    pub(crate) cover: Moment,
    pub(crate) dark: (Moment, Moment),
    pub(crate) haul: Moment,
    pub(crate) policy: Moment,
    pub(crate) response: Moment,
}

impl Clock {
    /// The clock of this organisation's seed.
    pub(crate) fn of(org: &Organisation) -> Self {
        let manner = Manner::of(org);
        let mut rng = org.rng(&[word("clock")]);
        let mut about = |day, hour, spread: u64| march(day, hour, 0) + rng.below(spread * 60);
        let breach = about(19, 18, 1) + 40 * 60 + about(14, 0, 20);
        let dark_from = about(22, 23, 40);
        let patient = Self {
            breach,
            sweep: breach + 4 * 3_600 + about(14, 0, 70),
            second_key: breach + 6 * 3_600 + about(14, 0, 50),
            lateral: about(20, 8, 90),
            new_user: about(20, 13, 100),
            function: about(20, 20, 80),
            instance: about(21, 3, 100),
            trust: about(21, 14, 100),
            task: about(22, 10, 90),
            passing: about(22, 16, 60),
            cover: about(22, 21, 20),
            dark: (dark_from, dark_from + 2 * 3_600 + about(14, 0, 40)),
            haul: about(23, 2, 30),
            policy: about(24, 5, 60),
            response: about(25, 8, 40) + 1_800,
        };
        let ordered = patient.in_order_of(&manner.acts);
        match manner.pace {
            Pace::Patient => ordered,
            Pace::Fast => ordered.hurried(),
        }
    }

    /// The middle acts, in this order, at the times at which they are otherwise done in another.
    fn in_order_of(mut self, acts: &[Act]) -> Self {
        let times = [self.function, self.instance, self.trust, self.task, self.passing];
        for (act, at) in acts.iter().zip(times) {
            match act {
                Act::Function => self.function = at,
                Act::Instance => self.instance = at,
                Act::Trust => self.trust = at,
                Act::Task => self.task = at,
                Act::Passing => self.passing = at,
            }
        }
        self
    }

    /// The acts before the night of the haul in an eighth of the time, and that night two days earlier.
    fn hurried(self) -> Self {
        let soon = |at: Moment| self.breach + (at - self.breach) / 8;
        let earlier = |at: Moment| at - 2 * 86_400;
        Self {
            breach: self.breach,
            sweep: soon(self.sweep),
            second_key: soon(self.second_key),
            lateral: soon(self.lateral),
            new_user: soon(self.new_user),
            function: soon(self.function),
            instance: soon(self.instance),
            trust: soon(self.trust),
            task: soon(self.task),
            passing: soon(self.passing),
            cover: earlier(self.cover),
            dark: (earlier(self.dark.0), earlier(self.dark.1)),
            haul: earlier(self.haul),
            policy: earlier(self.policy),
            response: self.response,
        }
    }
}

/// The names that the intruder meets and makes.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// The user of the stolen key.
    pub(crate) stolen: String,
    /// The existing user who gets a second key.
    pub(crate) victim: String,
    /// The existing user for whom the function makes a key.
    pub(crate) sleeper: String,
    /// The new user.
    pub(crate) made: String,
    pub(crate) function: String,
    pub(crate) operator: Role,
    pub(crate) auditor: Role,
    pub(crate) postmaster: Role,
    pub(crate) keeper: Role,
    pub(crate) migration: Role,
    pub(crate) session: String,
}

/// An intruder at work: the script, the truth, and what is in hand.
pub(crate) struct Intruder<'a> {
    pub(crate) script: Script<'a>,
    pub(crate) truth: Truth,
    pub(crate) org: &'a Organisation,
    pub(crate) clock: Clock,
    pub(crate) manner: Manner,
    pub(crate) names: Names,
    pub(crate) addresses: Vec<String>,
    pub(crate) lines_of_responders: u64,
}

impl<'a> Intruder<'a> {
    fn new(org: &'a Organisation, plan: &Plan) -> Self {
        let mut rng = org.rng(&[word("intruder")]);
        let manner = Manner::of(org);
        let addresses = manner.addresses(&mut rng);
        let number = rng.between(2, 98);
        let names = Names {
            stolen: stolen_user(org),
            victim: org.person(KEYED[2]),
            sleeper: format!(
                "{}-{number}",
                rng.pick(&["svc-media-sync", "svc-sitemap", "svc-legacy-ftp", "svc-statistics"])
            ),
            made: format!(
                "{}-{number}",
                rng.pick(&["pawn", "cloudops-monitor", "aws-health-sync", "svc-support"])
            ),
            function: format!(
                "{}-{number}",
                rng.pick(&["telemetry-relay", "health-probe", "config-sync", "edge-metrics"])
            ),
            operator: Role::new(
                account::DATA,
                *rng.pick(&["platform-operator", "data-maintainer", "lake-admin"]),
            ),
            auditor: Role::new(
                account::AUDIT,
                *rng.pick(&["trail-operator", "audit-maintainer", "log-admin"]),
            ),
            postmaster: Role::new(
                account::MAIL,
                *rng.pick(&["mail-operator", "relay-maintainer", "postmaster"]),
            ),
            keeper: Role::new(
                account::HOSTING,
                *rng.pick(&["web-backup-operator", "site-restore", "web-archive-keeper"]),
            ),
            migration: Role::new(
                account::HOSTING,
                *rng.pick(&["web-migration", "site-mover", "web-import-node"]),
            ),
            session: (*rng.pick(&[
                "exfil-job",
                "sync",
                "botocore-session-1773991",
                "cli-session",
                "massive-exfil",
            ]))
            .to_owned(),
        };
        Self {
            script: Script::new(org, "intrusion"),
            truth: Truth::empty(plan.events, plan.seed, plan.intrusion),
            org,
            clock: Clock::of(org),
            manner,
            names,
            addresses,
            lines_of_responders: 0,
        }
    }

    /// An address of the intruder's, by number.
    pub(crate) fn address(&self, number: usize) -> String {
        self.addresses[number % self.addresses.len()].clone()
    }

    pub(crate) fn id(&self, account: usize) -> &'a str {
        self.org.account(account)
    }

    pub(crate) fn home(&self) -> &'static str {
        self.org.regions[region::HOME]
    }

    /// A new access key id for a purpose.
    pub(crate) fn key(&self, kind: &str, purpose: &str) -> String {
        self.org.unique_id(kind, &[word("intruder key"), word(purpose)])
    }

    pub(crate) fn user(&self, account: usize, name: &str) -> String {
        user_arn(self.org, account, name)
    }

    pub(crate) fn caller(
        &self,
        account: usize,
        name: &str,
        key: &str,
        address: usize,
        agent: &str,
    ) -> Caller {
        identity::user(self.org, account, name, key).at(&self.address(address), agent)
    }

    /// Enters a tainted credential.
    pub(crate) fn taint(&mut self, credential: Tainted<'_>) {
        self.truth.credentials.push(TruthCredential {
            id: credential.id.to_owned(),
            aliases: credential.aliases.iter().map(ToString::to_string).collect(),
            kind: credential.kind,
            principal: credential.principal,
            account: self.org.account(credential.account).to_owned(),
            parents: credential.parents.iter().map(ToString::to_string).collect(),
            how: credential.how.to_owned(),
            fell: timestamp(credential.fell),
            required: credential.required,
        });
    }

    /// Enters a resource that a perfect answer names.
    pub(crate) fn reach(&mut self, resource: impl Into<String>, access: &[Access]) {
        self.enter(resource.into(), access, true);
    }

    /// Enters a resource that a perfect answer may name.
    pub(crate) fn touch(&mut self, resource: impl Into<String>, access: &[Access]) {
        self.enter(resource.into(), access, false);
    }

    fn enter(&mut self, resource: String, access: &[Access], required: bool) {
        let entry = TruthReached { resource, access: access.to_vec(), required };
        if !self.truth.reached.contains(&entry) {
            self.truth.reached.push(entry);
        }
    }

    /// Enters something that will still be there.
    pub(crate) fn leave(&mut self, left: Left<'_>) {
        self.truth.leftovers.push(TruthLeftover {
            kinds: left.kinds.to_vec(),
            resource: left.resource,
            account: self.org.account(left.account).to_owned(),
            region: left.region.map_or("aws-global", |region| self.org.regions[region]).to_owned(),
            since: timestamp(left.since),
            by: left.by.to_owned(),
            call: left.call.to_owned(),
            required: left.required,
        });
    }

    /// Enters something that was undone, and takes it off the leftovers.
    pub(crate) fn undo(&mut self, resource: &str, by: &str, at: Moment) {
        self.truth.leftovers.retain(|left| left.resource != resource);
        self.truth.undone.push(Undone {
            resource: resource.to_owned(),
            by: by.to_owned(),
            at: timestamp(at),
        });
    }

    pub(crate) fn milestone(&mut self, at: Moment, what: impl Into<String>) {
        self.truth.milestones.push(Milestone { at: timestamp(at), what: what.into() });
    }
}

/// A tainted credential as an act tells of it.
pub(crate) struct Tainted<'t> {
    pub(crate) id: &'t str,
    pub(crate) aliases: &'t [&'t str],
    pub(crate) kind: CredentialKind,
    pub(crate) principal: String,
    pub(crate) account: usize,
    pub(crate) parents: &'t [&'t str],
    pub(crate) how: &'t str,
    pub(crate) fell: Moment,
    pub(crate) required: bool,
}

/// A leftover as an act tells of it; `region` is `None` for IAM.
pub(crate) struct Left<'t> {
    pub(crate) kinds: &'t [LeftoverKind],
    pub(crate) resource: String,
    pub(crate) account: usize,
    pub(crate) region: Option<usize>,
    pub(crate) since: Moment,
    pub(crate) by: &'t str,
    pub(crate) call: &'t str,
    pub(crate) required: bool,
}

/// What the acts pass on to each other.
#[derive(Default)]
pub(crate) struct Hands {
    /// The second key, of the existing user.
    pub(crate) victim: Caller,
    /// The new user's key.
    pub(crate) made: Caller,
    /// The operator's session in the data account, on the 20th.
    pub(crate) operator: Caller,
    pub(crate) instance: Caller,
    /// Sessions for the haul, by account, each with the time in which it is valid.
    pub(crate) carriers: Vec<Carrier>,
    pub(crate) flow: Flow,
}

/// A session that carries data away.
#[derive(Debug, Clone)]
pub(crate) struct Carrier {
    pub(crate) caller: Caller,
    pub(crate) account: usize,
    pub(crate) from: Moment,
    pub(crate) until: Moment,
}

/// The story of a plan: all acts in order.
pub(crate) fn story(org: &Organisation, plan: &Plan) -> Story {
    let mut intruder = Intruder::new(org, plan);
    let mut hands = Hands::default();
    let breach = intruder.clock.breach;
    let key = stolen_key(org);
    let principal = intruder.user(account::HOSTING, &intruder.names.stolen.clone());
    intruder.truth.start.push(Start { id: key.clone(), principal, fell: timestamp(breach) });
    entry::validate(&mut intruder);
    entry::sweep(&mut intruder);
    foothold::second_key(&mut intruder, &mut hands);
    lateral::further_accounts(&mut intruder, &mut hands);
    takeover::new_user(&mut intruder, &mut hands);
    for act in intruder.manner.acts.clone() {
        match act {
            Act::Function => compute::function(&mut intruder, &hands),
            Act::Instance => compute::instance(&mut intruder, &mut hands),
            Act::Trust => takeover::trust(&mut intruder, &mut hands),
            Act::Task => compute::task(&mut intruder, &hands),
            Act::Passing => cover::passing(&mut intruder, &hands),
        }
    }
    cover::stop_logging(&mut intruder, &mut hands);
    if intruder.manner.opens_bucket {
        share::bucket_policy(&mut intruder, &hands);
    }
    let hauls = haul::hauls(&mut intruder, &hands, plan.events);
    response::revoke(&mut intruder, &hands);
    response::dead_keys(&mut intruder, &hands);
    let clock = intruder.clock;
    let is_reported = intruder.manner.is_published;
    let lineup = Lineup {
        kali: is_reported.then_some(march(20, 2, 40)),
        looked: if is_reported { march(20, 9, 31) } else { clock.lateral + 3_600 },
        took: if is_reported { march(24, 7, 2) } else { clock.haul + 5 * 3_600 },
        stolen_user: intruder.names.stolen.clone(),
        stolen_key: key,
        victim: intruder.names.victim.clone(),
        victim_key: hands.victim.key.clone(),
        address: intruder.address(if is_reported { 1 } else { 2 }),
    };
    let Intruder { script, mut truth, addresses, lines_of_responders, .. } = intruder;
    let asides = script.asides;
    let lines = script.finish();
    let read: u64 = hauls.iter().filter(|haul| haul.is_seen_by_trail()).map(|haul| haul.reads).sum();
    truth.intruder_events = lines.len() as u64 - lines_of_responders + read;
    truth.intruder_calls = truth.intruder_events - asides;
    truth.addresses = addresses;
    truth.addresses.sort();
    truth.milestones.sort_by_key(|milestone| milestone.at);
    truth.reached.sort();
    if plan.intrusion == Intrusion::Absent {
        truth = Truth::empty(plan.events, plan.seed, plan.intrusion);
    }
    Story { lines, hauls, truth, dark: clock.dark, flow: hands.flow, lineup }
}

/// The window between two moments.
pub(crate) fn window(from: Moment, until: Moment) -> Window {
    Window::between(timestamp(from), timestamp(until))
}

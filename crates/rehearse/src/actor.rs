//! Whoever does everyday work: how much, when, where, as whom, from where, and what.

use std::fmt::Write;

use crate::calendar::{Moment, Rhythm, TICK, TICKS, iso_text};
use crate::calls::{Call, Calls};
use crate::delivery::Sink;
use crate::event::{Event, Sort, credentials, s3_extra};
use crate::identity::{self, Caller, Holder, Role};
use crate::organisation::{Organisation, region};
use crate::rng::{Rng, word};
use crate::template::{Scene, fill};

/// An account and region to work in, with how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) account: usize,
    pub(crate) region: usize,
    pub(crate) weight: u64,
}

/// An address and agent, while it is in use, with how often.
#[derive(Debug, Clone)]
pub(crate) struct Habit {
    pub(crate) from: u64,
    pub(crate) until: u64,
    pub(crate) weight: u64,
    pub(crate) address: String,
    pub(crate) agent: String,
}

/// A bucket to read from and write to.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    pub(crate) bucket: String,
    pub(crate) region: usize,
}

/// How a session of an actor begins.
#[derive(Debug, Clone)]
pub(crate) enum Opening {
    /// Without an event of ours: before the logs, or in a place that they do not cover.
    Silent,
    /// A person signs in through IAM Identity Center.
    Saml(String),
    /// A job brings a token of an identity provider.
    Web { provider: String, subject: String },
    /// A service hands the role to compute.
    Service(&'static str),
    /// A session of a role in another account assumes this one; both logs tell it.
    From(Role, &'static str),
}

/// As whom an actor acts.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// A user with a long-lived key.
    User { name: String, key: String },
    /// A role session; in several accounts the role has the same name.
    Session { role: String, session: String, opening: Opening, holder: Holder },
    /// A service by itself.
    Service(&'static str),
}

/// An actor.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    /// Names its streams.
    pub(crate) label: String,
    /// How many of the innocent events are its own, against the others.
    pub(crate) share: u64,
    pub(crate) rhythm: Rhythm,
    /// Events come in multiples of this many.
    pub(crate) quantum: u64,
    /// How many ticks a session lasts.
    pub(crate) block: u64,
    pub(crate) places: Vec<Place>,
    pub(crate) who: Who,
    pub(crate) habits: Vec<Habit>,
    pub(crate) calls: Calls,
    pub(crate) shelves: Vec<Shelf>,
    /// How many in a thousand calls are refused.
    pub(crate) refused: u64,
    /// Whether it calls through an endpoint in its network.
    pub(crate) endpoint: bool,
    /// The tick from which it acts no more.
    pub(crate) ends: u64,
}

/// An actor with its events spread over the fortnight.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) actor: Actor,
    total: u64,
    phase: u64,
    /// Weight of all ticks before each.
    before: Vec<u64>,
}

impl Schedule {
    /// Spreads this many events.
    pub(crate) fn new(org: &Organisation, actor: Actor, total: u64) -> Self {
        let mut before = Vec::with_capacity(TICKS as usize + 1);
        let mut sum = 0;
        before.push(0);
        for tick in 0..TICKS {
            sum += if tick < actor.ends { actor.rhythm.weight(tick) } else { 0 };
            before.push(sum);
        }
        let phase = org.rng(&[word(&actor.label), word("phase")]).below(actor.quantum);
        Self { actor, total, phase, before }
    }

    fn until(&self, tick: u64) -> u64 {
        let all = self.before[TICKS as usize].max(1);
        let done = u128::from(self.total) * u128::from(self.before[tick as usize]) / u128::from(all);
        (done as u64).saturating_sub(self.phase) / self.actor.quantum * self.actor.quantum
    }

    /// How many events fall into a tick.
    pub(crate) fn count(&self, tick: u64) -> u64 {
        self.until(tick + 1) - self.until(tick)
    }

    /// How many events it has in all.
    pub(crate) fn sum(&self) -> u64 {
        self.until(TICKS)
    }

    /// Writes the events of a tick.
    pub(crate) fn act(&self, org: &Organisation, tick: u64, sink: &mut Sink<'_>) {
        let count = self.count(tick);
        if count == 0 {
            return;
        }
        let actor = &self.actor;
        let block = tick / actor.block;
        let first = (block * actor.block..tick).find(|&tick| self.count(tick) > 0).unwrap_or(tick);
        let mut rng = org.rng(&[word(&actor.label), word("block"), block]);
        let place = *weighted(&mut rng, &actor.places, |place| place.weight);
        let created = first * TICK + rng.below(20);
        let caller = self.caller(org, place, block, tick, created, &mut rng);
        let mut rng = org.rng(&[word(&actor.label), word("tick"), tick]);
        let mut left = count;
        if first == tick {
            left -= self.open(org, place, created, &caller, count, &mut rng, sink);
        }
        let mut at = tick * TICK + 24 + rng.below(300);
        let step = 2 * 560 * 1000 / (left + 1);
        let mut milli = 0;
        for _ in 0..left {
            let call = weighted(&mut rng, actor.calls, |call| call.weight);
            perform(org, actor, place, &caller, call, at, &mut rng, sink);
            milli += rng.below(step + 1);
            at += milli / 1000;
            milli %= 1000;
            at = at.min(tick * TICK + TICK - 1);
        }
    }

    fn caller(
        &self,
        org: &Organisation,
        place: Place,
        block: u64,
        tick: u64,
        created: Moment,
        rng: &mut Rng,
    ) -> Caller {
        let actor = &self.actor;
        let current: Vec<&Habit> =
            actor.habits.iter().filter(|habit| habit.from <= tick && tick < habit.until).collect();
        let caller = match &actor.who {
            Who::Service(host) => return identity::service(host),
            Who::User { name, key } => identity::user(org, place.account, name, key),
            Who::Session { role, session, holder, .. } => {
                let key = session_key(org, &actor.label, place.account, block);
                let role = Role::new(place.account, role.clone());
                identity::session(org, &role, session, &key, created, holder)
            }
        };
        if current.is_empty() {
            return caller;
        }
        let habit = weighted(rng, &current, |habit| habit.weight);
        caller.at(&habit.address, &habit.agent)
    }

    /// Writes how the session began; returns how many events that took.
    #[expect(
        clippy::too_many_arguments,
        reason = "the facts of one session; a struct would be built once and opened here"
    )]
    fn open(
        &self,
        org: &Organisation,
        place: Place,
        created: Moment,
        caller: &Caller,
        count: u64,
        rng: &mut Rng,
        sink: &mut Sink<'_>,
    ) -> u64 {
        let Who::Session { role, session, opening, .. } = &self.actor.who else { return 0 };
        if count < 2 {
            return 0;
        }
        let role = Role::new(place.account, role.clone());
        let hours = self.actor.block.div_ceil(4).min(12);
        let begun =
            Begun { role: &role, session, key: &caller.key, at: created, region: place.region, hours };
        match opening {
            Opening::Silent => 0,
            Opening::Saml(person) => {
                let asker =
                    identity::saml(org, place.account, person).at(&caller.address, "aws-internal/3 sso-oidc");
                begun.write(org, "AssumeRoleWithSAML", &asker, place.account, "", rng, sink);
                1
            }
            Opening::Web { provider, subject } => {
                let asker = identity::web_identity(provider, subject).at(&caller.address, &caller.agent);
                begun.write(org, "AssumeRoleWithWebIdentity", &asker, place.account, "", rng, sink);
                1
            }
            Opening::Service(host) => {
                begun.write(org, "AssumeRole", &identity::service(host), place.account, "", rng, sink);
                1
            }
            Opening::From(from, session) => {
                let key = session_key(org, &format!("{}/from", self.actor.label), from.account, created);
                let asker =
                    identity::session(org, from, session, &key, created - created % 3600, &Holder::Asker)
                        .at(&caller.address, &caller.agent);
                let mut shared = String::new();
                rng.uuid(&mut shared);
                begun.write(org, "AssumeRole", &asker, from.account, &shared, rng, sink);
                if from.account == place.account {
                    return 1;
                }
                let principal = format!("{}:{session}", from.unique_id(org));
                let seen = identity::other_account(
                    &principal,
                    org.account(from.account),
                    &caller.address,
                    &caller.agent,
                );
                begun.write(org, "AssumeRole", &seen, place.account, &shared, rng, sink);
                2
            }
        }
    }
}

/// The key of a session of an actor in an account and block of time.
pub(crate) fn session_key(org: &Organisation, label: &str, account: usize, block: u64) -> String {
    org.unique_id("ASIA", &[word(label), account as u64, block])
}

/// A session that begins.
pub(crate) struct Begun<'a> {
    pub(crate) role: &'a Role,
    pub(crate) session: &'a str,
    pub(crate) key: &'a str,
    pub(crate) at: Moment,
    pub(crate) region: usize,
    /// How long it is valid.
    pub(crate) hours: u64,
}

impl Begun<'_> {
    /// The JSON of request and answer.
    pub(crate) fn texts(&self, org: &Organisation, rng: &mut Rng) -> (String, String, String) {
        let arn = self.role.arn(org);
        let request = format!(
            r#"{{"roleArn":"{arn}","roleSessionName":"{}","durationSeconds":{}}}"#,
            self.session,
            self.hours * 3600
        );
        let mut response = String::from("{");
        credentials(self.key, self.at + self.hours * 3600, rng, &mut response);
        let _ = write!(
            response,
            r#","assumedRoleUser":{{"assumedRoleId":"{}:{}","arn":"{}"}}}}"#,
            self.role.unique_id(org),
            self.session,
            self.role.session_arn(org, self.session),
        );
        let resources = format!(
            r#"{{"accountId":"{}","type":"AWS::IAM::Role","ARN":"{arn}"}}"#,
            org.account(self.role.account)
        );
        (request, response, resources)
    }

    /// Writes the call that began it, into the log of an account.
    #[expect(clippy::too_many_arguments, reason = "one record, told once")]
    pub(crate) fn write(
        &self,
        org: &Organisation,
        name: &str,
        asker: &Caller,
        account: usize,
        shared: &str,
        rng: &mut Rng,
        sink: &mut Sink<'_>,
    ) {
        let mut drawn = org.rng(&[word(self.key), word("begun")]);
        let (request, response, resources) = self.texts(org, &mut drawn);
        let region = org.regions[self.region];
        let host = format!("sts.{region}.amazonaws.com");
        let event = Event {
            at: self.at,
            caller: asker,
            source: "sts",
            name,
            sort: Sort::Read,
            region,
            recipient: org.account(account),
            request: &request,
            response: &response,
            extra: "",
            resources: &resources,
            error: "",
            message: "",
            shared,
            host: &host,
            endpoint: "",
        };
        sink.event(account, self.region, &event, rng);
    }
}

#[expect(clippy::too_many_arguments, reason = "one call of one actor")]
fn perform(
    org: &Organisation,
    actor: &Actor,
    place: Place,
    caller: &Caller,
    call: &Call,
    at: Moment,
    rng: &mut Rng,
    sink: &mut Sink<'_>,
) {
    let told;
    let caller = if call.sort == Sort::Service {
        told = identity::service(&format!("{}.amazonaws.com", call.source));
        &told
    } else {
        caller
    };
    let is_s3 = call.source == "s3";
    let shelf = if is_s3 && !actor.shelves.is_empty() { Some(rng.pick(&actor.shelves)) } else { None };
    let fallback;
    let bucket = if let Some(shelf) = shelf {
        shelf.bucket.as_str()
    } else {
        fallback = format!("{}-artifacts-{}", org.accounts[place.account].name, org.suffix);
        fallback.as_str()
    };
    let region = match shelf {
        Some(shelf) => shelf.region,
        None if call.is_global() => region::GLOBAL,
        None => place.region,
    };
    let key = if is_s3 { object_key(rng, at) } else { String::new() };
    let role = *rng.pick(&ROLES);
    let scene =
        Scene { org, account: place.account, region: org.regions[region], at, bucket, key: &key, role };
    let (mut request, mut response, mut resources, mut extra) = sink.scratch();
    fill(call.request, &scene, rng, &mut request);
    fill(call.response, &scene, rng, &mut response);
    fill(call.resources, &scene, rng, &mut resources);
    let refused = actor.refused > 0 && rng.permille(actor.refused);
    if is_s3 {
        let (sent, got) = transferred(call, refused, rng);
        s3_extra(rng, sent, got, &mut extra);
    }
    let (error, message) = if refused { refusal(call, caller, rng) } else { ("", String::new()) };
    let host = host(call, bucket, scene.region);
    let endpoint = if actor.endpoint {
        crate::template::pooled(org, "vpce", place.account, word(call.source) % 5)
    } else {
        String::new()
    };
    let event = Event {
        at,
        caller,
        source: call.source,
        name: call.name,
        sort: call.sort,
        region: scene.region,
        recipient: org.account(place.account),
        request: &request,
        response: &response,
        extra: &extra,
        resources: &resources,
        error,
        message: &message,
        shared: "",
        host: &host,
        endpoint: &endpoint,
    };
    sink.event(place.account, region, &event, rng);
    sink.give_back((request, response, resources, extra));
}

/// Roles that everyday calls ask about.
pub(crate) const ROLES: [&str; 10] = [
    "web-cms-task",
    "web-frontend-task",
    "web-search-task",
    "mail-relay-task",
    "etl-loader",
    "image-resize-exec",
    "form-intake-exec",
    "ecs-execution",
    "web-node",
    "baseline-config",
];

fn host(call: &Call, bucket: &str, region: &str) -> String {
    if call.sort == Sort::Service {
        return String::new();
    }
    if call.source == "s3" {
        return if call.name == "ListBuckets" {
            format!("s3.{region}.amazonaws.com")
        } else {
            format!("{bucket}.s3.{region}.amazonaws.com")
        };
    }
    if call.is_global() {
        return format!("{}.amazonaws.com", call.source);
    }
    format!("{}.{region}.amazonaws.com", call.source)
}

fn transferred(call: &Call, refused: bool, rng: &mut Rng) -> (u64, u64) {
    if refused {
        return (0, 243);
    }
    // Most objects are small; one in sixteen is large.
    let size = if rng.permille(60) { rng.between(1_000_000, 60_000_000) } else { rng.between(400, 250_000) };
    match call.name {
        "GetObject" => (0, size),
        "PutObject" => (size, 0),
        _ => (0, rng.between(200, 4_000)),
    }
}

fn refusal(call: &Call, caller: &Caller, rng: &mut Rng) -> (&'static str, String) {
    if rng.permille(150) {
        return ("ThrottlingException", "Rate exceeded".to_owned());
    }
    let code = if call.source == "ec2" { "Client.UnauthorizedOperation" } else { "AccessDenied" };
    let action = call.name.trim_end_matches("20150331v2").trim_end_matches("20150331");
    let message = format!(
        "User: {} is not authorized to perform: {}:{action} because no identity-based policy allows the {}:{action} action",
        caller.arn, call.source, call.source
    );
    (code, message)
}

/// A key of an object as sites and loads have them.
pub(crate) fn object_key(rng: &mut Rng, at: Moment) -> String {
    let folder =
        *rng.pick(&["media", "assets", "forms", "export", "export/daily", "newsletter/archive", "uploads"]);
    let kind = *rng.pick(&["jpg", "pdf", "json.gz", "parquet", "html", "css", "csv"]);
    let mut key = format!("{folder}/{}/", &iso_text(at)[..10]);
    rng.hex(12, &mut key);
    key.push('.');
    key.push_str(kind);
    key
}

/// One of these by weight; they must not be empty.
pub(crate) fn weighted<'a, T>(rng: &mut Rng, from: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
    let mut left = rng.below(from.iter().map(&weight).sum());
    for thing in from {
        let weight = weight(thing);
        if left < weight {
            return thing;
        }
        left -= weight;
    }
    &from[0]
}

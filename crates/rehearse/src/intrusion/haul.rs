//! The haul: objects of 71 entities, bucket by bucket, by whichever session reaches them.

use floodmark_case::Access;

use super::{Carrier, Hands, Intruder, window};
use crate::actor::object_key;
use crate::calendar::{Moment, TICK};
use crate::calls::{OBJECT, OBJECT_REQUEST};
use crate::delivery::Sink;
use crate::entities::Logged;
use crate::event::{Event, Sort, s3_extra};
use crate::identity::Caller;
use crate::organisation::Organisation;
use crate::rng::{UPPER, word};
use crate::template::{Scene, fill};
use crate::truth::{Basis, Blindness, TruthEntity, TruthVolume, Unknowable};

/// What is taken from one bucket.
#[derive(Debug, Clone)]
pub(crate) struct Haul {
    /// Index of the bucket.
    pub(crate) bucket: usize,
    pub(crate) logged: Logged,
    pub(crate) caller: Caller,
    pub(crate) from: Moment,
    pub(crate) until: Moment,
    /// Objects, each read once.
    pub(crate) reads: u64,
    pub(crate) bytes: u64,
}

/// One object that was read.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) at: Moment,
    pub(crate) key: String,
    pub(crate) bytes: u64,
}

/// How many reads the intruder makes that CloudTrail tells, for this many events in all.
fn haul_total(events: u64) -> u64 {
    events * 3 / 50
}

impl Haul {
    /// Whether CloudTrail tells of it.
    pub(crate) fn is_seen_by_trail(&self) -> bool {
        matches!(self.logged, Logged::Trail | Logged::Both)
    }

    fn until_tick(&self, tick: u64) -> u64 {
        let end = (tick * TICK).clamp(self.from, self.until);
        let (done, all) = (u128::from(end - self.from), u128::from(self.until - self.from).max(1));
        (u128::from(self.reads) * done / all) as u64
    }

    /// The objects that are read in a tick.
    pub(crate) fn taken(&self, org: &Organisation, tick: u64) -> impl Iterator<Item = Taken> {
        let (first, end) = (self.until_tick(tick), self.until_tick(tick + 1));
        (first..end).map(move |number| self.object(org, number, tick * TICK))
    }

    fn object(&self, org: &Organisation, number: u64, earliest: Moment) -> Taken {
        let bucket = &org.buckets[self.bucket];
        let mut rng = org.rng(&[word("haul"), self.bucket as u64, number]);
        let span = u128::from(self.until - self.from);
        // In the middle of its share of the time, but not before the tick that counts it.
        let middle = span * (2 * u128::from(number) + 1) / (2 * u128::from(self.reads).max(1));
        let mut at = self.from + middle as u64;
        if at < earliest {
            at = (earliest + rng.below(TICK)).min(self.until);
        }
        let entity = &org.entities[bucket.entities[number as usize % bucket.entities.len()]];
        let key = format!("{}{}", entity.prefix, object_key(&mut rng, at.saturating_sub(86_400 * 3)));
        Taken { at, key, bytes: self.mark(org, number + 1) - self.mark(org, number) }
    }

    /// Bytes taken before an object: an even share, moved a little, so that all objects sum up to the byte.
    fn mark(&self, org: &Organisation, number: u64) -> u64 {
        let even = (u128::from(self.bytes) * u128::from(number) / u128::from(self.reads.max(1))) as u64;
        if number == 0 || number >= self.reads {
            return even;
        }
        let share = self.bytes / self.reads.max(1);
        even + org.rng(&[word("mark"), self.bucket as u64, number]).below(share * 9 / 10 + 1)
    }

    /// The id of a read, by which CloudTrail and the access log mean the same.
    pub(crate) fn request_id(&self, org: &Organisation, key: &str) -> String {
        org.rng(&[word("haul request"), self.bucket as u64, word(key)]).text(16, UPPER)
    }

    /// Writes the reads of a tick that CloudTrail tells.
    pub(crate) fn act(&self, org: &Organisation, tick: u64, sink: &mut Sink<'_>) {
        if !self.is_seen_by_trail() {
            return;
        }
        let bucket = &org.buckets[self.bucket];
        let host = format!("{}.s3.{}.amazonaws.com", bucket.name, org.regions[bucket.region]);
        for taken in self.taken(org, tick) {
            let mut rng = org.rng(&[word("haul event"), self.bucket as u64, word(&taken.key)]);
            let scene = Scene {
                org,
                account: bucket.account,
                region: org.regions[bucket.region],
                at: taken.at,
                bucket: &bucket.name,
                key: &taken.key,
                role: "",
            };
            let (mut request, _, mut resources, mut extra) = sink.scratch();
            fill(OBJECT_REQUEST, &scene, &mut rng, &mut request);
            fill(OBJECT, &scene, &mut rng, &mut resources);
            s3_extra(&mut rng, 0, taken.bytes, &mut extra);
            let event = Event {
                at: taken.at,
                caller: &self.caller,
                source: "s3",
                name: "GetObject",
                sort: Sort::DataRead,
                region: scene.region,
                recipient: org.account(bucket.account),
                request: &request,
                response: "",
                extra: &extra,
                resources: &resources,
                error: "",
                message: "",
                shared: "",
                host: &host,
                endpoint: "",
                request_id: &self.request_id(org, &taken.key),
            };
            sink.event(bucket.account, bucket.region, &event, &mut rng);
            sink.give_back((request, String::new(), resources, extra));
        }
    }
}

/// The hauls of all buckets, and what they are to the truth.
pub(super) fn hauls(intruder: &mut Intruder<'_>, hands: &Hands, events: u64) -> Vec<Haul> {
    let org = intruder.org;
    let seen: u64 = org.buckets.iter().filter(|bucket| sees(bucket.logged)).map(|bucket| bucket.taken).sum();
    let reads = haul_total(events);
    let mut hauls = Vec::with_capacity(org.buckets.len());
    for (index, bucket) in org.buckets.iter().enumerate() {
        let share = u128::from(reads) * u128::from(bucket.taken) / u128::from(seen.max(1));
        let reads = (share as u64).max(bucket.entities.len() as u64);
        let mut haul = Haul {
            bucket: index,
            logged: bucket.logged,
            caller: Caller::default(),
            from: 0,
            until: 0,
            reads,
            bytes: bucket.taken,
        };
        let mut rng = org.rng(&[word("haul window"), index as u64]);
        let carrier = carrier(intruder, hands, bucket.logged, bucket.account, rng.below(64));
        let span = carrier.until - carrier.from;
        haul.from = carrier.from + rng.below(span * 6 / 10);
        haul.until = haul.from + span / 10 + rng.below(span * 2 / 10);
        haul.caller = carrier.caller;
        enter(intruder, &haul);
        hauls.push(haul);
    }
    for entity in &org.entities {
        intruder.truth.entities.push(TruthEntity {
            name: entity.name.clone(),
            internal: entity.internal,
            bucket: format!("arn:aws:s3:::{}", org.buckets[entity.bucket].name),
            prefix: entity.prefix.clone(),
        });
    }
    let first =
        hauls.iter().filter(|haul| haul.logged != Logged::Nothing).map(|haul| haul.from).min().unwrap_or(0);
    intruder.milestone(first, "The haul begins: objects are read bucket by bucket");
    let unseen: Vec<&Haul> = hauls.iter().filter(|haul| haul.logged == Logged::Nothing).collect();
    let last = unseen.iter().map(|haul| haul.until).max().unwrap_or(0);
    intruder.truth.unknowable.push(Unknowable {
        kind: Blindness::OutOfSight,
        what: hands.flow.interface.clone(),
        window: Some(window(hands.flow.from, last.max(hands.flow.until))),
        why: "the instance sent data out; the flow log says how much, not what".to_owned(),
        at_most: Some(hands.flow.bytes),
    });
    hauls
}

const fn sees(logged: Logged) -> bool {
    matches!(logged, Logged::Trail | Logged::Both)
}

/// Who carries a bucket away, and when.
fn carrier(intruder: &Intruder<'_>, hands: &Hands, logged: Logged, account: usize, draw: u64) -> Carrier {
    let clock = intruder.clock;
    match logged {
        Logged::Nothing => Carrier {
            caller: hands.instance.clone(),
            account,
            from: hands.flow.from,
            until: hands.flow.until,
        },
        Logged::Dark => {
            let (from, until) = clock.dark;
            let caller = hands.carriers.iter().find(|carrier| carrier.account == account);
            let caller = caller.map_or_else(|| hands.victim.clone(), |carrier| carrier.caller.clone());
            Carrier {
                caller: caller.at(&intruder.address(2), intruder.manner.kit.copier),
                account,
                from: from + 60,
                until: until - 60,
            }
        }
        _ => {
            let able: Vec<&Carrier> =
                hands.carriers.iter().filter(|carrier| carrier.account == account).collect();
            let chosen = able[draw as usize % able.len()];
            let address = intruder.address(draw as usize % 3 + 2);
            Carrier { caller: chosen.caller.at(&address, intruder.manner.kit.copier), ..chosen.clone() }
        }
    }
}

fn enter(intruder: &mut Intruder<'_>, haul: &Haul) {
    let bucket = &intruder.org.buckets[haul.bucket];
    let arn = format!("arn:aws:s3:::{}", bucket.name);
    let basis = match haul.logged {
        Logged::Trail | Logged::Both => Basis::Cloudtrail,
        Logged::AccessLog | Logged::Dark => Basis::S3AccessLog,
        Logged::Nothing => Basis::None,
    };
    intruder.truth.volumes.push(TruthVolume {
        resource: arn.clone(),
        bytes: haul.bytes,
        objects: haul.reads,
        basis,
        told_twice: haul.logged == Logged::Both,
        window: window(haul.from, haul.until),
    });
    if basis == Basis::None {
        intruder.touch(arn.clone(), &[Access::Read]);
        intruder.truth.unknowable.push(Unknowable {
            kind: Blindness::BucketWithoutLog,
            what: arn,
            window: None,
            why:
                "neither data events nor server access logs are on: what was read, if anything, is not known"
                    .to_owned(),
            at_most: None,
        });
        return;
    }
    intruder.reach(arn, &[Access::Read]);
    if !haul.logged.in_access_log() {
        return;
    }
    // The access log names the requester's ARN and no key: who goes by it alone names the same credential.
    let Caller { key, arn, .. } = &haul.caller;
    for credential in &mut intruder.truth.credentials {
        if credential.id == *key && !credential.aliases.contains(arn) {
            credential.aliases.push(arn.clone());
        }
    }
}

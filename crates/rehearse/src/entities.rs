//! The 71 hosted entities, their buckets, and which log covers which bucket.

use crate::organisation::{account, region};
use crate::rng::{Rng, word};

/// How many entities of the house itself are hosted.
pub(crate) const INTERNAL: usize = 42;
/// How many others are hosted.
pub(crate) const OTHERS: usize = 29;
/// How much the intruder took, in bytes.
pub(crate) const TAKEN: u64 = 91_700_000_000;

/// An organisation whose web sites are hosted.
#[derive(Debug, Clone)]
pub(crate) struct Entity {
    /// `entity-17-fisheries`.
    pub(crate) name: String,
    /// Whether it belongs to the house.
    pub(crate) internal: bool,
    /// Index of its bucket.
    pub(crate) bucket: usize,
    /// Its prefix in the bucket, `/`-terminated; empty where the bucket is its own.
    pub(crate) prefix: String,
}

/// Which log shows reads of a bucket's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logged {
    /// CloudTrail data events.
    Trail,
    /// CloudTrail data events and the server access log: each read is told twice.
    Both,
    /// The server access log alone.
    AccessLog,
    /// CloudTrail data events and the server access log, in the region where the trail is stopped: the intruder's
    /// reads fall into the gap.
    Dark,
    /// No log.
    Nothing,
}

impl Logged {
    /// Whether CloudTrail data events are on.
    pub(crate) const fn in_trail(self) -> bool {
        matches!(self, Self::Trail | Self::Both | Self::Dark)
    }

    /// Whether the server access log is on.
    pub(crate) const fn in_access_log(self) -> bool {
        matches!(self, Self::Both | Self::AccessLog | Self::Dark)
    }
}

/// A bucket of the hosting or data account.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) account: usize,
    pub(crate) region: usize,
    pub(crate) logged: Logged,
    /// The entities in it.
    pub(crate) entities: Vec<usize>,
    /// Bytes that the intruder takes from it.
    pub(crate) taken: u64,
}

const SUBJECTS: [&str; INTERNAL + OTHERS] = [
    "agriculture",
    "budget",
    "climate",
    "competition",
    "culture",
    "customs",
    "defence",
    "digital",
    "ecfin",
    "education",
    "employment",
    "energy",
    "enlargement",
    "environment",
    "equality",
    "events",
    "feedback",
    "fisheries",
    "fraud",
    "grants",
    "health",
    "home-affairs",
    "infrastructure",
    "interpretation",
    "justice",
    "knowledge",
    "library",
    "maritime",
    "mobility",
    "newsroom",
    "partnerships",
    "personnel",
    "press",
    "publications",
    "regional",
    "research",
    "space",
    "statistics",
    "taxation",
    "trade",
    "translation",
    "youth",
    "agency-aviation",
    "agency-banking",
    "agency-border",
    "agency-chemicals",
    "agency-cyber",
    "agency-disease",
    "agency-food",
    "agency-gender",
    "agency-insurance",
    "agency-it",
    "agency-labour",
    "agency-medicines",
    "agency-police",
    "agency-privacy",
    "agency-railways",
    "agency-rights",
    "agency-satellite",
    "agency-training",
    "board-audit",
    "board-data",
    "board-resolution",
    "body-bank",
    "body-court",
    "body-ombudsman",
    "body-prosecutor",
    "committee-economic",
    "committee-regions",
    "council",
    "service-diplomatic",
];

/// The entities and buckets of this seed.
///
/// Most entities have a bucket of their own; nine share three buckets under prefixes.
pub(crate) fn hosted(seed: u64, suffix: &str) -> (Vec<Entity>, Vec<Bucket>) {
    let mut rng = Rng::of(seed, &[word("entities")]);
    let mut entities = Vec::with_capacity(SUBJECTS.len());
    let mut buckets: Vec<Bucket> = Vec::new();
    let mut order: Vec<usize> = (0..SUBJECTS.len()).collect();
    rng.shuffle(&mut order);
    let shared_from = SUBJECTS.len() - 9;
    for (place, &subject) in order.iter().enumerate() {
        let internal = subject < INTERNAL;
        let name = format!("entity-{:02}-{}", subject + 1, SUBJECTS[subject]);
        let shares = place >= shared_from;
        let joins = shares && !(place - shared_from).is_multiple_of(3);
        if !joins {
            let name = if shares {
                format!("web-hosting-shared-{}-{suffix}", (place - shared_from) / 3 + 1)
            } else {
                format!("web-hosting-{name}-{suffix}")
            };
            buckets.push(Bucket {
                name,
                account: if place % 5 == 4 { account::DATA } else { account::HOSTING },
                region: if place % 7 == 3 { region::SECOND } else { region::HOME },
                logged: Logged::Trail,
                entities: Vec::new(),
                taken: 0,
            });
        }
        let bucket = buckets.len() - 1;
        buckets[bucket].entities.push(entities.len());
        let prefix = if shares { format!("{}/", SUBJECTS[subject]) } else { String::new() };
        entities.push(Entity { name, internal, bucket, prefix });
    }
    cover(&mut rng, &mut buckets);
    share_out(&mut rng, &mut buckets);
    (entities, buckets)
}

/// Says which log covers which bucket: of 65, about half the trail, a third access logs alone, four dark, eight none.
fn cover(rng: &mut Rng, buckets: &mut [Bucket]) {
    let mut order: Vec<usize> = (0..buckets.len()).collect();
    rng.shuffle(&mut order);
    for (place, &index) in order.iter().enumerate() {
        let bucket = &mut buckets[index];
        bucket.logged = match place {
            0..4 => Logged::Dark,
            4..12 => Logged::Nothing,
            12..18 => Logged::Both,
            18..36 => Logged::AccessLog,
            _ => Logged::Trail,
        };
        if bucket.logged == Logged::Dark {
            bucket.region = region::DARK;
            bucket.account = account::HOSTING;
        }
        if bucket.logged == Logged::Nothing {
            bucket.region = region::HOME;
            bucket.account = account::HOSTING;
        }
    }
}

/// Divides what is taken over the buckets, very unevenly, to the byte.
fn share_out(rng: &mut Rng, buckets: &mut [Bucket]) {
    let weights: Vec<u64> = buckets.iter().map(|_| 1 + rng.below(40) * rng.below(40)).collect();
    let sum: u64 = weights.iter().sum();
    let mut left = TAKEN;
    for (bucket, weight) in buckets.iter_mut().zip(weights) {
        bucket.taken = TAKEN / sum * weight;
        left -= bucket.taken;
    }
    if let Some(first) = buckets.first_mut() {
        first.taken += left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seventy_one_entities_lose_exactly_what_was_taken() {
        for seed in [1, 2, 99] {
            let (entities, buckets) = hosted(seed, "abcdef");
            assert_eq!(entities.len(), 71);
            assert_eq!(entities.iter().filter(|entity| entity.internal).count(), 42);
            assert_eq!(buckets.iter().map(|bucket| bucket.taken).sum::<u64>(), TAKEN);
            assert!(buckets.iter().all(|bucket| bucket.taken > 0));
            for logged in [Logged::Trail, Logged::Both, Logged::AccessLog, Logged::Dark, Logged::Nothing] {
                assert!(buckets.iter().filter(|bucket| bucket.logged == logged).count() >= 4, "{logged:?}");
            }
        }
    }
}

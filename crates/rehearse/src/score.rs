//! How far an answer is from the truth.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::{Access, Answer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::truth::{Basis, Truth};

/// A share of a whole, in parts per million, so that no rounding differs between machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Rate(pub u32);

impl Rate {
    /// All of it.
    pub const WHOLE: Self = Self(1_000_000);

    /// This many of so many; the whole where there is nothing to find.
    pub fn of(part: u64, whole: u64) -> Self {
        if whole == 0 {
            return Self::WHOLE;
        }
        Self((u128::from(part.min(whole)) * 1_000_000 / u128::from(whole)) as u32)
    }

    /// From 0 to 1.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

/// How one list of an answer compares with the truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Count {
    /// Of what was answered, how much is right. What is true but not required counts as right.
    pub precision: Rate,
    /// Of what is required, how much was answered.
    pub recall: Rate,
    /// How many were required.
    pub required: u64,
    /// How many were answered.
    pub answered: u64,
    /// What was required and not answered, by name.
    pub missed: Vec<String>,
    /// What was answered and is not true, by name.
    pub wrong: Vec<String>,
}

/// How the answered volume of one bucket, or of all, compares with the truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VolumeError {
    /// The bucket's ARN; `total` for all.
    pub resource: String,
    /// True bytes, as far as a log shows them.
    pub bytes: u64,
    /// Answered bytes.
    pub answered: u64,
    /// Their difference against the true bytes, in parts per million; a million where all is wrong or more than twice.
    pub error: Rate,
}

/// How many calls an answer lays at the intruder's door, against how many there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallsError {
    /// True calls.
    pub calls: u64,
    /// Answered calls.
    pub answered: u64,
    /// Their difference against the true calls, in parts per million; a million where all is wrong or more than twice.
    pub error: Rate,
}

/// How far an answer is from the truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// Tainted credentials, by id.
    pub credentials: Count,
    /// Credentials found whose parent is right too, of those found that have one.
    pub parents: Rate,
    /// The credentials whose parent is wrong: `child: answered, not true`.
    pub wrong_parents: Vec<String>,
    /// Reached resources with what was done to them.
    pub reached: Count,
    /// Reached resources, whatever was done to them.
    pub resources: Count,
    /// Leftovers, by kind and id.
    pub leftovers: Count,
    /// Calls of all tainted credentials: too many, and the owner's are among them; too few, and some were missed.
    pub calls: CallsError,
    /// Volume of all buckets that a log shows.
    pub volume: VolumeError,
    /// Volume per bucket, where it is not exact.
    pub volumes: Vec<VolumeError>,
    /// Buckets for which bytes were answered though no log shows any.
    pub invented: Vec<String>,
}

impl Score {
    /// Whether nothing was missed and nothing is wrong.
    pub fn is_perfect(&self) -> bool {
        let whole = |count: &Count| count.precision == Rate::WHOLE && count.recall == Rate::WHOLE;
        whole(&self.credentials)
            && self.parents == Rate::WHOLE
            && whole(&self.reached)
            && whole(&self.resources)
            && whole(&self.leftovers)
            && self.calls.error == Rate(0)
            && self.volume.error == Rate(0)
            && self.volumes.is_empty()
            && self.invented.is_empty()
    }
}

/// Scores an answer against the truth of its rehearsal. The definitions are those of [`crate::Truth`]'s module:
///
/// - a credential is found if its id or one of its aliases is answered as tainted; an untainted ancestor is no answer;
/// - a reached resource is compared by its base, the text before a `#`; an object counts as its bucket;
/// - a volume is summed per bucket over its prefixes, over rows based on `cloudtrail` or `s3-access-log`: what a flow
///   log bounds is no volume of a bucket.
pub fn score(answer: &Answer, truth: &Truth) -> Score {
    let (credentials, parents, wrong_parents) = credentials(answer, truth);
    let (volume, volumes, invented) = volumes(answer, truth);
    Score {
        credentials,
        parents,
        wrong_parents,
        reached: reached(answer, truth),
        resources: resources(answer, truth),
        leftovers: leftovers(answer, truth),
        calls: calls(answer, truth),
        volume,
        volumes,
        invented,
    }
}

/// Compares what was answered with what is required, given which answers are true.
fn count<T: Ord>(
    answered: &BTreeSet<T>,
    is_true: impl Fn(&T) -> bool,
    required: u64,
    missed: Vec<String>,
    name: impl Fn(&T) -> String,
) -> Count {
    let wrong: Vec<String> = answered.iter().filter(|one| !is_true(one)).map(name).collect();
    let all = answered.len() as u64;
    Count {
        precision: Rate::of(all - wrong.len() as u64, all),
        recall: Rate::of(required - missed.len() as u64, required),
        required,
        answered: all,
        missed,
        wrong,
    }
}

fn credentials(answer: &Answer, truth: &Truth) -> (Count, Rate, Vec<String>) {
    let tainted: Vec<_> = answer.story.credentials.iter().filter(|credential| credential.tainted).collect();
    let answered: BTreeSet<&str> = tainted.iter().map(|credential| credential.id.as_str()).collect();
    let mut canonical: BTreeMap<&str, &str> = BTreeMap::new();
    for credential in &truth.credentials {
        for id in credential.aliases.iter().chain([&credential.id]) {
            canonical.insert(id, &credential.id);
        }
    }
    let found: BTreeSet<&str> = answered.iter().filter_map(|id| canonical.get(id).copied()).collect();
    let required: Vec<_> = truth.credentials.iter().filter(|credential| credential.required).collect();
    let missed =
        required.iter().filter(|one| !found.contains(one.id.as_str())).map(|one| one.id.clone()).collect();
    let counted =
        count(&answered, |id| canonical.contains_key(id), required.len() as u64, missed, ToString::to_string);

    let same = |a: &str, b: &str| a == b || canonical.get(a).is_some_and(|id| canonical.get(b) == Some(id));
    let (mut right, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    for credential in &tainted {
        let Some(id) = canonical.get(credential.id.as_str()) else { continue };
        let Some(true_one) = truth.credentials.iter().find(|one| one.id == *id) else { continue };
        if true_one.parents.is_empty() || !true_one.required {
            continue;
        }
        let parent = credential.parent.as_deref().unwrap_or_default();
        // An alias may hang below the credential that it names too.
        if true_one.parents.iter().any(|one| same(one, parent)) || canonical.get(parent) == Some(id) {
            right.insert(*id);
        } else {
            wrong.insert(format!("{}: {parent}, not {}", credential.id, true_one.parents[0]));
        }
    }
    let parents = Rate::of(right.len() as u64, (right.len() + wrong.len()) as u64);
    (counted, parents, wrong.into_iter().collect())
}

/// The base of a resource: without what follows `#`; the bucket of an object.
fn base(resource: &str) -> &str {
    let resource = resource.split('#').next().unwrap_or_default();
    let Some(name) = resource.strip_prefix("arn:aws:s3:::") else { return resource };
    name.find('/').map_or(resource, |slash| &resource[..resource.len() - name.len() + slash])
}

fn reached(answer: &Answer, truth: &Truth) -> Count {
    let answered: BTreeSet<(&str, Access)> =
        answer.story.reached.iter().map(|reached| (base(&reached.resource), reached.access)).collect();
    let mut allowed: BTreeMap<&str, BTreeSet<Access>> = BTreeMap::new();
    for one in &truth.reached {
        allowed.entry(base(&one.resource)).or_default().extend(&one.access);
    }
    let required: BTreeSet<(&str, &[Access])> = truth
        .reached
        .iter()
        .filter(|one| one.required)
        .map(|one| (base(&one.resource), one.access.as_slice()))
        .collect();
    let missed = required
        .iter()
        .filter(|(resource, access)| !access.iter().any(|&access| answered.contains(&(*resource, access))))
        .map(|(resource, access)| format!("{resource} {}", access.first().map_or("", |&access| name(access))))
        .collect();
    count(
        &answered,
        |(resource, access)| allowed.get(resource).is_some_and(|allowed| allowed.contains(access)),
        required.len() as u64,
        missed,
        |(resource, access)| format!("{resource} {}", name(*access)),
    )
}

const fn name(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Written => "written",
        Access::Created => "created",
        Access::Changed => "changed",
        Access::Shared => "shared",
        Access::Deleted => "deleted",
        Access::Executed => "executed",
        Access::Denied => "denied",
    }
}

fn resources(answer: &Answer, truth: &Truth) -> Count {
    let answered: BTreeSet<&str> =
        answer.story.reached.iter().map(|reached| base(&reached.resource)).collect();
    let of = |required: bool| -> BTreeSet<&str> {
        truth.reached.iter().filter(|one| !required || one.required).map(|one| base(&one.resource)).collect()
    };
    let (all, required) = (of(false), of(true));
    let missed = required.difference(&answered).map(ToString::to_string).collect();
    count(&answered, |resource| all.contains(resource), required.len() as u64, missed, ToString::to_string)
}

fn leftovers(answer: &Answer, truth: &Truth) -> Count {
    let answered: BTreeSet<(&str, String)> = answer
        .story
        .leftovers
        .iter()
        .map(|left| (left.resource.as_str(), format!("{:?}", left.kind)))
        .collect();
    let is_true = |(resource, kind): &(&str, String)| {
        truth.leftovers.iter().any(|left| {
            left.resource == *resource && left.kinds.iter().any(|right| format!("{right:?}") == *kind)
        })
    };
    let required: Vec<_> = truth.leftovers.iter().filter(|left| left.required).collect();
    let missed = required
        .iter()
        .filter(|left| {
            !left.kinds.iter().any(|kind| answered.contains(&(left.resource.as_str(), format!("{kind:?}"))))
        })
        .map(|left| left.resource.clone())
        .collect();
    count(&answered, is_true, required.len() as u64, missed, |(resource, kind)| format!("{resource} {kind}"))
}

fn calls(answer: &Answer, truth: &Truth) -> CallsError {
    let tainted = answer.story.credentials.iter().filter(|credential| credential.tainted);
    let answered = tainted.map(|credential| credential.calls).fold(0, u64::saturating_add);
    CallsError { calls: truth.intruder_calls, answered, error: deviation(truth.intruder_calls, answered) }
}

/// How far a number is from the true one, against that; never nothing where they differ.
fn deviation(true_one: u64, answered: u64) -> Rate {
    if true_one == answered {
        return Rate(0);
    }
    Rate(Rate::of(true_one.abs_diff(answered), true_one.max(1)).0.max(1))
}

fn volumes(answer: &Answer, truth: &Truth) -> (VolumeError, Vec<VolumeError>, Vec<String>) {
    let mut answered: BTreeMap<&str, u64> = BTreeMap::new();
    for volume in &answer.story.volumes {
        if volume.basis != "vpc-flow-log" {
            let sum = answered.entry(base(&volume.resource)).or_default();
            *sum = sum.saturating_add(volume.bytes);
        }
    }
    let mut shown: BTreeMap<&str, u64> = BTreeMap::new();
    for volume in truth.volumes.iter().filter(|volume| volume.basis != Basis::None) {
        shown.insert(&volume.resource, volume.bytes);
    }
    let error = |resource: &str, bytes: u64, answered: u64| VolumeError {
        resource: resource.to_owned(),
        bytes,
        answered,
        error: deviation(bytes, answered),
    };
    let off = shown
        .iter()
        .map(|(resource, &bytes)| error(resource, bytes, answered.get(resource).copied().unwrap_or(0)))
        .filter(|volume| volume.error != Rate(0))
        .collect();
    let invented = answered
        .iter()
        .filter(|(resource, bytes)| **bytes > 0 && !shown.contains_key(*resource))
        .map(|(resource, _)| (*resource).to_owned())
        .collect();
    let total = error("total", shown.values().sum(), answered.values().copied().fold(0, u64::saturating_add));
    (total, off, invented)
}

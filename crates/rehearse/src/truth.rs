//! What a perfect answer contains.
//!
//! The truth of a rehearsal is what the generator itself did as the intruder, in the identifiers of
//! [`floodmark_case::Story`]. The definitions:
//!
//! - **Intruder's call**: a call made by the person who stole the key, or by what that person set up to act alone (the
//!   function, the instance). Calls by the key's rightful user after the theft are not, though the key is the same: they
//!   come from the pipeline's own addresses with its own agent, and what they touch is *not* reached.
//! - **Start**: the stolen key; it **fell** with the intruder's first call. A tool may be told the key or find it.
//! - **Tainted credential** ([`TruthCredential`]): each credential that an intruder's call used or brought into the world
//!   from its fall on. A long-lived key of an existing user counts where the intruder made it; a session where an
//!   intruder's credential asked for it, or where it belongs to compute that the intruder made or broke into; a login
//!   profile and a trust where an intruder's call set it; a console login where it went through such a profile. Its
//!   **parent** is the credential that made the call that begot it. A session that a service handed to the intruder's
//!   compute has the credential that made the compute as parent.
//!   `aliases` are other names that are as good: the key of a console session, and the ARN by which the server access
//!   log, which knows no keys, names the requester.
//!   It is `required` if the logs name it by id; those not required (a role as held by compute) may be answered or not.
//! - **Reached** ([`TruthReached`]): a resource with what was done to it by an intruder's call that the logs tell.
//!   `required` are: content read or executed (objects, counted once per bucket; secrets; parameters), everything made,
//!   changed, shared or deleted, each role assumed and each task broken into, and each secret that was refused by name.
//!   Not required, but never false: whose configuration was read or listed by name, and what else a call named beside
//!   its object (the user whose key was made). Each entry lists the accesses that count as right for it.
//! - **Leftover** ([`TruthLeftover`]): what an intruder's successful call made or changed and what neither the intruder
//!   nor the responders had undone when the logs end. What is inside something that was deleted went with it. A key
//!   that was deactivated but not deleted would be left over; there is none. Data that was read is not left over.
//! - **Volume** ([`TruthVolume`]): bytes and objects that left per bucket, with the log that shows it. Where two logs show
//!   the same reads they count once. Buckets that no log covers have `basis: none`: their true volume stands in the truth,
//!   but a perfect answer cannot give it and says so; the flow log of the intruder's instance bounds their sum.
//! - **Unknowable** ([`Unknowable`]): what no answer can know from these logs and a perfect one says of them.

use std::fs;
use std::path::Path;

use floodmark_case::{Access, CredentialKind, LeftoverKind, Timestamp, Window};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Intrusion, RehearseError};

/// The name of the format, with its major version.
pub const TRUTH_SCHEMA: &str = "floodmark-truth/1";

/// What a perfect answer contains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Truth {
    /// Always [`TRUTH_SCHEMA`].
    pub schema: String,
    /// A sentence that says that nothing of it happened.
    pub synthetic: String,
    /// How many CloudTrail events were asked for.
    pub events: u64,
    /// The seed.
    pub seed: u64,
    /// Whether the intrusion is in the logs. Where it is absent all lists below are empty.
    pub intrusion: Intrusion,
    /// The stolen keys.
    pub start: Vec<Start>,
    /// Every tainted credential, parents first.
    pub credentials: Vec<TruthCredential>,
    /// What was reached.
    pub reached: Vec<TruthReached>,
    /// What is still there when the logs end.
    pub leftovers: Vec<TruthLeftover>,
    /// What was made or changed by the intruder and undone again.
    pub undone: Vec<Undone>,
    /// How much left, per bucket.
    pub volumes: Vec<TruthVolume>,
    /// Whose data it was.
    pub entities: Vec<TruthEntity>,
    /// What no answer can know.
    pub unknowable: Vec<Unknowable>,
    /// The story in a few lines, by time.
    pub milestones: Vec<Milestone>,
    /// The addresses of the intruder.
    pub addresses: Vec<String>,
    /// How many events of CloudTrail are the intruder's.
    pub intruder_events: u64,
    /// How many calls these are: one that two accounts log is one call, and what a service does by itself is none.
    #[serde(default)]
    pub intruder_calls: u64,
}

/// A stolen key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Start {
    /// The key.
    pub id: String,
    /// The ARN of its user.
    pub principal: String,
    /// The intruder's first call with it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub fell: Timestamp,
}

/// A tainted credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TruthCredential {
    /// Its id, as in [`floodmark_case::Credential::id`].
    pub id: String,
    /// Other ids that name the same credential.
    pub aliases: Vec<String>,
    /// What sort of thing it is.
    pub kind: CredentialKind,
    /// The ARN of the principal.
    pub principal: String,
    /// The account of the principal.
    pub account: String,
    /// The ids that are right as its parent, the best first; empty for a start.
    pub parents: Vec<String>,
    /// The call that begot it; `stolen` for a start.
    pub how: String,
    /// From when it counts as tainted.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub fell: Timestamp,
    /// Whether a perfect answer must name it.
    pub required: bool,
}

/// A resource that the intruder reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct TruthReached {
    /// Its identifier, as in [`floodmark_case::Reached::resource`].
    pub resource: String,
    /// The accesses that are right for it, the best first.
    pub access: Vec<Access>,
    /// Whether a perfect answer must name it.
    pub required: bool,
}

/// Something that is still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TruthLeftover {
    /// The kinds that are right for it, the best first.
    pub kinds: Vec<LeftoverKind>,
    /// Its identifier, as in [`floodmark_case::Leftover::resource`].
    pub resource: String,
    /// The account that holds it.
    pub account: String,
    /// The region that holds it; `aws-global` for IAM.
    pub region: String,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
    /// The credential that made it.
    pub by: String,
    /// The call that made it.
    pub call: String,
    /// Whether a perfect answer must name it. What is not required follows from something else that is listed.
    pub required: bool,
}

/// Something of the intruder's that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Undone {
    /// Its identifier.
    pub resource: String,
    /// Who undid it: `intruder` or `responders`.
    pub by: String,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}

/// Which log shows a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// `CloudTrail` data events, alone or beside the access log.
    Cloudtrail,
    /// The server access log alone.
    S3AccessLog,
    /// No log.
    None,
}

/// How much left of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TruthVolume {
    /// The bucket's ARN.
    pub resource: String,
    /// Bytes.
    pub bytes: u64,
    /// Objects, each read once.
    pub objects: u64,
    /// Which log shows it.
    pub basis: Basis,
    /// Whether CloudTrail and the access log both show it.
    pub told_twice: bool,
    /// When.
    pub window: Window,
}

/// An entity whose sites are hosted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TruthEntity {
    /// Its name.
    pub name: String,
    /// Whether it belongs to the house (42) or is another body (29).
    pub internal: bool,
    /// The bucket that holds its data.
    pub bucket: String,
    /// Its prefix in the bucket; empty where the bucket is its own.
    pub prefix: String,
}

/// What kind of blindness it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Blindness {
    /// No log covers reads of this bucket.
    BucketWithoutLog,
    /// The trail of this region was stopped.
    LoggingStopped,
    /// What was done inside a container, an instance or another account.
    OutOfSight,
}

/// Something that no answer can know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unknowable {
    /// What kind of blindness it is.
    pub kind: Blindness,
    /// What it is about: a bucket's ARN, a region, an instance.
    pub what: String,
    /// When, if it is bounded in time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<Window>,
    /// Why, in a sentence.
    pub why: String,
    /// An upper bound in bytes that another log gives, if one does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at_most: Option<u64>,
}

/// One line of the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Milestone {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What happened, in a sentence.
    pub what: String,
}

impl Truth {
    /// The truth of a plan, with nothing in it yet.
    pub(crate) fn empty(events: u64, seed: u64, intrusion: Intrusion) -> Self {
        Self {
            schema: TRUTH_SCHEMA.to_owned(),
            synthetic: "This incident was generated: no account, person, address or key in it is real."
                .to_owned(),
            events,
            seed,
            intrusion,
            start: Vec::new(),
            credentials: Vec::new(),
            reached: Vec::new(),
            leftovers: Vec::new(),
            undone: Vec::new(),
            volumes: Vec::new(),
            entities: Vec::new(),
            unknowable: Vec::new(),
            milestones: Vec::new(),
            addresses: Vec::new(),
            intruder_events: 0,
            intruder_calls: 0,
        }
    }

    /// Reads a `truth.json`.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, RehearseError> {
        let path = path.as_ref();
        let text = fs::read(path).map_err(|source| RehearseError::Read { path: path.to_owned(), source })?;
        serde_json::from_slice(&text)
            .map_err(|source| RehearseError::NotATruth { path: path.to_owned(), source })
    }

    /// Bytes that left in all, and those of them that a log shows.
    pub fn bytes(&self) -> (u64, u64) {
        let sum = |known: bool| {
            self.volumes
                .iter()
                .filter(|volume| !known || volume.basis != Basis::None)
                .map(|volume| volume.bytes)
                .sum()
        };
        (sum(false), sum(true))
    }
}

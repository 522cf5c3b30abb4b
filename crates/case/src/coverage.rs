//! What the evidence can and cannot show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EvidenceId, Window};

/// What was read, what was not, and what therefore cannot be concluded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Every piece of evidence that was read, whole or in part.
    pub read: Vec<ReadSource>,
    /// Everything that was not read, or not wholly, and why.
    pub unread: Vec<Unread>,
    /// Times, regions, accounts and kinds of event that no log covers.
    pub gaps: Vec<Gap>,
    /// What cannot be concluded from this evidence, a sentence each.
    pub cannot_conclude: Vec<String>,
}

/// One piece of evidence that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ReadSource {
    /// Where it was read from.
    pub path: String,
    /// Its SHA-256.
    pub evidence: EvidenceId,
    /// What it is, by content; the words of [`crate::Evidence::kind`].
    pub kind: String,
    /// Its size in bytes, as found.
    pub bytes: u64,
    /// How many records were read from it.
    pub records: u64,
    /// The times that its records span, if it has any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<Window>,
}

/// Something that was not read, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Unread {
    /// Its path, with the place in it where only a part is missing (`a.json.gz: Records[17]`).
    pub path: String,
    /// Why it was not read: what was wrong, and what was expected.
    pub why: String,
    /// Whether this makes the answer incomplete (exit code 3). A file of a kind that the command does not read
    /// (`README.md` in a folder of logs) does not; a log that could not be read does.
    pub incomplete: bool,
}

/// What kind of hole a [`Gap`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// Hours without any event of an account and region that has events before and after.
    Hours,
    /// A region of which nothing was logged.
    Region,
    /// An account that is named by events but whose own log is not here.
    Account,
    /// Data events are off: object reads, function calls and so on were never logged.
    DataEvents,
    /// Logging was switched off by somebody.
    LoggingStopped,
    /// A log file that a digest names is missing, or is not what was delivered.
    Integrity,
}

/// Something that no log covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What kind of hole it is.
    pub kind: GapKind,
    /// What is not covered: an account and region, a bucket, a log file.
    pub what: String,
    /// When, if it is bounded in time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<Window>,
    /// How we know, and what it means.
    pub why: String,
}

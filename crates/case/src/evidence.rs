//! What a case rests on.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::EvidenceId;

/// One entry of the evidence manifest: a piece of evidence as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Its SHA-256.
    pub id: EvidenceId,
    /// Its size in bytes, as found (compressed, if it was).
    pub size: u64,
    /// What it is, by content: `cloudtrail`, `s3-access-log`, `vpc-flow-log`, `guardduty`, `cloudtrail-digest`, …
    pub kind: String,
    /// Where it was read from: a path, `-` for standard input, a URL.
    pub source: String,
    /// When it was entered into the case.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub when: Timestamp,
}

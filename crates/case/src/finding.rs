//! What was found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Citation, Node, Window};

/// How bad a finding is, in Sigma's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; expected in normal operation.
    Informational,
    /// Unusual by itself only in context.
    Low,
    /// Should be looked at today.
    Medium,
    /// Should be looked at now.
    High,
    /// Has hardly any innocent reading.
    Critical,
}

impl Severity {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure a claim is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Possible: compatible with the evidence, other readings are as good.
    Low,
    /// Probable: the best reading of the evidence.
    Medium,
    /// The evidence says so itself.
    High,
}

impl Confidence {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One thing that a rule or an analytic found, with the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable across runs on the same evidence: `F-` and 12 hex digits of a hash over rule, subjects and window.
    pub id: String,
    /// The rule or analytic: a Sigma rule's id, or `floodmark.<analytic>`.
    pub rule: String,
    /// What was found, in a line.
    pub title: String,
    /// Why it was found, in a sentence with the facts in it.
    pub explanation: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// When it happened; nothing of what merely is there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<Window>,
    /// Whom or what it is about.
    pub subjects: Vec<Node>,
    /// ATT&CK technique ids (`T1098.001`).
    pub techniques: Vec<String>,
    /// ATT&CK tactics (`persistence`), as Sigma tags name them.
    pub tactics: Vec<String>,
    /// How many events it rests on.
    pub count: u64,
    /// The events; never empty. Where there are many, runs of records are folded into one place.
    pub citations: Vec<Citation>,
    /// What to do next.
    pub advice: String,
}

impl Finding {
    /// The stable identifier for a finding of this rule about these subjects from this instant.
    pub fn stable_id(rule: &str, subjects: &[Node], window: Option<Window>) -> String {
        use sha2::Digest;
        let mut hash = sha2::Sha256::new();
        hash.update(rule.as_bytes());
        for subject in subjects {
            hash.update([0]);
            hash.update(subject.kind.as_str().as_bytes());
            hash.update([1]);
            hash.update(subject.id.as_bytes());
        }
        hash.update([2]);
        if let Some(window) = window {
            hash.update(window.from.as_nanosecond().to_be_bytes());
        }
        let digest = hash.finalize();
        digest[..6].iter().fold(String::from("F-"), |mut id, byte| {
            use std::fmt::Write;
            let _ = write!(id, "{byte:02x}");
            id
        })
    }
}

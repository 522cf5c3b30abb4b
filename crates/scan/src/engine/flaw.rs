//! One thing that is known against one component.

use std::collections::BTreeSet;

use floodmark_case::{Confidence, FlawKind, Severity, VexStatement};

/// One thing that is known against one component, under all of its names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flaw {
    /// The component, by its number in the inventory.
    pub component: usize,
    pub kind: FlawKind,
    /// The name that is told first.
    pub id: String,
    /// All other names.
    pub aliases: BTreeSet<String>,
    /// What it is, in a line.
    pub summary: String,
    /// How it is known, in a sentence.
    pub why: String,
    pub severity: Severity,
    pub confidence: Confidence,
    /// The versions that mend it, the one to take first.
    pub fixed: Vec<String>,
    /// What else one should know before acting: a distribution will not mend it.
    pub remark: Option<String>,
    pub cvss: Option<String>,
    pub score: Option<f64>,
    pub epss: Option<f64>,
    pub known_exploited: bool,
    /// What a VEX document says of it.
    pub vex: Option<VexStatement>,
    /// Why it is not told, if it is not.
    pub set_aside: Option<String>,
}

impl Flaw {
    /// Whether one of its names is this.
    pub(crate) fn is_called(&self, id: &str) -> bool {
        self.id == id || self.aliases.contains(id)
    }

    /// Takes in another that is known of the same component under one of the same names.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.aliases.insert(other.id);
        self.aliases.extend(other.aliases);
        self.aliases.remove(&self.id);
        if self.summary.is_empty() {
            self.summary = other.summary;
        }
        self.kind = self.kind.min(other.kind);
        self.severity = self.severity.max(other.severity);
        self.confidence = self.confidence.max(other.confidence);
        self.fixed.extend(other.fixed);
        self.known_exploited |= other.known_exploited;
        self.epss = self.epss.max_by(other.epss);
        if other.score.unwrap_or(-1.0) > self.score.unwrap_or(-1.0) {
            (self.cvss, self.score) = (other.cvss, other.score);
        }
        self.remark = self.remark.take().or(other.remark);
    }
}

/// The larger of two numbers, of which each may be unknown.
trait MaxBy {
    fn max_by(self, other: Self) -> Self;
}

impl MaxBy for Option<f64> {
    fn max_by(self, other: Self) -> Self {
        match (self, other) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        }
    }
}

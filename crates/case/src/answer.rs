//! What a command says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Coverage, Finding, Link, Severity, Story};

/// The name of the envelope, with its major version.
pub const SCHEMA: &str = "floodmark/1";

/// The command that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// What did the credentials do?
    Trace,
}

impl Command {
    /// The word for it, as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
        }
    }
}

/// The answer of a command: one envelope for all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The command that answered.
    pub command: Command,
    /// The answer in three sentences.
    pub verdict: String,
    /// What was found, worst first, then by time.
    pub findings: Vec<Finding>,
    /// The links that it adds to the chain.
    pub links: Vec<Link>,
    /// What it rests on and what it cannot show.
    pub coverage: Coverage,
    /// `trace`: what the intrusion did.
    #[serde(flatten)]
    pub story: Story,
}

impl Answer {
    /// The worst severity among the findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Whether something that should have been read was not.
    pub fn is_incomplete(&self) -> bool {
        self.coverage.unread.iter().any(|unread| unread.incomplete)
    }
}

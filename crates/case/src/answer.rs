//! What a command says.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Coverage, Finding, Inventory, Link, Severity, Story};

/// The name of the envelope, with its major version.
pub const SCHEMA: &str = "floodmark/1";

/// The command that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// What did the credentials do?
    Trace,
    /// What do we run, and what is known against it?
    Scan,
}

impl Command {
    /// All of them, in the order of the chain's questions as a reader under pressure asks them.
    pub const fn all() -> &'static [Self] {
        &[Self::Trace, Self::Scan]
    }

    /// The word for it, as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Scan => "scan",
        }
    }
}

/// The answer of a command: one envelope for all of them.
#[derive(Debug, Clone, PartialEq)]
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
    /// `trace`: what the intrusion did. Empty in answers of other commands.
    pub story: Story,
    /// `scan`: what is there. Empty in answers of other commands.
    pub inventory: Inventory,
}

/// An answer as it is written: with the fields of its own command, and no others.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Answer")]
struct Envelope<'a> {
    /// Always [`SCHEMA`].
    schema: Cow<'a, str>,
    /// The command that answered.
    command: Command,
    /// The answer in three sentences.
    verdict: Cow<'a, str>,
    /// What was found, worst first, then by time.
    findings: Cow<'a, [Finding]>,
    /// The links that it adds to the chain.
    links: Cow<'a, [Link]>,
    /// What it rests on and what it cannot show.
    coverage: Cow<'a, Coverage>,
    #[serde(flatten)]
    own: Own<'a>,
}

/// The fields of a command's own.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Own<'a> {
    /// `trace`: what the intrusion did.
    Trace(Cow<'a, Story>),
    /// `scan`: what is there.
    Scan(Cow<'a, Inventory>),
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own = match self.command {
            Command::Trace => Own::Trace(Cow::Borrowed(&self.story)),
            Command::Scan => Own::Scan(Cow::Borrowed(&self.inventory)),
        };
        let envelope = Envelope {
            schema: Cow::Borrowed(&self.schema),
            command: self.command,
            verdict: Cow::Borrowed(&self.verdict),
            findings: Cow::Borrowed(&self.findings),
            links: Cow::Borrowed(&self.links),
            coverage: Cow::Borrowed(&self.coverage),
            own,
        };
        envelope.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = Envelope::deserialize(deserializer)?;
        let (story, inventory) = match (envelope.command, envelope.own) {
            (Command::Trace, Own::Trace(story)) => (story.into_owned(), Inventory::default()),
            (Command::Scan, Own::Scan(inventory)) => (Story::default(), inventory.into_owned()),
            (command, _) => {
                let message = format!("an answer of {} without its own fields", command.as_str());
                return Err(serde::de::Error::custom(message));
            }
        };
        Ok(Self {
            schema: envelope.schema.into_owned(),
            command: envelope.command,
            verdict: envelope.verdict.into_owned(),
            findings: envelope.findings.into_owned(),
            links: envelope.links.into_owned(),
            coverage: envelope.coverage.into_owned(),
            story,
            inventory,
        })
    }
}

impl JsonSchema for Answer {
    fn schema_name() -> Cow<'static, str> {
        Envelope::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Envelope::json_schema(generator)
    }
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

//! One incident as its file tells it.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use super::artifact::{Artifact, Nesting, Theft};
use super::indicator::{Host, Indicator, IndicatorKind, Network, Repository};
use super::text::{AdvisoryId, Key};

/// An incident: what was poisoned and when, what it took, and what gives it away. Each value names its sources.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Compromise {
    /// The format of the file.
    pub schema: Format,
    /// What the incident is called.
    pub name: String,
    /// What else it, or its payload, is called.
    #[serde(default)]
    pub aliases: Vec<Statement>,
    /// What happened, in a few sentences of our own.
    pub summary: String,
    /// Advisories and records about it.
    #[serde(default)]
    pub advisories: Vec<Advisory>,
    /// Who is said to have done it.
    #[serde(default)]
    pub actors: Vec<Statement>,
    /// Where the values come from, each under a short name by which the values cite it.
    pub sources: BTreeMap<Key, Source>,
    /// What sources disagree about, each under a short name that its sides carry.
    #[serde(default)]
    pub conflicts: BTreeMap<Key, Conflict>,
    /// What was poisoned.
    #[serde(default, rename = "artifact")]
    pub artifacts: Vec<Artifact>,
    /// Clean things that bring a poisoned one along.
    #[serde(default, rename = "nesting")]
    pub nestings: Vec<Nesting>,
    /// What was stolen, and from where.
    #[serde(default, rename = "theft")]
    pub thefts: Vec<Theft>,
    /// What shows in traffic.
    #[serde(default)]
    pub network: Network,
    /// What shows on a machine.
    #[serde(default)]
    pub host: Host,
    /// What shows in a code host's repositories.
    #[serde(default)]
    pub repository: Repository,
    /// What else is worth knowing.
    #[serde(default, rename = "fact")]
    pub facts: Vec<Fact>,
}

impl Compromise {
    /// Every indicator with its kind: network, host, repository.
    pub fn indicators(&self) -> impl Iterator<Item = (IndicatorKind, &Indicator)> {
        let Self { network, host, repository, .. } = self;
        let lists = network.lists().into_iter().chain(host.lists()).chain(repository.lists());
        lists.flat_map(|(kind, list)| list.iter().map(move |indicator| (kind, indicator)))
    }

    /// The indicators of a kind.
    pub fn indicators_of(&self, kind: IndicatorKind) -> &[Indicator] {
        let Self { network, host, repository, .. } = self;
        network.list(kind).or_else(|| host.list(kind)).or_else(|| repository.list(kind)).unwrap_or_default()
    }

    /// The source that a citation names; a file that was read has it.
    pub fn source(&self, citation: &Citation) -> Option<&Source> {
        self.sources.get(&citation.source)
    }

    /// How far to trust a value on the strength of one of its citations.
    pub fn grade(&self, citation: &Citation) -> Grade {
        citation
            .grade
            .or_else(|| self.source(citation).map(|source| source.grade))
            .unwrap_or(Grade::Background)
    }

    /// How far to trust a value on the strength of its best citation.
    pub fn best_grade(&self, citations: &[Citation]) -> Grade {
        citations.iter().map(|citation| self.grade(citation)).min().unwrap_or(Grade::Background)
    }
}

/// The format of a compromise file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Format {
    /// The first.
    #[serde(rename = "compromise/1")]
    First,
}

/// How well a value is founded. The better is the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
pub enum Grade {
    /// The primary text or data was read.
    A,
    /// A reputable secondary text was read, or one that quotes the primary.
    B,
    /// An aggregator, a machine-written summary, or a single list without sources: a lead.
    C,
    /// Background knowledge, not looked up.
    #[serde(rename = "BK")]
    Background,
}

impl Grade {
    const ALL: [(&'static str, Self); 4] =
        [("A", Self::A), ("B", Self::B), ("C", Self::C), ("BK", Self::Background)];

    /// The grade as it is written: A, B, C or BK.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, grade)| *grade == self).map_or("BK", |(name, _)| name)
    }

    fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, grade)| *grade)
    }
}

/// Where values come from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is, so that it can be found again.
    pub title: String,
    /// Where it is. Absent: it was read in a copy without a stable address.
    #[serde(default)]
    pub url: Option<String>,
    /// The grade of what is taken from it, where a citation says nothing else.
    pub grade: Grade,
    /// Which state or part of it was read, and what is known of its worth.
    #[serde(default)]
    pub note: Option<String>,
}

/// That a source says so. In the file `"ghsa"`, `"ghsa:B"` with a grade other than the source's, or a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The short name of the source.
    pub source: Key,
    /// The grade, where it is not the source's own.
    pub grade: Option<Grade>,
    /// Through which other sources it was seen.
    pub via: Vec<Key>,
    /// What of the value the source says, where it is not all.
    pub note: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CitationTable {
    source: Key,
    #[serde(default)]
    grade: Option<Grade>,
    #[serde(default)]
    via: Vec<Key>,
    #[serde(default)]
    note: Option<String>,
}

impl<'de> Deserialize<'de> for Citation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsCitation;

        impl<'de> Visitor<'de> for AsCitation {
            type Value = Citation;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the short name of a source, `name:grade`, or a table { source, grade, via, note }",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Citation, E> {
                let (name, grade) = match text.split_once(':') {
                    None => (text, None),
                    Some((name, grade)) => {
                        let named = Grade::named(grade);
                        (
                            name,
                            Some(named.ok_or_else(|| {
                                E::custom(format!("{grade:?} is not a grade: expected A, B, C or BK"))
                            })?),
                        )
                    }
                };
                Ok(Citation { source: name.parse().map_err(E::custom)?, grade, via: Vec::new(), note: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Citation, A::Error> {
                let CitationTable { source, grade, via, note } =
                    CitationTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Citation { source, grade, via, note })
            }
        }

        deserializer.deserialize_any(AsCitation)
    }
}

impl JsonSchema for Citation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Citation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "That a source says so: its short name, `name:grade` where the grade is not the source's own, or a table.",
            "anyOf": [
                { "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}(:(A|B|C|BK))?$" },
                generator.subschema_for::<CitationTable>(),
            ],
        })
    }
}

/// Whether a value is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// As its sources and their grades say.
    #[default]
    Stated,
    /// Named by some and not confirmed, or contradicted by a better source.
    Doubtful,
    /// Shown to be wrong; kept so that whoever meets it elsewhere learns why.
    Rejected,
}

/// An advisory or a record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// Its id.
    pub id: AdvisoryId,
    /// Who says that it is about this incident.
    pub sources: Vec<Citation>,
    /// What one should know about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// A value that is a text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The value.
    pub value: String,
    /// Who says so.
    pub sources: Vec<Citation>,
    /// What one should know about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// What sources disagree about. Its sides stand here, or in their own place with the conflict's short name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// What is in question.
    pub about: String,
    /// The sides that have no other place in the file.
    #[serde(default)]
    pub sides: Vec<Statement>,
    /// What to do with it, and why. Absent: undecided.
    #[serde(default)]
    pub verdict: Option<String>,
}

/// Something else worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What it is about, in a word or two.
    pub about: String,
    /// The fact.
    pub value: String,
    /// Who says so.
    pub sources: Vec<Citation>,
    /// The conflict of which it is one side.
    #[serde(default)]
    pub conflict: Option<Key>,
}

//! The ranges of an advisory, as they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::version::{Ecosystem, Event, Range, RangeError, RangeKind, Version};

/// By what a range counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum RangeType {
    /// Semantic Versioning, whatever the ecosystem.
    #[serde(rename = "SEMVER")]
    SemVer,
    /// The ecosystem's own order.
    #[serde(rename = "ECOSYSTEM")]
    Ecosystem,
    /// Commits of a repository.
    #[serde(rename = "GIT")]
    Git,
}

/// A range of an advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AffectedRange {
    /// By what it counts.
    #[serde(rename = "type")]
    pub kind: RangeType,
    /// The repository, for commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<Box<str>>,
    /// Where it begins and ends, in the order of the advisory.
    pub events: Vec<Turn>,
}

/// An event of a range: a version, or for a range of type `GIT` a commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Affected from here on; `0` is before everything.
    Introduced(Box<str>),
    /// Not affected from here on.
    Fixed(Box<str>),
    /// Not affected after this one.
    LastAffected(Box<str>),
    /// Nothing is said from here on.
    Limit(Box<str>),
}

impl Turn {
    /// The version or commit, as it is written.
    pub const fn at(&self) -> &str {
        let (Self::Introduced(at) | Self::Fixed(at) | Self::LastAffected(at) | Self::Limit(at)) = self;
        at
    }

    /// As the ranges of [`crate::version`] read it.
    pub fn event(&self) -> Event<'_> {
        match self {
            Self::Introduced(at) => Event::Introduced(at),
            Self::Fixed(at) => Event::Fixed(at),
            Self::LastAffected(at) => Event::LastAffected(at),
            Self::Limit(at) => Event::Limit(at),
        }
    }
}

impl AffectedRange {
    /// The range over versions; `None` for one over commits.
    pub fn compile(&self, ecosystem: &Ecosystem) -> Result<Option<Range>, RangeError> {
        let kind = match self.kind {
            RangeType::SemVer => RangeKind::SemVer,
            RangeType::Ecosystem => RangeKind::Ecosystem,
            RangeType::Git => return Ok(None),
        };
        Range::new(kind, ecosystem, self.events.iter().map(Turn::event)).map(Some)
    }

    /// Whether an end of it lies before every beginning, so that it ends nothing.
    pub(crate) fn ends_before(&self, compiled: &Range) -> bool {
        let version = |at: &str| Version::parse(at, compiled.order()).ok();
        let (mut begins, mut ends) = (Vec::new(), Vec::new());
        for turn in &self.events {
            match turn {
                // Before everything: nothing ends before it.
                Turn::Introduced(at) if at.as_ref() == "0" => return false,
                Turn::Introduced(at) => begins.extend(version(at)),
                Turn::Fixed(at) | Turn::LastAffected(at) => ends.extend(version(at)),
                Turn::Limit(_) => {}
            }
        }
        begins.into_iter().min().zip(ends.into_iter().min()).is_some_and(|(begin, end)| end < begin)
    }
}

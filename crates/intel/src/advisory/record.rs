//! An advisory, and its parts.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{Class, MALICIOUS, announcement};
use super::range::AffectedRange;
use super::severity::{Rating, Score, Severity};
use crate::observable::Observable;

/// An advisory. Serialised, it has the field names of OSV; `informational`, `origins`, `observables`, `rating` and
/// `fix_state` are drawn from its `database_specific` and `ecosystem_specific`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Advisory {
    /// Its id: `GHSA-…`, `PYSEC-…`, `MAL-…`, `ALSA-…` and the like.
    pub id: Box<str>,
    /// Ids of the same flaw elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Box<str>>,
    /// Ids of other flaws that have to do with it; before schema 1.7, distributions named the flaws that they fix here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Box<str>>,
    /// Ids of the flaws that it passes on, as a distribution's advisory does with those of its sources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<Box<str>>,
    /// When it was changed last. None where it does not say, or says the year 1, as the advisories of Go do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub modified: Option<Timestamp>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub published: Option<Timestamp>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub withdrawn: Option<Timestamp>,
    /// One line about it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub summary: Box<str>,
    /// All about it, in Markdown.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub details: Box<str>,
    /// How bad it is, wherever it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<Severity>,
    /// How bad it is, in a word beside or instead of the scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// The packages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<Affected>,
    /// Where there is more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What it is about if it is no flaw: `unmaintained`, `unsound`, `notice` (`RustSec`), `bugfix`, `enhancement`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub informational: Option<Box<str>>,
    /// Who reported the package as malicious.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// What a malicious package shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub observables: Vec<Observable>,
    /// Whether its database calls it malicious in another way than by origins or id.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub called_malicious: bool,
}

/// A package that an advisory names, and which of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Affected {
    /// The package. None where only commits of a repository are named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<Package>,
    /// Affected ranges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<AffectedRange>,
    /// Affected versions, one by one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Box<str>>,
    /// How bad it is in this package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<Severity>,
    /// What the distribution does about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix_state: Option<FixState>,
}

/// A package by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// The ecosystem with its suffix, as it is written; it may be one that is not known.
    pub ecosystem: Box<str>,
    /// The name, as it is written.
    pub name: Box<str>,
    /// The package URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<Box<str>>,
}

/// What a distribution does about a flaw, where it says more than a fixed version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FixState {
    /// Nothing yet.
    NotFixed,
    /// It will not be fixed.
    WontFix,
    /// The release gets no fixes any more.
    EndOfLife,
    /// It is held to be none, or none that matters here.
    Unimportant,
    /// It is fixed for subscribers only.
    Subscribers,
}

impl FixState {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFixed => "not-fixed",
            Self::WontFix => "wont-fix",
            Self::EndOfLife => "end-of-life",
            Self::Unimportant => "unimportant",
            Self::Subscribers => "subscribers",
        }
    }
}

/// Where there is more about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// `ADVISORY`, `FIX`, `WEB` and the like.
    #[serde(rename = "type")]
    pub kind: Box<str>,
    /// The address.
    pub url: Box<str>,
}

/// Who reported a package as malicious.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The name of the source.
    pub source: Box<str>,
    /// The SHA-256 of its report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Box<str>>,
    /// The id of its report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Box<str>>,
}

/// What a list shows of an advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gist {
    /// Its id.
    pub id: Box<str>,
    /// Ids of the same flaw elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Box<str>>,
    /// Ids of the flaws that it passes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<Box<str>>,
    /// Ids of other flaws that have to do with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Box<str>>,
    /// What it is about.
    pub class: Class,
    /// What it is about if it is a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub informational: Option<Box<str>>,
    /// One line about it, at most [`Gist::SUMMARY_AT_MOST`] bytes.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub summary: Box<str>,
    /// When it was changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub modified: Option<Timestamp>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub published: Option<Timestamp>,
    /// How bad it is, as it is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<Severity>,
    /// The highest of its CVSS scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// Where that lies on the scale; without a score, what it says in a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
}

impl Gist {
    /// The longest summary, in bytes; what is longer is cut there and ends in `…`.
    pub const SUMMARY_AT_MOST: usize = 300;
}

impl Advisory {
    /// What it is about.
    pub fn class(&self) -> Class {
        let malicious = self.id.starts_with(MALICIOUS)
            || self.called_malicious
            || !self.origins.is_empty()
            || self.aliases.iter().any(|alias| alias.starts_with(MALICIOUS));
        if malicious {
            return Class::Malicious;
        }
        let names_a_flaw = || self.flaws().any(|id| id.starts_with("CVE-"));
        if self.informational.is_some() || (announcement(&self.id).is_some() && !names_a_flaw()) {
            return Class::Notice;
        }
        Class::Vulnerability
    }

    /// The highest of its CVSS scores, those of single packages left out.
    pub fn score(&self) -> Option<Score> {
        self.severity.iter().filter_map(Severity::score).max()
    }

    /// Where that lies on the scale; without a score, what it says in a word.
    pub fn rating(&self) -> Option<Rating> {
        let worded = || self.severity.iter().filter_map(Severity::rating).max();
        self.score().map(Score::rating).or_else(worded).or(self.rating)
    }

    /// Every other id that it names: aliases, those it passes on, those related.
    pub fn flaws(&self) -> impl Iterator<Item = &str> {
        self.aliases.iter().chain(&self.upstream).chain(&self.related).map(AsRef::as_ref)
    }

    /// What a list shows of it.
    pub fn gist(&self) -> Gist {
        let class = self.class();
        let informational = match class {
            Class::Notice => self.informational.clone().or_else(|| announcement(&self.id).map(Into::into)),
            Class::Vulnerability | Class::Malicious => None,
        };
        Gist {
            id: self.id.clone(),
            aliases: self.aliases.clone(),
            upstream: self.upstream.clone(),
            related: self.related.clone(),
            class,
            informational,
            summary: shortened(self.line()),
            modified: self.modified,
            published: self.published,
            severity: self.severity.clone(),
            score: self.score(),
            rating: self.rating(),
        }
    }

    /// Its summary, or the first line of its details.
    fn line(&self) -> &str {
        let details =
            || self.details.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        if self.summary.trim().is_empty() { details() } else { self.summary.trim() }
    }
}

fn shortened(text: &str) -> Box<str> {
    if text.len() <= Gist::SUMMARY_AT_MOST {
        return text.into();
    }
    let room = Gist::SUMMARY_AT_MOST - '…'.len_utf8();
    format!("{}…", &text[..text.floor_char_boundary(room)]).into()
}

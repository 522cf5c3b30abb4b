//! Whether an advisory that names a package touches one of its versions.

use schemars::JsonSchema;
use serde::Serialize;

use crate::advisory::{AffectedRange, FixState, Gist, RangeType, Severity, Turn};
use crate::version::{Ecosystem, Range, Spans, Version, first_free, listed};

/// An advisory that names a package, with everything that decides whether a version is touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Candidate {
    /// The advisory.
    pub gist: Gist,
    /// The ecosystem with its suffix, as it is written there.
    pub ecosystem: Box<str>,
    /// The package, as it is written there.
    pub name: Box<str>,
    /// Affected ranges.
    pub ranges: Vec<AffectedRange>,
    /// Affected versions, one by one, in the order of the ecosystem.
    pub versions: Vec<Box<str>>,
    /// How bad it is in this package, where that is said.
    pub severity: Vec<Severity>,
    /// What the distribution does about it.
    pub fix_state: Option<FixState>,
}

/// Whether a version is touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Touch {
    /// It is.
    Affected {
        /// The first version behind it that no range of the advisory holds, where one is named.
        fixed: Option<Box<str>>,
    },
    /// It is not.
    Unaffected,
    /// It cannot be told, for this reason.
    Undecided(String),
}

/// An advisory that touches a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Match {
    /// The advisory.
    pub gist: Gist,
    /// The ecosystem with its suffix, as it is written there.
    pub ecosystem: Box<str>,
    /// The package, as it is written there.
    pub name: Box<str>,
    /// The first version behind it that no range of the advisory holds, where one is named.
    pub fixed: Option<Box<str>>,
    /// How bad it is in this package, where that is said.
    pub severity: Vec<Severity>,
    /// What the distribution does about it.
    pub fix_state: Option<FixState>,
}

/// An advisory of which it cannot be told whether it touches a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Undecided {
    /// The advisory.
    pub gist: Gist,
    /// Why.
    pub why: String,
}

/// What is known of a version of a package, in the order of ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Matches {
    /// What touches it.
    pub matches: Vec<Match>,
    /// What may touch it.
    pub undecided: Vec<Undecided>,
}

impl Candidate {
    /// Whether a version is touched.
    ///
    /// ```
    /// # use floodmark_intel::database::{Candidate, Touch};
    /// # fn ask(candidate: &Candidate) -> Result<(), Box<dyn std::error::Error>> {
    /// let ecosystem = "PyPI".parse()?;
    /// if let Touch::Affected { fixed } = candidate.touch(&ecosystem, "1.2.3") {
    ///     println!("{}: take {}", candidate.gist.id, fixed.as_deref().unwrap_or("another package"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn touch(&self, ecosystem: &Ecosystem, version: &str) -> Touch {
        let named = listed(ecosystem, version, self.versions.iter().map(AsRef::as_ref));
        touch(
            ecosystem,
            &Asked::new(ecosystem, version),
            &self.ranges,
            Listing::of(named, self.versions.is_empty()),
        )
    }

    /// Every version that a range names as the first fixed one, in the order of the advisory.
    pub fn fixed_versions(&self) -> impl Iterator<Item = &str> {
        let counted = self.ranges.iter().filter(|range| range.kind != RangeType::Git);
        counted.flat_map(|range| &range.events).filter_map(|turn| match turn {
            Turn::Fixed(version) => Some(version.as_ref()),
            _ => None,
        })
    }
}

/// The version that is asked about: parsed, or why it is none.
pub(super) struct Asked<'a> {
    text: &'a str,
    parsed: Result<Version, String>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(ecosystem: &Ecosystem, text: &'a str) -> Self {
        Self { text, parsed: ecosystem.version(text).map_err(|error| error.to_string()) }
    }

    pub(super) fn known(version: &'a Version) -> Self {
        Self { text: version.as_str(), parsed: Ok(version.clone()) }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn parsed(&self) -> Option<&Version> {
        self.parsed.as_ref().ok()
    }
}

/// What the list of versions of an advisory says of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    Named,
    NotNamed,
    /// There is no list.
    Absent,
}

impl Listing {
    pub(super) fn of(named: bool, empty: bool) -> Self {
        match (named, empty) {
            (true, _) => Self::Named,
            (false, false) => Self::NotNamed,
            (false, true) => Self::Absent,
        }
    }
}

/// As the schema evaluates it: a version is affected if it is listed or in any of the ranges.
pub(super) fn touch(
    ecosystem: &Ecosystem,
    asked: &Asked<'_>,
    ranges: &[AffectedRange],
    listing: Listing,
) -> Touch {
    let (mut compiled, mut doubts) = (Vec::new(), Vec::new());
    for range in ranges {
        match range.compile(ecosystem) {
            Ok(range) => compiled.extend(range),
            Err(error) => doubts.push(error.to_string()),
        }
    }
    let version = match &asked.parsed {
        Ok(version) => version,
        Err(_) if listing == Listing::Named => return Touch::Affected { fixed: None },
        Err(_) if compiled.is_empty() && doubts.is_empty() && listing == Listing::NotNamed => {
            return Touch::Unaffected;
        }
        Err(why) => return Touch::Undecided(why.clone()),
    };
    let mut held = listing == Listing::Named;
    for range in &compiled {
        match range.contains(version) {
            Ok(contains) => held |= contains,
            Err(error) => doubts.push(error.to_string()),
        }
    }
    if held {
        return Touch::Affected { fixed: fix(&compiled, version) };
    }
    if let Some(doubt) = doubts.into_iter().next() {
        return Touch::Undecided(doubt);
    }
    if compiled.is_empty() && listing == Listing::Absent {
        let only_commits = ranges.iter().any(|range| range.kind == RangeType::Git);
        let why = if only_commits {
            "it names commits, and no version"
        } else {
            "it names no version and no range"
        };
        return Touch::Undecided(why.to_owned());
    }
    Touch::Unaffected
}

/// The first fix behind a version that is not itself in another range.
fn fix(ranges: &[Range], version: &Version) -> Option<Box<str>> {
    let order = ranges.iter().find(|range| range.contains(version).unwrap_or(false))?.order();
    let (same, others): (Vec<&Range>, Vec<&Range>) = ranges.iter().partition(|range| range.order() == order);
    let spans: Vec<&Spans<Version>> = same.iter().map(|range| range.spans()).collect();
    let free = first_free(&spans, &*same.first()?.reread(version).ok()?)?;
    let is_held = others.iter().any(|range| range.contains(&free).unwrap_or(true));
    (!is_held).then(|| free.as_str().into())
}

//! Ranges of affected versions, <https://ossf.github.io/osv-schema/#affectedranges-field>.
//!
//! A range is compiled once into spans that do not overlap. Events may come in any order. Where the schema leaves a
//! choice:
//!
//! - Of several events at one version, those that end what is open come first, then `introduced`, unless nothing was
//!   open: then `introduced` comes first. So `introduced 1, fixed 2, introduced 2, fixed 3` is one span from 1 to 3,
//!   and `introduced 1, fixed 1` is none.
//! - `introduced: "0"` is before every version, also those below `0` such as `0-alpha`.
//! - A range without `introduced`, or with a bound that is no version, is an error: it is not known what it holds.

use std::borrow::Cow;

use super::spans::{Spans, Turning};
use super::{Ecosystem, Order, RangeError, Version, VersionError};

/// By which order a range of OSV is to be read. Ranges of type `GIT` are about commits, and are not read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RangeKind {
    /// `SEMVER`: by Semantic Versioning 2.0, whatever the ecosystem.
    SemVer,
    /// `ECOSYSTEM`: by the ecosystem's own order.
    Ecosystem,
}

/// An event of a range, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// Affected from this version on; `0` is before every version.
    Introduced(&'a str),
    /// Not affected from this version on.
    Fixed(&'a str),
    /// Not affected after this version.
    LastAffected(&'a str),
    /// The range says nothing from this version on; `*` is no limit. Of several the highest counts.
    Limit(&'a str),
}

/// The affected versions of one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    order: Order,
    spans: Spans<Version>,
}

impl Range {
    /// Reads the events of a range.
    pub fn new<'a>(
        kind: RangeKind,
        ecosystem: &Ecosystem,
        events: impl IntoIterator<Item = Event<'a>>,
    ) -> Result<Self, RangeError> {
        let order = order(kind, ecosystem)?;
        let bound =
            |event, text| Version::parse(text, order).map_err(|source| RangeError::Bound { event, source });
        let mut turns: Vec<(Option<Version>, Turning)> = Vec::new();
        let mut limits = Vec::new();
        let mut unlimited = false;
        for event in events {
            match event {
                Event::Introduced("0") => turns.push((None, Turning::Introduced)),
                Event::Introduced(text) => {
                    turns.push((Some(bound("introduced", text)?), Turning::Introduced));
                }
                Event::Fixed(text) => turns.push((Some(bound("fixed", text)?), Turning::Fixed)),
                Event::LastAffected(text) => {
                    turns.push((Some(bound("last_affected", text)?), Turning::LastAffected));
                }
                Event::Limit("*") => unlimited = true,
                Event::Limit(text) => limits.push(bound("limit", text)?),
            }
        }
        if !turns.iter().any(|(_, turn)| *turn == Turning::Introduced) {
            return Err(RangeError::NoIntroduced);
        }
        let limit = limits.into_iter().max().filter(|_| !unlimited);
        Ok(Self { order, spans: Spans::new(turns, limit) })
    }

    /// Whether a version is affected.
    ///
    /// A version that was parsed in another order is read anew in that of the range, which may fail.
    pub fn contains(&self, version: &Version) -> Result<bool, VersionError> {
        Ok(self.spans.hold(&*self.reread(version)?))
    }

    /// The first version that is not affected any more after this one, if this one is affected and such a version is
    /// known. A `last_affected` does not name it.
    pub fn fix_for(&self, version: &Version) -> Result<Option<&Version>, VersionError> {
        Ok(self.spans.fix_for(&*self.reread(version)?))
    }

    /// The order in which the range is read.
    pub fn order(&self) -> Order {
        self.order
    }

    /// The spans over versions of the order in which the range is read.
    pub(crate) fn spans(&self) -> &Spans<Version> {
        &self.spans
    }

    /// A version in the order of the range.
    pub(crate) fn reread<'v>(&self, version: &'v Version) -> Result<Cow<'v, Version>, VersionError> {
        if version.order() == self.order {
            return Ok(Cow::Borrowed(version));
        }
        Version::parse(version.as_str(), self.order).map(Cow::Owned)
    }
}

/// Go and Pub refine Semantic Versioning, so their own order reads both kinds of range.
pub(crate) fn order(kind: RangeKind, ecosystem: &Ecosystem) -> Result<Order, RangeError> {
    match (kind, ecosystem.order()) {
        (RangeKind::SemVer, Some(order @ (Order::Go | Order::Pub))) => Ok(order),
        (RangeKind::SemVer, _) => Ok(Order::SemVer),
        (RangeKind::Ecosystem, _) => ecosystem.known_order().map_err(RangeError::NoOrder),
    }
}

/// Whether a list of affected versions names this one, as it is written or by an equal version.
///
/// The text of a version decides too, so that an ecosystem without an order can be asked.
pub fn listed<'a>(ecosystem: &Ecosystem, version: &str, list: impl IntoIterator<Item = &'a str>) -> bool {
    let parsed = ecosystem.version(version).ok();
    list.into_iter().any(|entry| {
        entry == version
            || parsed.as_ref().is_some_and(|parsed| ecosystem.version(entry).as_ref() == Ok(parsed))
    })
}

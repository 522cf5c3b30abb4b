//! What names one package, small: versions are kept once, and which of them an advisory lists as runs of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::DatabaseError;
use super::block::{deflated, inflated};
use super::candidate::{Asked, Listing};
use crate::advisory::{Affected, AffectedRange, FixState, Severity};
use crate::version::{Ecosystem, Version};

/// What is shorter is stored as it is.
const DEFLATE_FROM: usize = 400;

/// The first byte of what is stored.
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

/// Everything that names one package.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Packed {
    /// Every version that is listed: first those that have a place in the order, in that order, then the others by text.
    #[serde(rename = "v", default, skip_serializing_if = "Vec::is_empty")]
    versions: Vec<Box<str>>,
    /// How many have a place in the order.
    #[serde(rename = "o", default)]
    ordered: usize,
    #[serde(rename = "a")]
    pub(super) entries: Vec<Entry>,
}

/// One advisory's word on the package.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The number of the advisory.
    #[serde(rename = "n")]
    pub(super) number: i64,
    /// The ecosystem and the name, as they are written there.
    #[serde(rename = "e")]
    pub(super) ecosystem: Box<str>,
    #[serde(rename = "p")]
    pub(super) name: Box<str>,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) ranges: Vec<AffectedRange>,
    /// Listed versions, as runs from a place up to another.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    listed: Vec<(usize, usize)>,
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) severity: Vec<Severity>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(super) fix_state: Option<FixState>,
}

/// Where a version stands among those that are listed.
pub(super) type Places = std::ops::Range<usize>;

impl Packed {
    /// Packs what advisories say of one package. `ecosystem` is that of the package, if it is known.
    pub(super) fn new(ecosystem: Option<&Ecosystem>, named: Vec<(i64, Affected)>) -> Self {
        let texts: BTreeSet<&str> =
            named.iter().flat_map(|(_, affected)| &affected.versions).map(AsRef::as_ref).collect();
        let mut versions: Vec<(Option<Version>, Box<str>)> = texts
            .into_iter()
            .map(|text| (ecosystem.and_then(|ecosystem| ecosystem.version(text).ok()), text.into()))
            .collect();
        versions.sort_by(|a, b| (a.0.is_none(), a).cmp(&(b.0.is_none(), b)));
        let place = {
            let mut places: Vec<(&str, usize)> =
                versions.iter().enumerate().map(|(place, (_, text))| (text.as_ref(), place)).collect();
            places.sort_unstable();
            move |text: &str| {
                places.binary_search_by(|(known, _)| (*known).cmp(text)).ok().map(|found| places[found].1)
            }
        };
        let entries = named
            .into_iter()
            .map(|(number, affected)| {
                let listed = runs(affected.versions.iter().filter_map(|text| place(text)).collect());
                let (ecosystem, name) =
                    affected.package.map(|package| (package.ecosystem, package.name)).unwrap_or_default();
                let Affected { ranges, severity, fix_state, .. } = affected;
                Entry { number, ecosystem, name, ranges, listed, severity, fix_state }
            })
            .collect();
        let ordered = versions.iter().filter(|(key, _)| key.is_some()).count();
        Self { versions: versions.into_iter().map(|(_, text)| text).collect(), ordered, entries }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let text = serde_json::to_vec(self).expect("it is made of texts and numbers");
        let (tag, body) = if text.len() < DEFLATE_FROM { (PLAIN, text) } else { (DEFLATED, deflated(&text)) };
        [&[tag], body.as_slice()].concat()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, DatabaseError> {
        let damaged = |why: String| DatabaseError::Damaged(format!("a package cannot be read: {why}"));
        let read =
            |text: &[u8]| serde_json::from_slice::<Self>(text).map_err(|error| damaged(error.to_string()));
        let packed = match bytes.split_first() {
            Some((&PLAIN, text)) => read(text),
            Some((&DEFLATED, text)) => read(&inflated(text)?),
            _ => Err(damaged("it is neither plain nor deflated".to_owned())),
        }?;
        let ends = packed.entries.iter().flat_map(|entry| &entry.listed).map(|(from, to)| from.max(to));
        if packed.ordered > packed.versions.len()
            || ends.max().is_some_and(|end| *end > packed.versions.len())
        {
            return Err(damaged("it lists versions that it does not hold".to_owned()));
        }
        Ok(packed)
    }

    /// Where the version that is asked about stands.
    pub(super) fn places(&self, ecosystem: &Ecosystem, asked: &Asked<'_>) -> Places {
        let (ordered, others) = self.versions.split_at(self.ordered);
        let Some(version) = asked.parsed() else {
            let found = others.binary_search_by(|text| text.as_ref().cmp(asked.text()));
            return found.map_or(0..0, |at| self.ordered + at..self.ordered + at + 1);
        };
        let key =
            |text: &str| ecosystem.version(text).map(|version| version.key().to_vec()).unwrap_or_default();
        let from = ordered.partition_point(|text| key(text).as_slice() < version.key());
        let equal = ordered[from..].iter().take_while(|text| key(text).as_slice() == version.key()).count();
        from..from + equal
    }

    /// The versions that an entry lists.
    pub(super) fn listed<'p>(&'p self, entry: &'p Entry) -> impl Iterator<Item = &'p Box<str>> {
        entry.listed.iter().flat_map(|(from, to)| self.versions.get(*from..*to).unwrap_or_default())
    }
}

impl Entry {
    /// What the list of versions says of the one at these places.
    pub(super) fn listing(&self, places: &Places) -> Listing {
        let meets = |(from, to): &(usize, usize)| places.start < *to && *from < places.end;
        let named = !places.is_empty() && self.listed.iter().any(meets);
        Listing::of(named, self.listed.is_empty())
    }
}

/// Places as runs from one up to another.
fn runs(mut places: Vec<usize>) -> Vec<(usize, usize)> {
    places.sort_unstable();
    places.dedup();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for place in places {
        match runs.last_mut() {
            Some((_, end)) if *end == place => *end += 1,
            _ => runs.push((place, place + 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affected(versions: &[&str]) -> Affected {
        Affected { versions: versions.iter().map(|text| (*text).into()).collect(), ..Affected::default() }
    }

    #[test]
    fn a_version_is_found_under_every_spelling_and_a_text_that_is_none_as_it_is_written() {
        let pypi: Ecosystem = "PyPI".parse().expect("known");
        let named = vec![
            (0, affected(&["1.0", "1.10", "1.9", "no version"])),
            (1, affected(&["2.0", "1.0.0", "1.9"])),
        ];
        let packed = Packed::from_bytes(&Packed::new(Some(&pypi), named).to_bytes()).expect("whole");
        let lists = |text: &str| -> Vec<bool> {
            let places = packed.places(&pypi, &Asked::new(&pypi, text));
            packed.entries.iter().map(|entry| entry.listing(&places) == Listing::Named).collect()
        };
        assert_eq!(lists("1.0"), [true, true]);
        assert_eq!(lists("v1.00"), [true, true]);
        assert_eq!(lists("1.10"), [true, false]);
        assert_eq!(lists("no version"), [true, false]);
        assert_eq!(lists("2"), [false, true]);
        assert_eq!(lists("3"), [false, false]);
        assert_eq!(lists("no"), [false, false]);
        let all: Vec<_> = packed.listed(&packed.entries[1]).map(AsRef::as_ref).collect();
        assert_eq!(all, ["1.0.0", "1.9", "2.0"]);
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        for bytes in [&b""[..], b"\x07", b"\x00{", b"\x01{}", b"\x00{\"a\":[],\"o\":9}"] {
            assert!(Packed::from_bytes(bytes).is_err(), "{bytes:?}");
        }
        let beyond = br#"{"v":["1"],"o":0,"a":[{"n":0,"e":"","p":"","l":[[0,9]]}]}"#;
        assert!(Packed::from_bytes(&[&[PLAIN], &beyond[..]].concat()).is_err());
    }
}

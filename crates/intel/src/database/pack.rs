//! Packs what advisories say of one package. [`super::packed`] reads it.

use std::collections::BTreeSet;

use super::block::deflated;
use super::compact::Writer;
use super::event::Event;
use super::gists::write_severity;
use crate::advisory::{Affected, FixState, RangeType, Turn};
use crate::version::{Ecosystem, Version};

/// What is shorter is stored as it is.
const DEFLATE_FROM: usize = 400;

/// The first byte of what is stored.
pub(super) const PLAIN: u8 = 0;
pub(super) const DEFLATED: u8 = 1;

pub(super) const RANGES: [RangeType; 3] = [RangeType::SemVer, RangeType::Ecosystem, RangeType::Git];
pub(super) const FIX_STATES: [FixState; 5] = [
    FixState::NotFixed,
    FixState::WontFix,
    FixState::EndOfLife,
    FixState::Unimportant,
    FixState::Subscribers,
];

/// Packs what advisories say of one package, each with its number. `ecosystem` is that of the package, if it is known.
pub(super) fn pack(ecosystem: Option<&Ecosystem>, named: &[(i64, Affected)]) -> Vec<u8> {
    let pool = Pool::of(ecosystem, named);
    let mut writer = Writer::default();
    writer.count(pool.ordered);
    writer.list(&pool.versions, |writer, (text, is_equal)| {
        // The lowest bit says whether it is the same version as the one before it.
        writer.count(text.len() << 1 | usize::from(*is_equal));
        writer.raw(text.as_bytes());
    });
    let spelled: Vec<(&str, &str)> = named.iter().map(|(_, affected)| spelling(affected)).collect();
    let spellings: Vec<(&str, &str)> = spelled.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    writer.list(&spellings, |writer, (ecosystem, name)| {
        writer.text(ecosystem);
        writer.text(name);
    });
    let entries: Vec<(usize, &i64, &Affected)> = named
        .iter()
        .zip(&spelled)
        .map(|((number, affected), spelled)| {
            (spellings.binary_search(spelled).unwrap_or_default(), number, affected)
        })
        .collect();
    writer.list(&entries, |writer, (spelling, number, affected)| {
        writer.number(number.cast_unsigned());
        writer.count(*spelling);
        pool.write(writer, affected);
    });
    let text = writer.finish();
    let (tag, body) = if text.len() < DEFLATE_FROM { (PLAIN, text) } else { (DEFLATED, deflated(&text)) };
    [&[tag], body.as_slice()].concat()
}

fn spelling(affected: &Affected) -> (&str, &str) {
    affected.package.as_ref().map_or(("", ""), |package| (&package.ecosystem, &package.name))
}

/// Every version that is named: first those that have a place in the order, in that order, then the others by text.
struct Pool<'a> {
    versions: Vec<(&'a str, bool)>,
    ordered: usize,
    /// The texts, sorted, with their places.
    places: Vec<(&'a str, usize)>,
}

impl<'a> Pool<'a> {
    fn of(ecosystem: Option<&Ecosystem>, named: &'a [(i64, Affected)]) -> Self {
        let mut texts: BTreeSet<&str> = BTreeSet::new();
        for (_, affected) in named {
            texts.extend(affected.versions.iter().map(AsRef::as_ref));
            texts.extend(affected.ranges.iter().flat_map(|range| &range.events).map(Turn::at));
        }
        let mut keyed: Vec<(Option<Version>, &str)> = texts
            .into_iter()
            .map(|text| (ecosystem.and_then(|ecosystem| ecosystem.version(text).ok()), text))
            .collect();
        keyed.sort_by(|a, b| (a.0.is_none(), a).cmp(&(b.0.is_none(), b)));
        let versions: Vec<(&str, bool)> = keyed
            .iter()
            .enumerate()
            .map(|(place, (key, text))| (*text, key.is_some() && place > 0 && keyed[place - 1].0 == *key))
            .collect();
        let mut places: Vec<(&str, usize)> =
            versions.iter().enumerate().map(|(place, (text, _))| (*text, place)).collect();
        places.sort_unstable();
        Self { ordered: keyed.iter().filter(|(key, _)| key.is_some()).count(), versions, places }
    }

    fn place(&self, text: &str) -> usize {
        let found = self.places.binary_search_by(|(known, _)| (*known).cmp(text));
        found.map_or(0, |at| self.places[at].1)
    }

    fn write(&self, writer: &mut Writer, affected: &Affected) {
        writer.list(&affected.ranges, |writer, range| {
            writer.count(RANGES.iter().position(|one| *one == range.kind).unwrap_or_default());
            writer.list(range.repo.as_slice(), |writer, repo| writer.text(repo));
            writer.list(&range.events, |writer, turn| {
                writer.count(Event::new(self.place(turn.at()), turn).number());
            });
        });
        let listed = runs(affected.versions.iter().map(|text| self.place(text)).collect());
        writer.list(&listed, |writer, (from, to)| {
            writer.count(*from);
            writer.count(to - from);
        });
        writer.list(&affected.severity, write_severity);
        let state = affected.fix_state.and_then(|state| FIX_STATES.iter().position(|one| *one == state));
        writer.count(state.map_or(0, |at| at + 1));
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

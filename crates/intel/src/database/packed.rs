//! What names one package, small and ready to be asked: versions are kept once, in their order, and whatever speaks of
//! them does so by their places. So a version is looked up once, and all that follows compares places.

use std::ops::Range;

use super::block::Inflater;
use super::candidate::{Asked, Listing, Touch, touch};
use super::compact::{Reader, damaged};
use super::event::{Event, Happening};
use super::gists::read_severity;
use super::key::NPM;
use super::module::is_modular;
use super::pack::{DEFLATED, FIX_STATES, PLAIN, RANGES};
use super::{DatabaseError, Name};
use crate::advisory::{AffectedRange, FixState, RangeType, Severity};
use crate::version::{Ecosystem, RangeKind, Spans, Turning, first_free, order};

/// What is stored, inflated.
pub(super) fn unpacked(bytes: &[u8], inflater: &mut Inflater) -> Result<Vec<u8>, DatabaseError> {
    match bytes.split_first() {
        Some((&PLAIN, text)) => Ok(text.to_vec()),
        Some((&DEFLATED, text)) => inflater.inflated(text),
        _ => Err(damaged()),
    }
}

/// Everything that names one package. What entries hold stands in lists of all, so that reading them takes few
/// allocations, however many they are.
#[derive(Debug, Default)]
pub(super) struct Packed<'b> {
    versions: Vec<&'b str>,
    /// Of each ordered version, how many different ones are less.
    ranks: Vec<usize>,
    spellings: Vec<(&'b str, &'b str)>,
    pub(super) entries: Vec<Entry>,
    ranges: Vec<PlacedRange<'b>>,
    events: Vec<Event>,
    /// Listed versions, as runs from a place up to another.
    runs: Vec<(usize, usize)>,
}

/// One advisory's word on the package.
#[derive(Debug)]
pub(super) struct Entry {
    /// The number of its gist.
    pub(super) number: i64,
    spelling: usize,
    ranges: Range<usize>,
    runs: Range<usize>,
    pub(super) severity: Vec<Severity>,
    pub(super) fix_state: Option<FixState>,
}

#[derive(Debug)]
struct PlacedRange<'b> {
    kind: RangeType,
    repo: Option<&'b str>,
    events: Range<usize>,
}

/// Where a version stands among those that are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The named versions that it is equal to.
    equal: Range<usize>,
    /// Where it stands in the order: odd is at the version of this rank, even is between two. None without an order.
    at: Option<usize>,
}

impl<'b> Packed<'b> {
    /// Reads what [`unpacked`] gave.
    pub(super) fn read(text: &'b [u8]) -> Result<Self, DatabaseError> {
        let mut reader = Reader::new(text);
        let ordered = reader.count()?;
        let mut ranks = Vec::new();
        let versions = reader.list(|reader| {
            let head = reader.count()?;
            let rank = ranks.last().map_or(0, |rank| rank + usize::from(head & 1 == 0));
            ranks.push(rank);
            reader.raw_text(head >> 1)
        })?;
        let spellings = reader.list(|reader| Ok((reader.text()?, reader.text()?)))?;
        ranks.truncate(ordered);
        let mut packed = Self { versions, ranks, spellings, ..Self::default() };
        packed.entries = reader.list(|reader| packed.entry(reader))?;
        let is_whole = reader.is_at_end()
            && ordered <= packed.versions.len()
            && packed.entries.iter().all(|entry| entry.spelling < packed.spellings.len())
            && packed.events.iter().all(|event| event.place() < packed.versions.len())
            && packed.runs.iter().all(|(_, to)| *to <= packed.versions.len());
        is_whole.then_some(packed).ok_or_else(damaged)
    }

    fn entry(&mut self, reader: &mut Reader<'b>) -> Result<Entry, DatabaseError> {
        let number = reader.number()?.cast_signed();
        let spelling = reader.count()?;
        let (ranges, runs) = (self.ranges.len(), self.runs.len());
        reader.each(|reader| {
            let kind = *RANGES.get(reader.count()?).ok_or_else(damaged)?;
            let repo = reader.list(Reader::text)?.pop();
            let events = self.events.len();
            reader.each(|reader| reader.count().map(|number| self.events.push(Event::of_number(number))))?;
            self.ranges.push(PlacedRange { kind, repo, events: events..self.events.len() });
            Ok(())
        })?;
        reader.each(|reader| {
            let (from, len) = (reader.count()?, reader.count()?);
            self.runs.push((from, from.checked_add(len).ok_or_else(damaged)?));
            Ok(())
        })?;
        let severity = reader.list(read_severity)?;
        let state = reader.count()?.checked_sub(1);
        let fix_state = state.map(|at| FIX_STATES.get(at).copied().ok_or_else(damaged)).transpose()?;
        let (ranges, runs) = (ranges..self.ranges.len(), runs..self.runs.len());
        Ok(Entry { number, spelling, ranges, runs, severity, fix_state })
    }

    /// Where the version that is asked about stands.
    pub(super) fn place(&self, ecosystem: &Ecosystem, asked: &Asked<'_>) -> Place {
        let (ordered, others) = self.versions.split_at(self.ranks.len());
        let Some(version) = asked.parsed() else {
            let found = others.binary_search_by(|text| (*text).cmp(asked.text()));
            let at = found.map_or(0..0, |at| ordered.len() + at..ordered.len() + at + 1);
            return Place { equal: at, at: None };
        };
        let is_less = |text: &&str| ecosystem.version(text).is_ok_and(|named| named < *version);
        let from = ordered.partition_point(is_less);
        let rank =
            self.ranks.get(from).copied().unwrap_or_else(|| self.ranks.last().map_or(0, |last| last + 1));
        let is_equal = ordered
            .get(from)
            .is_some_and(|text| ecosystem.version(text).is_ok_and(|named| named == *version));
        let equal =
            if is_equal { self.ranks[from..].iter().take_while(|one| **one == rank).count() } else { 0 };
        let at = (Some(version.order()) == ecosystem.order()).then_some(rank * 2 + usize::from(is_equal));
        Place { equal: from..from + equal, at }
    }

    /// The entries that are about a package of this name.
    pub(super) fn entries_of(&self, ecosystem: &Ecosystem, name: Name<'_>) -> impl Iterator<Item = &Entry> {
        let exact = match name {
            Name::AsWritten(name) if ecosystem.name() == NPM => Some(name),
            _ => None,
        };
        self.entries.iter().filter(move |entry| exact.is_none_or(|name| self.spelling(entry).1 == name))
    }

    /// Whether an advisory with these entries touches the version that is asked about, which stands at a place, and the
    /// entry by which it does.
    pub(super) fn touch<'e>(
        &self,
        ecosystem: &Ecosystem,
        entries: &[&'e Entry],
        asked: &Asked<'_>,
        place: &Place,
    ) -> (Touch, Option<&'e Entry>) {
        let Some((at, placed)) = place.at.zip(self.placed(ecosystem, entries, place)) else {
            return self.touch_one_by_one(ecosystem, entries, asked, place);
        };
        let holds = |(listing, spans): &(Listing, Vec<Spans<usize>>)| {
            *listing == Listing::Named || spans.iter().any(|spans| spans.hold(&at))
        };
        let Some(held) = placed.iter().position(holds) else { return (Touch::Unaffected, None) };
        let spans: Vec<_> = placed.iter().flat_map(|(_, spans)| spans).collect();
        let fixed = first_free(&spans, &at).and_then(|free| self.named(free)).map(Into::into);
        (Touch::Affected { fixed }, Some(entries[held]))
    }

    /// What each entry says by places; `None` where one cannot be read so, or says nothing.
    fn placed(
        &self,
        ecosystem: &Ecosystem,
        entries: &[&Entry],
        place: &Place,
    ) -> Option<Vec<(Listing, Vec<Spans<usize>>)>> {
        let of = |entry: &&Entry| {
            let ranges = self.ranges_of(entry).filter(|range| range.kind != RangeType::Git);
            let spans: Vec<_> = ranges.map(|range| self.spans(ecosystem, range)).collect::<Option<_>>()?;
            let listing = self.listing(entry, place);
            (listing != Listing::Absent || !spans.is_empty()).then_some((listing, spans))
        };
        entries.iter().map(of).collect()
    }

    fn touch_one_by_one<'e>(
        &self,
        ecosystem: &Ecosystem,
        entries: &[&'e Entry],
        asked: &Asked<'_>,
        place: &Place,
    ) -> (Touch, Option<&'e Entry>) {
        let mut doubt = (Touch::Unaffected, None);
        for entry in entries {
            match touch(ecosystem, asked, &self.ranges(entry), self.listing(entry, place)) {
                affected @ Touch::Affected { .. } => return (affected, Some(entry)),
                Touch::Undecided(why) if doubt.1.is_none() => doubt = (Touch::Undecided(why), Some(*entry)),
                Touch::Undecided(_) | Touch::Unaffected => {}
            }
        }
        doubt
    }

    /// Whether an entry is about packages that were built in a module; `None` where it names no release that is fixed.
    pub(super) fn is_modular(&self, entry: &Entry) -> Option<bool> {
        let events = self.ranges_of(entry).flat_map(|range| self.events_of(range));
        let mut fixed = events
            .filter(|event| event.happening() == Happening::Fixed)
            .map(|event| self.versions[event.place()])
            .peekable();
        fixed.peek()?;
        Some(fixed.any(is_modular))
    }

    /// A range as spans over places; `None` where it cannot be one: it has another order, or is wrong.
    fn spans(&self, ecosystem: &Ecosystem, range: &PlacedRange<'_>) -> Option<Spans<usize>> {
        let kind = match range.kind {
            RangeType::SemVer => RangeKind::SemVer,
            RangeType::Ecosystem => RangeKind::Ecosystem,
            RangeType::Git => return None,
        };
        if order(kind, ecosystem).ok() != ecosystem.order() {
            return None;
        }
        let (mut turns, mut limit, mut is_begun) = (Vec::with_capacity(range.events.len()), None, false);
        for event in self.events_of(range) {
            let place = event.place();
            let at = || self.ranks.get(place).map(|rank| rank * 2 + 1);
            match event.happening() {
                Happening::Introduced => {
                    let at = if self.versions[place] == "0" { None } else { Some(at()?) };
                    turns.push((at, Turning::Introduced));
                    is_begun = true;
                }
                Happening::Fixed => turns.push((Some(at()?), Turning::Fixed)),
                Happening::LastAffected => turns.push((Some(at()?), Turning::LastAffected)),
                Happening::Limit => limit = limit.max(Some(at()?)),
            }
        }
        is_begun.then(|| Spans::new(turns, limit))
    }

    /// The first named version that stands there.
    fn named(&self, at: usize) -> Option<&'b str> {
        let place = self.ranks.partition_point(|rank| rank * 2 + 1 < at);
        self.versions.get(place).copied()
    }

    /// The ranges of an entry, as they are written.
    pub(super) fn ranges(&self, entry: &Entry) -> Vec<AffectedRange> {
        let turn = |event: &Event| event.at(self.versions[event.place()]);
        let written = |range: &PlacedRange<'_>| AffectedRange {
            kind: range.kind,
            repo: range.repo.map(Into::into),
            events: self.events_of(range).iter().map(turn).collect(),
        };
        self.ranges_of(entry).map(written).collect()
    }

    /// The versions that an entry lists.
    pub(super) fn listed(&self, entry: &Entry) -> Vec<Box<str>> {
        let runs = self.runs[entry.runs.clone()].iter();
        runs.flat_map(|(from, to)| &self.versions[*from..*to]).map(|text| (*text).into()).collect()
    }

    /// What the list of versions of an entry says of the one at a place.
    fn listing(&self, entry: &Entry, place: &Place) -> Listing {
        let runs = &self.runs[entry.runs.clone()];
        let meets = |(from, to): &(usize, usize)| place.equal.start < *to && *from < place.equal.end;
        Listing::of(!place.equal.is_empty() && runs.iter().any(meets), runs.is_empty())
    }

    fn ranges_of(&self, entry: &Entry) -> impl Iterator<Item = &PlacedRange<'b>> {
        self.ranges[entry.ranges.clone()].iter()
    }

    fn events_of(&self, range: &PlacedRange<'_>) -> &[Event] {
        &self.events[range.events.clone()]
    }

    /// The ecosystem and the name, as they are written in an entry.
    pub(super) fn spelling(&self, entry: &Entry) -> (&'b str, &'b str) {
        self.spellings[entry.spelling]
    }
}

#[cfg(test)]
mod tests {
    use super::super::pack::pack;
    use super::*;
    use crate::advisory::{Affected, Turn};

    fn affected(versions: &[&str], ranges: &[&[Turn]]) -> Affected {
        let range = |events: &&[Turn]| AffectedRange {
            kind: RangeType::Ecosystem,
            repo: None,
            events: events.to_vec(),
        };
        Affected {
            versions: versions.iter().map(|text| (*text).into()).collect(),
            ranges: ranges.iter().map(range).collect(),
            ..Affected::default()
        }
    }

    fn whole(bytes: &[u8]) -> Result<Vec<u8>, DatabaseError> {
        unpacked(bytes, &mut Inflater::default())
    }

    fn pypi() -> Ecosystem {
        "PyPI".parse().expect("known")
    }

    fn lists(bytes: &[u8], text: &str) -> Vec<bool> {
        let packed = Packed::read(bytes).expect("whole");
        let place = packed.place(&pypi(), &Asked::new(&pypi(), text));
        packed.entries.iter().map(|entry| packed.listing(entry, &place) == Listing::Named).collect()
    }

    #[test]
    fn a_version_is_found_under_every_spelling_and_a_text_that_is_none_as_it_is_written() {
        let named = [
            (0, affected(&["1.0", "1.10", "1.9", "no version"], &[])),
            (1, affected(&["2.0", "1.0.0", "1.9"], &[&[Turn::Introduced("1.5".into())]])),
        ];
        let bytes = whole(&pack(Some(&pypi()), &named)).expect("whole");
        for (text, expected) in [
            ("1.0", [true, true]),
            ("v1.00", [true, true]),
            ("1.10", [true, false]),
            ("no version", [true, false]),
            ("2", [false, true]),
            ("1.5", [false, false]),
            ("3", [false, false]),
            ("no", [false, false]),
        ] {
            assert_eq!(lists(&bytes, text), expected, "{text}");
        }
        let packed = Packed::read(&bytes).expect("whole");
        let all = packed.listed(&packed.entries[1]);
        assert_eq!(all.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["1.0.0", "1.9", "2.0"]);
    }

    #[test]
    fn places_decide_as_the_versions_themselves_do() {
        let (introduced, fixed, last, limit) =
            (Turn::Introduced, Turn::Fixed, Turn::LastAffected, Turn::Limit);
        let of = |turn: fn(Box<str>) -> Turn, at: &str| turn(at.into());
        let ranges: [&[Turn]; 8] = [
            &[of(introduced, "0"), of(fixed, "1.0")],
            &[of(introduced, "1.0.0"), of(fixed, "1.0.post1")],
            &[of(introduced, "1.0"), of(last, "2"), of(introduced, "3.0"), of(fixed, "3.0")],
            &[of(fixed, "2.0"), of(introduced, "1.5"), of(introduced, "2.0.0"), of(fixed, "2.5")],
            &[of(introduced, "0"), of(limit, "2")],
            &[of(introduced, "0"), of(limit, "2"), of(limit, "*")],
            &[of(introduced, "0"), of(fixed, "no version")],
            &[of(fixed, "1")],
        ];
        let mut named: Vec<(i64, Affected)> = Vec::new();
        for one in ranges {
            named.extend(ranges.map(|other| (0, affected(&["1.7"], &[one, other]))));
            named.push((0, affected(&[], &[one])));
        }
        let bytes = whole(&pack(Some(&pypi()), &named)).expect("whole");
        let packed = Packed::read(&bytes).expect("whole");
        for text in
            ["0.dev1", "0", "0.9", "1", "1.0.0", "1.0.post1", "1.5", "1.7.0", "2", "2.4", "3", "9", "none"]
        {
            let asked = Asked::new(&pypi(), text);
            let place = packed.place(&pypi(), &asked);
            for (entry, (_, written)) in packed.entries.iter().zip(&named) {
                let listing = packed.listing(entry, &place);
                assert_eq!(packed.ranges(entry), written.ranges);
                let (placed, _) = packed.touch(&pypi(), &[entry], &asked, &place);
                let plain = touch(&pypi(), &asked, &written.ranges, listing);
                // Of equal versions either may be named as the fix.
                let normal = |touch: Touch| match touch {
                    Touch::Affected { fixed } => {
                        (0, fixed.and_then(|fixed| pypi().version(&fixed).ok()), None)
                    }
                    Touch::Unaffected => (1, None, None),
                    Touch::Undecided(why) => (2, None, Some(why)),
                };
                assert_eq!(normal(placed), normal(plain), "{text} in {written:?}");
            }
        }
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        assert!(whole(b"").is_err() && whole(b"\x07").is_err());
        let named =
            [(0, affected(&["1.0", "odd"], &[&[Turn::Introduced("0".into()), Turn::Fixed("2".into())]]))];
        let bytes = whole(&pack(Some(&pypi()), &named)).expect("whole");
        assert!((0..bytes.len()).all(|end| Packed::read(&bytes[..end]).is_err()));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x7f;
            if let Ok(packed) = Packed::read(&changed) {
                let asked = Asked::new(&pypi(), "1.5");
                let place = packed.place(&pypi(), &asked);
                packed.entries.iter().for_each(|entry| {
                    packed.touch(&pypi(), &[entry], &asked, &place);
                    packed.listed(entry);
                    packed.spelling(entry);
                });
            }
        }
    }
}

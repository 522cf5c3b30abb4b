//! Ranges as the OSV schema evaluates them.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use floodmark_intel::version::Event::{Fixed, Introduced, LastAffected, Limit};
use floodmark_intel::version::{Ecosystem, Event, Range, RangeError, RangeKind, listed};

fn ecosystem(name: &str) -> Ecosystem {
    name.parse().unwrap()
}

fn range(events: &[Event<'_>]) -> Range {
    Range::new(RangeKind::Ecosystem, &ecosystem("PyPI"), events.iter().copied()).unwrap()
}

/// Which of the versions are affected.
fn affected<'a>(range: &Range, versions: &[&'a str]) -> Vec<&'a str> {
    let pypi = ecosystem("PyPI");
    let holds = |text: &&&str| range.contains(&pypi.version(text).unwrap()).unwrap();
    versions.iter().filter(holds).copied().collect()
}

#[test]
fn a_fix_is_not_affected_and_a_last_affected_version_is() {
    let fixed = range(&[Introduced("1.0"), Fixed("2.0")]);
    assert_eq!(
        affected(&fixed, &["0.9", "1.0rc1", "1", "1.5", "2.0rc1", "2.0", "3"]),
        ["1", "1.5", "2.0rc1"]
    );
    let last = range(&[Introduced("1.0"), LastAffected("2.0")]);
    assert_eq!(affected(&last, &["0.9", "1.0", "2.0", "2.0.post1"]), ["1.0", "2.0"]);
}

#[test]
fn zero_is_before_every_version() {
    assert_eq!(affected(&range(&[Introduced("0"), Fixed("1")]), &["0.dev0", "0", "1"]), ["0.dev0", "0"]);
    assert_eq!(affected(&range(&[Introduced("0")]), &["0.dev0", "99!9"]), ["0.dev0", "99!9"]);
}

#[test]
fn events_may_come_in_any_order() {
    let events = [Introduced("1"), Fixed("2"), Introduced("3"), LastAffected("4"), Introduced("5")];
    let versions = ["0", "1", "1.9", "2", "3", "4", "4.1", "5", "9"];
    for turn in 0..events.len() {
        let mut turned = events;
        turned.rotate_left(turn);
        assert_eq!(affected(&range(&turned), &versions), ["1", "1.9", "3", "4", "5", "9"]);
        turned.reverse();
        assert_eq!(affected(&range(&turned), &versions), ["1", "1.9", "3", "4", "5", "9"]);
    }
}

#[test]
fn events_at_one_version_neither_lose_nor_invent_what_is_affected() {
    for events in [
        [Introduced("1"), Fixed("2"), Introduced("2"), Fixed("3")],
        [Introduced("2"), Fixed("3"), Fixed("2"), Introduced("1")],
    ] {
        assert_eq!(affected(&range(&events), &["0", "1", "2", "2.5", "3"]), ["1", "2", "2.5"]);
    }
    for events in [[Introduced("1"), Fixed("1.0")], [Fixed("1.0"), Introduced("1")]] {
        assert!(affected(&range(&events), &["0", "1", "2"]).is_empty());
    }
    assert_eq!(affected(&range(&[LastAffected("1"), Introduced("1.0")]), &["0", "1", "1.1"]), ["1"]);
}

#[test]
fn the_highest_limit_counts_and_a_star_is_none() {
    let versions = ["1", "2", "3", "4"];
    assert_eq!(affected(&range(&[Introduced("0"), Limit("2"), Limit("3")]), &versions), ["1", "2"]);
    assert_eq!(affected(&range(&[Introduced("0"), Limit("2"), Limit("*")]), &versions), versions);
}

#[test]
fn a_range_names_the_fix_of_the_span_that_holds_the_version() {
    let range = range(&[
        Introduced("1"),
        Fixed("1.4"),
        Introduced("2"),
        Fixed("2.3"),
        Introduced("3"),
        LastAffected("4"),
    ]);
    let fix = |text| {
        let version = ecosystem("PyPI").version(text).unwrap();
        range.fix_for(&version).unwrap().map(ToString::to_string)
    };
    assert_eq!(fix("1.2"), Some("1.4".to_owned()));
    assert_eq!(fix("2.0"), Some("2.3".to_owned()));
    assert_eq!((fix("1.4"), fix("3.5")), (None, None));
}

#[test]
fn a_semver_range_reads_the_versions_of_any_ecosystem() {
    let pypi = ecosystem("PyPI");
    let range = Range::new(RangeKind::SemVer, &pypi, [Introduced("1.0.0-alpha"), Fixed("1.0.0")]).unwrap();
    assert_eq!(range.contains(&pypi.version("1.0").unwrap()), Ok(false));
    assert!(range.contains(&pypi.version("1.0.0rc1").unwrap()).is_err());
    let go = ecosystem("Go");
    let range = Range::new(RangeKind::SemVer, &go, [Introduced("0"), Fixed("1.21.0-rc.2")]).unwrap();
    assert_eq!(range.contains(&go.version("go1.21rc1").unwrap()), Ok(true));
    assert_eq!(range.contains(&go.version("v1.21.0-rc.2").unwrap()), Ok(false));
}

#[test]
fn a_range_that_cannot_be_known_is_an_error() {
    let new = |name, events: &[Event<'_>]| {
        Range::new(RangeKind::Ecosystem, &ecosystem(name), events.iter().copied()).unwrap_err()
    };
    assert_eq!(new("PyPI", &[]), RangeError::NoIntroduced);
    assert_eq!(new("PyPI", &[Fixed("1")]), RangeError::NoIntroduced);
    let bound = new("PyPI", &[Introduced("0"), Fixed("next week")]);
    assert!(bound.to_string().contains("\"fixed\"") && bound.to_string().contains("next week"), "{bound}");
    assert!(matches!(new("Android", &[Introduced("0")]), RangeError::NoOrder(_)));
}

#[test]
fn a_list_names_versions_by_text_or_by_equal_versions() {
    assert!(listed(&ecosystem("PyPI"), "1.0", ["0.9", "1.0.0"]));
    assert!(!listed(&ecosystem("PyPI"), "1.0", ["1.0.1", "next week"]));
    assert!(listed(&ecosystem("PyPI"), "2004d", ["2004d"]));
    assert!(listed(&ecosystem("Android"), "14-next", ["13", "14-next"]));
    assert!(!listed(&ecosystem("Android"), "14", ["14.0"]));
}

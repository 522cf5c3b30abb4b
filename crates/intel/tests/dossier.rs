//! Nothing is lost on the way from the dossier of incidents to the shipped files.
//!
//! The dossier is not part of this project: `FLOODMARK_SHARED` names the folder that holds `INCIDENTS.md`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use floodmark_intel::compromise::{Compromises, IndicatorKind, shipped_files};
use regex::Regex;

/// What looks like an identifier in the dossier and is none of a compromise, each with its reason.
const NOT_OURS: &[(&str, &str)] = &[
    (
        "GHSA-qcp2-qp9h-qprg",
        "an advisory on no incident of the dossier: its example of one that claims too much",
    ),
    ("2026-03-23T02:00", "the end of a search window that the dossier proposes; no source says it"),
];

/// Sections 1 to 3.
fn dossier() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = std::env::var_os("FLOODMARK_SHARED").map_or(root, PathBuf::from).join("INCIDENTS.md");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!(
            "SKIPPED: {} is not there; set FLOODMARK_SHARED to the folder that holds it",
            path.display()
        );
        return None;
    };
    let start = text.find("\n## 1. ").expect("section 1");
    let end = text.find("\n## 4. ").expect("section 4");
    Some(text[start..end].to_owned())
}

fn shipped() -> String {
    shipped_files().iter().map(|(_, text)| *text).collect::<Vec<_>>().join("\n")
}

/// What the pattern finds in the dossier and is neither in the files nor excepted.
fn missing(dossier: &str, pattern: &str) -> (usize, Vec<String>) {
    let pattern = Regex::new(pattern).expect("a pattern");
    let shipped = shipped();
    let found: BTreeSet<&str> = pattern
        .captures_iter(dossier)
        .filter_map(|captures| captures.get(1))
        .map(|one| one.as_str())
        .collect();
    let lost = found
        .iter()
        .filter(|token| !NOT_OURS.iter().any(|(name, _)| name == *token))
        .filter(|token| !stands_alone(&shipped, token))
        .map(|token| (*token).to_owned())
        .collect();
    (found.len(), lost)
}

/// Whether the token stands in the text and is not a part of a longer one.
fn stands_alone(text: &str, token: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric();
    text.match_indices(token).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + token.len()..]);
        let digit_after_dot =
            after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let digit_before_dot =
            before.strip_suffix('.').is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
        let version = before.ends_with('v') && !before[..before.len() - 1].ends_with(part);
        (version || !before.ends_with(part))
            && !after.starts_with(part)
            && !digit_after_dot
            && !digit_before_dot
    })
}

#[track_caller]
fn is_complete(pattern: &str, at_least: usize) {
    let Some(dossier) = dossier() else { return };
    let (count, lost) = missing(&dossier, pattern);
    assert!(count >= at_least, "only {count} found: does the pattern still fit?");
    assert!(lost.is_empty(), "{} of {count} are in no file: {lost:#?}", lost.len());
}

#[test]
fn every_commit_and_hash_of_the_dossier_is_shipped() {
    is_complete(r"\b([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b", 200);
}

#[test]
fn every_commit_hash_and_address_is_found_by_asking() {
    let Some(dossier) = dossier() else { return };
    let known = Compromises::shipped();
    let is_found = |token: &str| match token.len() {
        40 => {
            let commit = token.parse().expect("40 digits");
            let bounds = known.entries().iter().flat_map(|entry| &entry.compromise.nestings);
            let mut bounds = bounds.flat_map(|one| one.from_commit.iter().chain(&one.until_commit));
            !known.commit(&commit).is_empty() || bounds.any(|bound| *bound == commit)
        }
        64 => !known.hash(token).is_empty(),
        _ => !known.indicator(IndicatorKind::Ip, token).is_empty(),
    };
    let pattern = Regex::new(r"\b([0-9a-f]{64}|[0-9a-f]{40}|(?:\d{1,3}\.){3}\d{1,3})\b").expect("a pattern");
    let lost: BTreeSet<&str> =
        pattern.find_iter(&dossier).map(|one| one.as_str()).filter(|token| !is_found(token)).collect();
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn every_hash_that_the_dossier_cuts_short_is_shipped() {
    let Some(dossier) = dossier() else { return };
    let pattern = Regex::new(r"`(?:sha256:)?([0-9a-f]{8,39})…").expect("a pattern");
    let shipped = shipped();
    let lost: Vec<_> = pattern
        .captures_iter(&dossier)
        .filter_map(|captures| captures.get(1))
        .filter(|one| !shipped.contains(one.as_str()))
        .map(|one| one.as_str().to_owned())
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn every_address_of_the_dossier_is_shipped() {
    is_complete(r"\b((?:\d{1,3}\.){3}\d{1,3}(?::\d+)?)\b", 7);
}

#[test]
fn every_host_of_the_dossier_is_shipped() {
    is_complete(
        r"`(?:https?://)?([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|io|net|cloud|zone|cx|help|space|site|dev|me|cat))(?:[:/`])",
        15,
    );
}

#[test]
fn every_version_of_the_dossier_is_shipped() {
    is_complete(r"(?:^|[^0-9.\w])v?(\d+\.\d+\.\d+)(?:[^0-9.\w]|\.\s|$)", 180);
}

#[test]
fn every_advisory_of_the_dossier_is_shipped() {
    is_complete(r"\b((?:CVE|PYSEC|GO|MAL)-\d{4}-\d+|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})\b", 20);
}

#[test]
fn every_path_of_the_dossier_is_shipped() {
    is_complete(r"`((?:~|/tmp|/etc|/var|/Library|\.github)/[^`\s]+)`", 15);
}

#[test]
fn every_clock_time_of_the_dossier_is_shipped() {
    let Some(dossier) = dossier() else { return };
    let pattern = Regex::new(r"(20\d\d-\d\d-\d\d)(?: ~?|T)(\d\d:\d\d)").expect("a pattern");
    let shipped = shipped();
    let times: BTreeSet<String> = pattern
        .captures_iter(&dossier)
        .map(|captures| format!("{}T{}", &captures[1], &captures[2]))
        .collect();
    let lost: Vec<_> = times
        .iter()
        .filter(|time| !NOT_OURS.iter().any(|(name, _)| name == time))
        .filter(|time| !shipped.contains(*time) && !shipped.contains(&time.replace('T', " about ")))
        .collect();
    assert!(times.len() > 20 && lost.is_empty(), "of {}: {lost:#?}", times.len());
}

//! The answer in three sentences: what happened, what it reached, what cannot be said.

use std::collections::BTreeSet;

use floodmark_case::{Access, Coverage, Credential, Finding, GapKind, Severity, Story};

pub(super) fn verdict(findings: &[Finding], story: &Story, coverage: &Coverage) -> String {
    let tainted: Vec<&Credential> =
        story.credentials.iter().filter(|credential| credential.tainted).collect();
    let [happened, reached] = if tainted.is_empty() {
        nothing_fell(findings, story, coverage)
    } else {
        [what_happened(story, &tainted), what_it_reached(story, coverage, tainted.len())]
    };
    format!("{happened} {reached} {}", what_cannot_be_said(coverage))
}

fn nothing_fell(findings: &[Finding], story: &Story, coverage: &Coverage) -> [String; 2] {
    let serious = findings.iter().filter(|finding| finding.severity >= Severity::High).count();
    let first = if coverage.read.is_empty() {
        "No log could be read, so nothing can be said about any credential.".to_owned()
    } else if story.suspects.is_empty() && serious == 0 {
        "No credential stands out in what was read, and none was found in other hands.".to_owned()
    } else {
        "No credential could be followed from where the story was to start.".to_owned()
    };
    [first, format!("Of {}, {serious} are high or critical.", counted(findings.len(), "finding"))]
}

fn what_happened(story: &Story, tainted: &[&Credential]) -> String {
    let guess = if story.suspects.iter().any(|suspect| suspect.guess) {
        " (a guess: no starting point was named)"
    } else {
        ""
    };
    let accounts: BTreeSet<&str> = tainted
        .iter()
        .map(|credential| credential.account.as_str())
        .filter(|account| !account.is_empty())
        .collect();
    let calls: u64 = tainted.iter().map(|credential| credential.calls).sum();
    let first = tainted
        .iter()
        .filter(|credential| credential.fell.is_some())
        .min_by_key(|credential| credential.fell);
    let first = first.copied().unwrap_or(tainted[0]);
    let since = first.fell.map_or_else(String::new, |fell| format!(" since {fell}"));
    let others = tainted.len() - 1;
    let begot = if others == 0 {
        "no other credential fell with it".to_owned()
    } else {
        format!(
            "with it fell {} in {}",
            counted(others, "other credential"),
            counted(accounts.len(), "account")
        )
    };
    let they = if others == 0 { "it" } else { "they" };
    format!(
        "{} was in an intruder's hands{since}{guess}; {begot}, and {they} made {}.",
        first.id,
        counted(calls, "call")
    )
}

fn what_it_reached(story: &Story, coverage: &Coverage, credentials: usize) -> String {
    let with = |wanted: &[Access]| {
        let hit = story.reached.iter().filter(|reached| wanted.contains(&reached.access));
        hit.map(|reached| reached.resource.as_str()).collect::<BTreeSet<_>>().len()
    };
    let bytes: u64 =
        story.volumes.iter().filter(|volume| volume.basis != "vpc-flow-log").map(|volume| volume.bytes).sum();
    // Nothing counted where nothing could be counted is not nothing.
    let out = if bytes == 0 && is_blind(coverage) {
        "no log could show how much went out".to_owned()
    } else {
        format!("{} counted out", size(bytes))
    };
    let read = with(&[Access::Read]);
    let changed = with(&[Access::Created, Access::Changed, Access::Shared, Access::Deleted, Access::Written]);
    let mut deeds = Vec::new();
    if read > 0 || bytes > 0 {
        deeds.push(format!("read {} ({out})", counted(read, "resource")));
    }
    if changed > 0 {
        deeds.push(format!("created, changed, shared or deleted {changed}"));
    }
    if !story.leftovers.is_empty() {
        deeds.push(format!("left {} to undo", counted(story.leftovers.len(), "thing")));
    }
    let (subject, object) = if credentials == 1 { ("It", "it") } else { ("They", "them") };
    match deeds.split_last() {
        None => format!("No read or change of a resource by {object} is recorded."),
        Some((only, [])) => format!("{subject} {only}."),
        Some((last, [one])) => format!("{subject} {one}, and {last}."),
        Some((last, others)) => format!("{subject} {}, and {last}.", others.join(", ")),
    }
}

fn what_cannot_be_said(coverage: &Coverage) -> String {
    let incomplete = coverage.unread.iter().filter(|unread| unread.incomplete).count();
    let mut limits = Vec::new();
    if incomplete > 0 {
        limits.push(format!("{} could not be read wholly", counted(incomplete, "piece of evidence")));
    }
    if is_blind(coverage) {
        limits.push(
            "reads of objects in some buckets were never logged, so the volume is a lower bound".to_owned(),
        );
    }
    let others = coverage.gaps.iter().filter(|gap| gap.kind != GapKind::DataEvents).count();
    if others > 0 {
        let gaps = counted(others, if is_blind(coverage) { "other gap" } else { "gap" });
        limits.push(format!("{gaps} in hours, accounts or log files"));
    }
    if limits.is_empty() {
        match coverage.read.len() {
            1 => "The log file was read to its end, and no gap was seen in it.".to_owned(),
            files => format!("All {files} log files were read, and no gap was seen in them."),
        }
    } else {
        format!("What these logs cannot show: {}.", limits.join("; "))
    }
}

/// Whether reads of objects were not logged everywhere.
fn is_blind(coverage: &Coverage) -> bool {
    coverage.gaps.iter().any(|gap| gap.kind == GapKind::DataEvents)
}

/// `1 thing`, `2 things`.
fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count: u64 = count.try_into().unwrap_or(u64::MAX);
    match (count, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "piece of evidence") => format!("{count} pieces of evidence"),
        _ => format!("{count} {noun}s"),
    }
}

/// Bytes in decimal units, as the press and the bill count them.
fn size(bytes: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { counted(bytes, "byte") } else { format!("{value:.1} {}", units[unit]) }
}

#[cfg(test)]
mod tests {
    use floodmark_case::{Confidence, Gap, Reached, Timestamp, Window};

    use super::*;

    /// A story in which one bucket was read.
    fn a_read() -> Story {
        let bucket = Reached {
            resource: "arn:aws:s3:::bucket".to_owned(),
            kind: "bucket".to_owned(),
            account: String::new(),
            access: Access::Read,
            count: 1,
            window: Window::between(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH),
            by: Vec::new(),
            confidence: Confidence::High,
            citations: Vec::new(),
        };
        Story { reached: vec![bucket], ..Story::default() }
    }

    #[test]
    fn one_byte_is_one_byte() {
        assert_eq!([0, 1, 999, 1_500].map(size), ["0 bytes", "1 byte", "999 bytes", "1.5 kB"]);
    }

    #[test]
    fn one_credential_is_told_in_the_singular() {
        let reached = |credentials| what_it_reached(&a_read(), &Coverage::default(), credentials);
        assert!(reached(1).starts_with("It read 1 resource ("), "{}", reached(1));
        assert!(reached(2).starts_with("They read 1 resource ("), "{}", reached(2));
        let nothing = what_it_reached(&Story::default(), &Coverage::default(), 1);
        assert_eq!(nothing, "No read or change of a resource by it is recorded.");
    }

    #[test]
    fn a_gap_that_stands_alone_is_no_other_gap() {
        let gap = |kind| Gap { kind, what: String::new(), window: None, why: String::new() };
        let mut coverage = Coverage { gaps: vec![gap(GapKind::Hours)], ..Coverage::default() };
        assert!(what_cannot_be_said(&coverage).contains(": 1 gap in hours"));
        coverage.gaps.push(gap(GapKind::DataEvents));
        assert!(what_cannot_be_said(&coverage).contains("; 1 other gap in hours"));
    }

    #[test]
    fn nothing_counted_is_told_apart_from_nothing_that_could_be_counted() {
        let mut coverage = Coverage::default();
        let seen = what_it_reached(&a_read(), &coverage, 2);
        assert!(seen.contains("(0 bytes counted out)"), "{seen}");
        coverage.gaps = vec![Gap {
            kind: GapKind::DataEvents,
            what: "bucket".to_owned(),
            window: None,
            why: String::new(),
        }];
        let blind = what_it_reached(&a_read(), &coverage, 2);
        assert!(blind.contains("(no log could show how much went out)"), "{blind}");
    }
}

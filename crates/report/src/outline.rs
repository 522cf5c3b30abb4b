//! What every view for people needs from an answer: groups, order, key numbers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use floodmark_case::{
    Access, Answer, Coverage, Finding, GapKind, Outcome, Reached, Severity, Volume, Window,
};

use crate::quantity::{bytes, counted, length, thousands, window};
use crate::{Tone, wording};

/// The findings of one tactic, worst first.
pub(crate) struct Tactic<'a> {
    pub(crate) name: String,
    pub(crate) worst: Severity,
    pub(crate) findings: Vec<&'a Finding>,
}

/// ATT&CK's order of the tactics of a cloud intrusion, for those that are equally bad.
const KILL_CHAIN: [&str; 14] = [
    "Reconnaissance",
    "Resource development",
    "Initial access",
    "Execution",
    "Persistence",
    "Privilege escalation",
    "Defense evasion",
    "Credential access",
    "Discovery",
    "Lateral movement",
    "Collection",
    "Command and control",
    "Exfiltration",
    "Impact",
];

/// The findings by their first tactic; the tactic with the worst finding first.
pub(crate) fn tactics(findings: &[Finding]) -> Vec<Tactic<'_>> {
    let mut groups: BTreeMap<(usize, String), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let name = finding.tactics.first().map_or_else(String::new, |tag| wording::tactic(tag));
        let place = KILL_CHAIN.iter().position(|known| *known == name).unwrap_or(KILL_CHAIN.len());
        let name = if name.is_empty() { "Other".to_owned() } else { name };
        groups.entry((place, name)).or_default().push(finding);
    }
    let mut tactics: Vec<_> = groups
        .into_iter()
        .map(|((_, name), mut findings)| {
            findings
                .sort_by_key(|finding| (Reverse(finding.severity), finding.window.map(|window| window.from)));
            Tactic { name, worst: findings[0].severity, findings }
        })
        .collect();
    tactics.sort_by_key(|tactic| Reverse(tactic.worst));
    tactics
}

/// One number of the first screen.
pub(crate) struct KeyNumber {
    pub(crate) label: &'static str,
    pub(crate) value: String,
    pub(crate) note: String,
    pub(crate) tone: Tone,
}

/// The numbers that a reader under pressure asks for first.
pub(crate) fn key_numbers(answer: &Answer) -> Vec<KeyNumber> {
    let story = &answer.story;
    let fallen = story.credentials.iter().filter(|credential| credential.tainted).count() as u64;
    let tainted: BTreeSet<_> =
        story.credentials.iter().filter(|c| c.tainted).map(|c| c.id.as_str()).collect();
    let begot = story
        .credentials
        .iter()
        .filter(|c| c.tainted && c.parent.as_deref().is_some_and(|p| tainted.contains(p)));
    let begot = begot.count() as u64;
    let denied: u64 = story
        .timeline
        .iter()
        .filter(|row| row.outcome == Outcome::Denied)
        .map(|row| row.count)
        .fold(0, u64::saturating_add);
    let calls = story.timeline.iter().map(|row| row.count).fold(0, u64::saturating_add);
    let mut numbers = vec![KeyNumber {
        label: "Credentials fallen",
        value: thousands(fallen),
        note: if begot > 0 {
            format!("{} of them begotten by another", thousands(begot))
        } else {
            String::new()
        },
        tone: if fallen > 0 { Tone::Tainted } else { Tone::Plain },
    }];
    numbers.push(KeyNumber {
        label: "Left behind",
        value: thousands(story.leftovers.len() as u64),
        note: if story.leftovers.is_empty() { String::new() } else { "to be undone".into() },
        tone: if story.leftovers.is_empty() { Tone::Plain } else { Tone::Tainted },
    });
    numbers.push(data_out(answer));
    numbers.push(KeyNumber {
        label: "Tainted calls",
        value: thousands(calls),
        note: if denied > 0 { format!("{} of them denied", thousands(denied)) } else { String::new() },
        tone: Tone::Plain,
    });
    if let Some(whole) = span(answer) {
        numbers.push(KeyNumber {
            label: "Lasted",
            value: length(whole),
            note: format!("{} UTC", window(whole)),
            tone: Tone::Plain,
        });
    }
    numbers.push(evidence(answer));
    numbers
}

/// The time that the story spans.
pub(crate) fn span(answer: &Answer) -> Option<Window> {
    let rows = answer.story.timeline.iter().map(|row| row.window);
    rows.reduce(Window::hull)
        .or_else(|| answer.findings.iter().filter_map(|finding| finding.window).reduce(Window::hull))
}

/// What went out; "nothing went out" and "no log could show it" are never the same words.
pub(crate) fn data_out(answer: &Answer) -> KeyNumber {
    let blind = answer.coverage.gaps.iter().any(|gap| gap.kind == GapKind::DataEvents);
    let total = total_out(&answer.story.volumes);
    let (value, note, tone) = match total {
        None if blind => {
            ("unknown".into(), "data events are off: no log could show it".into(), Tone::Warning)
        }
        None => ("none seen".into(), "in the logs that were read".into(), Tone::Plain),
        Some(Total { bound: Some(bound), resources: 0, .. }) => {
            (format!("≤ {}", bytes(bound)), "an upper bound, from flow logs".into(), Tone::Tainted)
        }
        Some(total) => (said(&total, blind), from_where(&total, blind), Tone::Tainted),
    };
    KeyNumber { label: "Data out", value, note, tone }
}

fn said(total: &Total, blind: bool) -> String {
    let least = if blind { "≥ " } else { "" };
    if total.bytes == 0 {
        format!("{least}{}", counted(total.objects, "object"))
    } else {
        format!("{least}{}", bytes(total.bytes))
    }
}

fn from_where(total: &Total, blind: bool) -> String {
    let from = counted(total.resources, "resource");
    let mut note = if total.bytes == 0 {
        format!("from {from}; no log tells their size")
    } else {
        format!("{} from {from}", counted(total.objects, "object"))
    };
    if let Some(bound) = total.bound.filter(|bound| *bound > total.bytes) {
        note.push_str("; flow logs allow ");
        note.push_str(&bytes(bound));
    }
    if blind {
        note.push_str("; part of it unlogged");
    }
    note
}

/// What left, over all resources.
pub(crate) struct Total {
    pub(crate) bytes: u64,
    pub(crate) objects: u64,
    pub(crate) resources: u64,
    /// What flow logs say at most, if there are any.
    pub(crate) bound: Option<u64>,
}

/// The sum over resources and prefixes; where two logs tell of the same one, the larger counts, not both.
pub(crate) fn total_out(volumes: &[Volume]) -> Option<Total> {
    let mut places: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    let mut bound: Option<u64> = None;
    for volume in volumes {
        if is_bound(volume) {
            bound = Some(bound.unwrap_or(0).saturating_add(volume.bytes));
            continue;
        }
        let place = places.entry((&volume.resource, &volume.prefix)).or_default();
        *place = (place.0.max(volume.bytes), place.1.max(volume.objects));
    }
    let resources: BTreeSet<_> = places.keys().map(|(resource, _)| *resource).collect();
    (!volumes.is_empty()).then(|| Total {
        bytes: places.values().map(|place| place.0).fold(0, u64::saturating_add),
        objects: places.values().map(|place| place.1).fold(0, u64::saturating_add),
        resources: resources.len() as u64,
        bound,
    })
}

/// Whether the volume is no more than an upper bound: a flow log counts all that left, not what was taken.
pub(crate) fn is_bound(volume: &Volume) -> bool {
    volume.basis == "vpc-flow-log"
}

fn evidence(answer: &Answer) -> KeyNumber {
    let coverage = &answer.coverage;
    let records = coverage.read.iter().map(|source| source.records).fold(0, u64::saturating_add);
    let unread = coverage.unread.iter().filter(|unread| unread.incomplete).count() as u64;
    let gaps = coverage.gaps.len() as u64;
    let mut facts = Vec::new();
    if unread > 0 {
        facts.push(format!("{} NOT READ", thousands(unread)));
    }
    if gaps > 0 {
        facts.push(counted(gaps, "gap"));
    }
    facts.push(format!("{} read", counted(records, "record")));
    KeyNumber {
        label: "Evidence",
        value: match (answer.is_incomplete(), gaps) {
            (true, _) => "incomplete".into(),
            (false, 0) => "all read".into(),
            (false, _) => "has gaps".into(),
        },
        note: facts.join("; "),
        tone: if answer.is_incomplete() { Tone::Warning } else { Tone::Plain },
    }
}

/// One part of the blast radius.
pub(crate) struct Reach<'a> {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<&'a Reached>,
}

/// The blast radius by what was done, gravest first; what is empty is left away.
pub(crate) fn reach(reached: &[Reached]) -> Vec<Reach<'_>> {
    type Part = (&'static str, fn(&Reached) -> bool);
    const PARTS: [Part; 9] = [
        ("Identities created or changed", |reached| is_identity(reached) && changes(reached.access)),
        ("Deleted or made unusable", |reached| reached.access == Access::Deleted),
        ("Shared with others", |reached| reached.access == Access::Shared),
        ("Read", |reached| reached.access == Access::Read),
        ("Written", |reached| reached.access == Access::Written),
        ("Created", |reached| reached.access == Access::Created && !is_identity(reached)),
        ("Changed", |reached| reached.access == Access::Changed && !is_identity(reached)),
        ("Used to run something", |reached| reached.access == Access::Executed),
        ("Tried and refused", |reached| reached.access == Access::Denied),
    ];
    let mut parts = Vec::new();
    for (title, belongs) in PARTS {
        let rows: Vec<_> = reached.iter().filter(|reached| belongs(reached)).collect();
        if !rows.is_empty() {
            parts.push(Reach { title, rows });
        }
    }
    parts
}

fn changes(access: Access) -> bool {
    matches!(access, Access::Created | Access::Changed)
}

fn is_identity(reached: &Reached) -> bool {
    reached.resource.split(':').nth(2) == Some("iam") || reached.resource.starts_with("AKIA")
}

/// What was read of one kind of evidence.
pub(crate) struct ReadKind<'a> {
    pub(crate) kind: &'a str,
    pub(crate) files: u64,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) window: Option<Window>,
}

/// What was read, a line per kind.
pub(crate) fn read_kinds(coverage: &Coverage) -> Vec<ReadKind<'_>> {
    let mut kinds: BTreeMap<&str, ReadKind<'_>> = BTreeMap::new();
    for source in &coverage.read {
        let empty = ReadKind { kind: &source.kind, files: 0, records: 0, bytes: 0, window: None };
        let kind = kinds.entry(&source.kind).or_insert(empty);
        kind.files += 1;
        kind.records = kind.records.saturating_add(source.records);
        kind.bytes = kind.bytes.saturating_add(source.bytes);
        kind.window = match (kind.window, source.window) {
            (Some(a), Some(b)) => Some(a.hull(b)),
            (a, b) => a.or(b),
        };
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by_key(|kind| Reverse(kind.records));
    kinds
}

/// The places in the timeline of the rows that tell most, in order of time, at most so many: first those that a
/// finding rests on, worst first, then successes, then those that stand for most calls.
pub(crate) fn telling_rows(answer: &Answer, limit: usize) -> Vec<usize> {
    let rows = &answer.story.timeline;
    if rows.len() <= limit {
        return (0..rows.len()).collect();
    }
    let severities: HashMap<&str, Severity> =
        answer.findings.iter().map(|finding| (finding.id.as_str(), finding.severity)).collect();
    let rank = |index: &usize| {
        let row = &rows[*index];
        let worst = row.findings.iter().filter_map(|id| severities.get(id.as_str())).max();
        (Reverse((worst, row.outcome == Outcome::Success, row.count)), *index)
    };
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_by_cached_key(rank);
    places.truncate(limit);
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use floodmark_case::{Command, Gap, Inventory, SCHEMA, Story, Timestamp};

    fn out(volumes: &[(&str, &str, u64, u64)], blind: bool) -> String {
        let volume = |(prefix, basis, objects, bytes): &(&str, &str, u64, u64)| Volume {
            resource: "arn:aws:s3:::bucket".into(),
            prefix: (*prefix).into(),
            objects: *objects,
            reads: *objects,
            bytes: *bytes,
            basis: (*basis).into(),
            window: Window::at(Timestamp::UNIX_EPOCH),
            citations: Vec::new(),
        };
        let gap = Gap { kind: GapKind::DataEvents, what: String::new(), window: None, why: String::new() };
        let answer = Answer {
            schema: SCHEMA.into(),
            command: Command::Trace,
            verdict: String::new(),
            findings: Vec::new(),
            links: Vec::new(),
            coverage: Coverage { gaps: blind.then_some(gap).into_iter().collect(), ..Coverage::default() },
            story: Story { volumes: volumes.iter().map(volume).collect(), ..Story::default() },
            inventory: Inventory::default(),
        };
        let KeyNumber { value, note, .. } = data_out(&answer);
        format!("{value}; {note}")
    }

    #[test]
    fn nothing_seen_and_nothing_logged_are_told_apart() {
        assert_eq!(out(&[], false), "none seen; in the logs that were read");
        assert_eq!(out(&[], true), "unknown; data events are off: no log could show it");
    }

    #[test]
    fn what_two_logs_tell_of_one_prefix_is_counted_once() {
        let volumes =
            [("a/", "cloudtrail", 3, 900), ("a/", "s3-access-log", 4, 1000), ("b/", "cloudtrail", 1, 500)];
        assert_eq!(out(&volumes, false), "1.5 kB; 5 objects from 1 resource");
        assert_eq!(out(&volumes, true), "≥ 1.5 kB; 5 objects from 1 resource; part of it unlogged");
    }

    #[test]
    fn a_flow_log_bounds_and_does_not_add() {
        assert_eq!(out(&[("", "vpc-flow-log", 0, 9000)], true), "≤ 9.0 kB; an upper bound, from flow logs");
        let both = [("", "vpc-flow-log", 0, 9000), ("a/", "cloudtrail", 3, 900)];
        assert_eq!(out(&both, false), "900 B; 3 objects from 1 resource; flow logs allow 9.0 kB");
    }

    #[test]
    fn objects_of_unknown_size_are_still_told() {
        assert_eq!(
            out(&[("a/", "cloudtrail", 3, 0)], false),
            "3 objects; from 1 resource; no log tells their size"
        );
    }
}

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
            findings.sort_by_key(|finding| (Reverse(finding.severity), finding.window.from));
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
    rows.chain(answer.findings.iter().map(|finding| finding.window)).reduce(Window::hull)
}

/// "Nothing went out" and "no log could show it" are never the same words.
pub(crate) fn data_out(answer: &Answer) -> KeyNumber {
    let label = "Data out";
    let blind = answer.coverage.gaps.iter().any(|gap| gap.kind == GapKind::DataEvents);
    let total = total_out(&answer.story.volumes);
    match total {
        Some(total) if total.is_bound => KeyNumber {
            label,
            value: format!("≤ {}", bytes(total.bytes)),
            note: "an upper bound, from flow logs".into(),
            tone: Tone::Tainted,
        },
        Some(total) => KeyNumber {
            label,
            value: format!("{}{}", if blind { "≥ " } else { "" }, bytes(total.bytes)),
            note: format!(
                "{} from {}{}",
                counted(total.objects, "object"),
                counted(total.resources, "resource"),
                if blind { "; part of it unlogged" } else { "" }
            ),
            tone: Tone::Tainted,
        },
        None if blind => KeyNumber {
            label,
            value: "unknown".into(),
            note: "data events are off: no log could show it".into(),
            tone: Tone::Warning,
        },
        None => KeyNumber {
            label,
            value: "none seen".into(),
            note: "in the logs that were read".into(),
            tone: Tone::Plain,
        },
    }
}

/// What left, over all resources.
pub(crate) struct Total {
    pub(crate) bytes: u64,
    pub(crate) objects: u64,
    pub(crate) resources: u64,
    /// Only flow logs say so.
    pub(crate) is_bound: bool,
}

/// The sum over resources and prefixes; where two logs tell of the same one, the larger counts, not both.
pub(crate) fn total_out(volumes: &[Volume]) -> Option<Total> {
    let is_bound = |volume: &Volume| volume.basis == "vpc-flow-log";
    let only_bounds = volumes.iter().all(is_bound);
    let mut places: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for volume in volumes.iter().filter(|volume| only_bounds || !is_bound(volume)) {
        let place = places.entry((&volume.resource, &volume.prefix)).or_default();
        *place = (place.0.max(volume.bytes), place.1.max(volume.objects));
    }
    let resources: BTreeSet<_> = places.keys().map(|(resource, _)| *resource).collect();
    (!places.is_empty()).then(|| Total {
        bytes: places.values().map(|place| place.0).fold(0, u64::saturating_add),
        objects: places.values().map(|place| place.1).fold(0, u64::saturating_add),
        resources: resources.len() as u64,
        is_bound: only_bounds,
    })
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

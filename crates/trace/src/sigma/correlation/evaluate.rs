//! From sorted steps to hits, correlation by correlation.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use foldhash::fast::RandomState;

use super::count::{counted, temporal};
use super::ordered::ordered;
use super::plan::{Leaf, Node, Origin, Source};
use super::steps::{CorrelationHit, Participant, Sorted};
use crate::sigma::parse::CorrelationKind;
use crate::sigma::rule::RuleIndex;
use crate::sigma::ruleset::RuleSet;

/// The occurrences of each group.
type Groups = HashMap<Vec<u32>, Vec<Occurrence>, RandomState>;

/// The group and the counted values of an event, as an outer correlation sees them.
type Row = (Vec<u32>, Box<[Option<u32>]>);

/// A match of a source, within one group of one correlation.
#[derive(Clone, Debug)]
pub(super) struct Occurrence {
    pub(super) time: i64,
    /// What tells it from others: the event, or the inner hit.
    pub(super) identity: u64,
    /// The place of its source.
    pub(super) source: usize,
    pub(super) values: Box<[Option<u32>]>,
    behind: Behind,
}

/// What an occurrence rests on.
#[derive(Clone, Copy, Debug)]
enum Behind {
    Step(usize),
    Window(usize),
}

/// A part of a group that satisfies the condition.
#[derive(Clone, Debug)]
pub(super) enum Evidence {
    /// Occurrences `from..=to` of the group.
    Range { from: usize, to: usize },
    /// Certain occurrences.
    These(Vec<usize>),
}

/// What a correlation has found.
#[derive(Debug, Default)]
struct Found {
    streams: Vec<Stream>,
    windows: Vec<Window>,
}

/// The occurrences of one group, sorted.
#[derive(Debug)]
struct Stream {
    group: Vec<String>,
    occurrences: Vec<Occurrence>,
}

#[derive(Clone, Debug)]
struct Window {
    stream: usize,
    start: i64,
    end: i64,
    evidence: Evidence,
}

/// Of one inner window, how many occurrences are looked at for the groups of the outer correlation.
const MAX_INNER: usize = 1_024;
/// How many matches behind one hit are counted.
const MAX_BEHIND: usize = 1_000_000;

pub(super) fn evaluate(rules: &RuleSet, steps: &Sorted<'_>) -> Vec<CorrelationHit> {
    let fresh = without_repeats(steps);
    let mut work = Work { rules, steps, fresh, found: Vec::new() };
    let inner = |source: &Source| match source.origin {
        Origin::Correlation(inner) => Some(inner),
        Origin::Detection(_) => None,
    };
    let referred: HashSet<usize> =
        rules.plan.nodes.iter().flat_map(|node| node.sources.iter().filter_map(inner)).collect();
    let mut hits = Vec::new();
    for (place, node) in rules.plan.nodes.iter().enumerate() {
        let found = work.node(node);
        work.found.push(found);
        if rules.rule(node.rule).standalone {
            work.hits(node, place, &mut hits);
        }
        if !referred.contains(&place) {
            work.found[place] = Found::default();
        }
    }
    hits.sort_by(|a, b| (a.rule, &a.group, a.from_micros).cmp(&(b.rule, &b.group, b.from_micros)));
    hits
}

/// By rule, the places of the steps that are not the same match of the same event delivered again.
fn without_repeats(steps: &Sorted<'_>) -> HashMap<u32, Vec<usize>, RandomState> {
    let mut by_rule: HashMap<u32, Vec<usize>, RandomState> = HashMap::default();
    for (place, step) in (0..).zip(&steps.all) {
        by_rule.entry(step.rule).or_default().push(place);
    }
    for places in by_rule.values_mut() {
        let mut seen: HashSet<(u64, &[Option<u32>]), RandomState> = HashSet::default();
        places.retain(|place| {
            let step = &steps.all[*place];
            seen.insert((step.event, steps.values(step)))
        });
    }
    by_rule
}

struct Work<'s> {
    rules: &'s RuleSet,
    steps: &'s Sorted<'s>,
    /// The steps that count, by rule.
    fresh: HashMap<u32, Vec<usize>, RandomState>,
    found: Vec<Found>,
}

impl Work<'_> {
    fn node(&self, node: &Node) -> Found {
        let mut groups = Groups::default();
        for (place, source) in node.sources.iter().enumerate() {
            match source.origin {
                Origin::Detection(rule) => self.take_steps(node, place, rule, &mut groups),
                Origin::Correlation(inner) => self.take_windows(node, place, inner, &mut groups),
            }
        }
        let mut named: Vec<(Vec<String>, Vec<Occurrence>)> = groups
            .into_iter()
            .map(|(group, occurrences)| {
                (group.iter().map(|number| self.steps.text(*number).to_owned()).collect(), occurrences)
            })
            .collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        let mut found = Found::default();
        for (group, mut occurrences) in named {
            // Stable: what the sources gave in order of time and key stays so.
            occurrences.sort_by_key(|occurrence| occurrence.time);
            let windows = self.windows(node, &mut occurrences);
            // Most groups of a busy log come to nothing, and are not kept.
            if windows.is_empty() {
                continue;
            }
            let stream = found.streams.len();
            found.windows.extend(windows.into_iter().map(|evidence| window(stream, &occurrences, evidence)));
            found.streams.push(Stream { group, occurrences });
        }
        found
    }

    fn windows(&self, node: &Node, occurrences: &mut Vec<Occurrence>) -> Vec<Evidence> {
        match node.kind {
            CorrelationKind::Temporal => temporal(node, occurrences),
            CorrelationKind::TemporalOrdered => ordered(node, occurrences),
            _ => {
                // Of one source nothing comes twice, and most correlations count one.
                if node.sources.len() > 1 {
                    let mut seen = HashSet::<_, RandomState>::default();
                    occurrences.retain(|one| seen.insert((one.identity, one.values.clone())));
                }
                counted(node, occurrences, |number| self.steps.text(number))
            }
        }
    }

    fn take_steps(&self, node: &Node, source: usize, rule: RuleIndex, groups: &mut Groups) {
        let leaf = &node.leaves[node.sources[source].first_leaf];
        let mut seen = HashSet::<_, RandomState>::default();
        for place in self.fresh.get(&rule.0).into_iter().flatten() {
            let step = &self.steps.all[*place];
            let row = self.steps.values(step);
            let Some(group) = columns(row, &leaf.group) else { continue };
            if seen.insert(AsSeen { event: step.event, row, leaf }) {
                groups.entry(group).or_default().push(Occurrence {
                    time: step.time,
                    identity: step.event,
                    source,
                    values: pick(row, &leaf.value),
                    behind: Behind::Step(*place),
                });
            }
        }
    }

    fn take_windows(&self, node: &Node, source: usize, inner: usize, groups: &mut Groups) {
        let temporal = matches!(node.kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
        let found = &self.found[inner];
        let mut last: Option<(usize, i64)> = None;
        for (place, window) in found.windows.iter().enumerate() {
            // Counted are hits; in time every window that satisfies the inner condition has its place.
            let continues = last.is_some_and(|(stream, end)| stream == window.stream && window.start <= end);
            last = Some((window.stream, window.end));
            if continues && !temporal {
                continue;
            }
            for (group, values) in self.rows(node, source, inner, place) {
                groups.entry(group).or_default().push(Occurrence {
                    time: window.end,
                    identity: place as u64,
                    source,
                    values,
                    behind: Behind::Window(place),
                });
            }
        }
    }

    /// The distinct groups and values, as the outer correlation sees them, of the events behind a window.
    fn rows(&self, node: &Node, source: usize, inner: usize, window: usize) -> BTreeSet<Row> {
        let mut behind = Vec::new();
        self.gather(inner, &self.found[inner].windows[window], 0, &mut behind, MAX_INNER);
        let mut rows = BTreeSet::new();
        for (leaf, step) in behind {
            let leaf = &node.leaves[node.sources[source].first_leaf + leaf];
            let row = self.steps.values(&self.steps.all[step]);
            rows.extend(columns(row, &leaf.group).map(|group| (group, pick(row, &leaf.value))));
        }
        rows
    }

    /// The steps behind a window, newest first, with the leaves by which they came; at most `most`.
    fn gather(
        &self,
        node: usize,
        window: &Window,
        first_leaf: usize,
        out: &mut Vec<(usize, usize)>,
        most: usize,
    ) {
        let stream = &self.found[node].streams[window.stream];
        for at in window.evidence.places().rev() {
            if out.len() >= most {
                return;
            }
            let occurrence = &stream.occurrences[at];
            let source = &self.rules.plan.nodes[node].sources[occurrence.source];
            let leaf = first_leaf + source.first_leaf;
            match (occurrence.behind, source.origin) {
                (Behind::Step(step), _) => out.push((leaf, step)),
                (Behind::Window(inner), Origin::Correlation(node)) => {
                    self.gather(node, &self.found[node].windows[inner], leaf, out, most);
                }
                (Behind::Window(_), Origin::Detection(_)) => {}
            }
        }
    }

    /// Windows of one group that overlap are one hit.
    fn hits(&self, node: &Node, place: usize, hits: &mut Vec<CorrelationHit>) {
        let mut joined: Option<Window> = None;
        for window in &self.found[place].windows {
            match &mut joined {
                Some(last) if last.stream == window.stream && window.start <= last.end => last.join(window),
                _ => {
                    let done = joined.replace(window.clone());
                    hits.extend(done.map(|done| self.hit(node, place, &done)));
                }
            }
        }
        hits.extend(joined.map(|done| self.hit(node, place, &done)));
    }

    fn hit(&self, node: &Node, place: usize, window: &Window) -> CorrelationHit {
        let mut behind = Vec::new();
        self.gather(place, window, 0, &mut behind, MAX_BEHIND);
        let steps: BTreeSet<usize> = behind.into_iter().map(|(_, step)| step).collect();
        let steps = || steps.iter().map(|step| &self.steps.all[*step]);
        let events: HashSet<u64, RandomState> = steps().map(|step| step.event).collect();
        let participants = steps().map(|step| Participant {
            time_micros: step.time,
            key: step.key,
            rule: RuleIndex(step.rule),
        });
        let values = &self.found[place].streams[window.stream].group;
        CorrelationHit {
            rule: node.rule,
            group: node.group_names.iter().cloned().zip(values.iter().cloned()).collect(),
            from_micros: steps().map(|step| step.time).min().unwrap_or(window.start),
            to_micros: window.end,
            events: events.len() as u64,
            sample: participants.take(CorrelationHit::MAX_SAMPLE).collect(),
        }
    }
}

impl Evidence {
    fn places(&self) -> Box<dyn DoubleEndedIterator<Item = usize> + '_> {
        match self {
            Self::Range { from, to } => Box::new(*from..=*to),
            Self::These(places) => Box::new(places.iter().copied()),
        }
    }
}

impl Window {
    fn join(&mut self, other: &Self) {
        self.end = self.end.max(other.end);
        self.start = self.start.min(other.start);
        self.evidence = match (&self.evidence, &other.evidence) {
            (Evidence::Range { from, to }, Evidence::Range { from: first, to: last }) => {
                Evidence::Range { from: *from.min(first), to: *to.max(last) }
            }
            (one, two) => {
                let all: BTreeSet<usize> = one.places().chain(two.places()).collect();
                Evidence::These(all.into_iter().collect())
            }
        };
    }
}

fn window(stream: usize, occurrences: &[Occurrence], evidence: Evidence) -> Window {
    let times = || evidence.places().filter_map(|at| occurrences.get(at)).map(|occurrence| occurrence.time);
    let (start, end) = (times().next().unwrap_or(0), times().next_back().unwrap_or(0));
    Window { stream, start, end, evidence }
}

/// A match as one leaf sees it: its event, and of its row the columns that count. It borrows what it compares, since
/// there is one for every match of a rule.
struct AsSeen<'s> {
    event: u64,
    row: &'s [Option<u32>],
    leaf: &'s Leaf,
}

impl AsSeen<'_> {
    fn columns(&self) -> impl Iterator<Item = Option<u32>> {
        let columns = self.leaf.group.iter().chain(&self.leaf.value);
        columns.map(|column| self.row.get(*column).copied().flatten())
    }
}

/// Only what one leaf sees is compared.
impl PartialEq for AsSeen<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.event == other.event && self.columns().eq(other.columns())
    }
}

impl Eq for AsSeen<'_> {}

impl Hash for AsSeen<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.event.hash(state);
        for value in self.columns() {
            value.hash(state);
        }
    }
}

/// The values of the columns, if the row has them all.
pub(super) fn columns(row: &[Option<u32>], columns: &[usize]) -> Option<Vec<u32>> {
    columns.iter().map(|column| row.get(*column).copied().flatten()).collect()
}

fn pick(row: &[Option<u32>], columns: &[usize]) -> Box<[Option<u32>]> {
    columns.iter().map(|column| row.get(*column).copied().flatten()).collect()
}

//! Correlations that count in a sliding window.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::evaluate::{Evidence, Occurrence};
use super::plan::Node;
use crate::sigma::parse::{Bound, CorrelationKind};

/// The windows of one group in which the count, or the aggregate, satisfies the condition.
pub(super) fn counted<'t>(
    node: &Node,
    occurrences: &[Occurrence],
    text: impl Fn(u32) -> &'t str,
) -> Vec<Evidence> {
    let mut measure = Measure::new(node, occurrences, text);
    slide(occurrences, node.timespan, &mut measure, |measure| {
        measure.result().is_some_and(|number| node.bounds.iter().all(|bound| satisfies(*bound, number)))
    })
}

/// The windows of one group in which enough of the sources, or the right ones, are met.
pub(super) fn temporal(node: &Node, occurrences: &[Occurrence]) -> Vec<Evidence> {
    let mut met = Met { counts: vec![0; node.sources.len()], distinct: 0 };
    let Some(condition) = &node.extended else {
        return slide(occurrences, node.timespan, &mut met, |met| {
            if node.bounds.is_empty() {
                return met.distinct == node.sources.len();
            }
            node.bounds.iter().all(|bound| satisfies(*bound, met.distinct as f64))
        });
    };
    let mut negates = false;
    condition.each_not(&mut || negates = true);
    let holds =
        |met: &Met| condition.holds(&mut |source| met.counts.get(*source).is_some_and(|count| *count > 0));
    if negates {
        return slide_forward(occurrences, node.timespan, &mut met, holds);
    }
    slide(occurrences, node.timespan, &mut met, holds)
}

/// What a window adds up to.
trait Tally {
    fn enter(&mut self, at: usize, occurrence: &Occurrence);
    fn leave(&mut self, at: usize, occurrence: &Occurrence);
}

/// Looks, for each distinct time, at the window that ends with it.
fn slide<T: Tally>(
    occurrences: &[Occurrence],
    span: i64,
    tally: &mut T,
    holds: impl Fn(&T) -> bool,
) -> Vec<Evidence> {
    let mut windows = Vec::new();
    let mut from = 0;
    for (to, occurrence) in occurrences.iter().enumerate() {
        tally.enter(to, occurrence);
        while occurrence.time.saturating_sub(occurrences[from].time) > span {
            tally.leave(from, &occurrences[from]);
            from += 1;
        }
        let is_last_of_its_time = occurrences.get(to + 1).is_none_or(|next| next.time != occurrence.time);
        if is_last_of_its_time && holds(tally) {
            windows.push(Evidence::Range { from, to });
        }
    }
    windows
}

/// Looks, for each distinct time, at the window that begins with it.
fn slide_forward<T: Tally>(
    occurrences: &[Occurrence],
    span: i64,
    tally: &mut T,
    holds: impl Fn(&T) -> bool,
) -> Vec<Evidence> {
    let mut windows = Vec::new();
    let mut beyond = 0;
    for (from, occurrence) in occurrences.iter().enumerate() {
        while let Some(next) = occurrences.get(beyond)
            && next.time.saturating_sub(occurrence.time) <= span
        {
            tally.enter(beyond, next);
            beyond += 1;
        }
        let is_first_of_its_time = from == 0 || occurrences[from - 1].time != occurrence.time;
        if is_first_of_its_time && holds(tally) {
            windows.push(Evidence::Range { from, to: beyond - 1 });
        }
        tally.leave(from, occurrence);
    }
    windows
}

/// What lies nearer than this is equal; sums are exact to a millionth, averages and percentiles are not.
const NEAR: f64 = 1e-9;

/// Whether a number keeps to a bound.
pub(super) fn satisfies((bound, than): (Bound, f64), number: f64) -> bool {
    match bound {
        Bound::Less => number < than,
        Bound::LessOrEqual => number <= than,
        Bound::Greater => number > than,
        Bound::GreaterOrEqual => number >= than,
        Bound::Equal => (number - than).abs() < NEAR,
        Bound::NotEqual => (number - than).abs() >= NEAR,
    }
}

/// Which sources are met in the window, and how often.
struct Met {
    counts: Vec<usize>,
    distinct: usize,
}

impl Tally for Met {
    fn enter(&mut self, _: usize, occurrence: &Occurrence) {
        self.counts[occurrence.source] += 1;
        self.distinct += usize::from(self.counts[occurrence.source] == 1);
    }

    fn leave(&mut self, _: usize, occurrence: &Occurrence) {
        self.counts[occurrence.source] -= 1;
        self.distinct -= usize::from(self.counts[occurrence.source] == 0);
    }
}

/// The count or aggregate of the window.
struct Measure<'o> {
    kind: CorrelationKind,
    percentile: f64,
    events: HashMap<u64, usize, RandomState>,
    values: HashMap<&'o [Option<u32>], usize, RandomState>,
    numbers: Numbers,
    by_place: &'o [Occurrence],
}

impl<'o> Measure<'o> {
    fn new<'t>(node: &Node, occurrences: &'o [Occurrence], text: impl Fn(u32) -> &'t str) -> Self {
        let is_numeric = !matches!(node.kind, CorrelationKind::EventCount | CorrelationKind::ValueCount);
        let number = |occurrence: &Occurrence| {
            let value = occurrence.values.first().copied().flatten().filter(|_| is_numeric)?;
            text(value).trim().parse::<f64>().ok().filter(|number| number.is_finite())
        };
        Self {
            kind: node.kind,
            percentile: node.percentile / 100.0,
            events: HashMap::default(),
            values: HashMap::default(),
            numbers: Numbers::new(&occurrences.iter().map(number).collect::<Vec<_>>()),
            by_place: occurrences,
        }
    }

    /// `None` where nothing in the window has a number.
    fn result(&self) -> Option<f64> {
        match self.kind {
            CorrelationKind::ValueCount => Some(self.values.len() as f64),
            CorrelationKind::ValueSum => (self.numbers.count > 0).then(|| self.numbers.sum()),
            CorrelationKind::ValueAvg => {
                (self.numbers.count > 0).then(|| self.numbers.sum() / self.numbers.count as f64)
            }
            CorrelationKind::ValuePercentile | CorrelationKind::ValueMedian => {
                self.numbers.percentile(self.percentile)
            }
            _ => Some(self.events.len() as f64),
        }
    }
}

impl Tally for Measure<'_> {
    fn enter(&mut self, at: usize, occurrence: &Occurrence) {
        *self.events.entry(occurrence.identity).or_default() += 1;
        let values = &*self.by_place[at].values;
        if !values.is_empty() && values.iter().all(Option::is_some) {
            *self.values.entry(values).or_default() += 1;
        }
        self.numbers.change(at, 1);
    }

    fn leave(&mut self, at: usize, occurrence: &Occurrence) {
        if let Some(count) = self.events.get_mut(&occurrence.identity) {
            *count -= 1;
            if *count == 0 {
                self.events.remove(&occurrence.identity);
            }
        }
        let values = &*self.by_place[at].values;
        if let Some(count) = self.values.get_mut(values) {
            *count -= 1;
            if *count == 0 {
                self.values.remove(values);
            }
        }
        self.numbers.change(at, -1);
    }
}

/// The numbers of a window: their sum, exact to a millionth, and their order (a Fenwick tree over ranks).
struct Numbers {
    sorted: Vec<f64>,
    /// By place of the occurrence: the rank of its number, from 1; 0 where it has none.
    rank: Vec<usize>,
    tree: Vec<i64>,
    count: usize,
    millionths: i128,
}

impl Numbers {
    fn new(numbers: &[Option<f64>]) -> Self {
        let mut sorted: Vec<f64> = numbers.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        let rank_of = |number: f64| sorted.partition_point(|other| other.total_cmp(&number).is_lt()) + 1;
        let rank = numbers.iter().map(|number| number.map_or(0, rank_of)).collect();
        Self { tree: vec![0; sorted.len() + 1], rank, sorted, count: 0, millionths: 0 }
    }

    fn change(&mut self, at: usize, by: i64) {
        let rank = self.rank[at];
        if rank == 0 {
            return;
        }
        self.count = self.count.saturating_add_signed(if by > 0 { 1 } else { -1 });
        #[allow(clippy::cast_possible_truncation, reason = "a cast to an integer saturates")]
        let millionths = (self.sorted[rank - 1] * 1e6).round() as i128;
        let change = millionths.saturating_mul(i128::from(by));
        self.millionths = self.millionths.saturating_add(change);
        let mut node = rank;
        while node < self.tree.len() {
            self.tree[node] += by;
            node += node & node.wrapping_neg();
        }
    }

    fn sum(&self) -> f64 {
        self.millionths as f64 / 1e6
    }

    /// Between the two nearest ranks, linearly.
    fn percentile(&self, share: f64) -> Option<f64> {
        let last = self.count.checked_sub(1)?;
        let place = share * last as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the count")]
        let below = place.floor() as usize;
        let low = self.nth(below);
        let high = self.nth((below + 1).min(last));
        Some(low + (high - low) * (place - below as f64))
    }

    /// The number at a place of the window's order, from 0.
    fn nth(&self, place: usize) -> f64 {
        let mut left = i64::try_from(place).unwrap_or(i64::MAX);
        let mut at = 0;
        let mut width = self.tree.len().next_power_of_two();
        while width > 0 {
            if let Some(count) = self.tree.get(at + width)
                && *count <= left
                && at + width < self.tree.len()
            {
                at += width;
                left -= count;
            }
            width /= 2;
        }
        self.sorted.get(at).copied().unwrap_or(0.0)
    }
}

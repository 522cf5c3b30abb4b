//! The matches that correlations rest on, as they are collected and merged.

use std::collections::HashMap;
use std::ops::ControlFlow;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::candidates::candidates;
use super::evaluate::evaluate;
use super::rows::Rows;
use crate::packed::{Mark, Marks};
use crate::sigma::field::{FieldPath, Fields, Value};
use crate::sigma::rule::RuleIndex;
use crate::sigma::ruleset::RuleSet;

/// Which event a match is of, and when it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The event's time, in microseconds since 1970.
    pub time_micros: i64,
    /// The caller's name for the event, for citation; it also orders events of the same time.
    pub key: u64,
    /// A hash of the event's own identity; what has the same is the same event delivered again.
    pub event: u64,
}

/// Matches of rules that correlations refer to: a partial answer, to be merged in any order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Steps {
    strings: Vec<Box<str>>,
    #[serde(skip)]
    numbers: HashMap<Box<str>, u32, RandomState>,
    rows: Rows,
    /// Every match, with the number of its row.
    marks: Marks,
}

/// One match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) time: i64,
    pub(super) key: u64,
    pub(super) event: u64,
    pub(super) rule: u32,
    row: u32,
}

/// The matches that correlations may rest on, by time.
#[derive(Debug)]
pub(super) struct Sorted<'s> {
    steps: &'s Steps,
    pub(super) all: Vec<Step>,
}

/// A correlation that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrelationHit {
    /// The correlation rule.
    pub rule: RuleIndex,
    /// The grouped fields with their values, in the order of the rule.
    pub group: Vec<(String, String)>,
    /// The time of the first event, in microseconds since 1970.
    pub from_micros: i64,
    /// The time of the last event.
    pub to_micros: i64,
    /// How many events take part.
    pub events: u64,
    /// The first of them in order of time, at most [`CorrelationHit::MAX_SAMPLE`].
    pub sample: Vec<Participant>,
}

impl CorrelationHit {
    /// How many participants a hit names.
    pub const MAX_SAMPLE: usize = 100;
}

/// An event that takes part in a correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Participant {
    /// The event's time, in microseconds since 1970.
    pub time_micros: i64,
    /// The caller's name for the event.
    pub key: u64,
    /// The detection rule it matched.
    pub rule: RuleIndex,
}

/// Of a field with several values, how many count.
const MAX_VALUES: usize = 16;
/// How many steps one match may become where several fields have several values.
const MAX_STEPS: usize = 64;

impl Steps {
    /// Takes note of a match, if any correlation refers to the rule.
    pub fn record<F: Fields + ?Sized>(
        &mut self,
        rules: &RuleSet,
        rule: RuleIndex,
        moment: Moment,
        event: &F,
    ) {
        let Some(columns) = rules.plan.columns.get(&rule) else { return };
        // Nearly always every field has one value, or none, and the match is one step.
        let mut row = Vec::with_capacity(columns.len());
        let mut several: Vec<(usize, Vec<Option<u32>>)> = Vec::new();
        for (column, path) in columns.iter().enumerate() {
            let (value, more) = self.see(path, event);
            row.push(value);
            if !more.is_empty() {
                several.push((column, more));
            }
        }
        let mut rows = vec![row];
        for (column, more) in several {
            for at in 0..rows.len() {
                for &value in &more {
                    if rows.len() >= MAX_STEPS {
                        break;
                    }
                    let mut copy = rows[at].clone();
                    copy[column] = value;
                    rows.push(copy);
                }
            }
        }
        for row in rows {
            let row = self.rows.number(rule.0, &row, 1);
            let Moment { time_micros: time, key, event } = moment;
            self.marks.push(Mark { time, key, event, numbers: [row, 0] });
        }
    }

    /// Joins what another thread has collected with the same rules.
    pub fn merge(&mut self, mut other: Self) {
        if self.len() < other.len() {
            std::mem::swap(self, &mut other);
        }
        let numbers: Vec<u32> = other.strings.iter().map(|text| self.number(text)).collect();
        let number = |value: &Option<u32>| value.and_then(|number| numbers.get(number as usize).copied());
        let mut rows = Vec::with_capacity(other.rows.len());
        for (theirs, row) in other.rows.iter() {
            let values: Vec<Option<u32>> = other.rows.values(theirs).iter().map(number).collect();
            let matches = u32::try_from(other.rows.count(theirs)).unwrap_or(u32::MAX);
            rows.push(self.rows.number(row.rule, &values, matches));
        }
        for mark in other.marks.iter() {
            let Some(&row) = rows.get(mark.numbers[0] as usize) else { continue };
            self.marks.push(Mark { numbers: [row, 0], ..mark });
        }
    }

    /// How many matches are held.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether no match is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The correlations that hold, those only that are detections of their own; by rule, group and time.
    pub fn finish(self, rules: &RuleSet) -> Vec<CorrelationHit> {
        evaluate(rules, &self.sorted(&candidates(&rules.plan, &self.rows)))
    }

    /// The matches that have these rows.
    fn sorted(&self, wanted: &[bool]) -> Sorted<'_> {
        let is_wanted = |mark: &Mark| wanted.get(mark.numbers[0] as usize).is_some_and(|wanted| *wanted);
        let mut all: Vec<Step> = self
            .marks
            .iter()
            .filter(is_wanted)
            .filter_map(|Mark { time, key, event, numbers: [row, _] }| {
                Some(Step { time, key, event, rule: self.rows.rule(row)?, row })
            })
            .collect();
        let rank = self.ranks();
        let rank_of = |value: &Option<u32>| value.and_then(|number| rank.get(number as usize).copied());
        all.sort_unstable_by(|a, b| {
            let values = |step: &Step| self.rows.values(step.row).iter().map(rank_of);
            (a.time, a.key, a.event, a.rule)
                .cmp(&(b.time, b.key, b.event, b.rule))
                .then_with(|| values(a).cmp(values(b)))
        });
        Sorted { steps: self, all }
    }

    /// The place of each string in their order, since their numbers depend on who met them first.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(self.strings.len()).collect();
        order.sort_by(|a, b| self.strings[*a as usize].cmp(&self.strings[*b as usize]));
        let mut rank = vec![0; order.len()];
        for (place, number) in (0..).zip(order) {
            rank[number as usize] = place;
        }
        rank
    }

    /// The first value of a field, and its further ones.
    fn see<F: Fields + ?Sized>(&mut self, path: &FieldPath, event: &F) -> (Option<u32>, Vec<Option<u32>>) {
        let mut first = None;
        let mut more = Vec::new();
        event.visit(path, &mut |value| {
            let text = match value {
                Value::Null => return ControlFlow::Continue(()),
                Value::Bool(truth) => {
                    if truth {
                        "true"
                    } else {
                        "false"
                    }
                }
                Value::Number(text) | Value::Text(text) | Value::Composite(text) => text,
            };
            let number = Some(self.number(text));
            if first.is_none() {
                first = number;
            } else if first != number && !more.contains(&number) {
                more.push(number);
            }
            if more.len() + 1 < MAX_VALUES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        (first, more)
    }

    fn number(&mut self, text: &str) -> u32 {
        if self.numbers.len() != self.strings.len() {
            self.numbers = (0..).zip(&self.strings).map(|(number, text)| (text.clone(), number)).collect();
        }
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.strings.len()).unwrap_or(u32::MAX);
        self.strings.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }
}

impl<'s> Sorted<'s> {
    /// The values of a step, by column.
    pub(super) fn values(&self, step: &Step) -> &'s [Option<u32>] {
        self.steps.rows.values(step.row)
    }

    pub(super) fn text(&self, number: u32) -> &'s str {
        self.steps.strings.get(number as usize).map_or("", |text| text)
    }
}

//! The matches that correlations rest on, as they are collected and merged.

use std::collections::HashMap;
use std::ops::ControlFlow;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::evaluate::evaluate;
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
    pub(super) all: Vec<Step>,
}

/// One match, with the values of the fields that correlations ask of its rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) time: i64,
    pub(super) key: u64,
    pub(super) event: u64,
    pub(super) rule: u32,
    pub(super) values: Box<[Option<u32>]>,
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
        let mut rows: Vec<Vec<Option<u32>>> = vec![Vec::with_capacity(columns.len())];
        for path in columns {
            let mut values = self.values(path, event);
            if values.is_empty() {
                values.push(None);
            }
            let longer =
                |row: &Vec<Option<u32>>, value: Option<u32>| row.iter().copied().chain([value]).collect();
            rows = rows.iter().flat_map(|row| values.iter().map(move |value| longer(row, *value))).collect();
            rows.truncate(MAX_STEPS);
        }
        self.all.extend(rows.into_iter().map(|row| Step {
            time: moment.time_micros,
            key: moment.key,
            event: moment.event,
            rule: rule.0,
            values: row.into(),
        }));
    }

    /// Joins what another thread has collected with the same rules.
    pub fn merge(&mut self, other: Self) {
        if self.all.is_empty() {
            *self = other;
            return;
        }
        let numbers: Vec<u32> = other.strings.iter().map(|text| self.number(text)).collect();
        self.all.extend(other.all.into_iter().map(|mut step| {
            for value in &mut step.values {
                *value = value.and_then(|number| numbers.get(number as usize).copied());
            }
            step
        }));
    }

    /// How many matches are held.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether no match is held.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The correlations that hold, those only that are detections of their own; by rule, group and time.
    pub fn finish(mut self, rules: &RuleSet) -> Vec<CorrelationHit> {
        self.sort();
        evaluate(rules, &self)
    }

    pub(super) fn text(&self, number: u32) -> &str {
        self.strings.get(number as usize).map_or("", |text| text)
    }

    fn sort(&mut self) {
        let rank = self.ranks();
        let rank_of = |value: &Option<u32>| value.and_then(|number| rank.get(number as usize).copied());
        self.all.sort_by(|a, b| {
            (a.time, a.key, a.event, a.rule)
                .cmp(&(b.time, b.key, b.event, b.rule))
                .then_with(|| a.values.iter().map(rank_of).cmp(b.values.iter().map(rank_of)))
        });
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

    fn values<F: Fields + ?Sized>(&mut self, path: &FieldPath, event: &F) -> Vec<Option<u32>> {
        let mut out = Vec::new();
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
            if !out.contains(&number) {
                out.push(number);
            }
            if out.len() < MAX_VALUES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        out
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

//! The first pass: everything that must be known of all events before a story can be told.

use std::sync::Arc;

use crate::engine::births::BirthsFold;
use crate::engine::gaps::Covered;
use crate::engine::habits::Habits;
use crate::engine::hits::{Hits, event_number};
use crate::engine::lineage::SightingsFold;
use crate::event::Event;
use crate::place::Place;
use crate::read::Sink;
use crate::sigma::{Matcher, Moment, RuleSet, Steps};

/// One worker's fold over the events that it read.
#[derive(Debug)]
pub struct Survey {
    matcher: Matcher,
    /// What each actor does.
    pub habits: Habits,
    /// What is covered.
    pub covered: Covered,
    /// What the rules matched.
    pub hits: Hits,
    /// The matches that correlations relate.
    pub steps: Steps,
    /// How credentials came about.
    pub births: BirthsFold,
    /// Who was seen where.
    pub sightings: SightingsFold,
    /// Which inputs hold events of which credentials.
    pub traces: Traces,
}

impl Survey {
    /// A survey that has seen nothing.
    pub fn new(rules: &Arc<RuleSet>) -> Self {
        Self {
            matcher: Matcher::new(Arc::clone(rules)),
            habits: Habits::default(),
            covered: Covered::default(),
            hits: Hits::default(),
            steps: Steps::default(),
            births: BirthsFold::default(),
            sightings: SightingsFold::default(),
            traces: Traces::default(),
        }
    }

    /// Both together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.habits = self.habits.merge(other.habits);
        self.covered = self.covered.merge(other.covered);
        self.hits = self.hits.merge(other.hits);
        self.steps.merge(other.steps);
        self.births = self.births.merge(other.births);
        self.sightings = self.sightings.merge(other.sightings);
        self.traces = self.traces.merge(other.traces);
        self
    }
}

impl Sink for Survey {
    fn event(&mut self, event: &Event<'_>, place: Place) {
        self.covered.observe(event);
        self.habits.observe(event, place);
        self.births.observe(event, place);
        self.sightings.observe(event, place);
        self.traces.observe(event.identity.credential(), place.input);
        let (hits, steps, rules) = (&mut self.hits, &mut self.steps, Arc::clone(self.matcher.rules()));
        self.matcher.matches(event, |rule| {
            hits.record(rule, event, place);
            let moment = Moment {
                time_micros: event.time.micros(),
                key: place.number(),
                event: event_number(&event.wire.id),
            };
            steps.record(&rules, rule, moment, event);
        });
    }
}

/// Which inputs hold events of which credentials: a Bloom filter of 64 bytes per input, so that the second pass reads
/// only the inputs that it needs, and memory grows by 64 bytes per file whatever is in it.
///
/// Source: B. H. Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", CACM 13 (7), 1970.
#[derive(Debug, Default)]
pub struct Traces {
    filters: std::collections::HashMap<u32, [u64; 8], foldhash::fast::RandomState>,
    last: Option<(u32, [u64; 8], u64)>,
}

impl Traces {
    /// Takes note that an input holds an event of a credential.
    fn observe(&mut self, credential: &str, input: u32) {
        let number = event_number(credential);
        match &mut self.last {
            Some((last_input, _, last_number)) if *last_input == input && *last_number == number => {}
            Some((last_input, filter, last_number)) if *last_input == input => {
                add(filter, number);
                *last_number = number;
            }
            _ => {
                self.enter_last();
                let mut filter = [0; 8];
                add(&mut filter, number);
                self.last = Some((input, filter, number));
            }
        }
    }

    fn enter_last(&mut self) {
        let Some((input, filter, _)) = self.last.take() else { return };
        let known = self.filters.entry(input).or_default();
        known.iter_mut().zip(filter).for_each(|(known, more)| *known |= more);
    }

    /// Both together.
    #[must_use]
    fn merge(mut self, mut other: Self) -> Self {
        self.enter_last();
        other.enter_last();
        for (input, filter) in other.filters {
            let known = self.filters.entry(input).or_default();
            known.iter_mut().zip(filter).for_each(|(known, more)| *known |= more);
        }
        self
    }

    /// The inputs that may hold events of any of these credentials, in order. None is missed; some may be idle.
    pub fn inputs_with<'c>(&self, credentials: impl IntoIterator<Item = &'c str>) -> Vec<u32> {
        let bits: Vec<[(usize, u64); 2]> =
            credentials.into_iter().map(|credential| bits(event_number(credential))).collect();
        let may_hold = |filter: &[u64; 8]| {
            bits.iter().any(|bits| bits.iter().all(|&(word, bit)| filter[word] & bit != 0))
        };
        let mut inputs: Vec<u32> =
            self.filters.iter().filter(|(_, filter)| may_hold(filter)).map(|(&input, _)| input).collect();
        inputs.extend(self.last.iter().filter(|(_, filter, _)| may_hold(filter)).map(|&(input, ..)| input));
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }
}

fn add(filter: &mut [u64; 8], number: u64) {
    for (word, bit) in bits(number) {
        filter[word] |= bit;
    }
}

fn bits(number: u64) -> [(usize, u64); 2] {
    [number, number >> 32].map(|part| ((part >> 6) as usize & 7, 1 << (part & 63)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_with_a_credential_is_never_missed() {
        let mut left = Traces::default();
        let mut right = Traces::default();
        for number in 0..200_u32 {
            let half = if number % 2 == 0 { &mut left } else { &mut right };
            half.observe(&format!("AKIA{number}"), number / 4);
        }
        let traces = left.merge(right);
        for number in 0..200_u32 {
            let inputs = traces.inputs_with([format!("AKIA{number}").as_str()]);
            assert!(inputs.contains(&(number / 4)));
            assert!(inputs.len() < 10, "a filter that lets everything through is none");
        }
    }
}

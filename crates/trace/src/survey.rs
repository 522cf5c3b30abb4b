//! The first pass: everything that must be known of all events before a story can be told.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::births::BirthsFold;
use crate::engine::births::look::plain;
use crate::engine::draft::Draft;
use crate::engine::gaps::Covered;
use crate::engine::guardduty;
use crate::engine::habits::{Habit, Habits};
use crate::engine::hits::{Hits, event_number};
use crate::engine::leftover::UndoFold;
use crate::engine::lineage::{Sighted, SightingsFold};
use crate::event::Event;
use crate::place::Place;
use crate::read::Sink;
use crate::read::digest::Digest;
use crate::read::guardduty::GuardDutyFinding;
use crate::read::s3_access_log::S3Access;
use crate::read::vpc_flow_log::Flow;
use crate::run::Run;
use crate::shape::PerShape;
use crate::sigma::{Matcher, Moment, RuleIndex, RuleSet, Steps};
use crate::traces::Traces;

/// One worker's fold over the events that it read.
#[derive(Debug)]
pub struct Survey {
    matcher: Matcher,
    /// The rules that match the event in hand.
    found: Vec<RuleIndex>,
    met: PerShape<Met>,
    /// What each actor does.
    pub habits: Habits,
    /// What is covered.
    pub covered: Covered,
    /// What the rules matched.
    pub hits: Hits,
    /// The matches that correlations relate.
    pub steps: Steps,
    /// What was undone.
    pub undone: UndoFold,
    /// What GuardDuty found.
    pub guardduty: Vec<Draft>,
    /// The inputs with flow records.
    pub flow_inputs: BTreeSet<u32>,
    /// The digests.
    pub digests: Vec<(Digest, Place)>,
    /// How credentials came about.
    pub births: BirthsFold,
    /// Who was seen where.
    pub sightings: SightingsFold,
    /// Which inputs hold events of which credentials.
    pub(crate) traces: Traces,
}

/// A shape that was met, with its events that the folds have not been told of.
#[derive(Debug)]
struct Met {
    habit: Option<Habit>,
    sighted: Option<Sighted>,
    run: Run,
}

impl Survey {
    /// A survey that has seen nothing.
    pub fn new(rules: &Arc<RuleSet>) -> Self {
        Self {
            matcher: Matcher::new(Arc::clone(rules)),
            found: Vec::new(),
            met: PerShape::default(),
            habits: Habits::default(),
            covered: Covered::default(),
            hits: Hits::default(),
            steps: Steps::default(),
            undone: UndoFold::default(),
            guardduty: Vec::new(),
            flow_inputs: BTreeSet::new(),
            digests: Vec::new(),
            births: BirthsFold::default(),
            sightings: SightingsFold::default(),
            traces: Traces::default(),
        }
    }

    /// Both together.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        self.tell_runs();
        other.tell_runs();
        self.habits = self.habits.merge(other.habits);
        self.covered = self.covered.merge(other.covered);
        self.hits = self.hits.merge(other.hits);
        self.steps.merge(other.steps);
        self.undone = self.undone.merge(other.undone);
        self.guardduty.extend(other.guardduty);
        self.flow_inputs.extend(other.flow_inputs);
        self.digests.extend(other.digests);
        self.births = self.births.merge(other.births);
        self.sightings = self.sightings.merge(other.sightings);
        self.traces = self.traces.merge(other.traces);
        self
    }

    /// All that was seen, once nothing is left to read.
    #[must_use]
    pub(crate) fn finish(mut self) -> Self {
        self.tell_runs();
        self
    }

    /// Takes note of who called what when, event by event or in runs, which comes to the same.
    fn count(&mut self, event: &Event<'_>, place: Place) {
        let shape = event.shape;
        if !self.met.is_of(shape) {
            self.tell_runs();
        }
        if let Some(met) = self.met.get(shape) {
            if !met.run.take(event.time, place) {
                let next = Run::once(event.time, place);
                let run = std::mem::replace(&mut met.run, next);
                tell(&mut self.habits, &mut self.sightings, met, &run);
            }
            return;
        }
        let habit = self.habits.meet(event);
        let sighted = self.sightings.meet(event);
        self.met.insert(shape, Met { habit, sighted, run: Run::once(event.time, place) });
    }

    fn ask_rules(&mut self, event: &Event<'_>, place: Place) {
        self.found.clear();
        self.matcher.matches(event, |rule| self.found.push(rule));
        if self.found.is_empty() {
            return;
        }
        self.hits.record(&self.found, event, place);
        let moment = Moment {
            time_micros: event.time.micros(),
            key: place.number(),
            event: event_number(&event.wire.id),
        };
        for &rule in &self.found {
            self.steps.record(self.matcher.rules(), rule, moment, event);
        }
    }

    fn tell_runs(&mut self) {
        for met in self.met.take() {
            tell(&mut self.habits, &mut self.sightings, &met, &met.run);
        }
    }
}

fn tell(habits: &mut Habits, sightings: &mut SightingsFold, met: &Met, run: &Run) {
    if let Some(habit) = met.habit {
        habits.count(habit, run);
    }
    if let Some(sighted) = &met.sighted {
        sightings.count(sighted, run);
    }
}

impl Sink for Survey {
    fn event(&mut self, event: &Event<'_>, place: Place) {
        self.covered.observe(event);
        self.undone.observe(event, place);
        self.births.observe(event, place);
        self.count(event, place);
        self.traces.observe(event, place.input);
        self.ask_rules(event, place);
    }

    fn object_read(&mut self, access: &S3Access<'_>, place: Place) {
        self.covered.observe_access(access.bucket);
        self.traces.observe_name(event_number(&plain(access.requester)), access.time, place.input);
    }

    fn flow(&mut self, _: &Flow<'_>, place: Place) {
        self.flow_inputs.insert(place.input);
    }

    fn guardduty(&mut self, finding: &GuardDutyFinding, place: Place) {
        self.guardduty.push(guardduty::draft(finding, place));
    }

    fn digest(&mut self, digest: &Digest, place: Place) {
        self.digests.push((digest.clone(), place));
    }
}

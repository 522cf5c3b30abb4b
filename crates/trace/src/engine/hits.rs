//! What the Sigma rules matched, kept small until all of it is known.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use floodmark_case::{Confidence, Node, NodeKind, Severity};
use foldhash::fast::RandomState;
use foldhash::quality::FixedState;

use super::draft::Draft;
use super::habits::acting;
use super::names::{Name, Names};
use super::network;
use super::numbered::Numbered;
use crate::event::Event;
use crate::packed::{Mark, Marks};
use crate::place::Place;
use crate::shape::PerShape;
use crate::sigma::{CorrelationHit, Level, RuleIndex, RuleMeta, RuleSet, Status};
use crate::time::Time;

/// An event that rules matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Matched {
    time: Time,
    place: Place,
    event: u64,
    whose: Whose,
}

/// The fold over all matches: an entry for each matched event, however many rules it matched.
#[derive(Debug, Default)]
pub struct Hits {
    names: Names,
    /// Every matched event, with the numbers of its list of rules and of whose it is.
    marks: Marks,
    lists: Numbered<Arc<[RuleIndex]>>,
    whose: Numbered<Whose>,
    shapes: PerShape<u32>,
}

/// Whose an event is, and whence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Whose {
    actor: Name,
    credential: Name,
    network: Name,
}

/// A number for an event id, the same in every run: trails overlap, and the same event must count once.
pub fn event_number(id: &str) -> u64 {
    FixedState::with_seed(0x666c_6f6f_646d_6172).hash_one(id)
}

impl Hits {
    /// Takes note that rules matched an event.
    pub fn record(&mut self, rules: &[RuleIndex], event: &Event<'_>, place: Place) {
        let names = &mut self.names;
        let whose = &mut self.whose;
        let whose = *self.shapes.get_or(event.shape, || {
            let new = Whose {
                actor: names.number(acting(&event.identity)),
                credential: names.number(event.identity.credential()),
                network: names.number(&network::network(&event.wire.address)),
            };
            whose.number(&new, |whose| *whose)
        });
        self.marks.push(Mark {
            time: event.time.micros(),
            key: place.number(),
            event: event_number(&event.wire.id),
            numbers: [self.lists.number(rules, |rules| rules.into()), whose],
        });
    }

    /// Adds what was matched elsewhere.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        if self.marks.len() < other.marks.len() {
            std::mem::swap(&mut self, &mut other);
        }
        let to = self.names.absorb(&other.names);
        let lists: Vec<u32> =
            other.lists.iter().map(|rules| self.lists.number(&**rules, |rules| rules.into())).collect();
        let translated = |whose: &Whose| Whose {
            actor: to.name(whose.actor),
            credential: to.name(whose.credential),
            network: to.name(whose.network),
        };
        let whose: Vec<u32> =
            other.whose.iter().map(|whose| self.whose.number(&translated(whose), |whose| *whose)).collect();
        for mark in other.marks.iter() {
            let [rules, of] = mark.numbers.map(|number| number as usize);
            self.marks.push(Mark { numbers: [lists[rules], whose[of]], ..mark });
        }
        self
    }

    /// The matched events, with the rules of each.
    fn matched(&self) -> impl Iterator<Item = (Matched, &[RuleIndex])> {
        self.marks.iter().map(|Mark { time, key, event, numbers: [rules, whose] }| {
            let whose = *self.whose.get(whose);
            let matched =
                Matched { time: Time::from_micros(time), place: Place::from_number(key), event, whose };
            (matched, &**self.lists.get(rules))
        })
    }

    /// A draft for each rule and actor, correlations among them.
    pub fn finish(&self, rules: &RuleSet, correlated: &[CorrelationHit]) -> Vec<Draft> {
        let mut by_rule: BTreeMap<RuleIndex, Vec<Matched>> = BTreeMap::new();
        for (matched, list) in self.matched() {
            for &rule in list.iter().filter(|rule| rules.rule(**rule).standalone) {
                by_rule.entry(rule).or_default().push(matched);
            }
        }
        let mut drafts: Vec<Draft> = by_rule
            .into_iter()
            .flat_map(|(rule, matched)| self.of_rule(&rules.rule(rule).meta, matched))
            .collect();
        drafts.extend(self.correlated(rules, correlated));
        drafts
    }

    /// A draft for each actor.
    fn of_rule(&self, meta: &RuleMeta, mut matched: Vec<Matched>) -> Vec<Draft> {
        matched.sort_unstable_by_key(|matched| (matched.event, matched.time, matched.place));
        // An event without an id has no number of its own and is never the same as another.
        let anonymous = event_number("");
        matched.dedup_by(|a, b| a.event == b.event && a.time == b.time && a.event != anonymous);
        let mut by_actor: BTreeMap<&str, Vec<Matched>> = BTreeMap::new();
        for one in matched {
            by_actor.entry(self.names.text(one.whose.actor)).or_default().push(one);
        }
        by_actor.into_iter().map(|(actor, matched)| self.draft(meta, actor, &matched)).collect()
    }

    /// Correlations of one rule by one actor are one draft, however many windows they fill.
    fn correlated(&self, rules: &RuleSet, correlated: &[CorrelationHit]) -> Vec<Draft> {
        let named: HashSet<u64, RandomState> =
            correlated.iter().flat_map(|one| &one.sample).map(|step| step.key).collect();
        let by_place: HashMap<Place, Matched, RandomState> = self
            .matched()
            .filter(|(matched, _)| named.contains(&matched.place.number()))
            .map(|(matched, _)| (matched.place, matched))
            .collect();
        let mut drafts: BTreeMap<(RuleIndex, &str), Draft> = BTreeMap::new();
        for one in correlated {
            let matched: Vec<Matched> = one
                .sample
                .iter()
                .filter_map(|step| by_place.get(&Place::from_number(step.key)).copied())
                .collect();
            let Some(first) = matched.first() else { continue };
            let actor = self.names.text(first.whose.actor);
            let mut draft = self.draft(&rules.rule(one.rule).meta, actor, &matched);
            // The first step is what is suspicious; later ones may be the owner's, from elsewhere.
            let network = self.names.text(first.whose.network);
            draft.by.retain(|(_, from)| from == network);
            draft.from = Time::from_micros(one.from_micros);
            draft.to = Time::from_micros(one.to_micros);
            draft.count = one.events;
            match drafts.entry((one.rule, actor)) {
                Entry::Vacant(vacant) => {
                    vacant.insert(draft);
                }
                Entry::Occupied(known) => known.into_mut().absorb(draft),
            }
        }
        drafts.into_values().collect()
    }

    fn draft(&self, meta: &RuleMeta, actor: &str, matched: &[Matched]) -> Draft {
        let from = matched.iter().map(|matched| matched.time).min().unwrap_or(Time::MIN);
        let to = matched.iter().map(|matched| matched.time).max().unwrap_or(Time::MAX);
        let whose: HashSet<(Name, Name), RandomState> =
            matched.iter().map(|matched| (matched.whose.credential, matched.whose.network)).collect();
        let text = |name| self.names.text(name).to_owned();
        let mut by: Vec<(String, String)> =
            whose.into_iter().map(|(credential, network)| (text(credential), text(network))).collect();
        by.sort_unstable();
        let mut draft = rule_draft(meta, actor, (from, to));
        draft.count = matched.len() as u64;
        draft.places = matched.iter().map(|matched| matched.place).collect();
        draft.by = by;
        draft
    }
}

/// A draft that says what a rule says of itself.
pub fn rule_draft(meta: &RuleMeta, actor: &str, (from, to): (Time, Time)) -> Draft {
    Draft {
        rule: meta.id.clone().or_else(|| meta.name.clone()).unwrap_or_else(|| meta.title.clone()),
        title: meta.title.clone(),
        explanation: meta
            .description
            .as_deref()
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            .unwrap_or_default(),
        severity: severity(meta.level),
        confidence: match meta.status {
            Some(Status::Stable) => Confidence::High,
            Some(Status::Experimental | Status::Deprecated | Status::Unsupported) => Confidence::Low,
            _ => Confidence::Medium,
        },
        from,
        to,
        subjects: vec![Node::new(NodeKind::Principal, actor)],
        by: Vec::new(),
        techniques: meta.techniques.clone(),
        tactics: meta.tactics.clone(),
        count: 1,
        places: Vec::new(),
        advice: advice(meta),
    }
}

/// What the rule advises; without advice of its own, to ask, with what is known to be innocent.
fn advice(meta: &RuleMeta) -> String {
    let ask = "Ask the owner of the credential whether they made these calls";
    match (&meta.advice, meta.falsepositives.first()) {
        (Some(advice), _) => advice.clone(),
        (None, Some(innocent)) => {
            format!("{ask}; known innocent cause: {}.", innocent.trim().trim_end_matches('.'))
        }
        (None, None) => format!("{ask}."),
    }
}

fn severity(level: Option<Level>) -> Severity {
    match level {
        Some(Level::Informational) => Severity::Informational,
        Some(Level::Low) => Severity::Low,
        // A rule that does not say how bad it is cannot be waved through.
        Some(Level::Medium) | None => Severity::Medium,
        Some(Level::High) => Severity::High,
        Some(Level::Critical) => Severity::Critical,
    }
}

/// The rules that ship with the program, as sources.
pub fn rule_sources() -> Vec<crate::sigma::RuleSource> {
    crate::rules::AWS
        .iter()
        .map(|&(name, text)| crate::sigma::RuleSource::new(Arc::from(name), text))
        .collect()
}

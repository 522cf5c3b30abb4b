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
use crate::event::Event;
use crate::place::Place;
use crate::shape::PerShape;
use crate::sigma::{CorrelationHit, Level, RuleIndex, RuleMeta, RuleSet, Status};
use crate::time::Time;

/// One match: a rule and an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hit {
    rule: RuleIndex,
    actor: Name,
    credential: Name,
    network: Name,
    time: Time,
    place: Place,
    event: u64,
}

/// The fold over all matches.
#[derive(Debug, Default)]
pub struct Hits {
    names: Names,
    hits: Vec<Hit>,
    shapes: PerShape<Whose>,
}

/// Whose an event is, and whence.
#[derive(Debug, Clone, Copy)]
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
    /// Takes note that a rule matched an event.
    pub fn record(&mut self, rule: RuleIndex, event: &Event<'_>, place: Place) {
        let names = &mut self.names;
        let &mut Whose { actor, credential, network } = self.shapes.get_or(event.shape, || Whose {
            actor: names.number(acting(&event.identity)),
            credential: names.number(event.identity.credential()),
            network: names.number(&network::network(&event.wire.address)),
        });
        self.hits.push(Hit {
            rule,
            actor,
            credential,
            network,
            time: event.time,
            place,
            event: event_number(&event.wire.id),
        });
    }

    /// Adds what was matched elsewhere.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let to = self.names.absorb(&other.names);
        self.hits.extend(other.hits.into_iter().map(|hit| Hit {
            actor: to.name(hit.actor),
            credential: to.name(hit.credential),
            network: to.name(hit.network),
            ..hit
        }));
        self
    }

    /// A draft for each rule and actor, correlations among them.
    pub fn finish(&self, rules: &RuleSet, correlated: &[CorrelationHit]) -> Vec<Draft> {
        let mut hits: Vec<&Hit> = self.hits.iter().collect();
        hits.sort_unstable_by_key(|hit| (hit.rule, hit.event, hit.time, hit.place));
        // An event without an id has no number of its own and is never the same as another.
        let anonymous = event_number("");
        hits.dedup_by(|a, b| {
            a.rule == b.rule && a.event == b.event && a.time == b.time && a.event != anonymous
        });
        let mut grouped: BTreeMap<(RuleIndex, &str), Vec<&Hit>> = BTreeMap::new();
        for hit in hits.into_iter().filter(|hit| rules.rule(hit.rule).standalone) {
            grouped.entry((hit.rule, self.names.text(hit.actor))).or_default().push(hit);
        }
        let mut drafts: Vec<Draft> = grouped
            .into_iter()
            .map(|((rule, actor), hits)| self.draft(&rules.rule(rule).meta, actor, &hits))
            .collect();
        drafts.extend(self.correlated(rules, correlated));
        drafts
    }

    /// Correlations of one rule by one actor are one draft, however many windows they fill.
    fn correlated(&self, rules: &RuleSet, correlated: &[CorrelationHit]) -> Vec<Draft> {
        let by_place: HashMap<Place, &Hit, RandomState> = self.hits.iter().map(|hit| (hit.place, hit)).collect();
        let mut drafts: BTreeMap<(RuleIndex, &str), Draft> = BTreeMap::new();
        for one in correlated {
            let hits: Vec<&Hit> = one
                .sample
                .iter()
                .filter_map(|step| by_place.get(&Place::from_number(step.key)).copied())
                .collect();
            let Some(first) = hits.first() else { continue };
            let actor = self.names.text(first.actor);
            let mut draft = self.draft(&rules.rule(one.rule).meta, actor, &hits);
            // The first step is what is suspicious; later ones may be the owner's, from elsewhere.
            let network = self.names.text(first.network);
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

    fn draft(&self, meta: &RuleMeta, actor: &str, hits: &[&Hit]) -> Draft {
        let from = hits.iter().map(|hit| hit.time).min().unwrap_or(Time::MIN);
        let to = hits.iter().map(|hit| hit.time).max().unwrap_or(Time::MAX);
        let whose: HashSet<(Name, Name), RandomState> =
            hits.iter().map(|hit| (hit.credential, hit.network)).collect();
        let text = |name| self.names.text(name).to_owned();
        let mut by: Vec<(String, String)> =
            whose.into_iter().map(|(credential, network)| (text(credential), text(network))).collect();
        by.sort_unstable();
        let mut draft = rule_draft(meta, actor, (from, to));
        draft.count = hits.len() as u64;
        draft.places = hits.iter().map(|hit| hit.place).collect();
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

//! A credential is tried with `GetCallerIdentity`, and then looks around where it never looked.

use std::collections::BTreeSet;

use floodmark_case::Severity;

use super::{Evidence, enumerates, some};
use crate::engine::draft::{Analytic, Draft};
use crate::engine::network;
use crate::engine::past::{FromNetwork, sum};

pub(super) const ANALYTIC: Analytic = Analytic {
    id: "floodmark.validate_then_enumerate",
    title: "Credential validated, then used to look around",
    techniques: &["T1078.004", "T1580", "T1526"],
    tactics: &["discovery"],
    advice: "Treat the credential as stolen from its first call there: cut it off, and trace from it.",
};

/// So many calls that only look, in so many services, all new to the actor.
const NEW_CALLS: usize = 8;
const SERVICES: usize = 4;
/// Within so long after the validation.
const WITHIN_SECONDS: i64 = 24 * 3_600;

pub(super) fn find(analytic: &Analytic, evidence: &Evidence<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for past in &evidence.pasts {
        for from in past.networks.iter().filter(|from| from.is_new && !network::is_service(from.network)) {
            let Some((looked, services)) = looked_around(evidence, from) else { continue };
            let severity = if from.new_agents.is_empty() { Severity::Medium } else { Severity::High };
            let explanation = format!(
                "after GetCallerIdentity from {}, a network new to it, it made {} calls that only look around and that it \
                 had never made before ({}), in {services} services within a day",
                from.network,
                looked.len(),
                some(looked.iter().map(|&(call, _)| call)),
            );
            let seen = sum(looked.iter().map(|&(_, seen)| seen));
            let at = (from.seen.first.0, seen.last, from.seen.first.1);
            let mut draft = analytic.draft(past.actor, severity, explanation, at);
            draft.places.extend(looked.iter().map(|(_, seen)| seen.first.1));
            draft.count = seen.count;
            draft.by = evidence.credentials_of(past.actor, from.network);
            drafts.push(draft);
        }
    }
    drafts
}

type Looked<'h> = Vec<(&'h str, crate::engine::habits::Seen)>;

fn looked_around<'h>(evidence: &Evidence<'h>, from: &FromNetwork<'h>) -> Option<(Looked<'h>, usize)> {
    let call = |name| evidence.habits.names.text(name);
    let validated = from
        .combinations
        .iter()
        .filter(|(combination, _)| call(combination.call) == "sts:GetCallerIdentity")
        .map(|(_, seen)| seen.first.0)
        .min()?;
    let until = validated.plus_seconds(WITHIN_SECONDS);
    let looked: Looked<'h> = from
        .combinations
        .iter()
        .map(|&(combination, seen)| (call(combination.call), seen))
        .filter(|(name, seen)| {
            enumerates(name)
                && from.new_calls.contains(name)
                && validated <= seen.first.0
                && seen.first.0 <= until
        })
        .collect();
    let distinct: BTreeSet<&str> = looked.iter().map(|&(name, _)| name).collect();
    let services: BTreeSet<&str> = distinct.iter().filter_map(|name| name.split(':').next()).collect();
    (distinct.len() >= NEW_CALLS && services.len() >= SERVICES).then_some((looked, services.len()))
}

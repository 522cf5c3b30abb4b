//! The session of an instance, task or function used away from it.

use std::collections::BTreeSet;

use floodmark_case::Severity;

use super::{Evidence, counted, some};
use crate::engine::draft::{Analytic, Draft};
use crate::engine::network;

pub(super) const ANALYTIC: Analytic = Analytic {
    id: "floodmark.session_outside_compute",
    title: "Session of an instance, task or function used outside it",
    techniques: &["T1552.005", "T1078.004", "T1550.001"],
    tactics: &["credential-access", "lateral-movement"],
    advice: "Take the compute for compromised: revoke the role's sessions, isolate it, keep its memory and disk.",
};

pub(super) fn find(analytic: &Analytic, evidence: &Evidence<'_>) -> Vec<Draft> {
    let uses = evidence.habits.uses();
    let mut drafts = Vec::new();
    for of_one in uses.chunk_by(|a, b| a.0 == b.0) {
        let credential = of_one[0].0;
        let Some(seen) = evidence.habits.credential_seen(credential).filter(|seen| seen.compute) else {
            continue;
        };
        let actor = evidence.habits.names.text(seen.actor);
        let Some((_, home, _)) = of_one.first() else { continue };
        for (_, away, used) in of_one.iter().skip(1) {
            if network::is_service(away) || network::is_private(away) {
                continue;
            }
            let strange = agents_only_there(evidence, actor, away);
            // Compute behind several gateways shows several addresses; another tool as well is another machine.
            let severity = if strange.is_empty() { Severity::Low } else { Severity::High };
            let tool = if strange.is_empty() {
                "with its usual tools".to_owned()
            } else {
                format!("with {}, which this role uses nowhere else", some(strange.iter().copied()))
            };
            let explanation = format!(
                "{credential} was issued to compute and first used from {home}; {} then came from {away}, {tool}",
                counted(used.count, "call")
            );
            let mut draft =
                analytic.draft(actor, severity, explanation, (used.first.0, used.last, used.first.1));
            draft.count = used.count;
            draft.by = vec![(credential.to_owned(), (*away).to_owned())];
            drafts.push(draft);
        }
    }
    drafts
}

/// The agents that an actor has used from this network and from no other.
fn agents_only_there<'h>(evidence: &Evidence<'h>, actor: &str, network: &str) -> BTreeSet<&'h str> {
    let Some(past) = evidence.pasts.iter().find(|past| past.actor == actor) else { return BTreeSet::new() };
    let agents = |here: bool| -> BTreeSet<&'h str> {
        past.networks
            .iter()
            .filter(|from| (from.network == network) == here)
            .flat_map(|from| {
                from.combinations.iter().map(|(combination, _)| evidence.habits.names.text(combination.agent))
            })
            .collect()
    };
    agents(true).difference(&agents(false)).copied().collect()
}

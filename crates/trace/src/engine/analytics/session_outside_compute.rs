//! The session of an instance, task or function used away from it.

use std::collections::{BTreeSet, HashMap};

use floodmark_case::Severity;
use foldhash::fast::RandomState;

use super::{Evidence, counted, some};
use crate::engine::draft::{Analytic, Draft};
use crate::engine::names::Name;
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
    let only_there = agents_of_one_network(evidence);
    let usual = BTreeSet::new();
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
            let strange = only_there.get(&(actor, *away)).unwrap_or(&usual);
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

/// By actor and network, the agents that the actor has used from there and from nowhere else.
fn agents_of_one_network<'h>(
    evidence: &Evidence<'h>,
) -> HashMap<(&'h str, &'h str), BTreeSet<&'h str>, RandomState> {
    let mut homes: HashMap<(&str, Name), Option<&str>, RandomState> = HashMap::default();
    for past in &evidence.pasts {
        for from in &past.networks {
            for (combination, _) in &from.combinations {
                let home = homes.entry((past.actor, combination.agent)).or_insert(Some(from.network));
                *home = home.filter(|network| *network == from.network);
            }
        }
    }
    let mut only_there: HashMap<_, BTreeSet<_>, RandomState> = HashMap::default();
    for ((actor, agent), home) in homes {
        if let Some(network) = home {
            only_there.entry((actor, network)).or_default().insert(evidence.habits.names.text(agent));
        }
    }
    only_there
}

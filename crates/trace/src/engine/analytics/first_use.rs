//! First use from a new network, together with a new agent or region.

use floodmark_case::Severity;

use super::{Evidence, some};
use crate::engine::draft::{Analytic, Draft};
use crate::engine::network;

pub(super) const ANALYTIC: Analytic = Analytic {
    id: "floodmark.first_use",
    title: "First use from a new network with a new tool or region",
    techniques: &["T1078.004"],
    tactics: &["initial-access"],
    advice: "Ask the owner whether they called from there; if not, take the credential for stolen from that moment.",
};

/// By itself this is a lead and no more: people buy laptops and travel.
pub(super) fn find(analytic: &Analytic, evidence: &Evidence<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for past in &evidence.pasts {
        for from in past.networks.iter().filter(|from| from.is_new && !network::is_service(from.network)) {
            if network::is_private(from.network)
                || (from.new_agents.is_empty() && from.new_regions.is_empty())
            {
                continue;
            }
            let tools = if from.new_agents.is_empty() {
                format!("in {}, where it had never called", some(from.new_regions.iter().copied()))
            } else {
                format!("with {}, which it had never used", some(from.new_agents.iter().copied()))
            };
            let explanation = format!(
                "{} calls came from {}, where this credential had never been, {tools}; {} of the calls it had never made before",
                from.seen.count,
                from.network,
                from.new_calls.len()
            );
            let at = (from.seen.first.0, from.seen.last, from.seen.first.1);
            let mut draft = analytic.draft(past.actor, Severity::Low, explanation, at);
            draft.count = from.seen.count;
            draft.by = evidence.credentials_of(past.actor, from.network);
            drafts.push(draft);
        }
    }
    drafts
}

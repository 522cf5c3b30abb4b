//! First use from a new network, together with a new agent or region.

use std::collections::BTreeSet;

use floodmark_case::Severity;

use super::{Evidence, counted, some};
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
                "{} came from {}, where this credential had never been, {tools}; {}",
                counted(from.seen.count, "call"),
                from.network,
                new_calls(&from.new_calls),
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

/// What of the calls is new, for the end of a sentence.
fn new_calls(calls: &BTreeSet<&str>) -> String {
    match calls.len() {
        0 => "all that it called there it had called before".to_owned(),
        1 => format!("one call it had never made before ({})", some(calls.iter().copied())),
        count => {
            format!("{count} different calls it had never made before ({})", some(calls.iter().copied()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_reads_well_for_none_one_and_many() {
        let said = |calls: &[&'static str]| new_calls(&calls.iter().copied().collect());
        assert_eq!(said(&[]), "all that it called there it had called before");
        assert_eq!(said(&["iam:ListUsers"]), "one call it had never made before (iam:ListUsers)");
        assert_eq!(
            said(&["a:A", "b:B", "c:C", "d:D", "e:E"]),
            "5 different calls it had never made before (a:A, b:B, c:C and 2 more)"
        );
    }
}

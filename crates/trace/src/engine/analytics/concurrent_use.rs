//! One session used from two places at the same time.

use floodmark_case::Severity;

use super::Evidence;
use crate::engine::draft::{Analytic, Draft};
use crate::engine::habits::Seen;
use crate::engine::network;

pub(super) const ANALYTIC: Analytic = Analytic {
    id: "floodmark.concurrent_use",
    title: "Session used from two networks at once",
    techniques: &["T1550.001", "T1078.004"],
    tactics: &["lateral-movement"],
    advice: "Find out which of the two places is the owner's; revoke the session if one is not.",
};

/// So many calls from each place, so that a request that went another way once does not count.
const CALLS: u64 = 3;

/// Long-lived keys are left out: one key in many pipelines is a habit, and its departures are told elsewhere.
pub(super) fn find(analytic: &Analytic, evidence: &Evidence<'_>) -> Vec<Draft> {
    let uses = evidence.habits.uses();
    let mut drafts = Vec::new();
    for of_one in uses.chunk_by(|a, b| a.0 == b.0) {
        let credential = of_one[0].0;
        let Some(seen) = evidence.habits.credential_seen(credential) else { continue };
        if !credential.starts_with("ASIA") || seen.compute {
            continue;
        }
        let placed: Vec<_> =
            of_one.iter().filter(|(_, place, seen)| is_place(place) && seen.count >= CALLS).collect();
        let Some((one, other)) = overlapping(&placed) else { continue };
        let explanation = format!(
            "the session {credential} called from {} and from {} in the same stretch of time ({} and {} calls)",
            one.1, other.1, one.2.count, other.2.count
        );
        let both = one.2.and(other.2);
        let actor = evidence.habits.names.text(seen.actor);
        let mut draft =
            analytic.draft(actor, Severity::Low, explanation, (both.first.0, both.last, both.first.1));
        draft.places = vec![one.2.first.1, other.2.first.1];
        draft.count = both.count;
        draft.by = vec![(credential.to_owned(), other.1.to_owned())];
        drafts.push(draft);
    }
    drafts
}

fn is_place(network: &str) -> bool {
    !network::is_service(network) && !network::is_private(network)
}

type Use<'h> = (&'h str, &'h str, Seen);

/// Two uses whose times overlap; they are in the order of first use.
fn overlapping<'s, 'h>(uses: &[&'s Use<'h>]) -> Option<(&'s Use<'h>, &'s Use<'h>)> {
    uses.windows(2).map(|pair| (pair[0], pair[1])).find(|(one, other)| other.2.first.0 < one.2.last)
}

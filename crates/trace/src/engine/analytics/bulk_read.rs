//! Objects, secrets or databases read in bulk, measured against the actor's own past.

use std::collections::BTreeMap;

use floodmark_case::Severity;

use super::Evidence;
use crate::engine::draft::{Analytic, Draft};
use crate::engine::habits::{BulkKind, Seen};
use crate::engine::network;
use crate::engine::past::{FromNetwork, sum};

pub(super) const ANALYTIC: Analytic = Analytic {
    id: "floodmark.bulk_read",
    title: "Bulk reading beyond the credential's own past",
    techniques: &["T1530"],
    tactics: &["collection", "exfiltration"],
    advice: "Find out what was read (the blast radius lists it) and whose data it was; cut the credential off.",
};

pub(super) fn find(analytic: &Analytic, evidence: &Evidence<'_>) -> Vec<Draft> {
    let mut by_actor: BTreeMap<(&str, BulkKind), Vec<Read<'_>>> = BTreeMap::new();
    for (actor, network, kind, hour, seen) in evidence.habits.bulk() {
        by_actor.entry((actor, kind)).or_default().push((network, hour, seen));
    }
    let mut drafts = Vec::new();
    for past in &evidence.pasts {
        for kind in [BulkKind::Objects, BulkKind::Secrets, BulkKind::Databases] {
            let Some(reads) = by_actor.get(&(past.actor, kind)) else { continue };
            for from in past.networks.iter().filter(|from| !network::is_service(from.network)) {
                drafts.extend(from_network(analytic, evidence, past.actor, from, kind, reads));
            }
        }
    }
    drafts
}

fn from_network(
    analytic: &Analytic,
    evidence: &Evidence<'_>,
    actor: &str,
    from: &FromNetwork<'_>,
    kind: BulkKind,
    reads: &[Read<'_>],
) -> Option<Draft> {
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        reads.iter().partition(|(network, ..)| *network == from.network);
    let most_here = here.iter().map(|(_, _, seen)| seen.count).max()?;
    let before = elsewhere.iter().filter(|(_, _, seen)| seen.first < from.seen.first);
    let most_before = before.map(|(_, _, seen)| seen.count).max().unwrap_or(0);
    let (floor, what) = match kind {
        BulkKind::Objects => (100, "objects were read"),
        BulkKind::Secrets => (10, "reads of secrets and parameters came"),
        BulkKind::Databases => (10, "reads of databases and snapshots came"),
    };
    let is_new_place = from.is_new && !network::is_private(from.network);
    let is_much = most_here >= floor && (is_new_place || most_here >= most_before.saturating_mul(20));
    // In a place that is not new only the own past counts, and an actor that is not established has none.
    if !is_much || !from.is_new {
        return None;
    }
    let severity = if from.is_departure() && is_new_place { Severity::High } else { Severity::Low };
    let seen = sum(here.iter().map(|&(_, _, seen)| seen));
    let explanation = format!(
        "{} {what} from {}, up to {most_here} in an hour; before that, and from elsewhere, {}",
        seen.count,
        from.network,
        match most_before {
            0 => "none".to_owned(),
            most => format!("at most {most} in an hour"),
        }
    );
    let mut draft = analytic.draft(actor, severity, explanation, (seen.first.0, seen.last, seen.first.1));
    draft.places = here.iter().map(|(_, _, seen)| seen.first.1).collect();
    draft.count = seen.count;
    draft.by = evidence.credentials_of(actor, from.network);
    Some(draft)
}

/// Reads in one hour: the network, the hour, how many.
type Read<'h> = (&'h str, i64, Seen);

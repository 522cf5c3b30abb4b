//! Objects, secrets or databases read in bulk, measured against the actor's own past.

use std::collections::BTreeMap;

use floodmark_case::Severity;

use super::Evidence;
use crate::engine::draft::{Analytic, Draft};
use crate::engine::habits::{BulkKind, Seen};
use crate::engine::network;
use crate::engine::past::{FromNetwork, sum};
use crate::place::Place;
use crate::time::Time;

pub(super) const ANALYTIC: Analytic = Analytic {
    id: "floodmark.bulk_read",
    title: "Bulk reading beyond the credential's own past",
    techniques: &["T1530"],
    tactics: &["collection", "exfiltration"],
    advice: "Find out what was read (the blast radius lists it) and whose data it was; cut the credential off.",
};

pub(super) fn find(analytic: &Analytic, evidence: &Evidence<'_>) -> Vec<Draft> {
    let mut by_actor: BTreeMap<(&str, BulkKind), Reads<'_>> = BTreeMap::new();
    for (actor, network, kind, _, seen) in evidence.habits.bulk() {
        let reads = by_actor.entry((actor, kind)).or_default();
        reads.by_network.entry(network).or_default().push(seen);
        reads.most.push((seen.first, seen.count));
    }
    for reads in by_actor.values_mut() {
        reads.add_up();
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
    reads: &Reads<'_>,
) -> Option<Draft> {
    let here = reads.by_network.get(from.network)?;
    let most_here = here.iter().map(|seen| seen.count).max()?;
    // Nothing was read from here before the first call from here, so what was read before was read elsewhere.
    let before = reads.most.partition_point(|(first, _)| *first < from.seen.first);
    let most_before = before.checked_sub(1).map_or(0, |last| reads.most[last].1);
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
    let seen = sum(here.iter().copied());
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
    draft.places = here.iter().map(|seen| seen.first.1).collect();
    draft.count = seen.count;
    draft.by = evidence.credentials_of(actor, from.network);
    Some(draft)
}

/// The reads of one actor, hour by hour.
#[derive(Default)]
struct Reads<'h> {
    by_network: BTreeMap<&'h str, Vec<Seen>>,
    /// In order of their first read: the most that was read in an hour up to this one.
    most: Vec<((Time, Place), u64)>,
}

impl Reads<'_> {
    fn add_up(&mut self) {
        self.most.sort_unstable();
        let mut most = 0;
        for (_, count) in &mut self.most {
            most = most.max(*count);
            *count = most;
        }
    }
}

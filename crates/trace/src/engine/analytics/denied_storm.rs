//! Many different calls refused in a short time: somebody tries what the credential can do.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::Severity;

use super::{Evidence, some};
use crate::engine::draft::{Analytic, Draft};
use crate::engine::habits::Seen;
use crate::engine::network;
use crate::engine::past::sum;

pub(super) const ANALYTIC: Analytic = Analytic {
    id: "floodmark.denied_storm",
    title: "Storm of refused calls",
    techniques: &["T1580", "T1069.003"],
    tactics: &["discovery"],
    advice: "See whether the same credential got further with other calls; a refused call shows intent, not reach.",
};

/// So many different calls …
const CALLS: usize = 10;
/// … whose first refusals lie within so long.
const WITHIN_SECONDS: i64 = 3_600;

pub(super) fn find(analytic: &Analytic, evidence: &Evidence<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for past in &evidence.pasts {
        for from in past.networks.iter().filter(|from| !network::is_service(from.network)) {
            let refused: Vec<(&str, Seen)> = from
                .combinations
                .iter()
                .filter(|(_, seen)| seen.denied > 0)
                .map(|&(combination, seen)| (evidence.habits.names.text(combination.call), seen))
                .collect();
            let Some(storm) = densest(&refused) else { continue };
            let severity = if from.is_departure() { Severity::Medium } else { Severity::Low };
            let calls: BTreeSet<&str> = storm.iter().map(|&(call, _)| call).collect();
            let explanation = format!(
                "{} different calls from {} were refused within an hour ({})",
                calls.len(),
                from.network,
                some(calls.iter().copied())
            );
            let seen = sum(storm.iter().map(|&(_, seen)| seen));
            let last = storm.iter().map(|(_, seen)| seen.first.0).max().unwrap_or(seen.last);
            let mut draft =
                analytic.draft(past.actor, severity, explanation, (seen.first.0, last, seen.first.1));
            draft.places = storm.iter().map(|(_, seen)| seen.first.1).collect();
            draft.count = storm.iter().map(|(_, seen)| seen.denied).sum();
            draft.by = evidence.credentials_of(past.actor, from.network);
            drafts.push(draft);
        }
    }
    drafts
}

/// The first stretch of an hour that holds enough different refused calls; they are in order of time.
fn densest<'s, 'h>(refused: &'s [(&'h str, Seen)]) -> Option<&'s [(&'h str, Seen)]> {
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    let mut end = 0;
    for (start, (first_call, seen)) in refused.iter().enumerate() {
        let until = seen.first.0.plus_seconds(WITHIN_SECONDS);
        while let Some((call, _)) = refused.get(end).filter(|(_, seen)| seen.first.0 <= until) {
            *calls.entry(call).or_default() += 1;
            end += 1;
        }
        if calls.len() >= CALLS {
            return Some(&refused[start..end]);
        }
        if let Some(count) = calls.get_mut(first_call) {
            *count -= 1;
            if *count == 0 {
                calls.remove(first_call);
            }
        }
    }
    None
}

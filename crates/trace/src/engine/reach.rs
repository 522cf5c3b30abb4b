//! The blast radius: what was done to which resource, by whom.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::{Access, Confidence, Reached};

use crate::engine::lineage::Lineage;
use crate::engine::story::{Deedbook, window};
use crate::place::{Input, Place, cite};
use crate::time::Time;

#[derive(Default)]
struct Reach<'a> {
    holder: &'a str,
    times: Vec<Time>,
    places: Vec<Place>,
    by: BTreeSet<&'a str>,
}

/// What was reached, by resource, kind and access. Objects are told per bucket.
pub(crate) fn reached(book: &Deedbook<'_>, lineage: &Lineage, inputs: &[Input]) -> Vec<Reached> {
    let mut reaches: BTreeMap<(&str, &str, Access), Reach<'_>> = BTreeMap::new();
    for told in book.told {
        for touched in &book.deed(told).touches {
            let Some(access) = touched.access else { continue };
            let key = (book.text(touched.resource), touched.kind, access);
            let reach = reaches.entry(key).or_default();
            let holder = book.text(touched.holder);
            if reach.holder.is_empty() || (!holder.is_empty() && holder < reach.holder) {
                reach.holder = holder;
            }
            // two effects of one call on one resource are one touch of it
            if reach.places.last() == Some(&told.place) {
                continue;
            }
            reach.times.push(told.time);
            reach.places.push(told.place);
            reach.by.insert(book.text(book.row(told).credential));
        }
    }
    let row = |((resource, kind, access), reach): ((&str, &str, Access), Reach<'_>)| Reached {
        resource: resource.to_owned(),
        kind: kind.to_owned(),
        account: reach.holder.to_owned(),
        access,
        count: reach.places.len() as u64,
        window: window(reach.times.iter().copied()),
        confidence: confidence(lineage, &reach.by),
        by: reach.by.iter().map(|id| (*id).to_owned()).collect(),
        citations: cite(inputs, &reach.places),
    };
    reaches.into_iter().map(row).collect()
}

/// As sure as the surest of the credentials that did it.
fn confidence(lineage: &Lineage, by: &BTreeSet<&str>) -> Confidence {
    by.iter()
        .filter_map(|id| lineage.taint_of(id))
        .map(|fallen| fallen.confidence)
        .max()
        .unwrap_or(Confidence::Low)
}

//! Which matches can take part in a correlation at all.
//!
//! Most groups of a busy log have too few matches for any window to hold enough of them. That shows without looking at
//! the time of any, so they need not be sorted.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::evaluate::columns;
use super::plan::{Node, Origin, Plan};
use super::rows::Rows;
use crate::sigma::parse::{Bound, CorrelationKind};

/// The rows of a group, each with the source that it came by.
type Group = Vec<(usize, u32)>;

/// By row, whether a correlation may rest on its matches.
pub(super) fn candidates(plan: &Plan, rows: &Rows) -> Vec<bool> {
    let mut wanted = vec![false; rows.len()];
    let mut by_rule: HashMap<u32, Vec<u32>, RandomState> = HashMap::default();
    for (number, row) in rows.iter() {
        by_rule.entry(row.rule).or_default().push(number);
    }
    for node in &plan.nodes {
        let mut groups: HashMap<Option<Vec<u32>>, Group, RandomState> = HashMap::default();
        for (place, source) in node.sources.iter().enumerate() {
            let Origin::Detection(rule) = source.origin else { continue };
            let leaf = &node.leaves[source.first_leaf];
            for &number in by_rule.get(&rule.0).into_iter().flatten() {
                let group = columns(rows.values(number), &leaf.group);
                groups.entry(group).or_default().push((place, number));
            }
        }
        // What has no group is passed over, and so is here.
        let may_hold =
            groups.iter().filter(|(group, rows_of)| group.is_some() && may_hold(node, rows_of, rows));
        for (_, number) in may_hold.flat_map(|(_, rows_of)| rows_of) {
            wanted[*number as usize] = true;
        }
    }
    wanted
}

/// Whether a group could satisfy the condition if all of it lay in one window.
fn may_hold(node: &Node, group: &Group, rows: &Rows) -> bool {
    if node.sources.iter().any(|source| matches!(source.origin, Origin::Correlation(_))) {
        return true;
    }
    let is_met = |source: usize| group.iter().any(|(place, _)| *place == source);
    let met = |sources: &mut dyn Iterator<Item = usize>| sources.filter(|source| is_met(*source)).count();
    match (node.kind, &node.extended) {
        (CorrelationKind::EventCount | CorrelationKind::ValueCount, _) => {
            let matches: u64 = group.iter().map(|(_, row)| rows.count(*row)).sum();
            reaches(node, matches as f64)
        }
        (CorrelationKind::Temporal, Some(condition)) => {
            let mut negates = false;
            condition.each_not(&mut || negates = true);
            negates || condition.holds(&mut |source| is_met(*source))
        }
        (CorrelationKind::Temporal, None) if node.bounds.is_empty() => {
            met(&mut (0..node.sources.len())) == node.sources.len()
        }
        (CorrelationKind::Temporal, None) => reaches(node, met(&mut (0..node.sources.len())) as f64),
        (CorrelationKind::TemporalOrdered, _) => {
            let (places, wanted) = &node.chain;
            met(&mut places.iter().copied()) >= *wanted
        }
        _ => true,
    }
}

/// Whether a window that holds no more than this can be enough.
fn reaches(node: &Node, most: f64) -> bool {
    node.bounds.iter().all(|&(bound, than)| match bound {
        Bound::Greater => most > than,
        Bound::GreaterOrEqual | Bound::Equal => most >= than,
        Bound::Less | Bound::LessOrEqual | Bound::NotEqual => true,
    })
}

//! Correlation rules made ready: which fields of which rule's matches they need, and in which order they are
//! worked out.

use std::collections::BTreeMap;

use super::count::satisfies;
use crate::sigma::field::{FieldPath, Slot};
use crate::sigma::logic::Logic;
use crate::sigma::parse::{Bound, CorrelationDocument, CorrelationKind};
use crate::sigma::rule::RuleIndex;

/// All correlations of a set; a node comes after the nodes it refers to.
#[derive(Debug, Default)]
pub(in crate::sigma) struct Plan {
    pub(super) nodes: Vec<Node>,
    /// By detection rule: the fields that its steps keep.
    pub(super) columns: BTreeMap<RuleIndex, Vec<FieldPath>>,
}

/// One correlation.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) rule: RuleIndex,
    pub(super) kind: CorrelationKind,
    pub(super) timespan: i64,
    pub(super) bounds: Vec<(Bound, f64)>,
    pub(super) percentile: f64,
    /// For temporal kinds: a condition over the places of the sources.
    pub(super) extended: Option<Logic<usize>>,
    /// For ordered correlations: the places of the sources that count, and how many of them are wanted.
    pub(super) chain: (Vec<usize>, usize),
    pub(super) group_names: Vec<String>,
    pub(super) sources: Vec<Source>,
    /// The ways down to detection rules, source by source.
    pub(super) leaves: Vec<Leaf>,
}

/// A rule that a correlation refers to.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) origin: Origin,
    /// The first of its leaves.
    pub(super) first_leaf: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Detection(RuleIndex),
    Correlation(usize),
}

/// A detection rule as seen from a correlation, with the columns that stand for the correlation's fields.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) rule: RuleIndex,
    pub(super) group: Vec<usize>,
    pub(super) value: Vec<usize>,
    /// The aliases on the way down, outermost first.
    way: Vec<BTreeMap<String, String>>,
}

/// How many ways down one correlation may have.
const MAX_LEAVES: usize = 256;
/// How many grouped fields one correlation may have.
const MAX_FIELDS: usize = 16;

/// Adds a correlation whose sources are known already.
pub(in crate::sigma) fn plan(
    plan: &mut Plan,
    rule: RuleIndex,
    document: &CorrelationDocument,
    resolve: impl Fn(&str) -> Result<RuleIndex, String>,
    slot: fn(&str) -> Slot,
) -> Result<(), String> {
    if document.group_by.len() > MAX_FIELDS || document.fields.len() > MAX_FIELDS {
        return Err(format!("a correlation names at most {MAX_FIELDS} fields"));
    }
    if document.timespan_micros <= 0 {
        return Err("the timespan is not longer than nothing".to_owned());
    }
    let mut sources = Vec::new();
    let mut leaves = Vec::new();
    let indices = document.rules.iter().map(|name| resolve(name)).collect::<Result<Vec<_>, _>>()?;
    let aliases = aliases_by_rule(document, &indices, &resolve)?;
    for index in &indices {
        let index = *index;
        let aliases = aliases.get(&index).cloned().unwrap_or_default();
        let nested = plan.nodes.iter().position(|node| node.rule == index);
        sources.push(Source {
            origin: nested.map_or(Origin::Detection(index), Origin::Correlation),
            first_leaf: leaves.len(),
        });
        match nested {
            None => {
                leaves.push(Leaf { rule: index, group: Vec::new(), value: Vec::new(), way: vec![aliases] });
            }
            Some(node) => leaves.extend(plan.nodes[node].leaves.iter().map(|leaf| {
                let way = std::iter::once(aliases.clone()).chain(leaf.way.iter().cloned()).collect();
                Leaf { rule: leaf.rule, group: Vec::new(), value: Vec::new(), way }
            })),
        }
        if leaves.len() > MAX_LEAVES {
            return Err(format!("the correlation rests on more than {MAX_LEAVES} rules"));
        }
    }
    let extended = extended(document, &indices, &resolve)?;
    let chain = chain(document, extended.as_ref())?;
    for leaf in &mut leaves {
        leaf.group = document.group_by.iter().map(|name| column(plan, leaf, name, slot)).collect();
        leaf.value = document.fields.iter().map(|name| column(plan, leaf, name, slot)).collect();
    }
    plan.nodes.push(Node {
        rule,
        kind: document.kind,
        timespan: document.timespan_micros,
        bounds: document.bounds.clone(),
        percentile: if document.kind == CorrelationKind::ValueMedian { 50.0 } else { document.percentile },
        extended,
        chain,
        group_names: document.group_by.clone(),
        sources,
        leaves,
    });
    Ok(())
}

/// By rule: alias to field. The mapping may name a rule otherwise than the list of rules does.
fn aliases_by_rule(
    document: &CorrelationDocument,
    indices: &[RuleIndex],
    resolve: &impl Fn(&str) -> Result<RuleIndex, String>,
) -> Result<BTreeMap<RuleIndex, BTreeMap<String, String>>, String> {
    let mut by_rule: BTreeMap<RuleIndex, BTreeMap<String, String>> = BTreeMap::new();
    for (alias, mapping) in &document.aliases {
        for (reference, field) in mapping {
            let index = resolve(reference).ok().filter(|index| indices.contains(index));
            let index = index.ok_or_else(|| {
                format!("the alias `{alias}` names `{reference}`, which is not among the rules")
            })?;
            by_rule.entry(index).or_default().insert(alias.clone(), field.clone());
        }
    }
    Ok(by_rule)
}

fn column(plan: &mut Plan, leaf: &Leaf, name: &str, slot: fn(&str) -> Slot) -> usize {
    let field = leaf.way.iter().fold(name, |name, aliases| aliases.get(name).map_or(name, String::as_str));
    let columns = plan.columns.entry(leaf.rule).or_default();
    if let Some(at) = columns.iter().position(|path| path.as_str() == field) {
        return at;
    }
    columns.push(FieldPath::with_slot(field, slot(field)));
    columns.len() - 1
}

fn extended(
    document: &CorrelationDocument,
    indices: &[RuleIndex],
    resolve: &impl Fn(&str) -> Result<RuleIndex, String>,
) -> Result<Option<Logic<usize>>, String> {
    let Some(logic) = document.extended.clone() else { return Ok(None) };
    let place = |name: String| {
        let spelled = document.rules.iter().position(|rule| *rule == name);
        let meant = || indices.iter().position(|index| resolve(&name).is_ok_and(|named| named == *index));
        spelled
            .or_else(meant)
            .ok_or_else(|| format!("the condition names `{name}`, which is not among the rules"))
    };
    logic.try_map(&mut { place }).map(Some)
}

/// Which sources an ordered correlation chains, and how many of them it wants.
fn chain(
    document: &CorrelationDocument,
    extended: Option<&Logic<usize>>,
) -> Result<(Vec<usize>, usize), String> {
    let all: Vec<usize> = (0..document.rules.len()).collect();
    if document.kind != CorrelationKind::TemporalOrdered {
        return Ok((Vec::new(), 0));
    }
    if let Some(logic) = extended {
        let mut named = conjunction(logic)
            .ok_or("the condition of an ordered correlation links rules with `and` only")?;
        named.sort_unstable();
        named.dedup();
        let count = named.len();
        return Ok((named, count));
    }
    let holds = |count: usize| document.bounds.iter().all(|bound| satisfies(*bound, count as f64));
    let wanted = if document.bounds.is_empty() {
        Some(all.len())
    } else {
        (1..=all.len()).find(|count| holds(*count))
    };
    let Some(wanted) = wanted else {
        return Err("no number of the rules satisfies the condition of the ordered correlation".to_owned());
    };
    let is_exact = matches!(document.bounds.as_slice(), [(Bound::Equal, _)]);
    if !is_exact && !(wanted..=all.len()).all(holds) {
        return Err("the condition of an ordered correlation says how many steps are wanted, not how many are too many"
            .to_owned());
    }
    Ok((all, wanted))
}

fn conjunction(logic: &Logic<usize>) -> Option<Vec<usize>> {
    match logic {
        Logic::Atom(at) => Some(vec![*at]),
        Logic::All(parts) => {
            parts.iter().map(conjunction).collect::<Option<Vec<_>>>().map(|all| all.concat())
        }
        _ => None,
    }
}

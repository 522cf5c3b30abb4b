//! Who pulled in what something is known against.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::{Confidence, Link, LinkKind, Node, NodeKind, Revision};

use super::findings::citations;
use crate::component::Component;
use crate::engine::flaw::Flaw;

/// A link to each component with a flaw from those that asked for it, as far as they are found in the same file.
pub(super) fn links(components: &[Component], flaws: &[&Flaw], revision: Option<&Revision>) -> Vec<Link> {
    let flawed: BTreeSet<usize> = flaws.iter().map(|flaw| flaw.component).collect();
    if flawed.is_empty() {
        return Vec::new();
    }
    let mut by_name: BTreeMap<&str, Vec<&Component>> = BTreeMap::new();
    for component in components {
        by_name.entry(&component.name).or_default().push(component);
    }
    let mut links = Vec::new();
    for child in flawed.into_iter().filter_map(|number| components.get(number)) {
        let files: BTreeSet<&str> = child.found.iter().map(|found| &*found.path).collect();
        for name in &child.pulled_in_by.names {
            let parents = by_name.get(name.as_str()).into_iter().flatten();
            let near = parents.filter(|one| one.found.iter().any(|found| files.contains(&*found.path)));
            let near: Vec<_> = near.collect();
            // The format names the parent without its version: of several, which one is not known.
            let confidence = if near.len() == 1 { Confidence::High } else { Confidence::Medium };
            links.extend(near.into_iter().map(|parent| Link {
                from: Node::new(NodeKind::Component, parent.purl.as_str()),
                to: Node::new(NodeKind::Component, child.purl.as_str()),
                kind: LinkKind::PulledIn,
                window: None,
                confidence,
                citations: citations(child, revision),
            }));
        }
    }
    links.sort();
    links.dedup();
    links
}

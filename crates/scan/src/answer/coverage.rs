//! What the answer cannot show.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_intel::version::Ecosystem;

use super::Results;
use crate::component::Component;

/// How many names a sentence lists.
const NAMED: usize = 5;

/// What the components and what was asked of them leave open.
pub(super) fn cannot_conclude(results: &Results<'_>) -> Vec<String> {
    let components = &results.scanned.components;
    let mut told = Vec::new();
    match results.knowledge.advisories {
        None => told.push(
            "Whether components have known vulnerabilities: there is no database of advisories, so only poisoned \
             releases were looked for (see floodmark intel import)."
                .to_owned(),
        ),
        Some(advisories) => {
            let known: BTreeSet<&str> =
                advisories.status().ecosystems.iter().map(|one| one.name.as_str()).collect();
            let missing = components.iter().filter_map(|one| one.ecosystem.as_ref()).map(Ecosystem::name);
            let missing: BTreeSet<&str> = missing.filter(|name| !known.contains(name)).collect();
            if !missing.is_empty() {
                let list = missing.into_iter().collect::<Vec<_>>().join(", ");
                told.push(format!(
                    "Whether components of {list} have known vulnerabilities: the database has no advisories of there."
                ));
            }
        }
    }
    told.extend(unversioned(components));
    told.extend(unregistered(components));
    told.extend(undecided(results));
    told
}

/// Components without a version, by the files that name them.
fn unversioned(components: &[Component]) -> Option<String> {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    let unknown: Vec<&Component> = components.iter().filter(|one| one.version.is_none()).collect();
    for found in unknown.iter().flat_map(|one| &one.found) {
        *files.entry(&found.path).or_default() += 1;
    }
    (!unknown.is_empty()).then(|| {
        format!(
            "Which versions of {} are in use: {} without exact versions ({}).",
            counted(unknown.len(), "component"),
            if files.len() == 1 { "a file names them" } else { "files name them" },
            listed(files.into_keys())
        )
    })
}

fn unregistered(components: &[Component]) -> Option<String> {
    // Of images no advisory speaks, wherever they are from.
    let is_package = |one: &&Component| !matches!(one.purl.kind(), "docker" | "oci");
    let own = components.iter().filter(|one| one.ecosystem.is_none()).filter(is_package);
    let own: Vec<&str> = own.map(|one| one.name.as_str()).collect();
    (!own.is_empty()).then(|| {
        format!(
            "Whether {} from outside of a public registry (the project itself, git, paths, private indexes) have \
             vulnerabilities: no advisory is about them ({}).",
            counted(own.len(), "component"),
            listed(own.iter().copied())
        )
    })
}

fn undecided(results: &Results<'_>) -> Option<String> {
    let undecided = &results.matched.undecided;
    let first = undecided.first()?;
    let component = results.scanned.components.get(first.0)?;
    Some(format!(
        "Whether {} to {} apply, of which the first is {} to {}: {}.",
        match undecided.len() {
            1 => "1 advisory".to_owned(),
            many => format!("{many} advisories"),
        },
        counted(undecided.iter().map(|one| one.0).collect::<BTreeSet<_>>().len(), "component"),
        first.1,
        super::findings::called(component),
        first.2
    ))
}

/// `3 components`, `1 component`.
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let list: Vec<&str> = names.take(NAMED).collect();
    let list = list.join(", ");
    if more == 0 { list } else { format!("{list} and {more} more") }
}

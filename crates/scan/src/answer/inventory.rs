//! The inventory as it is told.

use floodmark_case::{
    self as case, Asked, ComponentHash, ComponentScope, FoundAt, Inventory, Revision, SourcePackage,
};

use super::findings::identity;
use crate::component::{Component, Scope};
use crate::engine::flaw::Flaw;
use crate::engine::knowledge::{Advisories, Knowledge};

/// The components and what is known against them.
pub(super) fn inventory(
    components: &[Component],
    flaws: &[Flaw],
    knowledge: Knowledge<'_>,
    revision: Option<&Revision>,
) -> Inventory {
    let told = flaws.iter().filter_map(|flaw| {
        let component = components.get(flaw.component)?;
        Some(case::Flaw {
            finding: identity(component, flaw).1,
            component: component.purl.to_string(),
            kind: flaw.kind,
            id: flaw.id.clone(),
            aliases: flaw.aliases.iter().cloned().collect(),
            summary: flaw.summary.clone(),
            fixed: flaw.fixed.clone(),
            cvss: flaw.cvss.clone(),
            score: flaw.score,
            epss: flaw.epss,
            known_exploited: flaw.known_exploited,
            set_aside: flaw.set_aside.clone(),
        })
    });
    let flaws = told.collect();
    Inventory {
        components: components.iter().map(component).collect(),
        flaws,
        asked: asked(knowledge),
        revision: revision.cloned(),
    }
}

fn asked(knowledge: Knowledge<'_>) -> Asked {
    let status = knowledge.advisories.map(Advisories::status);
    Asked {
        compromises: knowledge.compromises.entries().len() as u64,
        advisories: status.map(|status| status.counts.all()),
        newest: status.and_then(|status| status.sources.iter().filter_map(|source| source.newest).max()),
    }
}

fn component(component: &Component) -> case::Component {
    case::Component {
        purl: component.purl.to_string(),
        name: component.name.clone(),
        version: component.version.clone(),
        ecosystem: component.ecosystem.as_ref().map(ToString::to_string),
        source: component
            .source
            .as_ref()
            .map(|source| SourcePackage { name: source.name.clone(), version: source.version.clone() }),
        scope: scope(component.scope),
        direct: component.pulled_in_by.direct,
        pulled_in_by: component.pulled_in_by.names.iter().cloned().collect(),
        hashes: component
            .hashes
            .iter()
            .map(|hash| ComponentHash { algorithm: hash.algorithm().as_str().into(), digest: hash.hex() })
            .collect(),
        found: component
            .found
            .iter()
            .map(|found| FoundAt {
                path: found.path.to_string(),
                evidence: found.evidence,
                place: found.place.to_string(),
                layer: found.layer.as_deref().map(ToOwned::to_owned),
            })
            .collect(),
    }
}

const fn scope(scope: Scope) -> ComponentScope {
    match scope {
        Scope::Runtime => ComponentScope::Runtime,
        Scope::Unknown => ComponentScope::Unknown,
        Scope::Optional => ComponentScope::Optional,
        Scope::Build => ComponentScope::Build,
        Scope::Dev => ComponentScope::Dev,
    }
}

//! The inventory as it is told.

use floodmark_case::{
    self as case, Asked, ComponentHash, ComponentScope, FoundAt, Inventory, Pin, ReferenceKind, SourcePackage,
};

use super::findings::identity;
use crate::component::{Component, RefKind, Reference, Scope};
use crate::engine::flaw::Flaw;
use crate::engine::knowledge::{Advisories, Knowledge};

/// The components and what is known against them.
pub(super) fn inventory(components: &[Component], flaws: &[Flaw], knowledge: Knowledge<'_>) -> Inventory {
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
            vex: flaw.vex.clone(),
            set_aside: flaw.set_aside.clone(),
        })
    });
    let flaws = told.collect();
    Inventory { components: components.iter().map(component).collect(), flaws, asked: asked(knowledge) }
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
        reference: component.reference.as_ref().map(reference),
        claimed: component.claimed.iter().cloned().collect(),
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

fn reference(reference: &Reference) -> case::Reference {
    let pin = match reference.kind() {
        RefKind::Commit => Pin::Commit,
        RefKind::Tag => Pin::Tag,
        RefKind::Branch => Pin::Branch,
        RefKind::TagOrBranch => Pin::TagOrBranch,
    };
    let (kind, named, digest) = match reference {
        Reference::Action { action, .. } => {
            (ReferenceKind::Action, Some((action.component(), Some(action.reference()))), None)
        }
        Reference::Repository { release, .. } => {
            let named = release.as_ref().map(|release| (release.component(), Some(release.reference())));
            (ReferenceKind::Repository, named, None)
        }
        Reference::Image { image, digest } => {
            (ReferenceKind::Image, Some((image.name(), image.tag())), digest.as_ref())
        }
    };
    case::Reference {
        kind,
        name: named.map(|(name, _)| name.to_owned()),
        at: named.and_then(|(_, at)| at).map(ToOwned::to_owned),
        digest: digest.map(ToString::to_string),
        pin,
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

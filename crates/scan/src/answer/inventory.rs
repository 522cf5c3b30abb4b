//! The inventory as it is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use floodmark_case::{
    self as case, Asked, ComponentHash, ComponentScope, FoundAt, Inventory, Pin, ReferenceKind, SourcePackage,
};
use floodmark_intel::version::Ecosystem;

use super::findings::identity;
use crate::component::{Component, Found, Hash, RefKind, Reference, Scope};
use crate::engine::flaw::Flaw;
use crate::engine::knowledge::{Advisories, Knowledge};

/// The components and what is known against them.
pub(super) fn inventory(components: Vec<Component>, flaws: Vec<Flaw>, knowledge: Knowledge<'_>) -> Inventory {
    let told = flaws.into_iter().filter_map(|flaw| {
        let component = components.get(flaw.component)?;
        Some(case::Flaw {
            finding: identity(component, &flaw).1,
            component: component.purl.to_string(),
            kind: flaw.kind,
            id: flaw.id,
            aliases: flaw.aliases.into_iter().collect(),
            summary: flaw.summary,
            fixed: flaw.fixed,
            cvss: flaw.cvss,
            score: flaw.score,
            epss: flaw.epss,
            known_exploited: flaw.known_exploited,
            vex: flaw.vex,
            set_aside: flaw.set_aside,
        })
    });
    let flaws = told.collect();
    let mut ecosystems = Ecosystems::default();
    let told = components.into_iter().map(|one| component(one, &mut ecosystems));
    Inventory { components: told.collect(), flaws, asked: asked(knowledge) }
}

fn asked(knowledge: Knowledge<'_>) -> Asked {
    let status = knowledge.advisories.map(Advisories::status);
    Asked {
        compromises: knowledge.compromises.entries().len() as u64,
        advisories: status.map(|status| status.counts.all()),
        newest: status.and_then(|status| status.sources.iter().filter_map(|source| source.newest).max()),
    }
}

/// The name of each ecosystem once.
#[derive(Default)]
struct Ecosystems(BTreeMap<Ecosystem, Arc<str>>);

impl Ecosystems {
    fn name(&mut self, ecosystem: Ecosystem) -> Arc<str> {
        let name = ecosystem.to_string();
        Arc::clone(self.0.entry(ecosystem).or_insert_with(|| name.into()))
    }
}

fn component(component: Component, ecosystems: &mut Ecosystems) -> case::Component {
    case::Component {
        purl: component.purl.into(),
        name: component.name,
        version: component.version,
        ecosystem: component.ecosystem.map(|ecosystem| ecosystems.name(ecosystem)),
        source: component.source.map(|source| SourcePackage { name: source.name, version: source.version }),
        reference: component.reference.as_deref().map(reference),
        claimed: component.claimed.into_vec(),
        scope: scope(component.scope),
        direct: component.pulled_in_by.direct,
        pulled_in_by: component.pulled_in_by.names.into_vec(),
        hashes: component.hashes.iter().map(hash).collect(),
        found: component.found.into_iter().map(found).collect(),
    }
}

fn hash(hash: &Hash) -> ComponentHash {
    ComponentHash { algorithm: hash.algorithm().as_str().into(), digest: hash.hex() }
}

fn found(found: Found) -> FoundAt {
    FoundAt { path: found.path, evidence: found.evidence, place: found.place.into(), layer: found.layer }
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

//! Flaws of which a VEX document says something.
//!
//! Of several statements on one flaw those of the caller count before those of the target, then the latest, then the most
//! cautious. What the caller gave sets a vulnerability aside; what the target says of itself is told beside it.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::{Citation, EvidenceId, FlawKind, Timestamp, Unread, VexBy, VexStatement, VexStatus};
use floodmark_intel::purl::Purl;

use super::ancestors::Ancestors;
use super::flaw::Flaw;
use crate::component::{Component, Place};
use crate::vex::{Document, Identity, Product, Statement};

/// How many lines are told of one kind.
const TOLD: usize = 50;

/// What flaws are held against.
pub(crate) struct Said<'s> {
    /// The documents, with who brought each.
    pub documents: Vec<(&'s Document, VexBy)>,
    /// What the target is, as the caller says.
    pub products: &'s [Purl],
    /// The digests of what the target is made of: an image is named by that of its manifest.
    pub digests: BTreeSet<EvidenceId>,
}

/// A statement, where it stands.
#[derive(Clone, Copy)]
struct Standing<'s> {
    document: &'s Document,
    by: VexBy,
    place: &'s Place,
    statement: &'s Statement,
}

/// Notes what is said of each flaw, sets aside what does not touch the target, and tells what has no effect and why.
pub(crate) fn apply(flaws: &mut [Flaw], components: &[Component], said: &Said<'_>) -> Vec<Unread> {
    let mut by_name: BTreeMap<&str, Vec<Standing<'_>>> = BTreeMap::new();
    for (document, by) in &said.documents {
        for (place, statement) in &document.statements {
            for name in &statement.names {
                let standing = Standing { document, by: *by, place, statement };
                by_name.entry(name).or_default().push(standing);
            }
        }
    }
    if by_name.is_empty() {
        return Vec::new();
    }
    let mut asking = Asking { said, components, ancestors: Ancestors::of(components), told: Told::default() };
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for flaw in flaws.iter_mut() {
        let names = std::iter::once(&flaw.id).chain(&flaw.aliases).map(|name| name.to_ascii_uppercase());
        let about = names.flat_map(|name| by_name.get(name.as_str()).into_iter().flatten().copied());
        let mut about: Vec<Standing<'_>> =
            about.filter(|standing| asking.is_about(standing, flaw.component)).collect();
        about.sort_by_key(Standing::weight);
        about.dedup_by_key(|standing| standing.weight());
        let Some(counts) = about.last().copied() else { continue };
        used.extend(about.iter().map(|standing| standing.document.path.as_str()));
        let purl = components.get(flaw.component).map_or("", |component| component.purl.as_str());
        asking.told.conflict(&about, counts, flaw, purl);
        note(flaw, counts, purl, &mut asking.told);
    }
    for (document, by) in &said.documents {
        if *by == VexBy::Caller && !used.contains(document.path.as_str()) {
            let why = match document.statements.len() {
                0 => "holds no statement".to_owned(),
                1 => "its statement is about nothing that is told here".to_owned(),
                many => format!("none of its {many} statements is about something that is told here"),
            };
            asking.told.push(&document.path, why);
        }
    }
    asking.told.finish()
}

/// Notes what counts, and sets the flaw aside if the caller brought a statement that it is none.
fn note(flaw: &mut Flaw, counts: Standing<'_>, purl: &str, told: &mut Told) {
    let clears = matches!(counts.statement.status, VexStatus::NotAffected | VexStatus::Fixed);
    flaw.vex = Some(counts.told());
    if !clears || flaw.set_aside.is_some() {
        return;
    }
    if !matches!(flaw.kind, FlawKind::Vulnerable | FlawKind::Notice) {
        let why = format!(
            "says that {} is {} in {purl}, but a release that was poisoned is no vulnerability that VEX speaks of: it is \
             told (--ignore FILE can set it aside)",
            flaw.id,
            words(counts.statement.status)
        );
        return told.push(&counts.at(), why);
    }
    match counts.by {
        VexBy::Caller => flaw.set_aside = Some(format!("VEX: {}", sentence(counts))),
        VexBy::Target => told.push(
            &counts.at(),
            format!(
                "says that {} is {} in {purl}; what is scanned cannot set its own findings aside (--vex FILE can)",
                flaw.id,
                words(counts.statement.status)
            ),
        ),
    }
}

/// What a statement says, in words: `not affected, code_not_reachable: never called (Acme, 2026-03-01T00:00:00Z; a.json:
/// statements[0])`.
fn sentence(standing: Standing<'_>) -> String {
    let Statement { status, justification, detail, author, timestamp, .. } = standing.statement;
    let why =
        justification.iter().map(|one| format!(", {one}")).chain(detail.iter().map(|one| format!(": {one}")));
    let text: String = std::iter::once(words(*status).to_owned()).chain(why).collect();
    let said = author.iter().cloned().chain(timestamp.iter().map(Timestamp::to_string));
    let said = said.collect::<Vec<_>>().join(", ");
    let semicolon = if said.is_empty() { "" } else { "; " };
    format!("{text} ({said}{semicolon}{})", standing.at())
}

const fn words(status: VexStatus) -> &'static str {
    match status {
        VexStatus::Affected => "affected",
        VexStatus::UnderInvestigation => "under investigation",
        VexStatus::Fixed => "fixed",
        VexStatus::NotAffected => "not affected",
    }
}

impl<'s> Standing<'s> {
    /// What counts more is larger.
    fn weight(&self) -> impl Ord + use<'s> {
        let caution = match self.statement.status {
            VexStatus::Affected => 3,
            VexStatus::UnderInvestigation => 2,
            VexStatus::Fixed => 1,
            VexStatus::NotAffected => 0,
        };
        (self.by == VexBy::Caller, self.statement.timestamp, caution, &self.document.path, self.place)
    }

    /// `vex.json: statements[0]`.
    fn at(&self) -> String {
        format!("{}: {}", self.document.path, self.place)
    }

    fn told(&self) -> VexStatement {
        let Statement { status, justification, detail, action, author, timestamp, .. } = self.statement;
        VexStatement {
            status: *status,
            justification: justification.clone(),
            detail: detail.clone(),
            action: action.clone(),
            author: author.clone(),
            timestamp: *timestamp,
            by: self.by,
            path: self.document.path.clone(),
            citation: Citation { evidence: self.document.evidence, place: self.place.to_string() },
        }
    }
}

/// Whether statements are about components.
struct Asking<'s, 'a> {
    said: &'a Said<'s>,
    components: &'a [Component],
    ancestors: Ancestors<'a>,
    told: Told,
}

impl Asking<'_, '_> {
    fn is_about(&mut self, standing: &Standing<'_>, number: usize) -> bool {
        standing.statement.products.iter().any(|product| self.is_in(product, standing, number))
    }

    fn is_in(&mut self, product: &Product, standing: &Standing<'_>, number: usize) -> bool {
        let Some(component) = self.components.get(number) else { return false };
        let is_it = names(&product.identity, component);
        if product.parts.is_empty() {
            let is_spoken_of = |versions: &BTreeSet<String>| {
                component.version.as_ref().is_some_and(|version| versions.contains(version))
            };
            return (is_it && product.versions.as_ref().is_none_or(is_spoken_of))
                || self.is_target(&product.identity);
        }
        if !product.parts.iter().any(|part| names(part, component)) {
            return false;
        }
        if self.is_target(&product.identity)
            || self.ancestors.is_only_through(number, &|one| names(&product.identity, one))
        {
            return true;
        }
        self.told.push(
            &standing.at(),
            format!(
                "is about {} in {}, which is not known to be what is scanned, or not all that it is in (--vex-product PURL \
                 says what is scanned)",
                component.purl, product.identity.text
            ),
        );
        false
    }

    /// Whether the target as a whole is what is named.
    fn is_target(&self, identity: &Identity) -> bool {
        let is_digest = |purl: &Purl| {
            let digest = purl.version().and_then(|version| version.strip_prefix("sha256:"));
            digest
                .and_then(|digest| digest.parse().ok())
                .is_some_and(|digest| self.said.digests.contains(&digest))
        };
        identity.purls.iter().any(|purl| {
            self.said.products.iter().any(|product| purl.covers(product))
                || (purl.kind() == "oci" && is_digest(purl))
        })
    }
}

/// Whether a component is what is named.
fn names(identity: &Identity, component: &Component) -> bool {
    identity.purls.iter().any(|purl| purl.covers(&component.purl))
        || component.hashes.iter().any(|hash| identity.hashes.contains(hash))
}

/// What is told of documents, each once.
#[derive(Default)]
struct Told {
    lines: BTreeSet<Unread>,
    more: u64,
}

impl Told {
    fn push(&mut self, path: &str, why: String) {
        let unread = Unread { path: path.to_owned(), why, incomplete: false };
        if self.lines.len() < TOLD {
            self.lines.insert(unread);
        } else if !self.lines.contains(&unread) {
            self.more += 1;
        }
    }

    /// Tells those that say something else than what counts.
    fn conflict(&mut self, about: &[Standing<'_>], counts: Standing<'_>, flaw: &Flaw, purl: &str) {
        for other in about.iter().filter(|one| one.statement.status != counts.statement.status) {
            let why = format!(
                "says of {} in {purl}: {}; {} counts, which says: {}",
                flaw.id,
                words(other.statement.status),
                counts.at(),
                words(counts.statement.status)
            );
            self.push(&other.at(), why);
        }
    }

    fn finish(self) -> Vec<Unread> {
        let mut told: Vec<Unread> = self.lines.into_iter().collect();
        if self.more > 0 {
            let why = format!("{} more of their statements have no effect", self.more);
            told.push(Unread { path: "VEX documents".into(), why, incomplete: false });
        }
        told
    }
}

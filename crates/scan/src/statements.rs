//! Which VEX documents speak of a target: those that the caller gave, and the bills of materials in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use floodmark_case::{ReadSource, Unread, VexBy};

use crate::engine::flaw::Flaw;
use crate::engine::set_aside::Choices;
use crate::engine::vexed::{self, Said};
use crate::read::{Bom, MOST_BYTES, VEX, bom, may_hold_vex, read};
use crate::scan::Scanned;
use crate::target::Target;
use crate::vex::{BomLink, Document, Product, Vex};

/// What the reader of bills of materials calls them in coverage.
const SBOM: &str = "sbom";

/// Holds flaws against what documents say of them, and tells which statements have no effect.
pub(crate) fn apply(
    flaws: &mut [Flaw],
    target: Option<&dyn Target>,
    scanned: &mut Scanned,
    choices: Choices,
) -> Vec<Unread> {
    let Choices { mut vex, products, .. } = choices;
    let mut unread: Vec<Unread> = vex.iter_mut().flat_map(|one| std::mem::take(&mut one.unread)).collect();
    let boms: Vec<&ReadSource> = scanned.read.iter().filter(|read| read.kind == SBOM).collect();
    let mut own = Vec::new();
    if let Some(target) = target
        && !flaws.is_empty()
    {
        link(&mut vex, target, &boms);
        own.extend(boms.iter().filter_map(|bom| of_target(target, bom)));
    }
    let by_caller = vex.iter().map(|one| (&one.document, VexBy::Caller));
    let said = Said {
        documents: by_caller.chain(own.iter().map(|document| (document, VexBy::Target))).collect(),
        products: &products,
        digests: scanned.read.iter().map(|read| read.evidence).collect(),
    };
    unread.extend(vexed::apply(flaws, &scanned.components, &said));
    scanned.read.extend(vex.into_iter().map(|one| one.read));
    scanned.read.sort();
    unread
}

/// What a bill of materials in the target says of its own components. It was read for these before, so that what is wrong
/// with it is told already.
fn of_target(target: &dyn Target, read_before: &ReadSource) -> Option<Document> {
    let path = Path::new(&read_before.path);
    let bytes = bytes_of(target, path)?;
    if !may_hold_vex(&bytes) {
        return None;
    }
    drop(bytes);
    let statements = read(target, path, &VEX).statements;
    let document = Document { path: read_before.path.clone(), evidence: read_before.evidence, statements };
    (!document.statements.is_empty()).then_some(document)
}

/// Gives what documents name by a link into a bill of materials the purl that it has there, if that bill is in the target.
fn link(vex: &mut [Vex], target: &dyn Target, boms: &[&ReadSource]) {
    let mut wanted: Vec<&mut Product> = vex
        .iter_mut()
        .flat_map(|one| &mut one.document.statements)
        .flat_map(|(_, statement)| &mut statement.products)
        .filter(|product| product.identity.link.is_some())
        .collect();
    if wanted.is_empty() {
        return;
    }
    let mut known: BTreeMap<String, Vec<Bom>> = BTreeMap::new();
    let paths: BTreeSet<&str> = boms.iter().map(|read| read.path.as_str()).collect();
    for path in paths.into_iter().map(Path::new) {
        if let Some(bom) = bytes_of(target, path).and_then(|bytes| bom(target, path, &bytes)) {
            known.entry(bom.serial.clone()).or_default().push(bom);
        }
    }
    for product in &mut wanted {
        let Some(BomLink { serial, version, reference }) = &product.identity.link else { continue };
        let boms = known.get(serial).into_iter().flatten();
        let boms = boms.filter(|bom| version.is_none() || bom.version.is_none() || bom.version == *version);
        let purls: Vec<_> = boms.filter_map(|bom| bom.components.get(reference).cloned()).collect();
        product.identity.purls.extend(purls);
    }
}

fn bytes_of(target: &dyn Target, path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    target.open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

//! Which VEX documents speak of a target: those that the caller gave, and the bills of materials in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use floodmark_case::{ReadSource, Unread, VexBy};
use floodmark_intel::purl::Purl;

use crate::engine::flaw::Flaw;
use crate::engine::set_aside::Choices;
use crate::engine::vexed::{self, Said};
use crate::read::{Bom, MOST_BYTES, VEX, bom, may_hold_vex, read};
use crate::scan::Scanned;
use crate::target::Target;
use crate::vex::{BomLink, Document, Vex};

/// What the reader of bills of materials calls them in coverage.
const SBOM: &str = "sbom";

/// Holds flaws against what documents say of them, and tells which statements have no effect.
pub(crate) fn apply(
    flaws: &mut [Flaw],
    target: Option<&dyn Target>,
    scanned: &mut Scanned,
    choices: &Choices,
) -> Vec<Unread> {
    let Choices { vex, products, .. } = choices;
    let mut unread: Vec<Unread> = vex.iter().flat_map(|one| &one.unread).cloned().collect();
    let boms: Vec<&ReadSource> = scanned.read.iter().filter(|read| read.kind == SBOM).collect();
    let (mut own, mut links) = (Vec::new(), BTreeMap::new());
    if let Some(target) = target
        && !flaws.is_empty()
    {
        links = linked(vex, target, &boms);
        own.extend(boms.iter().filter_map(|bom| of_target(target, bom, &mut unread)));
    }
    let by_caller = vex.iter().map(|one| (&one.document, VexBy::Caller));
    let said = Said {
        documents: by_caller.chain(own.iter().map(|document| (document, VexBy::Target))).collect(),
        products,
        links,
        digests: scanned.read.iter().map(|read| read.evidence).collect(),
    };
    unread.extend(vexed::apply(flaws, &scanned.components, &said));
    scanned.read.extend(vex.iter().map(|one| one.read.clone()));
    scanned.read.sort();
    unread
}

/// What a bill of materials in the target says of its own components. Nothing hangs on a statement that cannot be read, so
/// that it is told as a note; what else is wrong with the file was told when it was read for its components.
fn of_target(target: &dyn Target, read_before: &ReadSource, unread: &mut Vec<Unread>) -> Option<Document> {
    let path = Path::new(&read_before.path);
    if !may_hold_vex(&bytes_of(target, path)?) {
        return None;
    }
    let outcome = read(target, path, &VEX);
    let of_statements = outcome.unread.into_iter().filter(|one| one.path != read_before.path);
    unread.extend(of_statements.map(|one| Unread { incomplete: false, ..one }));
    let document = Document {
        path: read_before.path.clone(),
        evidence: read_before.evidence,
        statements: outcome.statements,
    };
    (!document.statements.is_empty()).then_some(document)
}

/// The purls of what documents name by a link into a bill of materials, if that bill is in the target.
fn linked<'v>(vex: &'v [Vex], target: &dyn Target, boms: &[&ReadSource]) -> BTreeMap<&'v BomLink, Vec<Purl>> {
    let statements = vex.iter().flat_map(|one| &one.document.statements);
    let products = statements.flat_map(|(_, statement)| &statement.products);
    let wanted: BTreeSet<&BomLink> = products.filter_map(|product| product.identity.link.as_ref()).collect();
    if wanted.is_empty() {
        return BTreeMap::new();
    }
    let mut known: BTreeMap<String, Vec<Bom>> = BTreeMap::new();
    let paths: BTreeSet<&str> = boms.iter().map(|read| read.path.as_str()).collect();
    for path in paths.into_iter().map(Path::new) {
        if let Some(bom) = bytes_of(target, path).and_then(|bytes| bom(target, path, &bytes)) {
            known.entry(bom.serial.clone()).or_default().push(bom);
        }
    }
    let purls = |link: &BomLink| -> Vec<Purl> {
        let boms = known.get(&link.serial).into_iter().flatten();
        let boms =
            boms.filter(|bom| link.version.is_none() || bom.version.is_none() || bom.version == link.version);
        boms.filter_map(|bom| bom.components.get(&link.reference).cloned()).collect()
    };
    wanted.into_iter().map(|link| (link, purls(link))).collect()
}

fn bytes_of(target: &dyn Target, path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    target.open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

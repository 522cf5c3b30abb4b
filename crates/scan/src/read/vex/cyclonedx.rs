//! What `CycloneDX` 1.4 to 1.7 says of flaws, <https://cyclonedx.org/docs/1.6/json/#vulnerabilities>, in JSON and in XML: the
//! elements of lists have names in XML and none in JSON, all else is alike.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::{Timestamp, VexStatus};
use floodmark_intel::purl::Purl;

use super::super::Reading;
use super::super::nested::Node;
use super::{Bom, MOST_PRODUCTS, comparable, name, text, time};
use crate::vex::{Identity, Product, Statement};

/// How deep components may stand in components.
const MOST_DEEP: usize = 32;

/// The node that is the bill of materials, if a document is one.
pub(super) fn root<'t, 'b>(root: Node<'t, 'b>) -> Option<Node<'t, 'b>> {
    if root.text_of("bomFormat") == Some("CycloneDX") {
        return Some(root);
    }
    root.child("bom")
}

/// What a statement has from its document.
struct Document {
    author: Option<String>,
    timestamp: Option<Timestamp>,
    components: BTreeMap<String, Purl>,
}

pub(super) fn read(root: Node<'_, '_>, reading: &mut Reading<'_>) {
    let is_said =
        |node: &Node<'_, '_>| node.child("analysis").is_some_and(|one| one.child("state").is_some());
    let said: Vec<Node<'_, '_>> = root.children_of("vulnerabilities").filter(is_said).collect();
    if said.is_empty() {
        return;
    }
    let metadata = root.child("metadata");
    let document = Document {
        author: metadata.and_then(author),
        timestamp: metadata.and_then(|node| time(node, "timestamp")),
        components: components(root),
    };
    for node in said {
        let place = if root.key() == "bom" { node.line() } else { node.way() };
        if let Some(why) = unevaluated(node) {
            reading.problem(&place, &why);
        }
        reading.state(place, statement(node, &document));
    }
}

/// The bill as links name it.
pub(super) fn bom(root: Node<'_, '_>) -> Option<Bom> {
    let serial = root.text_of("serialNumber").or_else(|| root.text_of("@serialNumber"))?.to_ascii_lowercase();
    let serial = serial.strip_prefix("urn:uuid:").unwrap_or(&serial).to_owned();
    let version = root.child("version").or_else(|| root.child("@version"));
    let version = version.and_then(Node::scalar).map(ToOwned::to_owned);
    Some(Bom { serial, version, components: components(root) })
}

fn author(metadata: Node<'_, '_>) -> Option<String> {
    let of = |key: &str| metadata.child(key).and_then(|one| text(one, "name"));
    let authors = metadata.children_of("authors").find_map(|one| text(one, "name"));
    authors.or_else(|| of("supplier")).or_else(|| of("manufacturer")).or_else(|| of("manufacture"))
}

/// The purls of components by their references.
fn components(root: Node<'_, '_>) -> BTreeMap<String, Purl> {
    let subject = root.child("metadata").and_then(|node| node.child("component"));
    let mut open: Vec<(usize, Node<'_, '_>)> =
        subject.into_iter().chain(root.children_of("components")).map(|node| (0, node)).collect();
    let mut known = BTreeMap::new();
    while let Some((depth, node)) = open.pop() {
        let reference = node.text_of("bom-ref").or_else(|| node.text_of("@bom-ref"));
        if let Some((reference, purl)) = reference.zip(purl(node)) {
            known.entry(reference.to_owned()).or_insert(purl);
        }
        if depth < MOST_DEEP {
            open.extend(node.children_of("components").map(|node| (depth + 1, node)));
        }
    }
    known
}

/// The purl of a component; without one it is named as the reader of bills names it.
fn purl(node: Node<'_, '_>) -> Option<Purl> {
    if let Some(purl) = node.text_of("purl") {
        return purl.parse().ok();
    }
    Purl::new("generic", node.text_of("group"), node.text_of("name")?, node.text_of("version")).ok()
}

/// A range of versions is not evaluated.
fn unevaluated(node: Node<'_, '_>) -> Option<String> {
    let versions = node.children_of("affects").flat_map(|target| target.children_of("versions"));
    let mut ranges = versions.filter_map(|version| version.text_of("range"));
    ranges
        .next()
        .map(|range| format!("is about the range `{range}`, which is not evaluated; expected versions"))
}

fn statement(node: Node<'_, '_>, document: &Document) -> Result<Statement, String> {
    let analysis = node.child("analysis").ok_or("has no `analysis`")?;
    let status = match analysis.must("state")? {
        "not_affected" | "false_positive" => VexStatus::NotAffected,
        "resolved" | "resolved_with_pedigree" => VexStatus::Fixed,
        "exploitable" => VexStatus::Affected,
        "in_triage" => VexStatus::UnderInvestigation,
        other => {
            return Err(format!(
                "has the state `{other}`; expected resolved, resolved_with_pedigree, exploitable, in_triage, \
                 false_positive or not_affected"
            ));
        }
    };
    let others = node.children_of("references").filter_map(|one| one.text_of("id"));
    let names: BTreeSet<String> =
        node.text_of("id").into_iter().chain(others).map(name).filter(|one| !one.is_empty()).collect();
    if names.is_empty() {
        return Err("names no flaw; expected an `id`".to_owned());
    }
    let responses = analysis.children_of("response").chain(analysis.children_of("responses"));
    let responses: Vec<&str> = responses.filter_map(Node::text).take(8).collect();
    let action = text(node, "recommendation").or_else(|| text(node, "workaround"));
    let dated = time(analysis, "lastUpdated").or_else(|| time(analysis, "firstIssued"));
    Ok(Statement {
        names,
        products: products(node, status, document)?,
        status,
        justification: text(analysis, "justification"),
        detail: text(analysis, "detail"),
        action: action.or_else(|| Some(responses.join(", ")).filter(|text| !text.is_empty())),
        author: document.author.clone(),
        timestamp: dated.or_else(|| time(node, "updated")).or(document.timestamp),
    })
}

fn products(node: Node<'_, '_>, status: VexStatus, document: &Document) -> Result<Vec<Product>, String> {
    let products: Vec<Product> = node
        .children_of("affects")
        .filter_map(|target| target.text_of("ref").map(|reference| (target, reference)))
        .take(MOST_PRODUCTS + 1)
        .map(|(target, reference)| product(target, reference, status, document))
        .collect();
    match products.len() {
        0 => Err("names nothing that it is about; expected `affects` with a `ref`".to_owned()),
        many if many > MOST_PRODUCTS => {
            Err(format!("is about more than {MOST_PRODUCTS} things; expected fewer"))
        }
        _ => comparable(products),
    }
}

fn product(target: Node<'_, '_>, reference: &str, status: VexStatus, document: &Document) -> Product {
    let identity = match document.components.get(reference) {
        Some(purl) => {
            Identity { text: reference.to_owned(), purls: vec![purl.clone()], ..Identity::default() }
        }
        None => Identity::of(reference),
    };
    // A version of which the list says the opposite of the state is not spoken of.
    let opposite: &[&str] = match status {
        VexStatus::Affected | VexStatus::UnderInvestigation => &["unaffected"],
        VexStatus::NotAffected | VexStatus::Fixed => &["affected", "unknown"],
    };
    let mut listed = target.children_of("versions").peekable();
    let versions = listed.peek().is_some().then(|| {
        listed
            .filter(|one| one.text_of("status").is_none_or(|status| !opposite.contains(&status)))
            .filter_map(|one| one.text_of("version").map(ToOwned::to_owned))
            .collect()
    });
    Product { identity, parts: Vec::new(), versions }
}

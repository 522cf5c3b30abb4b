//! `OpenVEX` 0.2.0, <https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>, and 0.0.1, in which products and flaws are
//! plain texts.

use std::collections::BTreeSet;

use floodmark_case::{Timestamp, VexStatus};

use super::super::Reading;
use super::super::nested::Node;
use super::{MOST_PRODUCTS, comparable, name, text, time};
use crate::component::{Algorithm, Hash};
use crate::vex::{Identity, Product, Statement};

/// The justifications of the specification.
const JUSTIFICATIONS: [&str; 5] = [
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

/// Whether a document is one.
pub(super) fn is_one(root: Node<'_, '_>) -> bool {
    let context = root.text_of("@context").or_else(|| root.children_of("@context").find_map(Node::text));
    context.is_some_and(|context| context.contains("openvex"))
}

/// What a statement has from its document.
struct Document {
    author: Option<String>,
    timestamp: Option<Timestamp>,
}

pub(super) fn read(root: Node<'_, '_>, reading: &mut Reading<'_>) {
    let document = Document { author: text(root, "author"), timestamp: time(root, "timestamp") };
    for node in root.children_of("statements") {
        reading.state(node.way(), statement(node, &document));
    }
}

fn statement(node: Node<'_, '_>, document: &Document) -> Result<Statement, String> {
    let status = match node.must("status")? {
        "not_affected" => VexStatus::NotAffected,
        "affected" => VexStatus::Affected,
        "fixed" => VexStatus::Fixed,
        "under_investigation" => VexStatus::UnderInvestigation,
        other => {
            return Err(format!(
                "has the status `{other}`; expected not_affected, affected, fixed or under_investigation"
            ));
        }
    };
    let (justification, detail) = (text(node, "justification"), text(node, "impact_statement"));
    if let Some(other) = justification.as_deref().filter(|one| !JUSTIFICATIONS.contains(one)) {
        return Err(format!(
            "has the justification `{other}`; expected one of {}",
            JUSTIFICATIONS.join(", ")
        ));
    }
    if status == VexStatus::NotAffected && justification.is_none() && detail.is_none() {
        return Err(
            "is not_affected without `justification` or `impact_statement`; expected one of them".to_owned()
        );
    }
    let names = names(node.child("vulnerability").ok_or("has no `vulnerability`; expected its name")?);
    if names.is_empty() {
        return Err("names no flaw; expected `vulnerability` with a `name`".to_owned());
    }
    Ok(Statement {
        names,
        products: products(node)?,
        status,
        justification,
        detail: detail.or_else(|| text(node, "status_notes")),
        action: text(node, "action_statement"),
        author: text(node, "supplier").or_else(|| document.author.clone()),
        timestamp: time(node, "last_updated").or_else(|| time(node, "timestamp")).or(document.timestamp),
    })
}

fn names(node: Node<'_, '_>) -> BTreeSet<String> {
    let last = |id: &str| id.rsplit('/').next().map(ToOwned::to_owned);
    let own = node.text().or_else(|| node.text_of("name")).map(ToOwned::to_owned);
    let own = own.or_else(|| node.text_of("@id").and_then(last));
    let aliases = node.children_of("aliases").filter_map(|alias| alias.text().map(ToOwned::to_owned));
    own.into_iter().chain(aliases).map(|one| name(&one)).filter(|one| !one.is_empty()).collect()
}

fn products(node: Node<'_, '_>) -> Result<Vec<Product>, String> {
    let shared: Vec<Identity> = node.children_of("subcomponents").map(identity).collect();
    let products: Vec<Product> = node
        .children_of("products")
        .take(MOST_PRODUCTS + 1)
        .map(|product| {
            let own = product.children_of("subcomponents").map(identity);
            Product {
                identity: identity(product),
                parts: shared.iter().cloned().chain(own).collect(),
                versions: None,
            }
        })
        .collect();
    match products.len() {
        0 => Err("names no product; expected `products`".to_owned()),
        many if many > MOST_PRODUCTS => {
            Err(format!("names more than {MOST_PRODUCTS} products; expected fewer"))
        }
        _ => comparable(products),
    }
}

fn identity(node: Node<'_, '_>) -> Identity {
    let id = node.text().or_else(|| node.text_of("@id"));
    let mut identity = id.map(Identity::of).unwrap_or_default();
    for one in node.children_of("identifiers") {
        let Some(text) = one.text() else { continue };
        if one.key() == "purl" {
            identity.purls.extend(text.parse().ok().filter(|purl| !identity.purls.contains(purl)));
        }
        if identity.text.is_empty() {
            text.clone_into(&mut identity.text);
        }
    }
    for hash in node.children_of("hashes") {
        let algorithm = Algorithm::named(hash.key());
        identity
            .hashes
            .extend(algorithm.zip(hash.text()).and_then(|(algorithm, hex)| Hash::from_hex(algorithm, hex)));
    }
    identity
}

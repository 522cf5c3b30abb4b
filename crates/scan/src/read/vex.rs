//! VEX: `OpenVEX`, and what `CycloneDX` says of flaws, told by their content.
//!
//! ```text
//! bytes ──> Nested ──> openvex | cyclonedx ──> Reading::state
//! ```
//!
//! What is meant to silence must be read as it was meant: a document that is broken somewhere is refused as a whole, while a
//! statement that makes no sense is lost alone.

mod cyclonedx;
mod openvex;

use std::collections::BTreeMap;
use std::path::Path;

use floodmark_case::Timestamp;
use floodmark_intel::purl::Purl;
use memchr::memmem;

use super::nested::{Nested, Node};
use super::text::with_mark;
use super::{Broken, Reading, VEX};
use crate::target::Target;
use crate::vex::Product;

/// The most products that one statement may name.
const MOST_PRODUCTS: usize = 100_000;

/// Reads a document. It is of a kind that says what does not touch whom, or it is an error.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let bytes = with_mark(bytes);
    let nested = nested(&bytes, reading)?;
    if reading.has_problems() {
        return Err(Broken::other("is broken, so that nothing of it counts", "a whole document"));
    }
    let root = nested.root();
    if let Some(bom) = cyclonedx::root(root) {
        cyclonedx::read(bom, reading);
    } else if openvex::is_one(root) {
        openvex::read(root, reading);
    } else {
        let is_csaf = root.child("document").is_some_and(|document| document.child("csaf_version").is_some());
        let what = if is_csaf {
            "is VEX of CSAF, which is not read yet"
        } else {
            "is no VEX document that is known"
        };
        return Err(Broken::other(what, "OpenVEX, or CycloneDX in JSON or XML"));
    }
    Ok(())
}

fn nested<'b>(bytes: &'b [u8], reading: &mut Reading<'_>) -> Result<Nested<'b>, Broken> {
    match bytes.trim_ascii_start().first() {
        Some(b'<') => Nested::xml(bytes, reading),
        Some(b'{') => Nested::json(bytes, reading),
        _ => Err(Broken::other("is no VEX document that is known", "OpenVEX, or CycloneDX in JSON or XML")),
    }
}

/// Whether a bill of materials may hold statements: one without the words does not have to be looked through.
pub(crate) fn may_hold_vex(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"vulnerabilities").is_some() && memmem::find(bytes, b"analysis").is_some()
}

/// A bill of materials, as links from elsewhere name it.
#[derive(Debug)]
pub(crate) struct Bom {
    /// Its serial number, in lower case and without `urn:uuid:`.
    pub serial: String,
    pub version: Option<String>,
    /// The purls of its components by their references.
    pub components: BTreeMap<String, Purl>,
}

/// The bill of materials at a path of a target, if it is one with a serial number.
pub(crate) fn bom(target: &dyn Target, path: &Path, bytes: &[u8]) -> Option<Bom> {
    let bytes = with_mark(bytes);
    let mut reading = Reading::new(target, path, &VEX);
    let nested = nested(&bytes, &mut reading).ok()?;
    cyclonedx::bom(cyclonedx::root(nested.root())?)
}

fn time(node: Node<'_, '_>, key: &str) -> Option<Timestamp> {
    node.text_of(key)?.parse().ok()
}

fn text(node: Node<'_, '_>, key: &str) -> Option<String> {
    node.text_of(key).map(str::trim).filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// A flaw's name as it is compared.
fn name(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

/// The products, if one of them at least is named by something that components have.
fn comparable(products: Vec<Product>) -> Result<Vec<Product>, String> {
    if products.iter().any(|product| !product.identity.is_empty()) {
        return Ok(products);
    }
    let first = products.first().map_or("", |product| &product.identity.text);
    Err(format!("names its products by nothing that can be compared (`{first}`); expected a purl"))
}

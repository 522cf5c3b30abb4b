//! What VEX documents say of flaws: that they do not touch a product, are fixed in it, or are looked into.
//!
//! `read/vex.rs` makes statements of bytes, `engine/vexed.rs` holds flaws against them.

use std::collections::BTreeSet;
use std::path::Path;

use floodmark_case::{EvidenceId, ReadSource, Timestamp, Unread, VexStatus};
use floodmark_intel::purl::Purl;

use crate::component::{Hash, Place};
use crate::read::{Outcome, VEX, read};
use crate::target::Held;

/// A VEX document that whoever runs the scan has given.
#[derive(Debug, Clone)]
pub struct Vex {
    pub(crate) document: Document,
    pub(crate) read: ReadSource,
    pub(crate) unread: Vec<Unread>,
}

/// Why a VEX document could not be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{path}: {why}")]
pub struct VexError {
    path: String,
    why: String,
}

impl Vex {
    /// Reads an `OpenVEX` or `CycloneDX` document; `path` is its name in the answer. A statement that cannot be read is told in
    /// the answer, and the others count.
    pub fn read(path: &str, bytes: &[u8]) -> Result<Self, VexError> {
        let outcome = read(&Held::new([(path, bytes)]), Path::new(path), &VEX);
        let Outcome { statements, mut read, unread, .. } = outcome;
        match (read.pop(), unread.first()) {
            (Some(read), first) if first.is_none() || !statements.is_empty() => {
                let document = Document { path: path.to_owned(), evidence: read.evidence, statements };
                Ok(Self { document, read, unread })
            }
            (_, first) => {
                let why = first.map_or("could not be read", |first| &first.why);
                Err(VexError {
                    path: first.map_or(path, |first| &first.path).to_owned(),
                    why: why.to_owned(),
                })
            }
        }
    }
}

/// The statements of one document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub path: String,
    pub evidence: EvidenceId,
    pub statements: Vec<(Place, Statement)>,
}

/// What is said of one flaw in some products.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// The flaw's names, in upper case.
    pub names: BTreeSet<String>,
    pub products: Vec<Product>,
    pub status: VexStatus,
    pub justification: Option<String>,
    pub detail: Option<String>,
    pub action: Option<String>,
    pub author: Option<String>,
    pub timestamp: Option<Timestamp>,
}

/// A product, or what is in one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Product {
    pub identity: Identity,
    /// What it is said of; none where it is said of the product as a whole.
    pub parts: Vec<Identity>,
    /// The versions that it is said of, where the document lists them; others are not spoken of.
    pub versions: Option<BTreeSet<String>>,
}

/// What something is named by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    /// As it is written, for messages.
    pub text: String,
    pub purls: Vec<Purl>,
    pub hashes: BTreeSet<Hash>,
    /// A component of a bill of materials elsewhere.
    pub link: Option<BomLink>,
}

/// A component of a bill of materials, <https://cyclonedx.org/capabilities/bomlink/>.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BomLink {
    /// The serial number, in lower case and without `urn:uuid:`.
    pub serial: String,
    /// The version; any if none is named.
    pub version: Option<String>,
    /// The component's reference in it, decoded.
    pub reference: String,
}

impl Identity {
    /// What a text names: a purl, or a link to a bill of materials.
    pub(crate) fn of(text: &str) -> Self {
        let purls = text.parse().ok().into_iter().collect();
        Self { text: text.to_owned(), purls, hashes: BTreeSet::new(), link: text.parse().ok() }
    }

    /// Whether nothing in it can be compared.
    pub(crate) fn is_empty(&self) -> bool {
        self.purls.is_empty() && self.hashes.is_empty() && self.link.is_none()
    }
}

impl std::str::FromStr for BomLink {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let rest = text.strip_prefix("urn:cdx:").ok_or(())?;
        let (bom, reference) = rest.split_once('#').ok_or(())?;
        let (serial, version) = match bom.split_once('/') {
            Some((serial, version)) => (serial, Some(version.to_owned())),
            None => (bom, None),
        };
        Ok(Self { serial: serial.to_ascii_lowercase(), version, reference: decoded(reference) })
    }
}

/// A text in which `%40` stands for `@`; what is encoded wrongly stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_into_a_bill_of_materials_is_taken_apart() {
        let link = |text: &str| text.parse::<BomLink>().ok();
        let known = link("urn:cdx:F08A6CCD-4dce-4759-bd84-c626675d60a7/2#pkg%3Anpm%2Fa%401?x");
        let expected = BomLink {
            serial: "f08a6ccd-4dce-4759-bd84-c626675d60a7".into(),
            version: Some("2".into()),
            reference: "pkg:npm/a@1?x".into(),
        };
        assert_eq!(known, Some(expected));
        assert_eq!(
            link("urn:cdx:a#b%zz%").map(|one| (one.version, one.reference)),
            Some((None, "b%zz%".into()))
        );
        assert_eq!((link("urn:cdx:a/1"), link("pkg:npm/a@1")), (None, None));
    }
}

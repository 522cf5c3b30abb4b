//! What a file is, told by its content.

use std::fs::File;
use std::io::{self, Read, Seek};

use flate2::read::MultiGzDecoder;
use schemars::JsonSchema;
use serde::Serialize;

use super::limits::DOCUMENT_BYTES;
use super::tree::{Tree, TreeError, json, yaml};
use super::{epss, kev, misp, stix};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// An archive of advisories.
    Zip,
    /// An advisory.
    Osv,
    /// CISA's catalogue.
    Kev,
    /// FIRST's table.
    Epss,
    /// A bundle of STIX.
    Stix,
    /// Events of MISP.
    Misp,
}

/// What a file holds, read as far as it is a document.
#[derive(Debug)]
pub(super) enum Content {
    Zip,
    Osv(Tree),
    Kev(Tree),
    Epss(String),
    Stix(Tree),
    Misp(Tree),
    /// Nothing that is read here, and why.
    Other(String),
    #[cfg(all(feature = "hostile-reader", target_os = "linux"))]
    Hostile(String),
}

/// Looks into a file. `Err` says what is wrong with one that looks like something.
pub(super) fn content(file: &mut File) -> io::Result<Result<Content, String>> {
    let mut magic = [0; 4];
    let read = file.read(&mut magic)?;
    file.rewind()?;
    Ok(match &magic[..read] {
        b"PK\x03\x04" | b"PK\x05\x06" => Ok(Content::Zip),
        [0x1f, 0x8b, ..] => match bounded(MultiGzDecoder::new(file)) {
            Ok(Some(bytes)) => document(&bytes),
            Ok(None) => Err(too_large()),
            Err(error) => Err(format!("it cannot be inflated: {error}")),
        },
        _ => bounded(file)?.map_or_else(|| Err(too_large()), |bytes| document(&bytes)),
    })
}

fn too_large() -> String {
    format!("it comes to more than {DOCUMENT_BYTES} bytes")
}

/// All of it, or none if it is too much.
fn bounded(reader: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(DOCUMENT_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= DOCUMENT_BYTES))
}

/// What a document is.
pub(super) fn document(bytes: &[u8]) -> Result<Content, String> {
    let start = bytes.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    if start.is_empty() {
        return Ok(Content::Other("it is empty".to_owned()));
    }
    if start.starts_with(b"{") || start.starts_with(b"[") {
        return Ok(tree(json(bytes).map_err(told)?));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(Content::Other("it is neither text nor an archive".to_owned()));
    };
    #[cfg(all(feature = "hostile-reader", target_os = "linux"))]
    if super::hostile::recognises(text) {
        return Ok(Content::Hostile(text.to_owned()));
    }
    if epss::recognises(text) {
        return Ok(Content::Epss(text.to_owned()));
    }
    if text.lines().any(|line| line.starts_with("id:")) {
        return Ok(tree(yaml(bytes).map_err(told)?));
    }
    Ok(Content::Other("it is no advisory: expected JSON or YAML of OSV".to_owned()))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn told(error: TreeError) -> String {
    error.to_string()
}

fn tree(tree: Tree) -> Content {
    if kev::recognises(&tree) {
        return Content::Kev(tree);
    }
    if stix::recognises(&tree) {
        return Content::Stix(tree);
    }
    if misp::recognises(&tree) {
        return Content::Misp(tree);
    }
    // The reports of Go's database in YAML have `modules` where advisories have `affected`.
    if tree.get("modules").is_some() && tree.get("affected").is_none() {
        let why = "it is a report of Go's vulnerability database: expected its OSV, in the folder data/osv beside it";
        return Content::Other(why.to_owned());
    }
    if tree.get("id").is_some() {
        return Content::Osv(tree);
    }
    Content::Other("it has no \"id\": expected an advisory of OSV".to_owned())
}

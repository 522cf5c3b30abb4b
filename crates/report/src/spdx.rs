//! The inventory as SPDX 2.3 in JSON, <https://spdx.github.io/spdx-spec/v2.3/>.
//!
//! | in the answer | in the document |
//! | --- | --- |
//! | the target | a package without a purl, which the document describes |
//! | component | package with its purl, hashes as checksums; `floodmark:KEY=VALUE` annotations for what SPDX has no field for |
//! | who asked for it | `DEPENDS_ON`, from the target where the project itself did; else the target `CONTAINS` it |
//! | file that was read | package of purpose `FILE` with its SHA-256, since a file of SPDX must have a SHA-1; `OTHER` from each component found there |
//! | flaw | reference to its advisory, and an annotation |
//!
//! There is no clock in it: `created` is when the newest of the advisories was changed that were asked, or the epoch, and the
//! namespace is made of what the document holds. The same evidence gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use floodmark_case::{Answer, Component, Flaw, FlawKind, FoundAt, ReadSource, Reference, Timestamp};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::ReportError;
use crate::json::write_pretty;

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const TARGET: &str = "SPDXRef-Target";
const TOOL: &str = concat!("Tool: floodmark-", env!("CARGO_PKG_VERSION"));

/// Places of a component that its package tells in words.
const MOST_PLACES: usize = 20;

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> Result<(), ReportError> {
    let index = Index::of(answer);
    let mut hash = Hashed(Sha256::new());
    serde_json::to_writer(&mut hash, &index.packages())?;
    serde_json::to_writer(&mut hash, &index.relationships())?;
    let namespace = format!("https://floodmark.invalid/spdx/{}", hex(&hash.0.finalize()));
    write_pretty(&Document { index: &index, namespace }, out)
}

/// The document, whose lists are made as they are written.
struct Document<'a> {
    index: &'a Index<'a>,
    namespace: String,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("spdxVersion", "SPDX-2.3")?;
        map.serialize_entry("dataLicense", "CC0-1.0")?;
        map.serialize_entry("SPDXID", DOCUMENT)?;
        map.serialize_entry("name", "floodmark scan")?;
        map.serialize_entry("documentNamespace", &self.namespace)?;
        map.serialize_entry(
            "creationInfo",
            &json!({
                "created": self.index.created,
                "creators": [TOOL],
                "comment": "`created` is when the newest advisory was changed that components were asked against, or 1970 \
                            without advisories: the same evidence gives the same document.",
            }),
        )?;
        map.serialize_entry("comment", &self.index.answer.verdict)?;
        map.serialize_entry("packages", &self.index.packages())?;
        map.serialize_entry("relationships", &self.index.relationships())?;
        map.end()
    }
}

/// A list that is made as it is written.
struct List<F>(F);

impl<I: Iterator<Item = Value>, F: Fn() -> I> Serialize for List<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// What is looked up while the document is written.
struct Index<'a> {
    answer: &'a Answer,
    created: String,
    /// The names of components within the document, in their order.
    ids: Vec<String>,
    by_name: BTreeMap<&'a str, Vec<usize>>,
    flaws: BTreeMap<&'a str, Vec<&'a Flaw>>,
}

impl<'a> Index<'a> {
    fn of(answer: &'a Answer) -> Self {
        let components = &answer.inventory.components;
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        let ids = components
            .iter()
            .map(|component| {
                let count = seen.entry(&component.purl).or_default();
                *count += 1;
                format!("SPDXRef-Package-{}", digest(&[&component.purl, &count.to_string()]))
            })
            .collect();
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, component) in components.iter().enumerate() {
            by_name.entry(&component.name).or_default().push(number);
        }
        let mut flaws: BTreeMap<&str, Vec<&Flaw>> = BTreeMap::new();
        for flaw in &answer.inventory.flaws {
            flaws.entry(&flaw.component).or_default().push(flaw);
        }
        let created = answer.inventory.asked.newest.unwrap_or(Timestamp::UNIX_EPOCH);
        let created = created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self { answer, created, ids, by_name, flaws }
    }

    fn packages(&self) -> impl Serialize + '_ {
        List(move || {
            let components = self.components().map(|(component, id)| self.package(component, id));
            let files = self.answer.coverage.read.iter().map(file);
            std::iter::once(target()).chain(components).chain(files)
        })
    }

    fn relationships(&self) -> impl Serialize + '_ {
        List(move || {
            let described = relationship(DOCUMENT, "DESCRIBES", TARGET);
            std::iter::once(described)
                .chain(self.components().flat_map(|(component, id)| self.related(component, id)))
        })
    }

    fn components(&self) -> impl Iterator<Item = (&'a Component, &str)> {
        self.answer.inventory.components.iter().zip(self.ids.iter().map(String::as_str))
    }

    fn package(&self, component: &Component, id: &str) -> Value {
        let flaws = self.flaws.get(component.purl.as_str()).into_iter().flatten();
        let advisories = flaws.clone().filter_map(|flaw| advisory(flaw));
        let purl = json!({
            "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": component.purl,
        });
        let checksums: Vec<Value> = component
            .hashes
            .iter()
            .map(|hash| json!({ "algorithm": hash.algorithm.replace('-', ""), "checksumValue": hash.digest }))
            .collect();
        let (_, missing) = self.parents(component);
        let annotations = properties(component, &missing)
            .into_iter()
            .chain(flaws.map(|flaw| ("flaw", format!("{} {}", flaw.kind.as_str(), flaw.id))))
            .map(|(key, value)| self.annotation(key, &value));
        let mut package = json!({
            "name": component.name,
            "SPDXID": id,
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": false,
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "sourceInfo": places(&component.found),
            "externalRefs": std::iter::once(purl).chain(advisories).collect::<Vec<_>>(),
            "annotations": annotations.collect::<Vec<_>>(),
        });
        if let Some(version) = component.version.as_ref().filter(|version| !version.is_empty()) {
            package["versionInfo"] = json!(version);
        }
        if !checksums.is_empty() {
            package["checksums"] = json!(checksums);
        }
        package
    }

    fn annotation(&self, key: &str, value: &str) -> Value {
        json!({
            "annotationDate": self.created,
            "annotationType": "OTHER",
            "annotator": TOOL,
            "comment": format!("floodmark:{key}={value}"),
        })
    }

    fn related(&self, component: &Component, id: &str) -> Vec<Value> {
        let kind = if component.direct { "DEPENDS_ON" } else { "CONTAINS" };
        let (parents, _) = self.parents(component);
        let asked = parents.iter().filter_map(|number| self.ids.get(*number));
        let asked = asked.map(|parent| relationship(parent, "DEPENDS_ON", id));
        let found = component.found.iter().map(|found| {
            let mut evident = relationship(id, "OTHER", &file_id(&found.path, &found.evidence.to_string()));
            evident["comment"] = json!(format!("evident by {}", found.place));
            evident
        });
        std::iter::once(relationship(TARGET, kind, id)).chain(asked).chain(found).collect()
    }

    /// The components that asked for one, and the names of those that are no components.
    fn parents<'c>(&self, component: &'c Component) -> (Vec<usize>, Vec<&'c str>) {
        let (mut parents, mut missing) = (Vec::new(), Vec::new());
        let mut files: Option<BTreeSet<&str>> = None;
        for name in &component.pulled_in_by {
            let near: Vec<usize> =
                match self.by_name.get(name.as_str()).map(Vec::as_slice).unwrap_or_default() {
                    one @ ([] | [_]) => one.to_vec(),
                    several => {
                        let files = files.get_or_insert_with(|| {
                            component.found.iter().map(|found| &*found.path).collect()
                        });
                        let is_near =
                            |number: &usize| {
                                self.answer.inventory.components.get(*number).is_some_and(|one| {
                                    one.found.iter().any(|found| files.contains(&*found.path))
                                })
                            };
                        several.iter().copied().filter(is_near).collect()
                    }
                };
            if near.is_empty() {
                missing.push(name.as_str());
            }
            parents.extend(near);
        }
        parents.sort_unstable();
        parents.dedup();
        (parents, missing)
    }
}

fn target() -> Value {
    json!({
        "name": "target",
        "SPDXID": TARGET,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "comment": "What was scanned.",
    })
}

fn file(read: &ReadSource) -> Value {
    json!({
        "name": read.path,
        "SPDXID": file_id(&read.path, &read.evidence.to_string()),
        "primaryPackagePurpose": "FILE",
        "packageFileName": read.path,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "checksums": [{ "algorithm": "SHA256", "checksumValue": read.evidence.to_string() }],
        "comment": format!("Read as {}, {} bytes.", read.kind, read.bytes),
    })
}

fn file_id(path: &str, evidence: &str) -> String {
    format!("SPDXRef-File-{}", digest(&[path, evidence]))
}

fn relationship(one: &str, kind: &str, other: &str) -> Value {
    json!({ "spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other })
}

fn advisory(flaw: &Flaw) -> Option<Value> {
    let is_advised = matches!(flaw.kind, FlawKind::Vulnerable | FlawKind::Malicious | FlawKind::Notice);
    let is_plain = flaw.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    (is_advised && is_plain).then(|| {
        json!({
            "referenceCategory": "SECURITY",
            "referenceType": "advisory",
            "referenceLocator": format!("https://osv.dev/vulnerability/{}", flaw.id),
        })
    })
}

/// What SPDX has no field for; our reader takes it back from there.
fn properties(component: &Component, missing: &[&str]) -> Vec<(&'static str, String)> {
    let mut told =
        vec![("scope", component.scope.as_str().to_owned()), ("direct", component.direct.to_string())];
    told.extend(component.ecosystem.iter().map(|one| ("ecosystem", one.to_string())));
    told.extend(missing.iter().map(|one| ("pulled-in-by", (*one).to_owned())));
    told.extend(component.claimed.iter().map(|one| ("claimed", one.clone())));
    if let Some(Reference { kind, name, at, digest, pin }) = &component.reference {
        told.push(("reference", kind.as_str().to_owned()));
        told.extend(name.iter().map(|name| ("reference:name", name.clone())));
        told.extend(at.iter().map(|at| ("reference:at", at.clone())));
        told.extend(digest.iter().map(|digest| ("reference:digest", digest.clone())));
        told.push(("reference:pin", pin.as_str().to_owned()));
    }
    told
}

fn places(found: &[FoundAt]) -> String {
    let told = found.iter().take(MOST_PLACES).map(|one| format!("{}: {}", one.path, one.place));
    let more = found.len().saturating_sub(MOST_PLACES);
    let rest = (more > 0).then(|| format!("and {more} more places"));
    format!("Found in {}.", told.chain(rest).collect::<Vec<_>>().join("; "))
}

/// Sixteen digits that name something by its parts.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize()[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Hashed(Sha256);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! SPDX 2.2 and 2.3, in JSON and as tags with values, <https://spdx.github.io/spdx-spec/v2.3/>.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::json_tree::{members, parsed};
use super::super::text::lines;
use super::super::{Broken, Reading};
use super::listed::{Facts, Listed};
use crate::component::{Algorithm, Hash, Place, Scope};

/// How Syft begins the ids of actions of GitHub.
const ACTION: &str = "SPDXRef-Package-github-action-";

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Package<'b> {
    #[serde(borrow, rename = "SPDXID")]
    id: Option<Cow<'b, str>>,
    #[serde(borrow)]
    name: Cow<'b, str>,
    #[serde(borrow)]
    version_info: Option<Cow<'b, str>>,
    #[serde(borrow)]
    primary_package_purpose: Option<Cow<'b, str>>,
    #[serde(borrow)]
    external_refs: Option<Vec<External<'b>>>,
    #[serde(borrow)]
    checksums: Option<Vec<Checksum<'b>>>,
    #[serde(borrow)]
    annotations: Option<Vec<Annotation<'b>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct External<'b> {
    #[serde(borrow, default)]
    reference_type: Cow<'b, str>,
    #[serde(borrow, default)]
    reference_locator: Cow<'b, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checksum<'b> {
    #[serde(borrow, default)]
    algorithm: Cow<'b, str>,
    #[serde(borrow, default)]
    checksum_value: Cow<'b, str>,
}

#[derive(Deserialize)]
struct Annotation<'b> {
    #[serde(borrow, default)]
    comment: Cow<'b, str>,
}

#[derive(Deserialize)]
struct Relationship<'b> {
    #[serde(borrow, rename = "spdxElementId")]
    one: Cow<'b, str>,
    #[serde(borrow, rename = "relationshipType")]
    kind: Cow<'b, str>,
    #[serde(borrow, rename = "relatedSpdxElement")]
    other: Cow<'b, str>,
}

pub(super) fn read_json(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let mut listed = Listed::default();
    let parts = ["packages", "relationships", "documentDescribes"];
    let read = members(bytes, &parts, &mut |part, key, value| match part {
        Some("packages") => package(value, key, &mut listed),
        Some("relationships") => match parsed::<Relationship<'_>>(value) {
            Ok(one) => {
                relate(&one.one, &one.kind, &one.other, &mut listed);
            }
            Err(why) => {
                listed.broken(
                    Place::entry(format!("relationships[{key}]")),
                    format!("is no relationship: {why}"),
                );
            }
        },
        Some(_) => {
            if let Ok(id) = parsed::<Cow<'_, str>>(value) {
                listed.subject(id);
            }
        }
        None => {}
    });
    listed.finish(reading);
    read
}

fn package(value: &RawValue, number: &str, listed: &mut Listed) {
    let place = Place::entry(format!("packages[{number}]"));
    let package: Package<'_> = match parsed(value) {
        Ok(package) => package,
        Err(why) => return listed.broken(place, format!("is no package of SPDX: {why}")),
    };
    let mut facts = Facts {
        kind: package.primary_package_purpose.unwrap_or_default().into_owned(),
        name: package.name.into_owned(),
        version: package.version_info.unwrap_or_default().into_owned(),
        ..Facts::default()
    };
    for one in package.external_refs.unwrap_or_default() {
        external(&one.reference_type, &one.reference_locator, &mut facts);
    }
    for one in package.checksums.unwrap_or_default() {
        checksum(&one.algorithm, &one.checksum_value, &mut facts);
    }
    for one in package.annotations.unwrap_or_default() {
        facts.properties.extend(annotated(&one.comment));
    }
    add(place, package.id.unwrap_or_default().into_owned(), facts, listed);
}

fn add(place: Place, id: String, mut facts: Facts, listed: &mut Listed) {
    if id.starts_with(ACTION) {
        facts.properties.push(("syft:package:type".to_owned(), "github-action".to_owned()));
    }
    facts.id = Some(id);
    listed.add(place, facts);
}

/// `floodmark:scope=dev`, as we write what SPDX has no field for.
fn annotated(comment: &str) -> Option<(String, String)> {
    let (key, value) = comment.trim().split_once('=')?;
    key.starts_with("floodmark:").then(|| (key.to_owned(), value.to_owned()))
}

fn external(kind: &str, locator: &str, facts: &mut Facts) {
    let field = match kind.rsplit('/').next().unwrap_or(kind) {
        "purl" => &mut facts.purl,
        "cpe23Type" | "cpe22Type" => &mut facts.cpe,
        _ => return,
    };
    if field.is_none() && !locator.is_empty() {
        *field = Some(locator.to_owned());
    }
}

fn checksum(algorithm: &str, digest: &str, facts: &mut Facts) {
    facts.hashes.extend(Algorithm::named(algorithm).and_then(|algorithm| Hash::from_hex(algorithm, digest)));
}

fn relate(one: &str, kind: &str, other: &str, listed: &mut Listed) {
    let scope = match kind {
        "DESCRIBES" => return listed.subject(other),
        "DESCRIBED_BY" => return listed.subject(one),
        "DEPENDS_ON" => return listed.need(one, other, None),
        "DEPENDENCY_OF" | "PREREQUISITE_FOR" => None,
        "RUNTIME_DEPENDENCY_OF" => Some(Scope::Runtime),
        "OPTIONAL_DEPENDENCY_OF" | "PROVIDED_DEPENDENCY_OF" | "OPTIONAL_COMPONENT_OF" => {
            Some(Scope::Optional)
        }
        "BUILD_DEPENDENCY_OF" | "BUILD_TOOL_OF" => Some(Scope::Build),
        "DEV_DEPENDENCY_OF" | "DEV_TOOL_OF" | "TEST_DEPENDENCY_OF" | "TEST_TOOL_OF" => Some(Scope::Dev),
        _ => return,
    };
    listed.need(other, one, scope);
}

/// Reads tags with values, one a line; a text over lines stands in `<text>` and names nothing.
pub(super) fn read_tags(bytes: &[u8], reading: &mut Reading<'_>) {
    let mut listed = Listed::default();
    let mut open: Option<(u32, String, Facts)> = None;
    let mut is_in_text = false;
    for (number, line) in lines(bytes) {
        let Ok(line) = std::str::from_utf8(line) else {
            listed.broken(Place::Line(number), "is no UTF-8; expected a tag and a value".to_owned());
            continue;
        };
        if is_in_text {
            is_in_text = !line.contains("</text>");
            continue;
        }
        let Some((tag, value)) = line.split_once(':').map(|(tag, value)| (tag.trim(), value.trim())) else {
            continue;
        };
        is_in_text = value.starts_with("<text>") && !value.contains("</text>");
        let value = value.trim_start_matches("<text>").trim_end_matches("</text>");
        match tag {
            "PackageName" => {
                close(open.take(), &mut listed);
                open = Some((number, String::new(), Facts { name: value.to_owned(), ..Facts::default() }));
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => close(open.take(), &mut listed),
            "Relationship" => {
                let mut words = value.split_ascii_whitespace();
                if let (Some(one), Some(kind), Some(other)) = (words.next(), words.next(), words.next()) {
                    relate(one, kind, other, &mut listed);
                }
            }
            _ => {
                if let Some((_, id, facts)) = &mut open {
                    tagged(tag, value, id, facts);
                }
            }
        }
    }
    close(open, &mut listed);
    listed.finish(reading);
}

fn tagged(tag: &str, value: &str, id: &mut String, facts: &mut Facts) {
    match tag {
        "SPDXID" => value.clone_into(id),
        "PackageVersion" => value.clone_into(&mut facts.version),
        "PrimaryPackagePurpose" => value.clone_into(&mut facts.kind),
        "PackageChecksum" => {
            if let Some((algorithm, digest)) = value.split_once(':') {
                checksum(algorithm.trim(), digest.trim(), facts);
            }
        }
        "ExternalRef" => {
            let mut words = value.split_ascii_whitespace().skip(1);
            if let (Some(kind), Some(locator)) = (words.next(), words.next()) {
                external(kind, locator, facts);
            }
        }
        "AnnotationComment" => facts.properties.extend(annotated(value)),
        _ => {}
    }
}

fn close(open: Option<(u32, String, Facts)>, listed: &mut Listed) {
    if let Some((line, id, facts)) = open {
        add(Place::Line(line), id, facts, listed);
    }
}

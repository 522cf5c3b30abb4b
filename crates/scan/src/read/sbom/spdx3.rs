//! SPDX 3.0 in JSON-LD, <https://spdx.github.io/spdx-spec/v3.0.1/>: a graph of elements that name each other.
//!
//! Names without the prefix of their profile are those of drafts, which spdx-tools writes.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::json_tree::{members, parsed};
use super::super::{Broken, Reading};
use super::listed::{Facts, Listed};
use crate::component::{Algorithm, Hash, Place, Scope};

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Element<'b> {
    #[serde(borrow, rename = "type", alias = "@type")]
    kind: Cow<'b, str>,
    #[serde(borrow, alias = "@id")]
    spdx_id: Option<Cow<'b, str>>,
    #[serde(borrow)]
    name: Option<Cow<'b, str>>,
    #[serde(borrow, rename = "software_packageVersion", alias = "packageVersion")]
    version: Option<Cow<'b, str>>,
    #[serde(borrow, rename = "software_packageUrl", alias = "packageUrl")]
    purl: Option<Cow<'b, str>>,
    #[serde(borrow, rename = "software_primaryPurpose")]
    purpose: Option<Cow<'b, str>>,
    #[serde(borrow)]
    external_identifier: Option<Vec<Identifier<'b>>>,
    // Elements of the graph may stand in their place by name alone.
    #[serde(borrow)]
    verified_using: Option<Vec<&'b RawValue>>,
    #[serde(borrow, rename = "rootElement")]
    roots: Option<Many<'b>>,
    #[serde(borrow)]
    from: Option<Cow<'b, str>>,
    #[serde(borrow)]
    to: Option<Many<'b>>,
    #[serde(borrow)]
    relationship_type: Option<Cow<'b, str>>,
    #[serde(borrow)]
    scope: Option<Cow<'b, str>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Identifier<'b> {
    #[serde(borrow)]
    external_identifier_type: Cow<'b, str>,
    #[serde(borrow)]
    identifier: Cow<'b, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verified<'b> {
    #[serde(borrow)]
    algorithm: Cow<'b, str>,
    #[serde(borrow)]
    hash_value: Cow<'b, str>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Many<'b> {
    One(#[serde(borrow)] Cow<'b, str>),
    All(#[serde(borrow)] Vec<Cow<'b, str>>),
}

impl<'b> Many<'b> {
    fn all(self) -> Vec<Cow<'b, str>> {
        match self {
            Self::One(one) => vec![one],
            Self::All(all) => all,
        }
    }
}

pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let mut listed = Listed::default();
    let read = members(bytes, &["@graph"], &mut |part, key, value| {
        if part.is_some() {
            element(value, key, &mut listed);
        }
    });
    listed.finish(reading);
    read
}

fn element(value: &RawValue, number: &str, listed: &mut Listed) {
    let place = Place::entry(format!("@graph[{number}]"));
    let element: Element<'_> = match parsed(value) {
        Ok(element) => element,
        Err(why) => return listed.broken(place, format!("is no element of SPDX: {why}")),
    };
    match element.kind.as_ref() {
        "software_Package" | "Package" | "dataset_DatasetPackage" | "ai_AIPackage" => {
            package(place, element, listed);
        }
        "Relationship" | "LifecycleScopedRelationship" => relate(element, listed),
        "SpdxDocument" | "software_Sbom" | "Sbom" | "Bom" => {
            element.roots.map(Many::all).unwrap_or_default().into_iter().for_each(|id| listed.subject(id));
        }
        _ => {}
    }
}

fn package(place: Place, element: Element<'_>, listed: &mut Listed) {
    let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned).filter(|text| !text.is_empty());
    let mut facts = Facts {
        id: text(element.spdx_id),
        kind: text(element.purpose).unwrap_or_default(),
        name: text(element.name).unwrap_or_default(),
        version: text(element.version).unwrap_or_default(),
        purl: text(element.purl),
        ..Facts::default()
    };
    for one in element.external_identifier.unwrap_or_default() {
        let field = match one.external_identifier_type.as_ref() {
            "packageUrl" => &mut facts.purl,
            "cpe23" | "cpe22" => &mut facts.cpe,
            _ => continue,
        };
        field.get_or_insert_with(|| one.identifier.into_owned());
    }
    let verified = element.verified_using.unwrap_or_default();
    let hashes = verified.into_iter().filter_map(|value| parsed::<Verified<'_>>(value).ok());
    facts.hashes =
        hashes.filter_map(|one| Hash::from_hex(Algorithm::named(&one.algorithm)?, &one.hash_value)).collect();
    listed.add(place, facts);
}

fn relate(element: Element<'_>, listed: &mut Listed) {
    let (Some(from), Some(to)) = (element.from, element.to) else { return };
    let scope = match element.scope.as_deref() {
        Some("development" | "test") => Some(Scope::Dev),
        Some("build") => Some(Scope::Build),
        Some("runtime") => Some(Scope::Runtime),
        _ => None,
    };
    let scope = match element.relationship_type.as_deref() {
        Some("dependsOn" | "DEPENDS_ON") => scope,
        Some("hasOptionalDependency" | "hasProvidedDependency") => Some(Scope::Optional),
        _ => return,
    };
    for id in to.all() {
        listed.need(from.as_ref(), id, scope);
    }
}

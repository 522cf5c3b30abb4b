//! `CycloneDX` in JSON, 1.2 to 1.7, <https://cyclonedx.org/docs/1.6/json/>.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::json_tree::{members, parsed};
use super::super::{Broken, Reading};
use super::cyclonedx_scope;
use super::listed::{Facts, Listed};
use crate::component::{Algorithm, Hash, Place};

/// How deep components may stand in components.
const MOST_DEEP: usize = 32;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry<'b> {
    #[serde(borrow, rename = "bom-ref")]
    bom_ref: Option<Cow<'b, str>>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'b, str>,
    #[serde(borrow)]
    name: Cow<'b, str>,
    #[serde(borrow)]
    group: Option<Cow<'b, str>>,
    #[serde(borrow)]
    version: Option<Cow<'b, str>>,
    #[serde(borrow)]
    purl: Option<Cow<'b, str>>,
    #[serde(borrow)]
    cpe: Option<Cow<'b, str>>,
    #[serde(borrow)]
    scope: Option<Cow<'b, str>>,
    #[serde(borrow)]
    hashes: Option<Vec<Digest<'b>>>,
    #[serde(borrow)]
    properties: Option<Vec<Property<'b>>>,
    #[serde(borrow)]
    components: Option<Vec<&'b RawValue>>,
}

#[derive(Deserialize)]
struct Digest<'b> {
    #[serde(borrow)]
    alg: Cow<'b, str>,
    #[serde(borrow)]
    content: Cow<'b, str>,
}

#[derive(Deserialize)]
struct Property<'b> {
    #[serde(borrow)]
    name: Cow<'b, str>,
    #[serde(borrow, default)]
    value: Option<Cow<'b, str>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata<'b> {
    #[serde(borrow)]
    component: Option<&'b RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dependency<'b> {
    #[serde(borrow, rename = "ref")]
    by: Cow<'b, str>,
    #[serde(borrow, default)]
    depends_on: Vec<Cow<'b, str>>,
}

pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let mut listed = Listed::default();
    let read = members(bytes, &["components", "dependencies"], &mut |part, key, value| match part {
        Some("components") => entry(value, format!("components[{key}]"), 0, &mut listed),
        Some(_) => dependency(value, key, &mut listed),
        None if key == "metadata" => {
            let subject = parsed::<Metadata<'_>>(value).ok().and_then(|metadata| metadata.component);
            if let Some(subject) = subject {
                about(subject, &mut listed);
            }
        }
        None => {}
    });
    listed.finish(reading);
    read
}

/// What the SBOM is about is listed only where it says who it is.
fn about(subject: &RawValue, listed: &mut Listed) {
    let place = "metadata.component";
    let Ok(known) = parsed::<Entry<'_>>(subject) else {
        return entry(subject, place.to_owned(), 0, listed);
    };
    if let Some(id) = known.bom_ref {
        listed.subject(id);
    }
    if known.purl.is_some() {
        entry(subject, place.to_owned(), 0, listed);
    } else {
        nested(known.components.unwrap_or_default(), place, 0, listed);
    }
}

fn entry(value: &RawValue, way: String, depth: usize, listed: &mut Listed) {
    let entry: Entry<'_> = match parsed(value) {
        Ok(entry) => entry,
        Err(why) => return listed.broken(Place::entry(way), format!("is no component of CycloneDX: {why}")),
    };
    let hashes = entry.hashes.unwrap_or_default();
    let properties = entry.properties.unwrap_or_default();
    let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned).filter(|text| !text.is_empty());
    let facts = Facts {
        id: text(entry.bom_ref),
        kind: entry.kind.into_owned(),
        name: entry.name.into_owned(),
        group: text(entry.group).unwrap_or_default(),
        version: text(entry.version).unwrap_or_default(),
        purl: text(entry.purl),
        cpe: text(entry.cpe),
        hashes: hashes
            .iter()
            .filter_map(|hash| Hash::from_hex(Algorithm::named(&hash.alg)?, &hash.content))
            .collect(),
        scope: entry.scope.and_then(|scope| cyclonedx_scope(&scope)),
        properties: properties
            .into_iter()
            .map(|one| (one.name.into_owned(), one.value.unwrap_or_default().into_owned()))
            .collect(),
    };
    listed.add(Place::entry(way.as_str()), facts);
    nested(entry.components.unwrap_or_default(), &way, depth, listed);
}

fn nested(components: Vec<&RawValue>, way: &str, depth: usize, listed: &mut Listed) {
    if components.is_empty() {
        return;
    }
    if depth >= MOST_DEEP {
        let why = format!("has components nested more than {MOST_DEEP} deep; expected fewer");
        return listed.broken(Place::entry(way), why);
    }
    for (number, value) in components.into_iter().enumerate() {
        entry(value, format!("{way}.components[{number}]"), depth + 1, listed);
    }
}

fn dependency(value: &RawValue, number: &str, listed: &mut Listed) {
    match parsed::<Dependency<'_>>(value) {
        Ok(one) => one.depends_on.into_iter().for_each(|id| listed.need(one.by.as_ref(), id, None)),
        Err(why) => {
            listed
                .broken(Place::entry(format!("dependencies[{number}]")), format!("is no dependency: {why}"));
        }
    }
}

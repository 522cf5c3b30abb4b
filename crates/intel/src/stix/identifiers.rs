//! Packages, actions, images and commits: STIX knows software by name and version, and our extension says the rest.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::stix_id as id;
use serde_json::{Map, Value, json};

use super::prose::{bounds, references};
use super::{Stamp, object};
use crate::compromise::{Artifact, Compromise, Entry, Identifier, Verdict};

/// The extension: what an identifier is, whether it is bad, when, and who says so.
pub(super) fn definition(stamp: Stamp) -> Value {
    let properties = json!({
        "name": "Floodmark identifiers",
        "description": "What a release is known by beside name and version (purl, action, commit, image, digest, hashes), whether it \
                        is bad, suspect, good or named in error, when it could be had, and who says so.",
        "schema": "https://floodmark.invalid/schema/stix-identifiers-1.json",
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    });
    object("extension-definition", &extension(), stamp, properties)
}

fn extension() -> String {
    id::own("extension-definition", "floodmark identifiers")
}

/// The name of software and its version.
type Named = (String, Option<String>);

/// The identifiers of all incidents as software, those of one name and version as one object.
pub(super) fn software(entries: &[Entry]) -> Vec<Value> {
    let mut all: BTreeMap<Named, Vec<Value>> = BTreeMap::new();
    for (entry, artifact) in
        entries.iter().flat_map(|one| one.compromise.artifacts.iter().map(move |artifact| (one, artifact)))
    {
        for (verdict, identifier) in artifact.identifiers() {
            if let Some(named) = named(identifier) {
                all.entry(named).or_default().push(told(entry, artifact, verdict, identifier));
            }
        }
    }
    all.into_iter()
        .map(|(named, identifiers)| {
            let id = software_id(&named);
            let (name, version) = named;
            let mut software = json!({
                "type": "software", "spec_version": "2.1", "id": id, "name": name,
                "extensions": { extension(): { "extension_type": "property-extension", "identifiers": identifiers } },
            });
            if let Some(version) = version {
                software["version"] = json!(version);
            }
            software
        })
        .collect()
}

/// The objects that [`software`] makes of an incident's identifiers.
pub(super) fn ids(compromise: &Compromise) -> BTreeSet<String> {
    let identifiers = compromise.artifacts.iter().flat_map(Artifact::identifiers);
    identifiers.filter_map(|(_, identifier)| named(identifier)).map(|named| software_id(&named)).collect()
}

fn software_id((name, version): &Named) -> String {
    let contributing = match version {
        Some(version) => json!({ "name": name, "version": version }),
        None => json!({ "name": name }),
    };
    id::observable("software", &contributing)
}

/// The name and version by which an identifier is most likely to be known.
fn named(identifier: &Identifier) -> Option<Named> {
    if let Some(purl) = identifier.purl.as_ref().or(identifier.namespace.as_ref()) {
        return Some((purl.full_name(), purl.version().map(ToOwned::to_owned)));
    }
    if let Some(tag) = identifier.action.as_ref().or(identifier.release.as_ref()) {
        return Some((tag.component().to_owned(), Some(tag.reference().to_owned())));
    }
    if let Some(image) = &identifier.image {
        return Some((image.name().to_owned(), image.tag().map(ToOwned::to_owned)));
    }
    if let Some(commit) = &identifier.commit {
        let repository =
            identifier.repository.as_ref().map_or_else(|| "a commit".to_owned(), ToString::to_string);
        return Some((repository, Some(commit.to_string())));
    }
    identifier.digest.as_ref().map(|digest| ("an image".to_owned(), Some(digest.to_string())))
}

fn told(entry: &Entry, artifact: &Artifact, verdict: Verdict, identifier: &Identifier) -> Value {
    let mut told = Map::new();
    let mut tell =
        |key: &str, value: Option<String>| drop(value.map(|value| told.insert(key.to_owned(), json!(value))));
    tell("incident", Some(entry.id.to_string()));
    tell("artifact", Some(artifact.title.clone()));
    tell(
        "verdict",
        Some(
            match verdict {
                Verdict::Bad => "bad",
                Verdict::Suspect => "suspect",
                Verdict::Good => "good",
                Verdict::Rejected => "rejected",
            }
            .to_owned(),
        ),
    );
    tell("purl", identifier.purl.as_ref().map(ToString::to_string));
    tell("namespace", identifier.namespace.as_ref().map(ToString::to_string));
    tell("action", identifier.action.as_ref().map(ToString::to_string));
    tell("release", identifier.release.as_ref().map(ToString::to_string));
    tell("commit", identifier.commit.as_ref().map(ToString::to_string));
    tell("repository", identifier.repository.as_ref().map(ToString::to_string));
    tell("image", identifier.image.as_ref().map(ToString::to_string));
    tell("digest", identifier.digest.as_ref().map(ToString::to_string));
    tell("platform", identifier.platform.clone());
    tell("file", identifier.file.clone());
    tell("sha256", identifier.sha256.as_ref().map(ToString::to_string));
    tell("sha1", identifier.sha1.as_ref().map(ToString::to_string));
    tell("md5", identifier.md5.as_ref().map(ToString::to_string));
    tell("note", identifier.note.clone());
    tell("conflict", identifier.conflict.as_ref().map(ToString::to_string));
    let windows: Vec<Value> = artifact.windows_of(identifier).iter().map(bounds).collect();
    told.insert("windows".to_owned(), json!(windows));
    if identifier.inferred {
        told.insert("inferred".to_owned(), json!(true));
    }
    told.insert("sources".to_owned(), json!(references(&entry.compromise, artifact.sources_of(identifier))));
    Value::Object(told)
}

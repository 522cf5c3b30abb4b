//! `Pipfile.lock` of pipenv, <https://github.com/pypa/pipfile#pipfilelock>.
//!
//! The file tells neither who pulled in a package nor which the project asked for itself.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json_tree::{members, parsed};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Place, Registry, Scope};

/// A package.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Package<'b> {
    #[serde(borrow)]
    version: Option<Cow<'b, str>>,
    #[serde(borrow)]
    hashes: Vec<Cow<'b, str>>,
    #[serde(borrow)]
    git: Option<Cow<'b, str>>,
    #[serde(borrow, rename = "ref")]
    reference: Option<Cow<'b, str>>,
    #[serde(borrow)]
    file: Option<Cow<'b, str>>,
    #[serde(borrow)]
    path: Option<Cow<'b, str>>,
}

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    members(bytes, &["default", "develop"], &mut |part, key, value| match (part, key) {
        (Some(part), name) => package(part, name, value, reading),
        (None, "_meta") => {}
        // A category of the project's own.
        (None, part) => match parsed::<BTreeMap<Cow<'_, str>, &RawValue>>(value) {
            Ok(all) => all.into_iter().for_each(|(name, value)| package(part, &name, value, reading)),
            Err(why) => reading.problem(&Place::entry(part), &why),
        },
    })
}

fn package(part: &str, name: &str, value: &RawValue, reading: &mut Reading<'_>) {
    let scope = match part {
        "default" => Scope::Runtime,
        "develop" => Scope::Dev,
        _ => Scope::Unknown,
    };
    let component = parsed(value).and_then(|package| component(name, &package)).map(|one| one.scoped(scope));
    reading.add(Place::entry(format!("{part}[{name:?}]")), component);
}

fn component(name: &str, package: &Package<'_>) -> Result<Component, String> {
    let version = package.version.as_deref().map(|version| version.trim_start_matches('='));
    let component = Registry::PyPi.component(name, version).map_err(|error| error.to_string())?;
    let mut component = component.hashed(package.hashes.iter().filter_map(|hash| Hash::from_labelled(hash)));
    let (key, url) = match package {
        Package { git: Some(git), reference, .. } => {
            let reference = reference.as_deref().map_or_else(String::new, |commit| format!("@{commit}"));
            ("vcs_url", format!("{git}{reference}"))
        }
        Package { file: Some(file), .. } => ("download_url", file.to_string()),
        Package { path: Some(_), .. } => return Ok(component.unregistered()),
        _ if version.is_none() => return Err("has no `version`; expected a text".to_owned()),
        _ => return Ok(component),
    };
    component.purl = component.purl.qualified([(key, url.as_str())]).map_err(|error| error.to_string())?;
    Ok(component.unregistered())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Scope;

    const LOCK: &str = r#"{
    "_meta": { "hash": { "sha256": "00" }, "pipfile-spec": 6 },
    "default": {
        "blinker": { "hashes": ["sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
            "markers": "python_version >= '3.9'", "version": "==1.9.0" },
        "forked": { "git": "https://git.example/x.git", "ref": "1a2b" },
        "own": { "editable": true, "path": "." }
    },
    "develop": { "pytest": { "version": "==8.4.2" } },
    "docs": { "sphinx": { "version": "==7.0" } }
}"#;

    #[test]
    fn packages_of_every_category_are_components() {
        let read = read("Pipfile.lock", LOCK.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            read.purls(),
            [
                "pkg:pypi/blinker@1.9.0",
                "pkg:pypi/forked?vcs_url=https:%2F%2Fgit.example%2Fx.git%401a2b",
                "pkg:pypi/own",
                "pkg:pypi/pytest@8.4.2",
                "pkg:pypi/sphinx@7.0",
            ]
        );
        let scopes: Vec<_> = read.components.iter().map(|one| one.scope).collect();
        assert_eq!(scopes, [Scope::Runtime, Scope::Runtime, Scope::Runtime, Scope::Dev, Scope::Unknown]);
        assert_eq!(read.component("pkg:pypi/blinker@1.9.0").hashes.len(), 1);
    }

    #[test]
    fn a_broken_entry_loses_only_itself() {
        let read = read("Pipfile.lock", LOCK.replace("\"==8.4.2\"", "[]").replace("==7.0", "").as_bytes());
        assert_eq!(read.components.len(), 4, "{:?}", read.purls());
        assert!(read.unread[0].path.ends_with("develop[\"pytest\"]"), "{:?}", read.unread);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("Pipfile.lock", LOCK.as_bytes());
    }
}

//! `poetry.lock` of Poetry, lock-version 1.0 to 2.1.
//!
//! The file does not list the project itself, so that what it asked for is not told. What a package is there for is told by
//! groups from 2.1 on, by categories up to 1.4, and in between only whether it is optional.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_intel::advisory::package_name;

use super::toml_tree::{Table, Tree};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Registry, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let root = tree.root();
    let packages: Vec<Table<'_, '_>> = root.tables("package").collect();
    let mut parents: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for package in &packages {
        let Some(name) = package.text("name") else { continue };
        let dependencies = package.table("dependencies");
        for (dependency, _) in dependencies.into_iter().flat_map(|table| table.entries()) {
            parents.entry(package_name("PyPI", dependency).into_owned()).or_default().insert(name);
        }
    }
    let files = root.table("metadata").and_then(|metadata| metadata.table("files"));
    for package in packages {
        let component = component(package, files).map(|component| {
            let by = parents.get(&*package_name("PyPI", &component.name)).into_iter().flatten().copied();
            component.pulled_in_by(by)
        });
        reading.add(package.place(), component);
    }
    Ok(())
}

fn component(package: Table<'_, '_>, files: Option<Table<'_, '_>>) -> Result<Component, String> {
    let (name, version) = (package.must("name")?, package.must("version")?);
    let component = Registry::PyPi.component(name, Some(version)).map_err(|error| error.to_string())?;
    let old = files.into_iter().flat_map(|files| files.tables(name));
    let hashes = package.tables("files").chain(old).filter_map(|file| file.text("hash"));
    let mut component = component.hashed(hashes.filter_map(Hash::from_labelled)).scoped(scope(package));
    let Some(source) = package.table("source") else { return Ok(component) };
    let url = source.text("url").unwrap_or_default();
    let key = match source.text("type") {
        // Another index, most often a mirror of the public one.
        Some("legacy") | None => return Ok(component),
        Some("git" | "hg") => "vcs_url",
        Some("url") => "download_url",
        Some(_) => return Ok(component.unregistered()),
    };
    let commit = source.text("resolved_reference").map_or_else(String::new, |commit| format!("@{commit}"));
    component.purl =
        component.purl.qualified([(key, &*format!("{url}{commit}"))]).map_err(|error| error.to_string())?;
    Ok(component.unregistered())
}

fn scope(package: Table<'_, '_>) -> Scope {
    let mut groups = package.array("groups").filter_map(|group| group.get_ref().as_str()).peekable();
    let is_main = match (groups.peek(), package.text("category")) {
        (Some(_), _) => groups.any(|group| group == "main"),
        (None, Some(category)) => category == "main",
        (None, None) => {
            return if package.flag("optional") { Scope::Optional } else { Scope::Unknown };
        }
    };
    match (is_main, package.flag("optional")) {
        (true, false) => Scope::Runtime,
        (true, true) => Scope::Optional,
        (false, _) => Scope::Dev,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Scope;

    const NEW: &str = r#"
[[package]]
name = "flask"
version = "3.1.2"
description = "x"
optional = false
python-versions = ">=3.9"
groups = ["main", "dev"]
files = [
    {file = "flask.whl", hash = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
]

[package.dependencies]
Jinja2 = ">=3.1"
importlib-metadata = {version = ">=3.6", markers = "python_version < \"3.10\""}

[[package]]
name = "jinja2"
version = "3.1.6"
optional = true
groups = ["main"]

[[package]]
name = "importlib_metadata"
version = "8.0"
optional = false
groups = ["dev"]

[package.source]
type = "git"
url = "https://git.example/x.git"
reference = "main"
resolved_reference = "1a2b"

[metadata]
lock-version = "2.1"
"#;

    const OLD: &str = r#"
[[package]]
name = "six"
version = "1.16.0"
category = "dev"
optional = false

[metadata]
lock-version = "1.1"

[metadata.files]
six = [
    {file = "six.whl", hash = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
]
"#;

    #[test]
    fn packages_are_components_with_scope_parents_and_hashes() {
        let new = read("poetry.lock", NEW.as_bytes());
        assert_eq!(new.unread, []);
        let flask = new.component("pkg:pypi/flask@3.1.2");
        assert_eq!((flask.scope, flask.hashes.len()), (Scope::Runtime, 1));
        let jinja = new.component("pkg:pypi/jinja2@3.1.6");
        assert!(jinja.scope == Scope::Optional && jinja.pulled_in_by.names.iter().eq(["flask"]));
        let purl = "pkg:pypi/importlib-metadata@8.0?vcs_url=https:%2F%2Fgit.example%2Fx.git%401a2b";
        let git = new.component(purl);
        assert!(git.scope == Scope::Dev && git.ecosystem.is_none() && git.pulled_in_by.names.len() == 1);
        let old = read("poetry.lock", OLD.as_bytes());
        let six = old.component("pkg:pypi/six@1.16.0");
        assert_eq!((six.scope, six.hashes.len()), (Scope::Dev, 1));
    }

    #[test]
    fn a_broken_entry_loses_only_itself() {
        let read = read("poetry.lock", NEW.replace("version = \"3.1.6\"", "").as_bytes());
        assert_eq!((read.components.len(), read.unread.len()), (2, 1));
        assert!(read.unread[0].why.contains("has no `version`"));
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("poetry.lock", NEW.as_bytes());
        cut_anywhere("poetry.lock", OLD.as_bytes());
    }
}

//! `pylock.toml` and `pylock.<name>.toml`, <https://packaging.python.org/en/latest/specifications/pylock-toml/> (PEP 751).
//!
//! What a package is for stands in its marker: one that asks for an extra is optional, one that asks for a group that is not
//! installed by default is for development.

use std::collections::{BTreeMap, BTreeSet};

use super::python_package::{Origin, canonical};
use super::toml_tree::{Table, Tree};
use super::{Broken, Reading};
use crate::component::{Algorithm, Component, Hash, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let root = tree.root();
    match root.text("lock-version") {
        Some(version) if version.split('.').next() == Some("1") => {}
        Some(version) => return Err(Broken::other(format!("is of lock-version {version:.20}"), "1.0")),
        None => return Err(Broken::other("has no `lock-version`", "1.0")),
    }
    let defaults: BTreeSet<&str> =
        root.array("default-groups").filter_map(|one| one.get_ref().as_str()).collect();
    let mut parents: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for package in root.tables("packages") {
        let Some(name) = package.text("name") else { continue };
        for needed in package.tables("dependencies").filter_map(|one| one.text("name")) {
            parents.entry(canonical(needed)).or_default().insert(name);
        }
    }
    for package in root.tables("packages") {
        let component = component(package).map(|component| {
            let by = parents.get(&canonical(&component.name)).into_iter().flatten().copied();
            component.pulled_in_by(by).scoped(scope(package.text("marker").unwrap_or_default(), &defaults))
        });
        reading.add(package.place(), component);
    }
    Ok(())
}

fn component(package: Table<'_, '_>) -> Result<Component, String> {
    let name = package.must("name")?;
    let archive = package.table("archive");
    let repository = package.table("vcs").and_then(|vcs| {
        let (kind, url) = (vcs.text("type")?, vcs.text("url").or_else(|| vcs.text("path"))?);
        Some(match vcs.text("commit-id") {
            Some(commit) => format!("{kind}+{url}@{commit}"),
            None => format!("{kind}+{url}"),
        })
    });
    let origin = match (&repository, archive.and_then(|archive| archive.text("url"))) {
        (Some(repository), _) => Origin::Repository(repository),
        (None, Some(url)) => Origin::Url(url),
        (None, None) if package.table("directory").is_some() => Origin::Local,
        (None, None) => Origin::Index,
    };
    let files = package.tables("wheels").chain(package.table("sdist")).chain(archive);
    let hashes = files.filter_map(|file| file.table("hashes")).flat_map(|hashes| hashes.entries());
    let hashes =
        hashes.filter_map(|(name, hex)| Hash::from_hex(Algorithm::named(name)?, hex.get_ref().as_str()?));
    Ok(origin.component(name, package.text("version"))?.hashed(hashes))
}

fn scope(marker: &str, defaults: &BTreeSet<&str>) -> Scope {
    // A marker may also ask for a platform; only what it says of groups and extras counts.
    let asks = |list: &str| marker.split(list).count() > 1;
    let names_default = || marker.split(['"', '\'']).any(|word| defaults.contains(word));
    match () {
        () if asks("in dependency_groups") && names_default() => Scope::Runtime,
        () if asks("in extras") => Scope::Optional,
        () if asks("in dependency_groups") => Scope::Dev,
        () => Scope::Runtime,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::{Place, Scope};

    const LOCK: &str = r#"lock-version = "1.0"
created-by = "pdm"
extras = ["async"]
dependency-groups = ["default", "test"]
default-groups = ["default"]

[[packages]]
name = "flask"
version = "3.0.0"
index = "https://pypi.org/simple"
marker = "\"default\" in dependency_groups or \"test\" in dependency_groups"
dependencies = [{name = "Click"}]
sdist = {url = "https://h/flask-3.0.0.tar.gz", hashes = {sha256 = "9a8e94ea7f378bd32cbbd37198a4a91436180c5bb472411e48b5ec2e2124ae9e"}}
wheels = [{url = "https://h/f.whl", hashes = {sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", odd = "00"}}]

[[packages]]
name = "click"
version = "8.1.7"

[[packages]]
name = "asgiref"
version = "3.7.2"
marker = "'async' in extras"

[[packages]]
name = "pytest"
version = "7.4.3"
marker = "\"test\" in dependency_groups and sys_platform != \"win32\""

[[packages]]
name = "forked"
vcs = {type = "git", url = "https://git.example/forked.git", commit-id = "1a2b3c"}

[[packages]]
name = "archive"
archive = {url = "https://h/archive.zip", hashes = {sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}}

[[packages]]
name = "app"
directory = {path = ".", editable = true}
"#;

    #[test]
    fn each_package_is_a_component_with_its_hashes_and_what_its_marker_says() {
        let read = read("pylock.toml", LOCK.as_bytes());
        assert_eq!(read.unread, []);
        let scopes: Vec<_> = read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect();
        assert_eq!(
            scopes,
            [
                ("pkg:pypi/flask@3.0.0", Scope::Runtime),
                ("pkg:pypi/click@8.1.7", Scope::Runtime),
                ("pkg:pypi/asgiref@3.7.2", Scope::Optional),
                ("pkg:pypi/pytest@7.4.3", Scope::Dev),
                (
                    "pkg:pypi/forked?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked.git%401a2b3c",
                    Scope::Runtime
                ),
                ("pkg:pypi/archive?download_url=https:%2F%2Fh%2Farchive.zip", Scope::Runtime),
                ("pkg:pypi/app", Scope::Runtime),
            ]
        );
        assert_eq!(read.components.iter().filter(|one| one.ecosystem.is_some()).count(), 4);
        let flask = read.component("pkg:pypi/flask@3.0.0");
        assert_eq!(
            (flask.hashes.len(), flask.found.first().map(|one| &one.place)),
            (2, Some(&Place::Line(7)))
        );
        assert!(read.component("pkg:pypi/click@8.1.7").pulled_in_by.names.iter().eq(["flask"]));
    }

    #[test]
    fn a_version_that_is_not_known_is_told_and_a_broken_entry_loses_only_itself() {
        let later = read("pylock.toml", LOCK.replace("\"1.0\"", "\"2.0\"").as_bytes());
        assert!(later.components.is_empty() && later.unread[0].why.contains("lock-version 2.0"));
        let broken = read("pylock.web.toml", LOCK.replace("name = \"pytest\"", "").as_bytes());
        assert_eq!(
            (broken.components.len(), broken.unread[0].path.as_str()),
            (6, "pylock.web.toml: line 25")
        );
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("pylock.toml", LOCK.as_bytes());
    }
}

//! `composer.lock`, and what Composer has installed, `vendor/composer/installed.json`,
//! <https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control>.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::nested::{Nested, Node};
use super::reading::Neighbour;
use super::{Broken, Reading};
use crate::component::{Algorithm, Component, Hash, Registry, Scope};

/// What the lock file lists.
pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    let root = nested.root();
    let run = root.children_of("packages").map(|package| (package, Scope::Runtime));
    let dev = root.children_of("packages-dev").map(|package| (package, Scope::Dev));
    let direct = asked(reading);
    list(run.chain(dev).collect(), &direct, reading);
    Ok(())
}

/// What is installed: a list, from Composer 2 on in an object that tells which of it is for development.
pub(crate) fn read_installed(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    let root = nested.root();
    let dev: HashSet<&str> = root.children_of("dev-package-names").filter_map(Node::text).collect();
    let tells = root.child("dev-package-names").is_some();
    let scope = |package: Node<'_, '_>| match package.text_of("name") {
        Some(name) if dev.contains(name) => Scope::Dev,
        _ if tells => Scope::Runtime,
        _ => Scope::Unknown,
    };
    let packages: Vec<_> =
        if root.is_map() { root.children_of("packages").collect() } else { root.children().collect() };
    list(packages.into_iter().map(|package| (package, scope(package))).collect(), &BTreeSet::new(), reading);
    Ok(())
}

/// What the `composer.json` beside it asks for.
fn asked(reading: &mut Reading<'_>) -> BTreeSet<String> {
    let Ok(Neighbour::File(number, bytes)) = reading.neighbour("composer.json") else {
        return BTreeSet::new();
    };
    let Ok(nested) = reading.inside(number, |reading| Nested::json(&bytes, reading)) else {
        return BTreeSet::new();
    };
    let asked = ["require", "require-dev"].into_iter().flat_map(|key| nested.root().children_of(key));
    asked.map(|one| one.key().to_lowercase()).collect()
}

fn list(packages: Vec<(Node<'_, '_>, Scope)>, direct: &BTreeSet<String>, reading: &mut Reading<'_>) {
    let mut parents: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (package, _) in &packages {
        let Some(name) = package.text_of("name") else { continue };
        for needed in package.children_of("require") {
            parents.entry(needed.key().to_lowercase()).or_default().insert(name);
        }
    }
    for (package, scope) in packages {
        let component = component(package).map(|component| {
            let name = component.name.to_lowercase();
            let mut component = component.pulled_in_by(parents.get(&name).into_iter().flatten().copied());
            component.pulled_in_by.direct = direct.contains(&name);
            component.scoped(scope)
        });
        reading.add(package.way(), component);
    }
}

fn component(package: Node<'_, '_>) -> Result<Component, String> {
    let (name, version) = (package.must("name")?, package.must("version")?);
    let mut component =
        Registry::Packagist.component(name, Some(version)).map_err(|error| error.to_string())?;
    let dist = package.child("dist");
    let sha1 = dist.and_then(|dist| Hash::from_hex(Algorithm::Sha1, dist.text_of("shasum")?));
    if dist.is_some_and(|dist| dist.text_of("type") == Some("path")) {
        return Ok(component.unregistered());
    }
    // A branch is no release: which of its commits it is, only the source tells.
    if version.starts_with("dev-") || version.ends_with("-dev") {
        let source = package.child("source").and_then(|source| {
            let (kind, url) = (source.text_of("type")?, source.text_of("url")?);
            Some(format!("{kind}+{url}@{}", source.text_of("reference")?))
        });
        let source = source.as_deref().map(|source| ("vcs_url", source));
        component.purl = component.purl.qualified(source).map_err(|error| error.to_string())?;
        component = component.unregistered();
    }
    Ok(component.hashed(sha1))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read, read_beside};
    use crate::component::{Place, Scope};

    const LOCK: &str = r#"{"content-hash": "x", "packages": [
  {"name": "Symfony/console", "version": "v6.3.0", "require": {"php": ">=8.1", "psr/log": "^3"},
   "dist": {"type": "zip", "url": "https://h/x", "shasum": "ed441b6fa600072520ce18b43d2c8cc8caecc7f4"}},
  {"name": "psr/log", "version": "3.0.0", "dist": {"type": "zip", "shasum": ""}},
  {"name": "own/lib", "version": "1.0", "dist": {"type": "path", "url": "../lib"}},
  {"name": "branch/lib", "version": "dev-main", "source": {"type": "git", "url": "https://h/b.git", "reference": "1a2b"}},
  {"name": 3}
], "packages-dev": [{"name": "phpunit/phpunit", "version": "10.3.2", "require": {"psr/log": "*"}}]}"#;

    #[test]
    fn packages_are_listed_with_what_they_are_for_and_who_needs_them() {
        let manifest =
            br#"{"require": {"symfony/console": "^6"}, "require-dev": {"phpunit/phpunit": "^10"}}"#;
        let read =
            read_beside("composer.lock", &[("composer.lock", LOCK.as_bytes()), ("composer.json", manifest)]);
        let scopes: Vec<_> = read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect();
        assert_eq!(
            scopes,
            [
                ("pkg:composer/symfony/console@v6.3.0", Scope::Runtime),
                ("pkg:composer/psr/log@3.0.0", Scope::Runtime),
                ("pkg:composer/own/lib@1.0", Scope::Runtime),
                (
                    "pkg:composer/branch/lib@dev-main?vcs_url=git%2Bhttps:%2F%2Fh%2Fb.git%401a2b",
                    Scope::Runtime
                ),
                ("pkg:composer/phpunit/phpunit@10.3.2", Scope::Dev),
            ]
        );
        let console = read.component("pkg:composer/symfony/console@v6.3.0");
        assert!(console.pulled_in_by.direct && console.hashes.len() == 1);
        assert_eq!(console.found.first().map(|found| &found.place), Some(&Place::entry("packages[0]")));
        let log = read.component("pkg:composer/psr/log@3.0.0");
        assert!(log.pulled_in_by.names.iter().eq(["Symfony/console", "phpunit/phpunit"]));
        assert_eq!(read.components.iter().filter(|one| one.ecosystem.is_none()).count(), 2);
        assert!(
            read.unread.len() == 1 && read.unread[0].path == "composer.lock: packages[4]",
            "{:?}",
            read.unread
        );
        cut_anywhere("composer.lock", LOCK.as_bytes());
    }

    #[test]
    fn what_is_installed_is_read_in_both_forms() {
        let old = br#"[{"name": "a/b", "version": "1.0.0"}]"#;
        assert_eq!(read("vendor/composer/installed.json", old).components[0].scope, Scope::Unknown);
        let new = br#"{"packages": [{"name": "a/b", "version": "1.0.0"}, {"name": "c/d", "version": "2"}],
            "dev": true, "dev-package-names": ["c/d"]}"#;
        let new = read("vendor/composer/installed.json", new);
        assert_eq!(
            new.components.iter().map(|one| one.scope).collect::<Vec<_>>(),
            [Scope::Runtime, Scope::Dev]
        );
    }
}

//! `package-lock.json` and `npm-shrinkwrap.json`, lockfileVersion 1 to 3,
//! <https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json>.
//!
//! Versions 2 and 3 list packages by the folder that they are put in, version 1 nests them as the folders do: it is brought
//! into the form of the others. Who pulled in a package is found as Node finds it, from the folder upward.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json_tree::{Keys, members, parsed};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Place, Registry, Scope};

/// How deep packages may be nested; npm itself lays them out flat.
const MAX_DEPTH: usize = 32;

/// A package as versions 2 and 3 list it.
#[expect(clippy::struct_excessive_bools, reason = "the format has them")]
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Package<'b> {
    #[serde(borrow)]
    name: Option<Cow<'b, str>>,
    #[serde(borrow)]
    version: Option<Cow<'b, str>>,
    #[serde(borrow)]
    resolved: Option<Source<'b>>,
    #[serde(borrow)]
    integrity: Option<Cow<'b, str>>,
    link: bool,
    dev: bool,
    optional: bool,
    dev_optional: bool,
    peer: bool,
    #[serde(borrow)]
    dependencies: Keys<'b>,
    #[serde(borrow)]
    dev_dependencies: Keys<'b>,
    #[serde(borrow)]
    optional_dependencies: Keys<'b>,
    #[serde(borrow)]
    peer_dependencies: Keys<'b>,
}

/// Where it comes from; some writers put `false` there.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Source<'b> {
    #[serde(borrow)]
    Url(Cow<'b, str>),
    #[expect(dead_code, reason = "only its shape counts")]
    None(bool),
}

/// A package as version 1 nests it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Nested<'b> {
    #[serde(borrow)]
    version: Option<Cow<'b, str>>,
    #[serde(borrow)]
    resolved: Option<Source<'b>>,
    #[serde(borrow)]
    integrity: Option<Cow<'b, str>>,
    dev: bool,
    optional: bool,
    #[serde(borrow)]
    requires: Keys<'b>,
    #[serde(borrow)]
    dependencies: Option<&'b RawValue>,
}

/// Packages by their folder, with the place where each stands.
type Packages<'b> = BTreeMap<String, (Place, Package<'b>)>;

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let mut packages = Packages::new();
    let (mut nested, mut lists) = (Vec::new(), false);
    let end = members(bytes, &["packages"], &mut |part, key, value| match (part, key) {
        (Some(_), folder) => {
            lists = true;
            let place = Place::entry(format!("packages[{folder:?}]"));
            match parsed(value) {
                Ok(package) => drop(packages.insert(folder.to_owned(), (place, package))),
                Err(why) => reading.problem(&place, &why),
            }
        }
        (None, "dependencies") => nested.push(value),
        _ => {}
    });
    // Version 2 says everything twice, the second time for old readers.
    if !lists {
        for value in nested {
            unnest(value, "", "", 1, &mut packages, reading);
        }
    }
    let (parents, direct) = parents(&packages);
    for (folder, (place, package)) in &packages {
        if package.link && packages.contains_key(&*package.resolved.as_ref().map_or("".into(), Source::url)) {
            continue;
        }
        let Some(component) = component(folder, package) else { continue };
        let by = parents.get(folder.as_str()).into_iter().flatten().copied();
        let component = component.map(|component| {
            let component = component.pulled_in_by(by);
            if direct.contains(folder.as_str()) { component.direct() } else { component }
        });
        reading.add(place.clone(), component);
    }
    end
}

/// Brings packages of version 1 into the form of the others.
fn unnest<'b>(
    value: &'b RawValue,
    folder: &str,
    place: &str,
    depth: usize,
    packages: &mut Packages<'b>,
    reading: &mut Reading<'_>,
) {
    let here = |place: &str| Place::entry(format!("{place}dependencies"));
    if depth > MAX_DEPTH {
        return reading.problem(&here(place), "packages are nested more than 32 deep");
    }
    let all: Result<BTreeMap<Cow<'b, str>, &'b RawValue>, String> = parsed(value);
    let all = match all {
        Ok(all) => all,
        Err(why) => return reading.problem(&here(place), &why),
    };
    for (name, value) in all {
        let place = format!("{place}dependencies[{name:?}]");
        let inner = if folder.is_empty() {
            format!("node_modules/{name}")
        } else {
            format!("{folder}/node_modules/{name}")
        };
        match parsed::<Nested<'b>>(value) {
            Ok(one) => {
                if let Some(deeper) = one.dependencies {
                    unnest(deeper, &inner, &format!("{place}."), depth + 1, packages, reading);
                }
                packages.insert(inner, (Place::entry(place), Package::from(one)));
            }
            Err(why) => reading.problem(&Place::entry(place), &why),
        }
    }
}

impl<'b> From<Nested<'b>> for Package<'b> {
    fn from(nested: Nested<'b>) -> Self {
        let Nested { version, resolved, integrity, dev, optional, requires, .. } = nested;
        let plain = Self { integrity, dev, optional, dependencies: requires, ..Self::default() };
        // What is no version says where the package comes from.
        match version {
            Some(alias) if alias.starts_with("npm:") => {
                let (name, version) = alias["npm:".len()..].rsplit_once('@').unwrap_or(("", ""));
                let owned = |text: &str| Some(Cow::Owned(text.to_owned()));
                Self { name: owned(name), version: owned(version), resolved, ..plain }
            }
            Some(url) if url.contains(':') => Self { resolved: Some(Source::Url(url)), ..plain },
            version => Self { version, resolved, ..plain },
        }
    }
}

impl Source<'_> {
    fn url(&self) -> Cow<'_, str> {
        match self {
            Self::Url(url) => Cow::Borrowed(url),
            Self::None(_) => Cow::Borrowed(""),
        }
    }
}

/// Who asked for the package of each folder, and which the project itself asked for.
fn parents<'p>(packages: &'p Packages<'_>) -> (BTreeMap<&'p str, BTreeSet<&'p str>>, BTreeSet<&'p str>) {
    let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut direct = BTreeSet::new();
    let lists_own = packages.contains_key("");
    for (folder, (_, package)) in packages {
        let is_own = !folder.contains("node_modules/");
        let Package { dependencies, dev_dependencies, optional_dependencies, peer_dependencies, .. } =
            package;
        let asked = [dependencies, dev_dependencies, optional_dependencies, peer_dependencies];
        for name in asked.into_iter().flat_map(|keys| &keys.0) {
            let Some(found) = found_from(folder, name, packages) else { continue };
            if is_own {
                direct.insert(found);
            }
            if !folder.is_empty() {
                parents.entry(found).or_default().insert(name_of(folder, package));
            }
        }
    }
    if !lists_own {
        // Version 1 does not list what the project asks for; what nobody else asked for, it did.
        direct.extend(packages.keys().map(String::as_str).filter(|folder| !parents.contains_key(folder)));
    }
    (parents, direct)
}

/// The folder in which Node finds a package from another: in the nearest `node_modules` upward.
fn found_from<'p>(folder: &str, name: &str, packages: &'p Packages<'_>) -> Option<&'p str> {
    let mut at = folder;
    for _ in 0..MAX_DEPTH {
        let inner =
            if at.is_empty() { format!("node_modules/{name}") } else { format!("{at}/node_modules/{name}") };
        if let Some((found, (_, package))) = packages.get_key_value(&inner) {
            // A link stands for the workspace that it leads to.
            let to = package.resolved.as_ref().filter(|_| package.link).map(Source::url);
            let to = to.and_then(|to| packages.get_key_value(&*to));
            return Some(to.map_or(found.as_str(), |(to, _)| to.as_str()));
        }
        if at.is_empty() {
            return None;
        }
        at = at.rsplit_once('/').map_or("", |(above, _)| above);
    }
    None
}

/// What a package is called: it may be put in a folder of another name.
fn name_of<'p>(folder: &'p str, package: &'p Package<'_>) -> &'p str {
    let named = folder.rsplit_once("node_modules/").map(|(_, name)| name);
    package.name.as_deref().filter(|name| !name.is_empty()).or(named).unwrap_or_default()
}

/// The component of a package; none for a project without a name.
fn component(folder: &str, package: &Package<'_>) -> Option<Result<Component, String>> {
    let name = name_of(folder, package);
    let is_own = !folder.contains("node_modules/");
    if is_own && name.is_empty() {
        return None;
    }
    let url = package.resolved.as_ref().map(Source::url).filter(|url| !url.is_empty());
    let made = || -> Result<Component, String> {
        let component =
            Registry::Npm.component(name, package.version.as_deref()).map_err(|error| error.to_string())?;
        let scope = if package.dev {
            Scope::Dev
        } else if package.optional || package.dev_optional || package.peer {
            Scope::Optional
        } else {
            Scope::Runtime
        };
        let hashes = package.integrity.iter().flat_map(|integrity| Hash::from_integrity(integrity));
        let component = component.scoped(scope).hashed(hashes);
        match url {
            _ if is_own || package.link => Ok(component.unregistered()),
            Some(url) if !is_registry(&url) => {
                let key = if url.starts_with("git") { "vcs_url" } else { "download_url" };
                let mut component = component.unregistered();
                component.purl =
                    component.purl.qualified([(key, &*url)]).map_err(|error| error.to_string())?;
                Ok(component)
            }
            _ if package.version.is_none() => Err("has no `version`; expected a text".to_owned()),
            _ => Ok(component),
        }
    };
    Some(made())
}

/// Whether a registry, or a mirror of one, serves this: they have a path of their own for archives.
fn is_registry(url: &str) -> bool {
    url.starts_with("http") && (url.contains("/-/") || url.contains("/download/"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read, read_beside};
    use crate::component::{Place, Scope};

    const V3: &str = r#"{
  "name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": { "name": "app", "version": "1.0.0", "workspaces": ["packages/*"],
      "dependencies": { "a": "^1.0.0", "forked": "git+ssh://git@h/x.git" }, "devDependencies": { "t": "*" } },
    "node_modules/@s/b": { "version": "2.0.0", "resolved": "https://registry.npmjs.org/@s/b/-/b-2.0.0.tgz",
      "integrity": "sha512-3q2+7w==", "optional": true },
    "node_modules/a": { "version": "1.0.1", "resolved": "https://registry.npmjs.org/a/-/a-1.0.1.tgz",
      "integrity": "sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", "dependencies": { "@s/b": "^1.0.0" } },
    "node_modules/a/node_modules/@s/b": { "version": "1.9.0" },
    "node_modules/alias": { "name": "real", "version": "4.0.0", "dev": true },
    "node_modules/forked": { "version": "0.1.0", "resolved": "git+ssh://git@h/x.git#1a2b" },
    "node_modules/t": { "version": "3.0.0", "dev": true, "dependencies": { "@s/b": "2", "alias": "*" } },
    "node_modules/w": { "resolved": "packages/w", "link": true },
    "packages/w": { "name": "w", "version": "0.0.1", "dependencies": { "alias": "*" } }
  }
}"#;

    const V1: &str = r#"{
  "name": "app", "version": "1.0.0", "lockfileVersion": 1, "requires": true,
  "dependencies": {
    "a": { "version": "1.0.1", "resolved": "https://registry.npmjs.org/a/-/a-1.0.1.tgz", "requires": { "b": "^1.0.0" },
      "dependencies": { "b": { "version": "1.9.0" } } },
    "alias": { "version": "npm:@s/real@4.0.0", "dev": true },
    "b": { "version": "2.0.0", "resolved": false, "optional": true, "requires": true },
    "forked": { "version": "git+ssh://git@h/x.git#1a2b", "from": "x" }
  }
}"#;

    #[test]
    fn every_package_is_a_component_with_its_scope_its_parents_and_its_place() {
        let read = read("web/package-lock.json", V3.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            read.purls(),
            [
                "pkg:npm/%40s/b@1.9.0",
                "pkg:npm/%40s/b@2.0.0",
                "pkg:npm/a@1.0.1",
                "pkg:npm/app@1.0.0",
                "pkg:npm/forked@0.1.0?vcs_url=git%2Bssh:%2F%2Fgit%40h%2Fx.git%231a2b",
                "pkg:npm/real@4.0.0",
                "pkg:npm/t@3.0.0",
                "pkg:npm/w@0.0.1",
            ]
        );
        let inner = read.component("pkg:npm/%40s/b@1.9.0");
        assert!(inner.pulled_in_by.names.iter().eq(["a"]) && !inner.pulled_in_by.direct);
        let outer = read.component("pkg:npm/%40s/b@2.0.0");
        assert!(outer.pulled_in_by.names.iter().eq(["t"]) && outer.scope == Scope::Optional);
        assert_eq!(outer.hashes.len(), 0, "a digest that is too short is none");
        let a = read.component("pkg:npm/a@1.0.1");
        assert!(a.pulled_in_by.direct && a.hashes.len() == 1 && a.scope == Scope::Runtime);
        let place = Place::entry("packages[\"node_modules/a\"]");
        assert_eq!(a.found.first().map(|found| &found.place), Some(&place));
        let alias = read.component("pkg:npm/real@4.0.0");
        assert!(alias.pulled_in_by.direct, "a workspace asked for it");
        assert!(alias.pulled_in_by.names.iter().eq(["t", "w"]) && alias.scope == Scope::Dev);
        let own: Vec<_> = read.components.iter().filter(|one| one.ecosystem.is_none()).collect();
        assert_eq!(own.len(), 3, "the project, its workspace and what git gave are of no registry");
    }

    #[test]
    fn version_one_is_the_same_in_another_shape() {
        let read = read("npm-shrinkwrap.json", V1.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            read.purls(),
            [
                "pkg:npm/%40s/real@4.0.0",
                "pkg:npm/a@1.0.1",
                "pkg:npm/b@1.9.0",
                "pkg:npm/b@2.0.0",
                "pkg:npm/forked?vcs_url=git%2Bssh:%2F%2Fgit%40h%2Fx.git%231a2b",
            ]
        );
        let inner = read.component("pkg:npm/b@1.9.0");
        assert!(inner.pulled_in_by.names.iter().eq(["a"]));
        let place = Place::entry("dependencies[\"a\"].dependencies[\"b\"]");
        assert_eq!(inner.found.first().map(|found| &found.place), Some(&place));
        assert!(read.component("pkg:npm/a@1.0.1").pulled_in_by.direct);
    }

    #[test]
    fn version_two_is_read_once() {
        let v2 =
            V3.replace("\"lockfileVersion\": 3", "\"dependencies\": { \"old\": { \"version\": \"1.0.0\" } }");
        assert_eq!(
            read("package-lock.json", v2.as_bytes()).purls(),
            read("package-lock.json", V3.as_bytes()).purls()
        );
    }

    #[test]
    fn a_broken_entry_loses_only_itself_and_a_broken_file_keeps_what_stands_before() {
        let broken =
            V3.replace("\"version\": \"1.0.1\"", "\"version\": 7").replace("\"version\": \"3.0.0\", ", "");
        let found = read("package-lock.json", broken.as_bytes());
        assert_eq!(found.components.len(), 6);
        let told: Vec<_> = found.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert!(
            told[0].starts_with("package-lock.json: packages[\"node_modules/a\"]: invalid type"),
            "{told:#?}"
        );
        assert!(told[1].contains("packages[\"node_modules/t\"]: has no `version`"), "{told:#?}");
        let cut = V3.split_once("\"node_modules/forked\"").map(|(before, _)| before).unwrap_or_default();
        let found = read("package-lock.json", cut.as_bytes());
        assert_eq!((found.components.len(), found.unread.len()), (5, 1), "{found:?}");
    }

    #[test]
    fn what_is_no_lock_file_is_told() {
        for text in [
            "",
            "[]",
            "null",
            "3",
            "\"packages\"",
            "{\"packages\": 3}",
            "\u{feff}{",
            "{\"dependencies\": []}",
        ] {
            assert_eq!(read("package-lock.json", text.as_bytes()).unread.len(), 1, "{text}");
        }
        let deep = "{\"dependencies\":{\"a\":".repeat(5_000);
        assert!(!read("package-lock.json", deep.as_bytes()).unread.is_empty());
        let closed = format!("{}null{}", "{\"dependencies\":{\"a\":".repeat(60), "}}".repeat(60));
        assert!(read("package-lock.json", closed.as_bytes()).unread[0].why.contains("more than 32 deep"));
        assert!(read_beside("package-lock.json", &[]).unread[0].incomplete);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("package-lock.json", V3.as_bytes());
        cut_anywhere("package-lock.json", V1.as_bytes());
    }
}

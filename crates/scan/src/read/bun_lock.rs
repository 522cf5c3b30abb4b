//! `bun.lock`, <https://bun.sh/docs/install/lockfile>: JSON with commas before closing brackets.
//!
//! The key of a package is where it lies in `node_modules`, from which follows what each dependency leads to. The binary
//! `bun.lockb` of Bun before 1.2 is not read.

use std::collections::{HashMap, HashSet};

use super::graph::Graph;
use super::nested::{Nested, Node};
use super::npm_origin::{Origin, descriptor};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Scope};

/// How deep packages lie within each other, and how long their keys are. Beyond that they have no relations.
const MOST_DEEP: usize = 64;
const LONGEST_KEY: usize = 1024;

const NEEDED: [(&str, Scope); 4] = [
    ("dependencies", Scope::Runtime),
    ("optionalDependencies", Scope::Optional),
    ("peerDependencies", Scope::Runtime),
    ("devDependencies", Scope::Dev),
];

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    let root = nested.root();
    match root.child("lockfileVersion").and_then(Node::scalar) {
        Some("0" | "1" | "2") => {}
        Some(other) => return Err(Broken::other(format!("is of lockfileVersion {other:.20}"), "0, 1 or 2")),
        None => return Err(Broken::other("has no `lockfileVersion`", "0, 1 or 2")),
    }
    let packages: Vec<_> = root.children_of("packages").collect();
    let mut graph = Graph::default();
    let mut by_key = HashMap::new();
    for package in &packages {
        by_key.insert(package.key(), graph.add(named(*package).map_or("", |(name, _)| name)));
    }
    for (number, package) in packages.iter().enumerate() {
        let about = package.children().find(|member| member.is_map());
        relate(about, package.key(), &by_key, |to, scope| graph.need(number, to, scope));
    }
    for workspace in root.children_of("workspaces") {
        let name = workspace.text_of("name").unwrap_or_default();
        relate(Some(workspace), name, &by_key, |to, scope| graph.ask(to, scope));
    }
    graph.settle();
    for (number, package) in packages.iter().enumerate() {
        match component(*package) {
            Ok(None) => {}
            Ok(Some(component)) => reading.add::<String>(package.way(), Ok(graph.apply(number, component))),
            Err(why) => reading.problem(&package.way(), &why),
        }
    }
    Ok(())
}

/// Tells which packages are needed by the one, or by the workspace, that lies at this key.
fn relate(
    about: Option<Node<'_, '_>>,
    key: &str,
    by_key: &HashMap<&str, usize>,
    mut tell: impl FnMut(usize, Scope),
) {
    let Some(about) = about else { return };
    let folders = folders(key);
    if folders.len() > MOST_DEEP || key.len() > LONGEST_KEY {
        return;
    }
    let can_lack: HashSet<_> = about.children_of("optionalPeers").filter_map(Node::text).collect();
    for (section, scope) in NEEDED {
        for one in about.children_of(section) {
            let scope = if can_lack.contains(one.key()) { Scope::Optional } else { scope };
            let mut places = (0..=folders.len()).rev().map(|deep| match folders.get(..deep) {
                Some(outer) if deep > 0 => format!("{}/{}", outer.join("/"), one.key()),
                _ => one.key().to_owned(),
            });
            if let Some(to) = places.find_map(|place| by_key.get(place.as_str()).copied()) {
                tell(to, scope);
            }
        }
    }
}

/// The packages that one lies in, itself the last: `a/@b/c` is of `a` and `@b/c`.
fn folders(key: &str) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for part in key.split('/').filter(|part| !part.is_empty()).take(2 * MOST_DEEP + 2) {
        match folders.last_mut() {
            Some(last) if last.starts_with('@') && !last.contains('/') => {
                last.push('/');
                last.push_str(part);
            }
            _ => folders.push(part.to_owned()),
        }
    }
    folders
}

/// The name of a package, and what stands for its version.
fn named<'t>(package: Node<'t, '_>) -> Option<(&'t str, &'t str)> {
    let (name, version) = descriptor(package.children().next()?.text()?);
    Some((name, version?))
}

fn component(package: Node<'_, '_>) -> Result<Option<Component>, String> {
    let (name, version) =
        named(package).ok_or("does not begin with a name and a version; expected `name@version`")?;
    if version.starts_with("workspace:") || version.starts_with("root:") {
        return Ok(None);
    }
    let origin = Origin::of(version);
    let version = (origin == Origin::Registry).then_some(version);
    let integrity = package.children().filter_map(Node::text).last().unwrap_or_default();
    Ok(Some(origin.component(name, version)?.hashed(Hash::from_integrity(integrity))))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::{Place, Scope};

    const LOCK: &str = r#"{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "app",
      "dependencies": { "@s/core": "^7.0.0", "sibling": "workspace:*" },
      "devDependencies": { "lodash4": "npm:lodash@^4.17.0" },
    },
    "sibling": { "name": "sibling", "optionalDependencies": { "ms": "1.0.0" } },
  },
  "packages": {
    "@s/core": ["@s/core@7.2.0", "", { "dependencies": { "ms": "2.0.0", "peer": "*" } }, "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="],

    "forked": ["forked@git+https://git.example/forked.git#1a2b3c", { "dependencies": { "ms": "2.0.0" } }, "1a2b3c"],

    "lodash4": ["lodash@4.17.21", "", {}, "sha512-x"],

    "ms": ["ms@2.0.0", "", {}, "sha512-x"],

    "sibling": ["sibling@workspace:sibling"],

    "@s/core/peer": ["peer@1.0.0", "", {}, "sha512-x"],

    "sibling/ms": ["ms@1.0.0", "", {}, "sha512-x"],
  }
}
"#;

    #[test]
    fn packages_are_found_from_where_they_lie() {
        let read = read("bun.lock", LOCK.as_bytes());
        assert_eq!(read.unread, []);
        let scopes: Vec<_> = read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect();
        assert_eq!(
            scopes,
            [
                ("pkg:npm/%40s/core@7.2.0", Scope::Runtime),
                (
                    "pkg:npm/forked?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked.git%231a2b3c",
                    Scope::Unknown
                ),
                ("pkg:npm/lodash@4.17.21", Scope::Dev),
                ("pkg:npm/ms@2.0.0", Scope::Runtime),
                ("pkg:npm/peer@1.0.0", Scope::Runtime),
                ("pkg:npm/ms@1.0.0", Scope::Optional),
            ]
        );
        let core = read.component("pkg:npm/%40s/core@7.2.0");
        assert!(core.pulled_in_by.direct && core.hashes.len() == 1);
        assert_eq!(core.found.first().map(|one| &one.place), Some(&Place::entry("packages[\"@s/core\"]")));
        assert!(read.component("pkg:npm/ms@2.0.0").pulled_in_by.names.iter().eq(["@s/core", "forked"]));
    }

    #[test]
    fn a_broken_entry_is_told_with_its_way_and_loses_only_itself() {
        let read = read("bun.lock", LOCK.replace("\"ms@2.0.0\"", "7").as_bytes());
        assert_eq!(read.purls().len(), 5);
        assert!(
            read.unread.len() == 1 && read.unread[0].path == "bun.lock: packages.ms",
            "{:?}",
            read.unread
        );
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("bun.lock", LOCK.as_bytes());
    }

    #[test]
    fn a_version_that_is_not_known_and_the_binary_file_are_told() {
        let read_other = read("bun.lock", br#"{"lockfileVersion": 9}"#);
        assert!(read_other.unread[0].why.contains("lockfileVersion 9"));
        assert!(read("bun.lockb", b"#!/usr/bin/env bun").unread[0].why.contains("not read yet"));
    }
}

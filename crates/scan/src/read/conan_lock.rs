//! `conan.lock` of Conan 1 and 2, <https://docs.conan.io/2/tutorial/versioning/lockfiles.html>.

use std::collections::{BTreeMap, BTreeSet};

use super::nested::{Nested, Node};
use super::{Broken, Reading};
use crate::component::{Component, Registry, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    let root = nested.root();
    if let Some(graph) = root.child("graph_lock") {
        nodes(graph, reading);
        return Ok(());
    }
    if root.text_of("version").is_none() {
        return Err(Broken::other("has neither `graph_lock` nor `version`", "a lock file of Conan"));
    }
    let sections = [
        ("requires", Scope::Runtime),
        ("build_requires", Scope::Build),
        ("python_requires", Scope::Build),
        ("config_requires", Scope::Build),
    ];
    for (key, scope) in sections {
        for reference in root.children_of(key) {
            let text = reference.text().ok_or_else(|| "is no text; expected `name/version`".to_owned());
            reading.add(reference.way(), text.and_then(component).map(|component| component.scoped(scope)));
        }
    }
    Ok(())
}

/// The graph of Conan 1: nodes by number, each with the numbers of those that it needs.
fn nodes(graph: Node<'_, '_>, reading: &mut Reading<'_>) {
    let nodes: Vec<_> = graph.children_of("nodes").collect();
    let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut of_project = BTreeSet::new();
    for node in &nodes {
        let needed: Vec<&str> = node.children_of("requires").filter_map(Node::text).collect();
        match node.text_of("ref") {
            Some(reference) if node.text_of("path").is_none() => {
                let name = reference.split('/').next().unwrap_or_default();
                for needed in needed {
                    parents.entry(needed).or_default().insert(name);
                }
            }
            _ => of_project.extend(needed),
        }
    }
    for node in nodes {
        // The project itself has a path, or no reference.
        let Some(reference) = node.text_of("ref").filter(|_| node.text_of("path").is_none()) else {
            continue;
        };
        let component = component(reference).map(|component| {
            let by = parents.get(node.key()).into_iter().flatten().copied();
            let scope = if node.text_of("context") == Some("build") { Scope::Build } else { Scope::Runtime };
            let mut component = component.pulled_in_by(by).scoped(scope);
            component.pulled_in_by.direct = of_project.contains(node.key());
            component
        });
        reading.add(node.way(), component);
    }
}

/// `name/version@user/channel#revision%time`.
fn component(reference: &str) -> Result<Component, String> {
    let bare = reference.split(['#', '%', ':']).next().unwrap_or_default();
    let (package, owner) = bare.split_once('@').map_or((bare, ""), |(package, owner)| (package, owner));
    let Some((name, version)) = package.split_once('/') else {
        return Err(format!("is `{reference:.100}`; expected `name/version`"));
    };
    let mut component = Registry::Conan.component(name, Some(version)).map_err(|error| error.to_string())?;
    let (user, channel) = owner.split_once('/').unwrap_or((owner, ""));
    let qualifiers = [("channel", channel), ("user", user)];
    component.purl = component.purl.qualified(qualifiers).map_err(|error| error.to_string())?;
    // What has a user is not of ConanCenter.
    Ok(if user.is_empty() { component } else { component.unregistered() })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::{Place, Scope};

    #[test]
    fn version_two_lists_references_by_what_they_are_for() {
        let lock = r#"{"version": "0.5", "requires": ["zlib/1.2.13#97d5730b529b4224045fe7090592d4c1%1692672717.68", 7,
            "poco/1.9.4@bincrafters/stable#x"], "build_requires": ["cmake/3.27.1"], "python_requires": []}"#;
        let locked = read("conan.lock", lock.as_bytes());
        let scopes: Vec<_> = locked.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect();
        assert_eq!(
            scopes,
            [
                ("pkg:conan/zlib@1.2.13", Scope::Runtime),
                ("pkg:conan/poco@1.9.4?channel=stable&user=bincrafters", Scope::Runtime),
                ("pkg:conan/cmake@3.27.1", Scope::Build),
            ]
        );
        assert!(locked.components[0].ecosystem.is_some() && locked.components[1].ecosystem.is_none());
        assert!(locked.unread.len() == 1 && locked.unread[0].path == "conan.lock: requires[1]");
        cut_anywhere("conan.lock", lock.as_bytes());
        assert!(read("conan.lock", b"{}").unread[0].why.contains("neither"));
    }

    #[test]
    fn version_one_is_a_graph() {
        let lock = r#"{"graph_lock": {"nodes": {
            "0": {"path": "conanfile.txt", "requires": ["1"], "context": "host"},
            "1": {"ref": "openssl/1.1.1k#0", "requires": ["2"], "context": "host"},
            "2": {"ref": "zlib/1.2.11", "context": "host"},
            "3": {"ref": "cmake/3.20.0", "context": "build"}}}, "version": "0.4"}"#;
        let locked = read("conan.lock", lock.as_bytes());
        assert_eq!(
            locked.purls(),
            ["pkg:conan/cmake@3.20.0", "pkg:conan/openssl@1.1.1k", "pkg:conan/zlib@1.2.11"]
        );
        let (openssl, zlib) =
            (locked.component("pkg:conan/openssl@1.1.1k"), locked.component("pkg:conan/zlib@1.2.11"));
        assert!(openssl.pulled_in_by.direct && zlib.pulled_in_by.names.iter().eq(["openssl"]));
        let place = Place::entry("graph_lock.nodes.1");
        assert_eq!(openssl.found.first().map(|found| &found.place), Some(&place));
        assert_eq!(locked.component("pkg:conan/cmake@3.20.0").scope, Scope::Build);
        cut_anywhere("conan.lock", lock.as_bytes());
    }
}

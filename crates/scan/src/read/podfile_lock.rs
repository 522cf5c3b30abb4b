//! `Podfile.lock` of `CocoaPods`, <https://guides.cocoapods.org/using/using-cocoapods.html>.
//!
//! A pod is listed once, with the parts of it that are used as one. The checksums there are of specifications, not of what is
//! delivered, and are left out. OSV has no advisories for `CocoaPods`.

use std::collections::{BTreeMap, BTreeSet};

use super::nested::{Nested, Node};
use super::{Broken, Reading};
use crate::component::{Component, Registry};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::yaml(bytes, reading)?;
    let Some(root) = nested.root().children().next() else { return Ok(()) };
    let entries: Vec<_> =
        root.children_of("PODS").filter_map(|entry| Some((entry, listed(entry)?))).collect();
    let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (entry, text) in &entries {
        for needed in entry.children().flat_map(Node::children).filter_map(Node::text) {
            parents.entry(pod(needed)).or_default().insert(pod(text));
        }
    }
    let direct: BTreeSet<&str> = root.children_of("DEPENDENCIES").filter_map(Node::text).map(pod).collect();
    let outside: BTreeMap<&str, Node<'_, '_>> =
        root.children_of("EXTERNAL SOURCES").map(|source| (pod(source.key()), source)).collect();
    let commits: BTreeMap<&str, Node<'_, '_>> =
        root.children_of("CHECKOUT OPTIONS").map(|source| (pod(source.key()), source)).collect();
    for (entry, text) in entries {
        let name = pod(text);
        let source = outside.get(name).map(|source| (*source, commits.get(name).copied()));
        let component = component(text, source).map(|component| {
            let by = parents.get(name).into_iter().flatten().copied().filter(|by| *by != name);
            let mut component = component.pulled_in_by(by);
            component.pulled_in_by.direct = direct.contains(name);
            component
        });
        reading.add(entry.line(), component);
    }
    Ok(())
}

/// `Name (1.0)`, also where it is followed by what it needs.
fn listed<'t>(entry: Node<'t, '_>) -> Option<&'t str> {
    entry.text().or_else(|| entry.children().next().map(Node::key))
}

/// The name of a pod without its parts and its version: `Firebase` of `Firebase/Core (= 10.0)`.
fn pod(text: &str) -> &str {
    text.split(['/', ' ']).next().unwrap_or_default()
}

fn component(text: &str, source: Option<(Node<'_, '_>, Option<Node<'_, '_>>)>) -> Result<Component, String> {
    let version = text.split_once(" (").and_then(|(_, version)| version.strip_suffix(')'));
    let version = version.ok_or_else(|| format!("is `{text}`; expected `name (version)`"))?;
    let mut component =
        Registry::CocoaPods.component(pod(text), Some(version)).map_err(|error| error.to_string())?;
    let Some((source, checkout)) = source else { return Ok(component) };
    if let Some(url) = source.text_of(":git") {
        let commit = checkout.and_then(|checkout| checkout.text_of(":commit"));
        let url = commit.map_or(format!("git+{url}"), |commit| format!("git+{url}@{commit}"));
        component.purl =
            component.purl.qualified([("vcs_url", url.as_str())]).map_err(|error| error.to_string())?;
    }
    Ok(component.unregistered())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    const LOCK: &str = r#"PODS:
  - Alamofire (5.8.0)
  - Firebase/Core (10.16.0):
    - Firebase/CoreOnly
    - FirebaseAnalytics (~> 10.16.0)
  - Firebase/CoreOnly (10.16.0)
  - "FirebaseAnalytics (10.16.0)"
  - Forked (0.1.0)
  - broken

DEPENDENCIES:
  - Alamofire (~> 5.8)
  - Firebase/Core
  - Forked (from `https://git.example/forked.git`)

EXTERNAL SOURCES:
  Forked:
    :git: https://git.example/forked.git

CHECKOUT OPTIONS:
  Forked:
    :commit: 1a2b3c
    :git: https://git.example/forked.git

SPEC CHECKSUMS:
  Alamofire: 3ec537f71edc9804815215393ae2b1a8ea33a844

COCOAPODS: 1.13.0
"#;

    #[test]
    fn pods_are_listed_with_their_parts_as_one() {
        let read = read("ios/Podfile.lock", LOCK.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:cocoapods/Alamofire@5.8.0",
                "pkg:cocoapods/Firebase@10.16.0",
                "pkg:cocoapods/Firebase@10.16.0",
                "pkg:cocoapods/FirebaseAnalytics@10.16.0",
                "pkg:cocoapods/Forked@0.1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked.git%401a2b3c",
            ]
        );
        let analytics = read.component("pkg:cocoapods/FirebaseAnalytics@10.16.0");
        assert!(!analytics.pulled_in_by.direct && analytics.pulled_in_by.names.iter().eq(["Firebase"]));
        let firebase = read.component("pkg:cocoapods/Firebase@10.16.0");
        assert!(firebase.pulled_in_by.direct && firebase.pulled_in_by.names.is_empty());
        assert_eq!(firebase.found.first().map(|found| &found.place), Some(&Place::Line(3)));
        assert!(
            read.unread.len() == 1 && read.unread[0].path == "ios/Podfile.lock: line 9",
            "{:?}",
            read.unread
        );
        cut_anywhere("Podfile.lock", LOCK.as_bytes());
    }
}

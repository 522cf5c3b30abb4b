//! `Package.resolved` of Swift, versions 1 to 3,
//! <https://github.com/swiftlang/swift-package-manager/blob/main/Documentation/PackageDescription.md>.
//!
//! A package is named by the URL of its repository, as advisories name it. It tells neither who asked for one nor what for.

use super::nested::{Nested, Node};
use super::{Broken, Reading};
use crate::component::{Component, Registry};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    let root = nested.root();
    let holder = match root.child("version").and_then(Node::scalar) {
        Some("1") => root.child("object"),
        Some("2" | "3") => Some(root),
        _ => return Err(Broken::other("has no `version` that is known", "1, 2 or 3")),
    };
    for pin in holder.into_iter().flat_map(|holder| holder.children_of("pins")) {
        reading.add(pin.way(), component(pin));
    }
    Ok(())
}

fn component(pin: Node<'_, '_>) -> Result<Component, String> {
    let identity = || pin.text_of("identity").or_else(|| pin.text_of("package"));
    let location = pin.text_of("location").or_else(|| pin.text_of("repositoryURL"));
    let state = pin.child("state").ok_or("has no `state`; expected what it is pinned to")?;
    let version = state.text_of("version");
    if pin.text_of("kind") == Some("localSourceControl") {
        let name = identity().ok_or("has no `identity`; expected a text")?;
        let component = Registry::Swift.component(name, version).map_err(|error| error.to_string())?;
        return Ok(component.unregistered());
    }
    // A registry of packages may be given without a location: the identity is then `scope.name`.
    let url = location.or_else(identity).ok_or("has no `location`; expected the URL of a repository")?;
    let mut component = Registry::Swift.component(&bare(url), version).map_err(|error| error.to_string())?;
    if version.is_none() {
        // A branch or a commit.
        let source = format!("git+{url}@{}", state.text_of("revision").unwrap_or_default());
        let purl = component.purl.qualified([("vcs_url", source.as_str())]);
        component.purl = purl.map_err(|error| error.to_string())?;
        component = component.unregistered();
    }
    Ok(component)
}

/// The URL of a repository without scheme, user and `.git`.
fn bare(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let (rest, is_url) = match url.split_once("://") {
        Some((_, rest)) => (rest, true),
        None => (url, false),
    };
    let host_end = rest.find(['/', ':']).unwrap_or(rest.len());
    let rest = rest[..host_end].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    // `git@host:owner/name` has a colon where a URL has a slash.
    let rest = if is_url { rest.to_owned() } else { rest.replacen(':', "/", 1) };
    match rest.split_once('/') {
        Some((host, path)) => format!("{}/{path}", host.to_lowercase()),
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    const TWO: &str = r#"{"pins": [
  {"identity": "swift-nio", "kind": "remoteSourceControl", "location": "https://GitHub.com/apple/swift-nio.git",
   "state": {"revision": "0a1b", "version": "2.58.0"}},
  {"identity": "branch", "kind": "remoteSourceControl", "location": "git@github.com:o/branch.git",
   "state": {"branch": "main", "revision": "1a2b"}},
  {"identity": "broken", "kind": "remoteSourceControl", "location": "https://github.com/o/broken"}
], "version": 2}"#;

    #[test]
    fn pins_are_named_by_their_repository() {
        let read = read("Package.resolved", TWO.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:swift/github.com/apple/swift-nio@2.58.0",
                "pkg:swift/github.com/o/branch?vcs_url=git%2Bgit%40github.com:o%2Fbranch.git%401a2b",
            ]
        );
        let nio = read.component("pkg:swift/github.com/apple/swift-nio@2.58.0");
        assert_eq!(nio.found.first().map(|found| &found.place), Some(&Place::entry("pins[0]")));
        assert!(nio.ecosystem.is_some() && read.unread[0].path.ends_with("pins[2]"));
        cut_anywhere("Package.resolved", TWO.as_bytes());
    }

    #[test]
    fn version_one_has_its_pins_in_an_object_and_an_unknown_one_is_told() {
        let one = br#"{"object": {"pins": [{"package": "X", "repositoryURL": "https://user@h.example/x/",
            "state": {"branch": null, "revision": "0a", "version": "1.0.0"}}]}, "version": 1}"#;
        assert_eq!(read("Package.resolved", one).purls(), ["pkg:swift/h.example/x@1.0.0"]);
        assert!(read("Package.resolved", b"{\"version\": 9}").unread[0].why.contains("no `version`"));
    }
}

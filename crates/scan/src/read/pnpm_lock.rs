//! `pnpm-lock.yaml`, lockfile versions 5 to 9, <https://github.com/pnpm/spec/tree/master/lockfile>.
//!
//! What a package is for follows from who asks for it; what nobody asks for has what the file itself says (`dev`, `optional`,
//! up to version 6). Workspace members are the project, and no components.

use std::collections::HashMap;

use super::graph::Graph;
use super::nested::{Nested, Node};
use super::npm_origin::{Origin, descriptor};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Scope};

const ASKED: [(&str, Scope); 3] = [
    ("dependencies", Scope::Runtime),
    ("optionalDependencies", Scope::Optional),
    ("devDependencies", Scope::Dev),
];

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::yaml(bytes, reading)?;
    // From pnpm 11 on a document of its own has what pnpm itself is made of.
    for document in nested.root().children() {
        read_document(document, reading)?;
    }
    Ok(())
}

fn read_document(document: Node<'_, '_>, reading: &mut Reading<'_>) -> Result<(), Broken> {
    let Some(version) = document.child("lockfileVersion").and_then(Node::scalar) else {
        return match document.children().next() {
            Some(_) => Err(Broken::other("has no `lockfileVersion`", "one from 5 to 9")),
            None => Ok(()),
        };
    };
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let Some(major @ 5..=9) = major else {
        return Err(Broken::other(format!("is of lockfileVersion {version:.20}"), "one from 5 to 9"));
    };
    let mut lock = Lock::of(document, major);
    lock.relate(document);
    for (number, package) in lock.packages.iter().enumerate() {
        let component = component(*package, major).map(|component| lock.graph.apply(number, component));
        reading.add(package.line(), component);
    }
    Ok(())
}

struct Lock<'t, 'b> {
    packages: Vec<Node<'t, 'b>>,
    by_key: HashMap<&'t str, usize>,
    graph: Graph<'t>,
}

impl<'t, 'b> Lock<'t, 'b> {
    fn of(document: Node<'t, 'b>, major: u32) -> Self {
        let packages: Vec<_> = document.children_of("packages").collect();
        let mut lock = Self { packages, by_key: HashMap::new(), graph: Graph::default() };
        for (number, package) in lock.packages.iter().enumerate() {
            lock.graph.add(named(*package, major).0);
            lock.by_key.insert(package.key(), number);
        }
        lock
    }

    fn relate(&mut self, document: Node<'t, 'b>) {
        // From version 9 on what a package needs stands apart, once for each set of peers.
        let snapshots = document.children_of("snapshots").map(|one| (self.number(one.key()), one));
        let packages = self.packages.iter().copied().enumerate().map(|(number, one)| (Some(number), one));
        let needing: Vec<_> = packages.chain(snapshots).collect();
        for (from, node) in needing {
            let Some(from) = from else { continue };
            for (key, scope) in &ASKED[..2] {
                for one in node.children_of(key) {
                    if let Some(to) = self.find(one) {
                        self.graph.need(from, to, *scope);
                    }
                }
            }
        }
        // Without workspaces, the one importer is the document itself.
        for importer in document.children_of("importers").chain([document]) {
            for (key, scope) in ASKED {
                for one in importer.children_of(key) {
                    if let Some(to) = self.find(one) {
                        self.graph.ask(to, scope);
                    }
                }
            }
        }
        self.graph.settle();
    }

    /// The package that a dependency leads to: `name: version`, `alias: name@version`, `name: {specifier, version}`.
    fn find(&self, dependency: Node<'_, '_>) -> Option<usize> {
        let to = dependency.text().or_else(|| dependency.text_of("version"))?;
        let name = dependency.key();
        let ways = [format!("{name}@{to}"), format!("/{name}@{to}"), format!("/{name}/{to}"), to.to_owned()];
        ways.iter().find_map(|way| self.number(way))
    }

    /// The package of a key, with its peers or without.
    fn number(&self, key: &str) -> Option<usize> {
        let bare = key.split_once('(').map_or(key, |(bare, _)| bare);
        self.by_key.get(key).or_else(|| self.by_key.get(bare)).copied()
    }
}

/// The name of a package and what stands for its version.
fn named<'t>(package: Node<'t, '_>, major: u32) -> (&'t str, &'t str) {
    let key = package.key();
    let key = key.split_once('(').map_or(key, |(key, _)| key);
    let path = key.strip_prefix('/').unwrap_or(key);
    let (name, version) = if major >= 6 {
        let (name, version) = descriptor(path);
        (name, version.unwrap_or_default())
    } else {
        // A registry that is not the default one stands in front.
        let host = path.split_once('/').filter(|(host, _)| !key.starts_with('/') && host.contains('.'));
        let path = host.map_or(path, |(_, path)| path);
        let scope = if path.starts_with('@') { path.find('/').map_or(0, |slash| slash + 1) } else { 0 };
        let end = path[scope..].find('/').map_or(path.len(), |slash| scope + slash);
        let rest = path.get(end + 1..).unwrap_or_default();
        // Peers stand behind `_`, and behind `/` before pnpm 3.
        (&path[..end], rest.split(['_', '/']).next().unwrap_or_default())
    };
    (
        package.text_of("name").unwrap_or(name),
        package.child("version").and_then(Node::scalar).unwrap_or(version),
    )
}

fn component(package: Node<'_, '_>, major: u32) -> Result<Component, String> {
    let (name, version) = named(package, major);
    let resolution = package.child("resolution").ok_or("has no `resolution`; expected a map")?;
    let repository = resolution.text_of("repo").map(|repository| match resolution.text_of("commit") {
        Some(commit) => format!("{repository}#{commit}"),
        None => repository.to_owned(),
    });
    let integrity = resolution.text_of("integrity");
    let origin = match (&repository, resolution.text_of("tarball")) {
        (Some(repository), _) => Origin::Git(repository),
        (None, Some(tarball)) => Origin::of(tarball),
        (None, None) if integrity.is_none() && resolution.text_of("type") == Some("directory") => {
            Origin::Local
        }
        (None, None) => Origin::of(version),
    };
    if name.contains(':') {
        return Err(format!("has no name but `{name:.100}`; expected a `name`"));
    }
    // Where a URL or a path stands for the version, there is none.
    let version = Some(version).filter(|version| !version.is_empty() && !version.contains(['/', ':']));
    if version.is_none() && origin == Origin::Registry {
        return Err(format!("`{name:.100}` has no version; expected one in its key"));
    }
    let component =
        origin.component(name, version)?.hashed(Hash::from_integrity(integrity.unwrap_or_default()));
    Ok(match () {
        () if package.child("dev").is_some_and(Node::is_true) => component.scoped(Scope::Dev),
        () if package.child("optional").is_some_and(Node::is_true) => component.scoped(Scope::Optional),
        () if package.child("dev").is_some() => component.scoped(Scope::Runtime),
        () => component,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Read, cut_anywhere, read};
    use crate::component::{Place, Scope};

    const FIVE: &str = "lockfileVersion: 5.4

specifiers:
  '@s/core': ^7.0.0
  lodash4: npm:lodash@^4.17.0

dependencies:
  '@s/core': 7.2.0_peer@1.0.0

devDependencies:
  lodash4: /lodash/4.17.21

packages:

  /@s/core/7.2.0_peer@1.0.0:
    resolution: {integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==}
    engines: {node: '>=6.0.0'}
    dependencies:
      peer: 1.0.0
    optionalDependencies:
      fsevents: 2.3.3
    dev: false

  /fsevents/2.3.3:
    resolution: {integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==}
    os: [darwin]
    requiresBuild: true
    optional: true

  /lodash/4.17.21:
    resolution: {integrity: sha512-x}
    dev: true

  /peer/1.0.0:
    resolution: {integrity: sha512-x}
    dev: false

  github.com/o/forked/1a2b3c:
    resolution: {tarball: https://codeload.github.com/o/forked/tar.gz/1a2b3c}
    name: forked
    version: 0.1.0
    dev: true
";

    const SIX: &str = "lockfileVersion: '6.0'

importers:

  .:
    dependencies:
      '@s/core':
        specifier: ^7.0.0
        version: 7.2.0(peer@1.0.0)
    devDependencies:
      lodash4:
        specifier: npm:lodash@^4.17.0
        version: /lodash@4.17.21

packages:

  /@s/core@7.2.0(peer@1.0.0):
    resolution: {integrity: sha512-x}
    dependencies:
      peer: 1.0.0
    dev: false

  /lodash@4.17.21:
    resolution: {integrity: sha512-x}
    dev: true

  /peer@1.0.0:
    resolution: {integrity: sha512-x}
    dev: false

  file:local:
    resolution: {directory: local, type: directory}
    name: local
    dev: false
";

    const NINE: &str = "lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      '@s/core':
        specifier: ^7.0.0
        version: 7.2.0(peer@1.0.0)
      sibling:
        specifier: workspace:*
        version: link:sibling
    devDependencies:
      lodash4:
        specifier: npm:lodash@^4.17.0
        version: lodash@4.17.21

packages:

  '@s/core@7.2.0':
    resolution: {integrity: sha512-x}
    deprecated: >-
      use another: this one
      is old

  forked@https://codeload.github.com/o/forked/tar.gz/1a2b3c:
    resolution: {tarball: https://codeload.github.com/o/forked/tar.gz/1a2b3c}
    version: 0.1.0

  lodash@4.17.21:
    resolution: {integrity: sha512-x}

  peer@1.0.0:
    resolution: {integrity: sha512-x}

snapshots:

  '@s/core@7.2.0(peer@1.0.0)':
    dependencies:
      peer: 1.0.0
    optionalDependencies:
      forked: https://codeload.github.com/o/forked/tar.gz/1a2b3c

  forked@https://codeload.github.com/o/forked/tar.gz/1a2b3c: {}

  lodash@4.17.21: {}

  peer@1.0.0: {}
";

    const FORKED: &str =
        "pkg:npm/forked@0.1.0?vcs_url=https:%2F%2Fcodeload.github.com%2Fo%2Fforked%2Ftar.gz%2F1a2b3c";

    fn scopes(read: &Read) -> Vec<(&str, Scope)> {
        read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect()
    }

    #[test]
    fn version_five_is_read() {
        let read = read("pnpm-lock.yaml", FIVE.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            scopes(&read),
            [
                ("pkg:npm/%40s/core@7.2.0", Scope::Runtime),
                ("pkg:npm/fsevents@2.3.3", Scope::Optional),
                ("pkg:npm/lodash@4.17.21", Scope::Dev),
                ("pkg:npm/peer@1.0.0", Scope::Runtime),
                (FORKED, Scope::Dev),
            ]
        );
        let core = read.component("pkg:npm/%40s/core@7.2.0");
        assert!(core.pulled_in_by.direct && core.hashes.len() == 1);
        assert_eq!(core.found.first().map(|found| &found.place), Some(&Place::Line(15)));
        assert!(read.component("pkg:npm/peer@1.0.0").pulled_in_by.names.iter().eq(["@s/core"]));
        assert!(read.component(FORKED).ecosystem.is_none());
    }

    #[test]
    fn version_six_is_read() {
        let read = read("pnpm-lock.yaml", SIX.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            scopes(&read),
            [
                ("pkg:npm/%40s/core@7.2.0", Scope::Runtime),
                ("pkg:npm/lodash@4.17.21", Scope::Dev),
                ("pkg:npm/peer@1.0.0", Scope::Runtime),
                ("pkg:npm/local", Scope::Runtime),
            ]
        );
        assert!(read.component("pkg:npm/local").ecosystem.is_none());
    }

    #[test]
    fn version_nine_is_read_with_its_snapshots() {
        let read = read("pnpm-lock.yaml", NINE.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            scopes(&read),
            [
                ("pkg:npm/%40s/core@7.2.0", Scope::Runtime),
                (FORKED, Scope::Optional),
                ("pkg:npm/lodash@4.17.21", Scope::Dev),
                ("pkg:npm/peer@1.0.0", Scope::Runtime),
            ]
        );
    }

    #[test]
    fn a_registry_in_front_of_a_name_is_no_part_of_it_and_a_key_without_a_version_is_told() {
        let lock = "lockfileVersion: 5.3\npackages:\n  registry.example.com/@s/a/1.0.0:\n    resolution: {integrity: sha512-x}\n  \
                    nothing:\n    resolution: {integrity: sha512-x}\n  file:..:\n    resolution: {directory: .., type: directory}\n";
        let read = read("pnpm-lock.yaml", lock.as_bytes());
        assert_eq!(read.purls(), ["pkg:npm/%40s/a@1.0.0"]);
        let told: Vec<_> = read.unread.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(told, ["pnpm-lock.yaml: line 5", "pnpm-lock.yaml: line 7"]);
    }

    #[test]
    fn a_version_that_is_not_known_is_told() {
        for (version, why) in [("'10.0'", "is of lockfileVersion 10.0"), ("x", "is of lockfileVersion x")] {
            let read = read("pnpm-lock.yaml", NINE.replace("'9.0'", version).as_bytes());
            assert!(read.components.is_empty() && read.unread[0].why.starts_with(why), "{:?}", read.unread);
        }
    }

    #[test]
    fn a_broken_entry_is_told_with_its_line_and_loses_only_itself() {
        let lock = NINE
            .replace("  peer@1.0.0:\n    resolution", "  peer@1.0.0:\n    no")
            .replace("snapshots:", "<<<<");
        let read = read("pnpm-lock.yaml", lock.as_bytes());
        assert_eq!(read.purls().len(), 3);
        let told: Vec<_> = read.unread.iter().map(|one| one.path.as_str()).collect();
        assert!(
            told.contains(&"pnpm-lock.yaml: line 33") && told.contains(&"pnpm-lock.yaml: line 36"),
            "{told:?}"
        );
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        for lock in [FIVE, SIX, NINE] {
            cut_anywhere("pnpm-lock.yaml", lock.as_bytes());
        }
    }
}

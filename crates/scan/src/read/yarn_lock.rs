//! `yarn.lock`: version 1, <https://classic.yarnpkg.com/lang/en/docs/yarn-lock/>, and the YAML of Yarn 2 and later.
//!
//! Neither tells what is for development: that stands in the `package.json` beside it and, from Yarn 2 on, in those of the
//! workspaces that it lists. Version 1 does not list workspaces, so what only they ask for has no scope. The checksum of
//! Yarn 2 and later is of a ZIP file that Yarn makes itself, not of what was delivered, and is left out.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::graph::Graph;
use super::nested::{Nested, Node};
use super::npm_origin::{Origin, delivered, descriptor};
use super::{Broken, Reading, npm_manifest};
use crate::component::{Algorithm, Component, Hash, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    if memchr::memmem::find(bytes, b"__metadata:").is_some() {
        let nested = Nested::yaml(bytes, reading)?;
        berry(&nested, reading);
    } else {
        let nested = Nested::yarn(bytes, reading)?;
        classic(&nested, reading);
    }
    Ok(())
}

/// The entries of a lock file and, by each descriptor (`name@range`), which of them it leads to.
struct Lock<'t, 'b> {
    entries: Vec<Node<'t, 'b>>,
    by_descriptor: HashMap<Cow<'t, str>, usize>,
    graph: Graph<'t>,
}

impl<'t, 'b> Lock<'t, 'b> {
    fn of(nested: &'t Nested<'b>) -> Self {
        let documents = nested.root().children();
        let entries = documents.flat_map(Node::children).filter(|entry| entry.key() != "__metadata");
        let mut lock =
            Self { entries: entries.collect(), by_descriptor: HashMap::new(), graph: Graph::default() };
        for (number, entry) in lock.entries.iter().enumerate() {
            lock.graph.add(descriptor(descriptors(entry.key()).next().unwrap_or_default()).0);
            for one in descriptors(entry.key()) {
                lock.by_descriptor.insert(one.into(), number);
            }
        }
        // A patched package is what is got by whoever asks for the one that it patches.
        for (number, entry) in lock.entries.iter().enumerate() {
            for patched in descriptors(entry.key()).filter_map(patched) {
                lock.by_descriptor.insert(patched.into(), number);
            }
        }
        lock
    }

    fn find(&self, name: &str, range: &str) -> Option<usize> {
        let found = self.by_descriptor.get(format!("{name}@{range}").as_str());
        found.or_else(|| self.by_descriptor.get(format!("{name}@npm:{range}").as_str())).copied()
    }

    /// Enters what each entry needs.
    fn relate(&mut self) {
        for number in 0..self.entries.len() {
            let Some(entry) = self.entries.get(number).copied() else { continue };
            if is_workspace(entry) {
                continue;
            }
            let optional: HashSet<&str> = optional(entry).collect();
            for (key, scope) in [("dependencies", Scope::Runtime), ("optionalDependencies", Scope::Optional)]
            {
                for one in entry.children_of(key) {
                    let scope = if optional.contains(one.key()) { Scope::Optional } else { scope };
                    if let Some(to) = self.find(one.key(), one.text().unwrap_or_default()) {
                        self.graph.need(number, to, scope);
                    }
                }
            }
        }
    }
}

fn classic(nested: &Nested<'_>, reading: &mut Reading<'_>) {
    let mut lock = Lock::of(nested);
    lock.relate();
    for (name, range, scope) in npm_manifest::asked("package.json", reading).unwrap_or_default() {
        if let Some(to) = lock.find(&name, &range) {
            lock.graph.ask(to, scope);
        }
    }
    lock.graph.settle();
    for (number, entry) in lock.entries.iter().enumerate() {
        let component = classic_component(*entry).map(|component| lock.graph.apply(number, component));
        reading.add(entry.line(), component);
    }
}

fn classic_component(entry: Node<'_, '_>) -> Result<Component, String> {
    let (name, range) = descriptor(descriptors(entry.key()).next().unwrap_or_default());
    let range = range.unwrap_or_default();
    let version = entry.must("version")?;
    let name = range.strip_prefix("npm:").map_or(name, |alias| descriptor(alias).0);
    let resolved = entry.text_of("resolved");
    let origin = Origin::of(resolved.unwrap_or(range));
    let delivered = resolved.filter(|_| origin == Origin::Registry).and_then(delivered);
    let component = origin.component(delivered.as_deref().unwrap_or(name), Some(version))?;
    let sha1 = resolved.and_then(|resolved| resolved.split_once('#'));
    let sha1 = sha1.and_then(|(_, hex)| Hash::from_hex(Algorithm::Sha1, hex));
    let hashes = Hash::from_integrity(entry.text_of("integrity").unwrap_or_default());
    let component = component.hashed(hashes);
    Ok(if component.ecosystem.is_some() { component.hashed(sha1) } else { component })
}

fn berry(nested: &Nested<'_>, reading: &mut Reading<'_>) {
    let mut lock = Lock::of(nested);
    lock.relate();
    for number in 0..lock.entries.len() {
        let Some(entry) = lock.entries.get(number).copied().filter(|entry| is_workspace(*entry)) else {
            continue;
        };
        ask(entry, &mut lock, reading);
    }
    lock.graph.settle();
    for (number, entry) in lock.entries.iter().enumerate().filter(|(_, entry)| !is_workspace(**entry)) {
        let component = berry_component(*entry).map(|component| lock.graph.apply(number, component));
        reading.add(entry.line(), component);
    }
}

/// Enters what a workspace asks for: the lock file has it, and its own `package.json` what for.
fn ask(workspace: Node<'_, '_>, lock: &mut Lock<'_, '_>, reading: &mut Reading<'_>) {
    let folder = workspace.text_of("resolution").and_then(|resolution| resolution.split_once("@workspace:"));
    let manifest =
        folder.and_then(|(_, folder)| npm_manifest::asked(&format!("{folder}/package.json"), reading));
    let scopes: Option<HashMap<String, Scope>> = manifest.map(|asked| {
        // Of two sections that name it the first has it: the sections come in the order of their scopes.
        asked.into_iter().rev().map(|(name, _, scope)| (name, scope)).collect()
    });
    let optional: HashSet<&str> = optional(workspace).collect();
    for one in workspace.children_of("dependencies") {
        let Some(to) = lock.find(one.key(), one.text().unwrap_or_default()) else { continue };
        let known = scopes.as_ref().and_then(|scopes| scopes.get(one.key()));
        let unknown = if optional.contains(one.key()) { Scope::Optional } else { Scope::Unknown };
        lock.graph.ask(to, known.copied().unwrap_or(unknown));
    }
}

fn berry_component(entry: Node<'_, '_>) -> Result<Component, String> {
    let version = entry.must("version")?;
    let (name, reference) = descriptor(entry.must("resolution")?);
    let reference = reference.unwrap_or_default();
    let bare = reference.split_once("::").map_or(reference, |(bare, _)| bare);
    let is_registered = bare.starts_with("npm:") || bare.starts_with("patch:");
    let origin = if is_registered { Origin::Registry } else { Origin::of(bare) };
    origin.component(name, Some(version))
}

/// What the key of an entry names: `"a@^1", "a@^2"` in version 1, and `a@npm:^1, a@npm:^2` later.
fn descriptors(key: &str) -> impl Iterator<Item = &str> {
    key.split(", ").map(|one| one.trim_matches('"'))
}

/// The descriptor of what a patch is of: `a@npm:^1` of `a@patch:a@npm%3A^1#…`.
fn patched(descriptor: &str) -> Option<String> {
    let (_, patch) = descriptor.split_once("@patch:")?;
    let (inner, _) = patch.split_once('#')?;
    Some(inner.replace("%3A", ":").replace("%40", "@").replace("%2F", "/"))
}

fn is_workspace(entry: Node<'_, '_>) -> bool {
    entry.text_of("resolution").is_some_and(|resolution| resolution.contains("@workspace:"))
}

/// The names of what an entry can do without.
fn optional<'t, 'b>(entry: Node<'t, 'b>) -> impl Iterator<Item = &'t str> + use<'t, 'b> {
    let meta = entry.children_of("dependenciesMeta");
    meta.filter(|one| one.child("optional").is_some_and(Node::is_true)).map(Node::key)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Read, cut_anywhere, read, read_beside};
    use crate::component::{Place, Scope};

    const CLASSIC: &str = r#"# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
# yarn lockfile v1


"@s/core@^7.0.0", "@s/core@^7.1.0":
  version "7.2.0"
  resolved "https://registry.yarnpkg.com/@s/core/-/core-7.2.0.tgz#ed441b6fa600072520ce18b43d2c8cc8caecc7f4"
  integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==
  dependencies:
    ms "2.0.0"
  optionalDependencies:
    fsevents "~2.3.2"

forked@git+https://git.example/forked.git:
  version "0.1.0"
  resolved "git+https://git.example/forked.git#1a2b3c"

fsevents@~2.3.2:
  version "2.3.3"

lodash4@npm:lodash@^4.17.0:
  version "4.17.21"
  resolved "https://registry.yarnpkg.com/lodash/-/lodash-4.17.21.tgz"

ms@2.0.0:
  version "2.0.0"

orphan@1:
  version "1.0.0"
"#;

    const MANIFEST: &str = r#"{"dependencies": {"@s/core": "^7.1.0"}, "devDependencies": {"lodash4": "npm:lodash@^4.17.0", "ms": "2.0.0"}}"#;

    const BERRY: &str = r#"__metadata:
  version: 8
  cacheKey: 10c0

"@s/core@npm:^7.0.0, @s/core@npm:^7.1.0":
  version: 7.2.0
  resolution: "@s/core@npm:7.2.0"
  dependencies:
    fsevents: "npm:~2.3.2"
    ms: 2.0.0
  dependenciesMeta:
    fsevents:
      optional: true
  checksum: 10c0/81d63cca5443e0f0
  languageName: node
  linkType: hard

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    "@s/core": "npm:^7.1.0"
    lodash4: "npm:lodash@^4.17.0"
  languageName: unknown
  linkType: soft

"fsevents@npm:~2.3.2":
  version: 2.3.3
  resolution: "fsevents@npm:2.3.3"

"fsevents@patch:fsevents@npm%3A~2.3.2#optional!builtin<compat/fsevents>":
  version: 2.3.3
  resolution: "fsevents@patch:fsevents@npm%3A2.3.3#optional!builtin<compat/fsevents>::version=2.3.3&hash=df0bf1"

"forked@https://github.com/o/forked.git#commit=1a2b":
  version: 0.1.0
  resolution: "forked@https://github.com/o/forked.git#commit=1a2b"

"lodash4@npm:lodash@^4.17.0":
  version: 4.17.21
  resolution: "lodash@npm:4.17.21"

"ms@npm:2.0.0":
  version: 2.0.0
  resolution: "ms@npm:2.0.0"
"#;

    fn scopes(read: &Read) -> Vec<(&str, Scope)> {
        read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect()
    }

    #[test]
    fn version_one_is_read_with_what_the_manifest_beside_it_asks_for() {
        let files = [("yarn.lock", CLASSIC.as_bytes()), ("package.json", MANIFEST.as_bytes())];
        let read = read_beside("yarn.lock", &files);
        assert_eq!(read.unread, []);
        assert_eq!(
            scopes(&read),
            [
                ("pkg:npm/%40s/core@7.2.0", Scope::Runtime),
                (
                    "pkg:npm/forked@0.1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked.git%231a2b3c",
                    Scope::Unknown
                ),
                ("pkg:npm/fsevents@2.3.3", Scope::Optional),
                ("pkg:npm/lodash@4.17.21", Scope::Dev),
                ("pkg:npm/ms@2.0.0", Scope::Runtime),
                ("pkg:npm/orphan@1.0.0", Scope::Unknown),
            ]
        );
        let core = read.component("pkg:npm/%40s/core@7.2.0");
        assert!(core.pulled_in_by.direct && core.hashes.len() == 2);
        assert_eq!(core.found.first().map(|found| &found.place), Some(&Place::Line(5)));
        let ms = read.component("pkg:npm/ms@2.0.0");
        assert!(ms.pulled_in_by.direct && ms.pulled_in_by.names.iter().eq(["@s/core"]));
        assert_eq!(read.components.iter().filter(|one| one.ecosystem.is_none()).count(), 1);
    }

    #[test]
    fn later_versions_list_their_workspaces_which_are_the_project() {
        let manifest = br#"{"devDependencies": {"lodash4": "npm:lodash@^4.17.0"}, "dependencies": {"@s/core": "^7.1.0"}}"#;
        let files = [("w/yarn.lock", BERRY.as_bytes()), ("w/package.json", manifest)];
        let read = read_beside("w/yarn.lock", &files);
        assert_eq!(read.unread, []);
        assert_eq!(
            scopes(&read),
            [
                ("pkg:npm/%40s/core@7.2.0", Scope::Runtime),
                ("pkg:npm/fsevents@2.3.3", Scope::Unknown),
                ("pkg:npm/fsevents@2.3.3", Scope::Optional),
                (
                    "pkg:npm/forked@0.1.0?vcs_url=https:%2F%2Fgithub.com%2Fo%2Fforked.git%23commit%3D1a2b",
                    Scope::Unknown
                ),
                ("pkg:npm/lodash@4.17.21", Scope::Dev),
                ("pkg:npm/ms@2.0.0", Scope::Runtime),
            ]
        );
    }

    #[test]
    fn what_a_registry_delivered_counts_and_not_what_it_is_called() {
        let lock = "a@^1.0.0:\n  version \"1.0.1\"\n  resolved \"https://registry.yarnpkg.com/@evil/a/-/a-1.0.1.tgz#00\"\n";
        assert_eq!(read("yarn.lock", lock.as_bytes()).purls(), ["pkg:npm/%40evil/a@1.0.1"]);
    }

    #[test]
    fn without_a_manifest_what_the_project_asks_for_is_not_told() {
        let read = read("yarn.lock", BERRY.as_bytes());
        let core = read.component("pkg:npm/%40s/core@7.2.0");
        assert!(core.pulled_in_by.direct && core.scope == Scope::Unknown);
    }

    #[test]
    fn a_broken_entry_is_told_with_its_line_and_loses_only_itself() {
        let lock = CLASSIC.replace("  version \"7.2.0\"", "=======").replace("ms@2.0.0:", "\"\":");
        let read = read("yarn.lock", lock.as_bytes());
        assert_eq!(read.purls().len(), 4, "{:?}", read.purls());
        let told: Vec<_> = read.unread.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(told, ["yarn.lock: line 6", "yarn.lock: line 5", "yarn.lock: line 25"]);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("yarn.lock", CLASSIC.as_bytes());
        cut_anywhere("yarn.lock", BERRY.as_bytes());
    }
}

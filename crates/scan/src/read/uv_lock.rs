//! `uv.lock` of uv, <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>.
//!
//! The file lists the project itself, so that what is there for what can be followed from it: runtime before extras before
//! dependency groups.

use std::collections::{BTreeMap, BTreeSet};

use super::toml_tree::{Table, Tree};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Registry, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let packages: Vec<Table<'_, '_>> = tree.root().tables("package").collect();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, package) in packages.iter().enumerate() {
        by_name.entry(package.text("name").unwrap_or_default()).or_default().push(number);
    }
    let graph = Graph { packages: &packages, by_name };
    let scopes = graph.scopes();
    let parents = graph.parents();
    for (number, package) in packages.iter().enumerate() {
        let component = component(*package).map(|component| {
            let by = parents.get(&number).into_iter().flatten();
            let is_direct = by.clone().any(|parent| is_own(packages[*parent]));
            let names = by.filter_map(|parent| packages[*parent].text("name"));
            let component = component.pulled_in_by(names).scoped(scopes[number]);
            if is_direct { component.direct() } else { component }
        });
        reading.add(package.place(), component);
    }
    Ok(())
}

/// Who depends on whom.
struct Graph<'g, 't, 'b> {
    packages: &'g [Table<'t, 'b>],
    by_name: BTreeMap<&'t str, Vec<usize>>,
}

/// The tables in which a package lists what it depends on.
const GROUPS: [(&str, Scope); 2] =
    [("optional-dependencies", Scope::Optional), ("dev-dependencies", Scope::Dev)];

impl<'t, 'b> Graph<'_, 't, 'b> {
    /// What each package is there for: the best of all ways to it from the project.
    fn scopes(&self) -> Vec<Scope> {
        let own: Vec<usize> =
            (0..self.packages.len()).filter(|number| is_own(self.packages[*number])).collect();
        let mut scopes = vec![Scope::Unknown; self.packages.len()];
        let mut met = BTreeSet::new();
        let mut start = own.clone();
        for scope in [Scope::Runtime, Scope::Optional, Scope::Dev] {
            let listed = own.iter().flat_map(|&number| {
                GROUPS
                    .into_iter()
                    .filter(move |(_, group)| *group == scope)
                    .map(move |(key, _)| (number, key))
            });
            for (number, key) in listed {
                for (_, group) in
                    self.packages[number].table(key).into_iter().flat_map(|table| table.arrays())
                {
                    start.extend(group.flat_map(|dependency| self.found(dependency)));
                }
            }
            let mut next = std::mem::take(&mut start);
            while let Some(number) = next.pop() {
                if !met.insert(number) {
                    continue;
                }
                scopes[number] = scope;
                next.extend(self.asked(self.packages[number]));
            }
        }
        scopes
    }

    /// By whom each package is asked for.
    fn parents(&self) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut parents: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (number, package) in self.packages.iter().enumerate() {
            let groups = GROUPS.iter().filter_map(|(key, _)| package.table(key));
            let grouped = groups.flat_map(|table| table.arrays()).flat_map(|(_, group)| group);
            for dependency in package.tables("dependencies").chain(grouped) {
                for child in self.found(dependency) {
                    parents.entry(child).or_default().insert(number);
                }
            }
        }
        parents
    }

    /// What a package always brings along; with the extras of others that it asks for.
    fn asked(&self, package: Table<'t, 'b>) -> Vec<usize> {
        let mut asked = Vec::new();
        for dependency in package.tables("dependencies") {
            let found = self.found(dependency);
            for extra in dependency.array("extra").filter_map(|value| value.get_ref().as_str()) {
                for &number in &found {
                    let extras = self.packages[number].table("optional-dependencies");
                    let listed = extras.into_iter().flat_map(|extras| extras.tables(extra));
                    asked.extend(listed.flat_map(|dependency| self.found(dependency)));
                }
            }
            asked.extend(found);
        }
        asked
    }

    /// The packages that a dependency means: its version is only told where there are several.
    fn found(&self, dependency: Table<'_, '_>) -> Vec<usize> {
        let named =
            dependency.text("name").and_then(|name| self.by_name.get(name)).into_iter().flatten().copied();
        match dependency.text("version") {
            Some(version) => {
                named.filter(|number| self.packages[*number].text("version") == Some(version)).collect()
            }
            None => named.collect(),
        }
    }
}

/// Whether a package is of the project itself.
fn is_own(package: Table<'_, '_>) -> bool {
    let source = package.table("source");
    source.is_some_and(|source| {
        ["virtual", "editable", "directory"].iter().any(|key| source.text(key).is_some())
    })
}

fn component(package: Table<'_, '_>) -> Result<Component, String> {
    let name = package.must("name")?;
    let component =
        Registry::PyPi.component(name, package.text("version")).map_err(|error| error.to_string())?;
    let files = package.table("sdist").into_iter().chain(package.tables("wheels"));
    let hashes = files.filter_map(|file| file.text("hash")).filter_map(Hash::from_labelled);
    let mut component = component.hashed(hashes);
    let Some(source) = package.table("source") else { return Ok(component) };
    if source.text("registry").is_some_and(|place| place.contains("://")) {
        package.must("version")?;
        return Ok(component);
    }
    let place = [("git", "vcs_url"), ("url", "download_url")]
        .into_iter()
        .find_map(|(kind, key)| Some((key, source.text(kind)?)));
    if let Some((key, place)) = place {
        component.purl = component.purl.qualified([(key, place)]).map_err(|error| error.to_string())?;
    }
    Ok(component.unregistered())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Scope;

    const LOCK: &str = r#"version = 1
revision = 3

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [ { name = "flask", extra = ["async"] }, { name = "six", version = "1.17.0", source = { registry = "https://pypi.org/simple" } } ]

[package.optional-dependencies]
db = [ { name = "sqlalchemy" } ]

[package.dev-dependencies]
dev = [ { name = "pytest" } ]

[[package]]
name = "asgiref"
version = "3.11.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "flask"
version = "3.1.2"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://x/flask.tar.gz", hash = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" }
wheels = [ { url = "https://x/flask.whl", hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000" } ]

[package.optional-dependencies]
async = [ { name = "asgiref" } ]

[[package]]
name = "forked"
version = "1.0"
source = { git = "https://git.example/forked?rev=main#1a2b" }

[[package]]
name = "pytest"
version = "8.4.2"
source = { registry = "https://pypi.org/simple" }
dependencies = [ { name = "six", version = "1.16.0" }, { name = "flask" } ]

[[package]]
name = "six"
version = "1.16.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "six"
version = "1.17.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "sqlalchemy"
version = "2.0.0"
source = { registry = "https://mirror.example/simple" }
"#;

    #[test]
    fn what_a_package_is_there_for_follows_from_the_project() {
        let read = read("uv.lock", LOCK.as_bytes());
        assert_eq!(read.unread, []);
        for (purl, scope, direct, by) in [
            ("pkg:pypi/flask@3.1.2", Scope::Runtime, true, &["app", "pytest"][..]),
            ("pkg:pypi/asgiref@3.11.1", Scope::Runtime, false, &["flask"]),
            ("pkg:pypi/six@1.17.0", Scope::Runtime, true, &["app"]),
            ("pkg:pypi/six@1.16.0", Scope::Dev, false, &["pytest"]),
            ("pkg:pypi/pytest@8.4.2", Scope::Dev, true, &["app"]),
            ("pkg:pypi/sqlalchemy@2.0.0", Scope::Optional, true, &["app"]),
        ] {
            let found = read.component(purl);
            assert_eq!((found.scope, found.pulled_in_by.direct), (scope, direct), "{purl}");
            assert!(found.pulled_in_by.names.iter().eq(by), "{purl}: {:?}", found.pulled_in_by);
            assert!(found.ecosystem.is_some(), "{purl}");
        }
        assert_eq!(read.component("pkg:pypi/flask@3.1.2").hashes.len(), 2);
        let own: Vec<_> =
            read.components.iter().filter(|one| one.ecosystem.is_none()).map(|one| &*one.name).collect();
        assert_eq!(own, ["app", "forked"]);
    }

    #[test]
    fn a_broken_entry_loses_only_itself() {
        let lock = LOCK.replace("name = \"flask\"\nversion", "nome = \"flask\"\nversion");
        let read = read("uv.lock", lock.as_bytes());
        assert_eq!(read.components.len(), 7);
        assert_eq!(read.unread[0].path, "uv.lock: line 21");
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("uv.lock", LOCK.as_bytes());
    }
}

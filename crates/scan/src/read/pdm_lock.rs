//! `pdm.lock`, <https://pdm-project.org/latest/usage/lockfile/>, lock versions 2 to 4.
//!
//! Which groups a package is for stands in the file from version 4.5 on, and follows from who needs it before; what a group
//! is for stands in the `pyproject.toml` beside it. Without that, a group other than `default` counts as optional.

use std::collections::HashMap;

use super::graph::Graph;
use super::python_groups::{Groups, groups};
use super::python_package::{Origin, canonical, required};
use super::toml_tree::{Table, Tree};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let groups = groups(reading);
    let root = tree.root();
    let files = root.table("metadata").and_then(|metadata| metadata.table("files"));
    let packages: Vec<_> = root.tables("package").collect();
    let mut graph = Graph::default();
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for package in &packages {
        let name = package.text("name").unwrap_or_default();
        by_name.entry(canonical(name)).or_default().push(graph.add(name));
    }
    let found = |name: &str| by_name.get(name).into_iter().flatten().copied();
    for (number, package) in packages.iter().enumerate() {
        let own = canonical(package.text("name").unwrap_or_default());
        let needed = package.array("dependencies").filter_map(|one| required(one.get_ref().as_str()?));
        // With extras it stands apart, and needs itself without them.
        for to in needed.filter(|needed| *needed != own).flat_map(|needed| found(&needed).collect::<Vec<_>>())
        {
            graph.need(number, to, Scope::Runtime);
        }
    }
    for (name, scope) in groups.iter().flat_map(|groups| &groups.asked) {
        found(name).for_each(|to| graph.ask(to, *scope));
    }
    graph.settle();
    for (number, package) in packages.into_iter().enumerate() {
        let component = component(package, files).map(|component| {
            let component = graph.apply(number, component);
            match scope(package, groups.as_ref()) {
                Some(scope) => component.scoped(scope),
                None => component,
            }
        });
        reading.add(package.place(), component);
    }
    Ok(())
}

fn component(package: Table<'_, '_>, files: Option<Table<'_, '_>>) -> Result<Component, String> {
    let name = package.must("name")?;
    let version = package.text("version");
    let revision = package.text("revision");
    let repository = package.text("git").map(|url| match revision {
        Some(revision) => format!("git+{url}@{revision}"),
        None => format!("git+{url}"),
    });
    let origin = match (&repository, package.text("url"), package.text("path")) {
        (Some(repository), _, _) => Origin::Repository(repository),
        (None, Some(url), _) => Origin::Url(url),
        (None, None, Some(_)) => Origin::Local,
        (None, None, None) => Origin::Index,
    };
    let component = origin.component(name, version)?;
    let own = package.tables("files");
    let old = format!("{name} {}", version.unwrap_or_default());
    let apart = files.into_iter().flat_map(|files| files.tables(&old));
    Ok(component.hashed(own.chain(apart).filter_map(|file| Hash::from_labelled(file.text("hash")?))))
}

/// The first in the order of scopes of the groups that a package is for.
fn scope(package: Table<'_, '_>, groups: Option<&Groups>) -> Option<Scope> {
    let of_group = |name: &str| match name {
        "default" => Scope::Runtime,
        name => {
            groups.and_then(|groups| groups.scopes.get(&canonical(name)).copied()).unwrap_or(Scope::Optional)
        }
    };
    let scopes = package.array("groups").filter_map(|group| group.get_ref().as_str()).map(of_group);
    scopes.min()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Read, cut_anywhere, read, read_beside};
    use crate::component::{Place, Scope};

    const LOCK: &str = r#"[metadata]
groups = ["default", "async", "test"]
lock_version = "4.5.0"

[[package]]
name = "Flask"
version = "3.0.0"
groups = ["default"]
dependencies = ["click>=8.1.3", "importlib-metadata; python_version < \"3.10\""]
files = [
    {file = "flask-3.0.0-py3-none-any.whl", hash = "sha256:9a8e94ea7f378bd32cbbd37198a4a91436180c5bb472411e48b5ec2e2124ae9e"},
]

[[package]]
name = "flask"
version = "3.0.0"
extras = ["async"]
groups = ["async"]
dependencies = ["asgiref>=3.2", "flask==3.0.0"]

[[package]]
name = "asgiref"
version = "3.7.2"
groups = ["async"]

[[package]]
name = "click"
version = "8.1.7"
groups = ["test", "default"]

[[package]]
name = "forked"
version = "0.1.0"
git = "https://git.example/forked.git"
revision = "1a2b3c"
groups = ["test"]
"#;

    const MANIFEST: &str = "[project]\ndependencies = [\"flask\"]\n[project.optional-dependencies]\nasync = [\"flask[async]\"]\n\
                            [dependency-groups]\ntest = [\"click\", {include-group = \"async\"}, \"forked\"]\n";

    const FORKED: &str = "pkg:pypi/forked@0.1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked.git%401a2b3c";

    fn scopes(read: &Read) -> Vec<(&str, Scope)> {
        read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect()
    }

    #[test]
    fn groups_tell_what_a_package_is_for() {
        let files = [("pdm.lock", LOCK.as_bytes()), ("pyproject.toml", MANIFEST.as_bytes())];
        let read = read_beside("pdm.lock", &files);
        assert_eq!(read.unread, []);
        assert_eq!(
            scopes(&read),
            [
                ("pkg:pypi/flask@3.0.0", Scope::Runtime),
                ("pkg:pypi/flask@3.0.0", Scope::Optional),
                ("pkg:pypi/asgiref@3.7.2", Scope::Optional),
                ("pkg:pypi/click@8.1.7", Scope::Runtime),
                (FORKED, Scope::Dev),
            ]
        );
        let flask = read.component("pkg:pypi/flask@3.0.0");
        assert!(flask.pulled_in_by.direct && flask.hashes.len() == 1);
        assert_eq!(flask.found.first().map(|found| &found.place), Some(&Place::Line(5)));
        let click = read.component("pkg:pypi/click@8.1.7");
        assert!(click.pulled_in_by.direct && click.pulled_in_by.names.iter().eq(["Flask"]));
        assert!(read.component(FORKED).ecosystem.is_none());
    }

    #[test]
    fn before_there_were_groups_what_a_package_is_for_follows_from_who_needs_it() {
        let old: String =
            LOCK.lines().filter(|line| !line.starts_with("groups")).flat_map(|line| [line, "\n"]).collect();
        let files = [("pdm.lock", old.as_bytes()), ("pyproject.toml", MANIFEST.as_bytes())];
        let read_old = read_beside("pdm.lock", &files);
        let click = read_old.component("pkg:pypi/click@8.1.7");
        assert_eq!((click.scope, read_old.component(FORKED).scope), (Scope::Runtime, Scope::Dev));
        assert_eq!(read("pdm.lock", old.as_bytes()).component(FORKED).scope, Scope::Unknown);
        assert_eq!(read("pdm.lock", LOCK.as_bytes()).component(FORKED).scope, Scope::Optional);
    }

    #[test]
    fn the_files_of_old_versions_stand_at_the_end() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1\"\n[metadata.files]\n\"a 1\" = [{file = \"a.whl\", hash = \
                    \"sha256:9a8e94ea7f378bd32cbbd37198a4a91436180c5bb472411e48b5ec2e2124ae9e\"}]\n";
        assert_eq!(read("pdm.lock", lock.as_bytes()).components[0].hashes.len(), 1);
    }

    #[test]
    fn a_broken_entry_is_told_with_its_line_and_a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        let broken = read("pdm.lock", LOCK.replace("name = \"asgiref\"", "name = 3").as_bytes());
        assert_eq!((broken.components.len(), broken.unread[0].path.as_str()), (4, "pdm.lock: line 21"));
        cut_anywhere("pdm.lock", LOCK.as_bytes());
    }
}

//! `packages.lock.json`,
//! <https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files#locking-dependencies>.
//!
//! The content hash there is of a package without its signature, not of what was delivered, and is left out.

use std::collections::HashMap;

use super::graph::Graph;
use super::nested::{Nested, Node};
use super::{Broken, Reading};
use crate::component::{Component, Registry, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    let root = nested.root();
    let Some("1" | "2") = root.child("version").and_then(Node::scalar) else {
        return Err(Broken::other("has no `version` that is known", "1 or 2"));
    };
    // What one framework needs has nothing to do with what another does.
    for framework in root.children_of("dependencies") {
        let packages: Vec<_> = framework.children().collect();
        let mut graph = Graph::default();
        let mut by_name = HashMap::new();
        for package in &packages {
            by_name.insert(package.key().to_lowercase(), graph.add(package.key()));
        }
        for (number, package) in packages.iter().enumerate() {
            for needed in package.children_of("dependencies") {
                if let Some(to) = by_name.get(&needed.key().to_lowercase()) {
                    graph.need(number, *to, Scope::Runtime);
                }
            }
            if package.text_of("type") == Some("Direct") {
                graph.ask(number, Scope::Runtime);
            }
        }
        for (number, package) in packages.iter().enumerate() {
            // A project of the same solution.
            if package.text_of("type") != Some("Project") {
                reading
                    .add(package.way(), component(*package).map(|component| graph.apply(number, component)));
            }
        }
    }
    Ok(())
}

fn component(package: Node<'_, '_>) -> Result<Component, String> {
    let version = package.must("resolved")?;
    let component =
        Registry::NuGet.component(package.key(), Some(version)).map_err(|error| error.to_string())?;
    Ok(component.scoped(Scope::Runtime))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    const LOCK: &str = r#"{
  "version": 1,
  "dependencies": {
    "net8.0": {
      "Newtonsoft.Json": {"type": "Direct", "requested": "[13.0.1, )", "resolved": "13.0.1", "contentHash": "x",
        "dependencies": {"system.memory": "4.5.5"}},
      "System.Memory": {"type": "Transitive", "resolved": "4.5.5"},
      "Broken": {"type": "Transitive"},
      "core": {"type": "Project", "dependencies": {"Newtonsoft.Json": "[13.0.1, )"}}
    }
  }
}"#;

    #[test]
    fn packages_of_each_framework_are_listed_and_projects_are_not() {
        let read = read("packages.lock.json", LOCK.as_bytes());
        assert_eq!(read.purls(), ["pkg:nuget/Newtonsoft.Json@13.0.1", "pkg:nuget/System.Memory@4.5.5"]);
        let json = read.component("pkg:nuget/Newtonsoft.Json@13.0.1");
        assert!(json.pulled_in_by.direct && json.pulled_in_by.names.iter().eq(["core"]));
        let place = Place::entry("dependencies[\"net8.0\"][\"Newtonsoft.Json\"]");
        assert_eq!(json.found.first().map(|found| &found.place), Some(&place));
        let memory = read.component("pkg:nuget/System.Memory@4.5.5");
        assert!(!memory.pulled_in_by.direct && memory.pulled_in_by.names.iter().eq(["Newtonsoft.Json"]));
        assert!(
            read.unread.len() == 1 && read.unread[0].path.ends_with("[\"net8.0\"].Broken"),
            "{:?}",
            read.unread
        );
    }

    #[test]
    fn another_version_is_told_and_a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        assert!(read("packages.lock.json", b"{\"version\": 9}").unread[0].why.contains("no `version`"));
        cut_anywhere("packages.lock.json", LOCK.as_bytes());
    }
}

//! `project.assets.json`, which a restore leaves in `obj`, and `*.deps.json`, which lies beside what was built,
//! <https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md>.
//!
//! Both list libraries, and for each target what each of them needs. What a self-contained program brings of .NET itself is
//! a library too.

use std::collections::HashMap;

use super::graph::Graph;
use super::nested::{Nested, Node};
use super::{Broken, Reading};
use crate::component::{Algorithm, Component, Hash, Registry, Scope};

/// What stands before the name of a package that is a part of .NET.
const RUNTIME_PACK: &str = "runtimepack.";

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    let root = nested.root();
    let libraries: Vec<_> = root.children_of("libraries").collect();
    let mut graph = Graph::default();
    let (mut by_key, mut by_name) = (HashMap::new(), HashMap::new());
    for library in &libraries {
        let number = graph.add(named(library.key()).0);
        by_key.insert(library.key(), number);
        by_name.insert(named(library.key()).0.to_lowercase(), number);
    }
    for library in root.children_of("targets").flat_map(Node::children) {
        let Some(from) = by_key.get(library.key()) else { continue };
        let is_own = is_project(libraries.get(*from));
        for needed in library.children_of("dependencies") {
            let exact = format!("{}/{}", needed.key(), needed.text().unwrap_or_default());
            let to = by_key.get(exact.as_str()).or_else(|| by_name.get(&needed.key().to_lowercase()));
            let Some(to) = to else { continue };
            if is_own {
                graph.ask(*to, Scope::Runtime);
            }
            graph.need(*from, *to, Scope::Runtime);
        }
    }
    let groups = root.children_of("projectFileDependencyGroups").flat_map(Node::children);
    for asked in groups.filter_map(|asked| asked.text()?.split(' ').next()) {
        if let Some(to) = by_name.get(&asked.to_lowercase()) {
            graph.ask(*to, Scope::Runtime);
        }
    }
    for (number, library) in libraries.iter().enumerate() {
        if !is_project(Some(library)) {
            reading.add(library.way(), component(*library).map(|component| graph.apply(number, component)));
        }
    }
    Ok(())
}

fn is_project(library: Option<&Node<'_, '_>>) -> bool {
    let kind = library.and_then(|library| library.text_of("type"));
    matches!(kind, Some("project" | "msbuildproject" | "reference" | "referenceassembly"))
}

/// Name and version of `Name/1.0.0`.
fn named(key: &str) -> (&str, Option<&str>) {
    let key = key.strip_prefix(RUNTIME_PACK).unwrap_or(key);
    key.rsplit_once('/').map_or((key, None), |(name, version)| (name, Some(version)))
}

fn component(library: Node<'_, '_>) -> Result<Component, String> {
    let (name, Some(version)) = named(library.key()) else {
        return Err("has no version in its name; expected `Name/1.0.0`".to_owned());
    };
    let component = Registry::NuGet.component(name, Some(version)).map_err(|error| error.to_string())?;
    let hash = library.text_of("sha512").unwrap_or_default();
    let hash = Hash::from_base64(Algorithm::Sha512, hash.strip_prefix("sha512-").unwrap_or(hash));
    Ok(component.scoped(Scope::Runtime).hashed(hash))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};

    const SHA: &str =
        "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";

    fn deps() -> String {
        format!(
            r#"{{"runtimeTarget": {{"name": ".NETCoreApp,Version=v8.0"}}, "targets": {{".NETCoreApp,Version=v8.0": {{
  "app/1.0.0": {{"dependencies": {{"Newtonsoft.Json": "13.0.1"}}}},
  "Newtonsoft.Json/13.0.1": {{"dependencies": {{"System.Memory": "4.5.0"}}, "runtime": {{}}}},
  "System.Memory/4.5.5": {{}}}}}},
 "libraries": {{
  "app/1.0.0": {{"type": "project", "sha512": ""}},
  "Newtonsoft.Json/13.0.1": {{"type": "package", "sha512": "sha512-{SHA}"}},
  "System.Memory/4.5.5": {{"type": "package", "sha512": ""}},
  "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": {{"type": "runtimepack"}},
  "broken": {{"type": "package"}}}}}}"#
        )
    }

    #[test]
    fn what_was_built_lists_its_packages_and_its_part_of_dotnet() {
        let read = read("bin/app.deps.json", deps().as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1",
                "pkg:nuget/Newtonsoft.Json@13.0.1",
                "pkg:nuget/System.Memory@4.5.5",
            ]
        );
        let json = read.component("pkg:nuget/Newtonsoft.Json@13.0.1");
        assert!(json.pulled_in_by.direct && json.hashes.len() == 1);
        assert!(
            read.component("pkg:nuget/System.Memory@4.5.5").pulled_in_by.names.iter().eq(["Newtonsoft.Json"])
        );
        assert!(
            read.unread.len() == 1 && read.unread[0].path.ends_with("libraries.broken"),
            "{:?}",
            read.unread
        );
        cut_anywhere("app.deps.json", deps().as_bytes());
    }

    #[test]
    fn a_restore_tells_what_the_project_asked_for() {
        let assets = format!(
            r#"{{"version": 3, "targets": {{"net8.0": {{"A/1.0.0": {{"type": "package", "dependencies": {{"B": "1.0.0"}}}}}}}},
            "libraries": {{"A/1.0.0": {{"sha512": "{SHA}", "type": "package"}}, "B/1.0.0": {{"type": "package"}}}},
            "projectFileDependencyGroups": {{"net8.0": ["a >= 1.0.0"]}}}}"#
        );
        let read = read("obj/project.assets.json", assets.as_bytes());
        let (a, b) = (read.component("pkg:nuget/A@1.0.0"), read.component("pkg:nuget/B@1.0.0"));
        assert!(a.pulled_in_by.direct && a.hashes.len() == 1 && !b.pulled_in_by.direct);
        assert!(b.pulled_in_by.names.iter().eq(["A"]));
    }
}

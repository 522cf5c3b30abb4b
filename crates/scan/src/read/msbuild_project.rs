//! `*.csproj`, `*.fsproj`, `*.vbproj`: what a project asks of `NuGet`,
//! <https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files>, with the versions of a
//! `Directory.Packages.props` above it.
//!
//! It does not tell what these packages need in turn. A version counts as the one that is used, since that is what `NuGet`
//! takes where it can; a range or a pattern is none. Conditions are not decided: what any of them asks for is listed.

use std::collections::HashMap;

use super::nested::{Nested, Node};
use super::reading::Neighbour;
use super::{Broken, Reading};
use crate::component::{Component, Registry, Scope};

/// Where versions are set for all projects, and how many folders up it is looked for.
const CENTRAL: &str = "Directory.Packages.props";
const MOST_UP: usize = 12;

/// How often a property may lead to another.
const MOST_STEPS: usize = 8;
const MOST_BYTES: usize = 256;

/// What is set outside of the references.
#[derive(Default)]
struct Set {
    properties: HashMap<String, String>,
    versions: HashMap<String, String>,
}

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::xml(bytes, reading)?;
    let Some(project) = nested.root().child("Project") else {
        return Err(Broken::other("has no `Project`", "a project of MSBuild"));
    };
    let mut set = Set::default();
    central(&mut set, reading);
    set.take(project);
    for item in items(project, "PackageReference") {
        let Some(name) = attribute(item, "Include") else { continue };
        reading.add(item.line(), component(name, item, &set));
    }
    Ok(())
}

/// What the nearest central file sets.
fn central(set: &mut Set, reading: &mut Reading<'_>) {
    for up in 0..MOST_UP {
        let Ok(neighbour) = reading.neighbour(&format!("{}{CENTRAL}", "../".repeat(up))) else { return };
        let Neighbour::File(number, bytes) = neighbour else { continue };
        let nested = reading.inside(number, |reading| Nested::xml(&bytes, reading));
        if let Some(project) = nested.as_ref().ok().and_then(|nested| nested.root().child("Project")) {
            set.take(project);
        }
        return;
    }
}

impl Set {
    fn take(&mut self, project: Node<'_, '_>) {
        let groups = project.children().filter(|group| group.key() == "PropertyGroup");
        for property in groups.flat_map(Node::children) {
            self.properties
                .insert(property.key().to_lowercase(), property.text().unwrap_or_default().to_owned());
        }
        for item in items(project, "PackageVersion") {
            if let (Some(name), Some(version)) = (attribute(item, "Include"), attribute(item, "Version")) {
                self.versions.insert(name.to_lowercase(), version.to_owned());
            }
        }
    }

    /// A version, if it is one once its properties are put in.
    fn version(&self, text: &str) -> Option<String> {
        let mut text = text.trim().to_owned();
        for _ in 0..MOST_STEPS {
            let Some((before, after)) = text.split_once("$(") else { break };
            let (name, after) = after.split_once(')')?;
            text = format!("{before}{}{after}", self.properties.get(&name.to_lowercase())?);
            if text.len() > MOST_BYTES {
                return None;
            }
        }
        let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(&text).trim();
        let is_one = !inner.is_empty() && !inner.contains(['[', '(', ')', ']', ',', '*', '$']);
        is_one.then(|| inner.to_owned())
    }
}

fn items<'t, 'b>(project: Node<'t, 'b>, kind: &'static str) -> impl Iterator<Item = Node<'t, 'b>> {
    let groups = project.children().filter(|group| group.key() == "ItemGroup");
    groups.flat_map(Node::children).filter(move |item| item.key() == kind)
}

/// What an item says as an attribute or as an element.
fn attribute<'t>(item: Node<'t, '_>, name: &str) -> Option<&'t str> {
    item.children().find(|child| child.key().trim_start_matches('@') == name)?.text()
}

fn component(name: &str, item: Node<'_, '_>, set: &Set) -> Result<Component, String> {
    let own = attribute(item, "VersionOverride").or_else(|| attribute(item, "Version"));
    let version = own.or_else(|| set.versions.get(&name.to_lowercase()).map(String::as_str));
    let version = version.and_then(|version| set.version(version));
    let component =
        Registry::NuGet.component(name.trim(), version.as_deref()).map_err(|error| error.to_string())?;
    let is_private =
        attribute(item, "PrivateAssets").is_some_and(|assets| assets.eq_ignore_ascii_case("all"));
    Ok(component.direct().scoped(if is_private { Scope::Build } else { Scope::Runtime }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read_beside};
    use crate::component::{Place, Scope};

    const PROJECT: &str = r#"<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><Serilog>3.1.1</Serilog><Loop>$(Loop)</Loop></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Serilog" Version="$(Serilog)" />
    <PackageReference Include="Dapper"><Version>[2.1.24]</Version></PackageReference>
    <PackageReference Include="Central" />
    <PackageReference Include="Floating" Version="1.*" />
    <PackageReference Include="Looping" Version="$(Loop)" />
    <PackageReference Include="Analyzers" Version="3.3.4" PrivateAssets="All" />
    <PackageReference Update="Serilog" Version="9" />
    <PackageReference Include="a b" Version="1" />
  </ItemGroup>
</Project>
"#;

    #[test]
    fn references_have_their_own_version_or_the_central_one() {
        let central = br#"<Project><ItemGroup><PackageVersion Include="central" Version="4.0.0"/></ItemGroup></Project>"#;
        let files = [("src/app/app.csproj", PROJECT.as_bytes()), ("Directory.Packages.props", central)];
        let read = read_beside("src/app/app.csproj", &files);
        let scopes: Vec<_> = read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect();
        assert_eq!(
            scopes[..6],
            [
                ("pkg:nuget/Serilog@3.1.1", Scope::Runtime),
                ("pkg:nuget/Dapper@2.1.24", Scope::Runtime),
                ("pkg:nuget/Central@4.0.0", Scope::Runtime),
                ("pkg:nuget/Floating", Scope::Runtime),
                ("pkg:nuget/Looping", Scope::Runtime),
                ("pkg:nuget/Analyzers@3.3.4", Scope::Build),
            ]
        );
        let found = read.components[0].found.first().map(|found| found.place.clone());
        assert!(read.components[0].pulled_in_by.direct && found == Some(Place::Line(4)));
        cut_anywhere("app.csproj", PROJECT.as_bytes());
    }
}

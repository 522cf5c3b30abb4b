//! `packages.config`, <https://learn.microsoft.com/en-us/nuget/reference/packages-config>: every package, in the version
//! that is installed.

use super::nested::{Nested, Node};
use super::{Broken, Reading};
use crate::component::{Component, Registry, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::xml(bytes, reading)?;
    let Some(packages) = nested.root().child("packages") else {
        return Err(Broken::other("has no `packages`", "a packages.config of NuGet"));
    };
    for package in packages.children().filter(|one| one.key() == "package") {
        reading.add(package.line(), component(package));
    }
    Ok(())
}

fn component(package: Node<'_, '_>) -> Result<Component, String> {
    let (Some(name), Some(version)) = (package.text_of("@id"), package.text_of("@version")) else {
        return Err("has no `id` or no `version`; expected both".to_owned());
    };
    let is_dev = package.text_of("@developmentDependency").is_some_and(|is| is.eq_ignore_ascii_case("true"));
    let component = Registry::NuGet.component(name, Some(version)).map_err(|error| error.to_string())?;
    Ok(component.scoped(if is_dev { Scope::Dev } else { Scope::Runtime }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Scope;

    const CONFIG: &[u8] = b"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>
<packages>
  <package id=\"jQuery\" version=\"3.1.1\" targetFramework=\"net46\" />
  <package id=\"NLog\" version=\"4.3.10\" developmentDependency=\"true\" />
  <package id=\"broken\" />
</packages>
";

    #[test]
    fn each_package_is_a_component_and_a_broken_one_is_told_with_its_line() {
        let read = read("packages.config", CONFIG);
        let scopes: Vec<_> = read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect();
        assert_eq!(
            scopes,
            [("pkg:nuget/jQuery@3.1.1", Scope::Runtime), ("pkg:nuget/NLog@4.3.10", Scope::Dev)]
        );
        assert!(read.unread.len() == 1 && read.unread[0].path == "packages.config: line 5");
        cut_anywhere("packages.config", CONFIG);
    }
}

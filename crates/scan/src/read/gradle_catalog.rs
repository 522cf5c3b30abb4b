//! A version catalog of Gradle, `gradle/libs.versions.toml`,
//! <https://docs.gradle.org/current/userguide/version_catalogs.html>.
//!
//! It lists what builds may ask for. Which of it they do, and what that needs in turn, it does not tell.

use toml::de::DeValue;

use super::toml_tree::{Table, Tree};
use super::{Broken, Reading};
use crate::component::{Component, Registry, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let root = tree.root();
    for (section, scope) in [("libraries", Scope::Unknown), ("plugins", Scope::Build)] {
        let Some(table) = root.table(section) else { continue };
        for (alias, value) in table.entries() {
            let entry = match value.get_ref() {
                DeValue::String(text) => short(text),
                _ => table
                    .of(value)
                    .map_or_else(|| Err("is neither text nor table".to_owned()), |one| long(one, root)),
            };
            let component = entry.and_then(|(name, version)| {
                // A plugin is a module by its id, <https://docs.gradle.org/current/userguide/plugins.html>.
                let name = if section == "plugins" { format!("{name}:{name}.gradle.plugin") } else { name };
                component(&name, version.as_deref()).map(|component| component.scoped(scope))
            });
            reading.add(tree.place_of(value), component.map_err(|why| format!("`{alias}` {why}")));
        }
    }
    Ok(())
}

/// The name of a module and its version.
type Named = (String, Option<String>);

/// `group:name:version`, `id:version`.
fn short(text: &str) -> Result<Named, String> {
    let (name, version) =
        text.rsplit_once(':').ok_or("has no colon; expected `group:name:version` or `id:version`")?;
    Ok((name.to_owned(), Some(version.to_owned())))
}

fn long(entry: Table<'_, '_>, root: Table<'_, '_>) -> Result<Named, String> {
    let name =
        match (entry.text("module").or_else(|| entry.text("id")), entry.text("group"), entry.text("name")) {
            (Some(name), _, _) => name.to_owned(),
            (None, Some(group), Some(name)) => format!("{group}:{name}"),
            _ => return Err("has no `module` and no `id`; expected one".to_owned()),
        };
    let version =
        entry.text("version").map(ToOwned::to_owned).or_else(|| rich(entry.table("version")?, Some(root)));
    Ok((name, version))
}

/// A version that is given by what is asked of it, or as one that others share.
fn rich(version: Table<'_, '_>, root: Option<Table<'_, '_>>) -> Option<String> {
    if let Some(shared) = version.text("ref") {
        let versions = root?.table("versions")?;
        return versions.text(shared).map(ToOwned::to_owned).or_else(|| rich(versions.table(shared)?, None));
    }
    ["strictly", "require", "prefer"].iter().find_map(|key| version.text(key)).map(ToOwned::to_owned)
}

fn component(name: &str, version: Option<&str>) -> Result<Component, String> {
    if !name.contains(':') {
        return Err(format!("is `{name}`; expected a group and a name"));
    }
    // A range or a prefix names no version.
    let version = version.filter(|version| !version.contains(['[', '(', ',', ')', ']', '+']));
    Ok(Registry::Maven.component(name, version).map_err(|error| error.to_string())?.direct())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::{Place, Scope};

    const CATALOG: &str = r#"[versions]
kotlin = "1.9.22"
junit = { strictly = "[5.0,6.0)", prefer = "5.10.1" }
okhttp = { require = "4.12.0" }

[libraries]
guava = "com.google.guava:guava:32.1.2-jre"
okhttp = { module = "com.squareup.okhttp3:okhttp", version.ref = "okhttp" }
junit = { group = "org.junit.jupiter", name = "junit-jupiter", version.ref = "junit" }
managed = { module = "com.example:managed" }
broken = "nothing"

[plugins]
kotlin = { id = "org.jetbrains.kotlin.jvm", version.ref = "kotlin" }
shadow = "com.github.johnrengelman.shadow:8.1.1"
"#;

    #[test]
    fn libraries_and_plugins_have_the_versions_that_they_share() {
        let read = read("gradle/libs.versions.toml", CATALOG.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:maven/com.example/managed",
                "pkg:maven/com.github.johnrengelman.shadow/com.github.johnrengelman.shadow.gradle.plugin@8.1.1",
                "pkg:maven/com.google.guava/guava@32.1.2-jre",
                "pkg:maven/com.squareup.okhttp3/okhttp@4.12.0",
                "pkg:maven/org.jetbrains.kotlin.jvm/org.jetbrains.kotlin.jvm.gradle.plugin@1.9.22",
                "pkg:maven/org.junit.jupiter/junit-jupiter",
            ]
        );
        let guava = read.component("pkg:maven/com.google.guava/guava@32.1.2-jre");
        assert_eq!(
            (guava.found.first().map(|one| &one.place), guava.scope),
            (Some(&Place::Line(7)), Scope::Unknown)
        );
        assert_eq!(read.components.iter().filter(|one| one.scope == Scope::Build).count(), 2);
        assert!(read.unread.len() == 1 && read.unread[0].path.ends_with("line 11"), "{:?}", read.unread);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("gradle/libs.versions.toml", CATALOG.as_bytes());
    }
}

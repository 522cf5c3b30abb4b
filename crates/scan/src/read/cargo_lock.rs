//! `Cargo.lock`, all four versions, <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>.
//!
//! The file does not tell what is for development or for builds, nor which platform a package is for: it lists what could
//! be needed on any. Packages without a source are those of the workspace itself.

use std::collections::{BTreeMap, BTreeSet};

use super::toml_tree::{Table, Tree};
use super::{Broken, Reading};
use crate::component::{Algorithm, Component, Hash, Registry};

/// The registry that advisories are about, by its index in git and over HTTP.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let root = tree.root();
    // Version 1 has the package of the project apart, and the checksums at the end.
    let packages: Vec<Table<'_, '_>> = root.table("root").into_iter().chain(root.tables("package")).collect();
    let parents = parents(&packages);
    let metadata = root.table("metadata");
    for package in packages {
        let component = component(package, metadata, &parents);
        reading.add(package.place(), component);
    }
    Ok(())
}

/// Who names each package among its dependencies, by what they call it: `name`, `name version`, `name version (source)`.
type Parents<'t> = BTreeMap<&'t str, BTreeSet<(&'t str, bool)>>;

fn parents<'t>(packages: &[Table<'t, '_>]) -> Parents<'t> {
    let mut parents = Parents::new();
    for package in packages {
        let Some(name) = package.text("name") else { continue };
        let is_own = package.text("source").is_none();
        for dependency in package.array("dependencies").filter_map(|value| value.get_ref().as_str()) {
            parents.entry(dependency).or_default().insert((name, is_own));
        }
    }
    parents
}

fn component(
    package: Table<'_, '_>,
    metadata: Option<Table<'_, '_>>,
    parents: &Parents<'_>,
) -> Result<Component, String> {
    let (name, version) = (package.must("name")?, package.must("version")?);
    let source = package.text("source");
    let component = Registry::Crates.component(name, Some(version)).map_err(|error| error.to_string())?;
    let named = format!("{name} {version}");
    let full = source.map(|source| format!("{named} ({source})"));
    let by = [Some(name), Some(named.as_str()), full.as_deref()].into_iter().flatten();
    let by: BTreeSet<_> = by.filter_map(|called| parents.get(called)).flatten().copied().collect();
    let mut component = component.pulled_in_by(by.iter().map(|(parent, _)| *parent));
    component.pulled_in_by.direct = by.iter().any(|(_, is_own)| *is_own);
    let old = || metadata?.text(&format!("checksum {}", full.as_deref()?));
    let checksum = package.text("checksum").or_else(old);
    component = component.hashed(checksum.and_then(|hex| Hash::from_hex(Algorithm::Sha256, hex)));
    match source {
        Some(source) if CRATES_IO.contains(&source) => Ok(component),
        Some(source) => {
            let key = if source.starts_with("git+") { "vcs_url" } else { "repository_url" };
            component.purl = component.purl.qualified([(key, source)]).map_err(|error| error.to_string())?;
            Ok(component.unregistered())
        }
        None => Ok(component.unregistered()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    const LOCK: &str = r#"version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["serde", "rand 0.8.5", "forked"]

[[package]]
name = "serde"
version = "1.0.228"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "9a8e94ea7f378bd32cbbd37198a4a91436180c5bb472411e48b5ec2e2124ae9e"

[[package]]
name = "rand"
version = "0.8.5"
source = "sparse+https://index.crates.io/"

[[package]]
name = "rand"
version = "0.9.0"
source = "registry+https://registry.corp.example/index"
dependencies = ["serde"]

[[package]]
name = "forked"
version = "0.2.0"
source = "git+https://git.example/forked?rev=1a2b#1a2b3c"
"#;

    #[test]
    fn each_package_is_a_component_with_its_source_its_parents_and_its_line() {
        let read = read("Cargo.lock", LOCK.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            read.purls(),
            [
                "pkg:cargo/app@0.1.0",
                "pkg:cargo/forked@0.2.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked%3Frev%3D1a2b%231a2b3c",
                "pkg:cargo/rand@0.8.5",
                "pkg:cargo/rand@0.9.0?repository_url=registry%2Bhttps:%2F%2Fregistry.corp.example%2Findex",
                "pkg:cargo/serde@1.0.228",
            ]
        );
        let serde = read.component("pkg:cargo/serde@1.0.228");
        assert!(serde.pulled_in_by.direct && serde.pulled_in_by.names.iter().eq(["app", "rand"]));
        assert_eq!(serde.hashes.len(), 1);
        assert_eq!(serde.found.first().map(|found| &found.place), Some(&Place::Line(8)));
        let registered: Vec<_> =
            read.components.iter().filter(|one| one.ecosystem.is_some()).map(|one| &*one.name).collect();
        assert_eq!(registered, ["serde", "rand"], "no advisory is about what is not of crates.io");
        assert!(!read.component("pkg:cargo/app@0.1.0").pulled_in_by.direct);
    }

    #[test]
    fn version_one_has_its_root_apart_and_its_checksums_at_the_end() {
        let digest = "9a8e94ea7f378bd32cbbd37198a4a91436180c5bb472411e48b5ec2e2124ae9e";
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        let lock = format!(
            "[root]\nname = \"old\"\nversion = \"0.1.0\"\ndependencies = [\"libc 0.2.9 ({source})\"]\n\n[[package]]\n\
             name = \"libc\"\nversion = \"0.2.9\"\nsource = \"{source}\"\n\n[metadata]\n\"checksum libc 0.2.9 ({source})\" = \
             \"{digest}\"\n"
        );
        let read = read("Cargo.lock", lock.as_bytes());
        let libc = read.component("pkg:cargo/libc@0.2.9");
        assert_eq!(libc.hashes.first().map(crate::component::Hash::hex).as_deref(), Some(digest));
        assert!(libc.pulled_in_by.direct);
    }

    #[test]
    fn a_broken_entry_is_told_with_its_line_and_loses_only_itself() {
        let lock = LOCK.replace("name = \"serde\"", "name = 3").replace("version = \"0.8.5\"", "version = ");
        let read = read("Cargo.lock", lock.as_bytes());
        assert_eq!(read.purls().len(), 3, "{:?}", read.purls());
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert!(
            told.iter().any(|line| line == "Cargo.lock: line 8: has no `name`; expected a text"),
            "{told:#?}"
        );
        assert!(told.iter().any(|line| line.starts_with("Cargo.lock: line 16: is no TOML")), "{told:#?}");
        assert!(read.unread.iter().all(|one| one.incomplete));
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("Cargo.lock", LOCK.as_bytes());
    }
}

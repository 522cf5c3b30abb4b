//! Packages of R: `renv.lock`, <https://rstudio.github.io/renv/articles/lockfile.html>, and the `DESCRIPTION` of one that is
//! installed, <https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file>.
//!
//! The hash in a lock file is of the description, not of what was delivered, and is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::nested::{Nested, Node};
use super::text::lines;
use super::{Broken, Reading};
use crate::component::{Component, Place, Registry};

pub(crate) fn read_lock(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    let packages: Vec<_> = nested.root().children_of("Packages").collect();
    let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &packages {
        for needed in package.children_of("Requirements").filter_map(Node::text) {
            parents.entry(needed).or_default().insert(package.key());
        }
    }
    for package in packages {
        let by = parents.get(package.key()).into_iter().flatten().copied();
        reading.add(package.way(), locked(package).map(|component| component.pulled_in_by(by)));
    }
    Ok(())
}

fn locked(package: Node<'_, '_>) -> Result<Component, String> {
    let (name, version) = (package.must("Package")?, package.must("Version")?);
    let remote = package.text_of("RemoteUrl").map(ToOwned::to_owned).or_else(|| {
        let (owner, repository) = (package.text_of("RemoteUsername")?, package.text_of("RemoteRepo")?);
        Some(format!(
            "https://{}/{owner}/{repository}",
            package.text_of("RemoteHost").unwrap_or("github.com")
        ))
    });
    match package.text_of("Source") {
        // Repositories other than CRAN are mostly mirrors of it.
        Some("Repository" | "CRAN") => component(name, version),
        Some("Bioconductor") | None => Ok(component(name, version)?.unregistered()),
        Some(_) => {
            let commit = package.text_of("RemoteSha").unwrap_or_default();
            let url = remote.map(|url| format!("git+{url}@{commit}"));
            let mut component = component(name, version)?;
            let url = url.as_deref().map(|url| ("vcs_url", url));
            component.purl = component.purl.qualified(url).map_err(|error| error.to_string())?;
            Ok(component.unregistered())
        }
    }
}

/// A file of this name that describes no package is somebody else's, and not told.
#[expect(clippy::unnecessary_wraps, reason = "a reader may fail; this one finds nothing instead")]
pub(crate) fn read_description(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for (_, line) in lines(bytes).take(5000) {
        let line = String::from_utf8_lossy(line);
        let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '\t'])) else {
            continue;
        };
        fields.entry(key.to_owned()).or_insert_with(|| value.trim().to_owned());
    }
    let field = |key: &str| fields.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let (Some(name), Some(version)) = (field("Package"), field("Version")) else { return Ok(()) };
    // What is built stands in a library; what is not is the source of a package, which lists itself.
    let is_registered = field("Repository") == Some("CRAN") || field("Priority") == Some("recommended");
    let component = component(name, version);
    reading.add(Place::Whole, component.map(|one| if is_registered { one } else { one.unregistered() }));
    Ok(())
}

fn component(name: &str, version: &str) -> Result<Component, String> {
    Registry::Cran.component(name, Some(version)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    const LOCK: &str = r#"{"R": {"Version": "4.3.1", "Repositories": []}, "Packages": {
  "R6": {"Package": "R6", "Version": "2.5.1", "Source": "Repository", "Repository": "CRAN", "Requirements": ["R"]},
  "readxl": {"Package": "readxl", "Version": "1.4.0", "Source": "Repository", "Requirements": ["R6"]},
  "mine": {"Package": "mine", "Version": "0.1", "Source": "GitHub", "RemoteHost": "api.github.com", "RemoteUsername": "o",
    "RemoteRepo": "mine", "RemoteSha": "1a2b"},
  "limma": {"Package": "limma", "Version": "3.56.2", "Source": "Bioconductor"},
  "broken": {"Package": "broken"}}}"#;

    #[test]
    fn a_lock_file_lists_packages_and_where_they_come_from() {
        let read = read("renv.lock", LOCK.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:cran/R6@2.5.1",
                "pkg:cran/limma@3.56.2",
                "pkg:cran/mine@0.1?vcs_url=git%2Bhttps:%2F%2Fapi.github.com%2Fo%2Fmine%401a2b",
                "pkg:cran/readxl@1.4.0",
            ]
        );
        let r6 = read.component("pkg:cran/R6@2.5.1");
        assert!(r6.pulled_in_by.names.iter().eq(["readxl"]) && r6.ecosystem.is_some());
        assert_eq!(r6.found.first().map(|found| &found.place), Some(&Place::entry("Packages.R6")));
        assert_eq!(read.components.iter().filter(|one| one.ecosystem.is_none()).count(), 2);
        assert!(
            read.unread.len() == 1 && read.unread[0].path.ends_with("Packages.broken"),
            "{:?}",
            read.unread
        );
        cut_anywhere("renv.lock", LOCK.as_bytes());
    }

    #[test]
    fn an_installed_package_is_named_by_its_description() {
        let description = b"Package: digest\nTitle: Hashes: many\nDescription: A\n  Version: 9\nVersion: 0.6.33\nRepository: CRAN\n";
        let installed = read("usr/lib/R/site-library/digest/DESCRIPTION", description);
        assert_eq!(installed.purls(), ["pkg:cran/digest@0.6.33"]);
        assert!(installed.components[0].ecosystem.is_some());
        let base = b"Package: stats\nVersion: 4.3.1\nPriority: base\n";
        assert!(read("R/library/stats/DESCRIPTION", base).components[0].ecosystem.is_none());
        let other = read("DESCRIPTION", b"A text about something.\n");
        assert!(other.components.is_empty() && other.unread.is_empty());
        cut_anywhere("DESCRIPTION", description);
    }
}

//! What Homebrew installed, and what a lock of `brew bundle` says that it did.
//!
//! <https://docs.brew.sh/Formula-Cookbook>: each version of a formula lies in `Cellar/NAME/VERSION` with a receipt. One of a tap
//! is named by the tap, as `brew` itself does: `aquasecurity/trivy/trivy`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use floodmark_intel::purl::Purl;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::json_tree::{members, parsed};
use super::text::with_mark;
use super::{Broken, Reading};
use crate::component::{Algorithm, Component, Hash, Place};

/// The tap that needs no name.
const CORE: &str = "homebrew/core";

#[derive(Deserialize, Default)]
#[serde(default)]
struct Receipt<'b> {
    installed_on_request: Option<bool>,
    #[serde(borrow)]
    source: Option<Source<'b>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Source<'b> {
    #[serde(borrow)]
    tap: Option<Cow<'b, str>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entries<'b> {
    #[serde(borrow)]
    brew: BTreeMap<Cow<'b, str>, &'b RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Locked<'b> {
    #[serde(borrow)]
    version: Option<Cow<'b, str>>,
    #[serde(borrow)]
    bottle: Option<&'b RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Bottle<'b> {
    #[serde(borrow)]
    files: BTreeMap<Cow<'b, str>, File<'b>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File<'b> {
    #[serde(borrow)]
    sha256: Option<Cow<'b, str>>,
}

/// `Cellar/NAME/VERSION/INSTALL_RECEIPT.json`.
pub(crate) fn read_receipt(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let bytes = with_mark(bytes);
    let receipt: Receipt<'_> = serde_json::from_slice(&bytes)
        .map_err(|error| Broken::other(format!("is no receipt of Homebrew: {error}"), "a JSON object"))?;
    let path = reading.path().to_owned();
    let step =
        |up: usize| path.ancestors().nth(up).and_then(Path::file_name).map(|name| name.to_string_lossy());
    let (Some(name), Some(version)) = (step(2), step(1)) else {
        return Err(Broken::other("lies in no folder of a formula", "Cellar/NAME/VERSION"));
    };
    let tap = receipt.source.and_then(|source| source.tap);
    let formula = formula(tap.as_deref(), &name, Some(&version));
    let is_direct = receipt.installed_on_request == Some(true);
    reading.add(Place::Whole, formula.map(|formula| if is_direct { formula.direct() } else { formula }));
    Ok(())
}

/// `Brewfile.lock.json`, with the bottles of all platforms.
pub(crate) fn read_lock(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let bytes = with_mark(bytes);
    let mut found = Vec::new();
    let read = members(&bytes, &["entries"], &mut |part, key, value| {
        if part.is_some() && key == "brew" {
            found.push(value);
        }
    });
    for value in found {
        let entries = Entries { brew: parsed(value).unwrap_or_default() };
        for (name, value) in entries.brew {
            let place = Place::entry(format!("entries.brew[{name:?}]"));
            let component = parsed::<Locked<'_>>(value).and_then(|locked| {
                let (tap, base) =
                    name.rsplit_once('/').map_or((None, name.as_ref()), |(tap, base)| (Some(tap), base));
                let bottle =
                    locked.bottle.and_then(|bottle| parsed::<Bottle<'_>>(bottle).ok()).unwrap_or_default();
                let hashes = bottle
                    .files
                    .values()
                    .filter_map(|file| Hash::from_hex(Algorithm::Sha256, file.sha256.as_deref()?));
                Ok(formula(tap, base, locked.version.as_deref())?.direct().hashed(hashes))
            });
            reading.add(place, component);
        }
    }
    read
}

fn formula(tap: Option<&str>, name: &str, version: Option<&str>) -> Result<Component, String> {
    let tap = tap.filter(|tap| !tap.eq_ignore_ascii_case(CORE));
    let purl = Purl::new("brew", tap, name, version).map_err(|error| error.to_string())?;
    let full = purl.full_name();
    Ok(Component::new(purl, full, None))
}

#[cfg(test)]
mod tests {
    use floodmark_intel::compromise::Compromises;

    use super::super::testing::{cut_anywhere, read};

    #[test]
    fn an_installed_formula_is_named_by_its_tap_and_its_folder() {
        let text = r#"{"homebrew_version": "4.4.0", "installed_on_request": true, "source": {"tap": "aquasecurity/trivy"}}"#;
        let trivy = read("opt/homebrew/Cellar/trivy/0.69.4/INSTALL_RECEIPT.json", text.as_bytes());
        assert_eq!(trivy.purls(), ["pkg:brew/aquasecurity/trivy/trivy@0.69.4"]);
        assert!(trivy.components[0].pulled_in_by.direct);
        let hits = Compromises::shipped().package(&trivy.components[0].purl);
        assert!(hits.iter().any(|hit| hit.entry.id.as_str() == "trivy"), "{hits:?}");
        let core = br#"{"installed_as_dependency": true, "source": {"tap": "homebrew/core"}}"#;
        let jq = read("usr/local/Cellar/jq/1.7.1_1/INSTALL_RECEIPT.json", core);
        assert_eq!(jq.purls(), ["pkg:brew/jq@1.7.1_1"]);
        assert!(!jq.components[0].pulled_in_by.direct);
    }

    #[test]
    fn a_lock_has_versions_and_bottles() {
        let text = r#"{"entries": {"tap": {"a/b": {"revision": "x"}}, "brew": {"jq": {"version": "1.7", "bottle": {"files":
            {"arm64": {"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}}}},
            "a/b/c": {"version": "2", "bottle": false}, "odd": 3}}}"#;
        let read = read("Brewfile.lock.json", text.as_bytes());
        assert_eq!(read.purls(), ["pkg:brew/a/b/c@2", "pkg:brew/jq@1.7"]);
        assert_eq!(read.component("pkg:brew/jq@1.7").hashes.len(), 1);
        assert_eq!(read.unread.len(), 1, "{:#?}", read.unread);
    }

    #[test]
    fn files_cut_anywhere_are_read_as_far_as_they_go() {
        cut_anywhere("Brewfile.lock.json", br#"{"entries": {"brew": {"jq": {"version": "1.7"}}}}"#);
        cut_anywhere("Cellar/a/1/INSTALL_RECEIPT.json", br#"{"source": {"tap": "homebrew/core"}}"#);
    }
}

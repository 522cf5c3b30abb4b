//! What is installed in a Python environment: `*.dist-info/METADATA` and `*.egg-info/PKG-INFO`,
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>, with what lies beside them,
//! <https://packaging.python.org/en/latest/specifications/recording-installed-packages/>.
//!
//! `REQUESTED` says that somebody asked for it by name, `direct_url.json` that it came from no index. `RECORD` has hashes of
//! files after they were installed, not of what was delivered, and is not read.

use super::nested::Nested;
use super::python_package::Origin;
use super::reading::Neighbour;
use super::text::utf8;
use super::{Broken, Reading};
use crate::component::{Algorithm, Component, Hash, Place};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let headers = headers(bytes);
    let text = utf8(headers, "the metadata of a Python package")?;
    let header = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            Some(value.trim()).filter(|value| key.eq_ignore_ascii_case(name) && !value.is_empty())
        })
    };
    let Some(name) = header("Name") else {
        return Err(Broken::other("has no `Name`", "the metadata of a Python package"));
    };
    let component = component(name, header("Version"), reading);
    reading.add(Place::Whole, component);
    Ok(())
}

/// The headers: what stands behind the first empty line is the description, which may be in any encoding.
fn headers(bytes: &[u8]) -> &[u8] {
    let ends = |end: &[u8]| memchr::memmem::find(bytes, end);
    let end = ends(b"\n\n").into_iter().chain(ends(b"\n\r\n")).min();
    &bytes[..end.unwrap_or(bytes.len())]
}

fn component(name: &str, version: Option<&str>, reading: &mut Reading<'_>) -> Result<Component, String> {
    let folder =
        reading.path().parent().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy());
    let is_wheel = folder.is_some_and(|folder| folder.ends_with(".dist-info"));
    if !is_wheel {
        return Origin::Index.component(name, version);
    }
    let (url, hashes) = direct_url(reading);
    let origin = match &url {
        None => Origin::Index,
        Some(Direct::Repository(url)) => Origin::Repository(url),
        Some(Direct::Url(url)) => Origin::Url(url),
        Some(Direct::Local) => Origin::Local,
    };
    let mut component = origin.component(name, version)?.hashed(hashes);
    component.pulled_in_by.direct = reading.has("REQUESTED");
    Ok(component)
}

/// What `direct_url.json` says.
enum Direct {
    Repository(String),
    Url(String),
    Local,
}

/// Where it came from if no index gave it, and the hashes of the archive.
fn direct_url(reading: &mut Reading<'_>) -> (Option<Direct>, Vec<Hash>) {
    const FILE: &str = "direct_url.json";
    let told = |reading: &mut Reading<'_>, broken: Broken| {
        reading.problem(&Place::entry(FILE), &broken.to_string());
        (None, Vec::new())
    };
    let bytes = match reading.neighbour(FILE) {
        Ok(Neighbour::File(_, bytes)) => bytes,
        Ok(_) => return (None, Vec::new()),
        Err(broken) => return told(reading, broken),
    };
    let nested = match Nested::json(&bytes, reading) {
        Ok(nested) => nested,
        Err(broken) => return told(reading, broken),
    };
    let root = nested.root();
    let url = root.text_of("url").unwrap_or_default();
    let mut hashes = Vec::new();
    if let Some(archive) = root.child("archive_info") {
        let named = archive.children_of("hashes");
        hashes.extend(named.filter_map(|one| Hash::from_hex(Algorithm::named(one.key())?, one.text()?)));
        hashes.extend(archive.text_of("hash").and_then(Hash::from_labelled));
    }
    let direct = match root.child("vcs_info") {
        Some(vcs) => {
            let kind = vcs.text_of("vcs").unwrap_or("git");
            Some(Direct::Repository(match vcs.text_of("commit_id") {
                Some(commit) => format!("{kind}+{url}@{commit}"),
                None => format!("{kind}+{url}"),
            }))
        }
        None if root.child("dir_info").is_some() => Some(Direct::Local),
        // A wheel on the disk is one that was fetched before, and mostly from the index.
        None if url.is_empty() || url.starts_with("file:") => None,
        None => Some(Direct::Url(url.to_owned())),
    };
    (direct, hashes)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Read, cut_anywhere, read, read_beside};

    const METADATA: &[u8] =
        b"Metadata-Version: 2.1\r\nName: Flask_SQLAlchemy\r\nVersion: 3.1.1\r\n\r\nName: not this \xff\n";

    fn installed(direct_url: &str) -> Read {
        let files = [
            ("lib/a.dist-info/METADATA", METADATA),
            ("lib/a.dist-info/REQUESTED", b""),
            ("lib/a.dist-info/direct_url.json", direct_url.as_bytes()),
        ];
        read_beside("lib/a.dist-info/METADATA", &files)
    }

    #[test]
    fn a_wheel_is_named_by_its_metadata_and_what_lies_beside_tells_where_it_came_from() {
        let plain = read("lib/a.dist-info/METADATA", METADATA);
        assert_eq!((plain.purls(), plain.unread.len()), (vec!["pkg:pypi/flask-sqlalchemy@3.1.1"], 0));
        assert!(!plain.components[0].pulled_in_by.direct && plain.components[0].ecosystem.is_some());
        for (direct_url, purl, is_registered) in [
            (
                r#"{"url": "https://h/a.git", "vcs_info": {"vcs": "git", "commit_id": "1a2b"}}"#,
                "pkg:pypi/flask-sqlalchemy@3.1.1?vcs_url=git%2Bhttps:%2F%2Fh%2Fa.git%401a2b",
                false,
            ),
            (
                r#"{"url": "https://h/a.whl", "archive_info": {}}"#,
                "pkg:pypi/flask-sqlalchemy@3.1.1?download_url=https:%2F%2Fh%2Fa.whl",
                false,
            ),
            (
                r#"{"url": "file:///src", "dir_info": {"editable": true}}"#,
                "pkg:pypi/flask-sqlalchemy@3.1.1",
                false,
            ),
            (r#"{"url": "file:///w/a.whl", "archive_info": {}}"#, "pkg:pypi/flask-sqlalchemy@3.1.1", true),
        ] {
            let installed = installed(direct_url);
            assert_eq!((installed.purls(), installed.unread.len()), (vec![purl], 0), "{direct_url}");
            let component = &installed.components[0];
            assert!(
                component.pulled_in_by.direct && component.ecosystem.is_some() == is_registered,
                "{direct_url}"
            );
        }
    }

    #[test]
    fn the_hash_of_an_archive_is_kept_and_a_broken_direct_url_is_told() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let archive = format!(r#"{{"url": "file:///a", "archive_info": {{"hash": "sha256={digest}"}}}}"#);
        assert_eq!(installed(&archive).components[0].hashes.len(), 1);
        let broken = installed("nothing");
        assert_eq!((broken.components.len(), broken.unread.len()), (1, 1));
        assert!(broken.unread[0].path.ends_with("METADATA: direct_url.json"), "{broken:?}");
    }

    #[test]
    fn eggs_are_read_and_what_has_no_name_is_told() {
        for path in ["x.egg-info/PKG-INFO", "x-1.egg/EGG-INFO/PKG-INFO", "lib/x-1.egg-info"] {
            assert_eq!(read(path, METADATA).purls(), ["pkg:pypi/flask-sqlalchemy@3.1.1"], "{path}");
        }
        assert!(read("x.egg-info/PKG-INFO", b"Version: 1\n").unread[0].why.contains("has no `Name`"));
        cut_anywhere("a.dist-info/METADATA", METADATA);
    }
}

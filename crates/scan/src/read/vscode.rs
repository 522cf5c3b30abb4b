//! Extensions of Visual Studio Code and of editors made from it: those that are installed, and those that a project asks for.
//!
//! <https://code.visualstudio.com/api/references/extension-manifest>. An extension runs with all rights of its user as soon as
//! the editor starts. From which registry one came is not told, so that it is asked for by its name alone.

use std::borrow::Cow;

use floodmark_intel::purl::Purl;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::json_tree::parsed;
use super::text::{utf8, with_mark};
use super::{Broken, Reading};
use crate::component::{Component, Place, Scope};

/// The ecosystem in OSV.
const ECOSYSTEM: &str = "VSCode";

/// What stands for any platform.
const ANY: [&str; 3] = ["undefined", "unknown", "universal"];

#[derive(Deserialize)]
struct Manifest<'b> {
    #[serde(borrow)]
    publisher: Cow<'b, str>,
    #[serde(borrow)]
    name: Cow<'b, str>,
    #[serde(borrow)]
    version: Cow<'b, str>,
    #[serde(borrow, default, rename = "__metadata")]
    metadata: Option<Metadata<'b>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Metadata<'b> {
    #[serde(borrow)]
    target_platform: Option<Cow<'b, str>>,
}

#[derive(Deserialize)]
struct Installed<'b> {
    #[serde(borrow)]
    identifier: Identifier<'b>,
    #[serde(borrow)]
    version: Cow<'b, str>,
    #[serde(borrow, default)]
    metadata: Option<Metadata<'b>>,
}

#[derive(Deserialize)]
struct Identifier<'b> {
    #[serde(borrow)]
    id: Cow<'b, str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Recommended<'b> {
    #[serde(borrow)]
    recommendations: Vec<&'b RawValue>,
}

/// The manifest of an installed extension.
pub(crate) fn read_manifest(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let bytes = with_mark(bytes);
    let manifest: Manifest<'_> = serde_json::from_slice(&bytes).map_err(|error| {
        Broken::other(format!("is no manifest of an extension: {error}"), "publisher, name and version")
    })?;
    let platform = manifest.metadata.and_then(|metadata| metadata.target_platform);
    let extension =
        extension(&manifest.publisher, &manifest.name, Some(&manifest.version), platform.as_deref());
    reading.add(Place::Whole, extension.map(Component::direct));
    Ok(())
}

/// The list of all that is installed, which editors keep beside the extensions.
pub(crate) fn read_installed(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let bytes = with_mark(bytes);
    let all: Vec<&RawValue> = serde_json::from_slice(&bytes)
        .map_err(|error| Broken::other(format!("is no list of extensions: {error}"), "a JSON array"))?;
    for (number, value) in all.into_iter().enumerate() {
        let found = parsed::<Installed<'_>>(value).and_then(|one| {
            let platform = one.metadata.and_then(|metadata| metadata.target_platform);
            named(&one.identifier.id, Some(&one.version), platform.as_deref())
        });
        reading.add(Place::entry(format!("[{number}]")), found.map(Component::direct));
    }
    Ok(())
}

/// What a project recommends to who opens it: `.vscode/extensions.json`, with comments and trailing commas.
pub(crate) fn read_recommended(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let bytes = with_mark(bytes);
    let plain = without_comments(utf8(&bytes, "JSON with comments")?);
    let all: Recommended<'_> = serde_json::from_str(&plain).map_err(|error| {
        Broken::other(format!("is no list of recommendations: {error}"), "JSON with comments")
    })?;
    for (number, value) in all.recommendations.into_iter().enumerate() {
        let found = parsed::<Cow<'_, str>>(value).and_then(|id| named(&id, None, None));
        let found = found.map(|extension| extension.scoped(Scope::Optional).direct());
        reading.add(Place::entry(format!("recommendations[{number}]")), found);
    }
    Ok(())
}

/// `publisher.name`.
fn named(id: &str, version: Option<&str>, platform: Option<&str>) -> Result<Component, String> {
    let (publisher, name) =
        id.split_once('.').ok_or_else(|| format!("names the extension `{id}`; expected publisher.name"))?;
    extension(publisher, name, version, platform)
}

fn extension(
    publisher: &str,
    name: &str,
    version: Option<&str>,
    platform: Option<&str>,
) -> Result<Component, String> {
    let (publisher, name) = (publisher.to_ascii_lowercase(), name.to_ascii_lowercase());
    let platform = platform.filter(|platform| !ANY.contains(platform)).unwrap_or_default();
    let purl = Purl::new("vscode-extension", Some(&publisher), &name, version)
        .and_then(|purl| purl.qualified([("platform", platform)]))
        .map_err(|error| error.to_string())?;
    let component = Component::new(purl, format!("{publisher}/{name}"), ECOSYSTEM.parse().ok());
    Ok(component.scoped(Scope::Dev))
}

/// JSON without the comments and trailing commas that editors allow; texts stay as they are.
fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' {
            text_length(rest)
        } else if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
            continue;
        } else {
            first.len_utf8()
        };
        if matches!(first, ']' | '}') && plain.trim_end().ends_with(',') {
            plain.truncate(plain.trim_end().len() - 1);
        }
        plain.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    plain
}

/// How long a text in quotes is, with them.
fn text_length(rest: &str) -> usize {
    let mut is_escaped = false;
    let end = rest.bytes().enumerate().skip(1).find(|(_, byte)| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(rest.len(), |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use floodmark_intel::compromise::Compromises;

    use super::super::testing::{cut_anywhere, read};
    use crate::component::Scope;

    const MANIFEST: &str = "home/a/.vscode/extensions/nrwl.angular-console-18.95.0/package.json";

    #[test]
    fn what_is_installed_is_found_and_can_be_asked_for() {
        let text = r#"{"name": "angular-console", "publisher": "Nrwl", "version": "18.95.0", "engines": {"vscode": "^1"},
            "__metadata": {"targetPlatform": "linux-x64"}}"#;
        let one = read(MANIFEST, text.as_bytes());
        assert_eq!(one.purls(), ["pkg:vscode-extension/nrwl/angular-console@18.95.0?platform=linux-x64"]);
        let hits = Compromises::shipped().package(&one.components[0].purl);
        assert!(hits.iter().any(|hit| hit.entry.id.as_str() == "nx-console"), "{hits:?}");
        let list = r#"[{"identifier": {"id": "ms-python.python", "uuid": "x"}, "version": "2024.1.0",
            "metadata": {"targetPlatform": "undefined"}}, {"identifier": {}}, {"identifier": {"id": "odd"}, "version": "1"}]"#;
        let all = read("root/.vscode-server/extensions/extensions.json", list.as_bytes());
        assert_eq!(all.purls(), ["pkg:vscode-extension/ms-python/python@2024.1.0"]);
        assert_eq!(all.unread.len(), 2, "{:#?}", all.unread);
        assert!(read(MANIFEST, b"{}").unread[0].why.contains("is no manifest"));
    }

    #[test]
    fn what_a_project_recommends_has_no_version_and_its_file_may_have_comments() {
        let text = "{\n  // \"no\"\n  \"recommendations\": [\"redhat.vscode-yaml\", /* x */ \"a.b//c\\\"\",],\n  \"unwantedRecommendations\": [],\n}";
        let read = read(".vscode/extensions.json", text.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            read.purls(),
            ["pkg:vscode-extension/a/b%2F%2Fc%22", "pkg:vscode-extension/redhat/vscode-yaml"]
        );
        assert!(read.components.iter().all(|one| one.scope == Scope::Optional && one.version.is_none()));
    }

    #[test]
    fn files_cut_anywhere_are_read_as_far_as_they_go() {
        cut_anywhere(MANIFEST, br#"{"name": "a", "publisher": "b", "version": "1"}"#);
        cut_anywhere(".vscode/extensions.json", b"{\"recommendations\": [\"a.b\", // c\n \"d.e\",]}");
        cut_anywhere(
            ".cursor/extensions/extensions.json",
            br#"[{"identifier": {"id": "a.b"}, "version": "1"}]"#,
        );
    }
}

//! SBOMs that somebody else wrote: `CycloneDX` and SPDX, told by their content.
//!
//! ```text
//! bytes ──> cyclonedx_json | cyclonedx_xml | spdx (JSON, tags) | spdx3 ──> Listed ──> components
//! ```
//!
//! What they say of flaws is read by `vex`.

mod cyclonedx_json;
mod cyclonedx_xml;
mod distribution;
mod listed;
mod named;
mod spdx;
mod spdx3;

use std::borrow::Cow;
use std::path::Path;

use memchr::memmem;

use super::json_tree::{members, parsed};
use super::text::with_mark;
use super::{Broken, Reading};
use crate::component::Scope;

/// How far into a text the first element or tag is looked for.
const FIRST: usize = 64 << 10;

/// What an SBOM is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    CycloneDxJson,
    CycloneDxXml,
    SpdxJson,
    SpdxTags,
    Spdx3,
}

/// Reads a file that has the name of an SBOM. What only looks like one is left alone.
pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    if kind(&with_mark(bytes)).is_none() && !is_surely_named(reading.path()) {
        reading.disown();
        return Ok(());
    }
    read_any(bytes, reading)
}

/// Reads a file that was asked for by itself, whatever it is called.
pub(crate) fn read_any(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let bytes = with_mark(bytes);
    match kind(&bytes) {
        Some(Kind::CycloneDxJson) => cyclonedx_json::read(&bytes, reading),
        Some(Kind::CycloneDxXml) => cyclonedx_xml::read(&bytes, reading),
        Some(Kind::SpdxJson) => spdx::read_json(&bytes, reading),
        Some(Kind::SpdxTags) => {
            spdx::read_tags(&bytes, reading);
            Ok(())
        }
        Some(Kind::Spdx3) => spdx3::read(&bytes, reading),
        None if !is_surely_named(reading.path()) => Err(Broken::other(
            "is of no format that scan reads, by its name or by its content",
            "a folder, or a file such as those in docs/scan.md",
        )),
        None => Err(Broken::other(
            "is no SBOM that is known",
            "CycloneDX in JSON or XML, or SPDX in JSON or tags",
        )),
    }
}

/// Names that nothing else has.
fn is_surely_named(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    [".cdx.json", ".cdx.xml", ".spdx", ".spdx.json"].iter().any(|end| name.ends_with(end))
}

fn kind(bytes: &[u8]) -> Option<Kind> {
    let start = bytes.trim_ascii_start();
    let head = &start[..start.len().min(FIRST)];
    match start.first()? {
        b'{' => json_kind(bytes),
        b'<' if memmem::find(head, b"http://cyclonedx.org/schema/bom/").is_some() => Some(Kind::CycloneDxXml),
        b'<' => None,
        _ if memmem::find(head, b"SPDXVersion:").is_some() => Some(Kind::SpdxTags),
        _ => None,
    }
}

/// By the keys at the top, which may stand behind everything else.
fn json_kind(bytes: &[u8]) -> Option<Kind> {
    let mut kind = None;
    // What is broken is told when it is read.
    let _ = members(bytes, &[], &mut |_, key, value| {
        let text = parsed::<Cow<'_, str>>(value).unwrap_or_default();
        match key {
            "bomFormat" if text == "CycloneDX" => kind = Some(Kind::CycloneDxJson),
            "spdxVersion" => kind = kind.or(Some(Kind::SpdxJson)),
            "@context" if value.get().contains("spdx.org/rdf/") => kind = kind.or(Some(Kind::Spdx3)),
            _ => {}
        }
    });
    kind
}

/// What `CycloneDX` calls the scope of a component. Without a scope nothing is said, though the format takes it for required.
fn cyclonedx_scope(text: &str) -> Option<Scope> {
    Some(match text {
        "required" => Scope::Runtime,
        "optional" => Scope::Optional,
        "excluded" => Scope::Dev,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Read, cut_anywhere, read};
    use crate::component::{Component, Few, Place, RefKind, Reference, Scope};

    const CYCLONEDX_JSON: &str = r#"{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": {"component": {"type": "application", "bom-ref": "app", "name": "app"}},
  "components": [
    {"type": "library", "bom-ref": "a", "name": "tinycolor", "group": "@ctrl", "version": "4.1.1",
     "purl": "pkg:npm/%40ctrl/tinycolor@4.1.1", "scope": "required",
     "hashes": [{"alg": "SHA-256", "content": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}],
     "components": [
       {"type": "library", "bom-ref": "b", "name": "left-pad", "version": "1.3.0", "purl": "pkg:npm/left-pad@1.3.0", "scope": "excluded"}
     ]},
    {"type": "application", "name": "curl", "version": "8.5", "cpe": "cpe:2.3:a:haxx:curl:8.5:*:*:*:*:*:*:*"},
    {"type": "file", "name": "/etc/passwd"},
    {"type": "library", "name": 3},
    {"type": "library", "name": "bad", "purl": "npm/bad"}
  ],
  "dependencies": [{"ref": "app", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["b", "nobody"]}, {"ref": 1}]
}"#;
    const CYCLONEDX_XML: &str = r#"<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">
  <metadata><component type="application" bom-ref="app"><name>app</name></component></metadata>
  <components>
    <component type="library" bom-ref="a">
      <supplier><name>nobody</name></supplier>
      <group>@ctrl</group><name>tinycolor</name><version>4.1.1</version><scope>required</scope>
      <hashes><hash alg="SHA-256">ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad</hash></hashes>
      <licenses><license><name>no</name></license></licenses>
      <purl>pkg:npm/%40ctrl/tinycolor@4.1.1</purl>
      <pedigree><ancestors><component type="library"><name>old</name><purl>pkg:npm/old@1</purl></component></ancestors></pedigree>
      <externalReferences><reference type="vcs"><url>x</url><hashes><hash alg="MD5">00</hash></hashes></reference></externalReferences>
      <components>
        <component type="library" bom-ref="b"><name>left-pad</name><version>1.3.0</version><scope>excluded</scope><purl>pkg:npm/left-pad@1.3.0</purl></component>
      </components>
    </component>
    <component type="application"><name>cu&#114;l</name><version>8.5</version><cpe>cpe:2.3:a:haxx:curl:8.5:*:*:*:*:*:*:*</cpe></component>
  </components>
  <dependencies><dependency ref="app"><dependency ref="a"/></dependency><dependency ref="a"><dependency ref="b"/></dependency></dependencies>
</bom>
"#;
    const SPDX_JSON: &str = r#"{
  "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "documentDescribes": ["SPDXRef-app"],
  "packages": [
    {"SPDXID": "SPDXRef-app", "name": "app"},
    {"SPDXID": "SPDXRef-a", "name": "@ctrl/tinycolor", "versionInfo": "4.1.1",
     "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/%40ctrl/tinycolor@4.1.1"}],
     "checksums": [{"algorithm": "SHA256", "checksumValue": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]},
    {"SPDXID": "SPDXRef-b", "name": "left-pad", "versionInfo": "1.3.0",
     "externalRefs": [{"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/left-pad@1.3.0"}]},
    {"SPDXID": "SPDXRef-c", "name": "curl", "versionInfo": "8.5",
     "externalRefs": [{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:haxx:curl:8.5:*:*:*:*:*:*:*"}]}
  ],
  "relationships": [
    {"spdxElementId": "SPDXRef-a", "relationshipType": "RUNTIME_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-app"},
    {"spdxElementId": "SPDXRef-b", "relationshipType": "DEV_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-a"}
  ]
}"#;
    const SPDX_TAGS: &str = "SPDXVersion: SPDX-2.2
SPDXID: SPDXRef-DOCUMENT
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
CreatorComment: <text>
PackageName: not this
</text>
PackageName: app
SPDXID: SPDXRef-app
PackageName: @ctrl/tinycolor
SPDXID: SPDXRef-a
PackageVersion: 4.1.1
PackageChecksum: SHA256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
ExternalRef: PACKAGE-MANAGER purl pkg:npm/%40ctrl/tinycolor@4.1.1
PackageName: left-pad
SPDXID: SPDXRef-b
PackageVersion: 1.3.0
ExternalRef: PACKAGE_MANAGER purl pkg:npm/left-pad@1.3.0
PackageName: curl
SPDXID: SPDXRef-c
PackageVersion: 8.5
ExternalRef: SECURITY cpe23Type cpe:2.3:a:haxx:curl:8.5:*:*:*:*:*:*:*
FileName: ./x
SPDXID: SPDXRef-file
Relationship: SPDXRef-a RUNTIME_DEPENDENCY_OF SPDXRef-app
Relationship: SPDXRef-a DEPENDS_ON SPDXRef-b
Relationship: SPDXRef-b DEV_DEPENDENCY_OF SPDXRef-a
";
    const SPDX3: &str = r#"{
  "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
  "@graph": [
    {"type": "software_Sbom", "spdxId": "urn:s", "rootElement": ["urn:app"]},
    {"type": "software_Package", "spdxId": "urn:a", "name": "@ctrl/tinycolor", "software_packageVersion": "4.1.1",
     "software_packageUrl": "pkg:npm/%40ctrl/tinycolor@4.1.1",
     "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}, "urn:other"]},
    {"type": "software_Package", "spdxId": "urn:b", "name": "left-pad", "software_packageVersion": "1.3.0",
     "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "packageUrl", "identifier": "pkg:npm/left-pad@1.3.0"}]},
    {"type": "software_Package", "spdxId": "urn:c", "name": "curl", "software_packageVersion": "8.5",
     "externalIdentifier": [{"externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a:haxx:curl:8.5:*:*:*:*:*:*:*"}]},
    {"type": "LifecycleScopedRelationship", "from": "urn:app", "to": ["urn:a"], "relationshipType": "dependsOn", "scope": "runtime"},
    {"type": "LifecycleScopedRelationship", "from": "urn:a", "to": "urn:b", "relationshipType": "dependsOn", "scope": "development"}
  ]
}"#;

    /// The components without where they stand.
    fn bare(read: &Read) -> Vec<Component> {
        let bare = |one: &Component| Component { found: Few::default(), ..one.clone() };
        let mut all: Vec<_> = read.components.iter().map(bare).collect();
        all.sort_by(|one, other| one.purl.cmp(&other.purl));
        all
    }

    #[test]
    fn one_inventory_is_the_same_in_every_form() {
        let first = read("app.cdx.json", CYCLONEDX_JSON.as_bytes());
        assert_eq!(
            first.purls(),
            [
                "pkg:generic/curl@8.5?cpe=cpe:2.3:a:haxx:curl:8.5:%2A:%2A:%2A:%2A:%2A:%2A:%2A",
                "pkg:npm/%40ctrl/tinycolor@4.1.1",
                "pkg:npm/left-pad@1.3.0",
            ]
        );
        let [tinycolor, left_pad, _] = &first.components[..] else { panic!("{first:#?}") };
        assert!(tinycolor.pulled_in_by.direct && tinycolor.hashes.len() == 1);
        assert_eq!((tinycolor.name.as_str(), tinycolor.scope), ("@ctrl/tinycolor", Scope::Runtime));
        assert!(left_pad.pulled_in_by.names.iter().eq(["@ctrl/tinycolor"]) && left_pad.scope == Scope::Dev);
        let place = left_pad.found.first().map(|found| found.place.clone());
        assert_eq!(place, Some(Place::entry("components[0].components[0]")));
        for (path, text) in [
            ("bom.xml", CYCLONEDX_XML),
            ("app.spdx.json", SPDX_JSON),
            ("app.spdx", SPDX_TAGS),
            ("sbom.json", SPDX3),
        ] {
            let other = read(path, text.as_bytes());
            assert_eq!(bare(&other), bare(&first), "{path}");
            assert!(other.unread.iter().all(|one| !one.incomplete), "{path}: {:#?}", other.unread);
        }
        let xml = read("bom.xml", CYCLONEDX_XML.as_bytes());
        let line = xml.component("pkg:npm/left-pad@1.3.0").found.first().map(|found| found.place.clone());
        assert_eq!(line, Some(Place::Line(14)));
    }

    #[test]
    fn broken_entries_are_told_with_their_place_and_lose_only_themselves() {
        let read = read("app.cdx.json", CYCLONEDX_JSON.as_bytes());
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert_eq!(told.len(), 4, "{told:#?}");
        assert!(told[0].contains("components[3]: is no component of CycloneDX"), "{told:#?}");
        assert!(told[1].contains("components[4]: \"npm/bad\" is not a purl"), "{told:#?}");
        assert!(told[2].contains("dependencies[2]"), "{told:#?}");
        assert!(told[3].contains("components[2]: 1 of its entries are files"), "{told:#?}");
        assert!(read.unread.iter().filter(|one| one.incomplete).count() == 3);
    }

    #[test]
    fn what_syft_calls_an_action_is_one() {
        let text = r#"{"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "tj-actions/changed-files",
            "version": "v45", "purl": "pkg:github/tj-actions/changed-files@v45",
            "properties": [{"name": "syft:package:type", "value": "github-action"}]}]}"#;
        let read = read("x.cdx.json", text.as_bytes());
        let action = read.component("pkg:githubactions/tj-actions/changed-files@v45");
        assert_eq!(action.reference.as_deref().map(Reference::kind), Some(RefKind::Tag));
        assert_eq!(action.ecosystem.as_ref().map(ToString::to_string).as_deref(), Some("GitHub Actions"));
    }

    #[test]
    fn what_cyclonedx_and_spdx_have_no_field_for_is_told_by_properties() {
        let properties = [
            ("scope", "dev"),
            ("direct", "true"),
            ("ecosystem", "PyPI"),
            ("claimed", "v1"),
            ("pulled-in-by", "./x"),
        ];
        let json: Vec<_> = properties
            .iter()
            .map(|(key, value)| format!(r#"{{"name": "floodmark:{key}", "value": "{value}"}}"#))
            .collect();
        let notes: Vec<_> = properties
            .iter()
            .map(|(key, value)| format!(r#"{{"comment": "floodmark:{key}={value}"}}"#))
            .collect();
        let cyclonedx = format!(
            r#"{{"bomFormat": "CycloneDX", "components": [{{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "properties": [{}]}}]}}"#,
            json.join(",")
        );
        let spdx = format!(
            r#"{{"spdxVersion": "SPDX-2.3", "packages": [{{"name": "a", "versionInfo": "1", "annotations": [{}],
                "externalRefs": [{{"referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}}]}}]}}"#,
            notes.join(",")
        );
        for (path, text) in [("a.cdx.json", cyclonedx), ("a.spdx.json", spdx)] {
            let read = read(path, text.as_bytes());
            let one = read.component("pkg:npm/a@1");
            assert!(one.scope == Scope::Dev && one.pulled_in_by.direct && one.name == "a", "{path}: {one:?}");
            assert!(
                one.claimed.iter().eq(["v1"]) && one.pulled_in_by.names.iter().eq(["./x"]),
                "{path}: {one:?}"
            );
        }
    }

    #[test]
    fn what_is_no_sbom_is_told_only_where_its_name_says_that_it_is_one() {
        for path in ["bom.json", "my-sbom-notes.json", "bom.xml"] {
            for text in ["{}", "[1]", "<a/>", "", "{", "<bom xmlns='maven'/>"] {
                let read = read(path, text.as_bytes());
                assert!(
                    read.components.is_empty() && read.unread.is_empty(),
                    "{path} {text}: {:?}",
                    read.unread
                );
            }
        }
        assert_eq!(read("a.cdx.json", b"{}").unread.len(), 1);
    }

    #[test]
    fn hostile_nesting_entities_and_texts_are_told() {
        let deep = format!(
            r#"{{"bomFormat": "CycloneDX", "components": [{}{}]}}"#,
            r#"{"name": "a", "type": "library", "components": ["#.repeat(100),
            "]}".repeat(100)
        );
        let read_deep = read("a.cdx.json", deep.as_bytes());
        assert!(read_deep.components.len() <= 40 && !read_deep.unread.is_empty());
        let head = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>"#;
        let component = r#"<component type="library"><name>a</name><purl>pkg:npm/a@1</purl></component>"#;
        for tail in [
            "<x>".repeat(1000),
            format!("<component><name>{}</name></component>", "x".repeat(1 << 20)),
            "<a".into(),
        ] {
            let read = read("bom.xml", format!("{head}{component}{tail}").as_bytes());
            assert_eq!((read.purls(), read.unread.len()), (vec!["pkg:npm/a@1"], 1), "{:?}", read.unread);
        }
        let entities = format!(
            "<!DOCTYPE bom [<!ENTITY a 'pkg:npm/evil@1'>]>{head}<component><name>&a;b</name></component></components></bom>"
        );
        assert_eq!(read("bom.xml", entities.as_bytes()).purls(), ["pkg:generic/b"]);
    }

    #[test]
    fn files_cut_anywhere_are_read_as_far_as_they_go() {
        for (path, text) in [
            ("a.cdx.json", CYCLONEDX_JSON),
            ("bom.xml", CYCLONEDX_XML),
            ("a.spdx.json", SPDX_JSON),
            ("a.spdx", SPDX_TAGS),
            ("sbom.json", SPDX3),
        ] {
            cut_anywhere(path, text.as_bytes());
        }
    }
}

//! The database of `dpkg`, `var/lib/dpkg/status`, and that of distroless images, one file a package in `status.d`:
//! `dpkg(1)` and `deb-control(5)`.
//!
//! A package of which only configuration is left, or whose files are not all there, is not listed.

use std::collections::{BTreeSet, HashMap};

use super::dependencies::Dependencies;
use super::os_release::distro;
use super::stanza::{Stanza, stanzas};
use super::{Broken, Reading};
use crate::component::{Component, Distro, Packaged, Place, Source};

/// The states in which the files of a package are there, `dpkg(1)`, "Package states".
const THERE: [&[u8]; 5] =
    [b"installed", b"unpacked", b"half-configured", b"triggers-awaited", b"triggers-pending"];

/// Where apt notes what it installed only since something needed it, seen from `status`.
const EXTENDED_STATES: &str = "../apt/extended_states";

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    // Distroless keeps the checksums of files beside its packages.
    if reading.path().extension().is_some_and(|extension| extension == "md5sums") {
        return Ok(());
    }
    let is_single = reading.path().parent().is_some_and(|folder| folder.ends_with("status.d"));
    let distro = distro(reading, if is_single { 4 } else { 3 });
    let entries: Vec<_> = stanzas(bytes).map(Entry::of).filter(Entry::is_there).collect();
    let automatic = if is_single { None } else { automatic(reading)? };
    let parents = parents(&entries, reading);
    for (entry, parents) in entries.iter().zip(parents) {
        let component = entry.component(&distro).map(|mut component| {
            component.pulled_in_by.direct =
                automatic.as_ref().is_some_and(|automatic| !automatic.contains(entry.name));
            component.pulled_in_by(parents)
        });
        reading.add(Place::Line(entry.line), component);
    }
    Ok(())
}

/// The fields of a paragraph that are asked for.
#[derive(Debug, Default)]
struct Entry<'b> {
    line: u32,
    name: &'b [u8],
    version: &'b [u8],
    arch: &'b [u8],
    source: &'b [u8],
    status: Option<&'b [u8]>,
    needs: [&'b [u8]; 2],
    provides: &'b [u8],
}

impl<'b> Entry<'b> {
    fn of(stanza: Stanza<'b>) -> Self {
        let mut entry = Self { line: stanza.line, ..Self::default() };
        for line in stanza.lines() {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (key, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            match key.to_ascii_lowercase().as_slice() {
                b"package" => entry.name = value,
                b"version" => entry.version = value,
                b"architecture" => entry.arch = value,
                b"source" => entry.source = value,
                b"status" => entry.status = Some(value),
                b"depends" => entry.needs[0] = value,
                b"pre-depends" => entry.needs[1] = value,
                b"provides" => entry.provides = value,
                _ => {}
            }
        }
        entry
    }

    /// Whether its files are there. What has no status is of a distroless image and is.
    fn is_there(&self) -> bool {
        let state = self.status.map(|status| status.rsplit(|byte| *byte == b' ').next().unwrap_or_default());
        state.is_none_or(|state| THERE.contains(&state))
    }

    fn component(&self, distro: &Distro) -> Result<Component, String> {
        let (name, version) = (must("Package", self.name)?, must("Version", self.version)?);
        let arch = text("Architecture", self.arch)?;
        let source = text("Source", self.source)?;
        let package = Packaged { kind: "deb", name, version, arch: Some(arch) };
        let (source, upstream) = match source.split_once('(') {
            Some((source, rest)) => {
                let (source, version) = (source.trim_end(), rest.trim_end_matches(')').trim());
                (source, (version, format!("{source}@{version}")))
            }
            None => (source, (version, source.to_owned())),
        };
        let (source_version, upstream) = upstream;
        let built_from = Source { name: source.to_owned(), version: source_version.to_owned() };
        let built_from = (!source.is_empty()).then_some((built_from, upstream.as_str()));
        distro.component(package, built_from).map_err(|error| error.to_string())
    }
}

/// The names of those that need each entry.
fn parents(entries: &[Entry<'_>], reading: &mut Reading<'_>) -> Vec<BTreeSet<String>> {
    let mut all = Dependencies::new();
    let numbered = || (0_u32..).zip(entries);
    for (number, entry) in numbered() {
        all.provides(number, entry.name);
        names(entry.provides).for_each(|name| all.provides(number, name));
    }
    for (number, entry) in numbered() {
        entry.needs.into_iter().flat_map(names).for_each(|name| all.needs(number, name));
    }
    all.pulled_in(&entries.iter().map(|entry| entry.name).collect::<Vec<_>>(), reading)
}

/// The names in a relation field, `a (>= 1), b | c:any [amd64]`.
fn names(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    field.split(|byte| matches!(byte, b',' | b'|')).filter_map(|relation| {
        let relation = relation.trim_ascii_start();
        let end = relation.iter().position(|byte| b" (:[<".contains(byte)).unwrap_or(relation.len());
        (end > 0).then(|| &relation[..end])
    })
}

/// The packages that nobody asked for by name; `None` where apt does not tell.
fn automatic(reading: &mut Reading<'_>) -> Result<Option<BTreeSet<Vec<u8>>>, Broken> {
    let Some(bytes) = reading.neighbour(EXTENDED_STATES)?.bytes() else { return Ok(None) };
    let mut automatic = BTreeSet::new();
    for stanza in stanzas(&bytes) {
        let fields: HashMap<&[u8], &[u8]> = stanza.lines().filter_map(field).collect();
        let get = |key: &[u8]| fields.get(key).copied();
        if let (Some(name), Some(b"1")) = (get(b"Package"), get(b"Auto-Installed")) {
            automatic.insert(name.to_owned());
        }
    }
    Ok(Some(automatic))
}

fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    Some((&line[..colon], line[colon + 1..].trim_ascii()))
}

fn must<'b>(key: &str, value: &'b [u8]) -> Result<&'b str, String> {
    if value.is_empty() {
        return Err(format!("has no `{key}`; expected one in each paragraph"));
    }
    text(key, value)
}

fn text<'b>(key: &str, value: &'b [u8]) -> Result<&'b str, String> {
    std::str::from_utf8(value).map_err(|_| format!("has a `{key}` that is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read, read_beside};
    use crate::component::{Place, Scope};

    const STATUS: &str = "\
Package: libssl3
Status: install ok installed
Priority: optional
Installed-Size: 6005
Architecture: amd64
Multi-Arch: same
Source: openssl
Version: 3.0.17-1~deb12u2
Depends: libc6 (>= 2.34)
Description: Secure Sockets Layer toolkit
 shared libraries
 .
 Package: not-a-field

Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u10
Provides: libc6-x (= 2.36)

Package: bsdutils
Essential: yes
Status: install ok triggers-pending
Architecture: amd64
Source: util-linux (2.38.1-5+deb12u3)
Version: 1:2.38.1-5+deb12u3
Pre-Depends: libc6-x (>= 2.34) | gone, libssl3:any

Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: broken-off
Status: install reinstreq half-installed
Architecture: amd64
Version: 1.0
";

    const RELEASE: &str = "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n";

    #[test]
    fn packages_that_are_there_have_their_source_their_parents_and_their_release() {
        let states = "Package: libc6\nArchitecture: amd64\nAuto-Installed: 1\n";
        let read = read_beside(
            "root/var/lib/dpkg/status",
            &[
                ("root/var/lib/dpkg/status", STATUS.as_bytes()),
                ("root/etc/os-release", RELEASE.as_bytes()),
                ("root/var/lib/apt/extended_states", states.as_bytes()),
            ],
        );
        assert_eq!(read.unread, []);
        assert_eq!(
            read.purls(),
            [
                "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?arch=amd64&distro=debian-12&upstream=util-linux%402.38.1-5%2Bdeb12u3",
                "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc",
                "pkg:deb/debian/libssl3@3.0.17-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl",
            ]
        );
        let [ssl, libc, bsd] = &read.components[..] else { panic!("{:#?}", read.components) };
        assert_eq!(ssl.ecosystem.as_ref().map(ToString::to_string).as_deref(), Some("Debian:12"));
        assert_eq!(ssl.advised().collect::<Vec<_>>(), [("openssl", Some("3.0.17-1~deb12u2"))]);
        assert_eq!(bsd.advised().collect::<Vec<_>>(), [("util-linux", Some("2.38.1-5+deb12u3"))]);
        assert!(libc.pulled_in_by.names.iter().eq(["bsdutils", "libssl3"]) && !libc.pulled_in_by.direct);
        assert!(ssl.pulled_in_by.names.iter().eq(["bsdutils"]) && ssl.pulled_in_by.direct);
        assert_eq!(
            (bsd.scope, bsd.found.first().map(|found| &found.place)),
            (Scope::Runtime, Some(&Place::Line(22)))
        );
    }

    #[test]
    fn distroless_has_a_file_a_package_and_its_checksums_are_none() {
        let package = "Package: base-files\nVersion: 12.4\nArchitecture: amd64\nMaintainer: \u{e9}\n";
        let files: [(&str, &[u8]); 3] = [
            ("var/lib/dpkg/status.d/base", package.as_bytes()),
            ("var/lib/dpkg/status.d/base.md5sums", b"7215ee9c7d9dc229d2921a40e899ec5f  usr/share: a\n"),
            ("usr/lib/os-release", RELEASE.as_bytes()),
        ];
        let read = read_beside("var/lib/dpkg/status.d/base", &files);
        assert_eq!(read.purls(), ["pkg:deb/debian/base-files@12.4?arch=amd64&distro=debian-12"]);
        assert_eq!(read.unread, []);
        let sums = read_beside("var/lib/dpkg/status.d/base.md5sums", &files);
        assert_eq!((sums.components, sums.unread), (vec![], vec![]));
    }

    #[test]
    fn without_a_release_packages_are_listed_and_that_nothing_is_known_of_them_is_told() {
        let read = read("var/lib/dpkg/status", STATUS.as_bytes());
        assert_eq!(read.components.len(), 3);
        assert!(read.components.iter().all(|one| one.ecosystem.is_none()));
        assert_eq!(read.unread.len(), 1, "{:#?}", read.unread);
        assert!(read.unread[0].why.contains("no etc/os-release"), "{:#?}", read.unread);
    }

    #[test]
    fn a_broken_paragraph_is_told_with_its_line_and_loses_only_itself() {
        let status = STATUS.replace("Package: libc6\n", "");
        let mut status = status.into_bytes();
        status.extend(b"\nPackage: \xff\nVersion: 1\n\nno field at all\n");
        let files: [(&str, &[u8]); 2] =
            [("var/lib/dpkg/status", &status), ("etc/os-release", RELEASE.as_bytes())];
        let read = read_beside("var/lib/dpkg/status", &files);
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert_eq!(
            told,
            [
                "var/lib/dpkg/status: line 15: has no `Package`; expected one in each paragraph",
                "var/lib/dpkg/status: line 39: has a `Package` that is no UTF-8",
                "var/lib/dpkg/status: line 42: has no `Package`; expected one in each paragraph",
            ]
        );
        assert_eq!(read.components.len(), 2);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("var/lib/dpkg/status", STATUS.as_bytes());
    }
}

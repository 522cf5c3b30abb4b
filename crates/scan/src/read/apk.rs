//! The database of Alpine's package manager, `lib/apk/db/installed`, also of Wolfi and Chainguard:
//! <https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_database_V2>.
//!
//! The checksum in it is of a package's metadata alone, not of what was delivered, and is left out.

use std::collections::BTreeSet;

use super::dependencies::Dependencies;
use super::os_release::distro;
use super::stanza::{Stanza, stanzas};
use super::{Broken, Reading};
use crate::component::{Component, Distro, Packaged, Place, Source};

/// What is installed since somebody asked for it by name, below the root.
const WORLD: &str = "etc/apk/world";

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let is_merged = reading.path().ends_with("usr/lib/apk/db/installed");
    let folders = if is_merged { 4 } else { 3 };
    let distro = distro(reading, folders);
    let world = reading.neighbour(&format!("{}{WORLD}", "../".repeat(folders)))?.bytes();
    let world: Option<BTreeSet<&[u8]>> = world.as_ref().map(|world| names(world).collect());
    let entries: Vec<_> = stanzas(bytes).map(Entry::of).collect();
    let parents = parents(&entries, reading);
    for (entry, parents) in entries.iter().zip(parents) {
        let component = entry.component(&distro).map(|mut component| {
            component.pulled_in_by.direct = world.as_ref().is_some_and(|world| world.contains(entry.name));
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
    origin: &'b [u8],
    needs: &'b [u8],
    provides: &'b [u8],
}

impl<'b> Entry<'b> {
    fn of(stanza: Stanza<'b>) -> Self {
        let mut entry = Self { line: stanza.line, ..Self::default() };
        for line in stanza.lines() {
            let [key, b':', value @ ..] = line else { continue };
            match key {
                b'P' => entry.name = value,
                b'V' => entry.version = value,
                b'A' => entry.arch = value,
                b'o' => entry.origin = value,
                b'D' => entry.needs = value,
                b'p' => entry.provides = value,
                _ => {}
            }
        }
        entry
    }

    fn component(&self, distro: &Distro) -> Result<Component, String> {
        let text = |key: char, value| {
            std::str::from_utf8(value).map_err(|_| format!("has a `{key}:` that is no UTF-8"))
        };
        let must = |key: char, value| match text(key, value) {
            Ok("") => Err(format!("has no `{key}:`; expected one in each paragraph")),
            other => other,
        };
        let (name, version) = (must('P', self.name)?, must('V', self.version)?);
        let (arch, origin) = (text('A', self.arch)?, text('o', self.origin)?);
        let package = Packaged { kind: "apk", name, version, arch: Some(arch) };
        let source = (!origin.is_empty() && origin != name)
            .then(|| (Source { name: origin.to_owned(), version: version.to_owned() }, origin));
        distro.component(package, source).map_err(|error| error.to_string())
    }
}

/// The names of those that need each entry.
fn parents(entries: &[Entry<'_>], reading: &mut Reading<'_>) -> Vec<BTreeSet<String>> {
    let mut all = Dependencies::new();
    let numbered = || (0_u32..).zip(entries);
    for (number, entry) in numbered() {
        all.provides(number, entry.name);
        names(entry.provides).for_each(|name| all.provides(number, name));
        names(entry.needs).for_each(|name| all.needs(number, name));
    }
    all.pulled_in(&entries.iter().map(|entry| entry.name).collect::<Vec<_>>(), reading)
}

/// The names in a list of dependencies, `musl>=1.2 so:libc.musl-x86_64.so.1 !old`, without those that must not be there.
fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let words =
        list.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty() && !word.starts_with(b"!"));
    words.map(|word| {
        let end = word.iter().position(|byte| b"<>=~@".contains(byte)).unwrap_or(word.len());
        &word[..end]
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read_beside};
    use crate::component::Place;

    const INSTALLED: &str = "\
C:Q1fv+bp5GEpSj7HLZdXZxvLVhbXBI=
P:musl
V:1.2.5-r0
A:x86_64
S:408075
T:the musl c library
o:musl
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1IaJBE8IIB3hxbQ8M7iDF3DM0hvA=

C:Q1abc
P:ssl_client
V:1.36.1-r29
A:x86_64
o:busybox
D:so:libc.musl-x86_64.so.1 so:libssl.so.3 !ssl_old

P:libssl3
V:3.3.2-r0
A:x86_64
o:openssl
D:musl>=1.2.3_git20230424
p:so:libssl.so.3=3
";

    fn read_with(installed: &[u8], world: &str) -> super::super::testing::Read {
        let files: [(&str, &[u8]); 3] = [
            ("usr/lib/apk/db/installed", installed),
            ("etc/os-release", b"ID=alpine\nVERSION_ID=3.20.3\n"),
            ("etc/apk/world", world.as_bytes()),
        ];
        read_beside("usr/lib/apk/db/installed", &files)
    }

    #[test]
    fn packages_have_their_origin_and_those_that_need_them() {
        let read = read_with(INSTALLED.as_bytes(), "ssl_client=1.36.1-r29\nalpine-base@edge !libssl3\n");
        assert_eq!(read.unread, []);
        assert_eq!(
            read.purls(),
            [
                "pkg:apk/alpine/libssl3@3.3.2-r0?arch=x86_64&distro=alpine-3.20.3&upstream=openssl",
                "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.3",
                "pkg:apk/alpine/ssl_client@1.36.1-r29?arch=x86_64&distro=alpine-3.20.3&upstream=busybox",
            ]
        );
        let [musl, client, ssl] = &read.components[..] else { panic!("{:#?}", read.components) };
        assert_eq!(musl.ecosystem.as_ref().map(ToString::to_string).as_deref(), Some("Alpine:v3.20"));
        assert_eq!(musl.advised().collect::<Vec<_>>(), [("musl", Some("1.2.5-r0"))]);
        assert_eq!(ssl.advised().collect::<Vec<_>>(), [("openssl", Some("3.3.2-r0"))]);
        assert!(musl.pulled_in_by.names.iter().eq(["libssl3", "ssl_client"]) && !musl.pulled_in_by.direct);
        assert!(ssl.pulled_in_by.names.iter().eq(["ssl_client"]) && client.pulled_in_by.direct);
        assert_eq!(client.found.first().map(|found| &found.place), Some(&Place::Line(14)));
    }

    #[test]
    fn a_broken_paragraph_is_told_with_its_line_and_loses_only_itself() {
        let installed = INSTALLED.replace("P:ssl_client\n", "").into_bytes();
        let read = read_with(&installed, "");
        assert_eq!(read.components.len(), 2);
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert_eq!(told, ["usr/lib/apk/db/installed: line 14: has no `P:`; expected one in each paragraph"]);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("lib/apk/db/installed", INSTALLED.as_bytes());
    }
}

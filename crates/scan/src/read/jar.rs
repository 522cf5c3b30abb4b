//! Java archives (`.jar`, `.war`, `.ear` and their kin), the archives within them, and what was shaded into them.
//!
//! Maven leaves a `pom.properties` for each module whose classes are in an archive, also for those that were shaded in. An
//! archive without one is named by where it lies in a repository of Maven or Gradle, else by its manifest and its file name,
//! which is a guess. Only the central directory and what these need is read.

mod manifest;
mod named;

use std::io::Cursor;

use sha2::{Digest, Sha256};

use manifest::Manifest;
use named::{Module, Name};

use super::bytes::Bytes;
use super::zip::{Entry, Room, entries};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Place, Scope};
use crate::target::Anywhere;

/// What the names of such archives end in.
const ARCHIVES: [&str; 9] = ["jar", "war", "ear", "aar", "hpi", "jpi", "kar", "nar", "par"];

/// How deep archives may be nested.
const MOST_DEEP: usize = 8;

/// How much of a path is shown.
const LONGEST_PATH: usize = 512;

/// The most bytes of an archive in another, of a small file, and of all that is inflated of one file.
const MOST_NESTED: u64 = 64 << 20;
const MOST_SMALL: u64 = 1 << 20;
const MOST_INFLATED: u64 = 2 << 30;

pub(crate) fn read(file: &mut dyn Anywhere, reading: &mut Reading<'_>) -> Result<(), Broken> {
    let name = reading.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut archive = Archive { way: String::new(), name, deep: 0, hash: None, parent: None };
    let mut room = Room(MOST_INFLATED);
    archive.read(&mut Bytes::of(file)?, &mut room, reading)
}

/// An archive, or one within another.
struct Archive {
    /// Where it lies in the file: `BOOT-INF/lib/a.jar!`, or nothing.
    way: String,
    /// Its file name.
    name: String,
    deep: usize,
    /// The hash of it, where it lies in another.
    hash: Option<Hash>,
    /// What it lies in.
    parent: Option<String>,
}

impl Archive {
    fn read(
        &mut self,
        bytes: &mut Bytes<'_>,
        room: &mut Room,
        reading: &mut Reading<'_>,
    ) -> Result<(), Broken> {
        let entries = entries(bytes)?;
        let own = self.named(&entries, bytes, room, reading);
        for entry in entries.iter().filter(|entry| is_archive(&entry.name)) {
            let inner = self.inner(entry, own.as_deref());
            if inner.deep > MOST_DEEP {
                reading
                    .problem(&self.place(entry), "is nested too deep; expected fewer archives in archives");
                continue;
            }
            match entry.read(bytes, MOST_NESTED, room) {
                Ok(content) => inner.read_nested(content, room, reading),
                Err(why) => reading.problem(&self.place(entry), &why),
            }
        }
        Ok(())
    }

    fn read_nested(mut self, content: Vec<u8>, room: &mut Room, reading: &mut Reading<'_>) {
        let digest: [u8; 32] = Sha256::digest(&content).into();
        self.hash = Some(Hash::sha256(digest));
        let way = self.way.trim_end_matches('!').to_owned();
        let mut file = Cursor::new(content);
        let read = Bytes::of(&mut file)
            .map_err(Broken::from)
            .and_then(|mut bytes| self.read(&mut bytes, room, reading));
        if let Err(broken) = read {
            reading.problem(&Place::entry(way), &broken.to_string());
        }
    }

    fn inner(&self, entry: &Entry, own: Option<&str>) -> Self {
        Self {
            way: format!("{}{}!", self.way, shortened(&entry.name)),
            name: entry.name.rsplit('/').next().unwrap_or_default().to_owned(),
            deep: self.deep + 1,
            hash: None,
            parent: own.map(ToOwned::to_owned),
        }
    }

    fn place(&self, entry: &Entry) -> Place {
        Place::entry(format!("{}{}", self.way, shortened(&entry.name)))
    }

    /// Tells which modules are in the archive; the name of its own.
    fn named(
        &self,
        entries: &[Entry],
        bytes: &mut Bytes<'_>,
        room: &mut Room,
        reading: &mut Reading<'_>,
    ) -> Option<String> {
        let mut modules: Vec<(Place, Module)> = Vec::new();
        for entry in entries.iter().filter(|entry| is_properties(&entry.name)) {
            let module =
                entry.read(bytes, MOST_SMALL, room).and_then(|content| Module::of_properties(&content));
            match module {
                Ok(module) => modules.push((self.place(entry), module)),
                Err(why) => reading.problem(&self.place(entry), &why),
            }
        }
        let file = Name::of(&self.name);
        let own = file.own(modules.iter().map(|(_, module)| module));
        let own_name = own.and_then(|own| modules.get(own)).map(|(_, module)| module.name());
        for (number, (place, module)) in modules.iter().enumerate() {
            let is_own = own == Some(number);
            let by =
                if is_own { self.parent.as_deref() } else { own_name.as_deref().or(self.parent.as_deref()) };
            let component = module.component().map(|component| self.about(component, is_own, by));
            reading.add(place.clone(), component);
        }
        if own_name.is_some() {
            return own_name;
        }
        if self.deep == 0
            && let Some(module) = Module::of_place(&self.name, reading)
        {
            let component = module.component().map(|component| self.about(component, true, None));
            reading.add(Place::Whole, component);
            return Some(module.name());
        }
        let manifest = entries.iter().find(|entry| entry.name.eq_ignore_ascii_case("META-INF/MANIFEST.MF"));
        let content = manifest.and_then(|entry| entry.read(bytes, MOST_SMALL, room).ok()).unwrap_or_default();
        let guess = file.guess(&Manifest::of(&content))?;
        let place = match (manifest, self.way.is_empty()) {
            (Some(manifest), _) => self.place(manifest),
            (None, true) => Place::Whole,
            (None, false) => Place::entry(self.way.trim_end_matches('!')),
        };
        let component =
            guess.component().map(|component| self.about(component, true, self.parent.as_deref()));
        reading.add(place, component);
        Some(guess.name())
    }

    /// A component with what the archive tells of it.
    fn about(&self, component: Component, is_own: bool, by: Option<&str>) -> Component {
        let hash = self.hash.clone().filter(|_| is_own);
        component.scoped(Scope::Runtime).pulled_in_by(by).hashed(hash)
    }
}

/// A path that is no longer than paths are: it stands in front of all that is found behind it.
fn shortened(path: &str) -> &str {
    let end = (0..=path.len().min(LONGEST_PATH)).rev().find(|end| path.is_char_boundary(*end));
    &path[..end.unwrap_or(0)]
}

fn is_archive(name: &str) -> bool {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    end.is_some_and(|end| ARCHIVES.contains(&end.as_str()))
}

fn is_properties(name: &str) -> bool {
    // In an archive that runs itself they may lie deeper: `BOOT-INF/classes/META-INF/maven/…`.
    name.ends_with("/pom.properties")
        && (name.starts_with("META-INF/maven/") || name.contains("/META-INF/maven/"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::testing::{Read, read, read_beside};

    /// A ZIP archive of these files, every other one deflated.
    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        let four = |number: usize| u32::try_from(number).expect("few").to_le_bytes();
        let two = |number: usize| u16::try_from(number).expect("few").to_le_bytes();
        for (number, (name, content)) in files.iter().enumerate() {
            let method = if number % 2 == 0 { 8 } else { 0 };
            let mut packed = content.to_vec();
            if method == 8 {
                let mut deflated =
                    flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
                deflated.write_all(content).expect("memory");
                packed = deflated.finish().expect("memory");
            }
            let about = [
                &two(0)[..],
                &two(method),
                &[0; 8],
                &four(packed.len()),
                &four(content.len()),
                &two(name.len()),
            ]
            .concat();
            let at = four(bytes.len());
            directory
                .extend([b"PK\x01\x02\x14\0\x14\0", &about[..], &[0; 12], &at, name.as_bytes()].concat());
            bytes.extend([b"PK\x03\x04\x14\0", &about[..], &two(0), name.as_bytes(), &packed].concat());
        }
        let end = [
            &two(0)[..],
            &two(0),
            &two(files.len()),
            &two(files.len()),
            &four(directory.len()),
            &four(bytes.len()),
            &two(0),
        ];
        bytes.extend(directory);
        bytes.extend(b"PK\x05\x06");
        bytes.extend(end.concat());
        bytes
    }

    fn properties(group: &str, artifact: &str, version: &str) -> String {
        format!("#Generated by Maven\r\nversion={version}\r\ngroupId={group}\r\nartifactId={artifact}\r\n")
    }

    fn places(read: &Read) -> Vec<String> {
        let place =
            |one: &crate::component::Component| one.found.first().map(|found| found.place.to_string());
        read.components.iter().filter_map(place).collect()
    }

    #[test]
    fn what_was_shaded_in_and_what_lies_in_an_archive_is_found_with_its_way() {
        let text = properties("org.apache.commons", "commons-text", "1.9");
        let inner = zip(&[
            ("META-INF/maven/org.apache.commons/commons-text/pom.properties", text.as_bytes()),
            ("META-INF/MANIFEST.MF", b"Implementation-Version: 9\n"),
        ]);
        let (app, shaded) =
            (properties("com.example", "app", "1.0"), properties("com.google.guava", "guava", "31.1-jre"));
        let plain = zip(&[("A.class", b"x")]);
        let outer = zip(&[
            ("META-INF/maven/com.example/app/pom.properties", app.as_bytes()),
            ("META-INF/maven/com.google.guava/guava/pom.properties", shaded.as_bytes()),
            ("BOOT-INF/lib/commons-text-1.9.jar", &inner),
            ("BOOT-INF/lib/plain-2.0.jar", &plain),
        ]);
        // A script in front runs it.
        for front in [&b""[..], b"#!/bin/sh\nexec java -jar $0\n"] {
            let read = read("app-1.0.jar", &[front, &outer].concat());
            assert_eq!(read.unread, []);
            assert_eq!(
                read.components.iter().map(|one| one.purl.as_str()).collect::<Vec<_>>(),
                [
                    "pkg:maven/com.example/app@1.0",
                    "pkg:maven/com.google.guava/guava@31.1-jre",
                    "pkg:maven/org.apache.commons/commons-text@1.9",
                    "pkg:maven/plain/plain@2.0",
                ]
            );
            let text = read.component("pkg:maven/org.apache.commons/commons-text@1.9");
            assert!(text.pulled_in_by.names.iter().eq(["com.example:app"]) && text.hashes.len() == 1);
            let guava = read.component("pkg:maven/com.google.guava/guava@31.1-jre");
            assert!(guava.pulled_in_by.names.iter().eq(["com.example:app"]) && guava.hashes.is_empty());
            assert_eq!(
                places(&read)[2..],
                [
                    "BOOT-INF/lib/commons-text-1.9.jar!META-INF/maven/org.apache.commons/commons-text/pom.properties",
                    "BOOT-INF/lib/plain-2.0.jar",
                ]
            );
        }
    }

    #[test]
    fn without_properties_the_repository_then_the_manifest_then_the_name_tells() {
        let manifest = b"Manifest-Version: 1.0\r\nImplementation-Vendor-Id: org.example.pro\r\n ject\r\nImplementation-Version: 3.1\r\n\r\nName: x\r\n";
        let jar = zip(&[("META-INF/MANIFEST.MF", manifest)]);
        assert_eq!(read("lib/tool.jar", &jar).purls(), ["pkg:maven/org.example.project/tool@3.1"]);
        let bare = zip(&[("A.class", b"x")]);
        assert_eq!(read("lib/junit-4.12.jar", &bare).purls(), ["pkg:maven/junit/junit@4.12"]);
        assert!(read("lib/nameless.jar", &bare).purls().is_empty());
        let pom = b"<project><parent><groupId>org.hamcrest</groupId></parent><artifactId>hamcrest</artifactId></project>";
        let path = "m2/org/hamcrest/hamcrest/3.0/hamcrest-3.0.jar";
        let files = [(path, bare.as_slice()), ("m2/org/hamcrest/hamcrest/3.0/hamcrest-3.0.pom", pom)];
        assert_eq!(read_beside(path, &files).purls(), ["pkg:maven/org.hamcrest/hamcrest@3.0"]);
        let cached = "caches/modules-2/files-2.1/org.hamcrest/hamcrest/3.0/0a1b/hamcrest-3.0.jar";
        assert_eq!(read(cached, &bare).purls(), ["pkg:maven/org.hamcrest/hamcrest@3.0"]);
    }

    #[test]
    fn bombs_and_archives_in_archives_without_end_are_told() {
        let mut nested = zip(&[("a.txt", b"x")]);
        for _ in 0..12 {
            nested = zip(&[("inner-1.0.jar", &nested)]);
        }
        let read_deep = read("outer-1.0.jar", &nested);
        assert!(read_deep.unread.iter().any(|one| one.why.contains("nested too deep")), "{read_deep:?}");
        let zeros = vec![0; 65 << 20];
        let bomb = read("bomb-1.0.jar", &zip(&[("inner-1.0.jar", &zeros)]));
        assert!(bomb.unread.iter().any(|one| one.why.contains("expected at most")), "{:?}", bomb.unread);
        // A size that lies.
        let mut lying = zip(&[("META-INF/maven/a/b/pom.properties", &zeros[..2 << 20])]);
        let at = memchr::memmem::rfind(&lying, b"PK\x01\x02").expect("an entry") + 24;
        lying[at..at + 4].copy_from_slice(&9_u32.to_le_bytes());
        let lying = read("lying-1.0.jar", &lying);
        assert!(
            lying.unread.iter().any(|one| one.why.contains("more than 1048576 bytes")),
            "{:?}",
            lying.unread
        );
    }

    #[test]
    fn what_is_no_archive_is_told_and_one_cut_anywhere_does_no_harm() {
        assert!(read("a-1.jar", b"nothing").unread[0].why.contains("no directory of a ZIP"));
        let whole = zip(&[
            ("META-INF/maven/a/b/pom.properties", properties("a", "b", "1").as_bytes()),
            ("b.jar", b"x"),
        ]);
        for end in 0..whole.len() {
            assert!(read("b-1.jar", &whole[..end]).components.len() <= 1);
        }
        for at in 0..whole.len() {
            let mut odd = whole.clone();
            odd[at] ^= 0xff;
            assert!(read("b-1.jar", &odd).components.len() <= 2);
        }
    }
}

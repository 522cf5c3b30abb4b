//! An image of a container: an OCI layout in a folder or an archive, an archive of `docker save`, or the archive of a
//! root file system.
//!
//! Layers are streamed, several at a time, and laid over each other in their order. Nothing is unpacked to the disk: of
//! each entry only its name is held, and the content of the files that a format claims, up to a bound. What is asked for
//! beyond that is read from its layer again, a few times.

mod blobs;
mod choice;
mod layer;
mod manifest;
mod platform;
#[cfg(test)]
mod testing;
mod tree;

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use floodmark_case::{ReadSource, Unread};

use self::blobs::Blobs;
use self::choice::{Choice, Part, choose, differs};
use self::layer::{Hashed, Job, Layer};
pub use self::platform::{Platform, PlatformError};
use self::tree::{File, Folder, Node};
use super::{Met, Target, Wanted, shown};

/// How many bytes of files are kept.
const KEPT_BYTES: u64 = 1 << 30;

/// How many files that were not kept are read from their layers again.
const MOST_REREAD: usize = 64;

/// What is asked of an image.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The platform, if one was named.
    pub(crate) platform: Option<&'a Platform>,
    /// Which files are kept.
    pub(crate) keep: Keep<'a>,
    /// How many layers are read at a time.
    pub(crate) threads: NonZero<usize>,
}

/// Which files are kept with their content.
#[derive(Clone, Copy)]
pub(crate) struct Keep<'a> {
    /// Whether that at a path is.
    pub(crate) at: &'a (dyn Fn(&str) -> Wanted + Sync),
    /// Whether one that is wanted for its content is, by its first bytes.
    pub(crate) beginning: &'a (dyn Fn(&[u8]) -> bool + Sync),
}

/// An image whose layers were read.
#[derive(Debug)]
pub(crate) struct Image {
    blobs: Blobs,
    parts: Vec<Part>,
    /// The digests of the parts.
    digests: Vec<Option<Arc<str>>>,
    files: Folder,
    read: Vec<ReadSource>,
    unread: Vec<Unread>,
    reread: AtomicUsize,
}

impl Image {
    /// The image at a path; `None` if there is something else.
    pub(crate) fn open(path: &Path, asked: Asked<'_>) -> io::Result<Option<Self>> {
        let Some(blobs) = Blobs::at(path)? else { return Ok(None) };
        let Choice { layers: parts, read, unread } = choose(&blobs, asked.platform);
        let digest = |part: &Part| part.digest.as_ref().map(|digest| Arc::from(digest.as_str()));
        let digests = parts.iter().map(digest).collect();
        let (files, reread) = (Folder::default(), AtomicUsize::new(0));
        let mut image = Self { blobs, parts, digests, files, read, unread, reread };
        for (number, layer) in image.layers(asked) {
            image.lay(number, layer);
        }
        Ok(Some(image))
    }

    /// The layers, read as many at a time as there are threads; or one after the other, if they come only so.
    fn layers(&self, asked: Asked<'_>) -> BTreeMap<usize, io::Result<Layer>> {
        let room = KEPT_BYTES / self.parts.len().max(1) as u64;
        let job = |number: usize| Job { number, keep: asked.keep, room, hashed: self.parts[number].hashed };
        let mut passing: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, part) in self.parts.iter().enumerate() {
            passing
                .entry(part.name.as_deref().map_or(String::new(), |name| self.blobs.real(name)))
                .or_default()
                .push(number);
        }
        let mut done = BTreeMap::new();
        // If it ends with an error, whoever opens what stands behind that below is told.
        let _ = self.blobs.in_passing(&mut |name, mut stream| {
            // A layer that comes twice is read again below.
            if let Some(number) = passing.get(name).and_then(|numbers| numbers.first()) {
                done.entry(*number).or_insert_with(|| Ok(layer::read(&mut stream, job(*number))));
            }
        });
        let (next, done) = (AtomicUsize::new(0), Mutex::new(done));
        thread::scope(|scope| {
            for _ in 0..asked.threads.get().min(self.parts.len()) {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(part) = self.parts.get(number) else { return };
                        if done.lock().is_ok_and(|done| done.contains_key(&number)) {
                            continue;
                        }
                        let layer = self.stream(part).map(|stream| layer::read(stream, job(number)));
                        if let Ok(mut done) = done.lock() {
                            done.insert(number, layer);
                        }
                    }
                });
            }
        });
        done.into_inner().unwrap_or_default()
    }

    fn stream(&self, part: &Part) -> io::Result<Box<dyn Read + Send + '_>> {
        match &part.name {
            Some(name) => self.blobs.open(name),
            None => Ok(Box::new(self.blobs.whole()?)),
        }
    }

    /// Lays a layer over those before it.
    fn lay(&mut self, number: usize, layer: io::Result<Layer>) {
        let part = &self.parts[number];
        let name = part.name.clone();
        let called = self.digests[number].as_deref().map(ToOwned::to_owned).or_else(|| name.clone());
        let at = |path: Option<String>| match (&called, path) {
            (Some(layer), Some(path)) => format!("{layer}: {path}"),
            (Some(layer), None) => layer.clone(),
            (None, path) => path.unwrap_or_else(|| "the archive".to_owned()),
        };
        let mut tell = |path: Option<String>, why: String| {
            self.unread.push(Unread { path: at(path), why, incomplete: true });
        };
        let layer = match layer {
            Ok(layer) => layer,
            Err(error) => return tell(None, format!("is a layer that cannot be read: {error}")),
        };
        for (path, why) in layer.problems {
            tell(path, why);
        }
        if let Some(evidence) = layer.evidence {
            if let Some(why) = part.digest.as_ref().and_then(|digest| differs(digest, evidence)) {
                tell(None, why);
            }
            let path = name.unwrap_or_else(|| "the archive".to_owned());
            let (kind, bytes, records) = ("image-layer".to_owned(), layer.bytes, layer.entries);
            self.read.push(ReadSource { path, evidence, kind, bytes, records, window: None });
        }
        for path in self.files.lay(layer.files) {
            tell(Some(path), "lies behind a symbolic link that leads out of the image or nowhere".to_owned());
        }
    }

    /// A file that was not kept.
    fn read_again(&self, file: &File) -> io::Result<Vec<u8>> {
        if self.reread.fetch_add(1, Ordering::Relaxed) >= MOST_REREAD {
            let why = format!("is one of more than {MOST_REREAD} files that are not kept of their layers");
            return Err(io::Error::other(why));
        }
        let part = self.parts.get(file.layer).ok_or(io::ErrorKind::NotFound)?;
        layer::content(self.stream(part)?, file.entry)
    }
}

/// Reads bytes as a layer, twice over, lays both over each other, and opens every file.
pub(crate) fn read_layer(bytes: &[u8]) {
    let keep = Keep { at: &|_| Wanted::ByPath, beginning: &|_| true };
    let job = Job { number: 0, keep, room: KEPT_BYTES, hashed: Hashed::Stored };
    let mut files = Folder::default();
    for _ in 0..2 {
        files.lay(layer::read(bytes, job).files);
    }
    files.walk(&mut |path, _| drop(files.find(path)));
}

impl Target for Image {
    fn walk(&self, wanted: &dyn Fn(&str) -> Wanted, visit: &mut dyn FnMut(Met)) {
        self.files.walk(&mut |path, node| {
            let found = match (wanted(path), node) {
                (Wanted::ByPath, Node::Link(_)) => self.files.find(path),
                (Wanted::ByPath, node) => Ok(node),
                (Wanted::ByContent, Node::File(file)) if !file.is_unclaimed => Ok(node),
                (Wanted::ByContent | Wanted::No, _) => return,
            };
            let unread = match found {
                Ok(Node::File(_)) => return visit(Met::File(path.into())),
                Ok(Node::Special) => "is a FIFO, socket or device; expected a file".to_owned(),
                Ok(_) => return,
                Err(error) => error.to_string(),
            };
            visit(Met::Unread(path.into(), unread));
        });
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        let Node::File(file) = self.files.find(&shown(path))? else {
            return Err(io::Error::other("is no file"));
        };
        match &file.kept {
            Some(bytes) => Ok(Box::new(Cursor::new(Arc::clone(bytes)))),
            None => Ok(Box::new(Cursor::new(self.read_again(file)?))),
        }
    }

    fn opened(&self) -> (Vec<ReadSource>, Vec<Unread>) {
        (self.read.clone(), self.unread.clone())
    }

    fn layer(&self, path: &Path) -> Option<Arc<str>> {
        match self.files.find(&shown(path)) {
            Ok(Node::File(file)) => self.digests.get(file.layer).cloned().flatten(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use floodmark_intel::compromise::Compromises;

    use super::super::tar::testing::{archive, entry, file};
    use super::testing::{Kept, gzip, layout, met, open, saved, sha256, unread};
    use super::*;

    /// Two layers: the second replaces a file, takes one away, and hides a folder.
    fn layers() -> Vec<Vec<u8>> {
        let base = [
            file("./usr/lib/os-release", b"ID=debian\n"),
            entry("etc/os-release", b'2', "../usr/lib/os-release", b""),
            file("var/lib/dpkg/status", b"old"),
            file("app/a.lock", b"a"),
            file("app/b.lock", b"b"),
            file("src/c.lock", b"c"),
            entry("hard.lock", b'1', "app/a.lock", b""),
        ];
        let upper = [
            file("var/lib/dpkg/status", b"new"),
            file("app/.wh.b.lock", b""),
            file("src/.wh..wh..opq", b""),
            file("src/d.lock", b"d"),
        ];
        vec![archive(&base), archive(&upper)]
    }

    fn content(image: &Image, path: &str) -> String {
        let mut text = String::new();
        image.open(path.as_ref()).expect(path).read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn every_form_of_an_image_holds_the_same_files_of_the_same_layers() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        layout(&root.join("layout"), &[("linux/amd64", &layers())]);
        fs::write(root.join("saved.tar"), saved(&layers())).expect("a file");
        fs::write(root.join("saved.tar.gz"), gzip(&saved(&layers()))).expect("a file");
        for form in ["layout", "saved.tar", "saved.tar.gz"] {
            let image = open(&root.join(form), None, Kept::Wanted);
            assert_eq!(unread(&image), Vec::<String>::new(), "{form}");
            assert_eq!(
                met(&image),
                ["app/a.lock", "hard.lock", "src/d.lock", "var/lib/dpkg/status"],
                "{form}"
            );
            assert_eq!(content(&image, "var/lib/dpkg/status"), "new");
            assert_eq!(content(&image, "hard.lock"), "a");
            assert_eq!(content(&image, "etc/os-release"), "ID=debian\n");
            let digests: Vec<_> = layers().iter().map(|layer| sha256(layer)).collect();
            let of = |path: &str| image.layer(path.as_ref()).expect("a layer").to_string();
            assert_eq!(
                (of("app/a.lock"), of("src/d.lock")),
                (digests[0].clone(), digests[1].clone()),
                "{form}"
            );
            let kinds: Vec<_> = image.read.iter().map(|read| (read.kind.as_str(), read.records)).collect();
            assert_eq!(kinds[kinds.len() - 2..], [("image-layer", 7), ("image-layer", 4)], "{form}");
        }
        fs::write(root.join("root.tar"), &layers()[0]).expect("a file");
        let image = open(&root.join("root.tar"), None, Kept::Wanted);
        assert_eq!((met(&image).len(), unread(&image).len()), (5, 0));
        assert_eq!(image.layer("app/a.lock".as_ref()), None);
    }

    #[test]
    fn a_component_is_cited_with_its_layer_whatever_the_number_of_threads() {
        let status = "Package: a\nVersion: 1\nArchitecture: all\nSource: b (2)\n";
        let base = archive(&[file("etc/os-release", b"ID=debian\nVERSION_ID=12\n")]);
        let upper = archive(&[file("var/lib/dpkg/status", status.as_bytes())]);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("image.tar");
        fs::write(&path, saved(&[base, upper.clone()])).expect("a file");
        let scanned = |threads: usize| {
            crate::scan(&crate::Request {
                target: path.clone(),
                pulled: None,
                knowledge: crate::Knowledge { advisories: None, compromises: Compromises::shipped() },
                choices: crate::Choices::default(),
                platform: None,
                threads: NonZero::new(threads).expect("threads"),
                progress: crate::Progress::default(),
            })
        };
        let answer = scanned(1);
        assert_eq!(answer.coverage.unread, []);
        let [component] = &answer.inventory.components[..] else { panic!("{answer:#?}") };
        assert_eq!(component.purl, "pkg:deb/debian/a@1?arch=all&distro=debian-12&upstream=b%402");
        assert_eq!(component.found[0].layer.as_deref(), Some(&*sha256(&upper)));
        assert_eq!(component.source.as_ref().map(|source| source.version.as_str()), Some("2"));
        assert_eq!(answer, scanned(4));
    }

    #[test]
    fn a_file_that_no_path_claims_is_kept_for_what_it_begins_with() {
        let folder = tempfile::tempdir().expect("a folder");
        let long = [b"\x7fELF".as_slice(), &[7; 3_000]].concat();
        let layer = archive(&[
            file("a.bin", &long),
            file("b.bin", b"#!/bin/sh"),
            file("c.bin", b""),
            entry("d.bin", b'2', "a.bin", b""),
        ]);
        layout(folder.path(), &[("linux/amd64", &[layer])]);
        let image = open(folder.path(), None, Kept::Wanted);
        assert_eq!((met(&image), unread(&image)), (vec!["a.bin".to_owned()], Vec::new()));
        let mut content = Vec::new();
        image.open("a.bin".as_ref()).expect("kept").read_to_end(&mut content).expect("bytes");
        assert_eq!(content, long);
    }

    #[test]
    fn what_was_not_kept_is_read_from_its_layer_again_a_few_times() {
        let folder = tempfile::tempdir().expect("a folder");
        layout(folder.path(), &[("linux/amd64", &layers())]);
        let image = open(folder.path(), None, Kept::Nothing);
        for _ in 0..MOST_REREAD {
            assert_eq!(content(&image, "hard.lock"), "a");
        }
        let why = image.open("hard.lock".as_ref()).map(drop).expect_err("too often").to_string();
        assert_eq!(why, "is one of more than 64 files that are not kept of their layers");
    }

    #[test]
    fn the_image_of_the_platform_is_taken_and_the_others_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let arm = vec![archive(&[file("arm.lock", b"")])];
        layout(
            folder.path(),
            &[("linux/arm64/v8", &arm), ("linux/amd64", &layers()), ("unknown/unknown", &arm)],
        );
        let image = open(folder.path(), None, Kept::Wanted);
        assert_eq!(met(&image).len(), 4);
        let told = image.unread.iter().map(|one| (one.path.as_str(), one.incomplete)).collect::<Vec<_>>();
        assert_eq!(told, [("the image for linux/arm64/v8", false)]);
        let arm: Platform = "linux/arm64".parse().expect("a platform");
        assert_eq!(met(&open(folder.path(), Some(&arm), Kept::Wanted)), ["arm.lock"]);
        let other: Platform = "linux/s390x".parse().expect("a platform");
        let none = open(folder.path(), Some(&other), Kept::Wanted);
        assert_eq!(
            unread(&none),
            [
                "the image: has no image for linux/s390x; it has the image for linux/arm64/v8, the image for linux/amd64"
            ]
        );
    }

    #[test]
    fn entries_that_reach_out_of_the_image_or_are_no_files_are_told_and_the_rest_is_read() {
        let deep = "d/".repeat(40);
        let layer = archive(&[
            file("../../etc/cron.d/x.lock", b"out"),
            file("/absolute.lock", b"in"),
            entry("device.lock", b'3', "", b""),
            entry("out.lock", b'2', "../../../etc/passwd", b""),
            entry("round.lock", b'2', "round.lock", b""),
            entry("hard.lock", b'1', "../../etc/shadow", b""),
            entry("gone", b'2', "../..", b""),
            file("gone/a.lock", b""),
            entry("holes.lock", b'S', "", b""),
            file(&format!("{deep}{}", "e.lock"), b""),
            file("good.lock", b"good"),
        ]);
        let folder = tempfile::tempdir().expect("a folder");
        layout(folder.path(), &[("linux/amd64", std::slice::from_ref(&layer))]);
        let image = open(folder.path(), None, Kept::Wanted);
        assert_eq!(met(&image), ["absolute.lock", &format!("{deep}e.lock"), "good.lock"]);
        let layer = sha256(&layer);
        let mut expected = [
            format!(
                "{layer}: ../../etc/cron.d/x.lock: has a path with `..`; expected one that stays in the image"
            ),
            format!(
                "{layer}: gone/a.lock: lies behind a symbolic link that leads out of the image or nowhere"
            ),
            format!("{layer}: hard.lock: is a hard link out of the image"),
            format!("{layer}: holes.lock: is stored with holes; expected a whole file"),
            "device.lock: is a FIFO, socket or device; expected a file".to_owned(),
            "out.lock: is a symbolic link that leads out of the image".to_owned(),
            "round.lock: is a symbolic link that leads to others without end".to_owned(),
        ];
        expected.sort();
        assert_eq!(unread(&image), expected);
    }

    #[test]
    fn a_layer_that_is_missing_changed_or_cut_short_is_told_and_the_others_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let third = archive(&[file("z.lock", b"z"), file("cut.lock", &[1; 3000])]);
        let all = [layers(), vec![third.clone()]].concat();
        layout(folder.path(), &[("linux/amd64", &all)]);
        let blob = |bytes: &[u8]| folder.path().join("blobs").join(sha256(bytes).replace(':', "/"));
        fs::remove_file(blob(&all[1])).expect("a blob");
        fs::write(blob(&third), &third[..2000]).expect("a blob");
        let image = open(folder.path(), None, Kept::Wanted);
        assert_eq!(met(&image).len(), 6, "{:?}", met(&image));
        let told = unread(&image);
        assert!(
            told.iter()
                .any(|one| one.starts_with(&format!("{}: is a layer that cannot be read", sha256(&all[1]))))
        );
        assert!(
            told.iter().any(|one| one.contains("is cut short; what comes after entry 2 is not read")),
            "{told:#?}"
        );
        assert!(
            told.iter().any(|one| one.contains("has the SHA-256") && one.contains(&sha256(&third))),
            "{told:#?}"
        );
    }

    #[test]
    fn an_archive_cut_short_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let whole = saved(&layers());
        let packed = gzip(&whole);
        assert!(packed.len() > 700, "{} bytes", packed.len());
        for (name, bytes) in [("plain.tar", whole), ("packed.tar", packed)] {
            let path = folder.path().join(name);
            // In a header or in content: an archive may end between entries.
            for end in (0..bytes.len() - 600).step_by(512).map(|block| block + 50) {
                fs::write(&path, &bytes[..end]).expect("a file");
                let keep = Keep { at: &|_| Wanted::ByPath, beginning: &|_| true };
                let asked = Asked { platform: None, keep, threads: NonZero::<usize>::MIN };
                if let Some(image) = Image::open(&path, asked).expect("a file") {
                    assert!(!unread(&image).is_empty(), "{name} cut at {end}");
                }
            }
        }
    }

    #[test]
    fn a_folder_or_file_that_is_no_image_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("index.json"), "{}").expect("a file");
        let keep = Keep { at: &|_| Wanted::ByPath, beginning: &|_| true };
        let asked = Asked { platform: None, keep, threads: NonZero::<usize>::MIN };
        assert!(Image::open(folder.path(), asked).expect("a folder").is_none());
        assert!(Image::open(&folder.path().join("index.json"), asked).expect("a file").is_none());
    }
}

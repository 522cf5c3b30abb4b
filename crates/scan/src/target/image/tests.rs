//! Images of every form, whole and broken.

use std::fs;

use floodmark_case::EvidenceId;
use floodmark_intel::compromise::Compromises;

use super::super::tar::testing::{archive, entry, file};
use super::testing::{Kept, gzip, layout, met, open, saved, sha256, unread};
use super::*;
use crate::read::program_testing::{elf_within, inline};
use crate::read::{Claims, FORMATS};

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
        assert_eq!(met(&image), ["app/a.lock", "hard.lock", "src/d.lock", "var/lib/dpkg/status"], "{form}");
        assert_eq!(content(&image, "var/lib/dpkg/status"), "new");
        assert_eq!(content(&image, "hard.lock"), "a");
        assert_eq!(content(&image, "etc/os-release"), "ID=debian\n");
        let digests: Vec<_> = layers().iter().map(|layer| sha256(layer)).collect();
        let of = |path: &str| image.layer(path.as_ref()).expect("a layer").to_string();
        assert_eq!((of("app/a.lock"), of("src/d.lock")), (digests[0].clone(), digests[1].clone()), "{form}");
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
            revision: None,
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
fn of_what_was_not_kept_the_first_in_the_order_of_layers_are_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let names: Vec<String> = (0..=MOST_REREAD).rev().map(|number| format!("{number:02}.lock")).collect();
    let entries: Vec<_> = names.iter().map(|name| file(name, name.as_bytes())).collect();
    let (below, above) = entries.split_at(40);
    layout(folder.path(), &[("linux/amd64", &[archive(below), archive(above)])]);
    let image = open(folder.path(), None, Kept::Nothing);
    let (last, first) = names.split_last().expect("some");
    for name in first.iter().chain(first) {
        assert_eq!(content(&image, name), *name);
    }
    let why = image.open(last.as_ref()).map(drop).expect_err("too many").to_string();
    assert!(why.starts_with("is not kept of its layer"), "{why}");
    assert!(image.has(last.as_ref()) && !image.has("other.lock".as_ref()));
}

#[test]
fn of_a_program_what_its_reader_looks_at_is_held_wherever_that_lies() {
    let large = elf_within(6 << 20, Some(".go.buildinfo"), &inline());
    let silent = elf_within(6 << 20, Some(".text"), b"code");
    let small = elf_within(0, Some(".go.buildinfo"), &inline());
    let layer = archive(&[file("bin/large", &large), file("bin/silent", &silent), file("bin/small", &small)]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("image.tar");
    fs::write(&path, gzip(&saved(&[layer]))).expect("a file");
    let claims = Claims::of(FORMATS);
    let claim = |path: &str, first: &[u8]| match claims.format(path).or_else(|| claims.format_of(first)) {
        Some(format) => Claim::Inside(format),
        None => Claim::Nobody,
    };
    let keep = Keep { at: &|path| claims.wants(path), claim: &claim, room: 1 << 20 };
    let asked = Asked { platform: None, keep, threads: NonZero::<usize>::MIN };
    let image = Image::open(&path, asked).expect("a file").expect("an image");
    let held = image.kept.values().map(|kept| match kept {
        layer::Kept::Pieces(pieces) => pieces.bytes(),
        _ => 0,
    });
    assert!(held.sum::<u64>() < 5000 && image.kept.len() == 3);
    let mut met = Vec::new();
    image.walk(&|path| claims.wants(path), &mut |one| met.push(one));
    let [Met::File(large_at), Met::File(small_at)] = &met[..] else { panic!("{met:?}") };
    for (path, whole) in [(large_at, &large), (small_at, &small)] {
        let format = claims.format_of(b"\x7fELF").expect("programs");
        let outcome = crate::read::read(&image, path, format);
        assert_eq!((outcome.components.len(), outcome.unread), (5, Vec::new()), "{}", path.display());
        assert_eq!(outcome.read[0].evidence, EvidenceId::of(whole));
        assert_eq!(outcome.read[0].bytes, whole.len() as u64);
    }
}

#[test]
fn the_image_of_the_platform_is_taken_and_the_others_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let arm = vec![archive(&[file("arm.lock", b"")])];
    layout(folder.path(), &[("linux/arm64/v8", &arm), ("linux/amd64", &layers()), ("unknown/unknown", &arm)]);
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
        format!("{layer}: gone/a.lock: lies behind a symbolic link that leads out of the image or nowhere"),
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
            let keep = Keep { at: &|_| Wanted::ByPath, claim: &|_, _| Claim::Whole, room: 1 << 20 };
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
    let keep = Keep { at: &|_| Wanted::ByPath, claim: &|_, _| Claim::Whole, room: 1 << 20 };
    let asked = Asked { platform: None, keep, threads: NonZero::<usize>::MIN };
    assert!(Image::open(folder.path(), asked).expect("a folder").is_none());
    assert!(Image::open(&folder.path().join("index.json"), asked).expect("a file").is_none());
}

//! Importing: every form in which others publish, told by its content, and nothing lost in silence.

mod absurd;
mod archive;
mod scene;

use std::collections::BTreeMap;
use std::io::Write;

use floodmark_intel::database::{Epss, SourceKind};
use floodmark_intel::read::Format;

use archive::{Packing, zip};
use scene::{Scene, osv};

const EPSS: &str =
    "#model_version:v2025.03.14,score_date:2026-03-23T12:55:00Z\ncve,epss,percentile\nCVE-2026-1,0.5,0.99\n";
const KEV: &str = r#"{"title":"t","catalogVersion":"2026.03.23","dateReleased":"2026-03-23T14:00:00Z","count":1,
    "vulnerabilities":[{"cveID":"CVE-2026-1","vendorProject":"v","product":"p","vulnerabilityName":"n",
    "dateAdded":"2026-03-23","requiredAction":"a","dueDate":"2026-04-13","knownRansomwareCampaignUse":"Unknown"}]}"#;

#[test]
fn every_form_is_told_by_its_content_and_not_by_its_name() {
    let scene = Scene::new();
    scene.write("around/in/PyPI/all.zip", zip(&[("X-1.json", &osv("X-1", "a"), Packing::Deflated)]));
    scene.write("around/in/notes.txt", osv("X-2", "b"));
    scene.write(
        "around/in/deep/er/advisory.json",
        "id: X-3\naffected:\n- package: {ecosystem: PyPI, name: c}\n  versions: ['1']\n",
    );
    scene.write("around/in/kev.bin", KEV);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(EPSS.as_bytes()).expect("in memory");
    scene.write("around/in/scores", gzip.finish().expect("in memory"));
    scene.write("around/in/README.md", "# About\n");
    scene.write("around/in/.git/config", osv("X-9", "z"));
    let report = scene.import("around/in");
    assert_eq!(report.unread, []);
    let passed: Vec<_> = report.passed_over.iter().map(|line| scene.relative(&line.path)).collect();
    assert_eq!(passed, ["around/in/README.md"]);
    let given: BTreeMap<_, _> =
        report.given.iter().map(|given| (given.source.as_str(), (given.format, given.records))).collect();
    let expected = [
        ("around/in", (Format::Osv, 2)),
        ("PyPI/all.zip", (Format::Zip, 1)),
        ("in/kev.bin", (Format::Kev, 1)),
        ("in/scores", (Format::Epss, 1)),
    ];
    assert_eq!(given, BTreeMap::from(expected));
    let database = scene.database();
    let kinds: Vec<_> = database.status().sources.iter().map(|one| (one.name.as_str(), one.kind)).collect();
    assert_eq!(kinds, [("PyPI/all.zip", SourceKind::Archive), ("around/in", SourceKind::Folder)]);
    assert!(database.kev("CVE-2026-1").expect("asked").is_some_and(|kev| !kev.ransomware));
    let epss = database.epss("CVE-2026-1").expect("asked");
    assert_eq!(epss, Some(Epss { score: 50_000, percentile: 99_000 }));
    assert_eq!(database.status().epss.as_ref().map(|one| one.date.as_str()), Some("2026-03-23T12:55:00Z"));
    assert_eq!(database.advisory("X-9").expect("asked"), []);
}

#[test]
fn a_damaged_entry_is_told_with_its_place_and_the_others_are_read() {
    let scene = Scene::new();
    let bomb = " ".repeat(65 << 20);
    scene.write(
        "all.zip",
        zip(&[
            ("X-1.json", &osv("X-1", "a"), Packing::Deflated),
            ("broken.json", "{\"id\":", Packing::Stored),
            ("none.json", "{}", Packing::Stored),
            ("text.txt", "hello", Packing::Stored),
            ("kev.json", KEV, Packing::Deflated),
            ("secret.json", &osv("X-2", "b"), Packing::Encrypted),
            ("odd.json", &osv("X-3", "b"), Packing::Method(93)),
            ("crc.json", &osv("X-4", "b"), Packing::WrongChecksum),
            ("bomb.json", &bomb, Packing::Deflated),
            ("liar.json", &osv("X-5", "b"), Packing::WrongSize),
            ("beyond.json", &osv("X-6", "b"), Packing::Beyond),
            ("folder/", "", Packing::Stored),
            ("../../X-7.json", &osv("X-7", "b"), Packing::Deflated),
        ]),
    );
    let report = scene.import("all.zip");
    let unread: Vec<_> = report
        .unread
        .iter()
        .map(|line| (line.path.rsplit('!').next().unwrap_or_default(), line.why.as_str()))
        .collect();
    let expected = [
        ("broken.json", "it is no JSON: EOF while parsing a value at line 1 column 6"),
        ("none.json", "it has no \"id\": expected an advisory of OSV"),
        ("text.txt", "it is no advisory: expected JSON or YAML of OSV"),
        ("kev.json", "it is no advisory: expected only advisories in an archive"),
        ("secret.json", "it is encrypted"),
        ("odd.json", "it is packed by method 93: expected stored or deflated"),
        ("crc.json", "it is damaged: its checksum is another"),
        ("bomb.json", "it comes to more than 67108864 bytes"),
        ("liar.json", "it is damaged: its size is another"),
        ("beyond.json", "it is damaged: it stands behind the end"),
    ];
    assert_eq!(unread, expected);
    assert_eq!(report.given[0].records, 2);
    assert_eq!(scene.database().advisory("X-7").expect("asked").len(), 1);
    assert_eq!(scene.files_outside(), Vec::<String>::new(), "no entry is written anywhere");
}

#[test]
fn an_archive_that_is_cut_short_leaves_what_it_gave_before() {
    let scene = Scene::new();
    let whole = zip(&[
        ("X-1.json", &osv("X-1", "a"), Packing::Deflated),
        ("X-2.json", &osv("X-2", "a"), Packing::Deflated),
    ]);
    scene.write("all.zip", &whole);
    scene.import("all.zip");
    for cut in [0, 3, 10, whole.len() / 2, whole.len() - 1] {
        scene.write("all.zip", &whole[..cut]);
        let report = scene.import("all.zip");
        assert_eq!((report.given.len(), report.unread.len()), (0, 1), "{cut}: {report:?}");
        assert_eq!(scene.database().status().counts.all(), 2, "{cut}");
    }
}

#[test]
fn importing_a_source_again_replaces_what_it_gave() {
    let scene = Scene::new();
    scene.write("PyPI/all.zip", zip(&[("X-1.json", &osv("X-1", "a"), Packing::Deflated)]));
    scene.write("other/X-2.json", osv("X-2", "a"));
    scene.import("PyPI/all.zip");
    scene.import("other");
    scene.write("PyPI/all.zip", zip(&[("X-3.json", &osv("X-3", "a"), Packing::Stored)]));
    scene.import("PyPI/all.zip");
    let known = |id: &str| !scene.database().advisory(id).expect("asked").is_empty();
    assert_eq!([known("X-1"), known("X-2"), known("X-3")], [false, true, true]);
}

#[test]
fn two_records_of_one_id_in_one_source_are_one_and_told() {
    let scene = Scene::new();
    let newer = osv("X-1", "new").replace("2026-01-01", "2026-02-02");
    for entries in [[osv("X-1", "old"), newer.clone()], [newer, osv("X-1", "old")]] {
        let [one, other] = &entries;
        scene.write("all.zip", zip(&[("a", one, Packing::Stored), ("a", other, Packing::Deflated)]));
        let report = scene.import("all.zip");
        assert_eq!((report.given[0].records, report.given[0].repeated), (2, 1));
        let record = scene.database().advisory("X-1").expect("asked").remove(0);
        assert_eq!(record.advisory.affected[0].package.as_ref().expect("one").name.as_ref(), "new");
    }
}

#[test]
fn an_older_catalogue_does_not_replace_a_newer_one() {
    let scene = Scene::new();
    scene.write("kev.json", KEV);
    scene
        .write("old.json", KEV.replace("2026-03-23T14", "2025-03-23T14").replace("CVE-2026-1", "CVE-2025-1"));
    for order in [["kev.json", "old.json"], ["old.json", "kev.json"]] {
        scene.clear();
        for path in order {
            scene.import(path);
        }
        assert!(scene.database().kev("CVE-2026-1").expect("asked").is_some());
        assert!(scene.database().kev("CVE-2025-1").expect("asked").is_none());
    }
}

#[test]
fn a_path_that_is_not_there_or_no_file_is_told() {
    let scene = Scene::new();
    scene.write("empty", "");
    scene.write("report.yaml", "id: GO-2020-0001\nmodules:\n- module: example.org/a\n");
    for (path, why) in [
        ("none", "No such file or directory (os error 2)"),
        ("/dev/null", "it is neither a file nor a folder"),
        ("empty", "it is empty"),
        ("report.yaml", "it is a report of Go's vulnerability database"),
    ] {
        let report = scene.import(path);
        assert!(report.unread[0].why.starts_with(why), "{report:?}");
    }
}

#[test]
fn links_and_depth_in_folders_are_told_and_not_followed() {
    let scene = Scene::new();
    scene.write("in/X-1.json", osv("X-1", "a"));
    scene.write("in/intel.db.stage", [b"SQLite format 3\0".as_slice(), &vec![0; 65 << 20]].concat());
    std::os::unix::fs::symlink("..", scene.path("in/loop")).expect("a link");
    scene.write(&format!("in/{}X-2.json", "d/".repeat(40)), osv("X-2", "a"));
    let report = scene.import("in");
    let mut why: Vec<_> = report.passed_over.iter().map(|line| line.why.as_str()).collect();
    why.sort_unstable();
    assert_eq!(report.unread, []);
    assert_eq!(
        why,
        ["it is a database of SQLite", "it is a link, which is not followed", "it lies too deep"]
    );
    assert_eq!(report.given[0].records, 1);
}

#[test]
fn archives_of_other_tools_are_read_alike() {
    let scene = Scene::new();
    scene.write("X-1.json", osv("X-1", "a"));
    let script = "import zipfile\n\
        with zipfile.ZipFile('large.zip', 'w', zipfile.ZIP_DEFLATED) as z:\n\
        \twith z.open(zipfile.ZipInfo('X-1.json'), 'w', force_zip64=True) as f: f.write(open('X-1.json','rb').read())\n\
        \tz.comment = b'PK\\x05\\x06 is no end'\n\
        open('selfextracting.zip','wb').write(b'#!/bin/sh\\n' + open('large.zip','rb').read())\n";
    let Some(()) = scene.python(script) else {
        eprintln!("SKIPPED: no python3, so only our own archives were read");
        return;
    };
    for archive in ["large.zip", "selfextracting.zip"] {
        scene.clear();
        let path = scene.path(archive);
        let zip =
            floodmark_intel::read::Zip::open(std::fs::File::open(path).expect("made")).expect("an archive");
        let entries: Vec<_> = zip.entries().map(|entry| entry.expect("readable")).collect();
        assert_eq!(entries.len(), 1, "{archive}");
        assert_eq!(zip.read(&entries[0]).expect("whole"), osv("X-1", "a").into_bytes(), "{archive}");
    }
    assert_eq!(scene.import("large.zip").given[0].records, 1);
}

/// One byte changed, one taken away, all behind it gone: at every place of an advisory and of an archive.
#[test]
fn whatever_byte_is_wrong_nothing_panics_and_nothing_is_lost_in_silence() {
    use floodmark_intel::read::{json, osv as read, yaml};

    let advisory = include_str!("../../../../fuzz/seeds/advisory/example.json");
    let as_yaml = include_str!("../../../../fuzz/seeds/advisory/example.yaml");
    for (at, _) in advisory.char_indices() {
        let (before, behind) = advisory.split_at(at);
        for changed in
            [before.to_owned(), format!("{before}{}", &behind[1..]), format!("{before}\u{0}{}", &behind[1..])]
        {
            let _ = json(changed.as_bytes()).map(|tree| read(&tree).map(|(advisory, _)| advisory.gist()));
        }
    }
    for (at, _) in as_yaml.char_indices() {
        let (before, behind) = as_yaml.split_at(at);
        for changed in
            [before.to_owned(), format!("{before}&{}", &behind[1..]), format!("{before}*{}", &behind[1..])]
        {
            let _ = yaml(changed.as_bytes()).map(|tree| read(&tree).map(|(advisory, _)| advisory.gist()));
        }
    }
    let scene = Scene::new();
    let good = zip(&[
        ("a.json", &osv("X-1", "a"), Packing::Deflated),
        ("b.json", &osv("X-2", "b"), Packing::Stored),
    ]);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        scene.write("bad.zip", &bad);
        let file = std::fs::File::open(scene.path("bad.zip")).expect("it was written");
        let Ok(zip) = floodmark_intel::read::Zip::open(file) else { continue };
        let read = zip.entries().filter_map(|entry| zip.read(&entry.ok()?).ok());
        for bytes in read {
            let text = String::from_utf8(bytes).expect("what was written");
            assert!([osv("X-1", "a"), osv("X-2", "b")].contains(&text), "byte {at}: {text}");
        }
    }
}

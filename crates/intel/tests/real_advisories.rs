//! The advisories of others, as they publish them: all are read, and none is lost on the way.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use floodmark_intel::database::{Build, Database};
use floodmark_intel::read::{Import, Report, Zip};

/// Archives with how many entries, withdrawn ones among them, and malicious packages they hold.
const SOURCES: [(&str, u64, u64, u64); 11] = [
    ("AlmaLinux/all.zip", 5_637, 0, 0),
    ("Go/all.zip", 4_291, 17, 0),
    ("PyPI/all.zip", 7_080, 269, 38),
    ("crates.io/all.zip", 1_206, 13, 73),
    ("malicious/Go.zip", 8, 0, 8),
    ("malicious/Maven.zip", 1, 0, 1),
    ("malicious/NuGet.zip", 746, 0, 746),
    ("malicious/PyPI.zip", 9_207, 0, 9_207),
    ("malicious/RubyGems.zip", 815, 0, 815),
    ("malicious/crates.io.zip", 2, 0, 2),
    ("malicious/npm.zip", 22_241, 0, 22_241),
];

fn shared() -> Option<PathBuf> {
    let at = std::env::var_os("FLOODMARK_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let folder = at.join("data/osv");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: {} is not there; set FLOODMARK_SHARED to the folder that holds data/osv",
        folder.display()
    );
    None
}

fn imported(path: &Path, folder: &Path) -> Report {
    let mut build = Build::start(path).expect("begun");
    let mut import = Import::into(&mut build);
    import.read(folder, None).expect("the database can be written");
    let report = import.report();
    build.finish().expect("built");
    report
}

#[test]
fn every_entry_is_in_the_database_or_withdrawn_or_reported() {
    let Some(folder) = shared() else { return };
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("intel.db");
    let report = imported(&path, &folder);
    assert_eq!(report.unread, [], "nothing is lost");
    let database = Database::open(&path).expect("a database");
    let status = database.status();
    assert!(report.doubts.iter().all(|doubt| doubt.id.starts_with("PYSEC-")), "{:?}", report.doubts);
    assert_eq!(report.doubts.len(), 31, "bounds that are no PEP 440 version, such as 0.12.10-NA");

    let found: Vec<_> = status
        .sources
        .iter()
        .map(|one| {
            let records = one.counts.all() + one.withdrawn + one.superseded;
            (one.name.as_str(), records, one.withdrawn, one.counts.malicious)
        })
        .collect();
    assert_eq!(found, SOURCES);
    let repeated: u64 = report.given.iter().map(|given| given.repeated).sum();
    assert_eq!(repeated, 0);

    // Each gave as many records as it has entries, so each entry is there; that its record is found by its id is looked
    // at for every tenth.
    let mut standings: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, records, ..) in SOURCES {
        let zip = Zip::open(File::open(folder.join(name)).expect("it is there")).expect("an archive");
        assert_eq!(zip.count(), records, "{name}");
        for entry in zip.entries().step_by(10) {
            let entry = entry.expect("readable");
            let id = entry.name.strip_suffix(".json").expect("an entry is named for its id");
            let records = database.advisory(id).expect("asked");
            let record = records.iter().find(|record| record.source == name);
            let record = record.unwrap_or_else(|| panic!("{name} gave {id}, and the database lacks it"));
            *standings.entry(record.standing.as_str()).or_default() += 1;
        }
    }
    assert!(standings.keys().all(|standing| ["current", "withdrawn"].contains(standing)), "{standings:?}");
    let size = std::fs::metadata(&path).expect("it is there").len();
    assert!(size < 51_234 * 700, "{size} bytes for 51,234 advisories");
}

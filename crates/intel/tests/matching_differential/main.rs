//! Matching beside others on the same advisories: what `PyPI`'s `packaging` and Cargo's `semver` say of the same versions.

#[path = "../version_differential/peer.rs"]
#[allow(dead_code, reason = "other tests ask other peers")]
mod peer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use floodmark_intel::advisory::{Advisory, Turn};
use floodmark_intel::database::{Build, Database};
use floodmark_intel::read::{Import, Zip, json, osv};
use floodmark_intel::version::Ecosystem;

fn shared(archive: &str) -> Option<PathBuf> {
    let at = std::env::var_os("FLOODMARK_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = at.join("data/osv").join(archive);
    if path.is_file() {
        return Some(path);
    }
    eprintln!(
        "SKIPPED: {} is not there; set FLOODMARK_SHARED to the folder that holds data/osv",
        path.display()
    );
    None
}

fn imported(archive: &Path) -> (tempfile::TempDir, Database) {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("intel.db");
    let mut build = Build::start(&path).expect("begun");
    let mut import = Import::into(&mut build);
    import.read(archive, None).expect("the database can be written");
    assert!(!import.report().is_incomplete());
    build.finish().expect("built");
    let database = Database::open(&path).expect("a database");
    (home, database)
}

/// What touches a version, and what may.
fn told(database: &Database, ecosystem: &Ecosystem, name: &str, version: &str) -> [String; 2] {
    let found = database.matches_text(ecosystem, name, version).expect("asked");
    let touching: BTreeSet<&str> = found.matches.iter().map(|one| one.gist.id.as_ref()).collect();
    let undecided: BTreeSet<&str> = found.undecided.iter().map(|one| one.gist.id.as_ref()).collect();
    let joined = |ids: Vec<&str>| ids.join(",");
    let undecided = undecided.difference(&touching).copied().collect();
    [joined(touching.into_iter().collect()), joined(undecided)]
}

#[test]
fn versions_of_pypi_are_touched_by_what_packaging_says() {
    let Some(archive) = shared("PyPI/all.zip") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matching_differential/pypi.py");
    let mut command = match peer::python("packaging", script) {
        Ok(command) => command,
        Err(why) => {
            eprintln!("SKIPPED: matching is not compared with packaging: {why}");
            return;
        }
    };
    let output = command.arg(&archive).arg("8").output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (_home, database) = imported(&archive);
    let pypi: Ecosystem = "PyPI".parse().expect("known");
    let (mut pairs, mut touched, mut undecided) = (0, 0, 0);
    let mut wrong = Vec::new();
    for line in String::from_utf8(output.stdout).expect("text").lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, version, touching, doubted] = cells[..] else { panic!("{line}") };
        let ours = told(&database, &pypi, name, version);
        pairs += 1;
        touched += usize::from(!touching.is_empty());
        undecided += usize::from(!doubted.is_empty());
        if ours != [touching, doubted] {
            wrong.push(format!("{name} {version}: ours {ours:?}, packaging {touching:?} {doubted:?}"));
        }
    }
    println!(
        "{pairs} versions of PyPI: {touched} touched, {undecided} undecided, {} told otherwise",
        wrong.len()
    );
    assert!(pairs > 10_000 && touched > 5_000, "{pairs} pairs, {touched} touched");
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(20)].join("\n"));
}

/// Cargo's own order and the algorithm of the schema, in the plainest form.
fn holds(version: &semver::Version, advisory: &Advisory, name: &str) -> bool {
    advisory.affected.iter().any(|affected| {
        let named = affected.package.as_ref().is_some_and(|package| package.name.as_ref() == name);
        named
            && affected.ranges.iter().any(|range| {
                let mut turns: Vec<(semver::Version, bool)> = range
                    .events
                    .iter()
                    .map(|turn| match turn {
                        Turn::Introduced(at) if at.as_ref() == "0" => {
                            ("0.0.0-0".parse().expect("one"), false)
                        }
                        Turn::Introduced(at) => (at.parse().expect("one"), false),
                        Turn::Fixed(at) => (at.parse().expect("one"), true),
                        other => panic!("{other:?}"),
                    })
                    .collect();
                // What begins and ends at one version holds none.
                turns.sort();
                turns.iter().rfind(|(at, _)| at <= version).is_some_and(|(_, ends)| !*ends)
            })
    })
}

#[test]
fn versions_of_crates_are_touched_by_what_cargo_says() {
    let Some(archive) = shared("crates.io/all.zip") else { return };
    let (_home, database) = imported(&archive);
    let zip = Zip::open(File::open(&archive).expect("it is there")).expect("an archive");
    let mut crates: BTreeMap<String, Vec<Advisory>> = BTreeMap::new();
    for entry in zip.entries() {
        let bytes = zip.read(&entry.expect("readable")).expect("whole");
        let (advisory, _) = osv(&json(&bytes).expect("JSON")).expect("an advisory");
        for affected in advisory.affected.iter().filter(|_| advisory.withdrawn.is_none()) {
            let name = affected.package.as_ref().expect("a crate").name.to_string();
            crates.entry(name).or_default().push(advisory.clone());
        }
    }
    let crates_io: Ecosystem = "crates.io".parse().expect("known");
    let mut pairs = 0;
    for (name, advisories) in &crates {
        for version in around(advisories) {
            let expected: BTreeSet<&str> = advisories
                .iter()
                .filter(|advisory| holds(&version, advisory, name))
                .map(|advisory| advisory.id.as_ref())
                .collect();
            let expected: Vec<&str> = expected.into_iter().collect();
            let ours = told(&database, &crates_io, name, &version.to_string());
            assert_eq!(ours, [expected.join(","), String::new()], "{name} {version}");
            pairs += 1;
        }
    }
    println!("{pairs} versions of crates");
    assert!(pairs > 8_000, "{pairs}");
}

/// Every bound of the ranges, and what lies right before and behind it.
fn around(advisories: &[Advisory]) -> BTreeSet<semver::Version> {
    let ranges =
        advisories.iter().flat_map(|advisory| &advisory.affected).flat_map(|affected| &affected.ranges);
    let mut versions = BTreeSet::from(["0.0.0".parse().expect("one"), "999.0.0".parse().expect("one")]);
    for turn in ranges.flat_map(|range| &range.events) {
        let (Turn::Introduced(at) | Turn::Fixed(at) | Turn::LastAffected(at) | Turn::Limit(at)) = turn;
        let Ok(version) = at.parse::<semver::Version>() else { continue };
        let (major, minor, patch) = (version.major, version.minor, version.patch);
        versions.extend([
            version,
            semver::Version::new(major, minor, patch),
            semver::Version::new(major, minor, patch + 1),
            semver::Version::new(major, minor, patch.saturating_sub(1)),
            semver::Version::new(major, minor.saturating_sub(1), 99),
            format!("{major}.{minor}.{patch}-alpha.1").parse().expect("one"),
        ]);
    }
    versions
}

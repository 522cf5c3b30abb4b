//! Matching beside others, on the same lockfiles and the same advisories: `osv-scanner` without a network, `govulncheck`
//! with a local database, `cargo audit` with advisories in its own form.
//!
//! `pip-audit` is no peer here: what it is told by a server of OSV it reports, and does not look at the versions.

#[path = "peers/advisories.rs"]
mod advisories;
#[path = "../../intel/tests/version_differential/peer.rs"]
#[allow(dead_code, reason = "other tests ask other peers")]
mod peer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZero;
use std::path::Path;

use floodmark_case::FlawKind;
use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::{Build, Database};
use floodmark_intel::purl::Purl;
use floodmark_intel::read::Import;
use floodmark_scan::{Advisories, Choices, Knowledge, Progress, Request, scan};
use serde_json::Value;

use advisories::{Known, shared};

/// What is told of a package in a version: of each flaw all of its names.
type Told = BTreeMap<(String, String), Vec<BTreeSet<String>>>;

/// A scan with this archive of advisories.
fn ours(target: &Path, archive: &Path) -> Told {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("intel.db");
    let mut build = Build::start(&path).expect("begun");
    Import::into(&mut build).read(archive, None).expect("imported");
    build.finish().expect("built");
    let database = Database::open(&path).expect("a database");
    let advisories: &dyn Advisories = &database;
    let answer = scan(&Request {
        target: target.to_owned(),
        pulled: None,
        knowledge: Knowledge { advisories: Some(advisories), compromises: Compromises::shipped() },
        choices: Choices { today: "2026-11-25".to_owned(), ..Choices::default() },
        platform: None,
        threads: NonZero::new(2).expect("two"),
        progress: Progress::default(),
    });
    let mut told = Told::new();
    let is_advised = |flaw: &&floodmark_case::Flaw| match flaw.kind {
        FlawKind::Poisoned | FlawKind::Possible => flaw.aliases.iter().any(|id| id.starts_with("PYSEC-")),
        _ => true,
    };
    for flaw in answer.inventory.flaws.iter().filter(is_advised) {
        let purl: Purl = flaw.component.parse().expect("a purl");
        let full = purl.full_name();
        let version = purl.version().expect("a version").trim_start_matches('v').to_owned();
        let names = std::iter::once(&flaw.id).chain(&flaw.aliases).cloned().collect();
        told.entry((full, version)).or_default().push(names);
    }
    told
}

/// What `osv-scanner` tells of one file.
fn osv_scanner(file: &Path, archive: &Path, ecosystem: &str) -> Result<Told, String> {
    let mut command =
        peer::go_tool("github.com/google/osv-scanner/cmd/osv-scanner", "v1.9.2", "osv-scanner")?;
    let databases = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = databases.path().join("osv-scanner").join(ecosystem);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::copy(archive, folder.join("all.zip")))
        .map_err(|error| error.to_string())?;
    let output = command
        .env("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY", databases.path())
        .args(["--experimental-offline", "--experimental-all-packages", "--format", "json", "--lockfile"])
        .arg(file)
        .output()
        .map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut told = Told::new();
    for package in list(&answer["results"]).iter().flat_map(|result| list(&result["packages"])) {
        let key = (text(&package["package"]["name"]), text(&package["package"]["version"]));
        for flaw in list(&package["vulnerabilities"]) {
            let aliases = list(&flaw["aliases"]);
            let names = std::iter::once(&flaw["id"]).chain(&aliases).map(text).collect();
            told.entry(key.clone()).or_default().push(names);
        }
    }
    Ok(told)
}

/// What one tells and the other does not: a flaw is the same where it shares a name.
fn missing(of: &Told, from: &Told) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    for (key, flaws) in of {
        let known: Vec<&BTreeSet<String>> = from.get(key).into_iter().flatten().collect();
        for flaw in flaws.iter().filter(|flaw| known.iter().all(|known| known.is_disjoint(flaw))) {
            missing.insert(format!("{} {} {}", key.0, key.1, flaw.first().expect("a name")));
        }
    }
    missing
}

fn count(told: &Told) -> usize {
    told.values().map(Vec::len).sum()
}

/// Compares on one lockfile; what is explained is left out on either side.
fn compare(ecosystem: &str, rounds: usize, explained: impl Fn(&str) -> bool) {
    let Some(archive) = shared(&format!("{ecosystem}/all.zip")) else { return };
    let known = Known::read(&archive);
    let home = tempfile::tempdir().expect("a folder");
    let archive = home.path().join("all.zip");
    known.archive(&archive);
    let mut found = 0;
    for round in 0..rounds {
        let project = tempfile::tempdir().expect("a folder");
        let file = known.lockfile(ecosystem, round, project.path());
        let theirs = match osv_scanner(&file, &archive, ecosystem) {
            Ok(theirs) => theirs,
            Err(why) => {
                println!("SKIPPED: matching in {ecosystem} is not compared with osv-scanner: {why}");
                return;
            }
        };
        let ours = ours(project.path(), &archive);
        let (lacking, beyond) = (missing(&theirs, &ours), missing(&ours, &theirs));
        println!(
            "{ecosystem}, round {round}: {} flaws of ours, {} of theirs; {} they tell alone, {} we do",
            count(&ours),
            count(&theirs),
            lacking.len(),
            beyond.len()
        );
        found += count(&theirs);
        let unexplained: Vec<&String> = lacking.iter().chain(&beyond).filter(|one| !explained(one)).collect();
        assert!(unexplained.is_empty(), "lacking {lacking:#?}, beyond {beyond:#?}");
    }
    assert!(found > 300, "{found} flaws are too few to say anything");
}

#[test]
fn crates_are_matched_as_osv_scanner_does() {
    compare("crates.io", 2, |_| false);
}

#[test]
fn packages_of_pypi_are_matched_as_osv_scanner_does() {
    // It brings the names of a lockfile into their normal form, and those of advisories not: `jw.util` is not found.
    compare("PyPI", 1, |one| one.split(' ').next().is_some_and(|name| name.contains('.')));
}

#[test]
fn modules_of_go_are_matched_as_osv_scanner_does() {
    compare("Go", 2, |_| false);
}

/// What `govulncheck` tells of a program that is made of these modules. Its mode for single modules is no peer: it tells
/// every advisory about a module of which any touches the version.
fn govulncheck(database: &Path, blob: &Path) -> Result<Told, String> {
    let mut command = peer::go_tool("golang.org/x/vuln/cmd/govulncheck", "v1.9.0", "govulncheck")?;
    let output = command
        .arg(format!("-db=file://{}", database.display()))
        .args(["-mode=binary", "-scan=module", "-json"])
        .arg(blob)
        .output()
        .map_err(|error| error.to_string())?;
    let messages = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let messages = messages.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    if messages.is_empty() || !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut told = Told::new();
    for finding in messages.iter().map(|message| &message["finding"]) {
        let Some(id) = finding["osv"].as_str() else { continue };
        let text = |key: &str| finding["trace"][0][key].as_str().unwrap_or_default().to_owned();
        let key = (text("module"), text("version").trim_start_matches('v').to_owned());
        told.entry(key).or_default().push(BTreeSet::from([id.to_owned()]));
    }
    Ok(told)
}

#[test]
fn modules_of_go_are_matched_as_govulncheck_does() {
    let Some(archive) = shared("Go/all.zip") else { return };
    let known = Known::read(&archive);
    let home = tempfile::tempdir().expect("a folder");
    known.go_database(home.path());
    for round in 0..2 {
        let blob = home.path().join("program.json");
        known.go_program(round, &blob);
        let theirs = match govulncheck(home.path(), &blob) {
            Ok(theirs) => theirs,
            Err(why) => {
                println!("SKIPPED: matching in Go is not compared with govulncheck: {why}");
                return;
            }
        };
        let project = tempfile::tempdir().expect("a folder");
        known.lockfile("Go", round, project.path());
        let ours = ours(project.path(), &archive);
        println!("Go, round {round}: {} flaws of ours, {} of govulncheck's", count(&ours), count(&theirs));
        assert!(count(&theirs) > 1000);
        assert_eq!(missing(&theirs, &ours), BTreeSet::new(), "they tell, and we do not");
        assert_eq!(missing(&ours, &theirs), BTreeSet::new(), "we tell, and they do not");
    }
}

/// What `cargo audit` tells of a lockfile.
fn cargo_audit(lockfile: &Path, database: &Path) -> Result<Told, String> {
    let output = peer::found("cargo-audit")?
        .args(["audit", "--no-fetch", "--stale", "--json", "--db"])
        .arg(database)
        .arg("--file")
        .arg(lockfile)
        .output()
        .map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let mut told = Told::new();
    for flaw in answer["vulnerabilities"]["list"].as_array().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = (text(&flaw["package"]["name"]), text(&flaw["package"]["version"]));
        told.entry(key).or_default().push(BTreeSet::from([text(&flaw["advisory"]["id"])]));
    }
    Ok(told)
}

#[test]
fn crates_are_matched_as_cargo_audit_does() {
    let Some(archive) = shared("crates.io/all.zip") else { return };
    let known = Known::read(&archive);
    let home = tempfile::tempdir().expect("a folder");
    known.rustsec_database(home.path());
    for round in 0..2 {
        let project = tempfile::tempdir().expect("a folder");
        let file = known.lockfile("crates.io", round, project.path());
        let theirs = match cargo_audit(&file, home.path()) {
            Ok(theirs) => theirs,
            Err(why) => {
                println!("SKIPPED: matching in crates.io is not compared with cargo audit: {why}");
                return;
            }
        };
        let ours = ours(project.path(), &archive);
        println!(
            "crates.io, round {round}: {} flaws of ours, {} of cargo audit's",
            count(&ours),
            count(&theirs)
        );
        assert!(count(&theirs) > 300);
        assert_eq!(missing(&theirs, &ours), BTreeSet::new(), "they tell, and we do not");
        assert_eq!(missing(&ours, &theirs), BTreeSet::new(), "we tell, and they do not");
    }
}

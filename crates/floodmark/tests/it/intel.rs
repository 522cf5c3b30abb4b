//! `floodmark intel`: the local database of what is known to be bad.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::scene::{Ran, Scene};

/// An advisory about versions of a package below one.
pub(crate) fn advisory(id: &str, ecosystem: &str, package: &str, fixed: &str) -> String {
    serde_json::json!({
        "schema_version": "1.7.0", "id": id, "modified": "2026-03-20T00:00:00Z", "published": "2026-03-19T00:00:00Z",
        "aliases": ["CVE-2026-7"], "summary": format!("A flaw in {package}"),
        "details": "It is bad.\n\nVery bad.",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [{
            "package": {"ecosystem": ecosystem, "name": package},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        }],
        "references": [{"type": "WEB", "url": "https://example.org/flaw"}],
    })
    .to_string()
}

pub(crate) const KEV: &str = r#"{"catalogVersion":"2026.03.23","dateReleased":"2026-03-23T14:00:00Z","vulnerabilities":[{
    "cveID":"CVE-2026-7","vendorProject":"Example","product":"Left pad","vulnerabilityName":"A flaw","dateAdded":
    "2026-03-23","requiredAction":"Update.","dueDate":"2026-04-13","knownRansomwareCampaignUse":"Known"}]}"#;

pub(crate) const EPSS: &str = "#model_version:v2025.03.14,score_date:2026-03-23T12:55:00Z\ncve,epss,percentile\nCVE-2026-7,0.91234,0.99871\n";

/// A scene with three advisories, KEV and EPSS imported.
fn stocked() -> Scene {
    let scene = Scene::new();
    scene.write("db/npm/GHSA-01.json", advisory("GHSA-01", "npm", "left-pad", "1.3.1"));
    scene.write("db/pypi/PYSEC-2026-1.json", advisory("PYSEC-2026-1", "PyPI", "Left_Pad", "2.0"));
    scene.write(
        "db/npm/MAL-2026-1.json",
        advisory("MAL-2026-1", "npm", "left-pad", "9.0.0").replace("A flaw in", "Malice in"),
    );
    scene.write("kev.json", KEV);
    scene.write("epss.csv", EPSS);
    let ran = scene.run("intel import db kev.json epss.csv --source advisories --database intel.db");
    assert_eq!(ran.code, Some(2), "--source names one source\n{ran}");
    let ran = scene.run("intel import db --source advisories --database intel.db");
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = scene.run("intel import kev.json --source kev --database intel.db");
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = scene.run("intel import epss.csv --source epss --database intel.db");
    assert_eq!(ran.code, Some(0), "{ran}");
    scene
}

#[test]
fn what_was_imported_is_told_counted_asked_and_shown() {
    let scene = stocked();
    for (name, call, code) in [
        ("status", "intel status", 0),
        ("ask", "intel ask pkg:npm/left-pad@1.3.0 pkg:pypi/LEFT-PAD@2.0 aquasecurity/trivy-action@0.28.0", 1),
        ("ask_clean", "intel ask pkg:npm/right-pad@1.0.0 192.0.2.1 example.org", 0),
        ("ask_without_version", "intel ask pkg:npm/left-pad", 3),
        ("show", "intel show PYSEC-2026-1", 0),
        ("show_cve", "intel show CVE-2026-7", 0),
        ("show_nothing", "intel show CVE-1999-0001", 2),
        ("ask_nonsense", "intel ask nonsense", 2),
    ] {
        let ran = scene.run(&format!("{call} --database intel.db"));
        assert_eq!(ran.code, Some(code), "{call}\n{ran}");
        insta::assert_snapshot!(format!("intel_{name}"), scene.without_root(&ran));
    }
}

#[test]
fn what_stix_and_misp_name_is_found_by_address_host_hash_and_url() {
    let scene = stocked();
    let stix = serde_json::json!({"type": "bundle", "id": "bundle--1", "objects": [
        {"type": "indicator", "id": "indicator--1", "name": "C2 of the thief", "pattern_type": "stix",
         "pattern": "[ipv4-addr:value = '198.51.100.0/24' OR domain-name:value = 'thief.example']",
         "valid_from": "2026-03-19T00:00:00Z", "valid_until": "2026-06-19T00:00:00Z"},
        {"type": "indicator", "id": "indicator--2", "pattern_type": "stix", "revoked": true,
         "pattern": "[domain-name:value = 'innocent.example']"},
        {"type": "indicator", "id": "indicator--3", "pattern_type": "yara", "pattern": "rule x {}"}]});
    let hash = "ab".repeat(32);
    let misp = serde_json::json!({"Event": {"info": "The theft", "Attribute": [
        {"type": "filename|sha256", "value": format!("a.sh|{hash}"), "to_ids": true, "uuid": "u-1"},
        {"type": "url", "value": "hxxps://Thief.example/a", "to_ids": true},
        {"type": "domain", "value": "context.example", "to_ids": false}]}});
    scene.write("feeds/bundle.json", stix.to_string());
    scene.write("feeds/event.json", misp.to_string());
    let ran = scene.run("intel import feeds --source feeds --database intel.db --format json");
    assert_eq!(ran.code, Some(3), "a pattern of YARA is told\n{ran}");
    let unread = &ran.json()["report"]["unread"];
    assert_eq!(unread.as_array().map(Vec::len), Some(1), "{unread}");
    let asked = format!(
        "intel ask 198.51.100.7 c2.thief.example https://thief.example/a sha256:{hash} --database intel.db"
    );
    let ran = scene.run(&asked);
    assert_eq!(ran.code, Some(1), "{ran}");
    insta::assert_snapshot!("intel_ask_indicators", scene.without_root(&ran));
    for clean in ["198.51.101.7", "innocent.example", "context.example", "thief.example.org"] {
        let ran = scene.run(&format!("intel ask {clean} --database intel.db"));
        assert_eq!(ran.code, Some(0), "{ran}");
    }
    // Another import keeps them, and a new one of the same source replaces them.
    scene.run("intel import kev.json --source kev --database intel.db");
    assert_eq!(scene.run("intel ask thief.example --database intel.db").code, Some(1));
    scene.write("feeds/bundle.json", stix.to_string().replace("thief.example", "other.example"));
    scene.run("intel import feeds --source feeds --database intel.db");
    assert_eq!(scene.run("intel ask thief.example --database intel.db").code, Some(0));
    assert_eq!(scene.run("intel ask other.example --database intel.db").code, Some(1));
}

#[test]
fn a_signed_database_is_taken_over_and_one_that_was_touched_is_not() {
    let scene = stocked();
    let minisign = |arguments: &str| {
        let mut command = std::process::Command::new("minisign");
        command.args(arguments.split_whitespace());
        scene.scrub(&mut command);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.output().ok().filter(|output| output.status.success())
    };
    assert_eq!(scene.run("intel export out.db --database intel.db").code, Some(0));
    if minisign("-G -W -p key.pub -s key.sec").is_none() {
        eprintln!("SKIPPED: no minisign, so no signature of its own was checked");
        return;
    }
    minisign("-G -W -p other.pub -s other.sec").expect("another key");
    minisign("-S -s key.sec -m out.db -t of-march").expect("it signs");
    let taken = scene.run("intel import out.db --verify key.pub --database there/intel.db");
    assert_eq!(taken.code, Some(0), "{taken}");
    assert!(taken.stdout.contains("holds: of-march"), "{taken}");
    assert!(scene.bytes("there/intel.db") == scene.bytes("intel.db"));
    assert_eq!(scene.run("intel ask pkg:npm/left-pad@1.0.0 --database there/intel.db").code, Some(1));

    let refused = |call: &str, why: &str| {
        let ran = scene.run(call);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains(why), "{ran}");
        assert!(scene.bytes("there/intel.db") == scene.bytes("intel.db"), "the old one stays");
        assert!(!scene.path("there/intel.db.new").exists());
    };
    let call = "intel import out.db --verify key.pub --database there/intel.db";
    refused(&call.replace("key.pub", "other.pub"), "the signature does not hold");
    refused(&call.replace("key.pub", "intel.db"), "UTF-8");
    let mut touched = scene.bytes("out.db");
    let last = touched.len() - 1;
    touched[last] ^= 1;
    scene.write("out.db", touched);
    refused(call, "the signature does not hold");
    scene.write("out.db", "no database");
    minisign("-S -s key.sec -m out.db").expect("it signs anything");
    refused(call, "is no intel database");
    std::fs::remove_file(scene.path("out.db.minisig")).expect("it was there");
    refused(call, "out.db.minisig: No such file");
}

#[test]
fn what_is_not_read_is_told_and_the_rest_is_kept() {
    let scene = Scene::new();
    scene.write("in/good.json", advisory("GHSA-01", "npm", "left-pad", "1.3.1"));
    scene.write("in/bad.json", "{\"id\": ");
    scene.write("in/doubt.json", advisory("GHSA-2", "npm", "left-pad", "not a version"));
    scene.write("in/README.md", "# Advisories\n");
    let ran = scene.run("intel import in none --database deep/er/intel.db");
    assert_eq!(ran.code, Some(3), "{ran}");
    let ran_again = Ran { stdout: ran.stdout.replace(&folder_of(&scene), "SCENE"), ..ran };
    insta::assert_snapshot!("intel_import_incomplete", ran_again);
    let ask = scene.run("intel ask pkg:npm/left-pad@1.3.0 --database deep/er/intel.db --format json");
    assert_eq!(ask.code, Some(3), "one of them cannot be told\n{ask}");
    assert_eq!(ask.json()["answers"][0]["advisories"][0]["gist"]["id"], "GHSA-01");
    assert_eq!(ask.json()["answers"][0]["undecided"][0]["gist"]["id"], "GHSA-2");
}

fn folder_of(scene: &Scene) -> String {
    scene.path("").file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn without_a_database_the_compromises_that_ship_are_asked_and_the_rest_is_said() {
    let scene = Scene::new();
    let status = scene.run("intel status --database none.db");
    assert_eq!(status.code, Some(2), "{status}");
    assert!(status.stderr.contains("none.db: no such database"), "{status}");
    let ask = scene.run("intel ask aquasecurity/trivy-action@0.28.0 --database none.db");
    assert_eq!(ask.code, Some(1), "{ask}");
    let ask = scene.run("intel ask pkg:npm/chalk@5.6.1 --database none.db");
    assert_eq!(ask.code, Some(3), "{ask}");
    assert!(ask.stdout.contains("there is no database"), "{ask}");
}

#[test]
fn the_place_of_the_database_comes_from_flag_variable_configuration_or_the_user() {
    let scene = stocked();
    scene.write("work/floodmark.toml", "[intel]\ndatabase = \"../intel.db\"\n");
    let mut configured = scene.floodmark("intel status");
    configured.current_dir(scene.path("work"));
    assert_eq!(Ran::of(&mut configured).code, Some(0));
    let mut variable = scene.floodmark("intel status");
    variable.env("FLOODMARK_DATABASE", scene.path("intel.db"));
    assert_eq!(Ran::of(&mut variable).code, Some(0));
    let home = |name: &str| scene.path(&format!("home/{name}/floodmark/intel.db"));
    for (variable, folder) in [("HOME", ".local/share"), ("XDG_DATA_HOME", "")] {
        let mut import = scene.floodmark("intel import kev.json");
        import.env(variable, scene.path("home"));
        let ran = Ran::of(&mut import);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(home(folder).is_file(), "{variable}");
    }
    let nowhere = scene.run("intel status");
    assert_eq!(nowhere.code, Some(2), "{nowhere}");
    assert!(nowhere.stderr.contains("--database"), "{nowhere}");
}

#[test]
fn every_document_is_valid_against_the_published_schema() {
    let scene = stocked();
    let schema = serde_json::to_value(floodmark::intel_schema()).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for call in [
        "intel status",
        "intel import db --source advisories",
        "intel show PYSEC-2026-1",
        "intel show CVE-2026-7",
        "intel show trivy",
        "intel ask pkg:npm/left-pad@1.3.0 scan.aquasecurtiy.org pkg:npm/left-pad",
    ] {
        let ran = scene.run(&format!("{call} --database intel.db --format json"));
        let errors: Vec<_> = validator.iter_errors(&ran.json()).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{call}");
        assert_eq!(ran.json()["schema"], "floodmark-intel/1");
    }
    assert!(
        !validator.is_valid(&serde_json::json!({"schema": "floodmark-intel/1", "command": "intel status"}))
    );
}

#[test]
fn an_import_that_is_killed_leaves_the_old_database_whole() {
    let scene = stocked();
    for number in 0..1_500 {
        let id = format!("GHSA-{number:05}");
        scene.write(&format!("many/{id}.json"), advisory(&id, "npm", &format!("package-{number}"), "1.0.0"));
    }
    let before = std::fs::read(scene.path("intel.db")).expect("it is there");
    let call = "intel import many --source many --database intel.db";
    let import = |scene: &Scene| {
        let mut command = scene.floodmark(call);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    };
    // How long one takes, on a copy.
    std::fs::copy(scene.path("intel.db"), scene.path("copy.db")).expect("copied");
    let started = Instant::now();
    assert_eq!(scene.run(&call.replace("intel.db", "copy.db")).code, Some(0));
    let whole = started.elapsed();
    let after = std::fs::read(scene.path("copy.db")).expect("it is there");
    let mut killed = 0;
    for step in 0..16 {
        let mut child = import(&scene);
        std::thread::sleep(whole.mul_f64(f64::from(step) / 14.0).max(Duration::from_millis(5)));
        child.kill().expect("a signal is sent");
        let ended = child.wait().expect("it ends");
        let found = std::fs::read(scene.path("intel.db")).expect("it is there");
        if found == after {
            // It was done before it was killed: put the old one back.
            std::fs::write(scene.path("intel.db"), &before).expect("written");
        } else {
            assert!(found == before, "step {step}: neither the old database nor the new one");
            assert_eq!(scene.run("intel ask pkg:pypi/left-pad@1.0 --database intel.db").code, Some(1));
            killed += usize::from(!ended.success());
        }
    }
    assert!(killed >= 8, "{killed} imports were killed before they were done");
    assert_eq!(scene.run(call).code, Some(0), "nothing that a killed one left is in the way");
    assert!(std::fs::read(scene.path("intel.db")).expect("it is there") == after);
    let left: Vec<_> = std::fs::read_dir(scene.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("intel.db"))
        .collect();
    assert_eq!(left.len(), 2, "the database and its lock: {left:?}");
}

//! What `floodmark intel export` writes: STIX by others' eyes, and signatures of minisign.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};

use crate::peer;
use crate::scene::Scene;

const STIX: [&str; 2] = ["stix2-validator==3.3.2", "stix2==3.0.2"];

/// A database with an advisory and indicators of others.
fn stocked(newest: &str) -> Scene {
    let scene = Scene::new();
    stock(&scene, newest, "intel.db");
    scene
}

fn stock(scene: &Scene, newest: &str, database: &str) {
    let advisory = json!({"id": "GHSA-aaaa-aaaa-aaaa", "modified": newest,
        "affected": [{"package": {"ecosystem": "npm", "name": "left-pad"}, "versions": ["1.0.0"]}]});
    scene.write("osv/a.json", advisory.to_string());
    let indicator = |id: u32, pattern: &str, until: Value| {
        let mut one = json!({"type": "indicator", "spec_version": "2.1", "name": "it's a \\ \"name\"",
            "id": format!("indicator--00000000-0000-4000-8000-{id:012}"), "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z", "pattern_type": "stix", "pattern": pattern,
            "valid_from": "2026-01-01T00:00:00Z"});
        if !until.is_null() {
            one["valid_until"] = until;
        }
        one
    };
    let bundle = json!({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": [
        indicator(1, "[domain-name:value = 'thief.example']", json!("2026-02-01T00:00:00Z")),
        indicator(2, "[url:value = 'https://thief.example/it\\'s']", Value::Null),
        indicator(3, "[ipv4-addr:value = '198.51.100.0/24']", Value::Null),
        indicator(4, "[ipv6-addr:value = '2001:db8::1' AND email-addr:value = 'a@thief.example']", Value::Null),
        indicator(5, "[file:name = 'stealer.exe' OR file:hashes.MD5 = '0123456789abcdef0123456789abcdef']", Value::Null),
    ]});
    scene.write("feed.json", bundle.to_string());
    let ran = scene.run(&format!("intel import osv feed.json --database {database}"));
    assert_eq!(ran.code, Some(0), "{ran}");
}

fn bundle(scene: &Scene) -> Value {
    serde_json::from_str(&scene.read("bundle.json")).expect("JSON")
}

#[test]
fn the_bundle_is_valid_by_the_validator_of_oasis_and_loaded_by_its_library() {
    let scene = stocked("2026-01-02T03:04:05Z");
    let ran = scene.run("intel export bundle.json --as stix --database intel.db");
    assert_eq!(ran.code, Some(0), "{ran}");
    let python = match peer::python(&STIX) {
        Ok(python) => python,
        Err(why) => return eprintln!("SKIPPED: STIX is not held against the tools of OASIS: {why}"),
    };
    let script = "import sys, stix2, stix2validator\nfrom stix2patterns.validator import run_validator\n\
        said = stix2validator.validate_file(sys.argv[1], stix2validator.ValidationOptions(version='2.1', disabled='103,302'))\n\
        [print(one) for one in said.object_results for one in one.errors]\n\
        bundle = stix2.parse(open(sys.argv[1]).read(), allow_custom=False)\n\
        wrong = [one.pattern for one in bundle.objects if one.type == 'indicator' and run_validator(one.pattern, stix_version='2.1')]\n\
        print(wrong, len(bundle.objects))\nsys.exit(0 if said.is_valid and not wrong else 1)";
    let said = peer::content(python, script, &[&scene.path("bundle.json")]);
    assert_eq!(said.trim(), format!("[] {}", bundle(&scene)["objects"].as_array().expect("objects").len()));
}

#[test]
fn every_reference_of_the_bundle_is_in_it_and_no_identifier_is_there_twice() {
    let scene = stocked("2026-01-02T03:04:05Z");
    scene.run("intel export bundle.json --as stix --database intel.db");
    let bundle = bundle(&scene);
    let objects = bundle["objects"].as_array().expect("objects");
    let ids: BTreeSet<&str> = objects.iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(ids.len(), objects.len());
    let mut referred = 0;
    for object in objects {
        let single =
            ["created_by_ref", "source_ref", "target_ref"].into_iter().filter_map(|key| object[key].as_str());
        let several = object["object_refs"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for reference in single.chain(several) {
            assert!(ids.contains(reference), "{reference} of {}", object["id"]);
            referred += 1;
        }
    }
    assert!(referred > 1000, "{referred}");
    let first = scene.bytes("bundle.json");
    scene.run("intel export again.json --as stix --database intel.db");
    assert!(first == scene.bytes("again.json"), "the same knowledge gives the same bytes");
    scene.run("intel export later.json --as stix --database none.db --modified 2027-01-01T00:00:00Z");
    assert!(scene.read("later.json").contains("\"modified\":\"2027-01-01T00:00:00.000Z\""));
}

#[test]
fn what_is_exported_is_read_back_and_conflicts_and_grades_are_kept() {
    let scene = stocked("2026-01-02T03:04:05Z");
    scene.run("intel export bundle.json --as stix --database intel.db");
    let ran = scene.run("intel import bundle.json --database back.db");
    assert_eq!(ran.code, Some(0), "nothing of it is lost: {ran}");
    for asked in [
        "thief.example",
        "https://thief.example/it's",
        "198.51.100.7",
        "0123456789abcdef0123456789abcdef",
        "scan.aquasecurtiy.org",
        "45.148.10.212",
    ] {
        let ran = scene.run(&format!("intel ask {asked} --database back.db --format json"));
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(ran.stdout.contains("bundle.json"), "{asked} is known by the bundle: {ran}");
    }
    let bundle = bundle(&scene);
    let objects = bundle["objects"].as_array().expect("objects");
    let of = |kind: &str| objects.iter().filter(|one| one["type"] == kind).collect::<Vec<_>>();
    let conflict = of("note").into_iter().find(|one| {
        one["abstract"].as_str().is_some_and(|text| text.contains("how many tags of trivy-action"))
    });
    let sides = conflict.expect("it is kept")["content"].as_str().expect("a text").lines().count();
    assert!(sides > 3, "with all its sides: {conflict:#?}");
    let address = of("indicator")
        .into_iter()
        .find(|one| one["pattern"].as_str() == Some("[ipv4-addr:value = '45.148.10.212']"));
    let references = address.expect("it is there")["external_references"].as_array().expect("sources");
    assert!(
        references
            .iter()
            .all(|one| one["description"].as_str().is_some_and(|text| text.starts_with("grade ")))
    );
    let release = of("software").into_iter().find(|one| one["name"] == "axios" && one["version"] == "1.14.1");
    let extension =
        release.expect("it is there")["extensions"].as_object().and_then(|all| all.values().next());
    let identifier = &extension.expect("ours")["identifiers"][0];
    assert_eq!(
        (&identifier["verdict"], &identifier["purl"]),
        (&json!("bad"), &json!("pkg:npm/axios@1.14.1"))
    );
}

/// Runs minisign; what it answered on standard input is given.
fn minisign(scene: &Scene, arguments: &str, answers: &str) -> Option<bool> {
    scene.write("answers", answers);
    let mut command = Command::new("minisign");
    command.args(arguments.split_whitespace());
    scene.scrub(&mut command);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.stdin(std::fs::File::open(scene.path("answers")).expect("a file"));
    command.output().ok().map(|output| output.status.success())
}

#[test]
fn what_is_signed_is_verified_by_minisign_and_taken_over_with_and_without_a_password() {
    let scene = stocked("2026-01-02T03:04:05Z");
    if minisign(&scene, "-G -W -p key.pub -s key.sec", "") != Some(true)
        || minisign(&scene, "-G -p secret.pub -s secret.sec", "hunter2\nhunter2\n") != Some(true)
    {
        return eprintln!("SKIPPED: no minisign, so no signature of ours was checked by it");
    }
    scene.write("password", "hunter2\n");
    for (key, more) in [("key", ""), ("secret", "--password-file password")] {
        let ran = scene.run(&format!("intel export out.db --database intel.db --sign {key}.sec {more}"));
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(ran.stdout.contains("Signed      out.db.minisig"), "{ran}");
        assert_eq!(minisign(&scene, &format!("-Vm out.db -p {key}.pub"), ""), Some(true));
        let taken = scene.run(&format!("intel import out.db --verify {key}.pub --database {key}/intel.db"));
        assert_eq!(taken.code, Some(0), "{taken}");
        assert!(taken.stdout.contains("holds: file:out.db"), "{taken}");
    }
    let ran = scene
        .run("intel export bundle.json --as stix --database none.db --sign key.sec --trusted-comment of-march --format json");
    assert_eq!(ran.json()["command"], "intel export --as stix", "{ran}");
    assert!(scene.read("bundle.json.minisig").contains("trusted comment: of-march\n"));
    assert_eq!(minisign(&scene, "-Vm bundle.json -p key.pub", ""), Some(true));
    assert_eq!(minisign(&scene, "-Vm bundle.json -p secret.pub", ""), Some(false));
    scene.write("wrong", "hunter3\n");
    for (call, why) in [
        ("--sign secret.sec", "there is no terminal to ask for it"),
        ("--sign secret.sec --password-file wrong", "the password is not that of the secret key"),
        ("--sign key.pub", "is no secret key of minisign"),
        ("--sign none.sec", "none.sec: No such file"),
        ("--password-file password", "--sign"),
    ] {
        let ran = scene.run(&format!("intel export refused.db --database intel.db {call}"));
        assert!(ran.code == Some(2) && ran.stderr.contains(why), "{ran}");
        assert!(!scene.path("refused.db").exists(), "nothing is written that could not be signed");
    }
}

#[test]
fn a_signed_database_that_is_older_is_taken_only_when_it_is_asked_for() {
    let scene = stocked("2026-03-02T00:00:00Z");
    stock(&scene, "2026-03-01T00:00:00Z", "old.db");
    if minisign(&scene, "-G -W -p key.pub -s key.sec", "") != Some(true) {
        return eprintln!("SKIPPED: no minisign, so that nothing was taken over");
    }
    for (from, to) in [("intel.db", "new-out.db"), ("old.db", "old-out.db")] {
        assert_eq!(scene.run(&format!("intel export {to} --database {from} --sign key.sec")).code, Some(0));
    }
    let take = |file: &str, more: &str| {
        scene.run(&format!("intel import {file} --verify key.pub --database here.db {more}"))
    };
    assert_eq!(take("old-out.db", "").code, Some(0), "there is none yet");
    assert_eq!(take("new-out.db", "").code, Some(0));
    assert_eq!(take("new-out.db", "").code, Some(0), "the same again is not older");
    let refused = take("old-out.db", "");
    assert_eq!(refused.code, Some(2), "{refused}");
    assert!(
        refused.stderr.contains("is older than the database that it would replace: its newest record is of"),
        "{refused}"
    );
    assert!(refused.stderr.contains("--allow-older"), "{refused}");
    assert!(scene.bytes("here.db") == scene.bytes("intel.db"), "the newer one stays");
    assert_eq!(take("old-out.db", "--allow-older").code, Some(0));
    assert!(scene.bytes("here.db") == scene.bytes("old.db"));
}

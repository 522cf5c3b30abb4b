//! `floodmark scan`.

use std::os::unix::fs::symlink;

use crate::scene::{Scene, fifo};

const CARGO: &str = r#"
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["serde"]

[[package]]
name = "serde"
version = "1.0.228"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;

/// A checkout with a poisoned release, a namespace of which some were poisoned, a manifest and a lock file.
fn checkout() -> Scene {
    let scene = Scene::new();
    scene.write("checkout/service/Cargo.lock", CARGO);
    scene.write(
        "checkout/web/package-lock.json",
        r#"{ "name": "web", "version": "1.0.0", "lockfileVersion": 3, "packages": {
            "": { "name": "web", "version": "1.0.0", "dependencies": { "api": "^2.0.0" } },
            "node_modules/api": { "version": "2.0.0", "dependencies": { "axios": "^1.14.0" } },
            "node_modules/axios": { "version": "1.14.1" },
            "node_modules/@tanstack/history": { "version": "1.0.0", "dev": true } } }"#,
    );
    scene.write("checkout/tools/requirements.txt", "requests>=2\nsix==1.17.0\n");
    scene
}

#[test]
fn a_poisoned_release_is_told_first_with_its_places_and_what_to_do() {
    let scene = checkout();
    let ran = scene.run("scan checkout");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{ran}");
    insta::assert_snapshot!("checkout", ran);
}

#[test]
fn the_answer_is_the_same_on_any_number_of_threads_and_cites_what_it_rests_on() {
    let scene = checkout();
    let one = scene.run("scan checkout --format json --threads 1");
    assert_eq!(one.stdout, scene.run("scan checkout --format json --threads 2").stdout);
    let json = one.json();
    let read = json["coverage"]["read"].as_array().expect("rows");
    let evidence: Vec<_> = read.iter().map(|row| &row["evidence"]).collect();
    for finding in json["findings"].as_array().expect("rows") {
        let citations = finding["citations"].as_array().expect("rows");
        assert!(!citations.is_empty() && citations.iter().all(|one| evidence.contains(&&one["evidence"])));
    }
    let links: Vec<_> =
        json["links"].as_array().expect("rows").iter().map(|link| &link["from"]["id"]).collect();
    assert_eq!(links, ["pkg:npm/api@2.0.0"], "who pulled the poisoned release in");
}

#[test]
fn a_json_answer_is_valid_by_the_published_schema() {
    let scene = checkout();
    let schema =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/floodmark-1.json"));
    let schema = serde_json::from_str(&schema.expect("the schema is published")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let answer = scene.run("scan checkout --format json").json();
    let errors: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_answered() {
    let scene = Scene::new();
    scene.write("outside/Cargo.lock", CARGO);
    scene.write("checkout/good/Cargo.lock", CARGO);
    scene.write("checkout/broken/Cargo.lock", "[[package]]\nname = \"half\"\nversion = \"1.0.0\"\n[[pack");
    scene.write("checkout/binary/package-lock.json", b"\x00\xff\x00\xff");
    scene.write("checkout/yarn/bun.lockb", "x");
    fifo(&scene.path("checkout/Pipfile.lock"));
    symlink("../../outside/Cargo.lock", scene.path("checkout/good/uv.lock")).expect("a link");
    symlink("..", scene.path("checkout/good/around")).expect("a link");
    let ran = scene.run("scan checkout --format json");
    assert_eq!(ran.code, Some(3), "{ran}");
    let unread = ran.unread();
    for (path, why) in [
        ("Pipfile.lock", "is a FIFO"),
        ("broken/Cargo.lock", "is no TOML"),
        ("binary/package-lock.json", "is not the JSON"),
        ("yarn/bun.lockb", "is not read yet"),
        ("good/uv.lock", "leads out of the target"),
    ] {
        let told = unread.iter().any(|(at, said)| at.starts_with(path) && said.contains(why));
        assert!(told, "{path}: {why} in {unread:#?}");
    }
    let names: Vec<_> =
        ran.json()["components"].as_array().expect("rows").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["app", "half", "serde"]);
}

#[test]
fn an_answer_is_kept_in_a_case_and_shown_again() {
    let scene = checkout();
    let ran = scene.run("scan checkout --case kept");
    assert_eq!(ran.code, Some(1), "{ran}");
    let again = scene.run("case show kept --answer=scan");
    assert_eq!(again.stdout, ran.stdout);
    assert_eq!(scene.run("case verify kept --evidence checkout").code, Some(0));
    let none = scene.run("case show kept --answer=trace");
    assert_eq!(none.code, Some(2), "{none}");
}

#[test]
fn the_configuration_says_what_neither_flag_nor_variable_does() {
    let scene = checkout();
    scene.write("floodmark.toml", "[scan]\nfail-on = \"critical\"\nignore = [\"ours.toml\"]\n");
    scene.write("ours.toml", "[[ignore]]\nid = \"axios\"\nreason = \"a rehearsal\"\n");
    assert_eq!(scene.run("scan checkout").code, Some(0), "what is critical is lived with");
    assert_eq!(scene.run("scan checkout --fail-on medium").code, Some(1));
    scene.write("floodmark.toml", "[intel]\ndatabase = \"none.db\"\n");
    let missing = scene.run("scan checkout");
    assert!(missing.code == Some(2) && missing.stderr.contains("none.db"), "{missing}");
}

#[test]
fn a_wrong_call_says_what_was_wrong() {
    let scene = checkout();
    for (call, said) in [
        ("scan", "<TARGET>"),
        ("scan none", "none: there is no such file or folder, and as an image it names no registry"),
        ("scan checkout --database none.db", "none.db: No such file"),
        ("scan checkout --database checkout/tools/requirements.txt", "is no intel database"),
        ("scan checkout --format html", "[possible values: table, json"),
    ] {
        let ran = scene.run(call);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran}");
        assert!(ran.stderr.contains(said), "{call}: {ran}");
    }
}

#[test]
fn a_code_host_gets_sarif_with_fingerprints_help_and_paths_below_the_checkout() {
    let scene = checkout();
    let ran = scene.run("scan checkout --format sarif");
    assert_eq!(ran.code, Some(1), "{ran}");
    let sarif = ran.json();
    let run = &sarif["runs"][0];
    let (results, rules) = (run["results"].as_array(), run["tool"]["driver"]["rules"].as_array());
    let (results, rules) = (results.expect("results"), rules.expect("rules"));
    assert_eq!((results.len(), rules.len()), (2, 2));
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["text"].is_string() && rule["properties"]["security-severity"].is_string());
        assert!(result["partialFingerprints"]["floodmarkFinding/v1"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "web/package-lock.json");
        assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    }
    assert_eq!((&results[0]["level"], &results[1]["level"]), (&"error".into(), &"warning".into()));
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    assert!(told.iter().any(|one| one.to_string().contains("no database of advisories")), "{told:#?}");
}

#[test]
fn a_bill_of_materials_holds_every_component_once_and_what_is_known_against_it() {
    let scene = checkout();
    let bom = scene.run("scan checkout --format cyclonedx").json();
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    let components = bom["components"].as_array().expect("components");
    let references: std::collections::BTreeSet<_> =
        components.iter().map(|one| one["bom-ref"].as_str().expect("a reference")).collect();
    assert_eq!((components.len(), references.len()), (8, 8));
    for flaw in bom["vulnerabilities"].as_array().expect("vulnerabilities") {
        let affected = flaw["affects"][0]["ref"].as_str().expect("a reference");
        assert!(references.contains(affected), "{affected}");
    }
    let serde = components.iter().find(|one| one["name"] == "serde").expect("it is there");
    assert_eq!(serde["evidence"]["occurrences"][0]["line"], 7);
    assert_eq!(scene.run("scan checkout --format cyclonedx").json(), bom, "no clock, no random number");
}

#[test]
fn what_is_lived_with_and_what_is_known_is_set_aside_and_a_wrong_file_is_refused() {
    let scene = checkout();
    scene.run("scan checkout --format json --output last.json");
    let again = scene.run("scan checkout --baseline last.json");
    assert_eq!(again.code, Some(0), "{again}");
    assert!(again.stdout.contains("2 more findings are set aside"), "{again}");
    scene.write("mine.toml", "[[ignore]]\nid = \"axios\"\nreason = \"a rehearsal\"\n");
    let ignored = scene.run("scan checkout --ignore mine.toml --format json");
    assert_eq!(ignored.code, Some(0), "{ignored}");
    assert_eq!(ignored.json()["flaws"][0]["set_aside"], "ignored: a rehearsal");
    scene.write("wrong.toml", "[[ignore]]\nid = \"axios\"\n");
    for (call, said) in [
        ("scan checkout --ignore wrong.toml", "wrong.toml:1: missing field `reason`"),
        ("scan checkout --baseline checkout/web/package-lock.json", "is no answer of floodmark scan"),
        ("scan checkout --ignore none.toml", "none.toml: No such file"),
    ] {
        let ran = scene.run(call);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains(said), "{call}: {ran}");
    }
}

#[test]
fn a_poisoned_action_and_a_scanner_image_in_a_pipeline_are_found_by_their_lines() {
    let scene = Scene::new();
    scene.write(
        "checkout/.github/workflows/scan.yml",
        "jobs:\n  scan:\n    container: aquasec/trivy:0.69.4\n    steps:\n      - uses: aquasecurity/trivy-action@0.28.0\n\
         \x20     - uses: tj-actions/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67 # v45.0.7\n\
         \x20     - uses: actions/checkout@v4\n",
    );
    let ran = scene.run("scan checkout --format json");
    assert_eq!(ran.code, Some(1), "{ran}");
    let json = ran.json();
    let places: Vec<_> = json["findings"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|finding| (finding["rule"].clone(), finding["citations"][0]["place"].clone()))
        .collect();
    assert_eq!(places.len(), 3, "{places:#?}");
    let text = format!("{places:?}");
    assert!(["line 3", "line 5", "line 6"].iter().all(|line| text.contains(line)), "{text}");
}

#[test]
fn what_cyclonedx_of_ours_says_is_read_back_equal() {
    let scene = checkout();
    scene.write(
        "checkout/.github/workflows/ci.yml",
        "jobs: {a: {container: 'node:22', steps: [{uses: Actions/Checkout@v4}, {uses: github/codeql-action/init@main}]}}\n",
    );
    scene.write("checkout/Dockerfile", "FROM ghcr.io/acme/base:1\n");
    scene.write("checkout/main.tf", "module \"a\" { source = \"git::https://git.example/x?ref=v1\" }\n");
    let first = scene.run("scan checkout --format json").json();
    let written = scene.run("scan checkout --format cyclonedx --output written.json");
    assert_eq!(written.code, Some(1), "{written}");
    let again = scene.run("scan written.json --format json").json();
    let bare = |answer: &serde_json::Value| -> Vec<serde_json::Value> {
        let mut components = answer["components"].as_array().expect("rows").clone();
        for component in &mut components {
            component.as_object_mut().expect("an object").remove("found");
        }
        components
    };
    assert_eq!(bare(&again), bare(&first));
    let known = |answer: &serde_json::Value| -> Vec<String> {
        answer["findings"].as_array().expect("rows").iter().map(|one| one["title"].to_string()).collect()
    };
    assert_eq!(known(&again), known(&first));
}

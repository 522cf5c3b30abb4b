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
fn a_wrong_call_says_what_was_wrong() {
    let scene = checkout();
    for (call, said) in [
        ("scan", "<TARGET>"),
        ("scan none", "none: No such file"),
        ("scan checkout --database none.db", "none.db: No such file"),
        ("scan checkout --database checkout/tools/requirements.txt", "is no intel database"),
        ("scan checkout --format html", "[possible values: table, json"),
    ] {
        let ran = scene.run(call);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran}");
        assert!(ran.stderr.contains(said), "{call}: {ran}");
    }
}

//! What `floodmark scan` writes, held against the published schemas and the rules of those that read it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::peer;
use crate::scene::Scene;

/// A checkout with everything that an output can hold, and a database and a VEX document that speak of it.
fn checkout() -> Scene {
    let scene = Scene::new();
    scene.write(
        "checkout/web/package-lock.json",
        r#"{ "name": "web", "version": "1.0.0", "lockfileVersion": 3, "packages": {
            "": { "name": "web", "version": "1.0.0", "dependencies": { "api": "^2.0.0" } },
            "node_modules/api": { "version": "2.0.0", "dependencies": { "axios": "^1.14.0", "JSONStream": "1" },
                "integrity": "sha512-vSJ3kcUO6KtGOoV0UHfyPXuvvDpJKcRxnTgIIqIQQ+7Jh7H5wNUyPVdpAmbvhp+uC4YkyOh8ahlQ2MC8DuNXjg==" },
            "node_modules/axios": { "version": "1.14.1" },
            "node_modules/JSONStream": { "version": "1.3.5", "dev": true },
            "node_modules/api/node_modules/JSONStream": { "version": "1.3.4" },
            "node_modules/@tanstack/history": { "version": "1.0.0", "dev": true } } }"#,
    );
    scene.write("checkout/tools with space/requirements.txt", "requests>=2\nfoo==1.0\nbar==1.0\n");
    scene.write(
        "checkout/.github/workflows/ci.yml",
        "jobs:\n  a:\n    container: node:20\n    steps:\n    - uses: aquasecurity/trivy-action@0.28.0\n    - uses: actions/checkout@0e58ed8671d6b60d0890c21b07f8835ace038e67 # v4.2.2\n    - uses: x/y@main\n",
    );
    let advisory = |id: &str, name: &str| {
        json!({"id": id, "modified": "2026-01-02T03:04:05Z", "aliases": [format!("CVE-{name}")],
            "summary": format!("about [{name}](https://x.example)"),
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "affected": [{"package": {"ecosystem": "PyPI", "name": name}, "versions": ["1.0"]}]})
        .to_string()
    };
    scene.write("osv/1.json", advisory("GHSA-aaaa-aaaa-aaaa", "foo"));
    scene.write("osv/2.json", advisory("GHSA-bbbb-bbbb-bbbb", "bar"));
    scene.write(
        "v.json",
        json!({"@context": "https://openvex.dev/ns/v0.2.0", "author": "Acme", "timestamp": "2026-03-01T00:00:00Z",
            "statements": [{"vulnerability": {"name": "CVE-bar"}, "products": [{"@id": "pkg:pypi/bar@1.0"}],
                "status": "not_affected", "justification": "component_not_present", "impact_statement": "it is gone"}]})
        .to_string(),
    );
    assert_eq!(scene.run("intel import osv --database intel.db").code, Some(0));
    scene
}

fn written(scene: &Scene, format: &str) -> Value {
    let ran = scene.run(&format!("scan checkout --database intel.db --vex v.json --format {format}"));
    assert_eq!(ran.code, Some(1), "{ran}");
    scene.write(&format!("answer.{format}.json"), &ran.stdout);
    ran.json()
}

#[test]
fn sarif_is_valid_by_the_schema_of_oasis() {
    let found = peer::npm("@microsoft/jest-sarif@1.0.0-beta.0")
        .and_then(|folder| Ok((folder, peer::python(&["jsonschema==4.26.0"])?)));
    let (folder, python) = match found {
        Ok(found) => found,
        Err(why) => return eprintln!("SKIPPED: SARIF is not held against its schema: {why}"),
    };
    let scene = checkout();
    written(&scene, "sarif");
    let script = "import sys, json, jsonschema\nschema, sarif = [json.load(open(one)) for one in sys.argv[1:]]\n\
        wrong = list(jsonschema.Draft7Validator(schema).iter_errors(sarif))\n\
        [print(one.json_path, one.message[:200]) for one in wrong]\nsys.exit(1 if wrong else 0)";
    let schema = folder.join("lib/schemas/sarif-2.1.0-rtm.5.json");
    peer::content(python, script, &[&schema, &scene.path("answer.sarif.json")]);
}

/// <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>
#[test]
fn sarif_is_what_github_asks_for() {
    let sarif = written(&checkout(), "sarif");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let ids: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), rules.len(), "each rule once");
    for rule in rules {
        for key in ["name", "shortDescription", "fullDescription", "help", "defaultConfiguration"] {
            assert!(!rule[key].is_null(), "{key} in {rule:#}");
        }
        let text = |value: &Value| value.as_str().map(str::len).unwrap_or_default();
        assert!((1..=1024).contains(&text(&rule["shortDescription"]["text"])), "{rule:#}");
        assert!((1..=1024).contains(&text(&rule["fullDescription"]["text"])), "{rule:#}");
        assert!(text(&rule["help"]["text"]) > 0 && text(&rule["help"]["markdown"]) > 0, "{rule:#}");
        let severity: f64 =
            rule["properties"]["security-severity"].as_str().expect("a text").parse().expect("a number");
        assert!((0.0..=10.0).contains(&severity));
        let tags = rule["properties"]["tags"].as_array().expect("tags");
        assert!(tags.len() <= 20 && tags.contains(&json!("security")));
        let precision = rule["properties"]["precision"].as_str();
        assert!(matches!(precision, Some("very-high" | "high" | "medium" | "low")), "{rule:#}");
    }
    let results = run["results"].as_array().expect("results");
    assert!(results.len() >= 3, "{results:#?}");
    let mut prints = BTreeSet::new();
    for result in results {
        let index =
            result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("a number");
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(matches!(result["level"].as_str(), Some("error" | "warning" | "note")));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let prints_of = &result["partialFingerprints"];
        let print = prints_of["primaryLocationLineHash"].as_str().expect("the one that GitHub looks at");
        assert!(prints.insert(print.to_owned()), "{print} twice");
        let places = result["locations"].as_array().expect("places");
        assert!((1..=1000).contains(&places.len()));
        for place in places.iter().chain(result["relatedLocations"].as_array().into_iter().flatten()) {
            let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a URI");
            assert!(!uri.starts_with('/') && !uri.contains(' ') && !uri.contains("://"), "{uri}");
            assert!(place["physicalLocation"]["region"]["startLine"].as_u64() >= Some(1));
        }
    }
    let uris = sarif.to_string();
    assert!(uris.contains("tools%20with%20space/requirements.txt"), "{uris}");
}

#[test]
fn cyclonedx_is_valid_by_its_schema() {
    let python = match peer::python(&["cyclonedx-python-lib[json-validation]==11.12.0"]) {
        Ok(python) => python,
        Err(why) => return eprintln!("SKIPPED: CycloneDX is not held against its schema: {why}"),
    };
    let scene = checkout();
    let bom = written(&scene, "cyclonedx");
    let script = "import sys\nfrom cyclonedx.validation.json import JsonStrictValidator\n\
        from cyclonedx.schema import SchemaVersion\n\
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())\n\
        print(error)\nsys.exit(1 if error else 0)";
    assert_eq!(peer::content(python, script, &[&scene.path("answer.cyclonedx.json")]).trim(), "None");
    let said = bom["vulnerabilities"].as_array().expect("rows");
    let bar = said.iter().find(|one| one["id"] == "GHSA-bbbb-bbbb-bbbb").expect("it is kept");
    assert_eq!(bar["analysis"]["state"], "not_affected", "{bar:#}");
    assert_eq!(bar["analysis"]["justification"], "code_not_present");
}

#[test]
fn spdx_is_valid_by_the_tools_of_spdx() {
    let python = match peer::python(&["spdx-tools==0.8.5"]) {
        Ok(python) => python,
        Err(why) => return eprintln!("SKIPPED: SPDX is not held against its tools: {why}"),
    };
    let scene = checkout();
    written(&scene, "spdx");
    let script = "import sys\nfrom spdx_tools.spdx.parser.parse_anything import parse_file\n\
        from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document\n\
        document = parse_file(sys.argv[1])\nwrong = validate_full_spdx_document(document)\n\
        [print(one.validation_message) for one in wrong]\nprint(len(document.packages), len(document.relationships))\n\
        sys.exit(1 if wrong else 0)";
    let said = peer::content(python, script, &[&scene.path("answer.spdx.json")]);
    let answer = written(&scene, "json");
    let rows = |list: &Value| list.as_array().expect("rows").len();
    let expected = 1 + rows(&answer["components"]) + rows(&answer["coverage"]["read"]);
    assert!(said.starts_with(&format!("{expected} ")), "{said} for {expected}");
}

/// What is compared of components: all but where they were found.
fn components(answer: &Value) -> BTreeMap<String, Value> {
    let rows = answer["components"].as_array().expect("rows");
    rows.iter()
        .map(|one| {
            let mut one = one.clone();
            one.as_object_mut().expect("an object").remove("found");
            (format!("{} {}", one["purl"], one["name"]), one)
        })
        .collect()
}

#[test]
fn what_is_written_as_spdx_or_cyclonedx_is_read_back_as_the_same_components() {
    let scene = checkout();
    let listed = components(&written(&scene, "json"));
    for format in ["spdx", "cyclonedx"] {
        written(&scene, format);
        let end = if format == "spdx" { "spdx.json" } else { "cdx.json" };
        scene.write(&format!("back/answer.{end}"), scene.bytes(&format!("answer.{format}.json")));
        let back = scene.run(&format!("scan back/answer.{end} --database intel.db --format json"));
        let back = components(&back.json());
        let keys = |all: &BTreeMap<String, Value>| all.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&back), keys(&listed), "{format}");
        for (key, one) in &listed {
            assert_eq!(&back[key], one, "{format}");
        }
    }
}

#[test]
fn a_reference_that_can_be_moved_and_the_claim_beside_a_commit_are_told() {
    let scene = checkout();
    let listed = written(&scene, "json");
    let by_name = |name: &str| {
        let rows = listed["components"].as_array().expect("rows").iter();
        rows.clone().find(|one| one["name"] == name).expect("it is listed").clone()
    };
    let action = by_name("aquasecurity/trivy-action");
    assert_eq!(
        action["reference"],
        json!({"kind": "action", "name": "aquasecurity/trivy-action", "at": "0.28.0", "pin": "tag"})
    );
    let pinned = by_name("actions/checkout");
    assert_eq!((&pinned["reference"]["pin"], &pinned["claimed"]), (&json!("commit"), &json!(["v4.2.2"])));
    assert_eq!(by_name("x/y")["reference"]["pin"], "branch");
    let image = by_name("docker.io/library/node");
    assert_eq!(
        image["reference"],
        json!({"kind": "image", "name": "docker.io/library/node", "at": "20", "pin": "tag"})
    );
    let bom = written(&scene, "cyclonedx").to_string();
    assert!(bom.contains(r#"{"name":"floodmark:reference:pin","value":"branch"}"#), "{bom}");
    let table = scene.run("scan checkout").stdout;
    assert!(table.contains("at the tag 0.28.0, which can be moved"), "{table}");
}

#[test]
fn the_same_evidence_gives_the_same_bytes_in_every_format() {
    let scene = checkout();
    for format in ["json", "sarif", "cyclonedx", "spdx"] {
        let run = |threads: u8| {
            scene.run(&format!(
                "scan checkout --database intel.db --vex v.json --format {format} --threads {threads}"
            ))
        };
        assert_eq!(run(1).stdout, run(2).stdout, "{format}");
    }
}

#[test]
fn what_is_set_aside_by_vex_is_told_with_its_reason_and_exit_codes_follow() {
    let scene = checkout();
    let ran = scene.run("scan checkout/tools\u{20}with --vex v.json");
    assert_eq!(ran.code, Some(2), "{ran}");
    scene.write("alone/requirements.txt", "bar==1.0\n");
    assert_eq!(scene.run("scan alone --database intel.db").code, Some(1));
    assert_eq!(scene.run("scan alone --database intel.db --vex v.json").code, Some(0));
    scene.write("floodmark.toml", "[scan]\nvex = [\"v.json\"]\n");
    let ran = scene.run("scan alone --database intel.db --format json");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.json()["flaws"][0]["set_aside"].as_str().is_some_and(|why| why.contains("it is gone")),
        "{ran}"
    );
    scene.write("broken.json", "{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [");
    let ran = scene.run("scan alone --vex broken.json");
    assert!(ran.code == Some(2) && ran.stderr.contains("broken.json"), "{ran}");
}

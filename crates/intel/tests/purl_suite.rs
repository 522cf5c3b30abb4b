//! The test suite of the purl specification, where `PURL_SPEC` names a checkout of
//! <https://github.com/package-url/purl-spec>.

use std::path::PathBuf;
use std::{env, fs};

use floodmark_intel::purl::Purl;
use serde_json::Value;

/// What we mean otherwise than the suite: the beginning of the input, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("pkg:chrome-extension/", PROHIBITED),
    ("pkg:cpan/", PROHIBITED),
    ("pkg:julia/Dates", PROHIBITED),
    ("pkg:otp/namespace/", PROHIBITED),
    ("pkg:swift/Alamofire@", PROHIBITED),
    ("pkg:vcpkg/boost/", PROHIBITED),
    ("pkg:vscode-extension/java@", PROHIBITED),
    ("pkg:gem/jruby-launcher@1.1.2?Platform", "keys are lowered where a purl of somebody else has capitals"),
    ("pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch", "keys are lowered where a purl of somebody else has capitals"),
    ("pkg:git/", "the suite takes a slash for one in the name; the canonical form is the same"),
    ("pkg:mlflow/CreditFraud@3", "whether case counts depends on the host in a qualifier"),
];

/// What evidence names is listed, whatever the definition of its type prohibits.
const PROHIBITED: &str = "a type's own prohibitions are no reason to leave a component out";

#[test]
fn purls_of_the_official_suite_are_read_and_written_as_it_says() {
    let Some(folder) = env::var_os("PURL_SPEC").map(PathBuf::from) else {
        eprintln!("SKIPPED: the suite of the purl specification; PURL_SPEC names no checkout of it");
        return;
    };
    let (mut passed, mut failed) = (0, Vec::new());
    for group in ["tests/types", "tests/spec"] {
        for file in fs::read_dir(folder.join(group)).expect("a checkout of purl-spec") {
            let text = fs::read_to_string(file.expect("a file").path()).expect("text");
            let suite: Value = serde_json::from_str(&text).expect("JSON");
            for test in suite["tests"].as_array().into_iter().flatten() {
                let input = input(test);
                let known = OTHERWISE.iter().any(|(beginning, _)| input.starts_with(beginning));
                match verdict(test) {
                    Ok(()) => passed += 1,
                    Err(_) if known => {}
                    Err(why) => failed.push(format!("{}\n  {input}\n  {why}", test["description"])),
                }
            }
        }
    }
    assert!(passed > 300, "only {passed} tests were found");
    assert!(failed.is_empty(), "{passed} passed, {} failed:\n{}", failed.len(), failed.join("\n"));
}

/// The input; that of a build as far as it is known without encoding.
fn input(test: &Value) -> String {
    let part = |key: &str| test["input"][key].as_str();
    if let Some(text) = test["input"].as_str() {
        return text.to_owned();
    }
    let path: Vec<&str> = [part("type"), part("namespace"), part("name")].into_iter().flatten().collect();
    format!("pkg:{}@{}", path.join("/"), part("version").unwrap_or_default())
}

fn verdict(test: &Value) -> Result<(), String> {
    let expects_failure = test["expected_failure"].as_bool().unwrap_or(false);
    let result = match test["test_type"].as_str() {
        Some("build") => built(&test["input"]),
        Some("parse" | "validate") => {
            test["input"].as_str().unwrap_or_default().parse().map_err(|error| format!("{error}"))
        }
        _ => return Ok(()),
    };
    match (result, expects_failure) {
        (Ok(purl), true) => Err(format!("was taken, as {purl}")),
        (Err(_), true) => Ok(()),
        (Err(why), false) => Err(why),
        (Ok(purl), false) if test["test_type"] == "parse" => parsed(&purl, &test["expected_output"]),
        (Ok(purl), false) => same(purl.as_str(), test["expected_output"].as_str().unwrap_or_default()),
    }
}

fn built(parts: &Value) -> Result<Purl, String> {
    let text = |key: &str| parts[key].as_str();
    let purl = Purl::new(
        text("type").unwrap_or_default(),
        text("namespace"),
        text("name").unwrap_or_default(),
        text("version"),
    );
    let qualifiers = parts["qualifiers"].as_object().into_iter().flatten();
    let qualifiers: Vec<_> =
        qualifiers.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())).collect();
    let purl = purl.and_then(|purl| purl.qualified(qualifiers)).map_err(|error| error.to_string())?;
    match text("subpath") {
        Some(subpath) => format!("{purl}#{subpath}").parse().map_err(|error| format!("{error}")),
        None => Ok(purl),
    }
}

/// The parts of what was read, by building a purl from the parts that the suite expects.
fn parsed(purl: &Purl, expected: &Value) -> Result<(), String> {
    same(purl.as_str(), built(expected)?.as_str())
}

fn same(found: &str, expected: &str) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("gave {found}, expected {expected}")) }
}

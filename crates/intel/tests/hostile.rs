//! Files that are cut off, wrong, enormous or made to hurt: each is an error with its place, and nothing else.

use floodmark_intel::compromise::{
    Compromises, IndicatorKind, MAX_BYTES, ReadError, read, schema, shipped_files,
};

const SMALL: &str = r#"schema = "compromise/1"
name = "Example"
summary = "An example."

[sources]
report = { title = "A report", url = "https://example.org", grade = "A" }

[[artifact]]
id = "package"
title = "example on npm"
sources = ["report"]
windows = [
    { from = 2026-01-01T10:00:00Z, to = 2026-01-01T12:00:00Z },
]
bad = [
    { purl = "pkg:npm/example@1.0.1" },
]

[network]
ip = [
    { value = "192.0.2.1", sources = ["report"] },
]
"#;

fn error(text: &str) -> ReadError {
    read("intel/compromises/example.toml", text).expect_err("it is wrong")
}

/// The error of the small file with one thing changed.
#[track_caller]
fn changed(from: &str, to: &str) -> String {
    assert_eq!(SMALL.matches(from).count(), 1, "{from}");
    error(&SMALL.replace(from, to)).to_string()
}

#[test]
fn the_small_file_is_good() {
    let (id, compromise) = read("example.toml", SMALL).expect("good");
    assert_eq!((id.as_str(), compromise.artifacts.len()), ("example", 1));
}

#[test]
fn the_example_of_the_guide_is_good() {
    let guide = include_str!("../../../intel/compromises/README.md");
    let (_, rest) = guide.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let (_, compromise) = read("example.toml", example).unwrap_or_else(|error| panic!("{error}"));
    assert!(compromise.artifacts.len() == 1 && compromise.indicators().count() > 2);
}

#[test]
fn an_error_names_file_line_and_what_was_expected() {
    let cases = [
        ("pkg:npm/example@1.0.1", "npm/example", 16, "expected pkg:type/name@version"),
        ("id = \"package\"", "id = \"package\"\ncolour = 3", 10, "unknown field `colour`, expected one of"),
        ("{ value = \"192.0.2.1\",", "{ value = \"192.0.2.256\",", 21, "expected an IP address"),
        (
            "sources = [\"report\"]\nwindows",
            "sources = [\"rumour\"]\nwindows",
            11,
            "`rumour` is not a source of this file",
        ),
        ("sources = [\"report\"]\nwindows", "sources = []\nwindows", 11, "expected at least one source"),
        (
            "sources = [\"report\"]\nwindows",
            "sources = [\"report:D\"]\nwindows",
            11,
            "expected A, B, C or BK",
        ),
        ("2026-01-01T12:00:00Z", "2026-01-01T09:00:00Z", 13, "expected it to begin before"),
        ("grade = \"A\"", "grade = \"E\"", 6, "unknown variant `E`, expected one of `A`, `B`, `C`, `BK`"),
        ("https://example.org", "javascript:alert(1)", 6, "expected https://"),
        ("{ purl = \"pkg:npm/example@1.0.1\" }", "{ file = \"a\" }", 16, "nothing to find it by"),
        ("{ purl = \"pkg:npm/example@1.0.1\" }", "{ sha256 = \"00\" }", 16, "expected 64 hexadecimal digits"),
        ("name = \"Example\"", "name = \"\\u001b[2J\"", 2, "control characters"),
    ];
    for (from, to, line, words) in cases {
        let error = changed(from, to);
        assert!(
            error.starts_with(&format!("intel/compromises/example.toml:{line}: ")) && error.contains(words),
            "{to}: {error}"
        );
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
    let text = SMALL.replace("[\"report\"]", "[\"rumour\"]");
    let lines: Vec<_> = error(&text).problems.iter().map(|problem| problem.line).collect();
    assert_eq!(
        lines,
        [Some(6), Some(11), Some(21)],
        "the source that none cites, and the two places that cite another"
    );
}

#[test]
fn a_conflict_has_two_sides_and_a_name() {
    let one = SMALL.replace("[\"report\"] },", "[\"report\"], conflict = \"address\" },");
    assert!(error(&one).to_string().contains("`address` is not a conflict of this file"));
    let named = format!("{one}\n[conflicts.address]\nabout = \"the address\"\n");
    assert!(error(&named).to_string().contains("has 1 side(s): expected two or more"));
    let both = format!("{named}sides = [{{ value = \"192.0.2.2\", sources = [\"report:C\"] }}]\n");
    assert!(read("example.toml", &both).is_ok());
}

#[test]
fn two_artifacts_have_two_ids_and_a_hash_is_not_bad_and_good() {
    let twice =
        format!("{SMALL}\n[[artifact]]\nid = \"package\"\ntitle = \"again\"\nsources = [\"report\"]\n");
    assert!(error(&twice).to_string().contains("the id of two artifacts"));
    let hash = format!("{{ sha256 = \"{}\" }}", "ab".repeat(32));
    let both =
        SMALL.replace("{ purl = \"pkg:npm/example@1.0.1\" },\n]", &format!("{hash},\n]\ngood = [{hash}]"));
    assert!(error(&both).to_string().contains("bad and good at once"));
}

#[test]
fn a_file_is_named_for_its_incident() {
    for name in ["Example.toml", "example.yml", "", ".toml", "a b.toml", "../.toml"] {
        let error = read(name, SMALL).expect_err(name);
        assert!(error.to_string().contains("the name of the file"), "{error}");
    }
}

#[test]
fn a_file_cut_off_anywhere_is_an_error_or_less_of_the_same() {
    for at in (0..SMALL.len()).filter(|at| SMALL.is_char_boundary(*at)) {
        if let Ok((_, compromise)) = read("example.toml", &SMALL[..at]) {
            assert_eq!(compromise.name, "Example");
        }
    }
}

#[test]
fn a_shipped_file_with_one_byte_changed_never_panics() {
    let (file, text) = shipped_files().iter().min_by_key(|(_, text)| text.len()).expect("one");
    for at in 0..text.len() {
        for byte in [b'"', b'[', b'}', b'\n', b'0', b'=', 0] {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = byte;
            if let Ok(text) = std::str::from_utf8(&bytes) {
                let _ = read(file, text);
            }
        }
    }
}

#[test]
fn an_enormous_file_is_refused_and_a_large_one_is_read() {
    let padding = "#".repeat(MAX_BYTES);
    assert!(error(&format!("{SMALL}{padding}")).to_string().contains("expected at most"));
    let many = (0..20_000)
        .map(|number| format!("    {{ purl = \"pkg:npm/a{number}@1\" }},\n"))
        .collect::<Vec<_>>()
        .concat();
    let large = SMALL.replace("bad = [\n", &format!("bad = [\n{many}"));
    let (compromises, errors) = Compromises::from_files([("large.toml", large.as_str())]);
    assert!(errors.is_empty());
    assert_eq!(compromises.package(&"pkg:npm/a19999@1".parse().expect("a purl")).len(), 1);
}

#[test]
fn what_is_nested_without_end_or_wrong_a_thousand_times_is_an_error_of_bounded_length() {
    for text in
        ["x = ".to_owned() + &"[".repeat(100_000), "a.".repeat(100_000) + "b = 1", "[a".repeat(100_000)]
    {
        assert!(error(&text).to_string().len() < 10_000);
    }
    let wrong = (0..10_000)
        .map(|number| format!("    {{ purl = \"pkg:npm/a{number}@1\", sources = [\"no\"] }},\n"))
        .collect::<Vec<_>>()
        .concat();
    let problems = error(&SMALL.replace("bad = [\n", &format!("bad = [\n{wrong}"))).problems.len();
    assert_eq!(problems, 50);
}

#[test]
fn one_file_that_cannot_be_read_leaves_the_others() {
    let (compromises, errors) =
        Compromises::from_files([("broken.toml", "schema = 1"), ("example.toml", SMALL)]);
    assert_eq!((compromises.entries().len(), errors.len()), (1, 1));
    assert!(errors[0].to_string().starts_with("broken.toml:1: "));
}

#[test]
fn what_is_asked_for_may_be_enormous() {
    let known = Compromises::shipped();
    let labels = "a.".repeat(1 << 20);
    assert!(known.indicator(IndicatorKind::Domain, &labels).is_empty());
    assert!(known.indicator(IndicatorKind::RepositoryName, &labels).is_empty());
    assert!(known.hash(&labels).is_empty());
}

#[test]
fn the_published_schema_accepts_what_ships_and_refuses_what_the_reader_refuses() {
    let schema = serde_json::to_value(schema()).expect("JSON");
    jsonschema::meta::validate(&schema).expect("a schema of its draft");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let json =
        |text: &str| serde_json::to_value(dates_as_text(toml::from_str(text).expect("TOML"))).expect("JSON");
    for (file, text) in shipped_files() {
        let errors: Vec<_> =
            validator.iter_errors(&json(text)).map(|error| format!("{file}: {error}")).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    for (from, to) in [
        ("id = \"package\"", "id = \"package\"\ncolour = 3"),
        ("pkg:npm/example@1.0.1", "npm/example"),
        ("grade = \"A\"", "grade = \"E\""),
    ] {
        assert!(!validator.is_valid(&json(&SMALL.replace(from, to))), "{to}");
    }
}

/// As an editor that checks TOML against a JSON Schema sees it.
fn dates_as_text(value: toml::Value) -> toml::Value {
    match value {
        toml::Value::Datetime(time) => toml::Value::String(time.to_string()),
        toml::Value::Array(list) => toml::Value::Array(list.into_iter().map(dates_as_text).collect()),
        toml::Value::Table(table) => {
            toml::Value::Table(table.into_iter().map(|(key, value)| (key, dates_as_text(value))).collect())
        }
        other => other,
    }
}

//! Whatever stands in the evidence comes out of every format as text and nothing else.

mod markup;
mod sample;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use floodmark_case::{Answer, Command};
use floodmark_report::{Format, Layout, Style, is_treacherous, render};
use serde_json::Value;
use unicode_width::UnicodeWidthChar;

fn hostile() -> Vec<String> {
    let mut strings: Vec<String> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></svg><svg onload=alert(1)>",
        "]]><!--",
        "&#x3c;script&#x3e;",
        "javascript:alert(1)",
        "\x1b]0;owned\x07\x1b[2J\x1b[31m",
        "\u{9b}31m\u{85}\u{90}q\u{9c}",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1+1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "＝1+1",
        "a\",\"=1+1",
        "two\r\nlines\nand,a comma;and \"quotes\"",
        "user\u{202e}txt.exe\u{202c}\u{2066}x\u{2069}",
        "zero\u{200b}width\u{feff}\u{2060}",
        "line\u{2028}and\u{2029}paragraph",
        "tags\u{e0041}\u{e0042}",
        "\u{fffe}\u{ffff}\u{fdd0}",
        "\0nul\u{8}\u{7f}",
        "",
        " ",
        "` ` `odd` backticks `",
        "日本語のとても長い名前のバケット/オブジェクト",
        "{{7*7}} ${jndi:ldap://x} %s%n",
        "' OR 1=1]' AND [ipv4-addr:value = '1.2.3.4",
        "arn:aws:::::",
        "arn:aws:iam::1:",
    ]
    .map(str::to_owned)
    .to_vec();
    strings.push("x".repeat(10_000));
    strings.push("word ".repeat(500));
    strings.push(format!("a{}", "\u{301}".repeat(1_000)));
    strings.push("\u{202e}".repeat(1_000));
    strings
}

/// The sample with the string at every place that takes any text.
///
/// The places are found, not listed: whatever still reads as an answer with the string in it takes any text.
fn poisoned(places: &BTreeSet<String>, string: &str) -> (Answer, Value) {
    let mut value = serde_json::to_value(sample::answer()).expect("JSON");
    walk(&mut value, "", &mut |place, text| {
        if places.contains(place) {
            string.clone_into(text);
        }
    });
    (serde_json::from_value(value.clone()).expect("an answer"), value)
}

fn free_places() -> BTreeSet<String> {
    let original = serde_json::to_value(sample::answer()).expect("JSON");
    let mut all = BTreeSet::new();
    walk(&mut original.clone(), "", &mut |place, _| {
        all.insert(place.to_owned());
    });
    let takes_any = |wanted: &String| {
        let mut tried = original.clone();
        walk(&mut tried, "", &mut |place, text| {
            if place == wanted {
                "no word of the vocabulary".clone_into(text);
            }
        });
        serde_json::from_value::<Answer>(tried).is_ok()
    };
    all.into_iter().filter(takes_any).collect()
}

fn walk(value: &mut Value, place: &str, visit: &mut dyn FnMut(&str, &mut String)) {
    match value {
        Value::String(text) => visit(place, text),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, &format!("{place}[]"), visit)),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(name, field)| walk(field, &format!("{place}.{name}"), visit));
        }
        _ => {}
    }
}

fn rendered(answer: &Answer, format: Format, layout: Layout) -> String {
    let mut out = Vec::new();
    render(answer, format, &layout, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("every format is UTF-8")
}

fn assert_inert(text: &str, allowed: &[char], what: &str) {
    let first = text.char_indices().find(|(_, c)| is_treacherous(*c) && !allowed.contains(c));
    assert!(
        first.is_none(),
        "{what}: {first:?} in {:?}",
        first.map(|(at, _)| text[at..].chars().take(40).collect::<String>())
    );
}

/// Runs the check on the sample with each hostile string in all places.
fn for_each_hostile(check: impl Fn(&Answer, &Value, &str)) {
    static PLACES: OnceLock<BTreeSet<String>> = OnceLock::new();
    let places = PLACES.get_or_init(free_places);
    assert!(places.len() > 45, "only {} places take text: {places:#?}", places.len());
    for string in hostile() {
        let (answer, value) = poisoned(places, &string);
        check(&answer, &value, &string.chars().take(40).collect::<String>());
    }
}

#[test]
fn a_terminal_gets_no_control_sequence_and_no_line_is_too_wide() {
    for_each_hostile(|answer, _, string| {
        for width in [40, 61, 80, 132] {
            let view = rendered(answer, Format::Table, Layout { width, style: Style::Plain });
            assert_inert(&view, &['\n'], string);
            for line in view.lines() {
                let columns: usize = line.chars().map(|c| c.width().unwrap_or(0)).sum();
                assert!(columns <= width, "{string:?} at {width}: {line:?}");
            }
        }
    });
}

#[test]
fn colours_are_the_only_sequences_that_a_terminal_gets() {
    for_each_hostile(|answer, _, string| {
        let view = rendered(answer, Format::Table, Layout { width: 80, style: Style::Colour });
        let mut pieces = view.split('\x1b');
        assert_inert(pieces.next().unwrap_or_default(), &['\n'], string);
        for piece in pieces {
            let sequence = piece.strip_prefix('[').and_then(|piece| piece.split_once('m'));
            let (parameters, text) = sequence.unwrap_or_else(|| panic!("{string:?}: {piece:?}"));
            assert!(
                ["0", "1", "2", "31", "32", "33", "36", "1;31"].contains(&parameters),
                "{string:?}: {parameters:?}"
            );
            assert_inert(text, &['\n'], string);
        }
    });
}

#[test]
fn json_reads_back_as_it_was_and_holds_nothing_that_a_terminal_would_obey() {
    for_each_hostile(|answer, value, string| {
        let text = rendered(answer, Format::Json, Layout::default());
        assert_inert(&text, &['\n'], string);
        assert_eq!(&serde_json::from_str::<Value>(&text).expect("JSON"), value, "{string:?}");
    });
}

#[test]
fn the_page_has_no_element_and_no_attribute_that_the_program_did_not_write() {
    for_each_hostile(|answer, _, string| {
        // Findings keep identifiers of their own, as the engine gives them: an identifier stands on a page once.
        let mut answer = answer.clone();
        for (nth, finding) in answer.findings.iter_mut().enumerate() {
            finding.id = format!("{string}{nth}");
        }
        let page = rendered(&answer, Format::Html, Layout::default());
        assert_inert(&page, &['\n'], string);
        markup::read(&page).unwrap_or_else(|wrong| panic!("{string:?}: {wrong}"));
        assert!(page.len() < 3_000_000, "{string:?}: {} bytes", page.len());
    });
}

#[test]
fn no_field_of_the_csv_begins_a_formula_and_none_is_lost() {
    for_each_hostile(|answer, _, string| {
        let text = rendered(answer, Format::Csv, Layout::default());
        assert_inert(&text, &['\r', '\n'], string);
        let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text.as_bytes());
        let records: Vec<_> =
            reader.records().collect::<Result<_, _>>().unwrap_or_else(|wrong| panic!("{string:?}: {wrong}"));
        assert_eq!(records.len(), answer.story.timeline.len(), "{string:?}");
        for field in records.iter().flat_map(csv::StringRecord::iter) {
            assert!(
                !field.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']),
                "{string:?}: {field:?}"
            );
        }
    });
}

#[test]
fn json_lines_are_one_event_a_line() {
    for_each_hostile(|answer, _, string| {
        let events = answer.findings.len() + answer.story.timeline.len();
        for format in [Format::Timesketch, Format::Ocsf] {
            let text = rendered(answer, format, Layout::default());
            assert_inert(&text, &['\n'], string);
            let lines: Vec<Value> =
                text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
            assert_eq!(lines.len(), events, "{format} {string:?}");
            assert!(lines.iter().all(|line| line["message"].is_string()), "{format} {string:?}");
        }
    });
}

#[test]
fn a_stix_bundle_refers_only_to_what_it_holds_and_its_patterns_name_addresses_only() {
    for_each_hostile(|answer, _, string| {
        let text = rendered(answer, Format::Stix, Layout::default());
        assert_inert(&text, &['\n'], string);
        let bundle: Value = serde_json::from_str(&text).expect("JSON");
        let objects = bundle["objects"].as_array().expect("objects");
        let ids: BTreeSet<_> = objects.iter().filter_map(|object| object["id"].as_str()).collect();
        assert_eq!(ids.len(), objects.len(), "{string:?}: an object is there twice");
        for object in objects {
            let single = ["source_ref", "target_ref", "sighting_of_ref", "created_by_ref"]
                .into_iter()
                .filter_map(|name| object[name].as_str());
            let several = object["object_refs"].as_array().into_iter().flatten().filter_map(Value::as_str);
            for reference in single.chain(several) {
                assert!(ids.contains(reference), "{string:?}: {reference}");
            }
            if let Some(pattern) = object["pattern"].as_str() {
                let address =
                    pattern.split('\'').nth(1).and_then(|text| text.parse::<std::net::IpAddr>().ok());
                assert!(address.is_some() && pattern.matches('\'').count() == 2, "{string:?}: {pattern}");
            }
        }
    });
}

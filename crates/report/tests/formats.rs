//! What each format looks like for the sample answer, and what all of them promise.

mod sample;

use std::io;

use floodmark_case::Command;
use floodmark_report::{Format, Layout, Style, render, schema};
use serde_json::Value;

fn rendered(format: Format, width: usize, style: Style) -> String {
    let mut out = Vec::new();
    render(&sample::answer(), format, &Layout { width, style }, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("every format is UTF-8")
}

fn plain(format: Format) -> String {
    rendered(format, 80, Style::Plain)
}

#[test]
fn the_terminal_view_at_eighty_columns() {
    insta::assert_snapshot!(plain(Format::Table));
}

#[test]
fn the_terminal_view_at_forty_columns() {
    insta::assert_snapshot!(rendered(Format::Table, 40, Style::Plain));
}

#[test]
fn colour_says_what_the_words_say_already() {
    let coloured = rendered(Format::Table, 80, Style::Colour);
    assert!(coloured.contains("\x1b[1;31mCRITICAL\x1b[0m") && coloured.contains("\x1b[36mdenied\x1b[0m"));
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        stripped.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain(Format::Table));
}

#[test]
fn the_first_screen_holds_verdict_numbers_and_tactics() {
    let view = plain(Format::Table);
    let screen: Vec<_> = view.lines().take(24).collect();
    for word in
        ["begot five", "312.4 GB", "to be undone", "NOT READ", "CRITICAL", "Persistence", "Lateral movement"]
    {
        assert!(screen.iter().any(|line| line.contains(word)), "{word} is not on the first screen");
    }
}

#[test]
fn the_csv_view() {
    insta::assert_snapshot!(plain(Format::Csv));
}

#[test]
fn the_timesketch_view() {
    insta::assert_snapshot!(plain(Format::Timesketch));
}

#[test]
fn the_ocsf_view() {
    insta::assert_snapshot!(plain(Format::Ocsf));
}

#[test]
fn the_stix_view() {
    insta::assert_snapshot!(plain(Format::Stix));
}

#[test]
fn the_published_schema() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema()).expect("a schema is JSON"));
}

#[test]
fn the_json_view_is_the_envelope_and_ends_in_a_newline() {
    let text = plain(Format::Json);
    assert!(text.ends_with("}\n"));
    let read: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(read, serde_json::to_value(sample::answer()).expect("JSON"));
    let back: floodmark_case::Answer = serde_json::from_str(&text).expect("an answer");
    assert_eq!(back, sample::answer());
}

#[test]
fn the_json_view_is_valid_by_the_published_schema_and_a_damaged_one_is_not() {
    let schema = schema();
    jsonschema::meta::validate(&schema).expect("a schema of its draft");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let answer = serde_json::to_value(sample::answer()).expect("JSON");
    let errors: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for (pointer, damage) in [
        ("/schema", Value::from("floodmark/2")),
        ("/findings/0/severity", Value::from("dire")),
        ("/findings/0/citations/0/evidence", Value::from("not a digest")),
        ("/timeline/0/count", Value::from(-1)),
        ("/coverage", Value::Null),
    ] {
        let mut damaged = answer.clone();
        *damaged.pointer_mut(pointer).expect("it is there") = damage;
        assert!(!validator.is_valid(&damaged), "{pointer} may be anything");
    }
}

#[test]
fn the_same_answer_gives_the_same_bytes_in_every_format() {
    for format in Format::of(Command::Trace) {
        assert_eq!(plain(*format), plain(*format), "{format}");
    }
}

#[test]
fn every_format_is_found_by_its_name_and_others_are_refused_with_the_list() {
    for format in Format::of(Command::Trace) {
        assert_eq!(format.as_str().parse(), Ok(*format));
    }
    let error = "pdf".parse::<Format>().expect_err("no such format").to_string();
    assert!(
        error.contains("`pdf`") && error.contains("table, json, html, csv, timesketch, ocsf, stix"),
        "{error}"
    );
}

#[test]
fn a_reader_who_goes_away_is_told_apart_from_a_full_disk() {
    struct Refusing(io::ErrorKind);
    impl io::Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for format in Format::of(Command::Trace) {
        for (kind, is_normal) in [(io::ErrorKind::BrokenPipe, true), (io::ErrorKind::StorageFull, false)] {
            let result = render(&sample::answer(), *format, &Layout::default(), &mut Refusing(kind));
            let error = result.expect_err("nothing can be written");
            assert_eq!(
                (error.is_broken_pipe(), error.io().map(io::Error::kind)),
                (is_normal, Some(kind)),
                "{format}"
            );
        }
    }
}

//! Rows of columns: Lake, Athena, Sentinel, CSV.
#![no_main]

use floodmark_trace::event::Event;
use floodmark_trace::place::Place;
use floodmark_trace::read::{Sink, fuzzing};

struct Nothing;

impl Sink for Nothing {
    fn event(&mut self, _: &Event<'_>, _: Place) {}
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let cells: Vec<(&str, &str)> =
        text.lines().map(|line| line.split_once('\t').unwrap_or(("userIdentity", line))).collect();
    fuzzing::columns(&cells);
    let table = format!("eventTime,eventSource,eventName,userIdentity\n{text}");
    fuzzing::read(table.as_bytes(), &mut Nothing);
    let rows = format!(r#"{{"QueryResultRows":[[{{"eventName":"x"}},{{"eventSource":"y"}},{text}]]}}"#);
    fuzzing::read(rows.as_bytes(), &mut Nothing);
});

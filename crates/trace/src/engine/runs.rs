//! The timeline: runs of like calls as one row.

use std::collections::BTreeSet;

use floodmark_case::TimelineRow;

use crate::engine::births::Name;
use crate::engine::story::deeds::Told;
use crate::engine::story::{Deedbook, Run, window};
use crate::place::{Input, Place, cite};

/// Like calls with no longer gap between them than this are one run.
pub const LONGEST_GAP_SECONDS: i64 = 15 * 60;
/// How many resources a row names.
const SAMPLE: usize = 8;

/// The runs of like calls, in order of time.
pub(crate) fn runs(book: &Deedbook<'_>, inputs: &[Input]) -> Vec<Run> {
    let like = |a: &Told, b: &Told| a.row == b.row && b.time <= a.time.plus_seconds(LONGEST_GAP_SECONDS);
    let mut runs: Vec<Run> = book.told.chunk_by(like).map(|calls| run(book, calls, inputs)).collect();
    // rows were in the order of their content, and this sort keeps it among those of one instant
    runs.sort_by_key(|run| (run.row.window.from, run.row.window.to));
    runs
}

/// `calls` is not empty: it is a chunk.
fn run(book: &Deedbook<'_>, calls: &[Told], inputs: &[Input]) -> Run {
    let row = book.row(&calls[0]);
    let text = |name: Name| book.text(name).to_owned();
    let mut places: Vec<Place> = calls.iter().map(|told| told.place).collect();
    places.sort_unstable();
    let named: BTreeSet<&str> = calls
        .iter()
        .map(|told| told.deed)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .flat_map(|deed| &book.deeds[deed as usize].named)
        .map(|&name| book.text(name))
        .collect();
    let row = TimelineRow {
        window: window(calls.iter().map(|told| told.time)),
        credential: text(row.credential),
        call: text(row.call),
        outcome: row.outcome,
        error: Some(text(row.error)).filter(|error| !error.is_empty()),
        count: calls.len() as u64,
        account: text(row.account),
        region: text(row.region),
        address: text(row.address),
        user_agent: text(row.agent),
        resources: named.iter().take(SAMPLE).map(|name| (*name).to_owned()).collect(),
        resource_count: named.len() as u64,
        bytes_out: calls.iter().fold(0, |sum, told| sum.saturating_add(told.bytes)),
        techniques: Vec::new(),
        findings: Vec::new(),
        citations: cite(inputs, &places),
    };
    Run { row, places }
}

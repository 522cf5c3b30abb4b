//! What the fuzz targets need of the inside. Not part of the interface.

use std::io::BufReader;

use super::columns;
use super::content::{self, Content};
use super::split::{Piece, Splitter};
use super::{Events, Reading, Report, Sink, delivery};

/// Reads bytes as the content of a file: at once, and as a stream in small pieces.
pub fn read(bytes: &[u8], sink: &mut dyn Sink) {
    let mut events = Events::default();
    let mut reading = Reading { input: 0, sink, events: &mut events, report: Report::default() };
    let mut seen = delivery::Seen::default();
    let _ = reading.content(Content::Whole(bytes), &mut seen);
    reading.report = Report::default();
    let _ = reading.content(Content::Stream(&mut BufReader::with_capacity(7, bytes)), &mut seen);
}

/// Inflates bytes both ways; they must agree where both succeed.
///
/// # Panics
///
/// If they do not.
pub fn content(bytes: &[u8]) {
    let (whole, streamed) = content::both_ways(bytes);
    if let (Some(whole), Some(streamed)) = (whole, streamed) {
        assert!(whole == streamed, "the two inflaters differ");
    }
}

/// Splits bytes as one window and byte by byte; the pieces must be the same.
///
/// # Panics
///
/// If they are not.
pub fn split(bytes: &[u8]) {
    let pieces = |size: usize| {
        let mut splitter = Splitter::new(BufReader::with_capacity(size, bytes));
        let mut pieces = Vec::new();
        loop {
            match splitter.advance() {
                Ok(Some(number)) => match splitter.piece() {
                    Piece::Record(record) => pieces.push((number, record.to_vec())),
                    other => pieces.push((number, format!("{other:?}").into_bytes())),
                },
                Ok(None) => return (splitter.container(), pieces),
                Err(error) => pieces.push((u32::MAX, error.to_string().into_bytes())),
            }
            assert!(pieces.len() <= 2 * bytes.len() + 2, "the splitter does not end");
        }
    };
    assert_eq!(pieces(1), pieces(bytes.len().max(1)));
}

/// Makes an event's JSON of columns, which must be JSON.
///
/// # Panics
///
/// If it is not.
pub fn columns(names_and_texts: &[(&str, &str)]) {
    let columns = names_and_texts.iter().map(|(name, text)| (*name, (*text).into()));
    let json = columns::event_json(columns);
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "no JSON: {json}");
}

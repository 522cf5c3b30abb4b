//! What a JSON record is: an event, a finding, or either of them inside something else.

use sonic_rs::LazyValue;

use super::Reading;
use crate::event::{self, Wire};

/// How many wrappers may lie around an event (a SIEM's around `EventBridge`'s around the event).
const MAX_WRAPPERS: u32 = 5;

/// Reads one record from its text.
pub(super) fn read(text: &str, number: u32, reading: &mut Reading<'_>) {
    match sonic_rs::from_str::<Wire<'_>>(text) {
        Ok(wire) => classify(wire, number, reading),
        Err(error) => reading
            .problem(number, &format!("is not valid JSON for a record: {}", first_line(&error.to_string()))),
    }
}

/// Hands a record on by what it is.
pub(super) fn classify(wire: Wire<'_>, number: u32, reading: &mut Reading<'_>) {
    classify_within(wire, number, reading, MAX_WRAPPERS);
}

fn classify_within(wire: Wire<'_>, number: u32, reading: &mut Reading<'_>, wrappers: u32) {
    if !wire.source.is_empty() && !wire.name.is_empty() {
        reading.report.kind = "cloudtrail";
        return reading.event(wire, number);
    }
    if wrappers == 0 || !unwrap(&wire, number, reading, wrappers - 1) {
        reading.report.strange += 1;
    }
}

/// Looks for an event inside the fields of a record; says whether there was one.
fn unwrap(wire: &Wire<'_>, number: u32, reading: &mut Reading<'_>, wrappers: u32) -> bool {
    let fields =
        wire.others.iter().map(|(_, value)| value).chain(wire.request.as_ref()).chain(wire.response.as_ref());
    for value in fields {
        let Some(text) = embedded(value) else { continue };
        let Ok(inner) = sonic_rs::from_str::<Wire<'_>>(&text) else { continue };
        classify_within(inner, number, reading, wrappers);
        return true;
    }
    false
}

/// The text of an object, or of a string that holds one, if an event may be in it.
fn embedded<'a>(value: &LazyValue<'a>) -> Option<std::borrow::Cow<'a, str>> {
    let raw = event::raw(value)?;
    memchr::memmem::find(raw.as_bytes(), b"eventSource")?;
    match raw.as_bytes().first() {
        Some(b'{') => Some(raw.into()),
        Some(b'"') => event::scalar(value).filter(|text| text.trim_start().starts_with('{')),
        _ => None,
    }
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

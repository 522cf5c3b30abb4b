//! What a JSON record is: an event, a finding, a digest, or any of them inside something else.

use std::borrow::Cow;

use crate::json::Json;
use serde_json::Value;

use super::{Reading, columns, digest, encoding, guardduty, insight, nesting, vpc_flow_log};
use crate::event::Wire;

/// How many wrappers may lie around an event (a SIEM's around `EventBridge`'s around the event).
const MAX_WRAPPERS: u32 = 8;

/// How many bytes may be looked at for one record, over all its wrappers.
const MAX_WORK: usize = 96 << 20;

/// Where exporters put the original event, best first. Other fields are searched behind these.
const ORIGINALS: [&str; 9] =
    ["_raw", "original", "CloudTrailEvent", "eventJson", "message", "@message", "Message", "detail", "body"];

/// What stands in the text of everything that is worth unwrapping.
const SIGNS: [&[u8]; 3] = [b"eventSource", b"EventSource", b"uardduty"];

/// Reads one record from its text: an object, an array of records or of columns, or a string that holds either.
pub(super) fn read(text: &str, number: u32, reading: &mut Reading<'_>) {
    if nesting::is_too_deep(text.as_bytes()) {
        return reading.problem(number, TOO_DEEP);
    }
    let text = &*whole_pairs(text, number, reading);
    let found = match text.as_bytes().first() {
        Some(b'{') => match serde_json::from_str::<Wire<'_>>(text) {
            Ok(wire) => {
                classify(Box::new(wire), number, reading);
                return;
            }
            Err(error) => Err(error),
        },
        _ => serde_json::from_str::<Json<'_>>(text)
            .map(|_| Search { number, reading, work: MAX_WORK }.value(text, MAX_WRAPPERS)),
    };
    match found {
        Ok(true) => {}
        Ok(false) => reading.report.strange += 1,
        Err(error) => reading
            .problem(number, &format!("is not valid JSON for a record: {}", first_line(&error.to_string()))),
    }
}

/// Text whose surrogate pairs are whole; tells if they were not.
fn whole_pairs<'t>(text: &'t str, number: u32, reading: &mut Reading<'_>) -> Cow<'t, str> {
    let whole = encoding::whole_pairs(text);
    if matches!(whole, Cow::Owned(_)) {
        reading
            .problem(number, "holds half of a surrogate pair, which is no character; read with it replaced");
    }
    whole
}

/// What is said of a record that is nested too deep.
const TOO_DEEP: &str = "is nested more than 128 levels deep, which no event is; passed over";

/// Whether any field is nested too deep. A field has to be long for that, and few are, so few are looked at.
fn too_deep(wire: &Wire<'_>) -> Option<&'static str> {
    let known = [wire.identity, wire.request, wire.response, wire.additional, wire.resources];
    let mut values = known.into_iter().flatten().chain(wire.others.iter().map(|&(_, value)| value));
    let is_long = |text: &str| text.len() > 4 * nesting::MAX_NESTING;
    values
        .any(|value| is_long(value.raw()) && nesting::is_too_deep(value.raw().as_bytes()))
        .then_some(TOO_DEEP)
}

/// Hands a record on by what it is. Gives it back if it can be used again.
pub(super) fn classify<'a>(
    wire: Box<Wire<'a>>,
    number: u32,
    reading: &mut Reading<'_>,
) -> Option<Box<Wire<'a>>> {
    if let Some(why) = too_deep(&wire) {
        reading.problem(number, why);
        return None;
    }
    if wire.identity.is_some() && is_call(&wire) {
        return reading.event(wire, number);
    }
    if !(Search { number, reading, work: MAX_WORK }).object(wire, MAX_WRAPPERS) {
        reading.report.strange += 1;
    }
    None
}

/// Whether a record says what was called. S3's event notifications do too (`aws:s3`), but are no CloudTrail.
fn is_call(wire: &Wire<'_>) -> bool {
    !wire.source.is_empty() && !wire.name.is_empty() && !wire.source.starts_with("aws:")
}

/// A search for what is in a record, with bounds on depth and work.
struct Search<'r, 's> {
    number: u32,
    reading: &'r mut Reading<'s>,
    work: usize,
}

impl Search<'_, '_> {
    /// Looks at any JSON; says whether anything was found.
    fn value(&mut self, text: &str, wrappers: u32) -> bool {
        let Some(left) = self.work.checked_sub(text.len()) else { return false };
        self.work = left;
        match text.as_bytes().first() {
            Some(b'{') => serde_json::from_str(text).is_ok_and(|wire| self.object(Box::new(wire), wrappers)),
            Some(b'[') => self.array(text, wrappers),
            Some(b'"') if wrappers > 0 => {
                let Ok(inner) = serde_json::from_str::<String>(text) else { return false };
                let inner = whole_pairs(inner.trim(), self.number, self.reading);
                match inner.as_bytes().first() {
                    Some(b'{' | b'[' | b'"') if !nesting::is_too_deep(inner.as_bytes()) => {
                        self.value(&inner, wrappers - 1)
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// All records in an array; or the one record that it is, column by column.
    fn array(&mut self, text: &str, wrappers: u32) -> bool {
        if wrappers == 0 {
            return false;
        }
        if let Some(row) = row_of_columns(text) {
            return self.columns(row.iter().map(|(name, value)| (&**name, value)), wrappers);
        }
        let mut found = false;
        for element in Json::new(text).elements() {
            found |= self.value(element.raw(), wrappers - 1);
        }
        found
    }

    fn object(&mut self, wire: Box<Wire<'_>>, wrappers: u32) -> bool {
        if insight::is_insight(&wire) {
            insight::read(&wire, self.number, self.reading);
            return true;
        }
        if is_call(&wire) && wire.identity.is_some() {
            self.reading.event(wire, self.number);
            return true;
        }
        if digest::is_digest(&wire) {
            digest::read(&wire, self.number, self.reading);
            return true;
        }
        if guardduty::is_finding(&wire) {
            guardduty::read(&wire, self.number, self.reading);
            return true;
        }
        if wrappers > 0 && self.unwrap(&wire, wrappers - 1) {
            return true;
        }
        if is_flattened(&wire) {
            let others: Vec<_> = scalars(&wire).collect();
            return wrappers > 0
                && self.columns(others.iter().map(|(name, value)| (&**name, value)), wrappers);
        }
        if is_call(&wire) {
            self.reading.event(wire, self.number);
            return true;
        }
        false
    }

    /// Looks for a record inside the fields of another: where exporters put it first, then everywhere.
    fn unwrap(&mut self, wire: &Wire<'_>, wrappers: u32) -> bool {
        let rank = |key: &str| ORIGINALS.iter().position(|name| *name == key).unwrap_or(ORIGINALS.len());
        let known = [&wire.request, &wire.response, &wire.additional, &wire.resources, &wire.identity];
        let known = known.into_iter().flatten().map(|value| ("", value));
        let mut fields: Vec<_> =
            wire.others.iter().map(|(key, value)| (&**key, value)).chain(known).collect();
        fields.sort_by_key(|(key, _)| rank(key));
        for (key, value) in fields {
            let text = value.raw();
            if matches!(key, "message" | "@message") && self.flow(*value) {
                return true;
            }
            let bytes = text.as_bytes();
            if SIGNS.iter().any(|sign| memchr::memmem::find(bytes, sign).is_some())
                && self.value(text, wrappers)
            {
                return true;
            }
        }
        false
    }

    /// A VPC flow in a message of CloudWatch Logs.
    fn flow(&mut self, message: Json<'_>) -> bool {
        let line = text_of(message).filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        line.is_some_and(|line| vpc_flow_log::read_line(line.trim_end(), self.number, self.reading))
    }

    /// An event from its columns, or the whole event that one of them holds.
    fn columns<'a>(
        &mut self,
        row: impl Iterator<Item = (&'a str, &'a Value)> + Clone,
        wrappers: u32,
    ) -> bool {
        let whole = row.clone().find(|(name, _)| name.eq_ignore_ascii_case("eventJson"));
        if let Some((_, Value::String(text))) = whole {
            let is_shallow = !nesting::is_too_deep(text.as_bytes());
            return is_shallow && wrappers > 0 && self.value(text, wrappers - 1);
        }
        if !columns::make_an_event(row.clone().map(|(name, _)| name)) {
            return false;
        }
        let text = columns::event_json(row.map(|(name, value)| (name, value.clone())));
        let Ok(wire) = serde_json::from_str::<Wire<'_>>(&text).map(Box::new) else { return false };
        let is_event = is_call(&wire);
        if is_event {
            self.reading.event(wire, self.number);
        }
        is_event
    }
}

/// A row as Lake's `GetQueryResults` gives it: an array of objects with one member each.
fn row_of_columns(text: &str) -> Option<Vec<(String, Value)>> {
    const MAX_COLUMNS: usize = 512;
    let mut row = Vec::new();
    for element in Json::new(text).elements() {
        let members = element.members();
        let [(name, value)] = &members[..] else { return None };
        if row.len() >= MAX_COLUMNS {
            return None;
        }
        row.push((name.to_string(), scalar_value(*value)?));
    }
    (row.len() > 1 || row.first().is_some_and(|(name, _)| name.eq_ignore_ascii_case("eventJson")))
        .then_some(row)
}

/// Whether the identity or the whole event is spread over columns.
fn is_flattened(wire: &Wire<'_>) -> bool {
    let has = |test: &dyn Fn(&str) -> bool| wire.others.iter().any(|(key, _)| test(key));
    is_call(wire) && has(&|key| key.starts_with("userIdentity") || key.starts_with("UserIdentity"))
        || has(&|key| key == "EventSource") && has(&|key| key == "EventName")
}

/// The fields of a flattened event, by the names that they have.
fn scalars<'a>(wire: &Wire<'a>) -> impl Iterator<Item = (Cow<'a, str>, Value)> {
    let known = [
        ("eventTime", &wire.time),
        ("eventID", &wire.id),
        ("eventSource", &wire.source),
        ("eventName", &wire.name),
        ("awsRegion", &wire.region),
        ("sourceIPAddress", &wire.address),
        ("userAgent", &wire.agent),
        ("recipientAccountId", &wire.account),
        ("errorCode", wire.error.as_ref().unwrap_or(&Cow::Borrowed(""))),
    ]
    .map(|(name, text)| (Cow::Borrowed(name), Value::String(text.clone().into_owned())));
    let nested = [
        ("requestParameters", wire.request),
        ("responseElements", wire.response),
        ("additionalEventData", wire.additional),
        ("resources", wire.resources),
        ("userIdentity", wire.identity),
    ]
    .map(|(name, value)| value.and_then(|value| Some((Cow::Borrowed(name), scalar_value(value)?))));
    let others: Vec<_> =
        wire.others.iter().filter_map(|(key, value)| Some((key.clone(), scalar_value(*value)?))).collect();
    known.into_iter().chain(nested.into_iter().flatten()).chain(others)
}

/// A value as a tree; `None` where it is nested deeper than any event.
fn scalar_value(value: Json<'_>) -> Option<Value> {
    serde_json::from_str(value.raw()).ok()
}

/// The text of a string, number or boolean.
pub(super) fn text_of(value: Json<'_>) -> Option<String> {
    value.scalar().map(Cow::into_owned)
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

//! When something was poisoned, as far as it is known.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use toml::Value;

use super::incident::{Citation, Standing};
use super::text::Key;

/// How far the truth may lie from a time that its source gives as approximate.
///
/// Sources that time the same event differ by up to four minutes (01:36 and ~01:40 for the end of the Docker Hub images).
const ABOUT: SignedDuration = SignedDuration::from_mins(10);

/// An instant of which it may be known only that it lies between two others. Both bounds are inclusive; an absent one is
/// not known.
///
/// In the file: a time (`2026-03-19T17:43:00Z`), a day (`2026-03-19`: some time on it), `{ about = TIME }` (ten minutes
/// either way), or `{ earliest = TIME, latest = TIME }` of which one may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Not before this.
    pub earliest: Option<Timestamp>,
    /// Not after this.
    pub latest: Option<Timestamp>,
}

impl Bound {
    /// An instant that is known.
    pub fn at(instant: Timestamp) -> Self {
        Self { earliest: Some(instant), latest: Some(instant) }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let malformed = |what: String| {
            D::Error::custom(format!(
                "{what}: expected a time with its offset (2026-03-19T17:43:00Z), a day (2026-03-19), {{ about = TIME }} or {{ earliest = TIME, latest = TIME }}"
            ))
        };
        let table = match Value::deserialize(deserializer)? {
            Value::Table(table) => table,
            value => {
                return span(&value)
                    .map_err(malformed)
                    .map(|(a, b)| Self { earliest: Some(a), latest: Some(b) });
            }
        };
        if let Some(key) = table.keys().find(|key| !matches!(key.as_str(), "about" | "earliest" | "latest")) {
            return Err(malformed(format!("unknown key {key:?} of a bound")));
        }
        let read = |key| table.get(key).map(|value| span(value).map_err(malformed)).transpose();
        match (read("about")?, read("earliest")?, read("latest")?) {
            (Some((from, to)), None, None) => Ok(Self {
                earliest: Some(from.checked_sub(ABOUT).map_err(D::Error::custom)?),
                latest: Some(to.checked_add(ABOUT).map_err(D::Error::custom)?),
            }),
            (None, earliest, latest) if earliest.is_some() || latest.is_some() => {
                Ok(Self { earliest: earliest.map(|(from, _)| from), latest: latest.map(|(_, to)| to) })
            }
            _ => Err(malformed("a bound without a time, or with `about` beside others".to_owned())),
        }
    }
}

/// The first and the last instant that a TOML time or day can mean.
fn span(value: &Value) -> Result<(Timestamp, Timestamp), String> {
    let Value::Datetime(time) = value else {
        return Err(format!("a {} is not a time", value.type_str()));
    };
    let text = time.to_string();
    if time.time.is_some() {
        let instant: Timestamp =
            text.parse().map_err(|_| format!("`{text}` is not a time with its offset from UTC"))?;
        return Ok((instant, instant));
    }
    let day: Date = text.parse().map_err(|_| format!("`{text}` is not a day"))?;
    let start = |day: Date| format!("{day}T00:00:00Z").parse::<Timestamp>();
    let next = day.tomorrow().and_then(start).map_err(|error| error.to_string())?;
    Ok((start(day).map_err(|error| error.to_string())?, next))
}

impl JsonSchema for Bound {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bound".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let time =
            json_schema!({ "type": "string", "anyOf": [{ "format": "date-time" }, { "format": "date" }] });
        json_schema!({
            "description": "An instant of which it may be known only that it lies between two others: a time, a day, `{ about }` (ten minutes either way) or `{ earliest, latest }`.",
            "anyOf": [
                time,
                { "type": "object", "properties": { "about": time }, "required": ["about"], "additionalProperties": false },
                { "type": "object", "properties": { "earliest": time, "latest": time }, "minProperties": 1, "additionalProperties": false },
            ],
        })
    }
}

/// A half-open time, `from` up to and without `to`, in which something was poisoned.
///
/// Several on one artifact are several statements about the same time, not several times.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first instant. Absent: not known.
    #[serde(default)]
    pub from: Option<Bound>,
    /// The first instant at which it was over. Absent: not known, or not over.
    #[serde(default)]
    pub to: Option<Bound>,
    /// Who says so. Absent: the sources of the artifact.
    #[serde(default)]
    pub sources: Vec<Citation>,
    /// Whether the statement is believed; a rejected one decides nothing.
    #[serde(default)]
    pub standing: Standing,
    /// The conflict of which it is one side.
    #[serde(default)]
    pub conflict: Option<Key>,
    /// What one should know about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// Whether an instant lies in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Overlap {
    /// It lies before or behind it, whatever the true bounds are.
    Outside,
    /// Nothing is known of the time.
    Unknown,
    /// It lies where a bound is uncertain, or sources contradict each other.
    Possible,
    /// It lies within, whatever the true bounds are.
    Inside,
}

impl Window {
    /// Whether the instant lies within.
    pub fn overlap(&self, instant: Timestamp) -> Overlap {
        judged(std::iter::once(self), instant)
    }
}

/// What several statements about the same time say together. A statement that names one bound says nothing of the other.
pub(crate) fn agreed(windows: &[Window], instant: Timestamp) -> Overlap {
    judged(windows.iter().filter(|window| window.standing != Standing::Rejected), instant)
}

fn judged<'a>(windows: impl Iterator<Item = &'a Window> + Clone, instant: Timestamp) -> Overlap {
    let begun = common(windows.clone().filter_map(|window| window.from).map(|from| reached(from, instant)));
    let ended = common(windows.filter_map(|window| window.to).map(|to| reached(to, instant)));
    match (begun, ended) {
        (None, None) => Overlap::Unknown,
        (Some(Reached::No), _) | (_, Some(Reached::Yes)) => Overlap::Outside,
        (Some(Reached::Yes), Some(Reached::No)) => Overlap::Inside,
        _ => Overlap::Possible,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    No,
    Perhaps,
    Yes,
}

fn reached(bound: Bound, instant: Timestamp) -> Reached {
    if bound.latest.is_some_and(|latest| latest <= instant) {
        Reached::Yes
    } else if bound.earliest.is_some_and(|earliest| instant < earliest) {
        Reached::No
    } else {
        Reached::Perhaps
    }
}

fn common(mut all: impl Iterator<Item = Reached>) -> Option<Reached> {
    let first = all.next()?;
    Some(if all.all(|other| other == first) { first } else { Reached::Perhaps })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str) -> Window {
        toml::from_str(text).expect("a window")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_window_is_half_open() {
        let window = window("from = 2026-03-22T15:43:00Z\nto = 2026-03-23T01:36:00Z");
        assert_eq!(window.overlap(at("2026-03-22T15:42:59Z")), Overlap::Outside);
        assert_eq!(window.overlap(at("2026-03-22T15:43:00Z")), Overlap::Inside);
        assert_eq!(window.overlap(at("2026-03-23T01:35:59Z")), Overlap::Inside);
        assert_eq!(window.overlap(at("2026-03-23T01:36:00Z")), Overlap::Outside);
    }

    #[test]
    fn an_uncertain_bound_gives_an_uncertain_answer() {
        let window = window("from = { about = 2026-03-19T17:43:00Z }\nto = 2026-03-20");
        assert_eq!(window.overlap(at("2026-03-19T17:32:59Z")), Overlap::Outside);
        assert_eq!(window.overlap(at("2026-03-19T17:43:00Z")), Overlap::Possible);
        assert_eq!(window.overlap(at("2026-03-19T17:53:00Z")), Overlap::Inside);
        assert_eq!(window.overlap(at("2026-03-20T12:00:00Z")), Overlap::Possible);
        assert_eq!(window.overlap(at("2026-03-21T00:00:00Z")), Overlap::Outside);
    }

    #[test]
    fn what_has_no_known_end_is_possible_ever_after() {
        let window = window("from = 2026-03-22T16:34:00Z\nto = { earliest = 2026-03-25 }");
        assert_eq!(window.overlap(at("2026-03-24T23:59:59Z")), Overlap::Inside);
        assert_eq!(window.overlap(at("2027-01-01T00:00:00Z")), Overlap::Possible);
        let open = Window { to: None, ..window };
        assert_eq!(open.overlap(at("2026-03-24T00:00:00Z")), Overlap::Possible);
        assert_eq!(open.overlap(at("2026-03-22T00:00:00Z")), Overlap::Outside);
    }

    #[test]
    fn sources_that_disagree_leave_it_possible_and_a_rejected_one_does_not_count() {
        let short = window("from = 2026-03-24T10:39:00Z\nto = 2026-03-24T11:19:00Z");
        let long = window("from = 2026-03-24T10:39:00Z\nto = 2026-03-24T16:00:00Z");
        let noon = at("2026-03-24T12:00:00Z");
        assert_eq!(agreed(&[short.clone(), long.clone()], noon), Overlap::Possible);
        assert_eq!(agreed(&[short.clone(), long.clone()], at("2026-03-24T11:00:00Z")), Overlap::Inside);
        let rejected = Window { standing: Standing::Rejected, ..short };
        assert_eq!(agreed(&[rejected, long], noon), Overlap::Inside);
        assert_eq!(agreed(&[], noon), Overlap::Unknown);
    }

    #[test]
    fn a_source_that_names_the_beginning_only_leaves_the_end_to_others() {
        let whole = window("from = 2026-03-22T15:43:00Z\nto = 2026-03-23T01:36:00Z");
        let push = window("from = 2026-03-22T16:34:00Z");
        let all = [whole, push];
        assert_eq!(agreed(&all, at("2026-03-22T16:00:00Z")), Overlap::Possible);
        assert_eq!(agreed(&all, at("2026-03-22T17:00:00Z")), Overlap::Inside);
        assert_eq!(agreed(&all, at("2026-03-24T00:00:00Z")), Overlap::Outside);
    }

    #[test]
    fn a_bound_that_says_nothing_is_refused() {
        for bad in [
            "from = \"2026-03-19T17:43:00Z\"",
            "from = 2026-03-19T17:43:00",
            "from = 17:43:00",
            "from = {}",
            "from = { about = 2026-03-19, latest = 2026-03-20 }",
            "from = { erliest = 2026-03-19 }",
            "from = 9999-12-31",
            "from = 3",
        ] {
            let error = toml::from_str::<Window>(bad).expect_err(bad).to_string();
            assert!(error.contains("expected a time"), "{bad}: {error}");
        }
    }
}

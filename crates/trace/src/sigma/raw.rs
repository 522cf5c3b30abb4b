//! Events as JSON text, of which only what a rule asks for is opened.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::json::Json;

use super::field::{FieldPath, Fields, Presence, See, Value};
use super::json::composite_text;

/// How deep arrays and objects are followed; what lies deeper is not seen.
const MAX_DEPTH: usize = 128;

/// An event held as the text of a JSON object.
#[derive(Debug)]
pub struct RawFields<'e> {
    event: &'e str,
    selector: (Cow<'e, str>, Cow<'e, str>),
}

impl<'e> RawFields<'e> {
    /// An event whose selector fields are `CloudTrail`'s `eventSource` and `eventName`.
    pub fn new(event: &'e str) -> Self {
        let mut selector = (Cow::Borrowed(""), Cow::Borrowed(""));
        for (key, value) in Json::new(event).members() {
            match &*key {
                "eventSource" => selector.0 = value.string().unwrap_or_default(),
                "eventName" => selector.1 = value.string().unwrap_or_default(),
                _ => {}
            }
        }
        Self { event, selector }
    }
}

impl Fields for RawFields<'_> {
    fn selector(&self) -> (&str, &str) {
        (&self.selector.0, &self.selector.1)
    }

    fn visit(&self, path: &FieldPath, see: See<'_>) -> Presence {
        visit_raw(self.event, path, 0, see)
    }

    fn visit_all(&self, see: See<'_>) {
        visit_raw_scalars(self.event, see);
    }
}

/// Shows what lies at the segments of `path` from number `from` on, below the JSON text `json`.
///
/// For readers that keep a part of the event (such as `requestParameters`) as text. What follows a syntax
/// error in an object or array is not seen.
pub fn visit_raw(json: &str, path: &FieldPath, from: usize, see: See<'_>) -> Presence {
    let mut walk = Walk { path, see, presence: Presence::Absent };
    let _ = walk.descend(json.trim(), from, 0);
    walk.presence
}

/// Shows every string, number and boolean of the JSON text.
pub fn visit_raw_scalars(json: &str, see: See<'_>) {
    let _ = each_scalar(json.trim(), see, 0);
}

struct Walk<'p, 's> {
    path: &'p FieldPath,
    see: See<'s>,
    presence: Presence,
}

impl Walk<'_, '_> {
    fn descend(&mut self, json: &str, from: usize, depth: usize) -> ControlFlow<()> {
        if depth > MAX_DEPTH {
            return ControlFlow::Continue(());
        }
        if from >= self.path.len() {
            self.presence = Presence::Present;
            return self.show(json, depth);
        }
        match json.as_bytes().first() {
            Some(b'{') => {
                for (key, value) in Json::new(json).members() {
                    for to in from + 1..=self.path.len() {
                        if self.path.key(from, to) == &*key {
                            self.descend(value.raw(), to, depth + 1)?;
                        }
                    }
                }
                ControlFlow::Continue(())
            }
            Some(b'[') => Json::new(json)
                .elements()
                .into_iter()
                .try_for_each(|element| self.descend(element.raw(), from, depth + 1)),
            _ => ControlFlow::Continue(()),
        }
    }

    fn show(&mut self, json: &str, depth: usize) -> ControlFlow<()> {
        if depth > MAX_DEPTH {
            return ControlFlow::Continue(());
        }
        match json.as_bytes().first() {
            Some(b'[') => Json::new(json)
                .elements()
                .into_iter()
                .try_for_each(|element| self.show(element.raw(), depth + 1)),
            Some(b'{') if Json::new(json).members().is_empty() => ControlFlow::Continue(()),
            Some(b'{') => (self.see)(Value::Composite(&composite_text(json))),
            _ => show_scalar(json, self.see),
        }
    }
}

fn each_scalar(json: &str, see: See<'_>, depth: usize) -> ControlFlow<()> {
    if depth > MAX_DEPTH {
        return ControlFlow::Continue(());
    }
    match json.as_bytes().first() {
        Some(b'{') => Json::new(json)
            .members()
            .into_iter()
            .try_for_each(|(_, value)| each_scalar(value.raw(), see, depth + 1)),
        Some(b'[') => Json::new(json)
            .elements()
            .into_iter()
            .try_for_each(|element| each_scalar(element.raw(), see, depth + 1)),
        Some(b'n') | None => ControlFlow::Continue(()),
        _ => show_scalar(json, see),
    }
}

fn show_scalar(json: &str, see: See<'_>) -> ControlFlow<()> {
    match json.as_bytes().first() {
        Some(b'"') => match Json::new(json).string() {
            Some(text) => see(Value::Text(&text)),
            None => ControlFlow::Continue(()),
        },
        Some(b't') => see(Value::Bool(true)),
        Some(b'f') => see(Value::Bool(false)),
        Some(b'n') => see(Value::Null),
        Some(_) => see(Value::Number(json)),
        None => ControlFlow::Continue(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::json::JsonFields;
    use super::*;

    fn seen(event: &impl Fields, path: Option<&str>) -> (Vec<String>, Option<Presence>) {
        let mut values = Vec::new();
        let mut see = |value: Value<'_>| {
            values.push(format!("{value:?}"));
            ControlFlow::Continue(())
        };
        let presence = path.map(|path| event.visit(&FieldPath::new(path), &mut see));
        if path.is_none() {
            event.visit_all(&mut see);
        }
        // Where a path can be read in two ways, the order is not the same.
        values.sort();
        (values, presence)
    }

    #[test]
    fn text_shows_what_a_tree_shows() {
        let events = [
            r#"{"eventSource":"s3","eventName":"Get","a":[{"b":[1,2.5]},{"b":["x",[null,true]]},{"c":0}]}"#,
            "{ \"a\" : { \"b\" : { \"x\" : [ ] , \"p\" : \"q\\\"r\" } , \"e\" : { } } , \"n\" : null }",
            r#"{"a.b":{"c":"1"},"a":{"b.c":"\u00e4\n"}}"#,
            r#"{"eventName":7,"a":"\u0041"}"#,
            "[]",
        ];
        for event in events {
            let tree = serde_json::from_str(event).unwrap();
            let (raw, tree) = (RawFields::new(event), JsonFields::new(&tree));
            assert_eq!(raw.selector(), tree.selector());
            for path in [Some("a"), Some("a.b"), Some("a.b.c"), Some("a.e"), Some("a.b.x"), Some("n"), None] {
                assert_eq!(seen(&raw, path), seen(&tree, path), "{path:?} of {event}");
            }
        }
    }

    #[test]
    fn broken_and_deep_text_is_seen_as_far_as_it_goes() {
        let raw = RawFields::new(r#"{"a":1,"b":"#);
        assert_eq!(seen(&raw, Some("a")).0, [r#"Number("1")"#]);
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(seen(&RawFields::new(&deep), Some("a")).0, Vec::<String>::new());
        assert_eq!(seen(&RawFields::new(&deep), None).0, Vec::<String>::new());
        for event in ["", "{", "\"", "nul", "{\"a\"", "[1,", "{\"a\":\"x}"] {
            seen(&RawFields::new(event), Some("a"));
            seen(&RawFields::new(event), None);
        }
    }
}

//! Events in JSON, as [`Fields`], for logs that have no reader of their own.

use std::borrow::Cow;
use std::ops::ControlFlow;

use serde_json::Value as Json;

use super::field::{FieldPath, Fields, Presence, See, Value};

/// An event held as a JSON tree.
#[derive(Debug)]
pub struct JsonFields<'e> {
    event: &'e Json,
    selector: (&'e str, &'e str),
}

impl<'e> JsonFields<'e> {
    /// An event whose selector fields are `CloudTrail`'s `eventSource` and `eventName`.
    pub fn new(event: &'e Json) -> Self {
        let text = |key: &str| event.get(key).and_then(Json::as_str).unwrap_or_default();
        Self { event, selector: (text("eventSource"), text("eventName")) }
    }

    /// An event without selector fields.
    pub fn without_selector(event: &'e Json) -> Self {
        Self { event, selector: ("", "") }
    }
}

impl Fields for JsonFields<'_> {
    fn selector(&self) -> (&str, &str) {
        self.selector
    }

    fn visit(&self, path: &FieldPath, see: See<'_>) -> Presence {
        let mut walk = Walk { path, see, presence: Presence::Absent };
        let _ = walk.descend(self.event, 0);
        walk.presence
    }

    fn visit_all(&self, see: See<'_>) {
        let _ = each_scalar(self.event, see);
    }
}

/// Shows what lies at the segments of `path` from number `from` on, below `json`.
///
/// For readers that keep a part of the event (such as `requestParameters`) as a tree of its own.
pub fn visit_json(json: &Json, path: &FieldPath, from: usize, see: See<'_>) -> Presence {
    let mut walk = Walk { path, see, presence: Presence::Absent };
    let _ = walk.descend(json, from);
    walk.presence
}

/// Shows every string, number and boolean below `json`.
pub fn visit_json_scalars(json: &Json, see: See<'_>) {
    let _ = each_scalar(json, see);
}

struct Walk<'p, 's> {
    path: &'p FieldPath,
    see: See<'s>,
    presence: Presence,
}

impl Walk<'_, '_> {
    fn descend(&mut self, json: &Json, from: usize) -> ControlFlow<()> {
        if from >= self.path.len() {
            self.presence = Presence::Present;
            return self.show(json);
        }
        match json {
            Json::Object(object) => {
                for to in from + 1..=self.path.len() {
                    if let Some(inner) = object.get(self.path.key(from, to)) {
                        self.descend(inner, to)?;
                    }
                }
                ControlFlow::Continue(())
            }
            Json::Array(elements) => elements.iter().try_for_each(|element| self.descend(element, from)),
            _ => ControlFlow::Continue(()),
        }
    }

    fn show(&mut self, json: &Json) -> ControlFlow<()> {
        match json {
            Json::Array(elements) => elements.iter().try_for_each(|element| self.show(element)),
            Json::Object(object) if object.is_empty() => ControlFlow::Continue(()),
            Json::Object(_) => (self.see)(Value::Composite(&tree_text(json))),
            scalar => show_scalar(scalar, self.see),
        }
    }
}

fn each_scalar(json: &Json, see: See<'_>) -> ControlFlow<()> {
    match json {
        Json::Array(elements) => elements.iter().try_for_each(|element| each_scalar(element, see)),
        Json::Object(object) => object.values().try_for_each(|inner| each_scalar(inner, see)),
        Json::Null => ControlFlow::Continue(()),
        scalar => show_scalar(scalar, see),
    }
}

fn show_scalar(json: &Json, see: See<'_>) -> ControlFlow<()> {
    match json {
        Json::Bool(truth) => see(Value::Bool(*truth)),
        Json::Number(number) => see(Value::Number(&number.to_string())),
        Json::String(text) => see(Value::Text(text)),
        _ => see(Value::Null),
    }
}

/// The text in which rules search a whole object, from the object's JSON.
///
/// It is the JSON without the space between its tokens, followed, on a line each, by the decoded form of
/// every string whose JSON form has an escape. So a rule finds a policy document's `"Allow"` whether it is
/// written as the policy has it or as the log escapes it. The argument must be well-formed JSON; other text
/// is returned as it is.
pub fn composite_text(json: &str) -> Cow<'_, str> {
    let dense = !json.bytes().any(|byte| byte == b'\\' || byte.is_ascii_whitespace());
    if dense {
        return Cow::Borrowed(json);
    }
    match serde_json::from_str::<Json>(json) {
        Ok(tree) => Cow::Owned(tree_text(&tree)),
        Err(_) => Cow::Borrowed(json),
    }
}

fn tree_text(json: &Json) -> String {
    let mut text = json.to_string();
    if text.contains('\\') {
        append_decoded(json, &mut text);
    }
    text
}

fn append_decoded(json: &Json, out: &mut String) {
    match json {
        Json::Array(elements) => elements.iter().for_each(|element| append_decoded(element, out)),
        Json::Object(object) => object.values().for_each(|inner| append_decoded(inner, out)),
        Json::String(text) if needs_escape(text) => {
            out.push('\n');
            out.push_str(text);
        }
        _ => {}
    }
}

fn needs_escape(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(event: &str, path: &str) -> (Vec<String>, Presence) {
        let tree: Json = serde_json::from_str(event).unwrap();
        let mut values = Vec::new();
        let presence = JsonFields::new(&tree).visit(&FieldPath::new(path), &mut |value| {
            values.push(format!("{value:?}"));
            ControlFlow::Continue(())
        });
        (values, presence)
    }

    #[test]
    fn arrays_are_expanded_at_every_level() {
        let event = r#"{"a":[{"b":[1,2]},{"b":["x",[null]]},{"c":0}]}"#;
        let (values, presence) = seen(event, "a.b");
        assert_eq!(values, [r#"Number("1")"#, r#"Number("2")"#, r#"Text("x")"#, "Null"]);
        assert_eq!(presence, Presence::Present);
    }

    #[test]
    fn keys_with_dots_are_found() {
        assert_eq!(seen(r#"{"p":{"a.b":{"c":"1"}}}"#, "p.a.b.c").0, [r#"Text("1")"#]);
        assert_eq!(seen(r#"{"p.a":{"b.c":"2"}}"#, "p.a.b.c").0, [r#"Text("2")"#]);
    }

    #[test]
    fn what_is_empty_is_present_and_holds_nothing() {
        for event in [r#"{"a":[]}"#, r#"{"a":{}}"#] {
            assert_eq!(seen(event, "a"), (Vec::new(), Presence::Present));
        }
        assert_eq!(seen(r#"{"b":1}"#, "a"), (Vec::new(), Presence::Absent));
        assert_eq!(seen(r#"{"a":1}"#, "a.b"), (Vec::new(), Presence::Absent));
    }

    #[test]
    fn an_object_is_seen_dense_and_with_its_escaped_strings_decoded() {
        let text = composite_text("{ \"p\": \"{\\\"Effect\\\":\\\"Allow\\\"}\", \"n\": 1 }");
        assert_eq!(text, "{\"p\":\"{\\\"Effect\\\":\\\"Allow\\\"}\",\"n\":1}\n{\"Effect\":\"Allow\"}");
    }
}

//! Attributes of MISP events: <https://github.com/MISP/misp-rfc/blob/main/misp-core-format/raw.md>.
//!
//! Only attributes that MISP means for detection (`to_ids`) are taken; the others describe.

use serde_json::Value;

use super::mentions::{Mentioned, Mentions};
use crate::observable::ObservableKind;

/// Whether a tree is an event, a list of events, or an answer of MISP's with events.
pub(super) fn recognises(tree: &Value) -> bool {
    events(tree).next().is_some()
}

fn events(tree: &Value) -> impl Iterator<Item = &Value> {
    let list = tree.get("response").unwrap_or(tree);
    let many = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let one = (!list.is_array()).then_some(list);
    one.into_iter().chain(many).filter_map(|entry| entry.get("Event")).filter(|event| event.is_object())
}

/// The attributes of all events, in their order.
pub fn read(tree: &Value) -> Mentions {
    let mut all = Mentions::default();
    for (place, event) in events(tree).enumerate() {
        let about = event.get("info").and_then(Value::as_str).unwrap_or_default();
        attributes(event, &format!("event {place}"), about, &mut all);
        for (nth, object) in event.get("Object").and_then(Value::as_array).into_iter().flatten().enumerate() {
            attributes(object, &format!("event {place}, object {nth}"), about, &mut all);
        }
    }
    all
}

fn attributes(holder: &Value, at: &str, about: &str, all: &mut Mentions) {
    for (place, attribute) in
        holder.get("Attribute").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        let at = format!("{at}, attribute {place}");
        let is =
            |key: &str| attribute.get(key).is_some_and(|value| value == true || value == "1" || value == 1);
        if is("deleted") {
            all.withdrawn += 1;
        } else if is("to_ids") {
            attribute_for_detection(attribute, &at, about, all);
        } else {
            all.passed += 1;
        }
    }
}

fn attribute_for_detection(attribute: &Value, at: &str, about: &str, all: &mut Mentions) {
    let text = |key: &str| attribute.get(key).and_then(Value::as_str);
    let Some((kind, value)) = text("type").zip(text("value")) else {
        all.lose(at, "it has no \"type\" or no \"value\"");
        return;
    };
    let comment = text("comment").filter(|comment| !comment.is_empty());
    let about = comment.map_or_else(|| about.to_owned(), |comment| format!("{about}: {comment}"));
    let mentioned = Mentioned {
        id: text("uuid").map(str::to_owned),
        about,
        from: text("first_seen").and_then(|time| time.parse().ok()),
        until: None,
        only_with_others: false,
    };
    // `filename|sha256` and the like hold two values, of which either is one.
    let mut known = false;
    let values = value.split('|').chain(std::iter::repeat(""));
    for (kind, value) in kind.split('|').zip(values) {
        let Some(kind) = observable(kind, value) else { continue };
        // A name alone says little beside a hash.
        if kind == ObservableKind::FileName && known {
            continue;
        }
        known = true;
        all.push(at, kind, value, mentioned.clone());
    }
    if !known {
        all.lose(at, format!("{kind:?} is nothing that is asked for"));
    }
}

fn observable(kind: &str, value: &str) -> Option<ObservableKind> {
    Some(match kind {
        "ip-src" | "ip-dst" | "ip" if value.contains('/') => ObservableKind::Network,
        "ip-src" | "ip-dst" | "ip" => ObservableKind::Ip,
        "domain" | "hostname" => ObservableKind::Domain,
        "url" | "uri" | "link" => ObservableKind::Url,
        "md5" | "sha1" | "sha256" | "sha512" => ObservableKind::Hash,
        "email" | "email-src" | "email-dst" => ObservableKind::Email,
        "filename" => ObservableKind::FileName,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::json;

    #[test]
    fn attributes_for_detection_are_taken_from_events_and_their_objects() {
        let tree = json(
            br#"{"response":[{"Event":{"info":"Trivy","Attribute":[
                {"type":"ip-dst","value":"198.51.100.7","to_ids":true,"uuid":"u1","comment":"c2"},
                {"type":"ip-dst|port","value":"198.51.100.8|443","to_ids":"1"},
                {"type":"domain","value":"ok.example","to_ids":false},
                {"type":"url","value":"https://gone.example/","to_ids":true,"deleted":true},
                {"type":"vulnerability","value":"CVE-1","to_ids":true}],
              "Object":[{"name":"file","Attribute":[{"type":"filename|md5","value":"a.sh|d41d8cd98f00b204e9800998ecf8427e","to_ids":true}]}]}}]}"#,
        )
        .expect("JSON");
        assert!(recognises(&tree));
        let all = read(&tree);
        let values: Vec<_> = all.mentions.iter().map(|(one, _)| one.value.as_ref()).collect();
        assert_eq!(values, ["198.51.100.7", "198.51.100.8", "a.sh", "d41d8cd98f00b204e9800998ecf8427e"]);
        assert_eq!(all.mentions[0].1.about, "Trivy: c2");
        assert_eq!((all.passed, all.withdrawn, all.lost.len()), (1, 1, 1));
    }
}

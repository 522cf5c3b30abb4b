//! The raw walk over an event's fields shows what the walk over its tree shows.
#![no_main]

use std::ops::ControlFlow;

use floodmark_trace::event::Events;
use floodmark_trace::fields::slot;
use floodmark_trace::sigma::{FieldPath, Fields, JsonFields, Presence};

const PATHS: [&str; 8] = [
    "eventName",
    "errorCode",
    "requestParameters",
    "requestParameters.a",
    "requestParameters.a.b",
    "responseElements.a",
    "resources.ARN",
    "other.a",
];

libfuzzer_sys::fuzz_target!(|parameters: &str| {
    let record = format!(
        r#"{{"eventTime":"2026-03-19T18:40:12Z","eventName":"x","requestParameters":{parameters},"resources":[{parameters}],"other":{parameters}}}"#
    );
    let Ok(tree) = serde_json::from_str::<serde_json::Value>(&record) else { return };
    let Ok(wire) = sonic_rs::from_str(&record) else { return };
    let Some(event) = Events::default().event(wire) else { return };
    // A tree keeps the last of repeated keys and rounds numbers: only what it writes back as it was can be compared.
    let dense: String = record.split_ascii_whitespace().collect();
    let comparable = tree.to_string() == dense;
    for path in PATHS {
        let path = FieldPath::with_slot(path, slot(path));
        let (raw, tree) = (look(&event, &path), look(&JsonFields::new(&tree), &path));
        if comparable {
            assert_eq!(raw, tree, "{}", path.as_str());
        }
    }
    event.visit_all(&mut |_| ControlFlow::Continue(()));
});

fn look(fields: &dyn Fields, path: &FieldPath) -> (Presence, Vec<String>) {
    let mut seen = Vec::new();
    let presence = fields.visit(path, &mut |value| {
        seen.push(format!("{value:?}"));
        ControlFlow::Continue(())
    });
    (presence, seen)
}

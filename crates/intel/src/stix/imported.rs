//! Indicators that were imported from others.

use std::io;

use floodmark_case::stix_id as id;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::pattern::pattern;
use super::{Objects, Stamp, object, time};
use crate::database::{Database, DatabaseError};
use crate::observable::{Mention, Observable};

pub(super) fn write(
    database: &Database,
    modified: Option<Timestamp>,
    objects: &mut Objects,
    failed: &dyn Fn(io::Error) -> DatabaseError,
) -> Result<(), DatabaseError> {
    database.each_observable(|observable, mentions| {
        let Some(pattern) = pattern(&observable) else {
            objects.exported.left_out += 1;
            return Ok(());
        };
        let indicator = indicator(&observable, &pattern, &mentions, modified);
        objects.add(&indicator).map_err(failed)
    })
}

/// One indicator for an observable, whoever names it.
fn indicator(
    observable: &Observable,
    pattern: &str,
    mentions: &[Mention],
    modified: Option<Timestamp>,
) -> Value {
    let from = mentions.iter().filter_map(|mention| mention.from).min();
    // It has run out where all say so.
    let until = mentions
        .iter()
        .map(|mention| mention.until)
        .collect::<Option<Vec<_>>>()
        .and_then(|all| all.into_iter().max());
    let created = from.unwrap_or(Timestamp::UNIX_EPOCH);
    let stamp = Stamp { created, modified: modified.unwrap_or(created) };
    let about = mentions.iter().map(|mention| mention.about.as_str()).find(|about| !about.is_empty());
    let only_with_others = mentions.iter().all(|mention| mention.only_with_others);
    let mut description = vec![match from {
        Some(_) => "Named by the sources below.".to_owned(),
        None => "Named by the sources below, which do not say since when it counts: valid_from is no time of theirs.".to_owned(),
    }];
    if only_with_others {
        description.push("It counts only together with something else that they name.".to_owned());
    }
    let id = id::own("indicator", &format!("imported {} {}", observable.kind, observable.value));
    let properties = json!({
        "name": about.unwrap_or(&observable.value),
        "description": description.join(" "),
        "indicator_types": [if only_with_others { "anomalous-activity" } else { "malicious-activity" }],
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": time(created),
        "valid_until": until.filter(|until| *until > created).map(time),
        "external_references": mentions.iter().map(reference).collect::<Vec<_>>(),
    });
    object("indicator", &id, stamp, properties)
}

fn reference(mention: &Mention) -> Value {
    let mut reference = json!({ "source_name": mention.source });
    if let Some(id) = mention.id.as_ref().or(mention.advisory.as_ref()) {
        reference["external_id"] = json!(id);
    }
    let about = if mention.about.is_empty() { "names it" } else { &mention.about };
    reference["description"] = json!(about);
    reference
}

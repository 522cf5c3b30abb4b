//! What STIX has no object for, in words; and sources, times and grades.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::time;
use crate::compromise::{
    Bound, Citation, Compromise, Conflict, Grade, Indicator, Standing, Statement, Window,
};

/// The sources of a value, as external references.
pub(super) fn references(compromise: &Compromise, citations: &[Citation]) -> Vec<Value> {
    citations.iter().map(|citation| reference(compromise, citation)).collect()
}

fn reference(compromise: &Compromise, citation: &Citation) -> Value {
    let mut reference = Map::new();
    let source = compromise.source(citation);
    let title = source.map_or_else(|| citation.source.to_string(), |source| source.title.clone());
    reference.insert("source_name".into(), json!(title));
    if let Some(url) = source.and_then(|source| source.url.as_ref()) {
        reference.insert("url".into(), json!(url));
    }
    reference.insert("external_id".into(), json!(citation.source.to_string()));
    let mut told = vec![format!("grade {}", compromise.grade(citation).as_str())];
    if !citation.via.is_empty() {
        let via: Vec<String> = citation.via.iter().map(ToString::to_string).collect();
        told.push(format!("seen through {}", via.join(", ")));
    }
    told.extend(citation.note.clone());
    told.extend(source.and_then(|source| source.note.clone()));
    reference.insert("description".into(), json!(told.join("; ")));
    Value::Object(reference)
}

/// How far a value is to be trusted, on STIX's scale of 0 to 100.
pub(super) fn confidence(grade: Grade, standing: Standing) -> u8 {
    let by_grade = match grade {
        Grade::A => 90,
        Grade::B => 65,
        Grade::C => 35,
        Grade::Background => 10,
    };
    match standing {
        Standing::Stated => by_grade,
        Standing::Doubtful => by_grade.min(20),
        Standing::Rejected => 0,
    }
}

/// A window with its bounds as far as they are known.
pub(super) fn bounds(window: &Window) -> Value {
    let bound = |bound: Option<Bound>| {
        bound.map(|bound| json!({ "earliest": bound.earliest.map(time), "latest": bound.latest.map(time) }))
    };
    json!({
        "from": bound(window.from),
        "to": bound(window.to),
        "standing": standing(window.standing),
        "conflict": window.conflict.as_ref().map(ToString::to_string),
        "note": window.note,
    })
}

pub(super) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Stated => "stated",
        Standing::Doubtful => "doubtful",
        Standing::Rejected => "rejected",
    }
}

/// The times that a window names.
pub(super) fn times(window: &Window) -> impl Iterator<Item = Timestamp> {
    let bounds = window.from.into_iter().chain(window.to);
    bounds.flat_map(|bound| bound.earliest.into_iter().chain(bound.latest))
}

/// A conflict with all its sides; those that stand in their own place are told by what they are.
pub(super) fn conflict(compromise: &Compromise, name: &str, conflict: &Conflict) -> String {
    let mut lines = vec![format!("Sources disagree about {}:", conflict.about)];
    lines.extend(conflict.sides.iter().map(|side| format!("- {}", statement(compromise, side))));
    let is_side = |key: Option<&crate::compromise::Key>| key.is_some_and(|key| key.as_str() == name);
    for artifact in &compromise.artifacts {
        for (_, identifier) in artifact.identifiers().filter(|(_, one)| is_side(one.conflict.as_ref())) {
            let names = [
                identifier.purl.as_ref().map(ToString::to_string),
                identifier.action.as_ref().map(ToString::to_string),
                identifier.release.as_ref().map(ToString::to_string),
                identifier.image.as_ref().map(ToString::to_string),
                identifier.commit.as_ref().map(ToString::to_string),
                identifier.digest.as_ref().map(ToString::to_string),
                identifier.sha256.as_ref().map(ToString::to_string),
            ];
            let names: Vec<String> = names.into_iter().flatten().collect();
            let said = said_by(compromise, artifact.sources_of(identifier));
            lines.push(format!("- {}: {} ({said})", artifact.title, names.join(" is ")));
        }
        let windows = artifact.identifiers().flat_map(|(_, one)| &one.windows).chain(&artifact.windows);
        for window in windows.filter(|window| is_side(window.conflict.as_ref())) {
            let said = said_by(compromise, artifact.sources_of_window(window));
            lines.push(format!("- {}: {} ({said})", artifact.title, span(window)));
        }
    }
    for (kind, indicator) in compromise.indicators().filter(|(_, one)| is_side(one.conflict.as_ref())) {
        lines.push(format!("- {}", indicated(compromise, &format!("{kind:?}"), indicator)));
    }
    for fact in compromise.facts.iter().filter(|fact| is_side(fact.conflict.as_ref())) {
        lines.push(format!("- {}: {} ({})", fact.about, fact.value, said_by(compromise, &fact.sources)));
    }
    lines.push(match &conflict.verdict {
        Some(verdict) => format!("What to do with it: {verdict}"),
        None => "It is undecided.".to_owned(),
    });
    lines.join("\n")
}

/// `from 2026-03-19T17:43:00.000Z until 2026-03-20T05:30:00.000Z to 05:50, rejected`.
fn span(window: &Window) -> String {
    let bound = |bound: Option<Bound>| match bound {
        None => "an unknown time".to_owned(),
        Some(Bound { earliest: Some(earliest), latest: Some(latest) }) if earliest == latest => {
            time(earliest)
        }
        Some(Bound { earliest, latest }) => {
            let word = |instant: Option<Timestamp>| instant.map_or_else(|| "?".to_owned(), time);
            format!("{}/{}", word(earliest), word(latest))
        }
    };
    let note = behind(", ", window.note.as_deref());
    format!("from {} to {}, {}{note}", bound(window.from), bound(window.to), standing(window.standing))
}

/// A value with who says so.
pub(super) fn statement(compromise: &Compromise, statement: &Statement) -> String {
    let note = behind("; ", statement.note.as_deref());
    format!("{} ({}{note})", statement.value, said_by(compromise, &statement.sources))
}

/// An indicator in words.
pub(super) fn indicated(compromise: &Compromise, kind: &str, indicator: &Indicator) -> String {
    let role = behind(", ", indicator.role.as_deref());
    let note = behind("; ", indicator.note.as_deref());
    format!(
        "{kind} `{}`{role} ({}, compared {:?}; {}{note})",
        indicator.value,
        standing(indicator.standing),
        indicator.matches,
        said_by(compromise, &indicator.sources)
    )
}

pub(super) fn said_by(compromise: &Compromise, citations: &[Citation]) -> String {
    let said = citations.iter().map(|one| format!("{} {}", one.source, compromise.grade(one).as_str()));
    said.collect::<Vec<_>>().join(", ")
}

/// A text with a mark in front of it, if there is one.
pub(super) fn behind(mark: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("{mark}{text}"))
}

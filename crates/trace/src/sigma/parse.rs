//! From the tree of a YAML document to what it says: a rule, a correlation or a filter.

mod condition;
mod correlation;
mod detection;

use std::collections::BTreeMap;

use super::item::{FieldTest, Placeholders};
use super::logic::Logic;
use super::rule::{Level, LogSource, Place, RuleMeta, Status, attack_tags};
use super::yaml::Yaml;

pub(super) use correlation::{Bound, CorrelationKind};

/// A document of a rule file.
#[derive(Debug)]
pub(super) enum Document {
    Detection(Box<DetectionDocument>),
    Correlation(Box<CorrelationDocument>),
    Filter(Box<FilterDocument>),
}

#[derive(Debug)]
pub(super) struct DetectionDocument {
    pub(super) meta: RuleMeta,
    pub(super) logic: Logic<FieldTest>,
}

/// A global filter: what it asks is demanded of the rules it names in addition.
#[derive(Debug)]
pub(super) struct FilterDocument {
    pub(super) title: String,
    pub(super) place: Place,
    /// Ids or names; `None` for every rule.
    pub(super) rules: Option<Vec<String>>,
    pub(super) logsource: LogSource,
    pub(super) logic: Logic<FieldTest>,
}

#[derive(Debug)]
pub(super) struct CorrelationDocument {
    pub(super) meta: RuleMeta,
    pub(super) kind: CorrelationKind,
    /// Ids or names.
    pub(super) rules: Vec<String>,
    pub(super) group_by: Vec<String>,
    pub(super) timespan_micros: i64,
    /// Conditions on the count or the aggregate; all must hold. None for temporal kinds that want all rules.
    pub(super) bounds: Vec<(Bound, f64)>,
    /// For temporal kinds: a condition over the names of the rules.
    pub(super) extended: Option<Logic<String>>,
    pub(super) fields: Vec<String>,
    pub(super) percentile: f64,
    /// Alias to rule reference to field.
    pub(super) aliases: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) generate: bool,
}

/// Why a document can't be used, with a word of it near which the fault lies.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) reason: String,
    pub(super) near: Option<String>,
}

impl Fault {
    fn near(word: &str, reason: &str) -> Self {
        Self { reason: reason.to_owned(), near: Some(word.to_owned()) }
    }

    /// The same fault, near this word if no nearer one is known.
    fn or_near(self, word: &str) -> Self {
        Self { near: self.near.or_else(|| Some(word.to_owned())), ..self }
    }
}

impl From<String> for Fault {
    fn from(reason: String) -> Self {
        Self { reason, near: None }
    }
}

/// Reads a document. What is odd and does no harm is added to the remarks.
pub(super) fn parse(
    document: &Yaml,
    place: &Place,
    placeholders: &Placeholders,
    remarks: &mut Vec<String>,
) -> Result<Document, Fault> {
    if !matches!(document, Yaml::Map(_)) {
        return Err("there is no rule in this document".to_owned().into());
    }
    known_version(document)?;
    let meta = meta(document, place, remarks)?;
    if let Some(section) = document.get("correlation") {
        let rule = correlation::correlation(meta, document, section, remarks)?;
        return Ok(Document::Correlation(Box::new(rule)));
    }
    if let Some(section) = document.get("filter") {
        return Ok(Document::Filter(Box::new(filter(meta, document, section, placeholders)?)));
    }
    let section = document.get("detection").ok_or_else(|| "there is no `detection`".to_owned())?;
    if document.get("logsource").is_none() {
        remarks.push("the rule names no `logsource`, so every event is asked".to_owned());
    }
    if section.get("timeframe").is_some() {
        remarks.push("`timeframe` has no meaning since Sigma 2; a correlation has a `timespan`".to_owned());
    }
    let logic = detection::detections(section, &["timeframe"], placeholders)?;
    Ok(Document::Detection(Box::new(DetectionDocument { meta, logic })))
}

fn filter(
    meta: RuleMeta,
    document: &Yaml,
    section: &Yaml,
    placeholders: &Placeholders,
) -> Result<FilterDocument, Fault> {
    if document.get("logsource").is_none() {
        return Err("a filter needs a `logsource`".to_owned().into());
    }
    let rules = match section.get("rules").and_then(Yaml::scalars) {
        // From version 2.2 of the specification on.
        Some(rules) if rules.len() == 1 && rules[0].eq_ignore_ascii_case("any") => None,
        Some(rules) if !rules.is_empty() => Some(rules),
        _ => return Err(Fault::near("rules", "a filter names the rules it is for, or `any`")),
    };
    let logic = detection::detections(section, &["rules"], placeholders)?;
    Ok(FilterDocument { title: meta.title, place: meta.place, rules, logsource: meta.logsource, logic })
}

fn known_version(document: &Yaml) -> Result<(), Fault> {
    let Some(version) = document.get("sigma-version").and_then(Yaml::scalar) else { return Ok(()) };
    let major = version.trim_start_matches(['v', 'V']).split('.').next().unwrap_or_default().parse::<u32>();
    match major {
        Ok(..=2) => Ok(()),
        Ok(_) => Err(Fault::near("sigma-version", "the rule is for a Sigma specification later than 2")),
        Err(_) => Err(Fault::near("sigma-version", &format!("`{version}` is no version"))),
    }
}

fn meta(document: &Yaml, place: &Place, remarks: &mut Vec<String>) -> Result<RuleMeta, Fault> {
    let text = |key: &str| document.get(key).and_then(Yaml::scalar);
    let texts = |key: &str| document.get(key).and_then(Yaml::scalars).unwrap_or_default();
    let title = text("title").ok_or_else(|| "there is no `title`".to_owned())?;
    if let Some(taxonomy) = text("taxonomy").filter(|taxonomy| !taxonomy.eq_ignore_ascii_case("sigma")) {
        remarks
            .push(format!("the taxonomy `{taxonomy}` is not known: its fields are taken as the log's own"));
    }
    let tags = texts("tags");
    let (techniques, tactics) = attack_tags(&tags);
    Ok(RuleMeta {
        id: text("id"),
        name: text("name"),
        title,
        description: text("description"),
        level: word(&Level::ALL, Level::as_str, text("level"), "level", remarks),
        status: word(&Status::ALL, Status::as_str, text("status"), "status", remarks),
        tags,
        techniques,
        tactics,
        references: texts("references"),
        falsepositives: texts("falsepositives"),
        advice: document
            .get("floodmark")
            .and_then(|ours| ours.get("advice")?.scalar())
            .map(|text| one_line(&text)),
        author: text("author"),
        license: text("license"),
        logsource: document.get("logsource").map_or(Ok(LogSource::default()), logsource)?,
        place: place.clone(),
    })
}

/// One of the words the specification has for this key; another is a remark.
fn word<W: Copy>(
    all: &[W],
    spell: fn(W) -> &'static str,
    written: Option<String>,
    key: &str,
    remarks: &mut Vec<String>,
) -> Option<W> {
    let written = written?;
    let known = all.iter().copied().find(|one| spell(*one).eq_ignore_ascii_case(&written));
    if known.is_none() {
        let words: Vec<&str> = all.iter().map(|one| spell(*one)).collect();
        remarks.push(format!("the {key} `{written}` is none of {}", words.join(", ")));
    }
    known
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn logsource(source: &Yaml) -> Result<LogSource, Fault> {
    let part = |key: &str| match source.get(key) {
        None | Some(Yaml::Null) => Ok(None),
        Some(value) => value
            .scalar()
            .map(Some)
            .ok_or_else(|| Fault::near(key, &format!("`{key}` of the log source is a word"))),
    };
    if !matches!(source, Yaml::Map(_)) {
        return Err(Fault::near("logsource", "the log source is a map"));
    }
    Ok(LogSource { category: part("category")?, product: part("product")?, service: part("service")? })
}

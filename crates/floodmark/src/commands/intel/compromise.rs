//! What the compromises that ship say of a thing, with the word of each source.

use floodmark_intel::compromise::{
    self, Bound, Citation, Compromise, Compromises, Entry, Indicator, Standing, Verdict, Window,
};
use schemars::JsonSchema;
use serde::Serialize;

/// A compromise that names what was asked about.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Hit {
    /// The id of the compromise.
    pub(super) compromise: String,
    /// What it is called.
    pub(super) name: String,
    /// What the thing is in it: the title of what was poisoned, or what an indicator served for.
    pub(super) role: String,
    /// What it stands for: `bad`, `suspect`, `good`, `rejected` or, for what gives an incident away, `indicator`.
    pub(super) verdict: &'static str,
    /// How well this is founded: A (the primary was read), B, C, BK.
    pub(super) grade: String,
    /// When it could be had, each as a source states it.
    pub(super) windows: Vec<String>,
    /// Who says so.
    pub(super) sources: Vec<Cited>,
    /// What one should know about it.
    pub(super) note: Option<String>,
}

/// A source that says so.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Cited {
    /// What it is.
    pub(super) title: String,
    /// Where it is.
    pub(super) url: Option<String>,
    /// How far to trust it.
    pub(super) grade: String,
}

impl Hit {
    pub(super) fn of(hit: &compromise::Hit<'_>) -> Self {
        let Entry { id, compromise } = hit.entry;
        Self {
            compromise: id.to_string(),
            name: compromise.name.clone(),
            role: hit.artifact.title.clone(),
            verdict: verdict(hit.verdict),
            grade: hit.grade().as_str().to_owned(),
            windows: hit.windows().iter().map(window).collect(),
            sources: cited(compromise, hit.sources()),
            note: hit.identifier.note.clone(),
        }
    }

    pub(super) fn of_indicator(entry: &Entry, indicator: &Indicator) -> Self {
        let rejected = indicator.standing == Standing::Rejected;
        Self {
            compromise: entry.id.to_string(),
            name: entry.compromise.name.clone(),
            role: indicator.role.clone().unwrap_or_default(),
            verdict: if rejected { verdict(Verdict::Rejected) } else { "indicator" },
            grade: entry.compromise.best_grade(&indicator.sources).as_str().to_owned(),
            windows: Vec::new(),
            sources: cited(&entry.compromise, &indicator.sources),
            note: indicator.note.clone(),
        }
    }

    /// Whether it speaks against the thing.
    pub(super) fn is_against(&self) -> bool {
        matches!(self.verdict, "bad" | "suspect" | "indicator")
    }
}

/// The compromises of an id, or that name it as an advisory about them.
pub(super) fn named(id: &str) -> impl Iterator<Item = &'static Entry> {
    let about = move |entry: &&Entry| {
        let names = entry.compromise.advisories.iter().any(|advisory| advisory.id.as_str() == id);
        entry.id.as_str() == id || names
    };
    Compromises::shipped().entries().iter().filter(about)
}

/// A compromise as its file tells it.
pub(super) fn as_written(id: &str) -> Option<serde_json::Value> {
    let name = format!("/{id}.toml");
    let (_, text) = compromise::shipped_files().iter().find(|(file, _)| file.ends_with(&name))?;
    let table: toml::Table = toml::from_str(text).ok()?;
    Some(json(toml::Value::Table(table)))
}

/// TOML as JSON: times become texts.
fn json(value: toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(list) => list.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            serde_json::Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect())
        }
    }
}

pub(super) fn cited(compromise: &Compromise, citations: &[Citation]) -> Vec<Cited> {
    let one = |citation: &Citation| {
        let source = compromise.source(citation);
        Cited {
            title: source.map_or_else(|| citation.source.to_string(), |source| source.title.clone()),
            url: source.and_then(|source| source.url.clone()),
            grade: compromise.grade(citation).as_str().to_owned(),
        }
    };
    citations.iter().map(one).collect()
}

pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Bad => "bad",
        Verdict::Suspect => "suspect",
        Verdict::Good => "good",
        Verdict::Rejected => "rejected",
    }
}

/// A window in words.
pub(super) fn window(window: &Window) -> String {
    let side = |bound: &Option<Bound>, unknown: &str| {
        bound.map_or_else(|| unknown.to_owned(), |bound| self::bound(&bound))
    };
    let stated = format!("{} to {}", side(&window.from, "unknown"), side(&window.to, "unknown"));
    match window.standing {
        Standing::Stated => stated,
        Standing::Doubtful => format!("{stated} (doubtful)"),
        Standing::Rejected => format!("{stated} (rejected)"),
    }
}

fn bound(bound: &Bound) -> String {
    match (bound.earliest, bound.latest) {
        (Some(earliest), Some(latest)) if earliest == latest => earliest.to_string(),
        (Some(earliest), Some(latest)) => format!("between {earliest} and {latest}"),
        (Some(earliest), None) => format!("after {earliest}"),
        (None, Some(latest)) => format!("before {latest}"),
        (None, None) => "unknown".to_owned(),
    }
}

//! Correlation rules as they are written.

use std::collections::BTreeMap;

use super::condition::{Names, Quantifier, condition};
use super::{CorrelationDocument, Fault};
use crate::sigma::logic::Logic;
use crate::sigma::rule::RuleMeta;
use crate::sigma::yaml::Yaml;

/// The correlation types of the specification, and the median, which is the percentile 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sigma) enum CorrelationKind {
    EventCount,
    ValueCount,
    Temporal,
    TemporalOrdered,
    ValueSum,
    ValueAvg,
    ValuePercentile,
    ValueMedian,
}

/// An operator of a correlation's condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sigma) enum Bound {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

const KINDS: [(&str, CorrelationKind); 8] = [
    ("event_count", CorrelationKind::EventCount),
    ("value_count", CorrelationKind::ValueCount),
    ("temporal", CorrelationKind::Temporal),
    ("temporal_ordered", CorrelationKind::TemporalOrdered),
    ("value_sum", CorrelationKind::ValueSum),
    ("value_avg", CorrelationKind::ValueAvg),
    ("value_percentile", CorrelationKind::ValuePercentile),
    ("value_median", CorrelationKind::ValueMedian),
];

const BOUNDS: [(&str, Bound); 6] = [
    ("lt", Bound::Less),
    ("lte", Bound::LessOrEqual),
    ("gt", Bound::Greater),
    ("gte", Bound::GreaterOrEqual),
    ("eq", Bound::Equal),
    ("neq", Bound::NotEqual),
];

/// The units of a timespan, in seconds; a month and a year are those of the Gregorian mean.
const UNITS: [(char, i64); 7] =
    [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800), ('M', 2_629_746), ('y', 31_556_952)];

const KEYS: [&str; 8] =
    ["type", "rules", "group-by", "timespan", "timeframe", "condition", "aliases", "generate"];

impl CorrelationKind {
    fn is_temporal(self) -> bool {
        matches!(self, Self::Temporal | Self::TemporalOrdered)
    }

    /// Whether it works with the numbers of a field.
    fn is_numeric(self) -> bool {
        !self.is_temporal() && !matches!(self, Self::EventCount | Self::ValueCount)
    }
}

pub(super) fn correlation(
    meta: RuleMeta,
    document: &Yaml,
    section: &Yaml,
    remarks: &mut Vec<String>,
) -> Result<CorrelationDocument, Fault> {
    let Yaml::Map(entries) = section else {
        return Err(Fault::near("correlation", "a correlation is a map"));
    };
    for (key, _) in entries {
        if matches!(key.as_str(), "window" | "gap") {
            return Err(Fault::near(key, &format!("`{key}` is not of the specification: windows slide")));
        }
        if !KEYS.contains(&key.as_str()) {
            remarks.push(format!("the key `{key}` of the correlation is not known"));
        }
    }
    let kind = kind(section)?;
    let condition = limits(section, kind)?;
    let rules = match section.get("rules") {
        None => condition.extended.as_ref().map(names).unwrap_or_default(),
        Some(rules) => texts(rules, "rules")?,
    };
    if rules.is_empty() {
        return Err(Fault::near("rules", "the correlation names no rules"));
    }
    Ok(CorrelationDocument {
        meta,
        kind,
        rules,
        group_by: section.get("group-by").map_or(Ok(Vec::new()), |fields| texts(fields, "group-by"))?,
        timespan_micros: timespan(section)?,
        bounds: condition.bounds,
        extended: condition.extended,
        fields: condition.fields,
        percentile: condition.percentile,
        aliases: section.get("aliases").map_or(Ok(BTreeMap::new()), aliases)?,
        generate: generate(document, section)?,
    })
}

fn kind(section: &Yaml) -> Result<CorrelationKind, Fault> {
    let word = section.get("type").and_then(Yaml::scalar).unwrap_or_default();
    let known = KINDS.iter().find(|(name, _)| *name == word);
    known.map(|(_, kind)| *kind).ok_or_else(|| {
        let all: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        Fault::near("type", &format!("the correlation type `{word}` is none of {}", all.join(", ")))
    })
}

fn texts(value: &Yaml, key: &str) -> Result<Vec<String>, Fault> {
    let texts = if *value == Yaml::Null { Some(Vec::new()) } else { value.scalars() };
    texts.ok_or_else(|| Fault::near(key, &format!("`{key}` is a string or a list of strings")))
}

/// `90m`; always more than nothing.
fn timespan(section: &Yaml) -> Result<i64, Fault> {
    let written = section.get("timespan").or_else(|| section.get("timeframe"));
    let written =
        written.and_then(Yaml::scalar).ok_or("a correlation needs a `timespan`, such as `90m`".to_owned())?;
    let wrong = || {
        Fault::near(
            "time",
            &format!("the timespan `{written}` is not a count and one of s, m, h, d, w, M, y"),
        )
    };
    let unit = written.chars().next_back().ok_or_else(wrong)?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    let count = &written[..written.len() - unit.len_utf8()];
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let micros =
        count.parse().ok().and_then(|count: i64| count.checked_mul(*seconds)?.checked_mul(1_000_000));
    match micros {
        Some(1..) => Ok(micros.unwrap_or_default()),
        Some(_) => Err(Fault::near("time", "the timespan is not longer than nothing")),
        None => Err(Fault::near("time", "the timespan is too long")),
    }
}

/// Alias to rule reference to field.
fn aliases(value: &Yaml) -> Result<BTreeMap<String, BTreeMap<String, String>>, Fault> {
    let wrong = || Fault::near("aliases", "an alias is a map from rule names to fields");
    let Yaml::Map(aliases) = value else { return Err(wrong()) };
    let mut all = BTreeMap::new();
    for (alias, mapping) in aliases {
        let Yaml::Map(mapping) = mapping else { return Err(wrong()) };
        let fields = mapping.iter().map(|(rule, field)| Some((rule.clone(), field.scalar()?)));
        all.insert(alias.clone(), fields.collect::<Option<_>>().ok_or_else(wrong)?);
    }
    Ok(all)
}

/// The schema has it at the root of the document; some write it into the section.
fn generate(document: &Yaml, section: &Yaml) -> Result<bool, Fault> {
    match document.get("generate").or_else(|| section.get("generate")) {
        None => Ok(false),
        Some(Yaml::Bool(truth)) => Ok(*truth),
        Some(_) => Err(Fault::near("generate", "`generate` is `true` or `false`")),
    }
}

/// What a correlation's condition comes to.
struct Limits {
    bounds: Vec<(Bound, f64)>,
    fields: Vec<String>,
    percentile: f64,
    extended: Option<Logic<String>>,
}

fn limits(section: &Yaml, kind: CorrelationKind) -> Result<Limits, Fault> {
    let mut limits = Limits { bounds: Vec::new(), fields: Vec::new(), percentile: 50.0, extended: None };
    match section.get("condition") {
        None if kind.is_temporal() => return Ok(limits),
        None => return Err("this correlation type needs a `condition`".to_owned().into()),
        Some(Yaml::Text(text)) if kind.is_temporal() => {
            let logic = condition(text, &RuleNames).map_err(|reason| Fault::near("condition", &reason))?;
            limits.extended = Some(logic);
            return Ok(limits);
        }
        Some(Yaml::Text(_)) => {
            return Err(Fault::near(
                "condition",
                "only temporal correlations take a condition over rule names",
            ));
        }
        Some(Yaml::Map(entries)) => {
            for (key, value) in entries {
                limits.criterion(key, value, kind).map_err(|reason| Fault::near(key, &reason))?;
            }
        }
        Some(_) => {
            return Err(Fault::near("condition", "a correlation's condition is a map, or names rules"));
        }
    }
    limits.checked(kind).map_err(|reason| Fault::near("condition", &reason))
}

impl Limits {
    fn criterion(&mut self, key: &str, value: &Yaml, kind: CorrelationKind) -> Result<(), String> {
        if let Some((_, bound)) = BOUNDS.iter().find(|(name, _)| *name == key) {
            let number = number(value).ok_or_else(|| format!("`{key}` takes a number"))?;
            if number < 0.0 && !kind.is_numeric() {
                return Err("a count in a condition is not negative".to_owned());
            }
            self.bounds.push((*bound, number));
            return Ok(());
        }
        match key {
            "field" => self.fields = texts(value, key).map_err(|fault| fault.reason)?,
            "percentile" => {
                let share = number(value).filter(|share| (0.0..=100.0).contains(share));
                self.percentile = share.ok_or("a percentile is a number from 0 to 100")?;
            }
            _ => return Err(format!("`{key}` has no meaning in a correlation's condition")),
        }
        Ok(())
    }

    fn checked(self, kind: CorrelationKind) -> Result<Self, String> {
        if self.bounds.is_empty() {
            return Err("the condition has none of lt, lte, gt, gte, eq and neq".to_owned());
        }
        let takes_field = kind.is_numeric() || kind == CorrelationKind::ValueCount;
        if takes_field && self.fields.is_empty() {
            return Err("the condition of this correlation type needs a `field`".to_owned());
        }
        if kind.is_numeric() && self.fields.len() != 1 {
            return Err("this correlation type takes one `field`".to_owned());
        }
        // What is not counted must not split the matches into more of them.
        let fields = if takes_field { self.fields } else { Vec::new() };
        Ok(Self { fields, ..self })
    }
}

fn number(value: &Yaml) -> Option<f64> {
    let Yaml::Number(spelled) = value else { return None };
    spelled.parse().ok().filter(|number: &f64| number.is_finite())
}

/// In the condition of a correlation a name is that of a rule.
struct RuleNames;

impl Names<String> for RuleNames {
    fn named(&self, name: &str) -> Result<Logic<String>, String> {
        Ok(Logic::Atom(name.to_owned()))
    }

    fn chosen(&self, _: Quantifier, pattern: &str) -> Result<Logic<String>, String> {
        Err(format!("it names its rules one by one, not as `{pattern}`"))
    }
}

fn names(logic: &Logic<String>) -> Vec<String> {
    let mut names = Vec::new();
    logic.each_atom(&mut |name: &String| {
        if !names.contains(name) {
            names.push(name.clone());
        }
    });
    names
}

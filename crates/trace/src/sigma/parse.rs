//! From the parser crate's syntax tree to ours. Nothing else in the crate sees that crate's types.

use std::collections::{BTreeMap, HashMap};

use rsigma_parser as foreign;

use super::encoding::Utf16;
use super::item::{FieldTest, Item, Modifier, Placeholders, Written, meaning};
use super::logic::Logic;
use super::moment::TimePart;
use super::predicate::Order;
use super::rule::{Level, LogSource, Place, RuleMeta, Status, attack_tags};

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
    /// Conditions on the count or the aggregate; all must hold.
    pub(super) bounds: Vec<(Bound, u64)>,
    /// For temporal kinds: a condition over the names of the rules.
    pub(super) extended: Option<Logic<String>>,
    pub(super) fields: Vec<String>,
    pub(super) percentile: u64,
    /// Alias to rule reference to field.
    pub(super) aliases: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) generate: bool,
}

/// The correlation types of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CorrelationKind {
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
pub(super) enum Bound {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// How deep conditions and detections may nest.
const MAX_DEPTH: usize = 160;
/// How many questions one rule may come to.
const MAX_ATOMS: usize = 100_000;

/// What a text yields: its documents in order of kind, or the reasons why there is none, and warnings.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) documents: Vec<Result<Document, Fault>>,
    pub(super) remarks: Vec<String>,
}

/// Why a document can't be used, with a word of it near which the fault lies.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) reason: String,
    pub(super) near: Option<String>,
}

impl From<String> for Fault {
    fn from(reason: String) -> Self {
        Self { reason, near: None }
    }
}

/// Parses the text of one or (where `action:` links them) several YAML documents.
pub(super) fn parse(text: &str, place: &Place, placeholders: &Placeholders) -> Parsed {
    let collection = match foreign::parse_sigma_yaml(text) {
        Ok(collection) => collection,
        Err(error) => return Parsed { documents: Vec::new(), remarks: vec![error.to_string()] },
    };
    let mut documents = Vec::new();
    for rule in collection.rules {
        documents.push(detection(rule, place, placeholders).map(|rule| Document::Detection(Box::new(rule))));
    }
    for rule in collection.correlations {
        let rule = correlation(rule, place).map(|rule| Document::Correlation(Box::new(rule)));
        documents.push(rule.map_err(Fault::from));
    }
    for rule in collection.filters {
        documents.push(filter(rule, place, placeholders).map(|rule| Document::Filter(Box::new(rule))));
    }
    Parsed { documents, remarks: collection.errors }
}

/// The advice of our own extension: `floodmark: {advice: …}`.
macro_rules! advice {
    ($rule:expr) => {
        $rule
            .custom_attributes
            .get("floodmark")
            .and_then(|ours| ours.get("advice"))
            .and_then(|advice| advice.as_str())
            .map(one_line)
    };
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn detection(
    rule: foreign::SigmaRule,
    place: &Place,
    placeholders: &Placeholders,
) -> Result<DetectionDocument, Fault> {
    known_version(rule.sigma_version)?;
    let logic = detections(&rule.detection, placeholders)?;
    let (techniques, tactics) = attack_tags(&rule.tags);
    let meta = RuleMeta {
        id: rule.id,
        name: rule.name,
        title: rule.title,
        description: rule.description,
        level: rule.level.map(level),
        status: rule.status.map(status),
        tags: rule.tags,
        techniques,
        tactics,
        references: rule.references,
        falsepositives: rule.falsepositives,
        advice: advice!(rule),
        author: rule.author,
        license: rule.license,
        logsource: logsource(rule.logsource),
        place: place.clone(),
    };
    Ok(DetectionDocument { meta, logic })
}

fn filter(
    rule: foreign::FilterRule,
    place: &Place,
    placeholders: &Placeholders,
) -> Result<FilterDocument, Fault> {
    known_version(rule.sigma_version)?;
    Ok(FilterDocument {
        title: rule.title,
        place: place.clone(),
        rules: match rule.rules {
            foreign::FilterRuleTarget::Any => None,
            foreign::FilterRuleTarget::Specific(rules) => Some(rules),
        },
        logsource: rule.logsource.map(logsource).unwrap_or_default(),
        logic: detections(&rule.detection, placeholders)?,
    })
}

fn correlation(rule: foreign::CorrelationRule, place: &Place) -> Result<CorrelationDocument, String> {
    known_version(rule.sigma_version)?;
    if rule.window != foreign::WindowMode::Sliding {
        return Err(format!(
            "the window mode `{}` is not of the specification: windows slide",
            rule.window.as_str()
        ));
    }
    let (bounds, fields, percentile, extended) = correlation_condition(rule.condition)?;
    let (techniques, tactics) = attack_tags(&rule.tags);
    let meta = RuleMeta {
        id: rule.id,
        name: rule.name,
        title: rule.title,
        description: rule.description,
        level: rule.level.map(level),
        status: rule.status.map(status),
        tags: rule.tags,
        techniques,
        tactics,
        references: rule.references,
        falsepositives: rule.falsepositives,
        advice: advice!(rule),
        author: rule.author,
        license: rule.license,
        logsource: LogSource::default(),
        place: place.clone(),
    };
    let micros = i64::try_from(rule.timespan.seconds).ok().and_then(|seconds| seconds.checked_mul(1_000_000));
    let aliases = rule.aliases.into_iter().map(|alias| (alias.alias, alias.mapping.into_iter().collect()));
    let document = CorrelationDocument {
        meta,
        kind: correlation_kind(rule.correlation_type),
        rules: rule.rules,
        group_by: rule.group_by,
        timespan_micros: micros.ok_or("the timespan is too long")?,
        bounds,
        extended,
        fields,
        percentile,
        aliases: aliases.collect(),
        generate: rule.generate,
    };
    check_correlation(document)
}

fn check_correlation(rule: CorrelationDocument) -> Result<CorrelationDocument, String> {
    let temporal = matches!(rule.kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
    let takes_field = !temporal && rule.kind != CorrelationKind::EventCount;
    if rule.rules.is_empty() {
        return Err("the correlation names no rules (an id or a name is a string)".to_owned());
    }
    if takes_field && rule.fields.is_empty() {
        return Err("the condition of this correlation type needs a `field`".to_owned());
    }
    if takes_field && rule.kind != CorrelationKind::ValueCount && rule.fields.len() != 1 {
        return Err("this correlation type takes one `field`".to_owned());
    }
    if !temporal && rule.extended.is_some() {
        return Err("only temporal correlations take a condition over rule names".to_owned());
    }
    if rule.percentile > 100 {
        return Err("a percentile is at most 100".to_owned());
    }
    Ok(rule)
}

type CorrelationCondition = (Vec<(Bound, u64)>, Vec<String>, u64, Option<Logic<String>>);

fn correlation_condition(condition: foreign::CorrelationCondition) -> Result<CorrelationCondition, String> {
    match condition {
        foreign::CorrelationCondition::Threshold { predicates, field, percentile } => {
            let mut bounds = Vec::new();
            for (operator, count) in predicates {
                // The parser turns a negative number into a huge one.
                if i64::try_from(count).is_err() {
                    return Err("a count in a condition is not negative".to_owned());
                }
                bounds.push((bound(operator), count));
            }
            Ok((bounds, field.unwrap_or_default(), percentile.unwrap_or(50), None))
        }
        foreign::CorrelationCondition::Extended(expression) => {
            let name = |name: &str| Ok(Logic::Atom(name.to_owned()));
            let logic = condition_logic(&expression, &name, &no_selectors, 0)?;
            Ok((Vec::new(), Vec::new(), 50, Some(logic)))
        }
    }
}

fn no_selectors(_: &foreign::Quantifier, _: &foreign::SelectorPattern) -> Result<Logic<String>, String> {
    Err("a correlation's condition names its rules one by one".to_owned())
}

fn known_version(major: Option<u32>) -> Result<(), String> {
    match major {
        Some(3..) => Err("the rule is for a Sigma specification later than 2".to_owned()),
        _ => Ok(()),
    }
}

/// The conditions, linked with OR, over the named detections.
fn detections(section: &foreign::Detections, placeholders: &Placeholders) -> Result<Logic<FieldTest>, Fault> {
    let mut named = BTreeMap::new();
    for (name, detection) in &section.named {
        if name.is_empty() {
            return Err("the name of a detection is a string".to_owned().into());
        }
        named.insert(name.as_str(), detection_logic(detection, placeholders, 0)?);
    }
    if section.conditions.is_empty() {
        return Err("there is no condition".to_owned().into());
    }
    let identifier = |name: &str| {
        named.get(name).cloned().ok_or_else(|| format!("the condition names `{name}`, which is not defined"))
    };
    let selector = |quantifier: &foreign::Quantifier, pattern: &foreign::SelectorPattern| {
        select(&named, quantifier, pattern)
    };
    let mut alternatives = Vec::new();
    for condition in &section.conditions {
        alternatives.push(condition_logic(condition, &identifier, &selector, 0)?);
    }
    let logic = Logic::any(alternatives);
    let mut atoms = 0;
    logic.each_atom(&mut |_| atoms += 1);
    if atoms > MAX_ATOMS {
        return Err(format!("the rule comes to more than {MAX_ATOMS} comparisons").into());
    }
    Ok(logic)
}

fn select(
    named: &BTreeMap<&str, Logic<FieldTest>>,
    quantifier: &foreign::Quantifier,
    pattern: &foreign::SelectorPattern,
) -> Result<Logic<FieldTest>, String> {
    let fits = |name: &str| match pattern {
        foreign::SelectorPattern::Them => !name.starts_with('_'),
        foreign::SelectorPattern::Pattern(pattern) => star_matches(pattern, name),
    };
    let chosen: Vec<_> =
        named.iter().filter(|(name, _)| fits(name)).map(|(_, logic)| logic.clone()).collect();
    if chosen.is_empty() {
        return Err(format!("no detection fits `{quantifier} of {pattern}`"));
    }
    Ok(match quantifier {
        foreign::Quantifier::Any => Logic::any(chosen),
        foreign::Quantifier::All => Logic::all(chosen),
        foreign::Quantifier::Count(count) => {
            Logic::AtLeast(usize::try_from(*count).unwrap_or(usize::MAX), chosen)
        }
    })
}

/// `*` at any places; the parser's own matcher knows only one.
fn star_matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = name.find(part) else { return false };
        name = &name[at + part.len()..];
    }
    name.ends_with(last)
}

fn condition_logic<A>(
    condition: &foreign::ConditionExpr,
    identifier: &impl Fn(&str) -> Result<Logic<A>, String>,
    selector: &impl Fn(&foreign::Quantifier, &foreign::SelectorPattern) -> Result<Logic<A>, String>,
    depth: usize,
) -> Result<Logic<A>, String> {
    if depth > MAX_DEPTH {
        return Err(format!("the condition nests deeper than {MAX_DEPTH}"));
    }
    let inner = |part: &foreign::ConditionExpr| condition_logic(part, identifier, selector, depth + 1);
    Ok(match condition {
        foreign::ConditionExpr::And(parts) => Logic::all(parts.iter().map(inner).collect::<Result<_, _>>()?),
        foreign::ConditionExpr::Or(parts) => Logic::any(parts.iter().map(inner).collect::<Result<_, _>>()?),
        foreign::ConditionExpr::Not(part) => inner(part)?.negate(),
        foreign::ConditionExpr::Identifier(name) => identifier(name)?,
        foreign::ConditionExpr::Selector { quantifier, pattern } => selector(quantifier, pattern)?,
    })
}

fn detection_logic(
    detection: &foreign::Detection,
    placeholders: &Placeholders,
    depth: usize,
) -> Result<Logic<FieldTest>, Fault> {
    if depth > MAX_DEPTH {
        return Err(format!("the detection nests deeper than {MAX_DEPTH}").into());
    }
    let inner = |part: &foreign::Detection| detection_logic(part, placeholders, depth + 1);
    let parts = match detection {
        foreign::Detection::AllOf(items) => {
            let parts =
                items.iter().map(|item| item_logic(item, placeholders)).collect::<Result<Vec<_>, _>>()?;
            return not_empty(parts).map(Logic::all);
        }
        foreign::Detection::And(parts) => {
            return Ok(Logic::all(parts.iter().map(inner).collect::<Result<_, _>>()?));
        }
        foreign::Detection::AnyOf(parts) => parts.iter().map(inner).collect::<Result<Vec<_>, _>>()?,
        foreign::Detection::Keywords(values) => {
            let item = Item { field: None, modifiers: Vec::new(), values: written(values)? };
            vec![meaning(&item, placeholders)?]
        }
        foreign::Detection::ArrayMatch { .. } | foreign::Detection::Conditional { .. } => {
            return Err("array selectors (`field[any]`) are not of specification 2".to_owned().into());
        }
    };
    not_empty(parts).map(Logic::any)
}

fn not_empty<T>(parts: Vec<T>) -> Result<Vec<T>, Fault> {
    if parts.is_empty() { Err("a detection is empty".to_owned().into()) } else { Ok(parts) }
}

fn item_logic(item: &foreign::DetectionItem, placeholders: &Placeholders) -> Result<Logic<FieldTest>, Fault> {
    let near = item.field.name.clone();
    let read = || {
        let ours = Item {
            // The parser escapes brackets, which have no meaning in specification 2.
            field: item.field.name.as_ref().map(|name| name.replace("\\[", "[").replace("\\]", "]")),
            modifiers: item.field.modifiers.iter().map(|modifier| modifier_of(*modifier)).collect(),
            values: written(&item.values)?,
        };
        meaning(&ours, placeholders)
    };
    read().map_err(|reason| {
        let reason = near.as_ref().map_or_else(|| reason.clone(), |name| format!("field `{name}`: {reason}"));
        Fault { reason, near: near.clone() }
    })
}

fn written(values: &[foreign::SigmaValue]) -> Result<Vec<Written>, String> {
    values.iter().map(value_of).collect()
}

fn value_of(value: &foreign::SigmaValue) -> Result<Written, String> {
    Ok(match value {
        foreign::SigmaValue::String(text) if is_debug_form(&text.original) => {
            return Err("a value is a string, a number, a boolean or null, not a list or a map".to_owned());
        }
        foreign::SigmaValue::String(text) => Written::Text(text.original.clone()),
        foreign::SigmaValue::Integer(number) => Written::Number(number.to_string()),
        foreign::SigmaValue::Float(number) => Written::Number(number.to_string()),
        foreign::SigmaValue::Bool(truth) => Written::Bool(*truth),
        foreign::SigmaValue::Null => Written::Null,
    })
}

/// The parser renders a list or map that stands where a value should as the debug form of its YAML.
fn is_debug_form(text: &str) -> bool {
    (text.starts_with("Mapping {") && text.ends_with('}'))
        || (text.starts_with("Sequence [") && text.ends_with(']'))
}

fn modifier_of(modifier: foreign::Modifier) -> Modifier {
    use foreign::Modifier as M;
    match modifier {
        M::Contains => Modifier::Contains,
        M::StartsWith => Modifier::StartsWith,
        M::EndsWith => Modifier::EndsWith,
        M::All => Modifier::All,
        M::Base64 => Modifier::Base64,
        M::Base64Offset => Modifier::Base64Offset,
        M::Wide => Modifier::Utf16(Utf16::Little),
        M::Utf16be => Modifier::Utf16(Utf16::Big),
        M::Utf16 => Modifier::Utf16(Utf16::Marked),
        M::WindAsh => Modifier::WinDash,
        M::Re => Modifier::Re,
        M::IgnoreCase => Modifier::IgnoreCase,
        M::Multiline => Modifier::MultiLine,
        M::DotAll => Modifier::DotAll,
        M::Cidr => Modifier::Cidr,
        M::Cased => Modifier::Cased,
        M::Exists => Modifier::Exists,
        M::Expand => Modifier::Expand,
        M::FieldRef => Modifier::FieldRef,
        M::Gt => Modifier::Compare(Order::Greater),
        M::Gte => Modifier::Compare(Order::GreaterOrEqual),
        M::Lt => Modifier::Compare(Order::Less),
        M::Lte => Modifier::Compare(Order::LessOrEqual),
        M::Neq => Modifier::NotEqual,
        M::Minute => Modifier::Part(TimePart::Minute),
        M::Hour => Modifier::Part(TimePart::Hour),
        M::Day => Modifier::Part(TimePart::Day),
        M::Week => Modifier::Part(TimePart::Week),
        M::Month => Modifier::Part(TimePart::Month),
        M::Year => Modifier::Part(TimePart::Year),
    }
}

fn correlation_kind(kind: foreign::CorrelationType) -> CorrelationKind {
    match kind {
        foreign::CorrelationType::EventCount => CorrelationKind::EventCount,
        foreign::CorrelationType::ValueCount => CorrelationKind::ValueCount,
        foreign::CorrelationType::Temporal => CorrelationKind::Temporal,
        foreign::CorrelationType::TemporalOrdered => CorrelationKind::TemporalOrdered,
        foreign::CorrelationType::ValueSum => CorrelationKind::ValueSum,
        foreign::CorrelationType::ValueAvg => CorrelationKind::ValueAvg,
        foreign::CorrelationType::ValuePercentile => CorrelationKind::ValuePercentile,
        foreign::CorrelationType::ValueMedian => CorrelationKind::ValueMedian,
    }
}

fn bound(operator: foreign::ConditionOperator) -> Bound {
    match operator {
        foreign::ConditionOperator::Lt => Bound::Less,
        foreign::ConditionOperator::Lte => Bound::LessOrEqual,
        foreign::ConditionOperator::Gt => Bound::Greater,
        foreign::ConditionOperator::Gte => Bound::GreaterOrEqual,
        foreign::ConditionOperator::Eq => Bound::Equal,
        foreign::ConditionOperator::Neq => Bound::NotEqual,
    }
}

fn level(level: foreign::Level) -> Level {
    match level {
        foreign::Level::Informational => Level::Informational,
        foreign::Level::Low => Level::Low,
        foreign::Level::Medium => Level::Medium,
        foreign::Level::High => Level::High,
        foreign::Level::Critical => Level::Critical,
    }
}

fn status(status: foreign::Status) -> Status {
    match status {
        foreign::Status::Stable => Status::Stable,
        foreign::Status::Test => Status::Test,
        foreign::Status::Experimental => Status::Experimental,
        foreign::Status::Deprecated => Status::Deprecated,
        foreign::Status::Unsupported => Status::Unsupported,
    }
}

fn logsource(source: foreign::LogSource) -> LogSource {
    let _: HashMap<String, String> = source.custom;
    LogSource { category: source.category, product: source.product, service: source.service }
}

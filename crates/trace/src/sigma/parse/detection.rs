//! The detections of a rule and the condition that links them.

use std::collections::BTreeMap;

use super::Fault;
use super::condition::{Names, Quantifier, condition};
use crate::sigma::item::{FieldTest, Item, Modifier, Placeholders, Written, meaning};
use crate::sigma::logic::Logic;
use crate::sigma::yaml::Yaml;

/// How deep lists may nest in a detection.
const MAX_DEPTH: usize = 160;
/// How many questions one rule may come to.
const MAX_ATOMS: usize = 100_000;

/// The conditions, linked with OR, over the named detections of a `detection` or `filter` section; of its keys
/// those in `others` are none.
pub(super) fn detections(
    section: &Yaml,
    others: &[&str],
    placeholders: &Placeholders,
) -> Result<Logic<FieldTest>, Fault> {
    let Yaml::Map(entries) = section else {
        return Err("the detections are a map of names".to_owned().into());
    };
    let mut named = BTreeMap::new();
    for (name, detection) in entries {
        if name != "condition" && !others.contains(&name.as_str()) {
            let logic = detection_logic(detection, placeholders, 0).map_err(|fault| fault.or_near(name))?;
            named.insert(name.as_str(), logic);
        }
    }
    let conditions = section.get("condition").ok_or_else(|| "there is no condition".to_owned())?;
    let conditions = match conditions {
        Yaml::List(list) if list.is_empty() => None,
        Yaml::Null => None,
        other => other.scalars(),
    };
    let conditions =
        conditions.ok_or_else(|| Fault::near("condition", "a condition is a string or a list of strings"))?;
    let named = Named(named);
    let alternatives = conditions.iter().map(|text| condition(text, &named)).collect::<Result<_, _>>();
    let logic = Logic::any(alternatives.map_err(|reason| Fault::near("condition", &reason))?);
    let mut atoms = 0;
    logic.each_atom(&mut |_| atoms += 1);
    if atoms > MAX_ATOMS {
        return Err(format!("the rule comes to more than {MAX_ATOMS} comparisons").into());
    }
    Ok(logic)
}

struct Named<'y>(BTreeMap<&'y str, Logic<FieldTest>>);

impl Names<FieldTest> for Named<'_> {
    fn named(&self, name: &str) -> Result<Logic<FieldTest>, String> {
        self.0.get(name).cloned().ok_or_else(|| format!("it names `{name}`, which is not defined"))
    }

    fn chosen(&self, quantifier: Quantifier, pattern: &str) -> Result<Logic<FieldTest>, String> {
        // By convention a detection whose name begins with an underscore is not meant, unless the pattern does too.
        let pattern = if pattern.eq_ignore_ascii_case("them") { "*" } else { pattern };
        let hidden = |name: &str| name.starts_with('_') && !pattern.starts_with('_');
        let fits = |name: &str| star_matches(pattern, name) && !hidden(name);
        let chosen: Vec<_> =
            self.0.iter().filter(|(name, _)| fits(name)).map(|(_, logic)| logic.clone()).collect();
        match quantifier {
            _ if chosen.is_empty() => Err(format!("no detection fits `{pattern}`")),
            Quantifier::All => Ok(Logic::all(chosen)),
            Quantifier::AtLeast(1) => Ok(Logic::any(chosen)),
            Quantifier::AtLeast(count) => Ok(Logic::AtLeast(count, chosen)),
        }
    }
}

/// `*` at any places.
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

/// A map is linked with AND; a list of plain values is a keyword search; any other list is linked with OR.
fn detection_logic(
    detection: &Yaml,
    placeholders: &Placeholders,
    depth: usize,
) -> Result<Logic<FieldTest>, Fault> {
    if depth > MAX_DEPTH {
        return Err(format!("the detection nests deeper than {MAX_DEPTH}").into());
    }
    match detection {
        Yaml::Map(entries) => {
            let items = entries.iter().map(|(key, value)| item_logic(key, value, placeholders));
            not_empty(items.collect::<Result<_, _>>()?).map(Logic::all)
        }
        Yaml::List(list) if !list.iter().all(Yaml::is_plain) => {
            let parts = list.iter().map(|part| detection_logic(part, placeholders, depth + 1));
            not_empty(parts.collect::<Result<_, _>>()?).map(Logic::any)
        }
        keywords => {
            let values = written(keywords)?;
            let item = Item { field: None, modifiers: Vec::new(), values: not_empty(values)? };
            Ok(meaning(&item, placeholders)?)
        }
    }
}

fn not_empty<T>(parts: Vec<T>) -> Result<Vec<T>, Fault> {
    if parts.is_empty() { Err("a detection is empty".to_owned().into()) } else { Ok(parts) }
}

fn item_logic(key: &str, value: &Yaml, placeholders: &Placeholders) -> Result<Logic<FieldTest>, Fault> {
    let mut words = key.split('|');
    let field = words.next().filter(|name| !name.is_empty());
    let read = || {
        let modifiers = words.map(Modifier::named).collect::<Result<_, _>>()?;
        let item = Item { field: field.map(str::to_owned), modifiers, values: written(value)? };
        meaning(&item, placeholders)
    };
    read().map_err(|reason| match field {
        Some(name) => Fault::near(key, &format!("field `{name}`: {reason}")),
        None => Fault::near(key, &reason),
    })
}

fn written(values: &Yaml) -> Result<Vec<Written>, String> {
    match values {
        Yaml::List(list) => list.iter().map(value_of).collect(),
        one => Ok(vec![value_of(one)?]),
    }
}

fn value_of(value: &Yaml) -> Result<Written, String> {
    match value {
        Yaml::Text(text) => Ok(Written::Text(text.clone())),
        Yaml::Number(number) => Ok(Written::Number(number.clone())),
        Yaml::Bool(truth) => Ok(Written::Bool(*truth)),
        Yaml::Null => Ok(Written::Null),
        Yaml::List(_) | Yaml::Map(_) => {
            Err("a value is a string, a number, a boolean or null, not a list or a map".to_owned())
        }
    }
}

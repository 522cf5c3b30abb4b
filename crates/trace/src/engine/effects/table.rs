//! The table of effects, read once from `data/effects.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use floodmark_case::{Access, LeftoverKind};
use foldhash::fast::RandomState;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::template::{Condition, Template};

const SOURCE: &str = include_str!("../../../data/effects.toml");

/// One effect of a call.
#[derive(Debug, Default)]
pub(super) struct Effect {
    pub access: Option<Access>,
    pub kind: &'static str,
    pub id: Template,
    pub when: Option<Condition>,
    pub leaves: Option<LeftoverKind>,
    pub undo: Template,
    pub undoes: Option<Template>,
    pub within: Option<Template>,
    pub by_others: bool,
}

type Calls = HashMap<&'static str, HashMap<&'static str, Vec<Effect>, RandomState>, RandomState>;

/// Our own table has no errors, which a test proves; should it, the lines before them count.
static TABLE: LazyLock<Calls> = LazyLock::new(|| read(SOURCE).0);

/// The effects of a call, by service and name without API date; `None` for calls that are not in the table.
pub(super) fn effects_of(service: &str, name: &str) -> Option<&'static [Effect]> {
    TABLE.get(service)?.get(name).map(Vec::as_slice)
}

/// Reads the table; with the number and text of the first line that it does not understand.
///
/// It is TOML, but only the little of it that the table needs: `[["service:Call"]]` and `key = "text"` without escapes.
fn read(source: &'static str) -> (Calls, Option<(usize, &'static str)>) {
    let mut calls = Calls::default();
    let mut latest: Option<(&str, &str)> = None;
    for (number, line) in (1..).zip(source.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(call) = line.strip_prefix("[[\"").and_then(|line| line.strip_suffix("\"]]")) {
            let Some((service, name)) = call.split_once(':') else {
                return (calls, Some((number, line)));
            };
            calls.entry(service).or_default().entry(name).or_default().push(Effect::default());
            latest = Some((service, name));
            continue;
        }
        let effect = latest.and_then(|(service, name)| calls.get_mut(service)?.get_mut(name)?.last_mut());
        if effect.and_then(|effect| set(effect, line)).is_none() {
            return (calls, Some((number, line)));
        }
    }
    (calls, None)
}

fn set(effect: &mut Effect, line: &'static str) -> Option<()> {
    let (key, value) = line.split_once(" = ")?;
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    match key {
        "does" => effect.access = Some(word(value)?),
        "kind" => effect.kind = value,
        "id" => effect.id = Template::parse(value)?,
        "when" => effect.when = Some(Condition::parse(value)?),
        "leaves" => effect.leaves = Some(word(value)?),
        "undo" => effect.undo = Template::parse(value)?,
        "undoes" => effect.undoes = Some(Template::parse(value)?),
        "within" => effect.within = Some(Template::parse(value)?),
        "replaces" if value == "others" => effect.by_others = true,
        _ => return None,
    }
    Some(())
}

/// A word of the vocabulary of a case, as it is serialised.
fn word<T: Deserialize<'static>>(text: &'static str) -> Option<T> {
    let words: StrDeserializer<'static, Error> = text.into_deserializer();
    T::deserialize(words).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood_and_every_effect_is_whole() {
        let (calls, error) = read(SOURCE);
        assert_eq!(error, None);
        let count: usize = calls.values().map(HashMap::len).sum();
        assert!(count >= 250, "{count} calls");
        for (service, names) in &calls {
            for (name, effects) in names {
                for effect in effects {
                    let call = format!("{service}:{name}: {effect:?}");
                    assert!(effect.access.is_none() || !effect.kind.is_empty(), "no kind: {call}");
                    assert!(!effect.id.parts().is_empty() || effect.undoes.is_some(), "no id: {call}");
                    assert_eq!(effect.leaves.is_some(), !effect.undo.parts().is_empty(), "undo: {call}");
                }
            }
        }
    }

    #[test]
    fn the_first_line_that_is_not_understood_is_told() {
        assert_eq!(read("[[\"a:B\"]]\ndoes = \"eats\"\n").1, Some((2, "does = \"eats\"")));
        assert_eq!(read("id = \"x\"").1, Some((1, "id = \"x\"")));
        assert_eq!(read("[[\"a:B\"]]\nid = \"{nowhere.x}\"").1, Some((2, "id = \"{nowhere.x}\"")));
    }
}

//! YAML as a tree: of the text of one document, bounded however its aliases multiply.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

/// A value of a document. Keys are text; a number or a boolean as a key is taken as it is spelled.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    /// A number, spelled as Rust would.
    Number(String),
    Text(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

/// What one document may come to once its aliases are resolved, in bytes.
const MAX_SIZE: usize = 32 << 20;
/// What a value costs beside its text.
const COST: usize = 16;

impl Yaml {
    /// Reads one document. The reason of a failure names line and column, counted in the text.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let left = Cell::new(MAX_SIZE);
        let fault = RefCell::new(None);
        let mut documents = yaml_serde::Deserializer::from_str(text);
        let Some(document) = documents.next() else { return Ok(Self::Null) };
        Tree { left: &left, fault: &fault }.deserialize(document).map_err(|error| {
            // The parser places its own errors; in the outermost map it does not place ours.
            let line = fault
                .take()
                .filter(|_| !error.to_string().contains("line"))
                .and_then(|key| last_line(text, &key));
            let at = line.map(|line| format!(" at line {line}")).unwrap_or_default();
            format!("YAML: {error}{at}")
        })
    }

    /// The value of a key, if this is a map that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find_map(|(name, value)| (name == key).then_some(value))
    }

    /// A string, number or boolean, as text.
    pub(super) fn scalar(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// One scalar, or a list of scalars; `None` where anything else stands among them.
    pub(super) fn scalars(&self) -> Option<Vec<String>> {
        match self {
            Self::List(values) => values.iter().map(Self::scalar).collect(),
            one => Some(vec![one.scalar()?]),
        }
    }

    /// Whether it is neither a list nor a map.
    pub(super) fn is_plain(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    /// This document with another laid over it: maps are joined, key by key; all else is replaced.
    pub(super) fn overlaid(self, over: Self) -> Self {
        let (mut own, over) = match (self, over) {
            (Self::Map(own), Self::Map(over)) => (own, over),
            (_, over) => return over,
        };
        for (key, value) in over {
            match own.iter_mut().find(|(name, _)| *name == key) {
                Some((_, old)) => *old = std::mem::replace(old, Self::Null).overlaid(value),
                None => own.push((key, value)),
            }
        }
        Self::Map(own)
    }
}

/// The last line that begins with a key, from 1.
fn last_line(text: &str, key: &str) -> Option<usize> {
    let begins = |line: &str| line.trim_start_matches([' ', '-', '\'', '"']).starts_with(key);
    let (at, _) = text.lines().enumerate().filter(|(_, line)| begins(line)).last()?;
    Some(at + 1)
}

/// Builds a tree as long as the document has not come to too much.
#[derive(Clone, Copy)]
struct Tree<'l> {
    left: &'l Cell<usize>,
    /// The key over which it failed.
    fault: &'l RefCell<Option<String>>,
}

impl Tree<'_> {
    fn spend<E: Error>(self, text: usize) -> Result<(), E> {
        let left = self.left.get().checked_sub(text.saturating_add(COST));
        let left =
            left.ok_or_else(|| E::custom("the document comes to too much, by its aliases or its size"))?;
        self.left.set(left);
        Ok(())
    }

    fn scalar<E: Error>(self, value: Yaml) -> Result<Yaml, E> {
        self.spend(0)?;
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Yaml;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Yaml;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, a number, a boolean, null, a list or a map")
    }

    fn visit_unit<E: Error>(self) -> Result<Yaml, E> {
        self.scalar(Yaml::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Yaml, E> {
        self.scalar(Yaml::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Yaml, E> {
        self.scalar(Yaml::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Yaml, E> {
        self.scalar(Yaml::Number(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Yaml, E> {
        self.scalar(Yaml::Number(number.to_string()))
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Yaml, E> {
        self.scalar(Yaml::Number(number.to_string()))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Yaml, E> {
        self.scalar(Yaml::Number(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Yaml, E> {
        self.scalar(Yaml::Number(format!("{number:?}")))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Yaml, E> {
        self.spend(text.len())?;
        Ok(Yaml::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Yaml, A::Error> {
        self.spend(0)?;
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(self)? {
            list.push(value);
        }
        Ok(Yaml::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Yaml, A::Error> {
        self.spend(0)?;
        let mut seen = HashSet::new();
        let mut map = Vec::new();
        while let Some(key) = entries.next_key_seed(self)? {
            let Some(key) = key.scalar() else {
                self.fault.replace(Some("?".to_owned()));
                return Err(A::Error::custom("a key is a word, not null, a list or a map"));
            };
            let reason = match key.as_str() {
                "<<" => Some("merge keys (`<<`) are not of YAML 1.2".to_owned()),
                _ if !seen.insert(key.clone()) => Some(format!("the key `{key}` stands twice in one map")),
                _ => None,
            };
            if let Some(reason) = reason {
                self.fault.replace(Some(key));
                return Err(A::Error::custom(reason));
            }
            map.push((key, entries.next_value_seed(self)?));
        }
        Ok(Yaml::Map(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Yaml, A::Error> {
        Err(A::Error::custom("tags (`!word`) have no meaning in a rule"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_with_its_kinds_of_values() {
        let read = Yaml::parse("a: [1, 1.0, 1.50, true, null, 'no', no, 18446744073709551615]\n4625: x\n");
        let number = |text: &str| Yaml::Number(text.to_owned());
        let text = |text: &str| Yaml::Text(text.to_owned());
        let list = vec![
            number("1"),
            number("1.0"),
            number("1.5"),
            Yaml::Bool(true),
            Yaml::Null,
            text("no"),
            text("no"),
            number("18446744073709551615"),
        ];
        assert_eq!(
            read,
            Ok(Yaml::Map(vec![("a".to_owned(), Yaml::List(list)), ("4625".to_owned(), text("x"))]))
        );
    }

    #[test]
    fn what_would_be_misread_is_refused_with_its_line() {
        for (text, reason) in [
            ("a: 1\na: 2", "twice"),
            ("x: 1\n<<: {a: 1}", "merge"),
            ("a: !secret b", "tags"),
            ("? [a]\n: b", "key"),
        ] {
            let error = Yaml::parse(text).unwrap_err();
            assert!(error.contains(reason) && error.contains("line"), "{error}");
        }
    }

    #[test]
    fn aliases_do_not_multiply_beyond_the_bound() {
        let items = "x,".repeat(20_000);
        let aliases = "*a,".repeat(20_000);
        let error = Yaml::parse(&format!("a: &a [{items}]\nb: [{aliases}]\n")).unwrap_err();
        assert!(error.contains("aliases"), "{error}");
        let text = "x".repeat(1 << 20);
        let error = Yaml::parse(&format!("a: &a {text}\nb: [{aliases}]\n")).unwrap_err();
        assert!(error.contains("aliases"), "{error}");
    }

    #[test]
    fn a_document_is_laid_over_another_key_by_key() {
        let base = Yaml::parse("a: {b: 1, c: 2}\nd: [1]").unwrap();
        let over = Yaml::parse("a: {c: 3}\nd: [2]\ne: 4").unwrap();
        assert_eq!(base.overlaid(over), Yaml::parse("a: {b: 1, c: 3}\nd: [2]\ne: 4").unwrap());
    }
}

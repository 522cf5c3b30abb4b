//! A document of JSON or YAML as one tree, bounded however it is nested and however its aliases multiply.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::limits::DOCUMENT_VALUES;

/// A value of a document. Of two equal keys of a map the last counts.
pub type Tree = Value;

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// It is not UTF-8.
    #[error("it is not UTF-8: the byte {at} is not")]
    NotText {
        /// The first byte that is not.
        at: usize,
    },
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    Json(String),
    /// It is no YAML.
    #[error("it is no YAML: {0}")]
    Yaml(String),
}

/// Reads a document of JSON.
pub fn json(bytes: &[u8]) -> Result<Tree, TreeError> {
    let text = text(bytes)?;
    let left = Cell::new(DOCUMENT_VALUES);
    let mut document = serde_json::Deserializer::from_str(text);
    let tree = Seed(&left).deserialize(&mut document);
    let whole = tree.and_then(|tree| document.end().map(|()| tree));
    whole.map_err(|error| TreeError::Json(error.to_string()))
}

/// Reads a document of YAML. A number with a point is refused where a text is expected, since `1.10` is read as `1.1`.
pub fn yaml(bytes: &[u8]) -> Result<Tree, TreeError> {
    let text = text(bytes)?;
    let left = Cell::new(DOCUMENT_VALUES);
    let failed = |error: yaml_serde::Error| TreeError::Yaml(error.to_string());
    let mut documents = yaml_serde::Deserializer::from_str(text);
    let Some(document) = documents.next() else { return Ok(Value::Null) };
    let tree = Seed(&left).deserialize(document).map_err(failed)?;
    if documents.next().is_some() {
        return Err(TreeError::Yaml("it holds several documents: expected one".to_owned()));
    }
    Ok(tree)
}

/// Without the mark of byte order that some tools put before it.
fn text(bytes: &[u8]) -> Result<&str, TreeError> {
    let text = std::str::from_utf8(bytes).map_err(|error| TreeError::NotText { at: error.valid_up_to() })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Builds a tree as long as the document has not come to too many values.
#[derive(Clone, Copy)]
struct Seed<'l>(&'l Cell<usize>);

impl Seed<'_> {
    fn one<E: Error>(self, value: Value) -> Result<Value, E> {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.ok_or_else(|| {
            E::custom(format_args!("it comes to too many values: expected at most {DOCUMENT_VALUES}"))
        })?);
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.one(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.one(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            values.push(value);
        }
        self.one(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key_seed(self)? {
            let value = map.next_value_seed(self)?;
            let key = match key {
                Value::String(key) => key,
                Value::Number(key) => key.to_string(),
                Value::Bool(key) => key.to_string(),
                _ => return Err(A::Error::custom("a key is neither a text nor a number")),
            };
            entries.insert(key, value);
        }
        self.one(Value::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_yaml_of_the_same_give_the_same() {
        let from_json = json(br#"{"id":"X-1","list":[1,true,null,"a"],"map":{"k":-2}}"#).expect("good");
        let from_yaml = yaml(b"id: X-1\nlist: [1, true, null, a]\nmap:\n  k: -2\n").expect("good");
        assert_eq!(from_json, from_yaml);
    }

    #[test]
    fn aliases_that_multiply_and_depth_end() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let below = format!("*a{}", level - 1);
            let line = format!("a{level}: &a{level} [{}]\n", vec![below; 10].join(","));
            bomb.push_str(&line);
        }
        assert!(yaml(bomb.as_bytes()).is_err());
        let deep = "[".repeat(100_000);
        assert!(json(deep.as_bytes()).is_err() && yaml(deep.as_bytes()).is_err());
        let many = format!("[{}0]", "0,".repeat(DOCUMENT_VALUES));
        assert!(json(many.as_bytes()).expect_err("too many").to_string().contains("too many values"));
    }

    #[test]
    fn what_is_cut_short_names_its_place() {
        let error = json(b"{\"id\": \"X-1\",\n \"a").expect_err("cut").to_string();
        assert!(error.contains("line 2"), "{error}");
        assert_eq!(json(b"\"\xff\""), Err(TreeError::NotText { at: 1 }));
        assert!(json(b"{} {}").is_err());
    }
}

//! Raw JSON, looked into without building a tree.
//!
//! The parser is `serde_json`, which has no unsafe code on this path and passes over values without recursion: text
//! that is nested ten thousand deep costs time, not stack. Before it, `scan` tries a quicker way.

pub(crate) mod scan;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The text of one JSON value, borrowed from what it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// Takes text for a value; what is wrong with it shows when it is looked into.
    pub fn new(text: &'a str) -> Self {
        Self(text.trim_ascii())
    }

    /// Takes text without spaces around it.
    pub(crate) fn trimmed(text: &'a str) -> Self {
        Self(text)
    }

    /// The text.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// The text of a string, number or boolean; `None` for null, an object or an array.
    pub fn scalar(self) -> Option<Cow<'a, str>> {
        match self.0.as_bytes() {
            [b'"', ..] => self.string(),
            [b'{' | b'[', ..] | b"null" | [] => None,
            _ => Some(Cow::Borrowed(self.0)),
        }
    }

    /// The text of a string; `None` for anything else.
    pub fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
            return Some(Cow::Borrowed(inner));
        }
        serde_json::from_str(self.0).ok().map(Cow::Owned)
    }

    /// The members of an object, in order; what follows a syntax error is not seen. Empty for anything else.
    pub fn members(self) -> Vec<(Cow<'a, str>, Self)> {
        if let Ok(members) = scan::members(self.0) {
            return members.into_iter().map(|(name, value)| (name, Self(value))).collect();
        }
        let mut members = Vec::new();
        if self.0.starts_with('{') {
            let _ = serde_json::Deserializer::from_str(self.0).deserialize_map(Members(&mut members));
        }
        members
    }

    /// The elements of an array, in order; what follows a syntax error is not seen. Empty for anything else.
    pub fn elements(self) -> Vec<Self> {
        if let Ok(elements) = scan::elements(self.0) {
            return elements.into_iter().map(Self).collect();
        }
        let mut elements = Vec::new();
        if self.0.starts_with('[') {
            let _ = serde_json::Deserializer::from_str(self.0).deserialize_seq(Elements(&mut elements));
        }
        elements
    }

    /// The first member of this name.
    pub fn get(self, name: &str) -> Option<Self> {
        if !self.0.starts_with('{') {
            return None;
        }
        if let Ok(found) = scan::member(self.0, name) {
            return found.map(Self);
        }
        let mut found = None;
        let _ =
            serde_json::Deserializer::from_str(self.0).deserialize_map(Member { name, found: &mut found });
        found
    }

    /// What lies at a path of names.
    pub fn at<S: AsRef<str>>(self, path: impl IntoIterator<Item = S>) -> Option<Self> {
        path.into_iter().try_fold(self, |json, name| json.get(name.as_ref()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(deserializer).map(|value| Self(value.get()))
    }
}

/// The name of a member, borrowed where it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Owned(text.to_owned())))
    }
}

struct Members<'m, 'a>(&'m mut Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Visitor<'a> for Members<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Name(name), value)) = map.next_entry()? {
            self.0.push((name, value));
        }
        Ok(())
    }
}

struct Elements<'m, 'a>(&'m mut Vec<Json<'a>>);

impl<'a> Visitor<'a> for Elements<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element()? {
            self.0.push(value);
        }
        Ok(())
    }
}

struct Member<'m, 'a> {
    name: &'m str,
    found: &'m mut Option<Json<'a>>,
}

impl<'a> Visitor<'a> for Member<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            let value = map.next_value()?;
            if name == self.name {
                *self.found = Some(value);
                // What follows does not matter: an error ends the parse here.
                return Err(A::Error::custom("found"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_elements_and_paths_are_found() {
        let json = Json::new(r#" {"a":{"b":[1,"x\"y",null]},"c\u0064":true} "#);
        assert_eq!(json.get("cd").and_then(Json::scalar).as_deref(), Some("true"));
        let elements = json.at(["a", "b"]).expect("an array").elements();
        let scalars: Vec<_> = elements.into_iter().map(Json::scalar).collect();
        assert_eq!(scalars, [Some("1".into()), Some("x\"y".into()), None]);
        assert_eq!(json.at(["a", "b", "c"]), None);
        assert_eq!(json.members().len(), 2);
    }

    #[test]
    fn broken_and_bottomless_text_is_seen_as_far_as_it_goes() {
        assert_eq!(Json::new(r#"{"a":1,"b":"#).members().len(), 1);
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(Json::new(&deep).get("a").map(|inner| inner.raw().len()), Some(400_000));
        for text in ["", "{", "\"", "nul", "[1,", "{\"a\":\"x}"] {
            let json = Json::new(text);
            let _ = (json.scalar(), json.members(), json.elements(), json.get("a"));
        }
    }
}

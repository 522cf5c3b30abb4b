//! JSON, member by member: what is wrong with one loses that one.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Broken;

/// What [`members`] hands out: the name of the part, if it is one that is gone into, the key, and the value as it stands.
pub(super) type Visit<'v, 'b> = &'v mut dyn FnMut(Option<&'static str>, &str, &'b RawValue);

/// Hands out the members of the object that a file is. Of those that are called like one of `parts`, the members (or the
/// elements, by their number) are handed out in their place, one by one as they are read: where the file breaks off, what
/// stands before that is known.
pub(super) fn members<'b>(
    bytes: &'b [u8],
    parts: &[&'static str],
    visit: Visit<'_, 'b>,
) -> Result<(), Broken> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let top = Members { parts, part: None, visit };
    let read = top.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| {
        Broken::other(format!("is not the JSON that it should be: {error}"), "a JSON object")
    })
}

/// A value that is handed out, as what it should be.
pub(super) fn parsed<'b, T: Deserialize<'b>>(value: &'b RawValue) -> Result<T, String> {
    serde_json::from_str(value.get()).map_err(|error| {
        // Its line is that in the value, which nobody sees.
        let told = error.to_string();
        told.split_once(" at line ").map_or(told.clone(), |(told, _)| told.to_owned())
    })
}

/// The keys of an object; of anything else none.
#[derive(Debug, Default)]
pub(super) struct Keys<'b>(pub(super) Vec<Cow<'b, str>>);

struct Members<'m, 'v, 'b> {
    parts: &'m [&'static str],
    part: Option<&'static str>,
    visit: Visit<'v, 'b>,
}

#[derive(Deserialize)]
struct Key<'b>(#[serde(borrow)] Cow<'b, str>);

impl<'b> DeserializeSeed<'b> for Members<'_, '_, 'b> {
    type Value = ();

    fn deserialize<D: Deserializer<'b>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'b> Visitor<'b> for Members<'_, '_, 'b> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'b>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            match self.parts.iter().find(|part| **part == key) {
                Some(part) => {
                    map.next_value_seed(Members { parts: &[], part: Some(part), visit: &mut *self.visit })?;
                }
                None => (self.visit)(self.part, &key, map.next_value()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut sequence: A) -> Result<(), A::Error> {
        if self.part.is_none() {
            return Err(serde::de::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let mut number = 0_usize;
        while let Some(value) = sequence.next_element()? {
            (self.visit)(self.part, &number.to_string(), value);
            number += 1;
        }
        Ok(())
    }

    // A part that is null or false is one without members.
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.part.map(drop).ok_or_else(|| E::invalid_type(serde::de::Unexpected::Unit, &self))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.part.map(drop).ok_or_else(|| E::invalid_type(serde::de::Unexpected::Bool(value), &self))
    }
}

impl<'de: 'b, 'b> Deserialize<'de> for Keys<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsKeys;

        impl<'de> Visitor<'de> for AsKeys {
            type Value = Keys<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut keys = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    map.next_value::<IgnoredAny>()?;
                    keys.push(key);
                }
                Ok(Keys(keys))
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
                Ok(Keys::default())
            }

            fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Keys::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
                while sequence.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Keys::default())
            }
        }

        deserializer.deserialize_any(AsKeys)
    }
}

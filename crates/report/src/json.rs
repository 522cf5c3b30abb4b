//! The envelope as JSON, and its schema.

use std::io::{self, Write};

use floodmark_case::{Answer, SCHEMA};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use serde_json::{Value, json};

use crate::{ReportError, is_treacherous};

/// The identifier of the published schema; `1` is the major version of the envelope.
pub const SCHEMA_ID: &str = "urn:floodmark:schema:answer:1";

/// The JSON Schema (draft 2020-12) of the envelope.
pub fn schema() -> Value {
    let mut schema = Value::from(schemars::schema_for!(Answer));
    schema["$id"] = json!(SCHEMA_ID);
    schema["title"] = json!("An answer of Floodmark");
    schema["description"] = json!(
        "What a command of Floodmark says: the verdict, findings and links with citations, what the answer rests on \
         and what it cannot show, and what is the command's own: the story of the intrusion, or the inventory."
    );
    schema["properties"]["schema"] =
        json!({ "const": SCHEMA, "description": "The name of the envelope, with its major version" });
    schema
}

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> Result<(), ReportError> {
    answer.serialize(&mut Serializer::with_formatter(&mut *out, Inert(PrettyFormatter::new())))?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Writes a value as one line of JSON.
pub(crate) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> Result<(), ReportError> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Inert(CompactFormatter)))?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Writes a value as indented JSON, and a line's end.
pub(crate) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> Result<(), ReportError> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Inert(PrettyFormatter::new())))?;
    out.write_all(b"\n")?;
    Ok(())
}

/// A list that is made as it is written, one member after the other: it may be long.
pub(crate) struct Streamed<F>(pub(crate) F);

impl<T: Serialize, I: Iterator<Item = T>, F: Fn() -> I> Serialize for Streamed<F> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Escapes characters that JSON would let through and a terminal would obey; what a parser reads is the same.
struct Inert<F>(F);

impl<F: Formatter> Formatter for Inert<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut done = 0;
        for (at, character) in fragment.char_indices().filter(|(_, character)| is_treacherous(*character)) {
            out.write_all(&fragment.as_bytes()[done..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            done = at + character.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[done..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

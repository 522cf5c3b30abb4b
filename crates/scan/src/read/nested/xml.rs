//! XML, <https://www.w3.org/TR/xml/>, without what a document type may declare.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::{Builder, MOST_DEPTH, Nested, Value, line_number};
use crate::component::Place;
use crate::read::{Broken, Reading};

/// How many places of a file may be wrong before the rest is given up.
const MOST_WRONG: usize = 100;

pub(super) fn read<'b>(text: &'b str, reading: &mut Reading<'_>) -> Result<Nested<'b>, Broken> {
    if !text.trim_start().starts_with('<') {
        return Err(Broken::other("is no XML", "an element"));
    }
    let mut xml = Xml {
        text,
        at: 0,
        line: 1,
        counted: 0,
        builder: Builder::new(Value::Map),
        names: Vec::new(),
        wrong: 0,
    };
    while xml.at < text.len() && xml.wrong < MOST_WRONG && !xml.builder.full {
        xml.step(reading);
    }
    if !xml.names.is_empty() {
        xml.tell("ends in the middle; expected the end of an element", reading);
    }
    Ok(xml.builder.finish(reading))
}

struct Xml<'b> {
    text: &'b str,
    at: usize,
    line: u32,
    counted: usize,
    builder: Builder<'b>,
    /// The names of the open elements.
    names: Vec<&'b str>,
    wrong: usize,
}

impl<'b> Xml<'b> {
    /// Takes a tag, a comment or a piece of text.
    fn step(&mut self, reading: &mut Reading<'_>) {
        let rest = &self.text[self.at..];
        if !rest.starts_with('<') {
            let length = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            self.characters(plain(&rest[..length]));
            self.at += length;
            return;
        }
        if let Some(inner) = rest.strip_prefix("<![CDATA[") {
            let length = inner.find("]]>").unwrap_or(inner.len());
            self.characters(Cow::Borrowed(&inner[..length]));
            self.at += "<![CDATA[".len() + length + "]]>".len();
            self.at = self.at.min(self.text.len());
            return;
        }
        for (begins, ends) in [("<!--", "-->"), ("<?", "?>")] {
            if rest.starts_with(begins) {
                self.at += rest.find(ends).map_or(rest.len(), |end| end + ends.len());
                return;
            }
        }
        if rest.starts_with("<!") {
            self.at += declaration(rest);
            return;
        }
        let Some(length) = tag_length(rest) else {
            self.tell("has a tag without an end; expected `>`", reading);
            self.at = self.text.len();
            return;
        };
        let tag = &rest[1..length - 1];
        match tag.strip_prefix('/') {
            Some(name) => self.end(local(name.trim()), reading),
            None => self.begin(tag, reading),
        }
        self.at += length;
    }

    fn characters(&mut self, text: Cow<'b, str>) {
        let trimmed = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        if trimmed.is_empty() || self.names.is_empty() {
            return;
        }
        if let Some(Value::Text(held)) = self.builder.innermost().map(|made| &mut made.value) {
            if held.is_empty() {
                *held = trimmed;
            } else {
                held.to_mut().push_str(&trimmed);
            }
        }
    }

    fn begin(&mut self, tag: &'b str, reading: &mut Reading<'_>) {
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let length = tag.find(|byte: char| byte.is_ascii_whitespace()).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(length);
        if name.is_empty() {
            return self.tell("has a tag without a name", reading);
        }
        if self.builder.depth() >= MOST_DEPTH {
            self.tell("is nested too deep; the rest was not read", reading);
            self.wrong = MOST_WRONG;
            return;
        }
        let line = self.line();
        self.within();
        let nothing = Value::Text(Cow::Borrowed(""));
        if self.builder.open(Cow::Borrowed(local(name)), nothing, line).is_none() {
            return;
        }
        self.attributes(attributes, line);
        if is_empty {
            self.builder.close();
        } else {
            self.names.push(local(name));
        }
    }

    /// The innermost element holds others from now on.
    fn within(&mut self) {
        if let Some(made) = self.builder.innermost() {
            made.value = Value::Map;
        }
    }

    fn attributes(&mut self, mut rest: &'b str, line: u32) {
        while let Some((name, value)) = rest.split_once('=') {
            let value = value.trim_start();
            let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
                return;
            };
            let Some((value, after)) = value[1..].split_once(quote) else { return };
            self.within();
            let key = Cow::Owned(format!("@{}", local(name.trim())));
            self.builder.leaf(key, Value::Text(plain(value)), line);
            rest = after;
        }
    }

    fn end(&mut self, name: &str, reading: &mut Reading<'_>) {
        // A few steps up: an element that was not closed, not a search through everything.
        let up = self.names.iter().rev().take(8).position(|open| *open == name);
        if up != Some(0) {
            self.tell(&format!("ends `{name}`, which is not what is open there"), reading);
        }
        for _ in 0..up.map_or(0, |up| up + 1) {
            self.names.pop();
            self.builder.close();
        }
    }

    fn line(&mut self) -> u32 {
        let passed = &self.text.as_bytes()[self.counted..self.at];
        self.line = self.line.saturating_add(line_number(memchr_iter(b'\n', passed).count()));
        self.counted = self.at;
        self.line
    }

    fn tell(&mut self, why: &str, reading: &mut Reading<'_>) {
        self.wrong += 1;
        let line = self.line();
        reading.problem(&Place::Line(line), why);
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

/// How long a tag is: a `>` in quotes does not end it.
fn tag_length(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// How long a document type declaration is, with all that stands in its brackets.
fn declaration(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'>' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A text with its entities put in; one that is not known stays as it is written.
fn plain(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        whole.push_str(before);
        let semicolon = after.bytes().take(10).position(|byte| byte == b';');
        let named = semicolon.and_then(|length| Some((length, entity(after.get(..length)?)?)));
        if let Some((length, character)) = named {
            whole.push(character);
            rest = &after[length + 1..];
        } else {
            whole.push('&');
            rest = after;
        }
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

//! YAML as tools write it, line by line, <https://yaml.org/spec/1.2.2/>: block maps and lists, flow values that end in
//! their line, plain and quoted scalars, block scalars. And what version 1 of Yarn writes, which only looks like it.

use std::borrow::Cow;

use super::{Builder, MOST_DEPTH, Nested, Value};
use crate::component::Place;
use crate::read::Reading;

/// How a key is told from its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `key: value`.
    Yaml,
    /// `key value`, and a colon behind a key that others are within.
    Yarn,
}

pub(super) fn read<'b>(text: &'b str, dialect: Dialect, reading: &mut Reading<'_>) -> Nested<'b> {
    let mut reader = Yaml { dialect, builder: Builder::new(Value::List), indents: Vec::new(), line: 0 };
    reader.document();
    let mut lines = Lines { rest: text, number: 0 };
    while let Some(line) = lines.next() {
        if reader.builder.full {
            break;
        }
        reader.line = lines.number;
        reader.take(line, &mut lines, reading);
    }
    reader.builder.finish(reading)
}

struct Lines<'b> {
    rest: &'b str,
    number: u32,
}

impl<'b> Lines<'b> {
    fn peek(&self) -> Option<&'b str> {
        (!self.rest.is_empty()).then(|| {
            let line = self.rest.split_once('\n').map_or(self.rest, |(line, _)| line);
            line.strip_suffix('\r').unwrap_or(line)
        })
    }

    fn next(&mut self) -> Option<&'b str> {
        let line = self.peek()?;
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        self.number = self.number.saturating_add(1);
        Some(line)
    }
}

struct Yaml<'b> {
    dialect: Dialect,
    builder: Builder<'b>,
    /// How far each node in the document stands from the left; a list stands half a step within its key.
    indents: Vec<usize>,
    line: u32,
}

impl<'b> Yaml<'b> {
    /// Begins a document.
    fn document(&mut self) {
        while self.builder.depth() > 1 {
            self.builder.close();
        }
        self.indents.clear();
        self.builder.open(Cow::Borrowed(""), Value::Map, self.line.max(1));
    }

    fn take(&mut self, line: &'b str, lines: &mut Lines<'b>, reading: &mut Reading<'_>) {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        let content = content.trim_end();
        if content.is_empty() || content.starts_with('#') || (indent == 0 && content.starts_with('%')) {
            return;
        }
        if indent == 0 && (content == "---" || content == "...") && self.dialect == Dialect::Yaml {
            // One that nothing stands in is what stands before the first mark.
            if self.builder.nodes.len() > 2 {
                self.document();
            }
            return;
        }
        self.content(content, indent, lines, reading);
    }

    /// What stands at this distance from the left: a member of a list, a key, or both.
    fn content(
        &mut self,
        mut content: &'b str,
        mut indent: usize,
        lines: &mut Lines<'b>,
        reading: &mut Reading<'_>,
    ) {
        loop {
            let is_long_value = content == ":" || content.starts_with(": ");
            let is_member = content == "-" || content.starts_with("- ");
            if self.dialect != Dialect::Yaml || !(is_long_value || is_member) {
                break;
            }
            let inner = content[1..].trim_start_matches(' ');
            let step = content.len() - inner.len();
            if is_member {
                self.leave(2 * indent + 1);
                if !self.enter(Value::List, reading) {
                    return;
                }
                let is_scalar =
                    !inner.is_empty() && !inner.starts_with("- ") && split(inner, self.dialect).is_none();
                if is_scalar {
                    return self.scalar(Cow::Borrowed(""), inner, 2 * indent + 1, lines, reading);
                }
                self.node(Cow::Borrowed(""), Value::Text(Cow::Borrowed("")), 2 * indent + 1);
            }
            if inner.is_empty() {
                return;
            }
            content = inner;
            indent += step;
        }
        if let Some(key) = content.strip_prefix("? ") {
            // A long key: its value stands behind a colon in the lines below.
            let key = unquoted(key).unwrap_or(Cow::Borrowed(key));
            self.leave(2 * indent);
            if self.enter(Value::Map, reading) {
                self.node(key, Value::Text(Cow::Borrowed("")), 2 * indent);
            }
            return;
        }
        let Some((key, value)) = split(content, self.dialect) else {
            return self.wrong("is not understood; expected a key and its value", reading);
        };
        self.leave(2 * indent);
        if !self.enter(Value::Map, reading) {
            return;
        }
        self.scalar(key, value, 2 * indent, lines, reading);
    }

    /// Closes all nodes that stand as far from the left or farther.
    fn leave(&mut self, indent: usize) {
        while self.indents.last().is_some_and(|open| *open >= indent) {
            self.indents.pop();
            self.builder.close();
        }
    }

    /// Whether the innermost node can hold others of this kind; from now on it is of that kind.
    fn enter(&mut self, kind: Value<'b>, reading: &mut Reading<'_>) -> bool {
        if self.builder.depth() >= MOST_DEPTH {
            self.wrong("is nested too deep", reading);
            return false;
        }
        let Some(made) = self.builder.innermost() else { return false };
        match (&made.value, &kind) {
            (Value::Map, Value::Map) | (Value::List, Value::List) => {}
            (Value::Text(text), _) if text.is_empty() => made.value = kind,
            // A document may be a list.
            (Value::Map, Value::List) if self.indents.is_empty() => made.value = kind,
            _ => {
                self.wrong("does not fit what it stands in", reading);
                return false;
            }
        }
        true
    }

    /// A node that others may be within.
    fn node(&mut self, key: Cow<'b, str>, value: Value<'b>, indent: usize) {
        if self.builder.open(key, value, self.line).is_some() {
            self.indents.push(indent);
        }
    }

    fn scalar(
        &mut self,
        key: Cow<'b, str>,
        value: &'b str,
        indent: usize,
        lines: &mut Lines<'b>,
        reading: &mut Reading<'_>,
    ) {
        if self.dialect == Dialect::Yaml {
            if value.starts_with(['|', '>']) && value.len() <= 3 {
                let text = block(lines, indent / 2);
                return self.node(key, Value::Text(Cow::Owned(text)), indent);
            }
            if value.starts_with(['{', '[']) {
                let mut flow = Flow { rest: value, builder: &mut self.builder, line: self.line };
                if !flow.value(key) {
                    self.wrong(
                        "has a value that does not end in its line; expected a closing bracket",
                        reading,
                    );
                }
                return;
            }
        }
        match unquoted(value) {
            Some(text) => self.node(key, Value::Text(text), indent),
            None if value.starts_with(['"', '\'']) => {
                self.wrong("has a text that does not end in its line; expected a closing quote", reading);
            }
            None => {
                let plain = value.split_once(" #").map_or(value, |(value, _)| value.trim_end());
                let plain = if plain.starts_with('#') { "" } else { plain };
                self.node(key, Value::Text(Cow::Borrowed(plain)), indent);
            }
        }
    }

    fn wrong(&self, why: &str, reading: &mut Reading<'_>) {
        reading.problem(&Place::Line(self.line), why);
    }
}

/// Key and value of a line.
fn split(content: &str, dialect: Dialect) -> Option<(Cow<'_, str>, &str)> {
    if dialect == Dialect::Yarn {
        if let Some(key) = content.strip_suffix(':') {
            return Some((Cow::Borrowed(key), ""));
        }
        let length = if content.starts_with('"') { quoted_length(content)? } else { content.find(' ')? };
        let (key, value) = content.split_at(length);
        return Some((unquoted(key).unwrap_or(Cow::Borrowed(key)), value.trim_start()));
    }
    if content.starts_with(['"', '\'']) {
        let length = quoted_length(content)?;
        let value = content[length..].trim_start().strip_prefix(':')?;
        if !value.is_empty() && !value.starts_with(' ') {
            return None;
        }
        return Some((unquoted(&content[..length])?, value.trim_start()));
    }
    if content.starts_with(['{', '[', '|', '>', '@', '`', '&', '*', '!']) {
        return None;
    }
    let at = match content.find(": ") {
        Some(at) => at,
        None => content.strip_suffix(':')?.len(),
    };
    Some((Cow::Borrowed(content[..at].trim_end()), content[at + 1..].trim_start()))
}

/// How long the text in quotes is that stands in front, its quotes counted.
fn quoted_length(text: &str) -> Option<usize> {
    let quote = text.bytes().next()?;
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' if quote == b'"' => at += 2,
            byte if byte != quote => at += 1,
            _ if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            _ => return Some(at + 1),
        }
    }
    None
}

/// A text without its quotes, if it stands in such and nothing but a comment behind them.
fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    if !text.starts_with(['"', '\'']) {
        return None;
    }
    let length = quoted_length(text)?;
    let behind = text.get(length..)?.trim_start();
    if !behind.is_empty() && !behind.starts_with('#') {
        return None;
    }
    let inner = text.get(1..length - 1)?;
    if text.starts_with('\'') {
        return Some(if inner.contains("''") {
            Cow::Owned(inner.replace("''", "'"))
        } else {
            Cow::Borrowed(inner)
        });
    }
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        plain.push(match (character, character == '\\') {
            (_, true) => match characters.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            },
            (character, _) => character,
        });
    }
    Some(Cow::Owned(plain))
}

/// The lines of a block scalar, which all stand farther from the left than its key.
fn block(lines: &mut Lines<'_>, indent: usize) -> String {
    let mut text = String::new();
    while let Some(line) = lines.peek() {
        let content = line.trim_start_matches(' ');
        if !content.is_empty() && line.len() - content.len() <= indent {
            break;
        }
        lines.next();
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(content.trim_end());
    }
    text
}

/// A value in brackets.
struct Flow<'b, 'r> {
    rest: &'b str,
    builder: &'r mut Builder<'b>,
    line: u32,
}

impl<'b> Flow<'b, '_> {
    /// Takes one value; whether it ended. What is open when it does not is closed.
    fn value(&mut self, key: Cow<'b, str>) -> bool {
        let outside = self.builder.depth();
        let mut key = key;
        let mut ended = true;
        loop {
            self.rest = self.rest.trim_start_matches([' ', ',']);
            let Some(first) = self.rest.chars().next() else {
                ended = self.builder.depth() == outside;
                break;
            };
            match first {
                '{' | '[' if self.builder.depth() < MOST_DEPTH => {
                    let kind = if first == '{' { Value::Map } else { Value::List };
                    self.builder.open(std::mem::take(&mut key), kind, self.line);
                    self.rest = &self.rest[1..];
                }
                '}' | ']' => {
                    self.builder.close();
                    self.rest = &self.rest[1..];
                }
                '{' | '[' => ended = false,
                _ => {
                    let text = self.text();
                    let after = self.rest.trim_start();
                    let is_map = matches!(self.builder.innermost().map(|made| &made.value), Some(Value::Map));
                    if let Some(value) = after.strip_prefix(':').filter(|_| is_map && key.is_empty()) {
                        key = text;
                        self.rest = value;
                        if value.trim_start().starts_with([',', '}']) {
                            self.builder.leaf(
                                std::mem::take(&mut key),
                                Value::Text(Cow::Borrowed("")),
                                self.line,
                            );
                        }
                    } else {
                        self.builder.leaf(std::mem::take(&mut key), Value::Text(text), self.line);
                    }
                }
            }
            if !ended || self.builder.depth() <= outside || self.builder.full {
                break;
            }
        }
        while self.builder.depth() > outside {
            self.builder.close();
        }
        ended
    }

    /// A scalar; never nothing, unless something is closed behind it.
    fn text(&mut self) -> Cow<'b, str> {
        if self.rest.starts_with(['"', '\''])
            && let Some(length) = quoted_length(self.rest)
            && let Some((quoted, rest)) = self.rest.split_at_checked(length)
        {
            self.rest = rest;
            return unquoted(quoted).unwrap_or(Cow::Borrowed(quoted));
        }
        let ends = |(at, character): (usize, char)| match character {
            ',' | '}' | ']' => true,
            ':' => matches!(self.rest.as_bytes().get(at + 1), None | Some(b' ' | b',' | b'}' | b']')),
            _ => false,
        };
        let length = self.rest.char_indices().find(|one| ends(*one)).map_or(self.rest.len(), |(at, _)| at);
        // A colon in front is skipped, so that every step goes forward.
        let length = if length == 0 { 1 } else { length };
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        Cow::Borrowed(text.trim())
    }
}

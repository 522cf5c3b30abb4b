//! JSON, <https://www.rfc-editor.org/rfc/rfc8259>, with the comments and commas that Bun and `NuGet` allow themselves.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3_iter};

use super::{Builder, MOST_DEPTH, Nested, Value, line_number};
use crate::component::Place;
use crate::read::{Broken, Reading};

/// How many places of a file may be wrong before the rest is given up.
const MOST_WRONG: usize = 100;

pub(super) fn read<'b>(text: &'b str, reading: &mut Reading<'_>) -> Result<Nested<'b>, Broken> {
    let mut json = Json { text, at: 0, line: 1, counted: 0, builder: None, wrong: 0 };
    json.blanks();
    match json.peek() {
        Some(b'{') => json.builder = Some(Builder::new(Value::Map)),
        Some(b'[') => json.builder = Some(Builder::new(Value::List)),
        Some(_) => return Err(Broken::other("is no JSON", "an object or an array")),
        None => return Err(Broken::other("is empty", "JSON")),
    }
    json.at += 1;
    json.members(reading);
    match json.builder {
        Some(builder) => Ok(builder.finish(reading)),
        None => Err(Broken::other("is no JSON", "an object or an array")),
    }
}

struct Json<'b> {
    text: &'b str,
    at: usize,
    /// The line at `counted`.
    line: u32,
    counted: usize,
    builder: Option<Builder<'b>>,
    wrong: usize,
}

/// What is met.
enum Met<'b> {
    Value(Value<'b>),
    Open(Value<'b>),
    Wrong(&'static str),
}

impl<'b> Json<'b> {
    /// Everything within the outermost bracket.
    fn members(&mut self, reading: &mut Reading<'_>) {
        let mut ended = false;
        while !ended && self.wrong < MOST_WRONG && self.builder.as_ref().is_some_and(|builder| !builder.full)
        {
            self.blanks();
            let Some(next) = self.peek() else {
                self.tell("ends in the middle; expected a closing bracket", reading);
                return;
            };
            match next {
                b',' => self.at += 1,
                b'}' | b']' => ended = self.closed(next, reading),
                _ => self.member(reading),
            }
        }
        self.blanks();
        if self.wrong >= MOST_WRONG {
            self.tell("is wrong in too many places; the rest was not read", reading);
        } else if ended && self.peek().is_some() {
            self.tell("goes on behind its end; expected nothing there", reading);
        }
    }

    /// Whether the outermost bracket is closed.
    fn closed(&mut self, bracket: u8, reading: &mut Reading<'_>) -> bool {
        let Some(builder) = &mut self.builder else { return true };
        let fits = match builder.innermost().map(|made| &made.value) {
            Some(Value::List) => bracket == b']',
            _ => bracket == b'}',
        };
        let is_last = builder.depth() == 1;
        builder.close();
        if !fits {
            self.tell("closes with the wrong bracket", reading);
        }
        self.at += 1;
        is_last
    }

    /// A member of an object or an array.
    fn member(&mut self, reading: &mut Reading<'_>) {
        let line = self.line();
        let in_list = matches!(
            self.builder.as_mut().and_then(Builder::innermost).map(|made| &made.value),
            Some(Value::List)
        );
        let key = if in_list {
            Cow::Borrowed("")
        } else {
            let Some(key) = self.string().filter(|_| {
                self.blanks();
                self.peek() == Some(b':')
            }) else {
                return self.skip_line("is no JSON; expected a key in quotes and a colon", reading);
            };
            self.at += 1;
            self.blanks();
            key
        };
        let met = self.value();
        let Some(builder) = &mut self.builder else { return };
        match met {
            Met::Value(value) => drop(builder.leaf(key, value, line)),
            Met::Open(value) if builder.depth() < MOST_DEPTH => drop(builder.open(key, value, line)),
            Met::Open(_) => {
                self.tell("is nested too deep; the rest was not read", reading);
                self.at = self.text.len();
                self.wrong = MOST_WRONG;
            }
            Met::Wrong(why) => self.skip_line(why, reading),
        }
    }

    fn value(&mut self) -> Met<'b> {
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                Met::Open(Value::Map)
            }
            Some(b'[') => {
                self.at += 1;
                Met::Open(Value::List)
            }
            Some(b'"') => match self.string() {
                Some(text) => Met::Value(Value::Text(text)),
                None => Met::Wrong("is a text without an end; expected a quote in its line"),
            },
            _ => {
                let rest = &self.text[self.at..];
                let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
                let length = rest.bytes().position(|byte| !is_bare(byte)).unwrap_or(rest.len());
                self.at += length;
                let bare = &rest[..length];
                let is_number = bare.starts_with(|first: char| first == '-' || first.is_ascii_digit());
                if is_number || matches!(bare, "true" | "false" | "null") {
                    Met::Value(Value::Bare(bare))
                } else {
                    Met::Wrong("is no JSON; expected a value")
                }
            }
        }
    }

    /// A text in quotes, if one stands here and ends in its line.
    fn string(&mut self) -> Option<Cow<'b, str>> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let rest = &self.text[self.at + 1..];
        let first = memchr2(b'"', b'\\', rest.as_bytes())?;
        if rest.as_bytes().get(first) == Some(&b'"') {
            let text = &rest[..first];
            if memchr(b'\n', text.as_bytes()).is_some() {
                return None;
            }
            self.at += first + 2;
            return Some(Cow::Borrowed(text));
        }
        let (text, length) = escaped(rest)?;
        self.at += length + 2;
        Some(Cow::Owned(text))
    }

    /// Steps over blanks and comments.
    fn blanks(&mut self) {
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let blanks = rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
            self.at += blanks;
            let rest = &self.text[self.at..];
            let comment = match rest.as_bytes() {
                [b'/', b'/', ..] => memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len()),
                [b'/', b'*', ..] => rest.find("*/").map_or(rest.len(), |end| end + 2),
                _ => return,
            };
            self.at += comment;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The line that is read, counted from where it was last asked for.
    fn line(&mut self) -> u32 {
        let passed = &self.text.as_bytes()[self.counted..self.at];
        let lines = memchr::memchr_iter(b'\n', passed).count();
        self.line = self.line.saturating_add(line_number(lines));
        self.counted = self.at;
        self.line
    }

    fn tell(&mut self, why: &str, reading: &mut Reading<'_>) {
        let line = self.line();
        reading.problem(&Place::Line(line), why);
    }

    /// What stands in the rest of this line cannot be made out.
    fn skip_line(&mut self, why: &str, reading: &mut Reading<'_>) {
        self.tell(why, reading);
        self.wrong += 1;
        let rest = &self.text.as_bytes()[self.at..];
        self.at += memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    }
}

/// A text with escapes up to its quote, and how many bytes it takes; a lone surrogate becomes U+FFFD.
fn escaped(text: &str) -> Option<(String, usize)> {
    let mut whole = String::new();
    let mut from = 0;
    let mut stops = memchr3_iter(b'"', b'\\', b'\n', text.as_bytes());
    while let Some(at) = stops.find(|at| *at >= from) {
        whole.push_str(&text[from..at]);
        match text.as_bytes().get(at)? {
            b'"' => return Some((whole, at)),
            b'\\' => {
                let (character, length) = escape(&text[at + 1..])?;
                whole.push(character);
                from = at + 1 + length;
            }
            _ => return None,
        }
    }
    None
}

/// The character behind a backslash, and how many bytes name it.
fn escape(text: &str) -> Option<(char, usize)> {
    let simple = match text.bytes().next()? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return Some(unicode(text.get(1..)?)),
        _ => {
            let first = text.chars().next()?;
            return Some((first, first.len_utf8()));
        }
    };
    Some((simple, 1))
}

fn unicode(text: &str) -> (char, usize) {
    let unit = |text: &str| text.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let Some(high) = unit(text) else { return (char::REPLACEMENT_CHARACTER, 1) };
    let low = text.get(4..).and_then(|rest| rest.strip_prefix("\\u")).and_then(unit);
    match low {
        Some(low) if (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(&low) => {
            let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
        }
        _ => (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
    }
}

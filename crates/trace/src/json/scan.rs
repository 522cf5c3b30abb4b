//! A quick way through JSON on one line.
//!
//! It knows that there are no control characters to look out for, and lets `memchr` find the ends of strings. It accepts
//! nothing that `serde_json` would not; whatever it does not know is [`Strange`], and left to others.

use std::borrow::Cow;

/// Text that is not of the form read here. It may still be JSON.
#[derive(Debug)]
pub(crate) struct Strange;

pub(crate) type Result<T> = std::result::Result<T, Strange>;

/// Whether text has no control characters, and so no line breaks either.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches, the compiler compares many bytes at a time"
)]
pub(crate) fn is_one_line(bytes: &[u8]) -> bool {
    const BLOCK: usize = 4_096;
    let has_control = |block: &[u8]| block.iter().fold(false, |found, &byte| found | (byte < b' '));
    !bytes.chunks(BLOCK).any(has_control)
}

/// A place in text without control characters (see [`is_one_line`]).
pub(crate) struct Scan<'t> {
    pub(crate) text: &'t str,
    pub(crate) at: usize,
}

/// A string as it stands, with its quotes.
pub(crate) struct Quoted<'t> {
    raw: &'t str,
    pub(crate) has_escapes: bool,
}

/// The arrays and objects that have begun and not ended.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Open {
    /// Whether each is an object, the innermost in the lowest bit.
    objects: u128,
    depth: u32,
}

/// How deep arrays and objects may lie in each other, as elsewhere.
const MAX_NESTING: u32 = u128::BITS;

impl Open {
    pub(crate) fn depth(self) -> u32 {
        self.depth
    }

    pub(crate) fn is_object(self) -> bool {
        self.objects & 1 == 1
    }

    /// The bracket that ends the innermost.
    pub(crate) fn closing(self) -> u8 {
        if self.is_object() { b'}' } else { b']' }
    }

    pub(crate) fn push(&mut self, bracket: u8) -> Result<()> {
        self.objects = self.objects << 1 | u128::from(bracket == b'{');
        self.depth += 1;
        if self.depth <= MAX_NESTING { Ok(()) } else { Err(Strange) }
    }

    pub(crate) fn pop(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }
}

impl<'t> Scan<'t> {
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(crate) fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(crate) fn since(&self, from: usize) -> Result<&'t str> {
        self.text.get(from..self.at).ok_or(Strange)
    }

    pub(crate) fn spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Nothing, if this is the end of the text.
    fn end(&self) -> Result<()> {
        if self.at == self.text.len() { Ok(()) } else { Err(Strange) }
    }

    /// Passes over a byte and the spaces around it; says whether it was there.
    pub(crate) fn byte(&mut self, byte: u8) -> bool {
        self.spaces();
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        self.spaces();
        is_there
    }

    /// Passes over a token and the spaces around it, or over nothing.
    pub(crate) fn token(&mut self, token: &str) -> Result<()> {
        self.spaces();
        if !self.rest().starts_with(token.as_bytes()) {
            return Err(Strange);
        }
        self.at += token.len();
        self.spaces();
        Ok(())
    }

    pub(crate) fn value(&mut self) -> Result<&'t str> {
        let from = self.at;
        match self.peek() {
            Some(b'"') => self.string().map(|_| ())?,
            Some(b'{' | b'[') => self.nested()?,
            _ => self.bare()?,
        }
        self.since(from)
    }

    /// Passes over an object or an array.
    fn nested(&mut self) -> Result<()> {
        let mut open = Open::default();
        loop {
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    open.push(bracket)?;
                    self.at += 1;
                    self.spaces();
                    if self.peek() != Some(open.closing()) {
                        self.before_value(open.is_object())?;
                        continue;
                    }
                }
                Some(b'"') => self.string().map(|_| ())?,
                _ => self.bare()?,
            }
            self.spaces();
            while self.peek() == Some(open.closing()) {
                open.pop();
                self.at += 1;
                if open.depth == 0 {
                    return Ok(());
                }
                self.spaces();
            }
            if !self.byte(b',') {
                return Err(Strange);
            }
            self.before_value(open.is_object())?;
        }
    }

    /// Passes over what stands before a value: in an object its name, in an array nothing.
    fn before_value(&mut self, in_object: bool) -> Result<()> {
        if in_object {
            self.string()?;
            if !self.byte(b':') {
                return Err(Strange);
            }
        }
        Ok(())
    }

    pub(crate) fn string(&mut self) -> Result<Quoted<'t>> {
        let from = self.at;
        if self.peek() != Some(b'"') {
            return Err(Strange);
        }
        self.at += 1;
        let has_escapes = self.rest_of_string()?;
        Ok(Quoted { raw: self.since(from)?, has_escapes })
    }

    /// Passes over what stands behind the first quote of a string; says whether there are escapes in it.
    pub(crate) fn rest_of_string(&mut self) -> Result<bool> {
        let mut has_escapes = false;
        loop {
            self.at += memchr::memchr2(b'"', b'\\', self.rest()).ok_or(Strange)?;
            if self.peek() == Some(b'"') {
                self.at += 1;
                return Ok(has_escapes);
            }
            has_escapes = true;
            self.escape()?;
        }
    }

    fn escape(&mut self) -> Result<()> {
        self.at += match self.rest() {
            [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [_, b'u', hex @ ..] if hex.len() >= 4 && hex[..4].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err(Strange),
        };
        Ok(())
    }

    /// Passes over a number, `true`, `false` or `null`.
    pub(crate) fn bare(&mut self) -> Result<()> {
        let rest = self.rest();
        for word in ["true", "false", "null"] {
            if rest.starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(());
            }
        }
        let is_of_number =
            |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(|byte| is_of_number(byte)).count();
        if !is_number(&rest[..length]) {
            return Err(Strange);
        }
        self.at += length;
        Ok(())
    }
}

impl<'t> Quoted<'t> {
    pub(crate) fn text(&self) -> Result<Cow<'t, str>> {
        if self.has_escapes {
            return serde_json::from_str(self.raw).map(Cow::Owned).map_err(|_| Strange);
        }
        self.raw.get(1..self.raw.len() - 1).map(Cow::Borrowed).ok_or(Strange)
    }
}

/// Whether this is a number, as RFC 8259 writes them, of not more digits than anyone could mean.
fn is_number(text: &[u8]) -> bool {
    const LONGEST: usize = 18;
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = text.split_at(digits(text));
    if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') || text.len() > LONGEST {
        return false;
    }
    match rest {
        [] => true,
        [b'.', fraction @ ..] => !fraction.is_empty() && digits(fraction) == fraction.len(),
        _ => false,
    }
}

/// The members of an object, in order; [`Strange`] if the text is not wholly known.
pub(super) fn members(text: &str) -> Result<Vec<(Cow<'_, str>, &str)>> {
    let mut members = Vec::with_capacity(8);
    walk_members(text, |name, value| {
        members.push((name, value));
        true
    })?;
    Ok(members)
}

/// The first member of this name; what follows it is not looked at.
pub(super) fn member<'t>(text: &'t str, wanted: &str) -> Result<Option<&'t str>> {
    let mut found = None;
    walk_members(text, |name, value| {
        found = (name == wanted).then_some(value);
        found.is_none()
    })?;
    Ok(found)
}

/// Shows each member, as long as it is told to go on.
fn walk_members<'t>(text: &'t str, mut go_on: impl FnMut(Cow<'t, str>, &'t str) -> bool) -> Result<()> {
    let mut scan = open(text, b'{')?;
    if scan.byte(b'}') {
        return scan.end();
    }
    loop {
        let name = scan.string()?.text()?;
        if !scan.byte(b':') {
            return Err(Strange);
        }
        if !go_on(name, scan.value()?) {
            return Ok(());
        }
        if !scan.byte(b',') {
            return if scan.byte(b'}') { scan.end() } else { Err(Strange) };
        }
    }
}

/// The elements of an array, in order.
pub(super) fn elements(text: &str) -> Result<Vec<&str>> {
    let mut elements = Vec::new();
    let mut scan = open(text, b'[')?;
    if scan.byte(b']') {
        return scan.end().map(|()| elements);
    }
    loop {
        elements.push(scan.value()?);
        if !scan.byte(b',') {
            return if scan.byte(b']') { scan.end().map(|()| elements) } else { Err(Strange) };
        }
    }
}

fn open(text: &str, bracket: u8) -> Result<Scan<'_>> {
    let mut scan = Scan { text, at: 0 };
    if is_one_line(text.as_bytes()) && scan.byte(bracket) { Ok(scan) } else { Err(Strange) }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::json::{Elements, Json, Members};
    use serde::de::Deserializer;

    const OBJECT: &str = r#"{"a":{"b":[1,-2.50,true,{}],"c":[[],"x"]}, "k\u0065y" : [ "a\"b" , null ] ,"e":"\u00e9\n","é":false,"n":0}"#;

    /// One byte left out, or made another, or the text cut short.
    fn altered(text: &str) -> impl Iterator<Item = String> {
        let bytes = text.as_bytes();
        let other = (0..bytes.len()).flat_map(move |at| {
            [&b""[..], b"\"", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b" ", b"\n", b"e"]
                .map(|byte| [&bytes[..at], byte, &bytes[at + 1..]].concat())
        });
        let short = (0..bytes.len()).map(move |end| bytes[..end].to_vec());
        other.chain(short).filter_map(|bytes| String::from_utf8(bytes).ok())
    }

    #[test]
    fn whole_objects_and_arrays_are_what_the_general_parser_makes_of_them() {
        let array = format!("[{OBJECT}, 1 ,[],\"x\"]");
        assert_eq!(members(OBJECT).expect("an object").len(), 5);
        assert_eq!(elements(&array).expect("an array").len(), 4);
        let mut read = 0;
        for text in altered(OBJECT).chain(altered(&array)) {
            let is_valid = serde_json::from_str::<&RawValue>(&text).is_ok();
            if let Ok(members) = members(&text) {
                let mut expected = Vec::new();
                let general =
                    serde_json::Deserializer::from_str(&text).deserialize_map(Members(&mut expected));
                assert!(general.is_ok() && is_valid, "{text}");
                let members: Vec<_> =
                    members.into_iter().map(|(name, value)| (name, Json::new(value))).collect();
                assert_eq!(members, expected, "{text}");
                read += 1;
            }
            if let Ok(elements) = elements(&text) {
                let mut expected = Vec::new();
                let general =
                    serde_json::Deserializer::from_str(&text).deserialize_seq(Elements(&mut expected));
                assert!(general.is_ok() && is_valid, "{text}");
                assert_eq!(elements.into_iter().map(Json::new).collect::<Vec<_>>(), expected, "{text}");
                read += 1;
            }
        }
        assert!(read > 100, "{read}");
    }

    /// What follows the member is not looked at, so of broken text the same is found as the general parser finds.
    #[test]
    fn the_member_that_is_found_is_the_one_that_the_general_parser_finds() {
        for text in altered(OBJECT) {
            for name in ["a", "key", "e", "é", "n", "missing"] {
                let Ok(found) = member(&text, name) else { continue };
                let mut expected = None;
                let _ = serde_json::Deserializer::from_str(&text)
                    .deserialize_map(crate::json::Member { name, found: &mut expected });
                assert_eq!(found.map(Json::new), expected, "{name} in {text}");
            }
        }
    }
}

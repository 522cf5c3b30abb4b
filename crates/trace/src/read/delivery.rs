//! What CloudTrail delivers, `{"Records":[{…},{…}]}` on one line, read without detour.
//!
//! Nearly all that is ever read is of this form, so it has a scanner of its own: it knows that there are no line breaks
//! to look out for, lets `memchr` find the ends of strings, expects the members of a record in the order of the last one,
//! and passes over a caller that it has just seen by comparing bytes. It accepts nothing that `serde_json` would not;
//! whatever it does not know is [`Strange`], and left to others.

mod member;

use std::borrow::Cow;

use crate::event::Wire;
use crate::json::{Json, Text};
use member::{Field, Members};

/// Text that is not of the form read here. It may still be JSON.
#[derive(Debug)]
pub(super) struct Strange;

type Result<T> = std::result::Result<T, Strange>;

/// A delivery, record by record.
pub(super) struct Delivery<'t> {
    scan: Scan<'t>,
    is_first: bool,
    members: Members<'t>,
    callers: Recent<'t>,
    connections: Recent<'t>,
}

impl<'t> Delivery<'t> {
    /// A delivery before its first record; `None` if the text is something else.
    pub(super) fn open(text: &'t str) -> Option<Self> {
        let text = text.trim_ascii();
        let mut scan = Scan { text, at: 0 };
        for token in ["{", "\"Records\"", ":", "["] {
            scan.token(token).ok()?;
        }
        is_one_line(text.as_bytes()).then(|| Self {
            scan,
            is_first: true,
            members: Members::default(),
            callers: Recent::default(),
            connections: Recent::default(),
        })
    }

    /// The next record; `None` behind the last, where nothing follows.
    pub(super) fn next(&mut self) -> Result<Option<Wire<'t>>> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.scan.token("]").is_ok() {
            self.scan.token("}")?;
            return if self.scan.peek().is_none() { Ok(None) } else { Err(Strange) };
        }
        if !is_first {
            self.scan.token(",")?;
        }
        self.record().map(Some)
    }

    fn record(&mut self) -> Result<Wire<'t>> {
        let mut wire = Wire::with_room();
        self.scan.token("{")?;
        if self.scan.token("}").is_ok() {
            return Ok(wire);
        }
        self.members.begin();
        loop {
            let field = self.members.next(&mut self.scan)?;
            self.member(&mut wire, field)?;
            if !self.scan.byte(b',') {
                return self.scan.token("}").map(|()| wire);
            }
        }
    }

    fn member(&mut self, wire: &mut Wire<'t>, field: Field<'t>) -> Result<()> {
        let scan = &mut self.scan;
        match field {
            Field::Time => wire.time = scan.text()?,
            Field::Id => wire.id = scan.text()?,
            Field::Source => wire.source = scan.text()?,
            Field::Name => wire.name = scan.text()?,
            Field::Region => wire.region = scan.text()?,
            Field::Address => wire.address = scan.text()?,
            Field::Agent => wire.agent = scan.text()?,
            Field::Account => wire.account = scan.text()?,
            Field::Error => wire.error = Some(scan.text()?).filter(|code| !code.is_empty()),
            Field::Identity => wire.identity = Some(scan.recurring(&mut self.callers)?),
            Field::Request => wire.request = Some(scan.json()?),
            Field::Response => wire.response = Some(scan.json()?),
            Field::Additional => wire.additional = Some(scan.json()?),
            Field::Resources => wire.resources = Some(scan.json()?),
            Field::Connection(key) => wire.others.push((key, scan.recurring(&mut self.connections)?)),
            Field::Other(key) => wire.others.push((key, scan.json()?)),
        }
        Ok(())
    }
}

/// Whether text has no control characters, and so no line breaks either.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches, the compiler compares many bytes at a time"
)]
fn is_one_line(bytes: &[u8]) -> bool {
    const BLOCK: usize = 4_096;
    let has_control = |block: &[u8]| block.iter().fold(false, |found, &byte| found | (byte < b' '));
    !bytes.chunks(BLOCK).any(has_control)
}

/// The last few different objects that stood in one place of a record.
#[derive(Default)]
struct Recent<'t> {
    objects: [&'t str; 8],
    next: usize,
}

impl<'t> Recent<'t> {
    /// How long the object is with which this text begins, if it is one of these. An object says itself where it ends,
    /// so text that begins with all of it has it there.
    fn length_at_start_of(&self, text: &str) -> Option<usize> {
        let known = self.objects.iter().filter(|object| !object.is_empty());
        known.into_iter().find(|object| text.starts_with(**object)).map(|object| object.len())
    }

    fn add(&mut self, object: &'t str) {
        self.objects[self.next] = object;
        self.next = (self.next + 1) % self.objects.len();
    }
}

/// A place in text without control characters.
struct Scan<'t> {
    text: &'t str,
    at: usize,
}

/// A string as it stands, with its quotes.
struct Quoted<'t> {
    raw: &'t str,
    has_escapes: bool,
}

/// How deep arrays and objects may lie in each other, as elsewhere.
const MAX_NESTING: u32 = u128::BITS;

impl<'t> Scan<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn since(&self, from: usize) -> Result<&'t str> {
        self.text.get(from..self.at).ok_or(Strange)
    }

    fn spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Passes over a byte and the spaces around it; says whether it was there.
    fn byte(&mut self, byte: u8) -> bool {
        self.spaces();
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        self.spaces();
        is_there
    }

    /// Passes over a token and the spaces around it, or over nothing.
    fn token(&mut self, token: &str) -> Result<()> {
        self.spaces();
        if !self.rest().starts_with(token.as_bytes()) {
            return Err(Strange);
        }
        self.at += token.len();
        self.spaces();
        Ok(())
    }

    /// The text of a value, as [`Text`] has it.
    fn text(&mut self) -> Result<Cow<'t, str>> {
        if self.peek() == Some(b'"') {
            return self.string()?.text();
        }
        let value = self.value()?;
        serde_json::from_str::<Text<'t>>(value).map(|text| text.0).map_err(|_| Strange)
    }

    fn json(&mut self) -> Result<Json<'t>> {
        self.value().map(Json::new)
    }

    /// A value that is often one of the last few.
    fn recurring(&mut self, recent: &mut Recent<'t>) -> Result<Json<'t>> {
        let from = self.at;
        let rest = self.text.get(from..).ok_or(Strange)?;
        if let Some(length) = recent.length_at_start_of(rest) {
            self.at += length;
            return self.since(from).map(Json::new);
        }
        let value = self.value()?;
        if value.starts_with('{') {
            recent.add(value);
        }
        Ok(Json::new(value))
    }

    fn value(&mut self) -> Result<&'t str> {
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
        // Whether each open level is an object, the innermost in the lowest bit.
        let mut objects: u128 = 0;
        let mut depth = 0;
        loop {
            match self.peek() {
                Some(open @ (b'{' | b'[')) if depth < MAX_NESTING => {
                    let is_object = open == b'{';
                    objects = objects << 1 | u128::from(is_object);
                    depth += 1;
                    self.at += 1;
                    self.spaces();
                    if self.peek() != Some(closing(is_object)) {
                        self.before_value(is_object)?;
                        continue;
                    }
                }
                Some(b'"') => self.string().map(|_| ())?,
                _ => self.bare()?,
            }
            self.spaces();
            while self.peek() == Some(closing(objects & 1 == 1)) {
                objects >>= 1;
                depth -= 1;
                self.at += 1;
                if depth == 0 {
                    return Ok(());
                }
                self.spaces();
            }
            if !self.byte(b',') {
                return Err(Strange);
            }
            self.before_value(objects & 1 == 1)?;
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

    fn string(&mut self) -> Result<Quoted<'t>> {
        let from = self.at;
        if self.peek() != Some(b'"') {
            return Err(Strange);
        }
        self.at += 1;
        let mut has_escapes = false;
        loop {
            self.at += memchr::memchr2(b'"', b'\\', self.rest()).ok_or(Strange)?;
            if self.peek() == Some(b'"') {
                self.at += 1;
                return Ok(Quoted { raw: self.since(from)?, has_escapes });
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
    fn bare(&mut self) -> Result<()> {
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
    fn text(self) -> Result<Cow<'t, str>> {
        if self.has_escapes {
            return serde_json::from_str(self.raw).map(Cow::Owned).map_err(|_| Strange);
        }
        self.raw.get(1..self.raw.len() - 1).map(Cow::Borrowed).ok_or(Strange)
    }
}

fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// All records, and whether there was nothing but records.
    fn records(text: &str) -> (Vec<String>, bool) {
        let mut records = Vec::new();
        let Some(mut delivery) = Delivery::open(text) else { return (records, false) };
        loop {
            match delivery.next() {
                Ok(Some(wire)) => records.push(format!("{wire:?}")),
                Ok(None) => return (records, true),
                Err(Strange) => return (records, false),
            }
        }
    }

    fn as_serde_reads_it(record: &str) -> Option<String> {
        serde_json::from_str::<Wire<'_>>(record).ok().map(|wire| format!("{wire:?}"))
    }

    const RECORD: &str = r#"{"userIdentity":{"type":"IAMUser","n":[1,-2.50,true,{}],"m":{"a":[[],"x"]}},"eventTime":"2026-03-19T18:40:12Z","awsRegion":null,"userAgent":12,"errorCode":"","eventName":{"a":1}, "k\u0065y" : [ "a\"b" , { } , null ] ,"sourceIPAddress":"\u00e9\n","tlsDetails":{"v":"1"},"é":false}"#;

    #[test]
    fn records_are_what_the_general_parser_makes_of_them() {
        let other = RECORD.replace("IAMUser", "Root");
        let text = format!(r#" {{"Records" : [{RECORD},{RECORD} , {other},{{}},{RECORD}]}} "#);
        let expected =
            [RECORD, RECORD, &other, "{}", RECORD].map(|record| as_serde_reads_it(record).expect("a record"));
        assert_eq!(records(&text), (expected.to_vec(), true));
        assert_eq!(records(r#"{"Records":[]}"#), (Vec::new(), true));
    }

    /// One byte left out, or made another: what is read is what the general parser reads, or nothing.
    #[test]
    fn nothing_is_accepted_that_the_general_parser_refuses() {
        let altered = (0..RECORD.len()).flat_map(|at| {
            [&b""[..], b"\"", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b" ", b"\n", b"e"]
                .map(|byte| [&RECORD.as_bytes()[..at], byte, &RECORD.as_bytes()[at + 1..]].concat())
        });
        for record in altered.filter_map(|bytes| String::from_utf8(bytes).ok()) {
            let text = format!(r#"{{"Records":[{record}]}}"#);
            if let (read, true) = records(&text)
                && let [read] = &read[..]
            {
                assert_eq!(Some(read), as_serde_reads_it(&record).as_ref(), "{record}");
            }
        }
    }

    #[test]
    fn what_is_bottomless_cut_short_or_followed_by_more_is_left_to_others() {
        let deep = format!(r#"{{"Records":[{{"a":{}{}}}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(records(&deep), (Vec::new(), false));
        let whole = format!(r#"{{"Records":[{RECORD}]}}"#);
        for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            assert!(!records(&whole[..end]).1);
        }
        assert!(!records(&format!("{whole}{{}}")).1);
        assert!(!records(&format!("{{\"Records\":[{RECORD}],\"more\":1}}")).1);
    }
}

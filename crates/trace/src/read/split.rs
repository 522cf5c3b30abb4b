//! Splits a stream of JSON into records, whatever holds them, in memory that is bounded by one record.

use std::io::{self, BufRead};

use crate::place::Container;

/// No record may be longer. AWS bounds an event at 256 kB (1 MB for some); this leaves room for what a SIEM adds.
pub(super) const MAX_RECORD: usize = 16 << 20;

/// Keys whose array holds records.
const CONTAINERS: [(&[u8], Container); 6] = [
    (b"Records", Container::Records),
    (b"Events", Container::Events),
    (b"Findings", Container::Key("Findings")),
    (b"QueryResultRows", Container::Key("QueryResultRows")),
    (b"events", Container::Key("events")),
    (b"hits", Container::Key("hits")),
];

/// One thing that the splitter found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A record: the bytes of one JSON value.
    Record(&'a [u8]),
    /// A record that is longer than [`MAX_RECORD`]; it was passed over.
    TooLong,
    /// Bytes that are no JSON, up to the next line.
    Garbage,
}

/// Splits what it reads.
///
/// Records are: the elements of an array below a known key (`{"Records": [...]}`), or of an array at the top; otherwise
/// each top-level value, one per line or not. Numbers: elements and values from 0, lines from 1.
#[derive(Debug)]
pub(super) struct Splitter<R> {
    source: R,
    window: Vec<u8>,
    at: usize,
    level: Level,
    container: Option<Container>,
    next: u32,
    line: u32,
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Between top-level values.
    Top,
    /// Between the keys of a top-level object that holds records.
    Object,
    /// Between the elements of an array of records.
    Elements { in_object: bool },
}

/// How a value ended.
enum Value {
    /// At this offset in the window, exclusive.
    Ends(usize),
    TooLong,
    CutOff,
}

impl<R: BufRead> Splitter<R> {
    /// A splitter at the start of a stream.
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            window: Vec::new(),
            at: 0,
            level: Level::Top,
            container: None,
            next: 0,
            line: 1,
            ended: false,
        }
    }

    /// What holds the records, as far as it is known; the first container found decides.
    pub(super) fn container(&self) -> Container {
        self.container.unwrap_or(Container::Lines)
    }

    /// The next piece with its number; `None` at the end. An error is told once; it names what was cut off.
    pub(super) fn next_piece(&mut self) -> io::Result<Option<(u32, Piece<'_>)>> {
        loop {
            self.discard();
            let Some(byte) = self.skip_blanks()? else { return self.end() };
            match (self.level, byte) {
                (Level::Top, b'[') => self.open(Container::Array, Level::Elements { in_object: false }),
                (Level::Top, b'{') => {
                    if let Some(container) = self.peek_container()? {
                        self.open(container, Level::Elements { in_object: true });
                        continue;
                    }
                    return self.value().map(Some);
                }
                (Level::Top | Level::Object, b',' | b':' | b'}' | b']')
                    if self.level == Level::Object || byte == b',' =>
                {
                    self.at += 1;
                    if byte == b'}' {
                        self.level = Level::Top;
                    }
                }
                (Level::Object, _) => {
                    if let Some(container) = self.peek_member()? {
                        self.open(container, Level::Elements { in_object: true });
                    } else if let Value::CutOff = self.measure()? {
                        return Err(self.cut_off());
                    }
                }
                (Level::Elements { .. }, b',') => self.at += 1,
                (Level::Elements { in_object }, b']') => {
                    self.at += 1;
                    self.level = if in_object { Level::Object } else { Level::Top };
                }
                (Level::Elements { .. }, _) => return self.value().map(Some),
                (Level::Top, _) => return self.garbage().map(Some),
            }
        }
    }

    fn open(&mut self, container: Container, level: Level) {
        // The bracket itself: peeking leaves `at` just before it.
        self.at += 1;
        self.level = level;
        self.container.get_or_insert(container);
    }

    fn end(&mut self) -> io::Result<Option<(u32, Piece<'_>)>> {
        if self.level == Level::Top || std::mem::replace(&mut self.ended, true) {
            return Ok(None);
        }
        self.level = Level::Top;
        Err(self.cut_off())
    }

    fn cut_off(&self) -> io::Error {
        let number = self.next;
        io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("ends in the middle, at or after record {number}: the rest is missing"),
        )
    }

    /// The value at `at`, as a record.
    fn value(&mut self) -> io::Result<(u32, Piece<'_>)> {
        let number = self.number();
        let start_line = self.line;
        let start = self.at;
        let measured = self.measure()?;
        if self.level == Level::Top {
            self.container.get_or_insert(Container::Lines);
        }
        let number = if self.level == Level::Top { start_line } else { number };
        match measured {
            Value::Ends(end) => Ok((number, Piece::Record(&self.window[start..end]))),
            Value::TooLong => Ok((number, Piece::TooLong)),
            Value::CutOff => {
                self.level = Level::Top;
                self.ended = true;
                Err(self.cut_off())
            }
        }
    }

    fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        number
    }

    /// Passes over one JSON value; `at` is behind it afterwards.
    fn measure(&mut self) -> io::Result<Value> {
        let mut depth = 0_u32;
        let mut in_string = false;
        let mut escaped = false;
        let mut too_long = false;
        let mut start = self.at;
        loop {
            while let Some(&byte) = self.window.get(self.at) {
                if escaped {
                    escaped = false;
                } else if in_string {
                    match byte {
                        b'\\' => escaped = true,
                        b'"' => {
                            in_string = false;
                            if depth == 0 {
                                self.at += 1;
                                return Ok(self.ends(too_long));
                            }
                        }
                        _ => {}
                    }
                } else {
                    match byte {
                        b'"' => in_string = true,
                        b'{' | b'[' => depth = depth.saturating_add(1),
                        b'}' | b']' if depth <= 1 => {
                            self.at += usize::from(depth == 1);
                            return Ok(self.ends(too_long));
                        }
                        b'}' | b']' => depth -= 1,
                        b',' if depth == 0 => return Ok(self.ends(too_long)),
                        b'\n' => {
                            self.line = self.line.saturating_add(1);
                            if depth == 0 {
                                return Ok(self.ends(too_long));
                            }
                        }
                        _ => {}
                    }
                }
                self.at += 1;
            }
            if self.at - start > MAX_RECORD {
                too_long = true;
                self.window.clear();
                self.at = 0;
                start = 0;
            }
            if !self.refill()? {
                let scalar_at_top = depth == 0 && !in_string && self.level == Level::Top;
                return Ok(if scalar_at_top { self.ends(too_long) } else { Value::CutOff });
            }
        }
    }

    fn ends(&self, too_long: bool) -> Value {
        if too_long { Value::TooLong } else { Value::Ends(self.at) }
    }

    /// At a `{`: whether its first member is a known key with an array. Leaves `at` before the bracket if so.
    fn peek_container(&mut self) -> io::Result<Option<Container>> {
        let start = self.at;
        self.at += 1;
        if self.skip_blanks()?.is_none() {
            self.at = start;
            return Ok(None);
        }
        let found = self.peek_member()?;
        if found.is_none() {
            self.at = start;
        }
        Ok(found)
    }

    /// At a key: whether it is a known one with an array. Leaves `at` before the bracket if so, else where it was.
    fn peek_member(&mut self) -> io::Result<Option<Container>> {
        let start = self.at;
        while self.window.len() - self.at < 64 && self.refill()? {}
        let rest = &self.window[self.at..];
        let found = CONTAINERS.iter().find_map(|(key, container)| {
            let behind = rest.strip_prefix(b"\"")?.strip_prefix(*key)?.strip_prefix(b"\"")?;
            let colon = behind.iter().position(|byte| !byte.is_ascii_whitespace())?;
            let value = behind.get(colon..)?.strip_prefix(b":")?;
            let bracket = value.iter().position(|byte| !byte.is_ascii_whitespace())?;
            (value.get(bracket) == Some(&b'[')).then_some((*container, rest.len() - value.len() + bracket))
        });
        self.at = start + found.map_or(0, |(_, offset)| offset);
        Ok(found.map(|(container, _)| container))
    }

    /// Passes over bytes that start no JSON value, up to the end of the line.
    fn garbage(&mut self) -> io::Result<(u32, Piece<'_>)> {
        let line = self.line;
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.window[self.at..]) {
                self.at += length;
                break;
            }
            self.at = self.window.len();
            self.discard();
            if !self.refill()? {
                break;
            }
        }
        Ok((line, Piece::Garbage))
    }

    /// The next byte that is no white space, without taking it.
    fn skip_blanks(&mut self) -> io::Result<Option<u8>> {
        loop {
            while let Some(&byte) = self.window.get(self.at) {
                match byte {
                    b'\n' => self.line = self.line.saturating_add(1),
                    b' ' | b'\t' | b'\r' | 0xef | 0xbb | 0xbf => {}
                    _ => return Ok(Some(byte)),
                }
                self.at += 1;
            }
            if !self.refill()? {
                return Ok(None);
            }
        }
    }

    /// Forgets what has been passed, when that is worth a move.
    fn discard(&mut self) {
        if self.at == self.window.len() {
            self.window.clear();
            self.at = 0;
        } else if self.at > 1 << 20 {
            self.window.drain(..self.at);
            self.at = 0;
        }
    }

    fn refill(&mut self) -> io::Result<bool> {
        let more = self.source.fill_buf()?;
        let count = more.len();
        self.window.extend_from_slice(more);
        self.source.consume(count);
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (Container, Vec<String>) {
        // One byte at a time, so that every state is met at the edge of a window.
        let mut splitter = Splitter::new(io::BufReader::with_capacity(1, text.as_bytes()));
        let mut pieces = Vec::new();
        loop {
            let piece = match splitter.next_piece() {
                Ok(Some((number, Piece::Record(bytes)))) => {
                    format!("{number} {}", String::from_utf8_lossy(bytes))
                }
                Ok(Some((number, other))) => format!("{number} {other:?}"),
                Ok(None) => return (splitter.container(), pieces),
                Err(error) => format!("! {error}"),
            };
            pieces.push(piece);
        }
    }

    #[test]
    fn records_are_found_in_every_container() {
        let records = ["0 {\"a\":\"]}\\\"\"}".to_owned(), "1 {\"b\":[1,{}]}".to_owned()];
        for (text, container) in [
            (r#"{"Records":[{"a":"]}\""},{"b":[1,{}]}]}"#, Container::Records),
            (
                "\u{feff} { \"Records\" : [ {\"a\":\"]}\\\"\"} ,\n {\"b\":[1,{}]} ] , \"more\": {\"x\": [1]} }",
                Container::Records,
            ),
            (r#"[{"a":"]}\""},{"b":[1,{}]}]"#, Container::Array),
            (r#"{"Events":[{"a":"]}\""},{"b":[1,{}]}],"NextToken":"x"}"#, Container::Events),
        ] {
            assert_eq!(split(text), (container, records.to_vec()), "{text}");
        }
        assert_eq!(
            split("{\"a\":1}\n\n{\"b\":2}\n"),
            (Container::Lines, vec!["1 {\"a\":1}".into(), "3 {\"b\":2}".into()])
        );
    }

    #[test]
    fn what_is_cut_off_or_no_json_is_told_and_the_rest_is_found() {
        let (_, pieces) = split(r#"{"Records":[{"a":1},{"b":"#);
        assert_eq!(pieces[0], "0 {\"a\":1}");
        assert!(pieces[1].starts_with("! ends in the middle") && pieces.len() == 2, "{pieces:?}");
        let (_, pieces) = split("{\"a\":1}\nnonsense here\n{\"b\":2}");
        assert_eq!(pieces, ["1 {\"a\":1}", "2 Garbage", "3 {\"b\":2}"]);
    }

    #[test]
    fn a_record_beyond_the_bound_is_passed_over_and_the_next_is_found() {
        let long = "x".repeat(MAX_RECORD + (1 << 19));
        let text = format!(r#"[{{"a":"{long}"}},{{"b":1}}]"#);
        let mut splitter = Splitter::new(io::BufReader::with_capacity(1 << 16, text.as_bytes()));
        assert_eq!(splitter.next_piece().expect("a piece"), Some((0, Piece::TooLong)));
        assert_eq!(splitter.next_piece().expect("a piece"), Some((1, Piece::Record(&b"{\"b\":1}"[..]))));
        assert!(splitter.window.capacity() < 2 * MAX_RECORD + (1 << 20));
    }
}

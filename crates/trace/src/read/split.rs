//! Splits a stream of JSON into records, whatever holds them, in memory that is bounded by one record.

use std::io::{self, BufRead};

use crate::place::Container;

/// No record may be longer. AWS bounds an event at 256 kB (1 MB for some); this leaves room for what a SIEM adds.
pub(super) const MAX_RECORD: usize = 16 << 20;

/// How much is taken from the source at a time.
const CHUNK: usize = 64 << 10;

/// How far behind a bracket to look for signs of records.
const LOOK_AHEAD: usize = 16 << 10;

/// Keys whose array holds records.
const CONTAINERS: [(&[u8], Container); 5] = [
    (b"Records", Container::Records),
    (b"Events", Container::Events),
    (b"Findings", Container::Key("Findings")),
    (b"QueryResultRows", Container::Key("QueryResultRows")),
    (b"logEvents", Container::Key("logEvents")),
];

/// Keys whose array holds records if it looks like it: others use these words too.
const LIKELY_CONTAINERS: [(&[u8], Container); 8] = [
    (b"events", Container::Key("events")),
    (b"hits", Container::Key("hits")),
    (b"results", Container::Key("results")),
    (b"data", Container::Key("data")),
    (b"value", Container::Key("value")),
    (b"items", Container::Key("items")),
    (b"logs", Container::Key("logs")),
    (b"entries", Container::Key("entries")),
];

/// What shows that an array below a [`LIKELY_CONTAINERS`] key holds records.
const SIGNS: [&[u8]; 4] = [b"eventSource", b"EventSource", b"erviceName", b"\"message\""];

/// One thing that the splitter found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A record: the bytes of one JSON value, as far as its brackets and quotes tell.
    Record(&'a [u8]),
    /// A record that is longer than [`MAX_RECORD`]; it was passed over.
    TooLong,
    /// Bytes that are no JSON.
    Garbage,
}

/// Splits what it reads.
///
/// Records are: the elements of an array below a known key of a top-level object, wherever in it the key stands, or of
/// an array at the top; otherwise each top-level value. Numbers: elements and values from 0, lines from 1. What is cut
/// off in the middle of a line ends with the line, so that it costs no more than itself and the next.
#[derive(Debug)]
pub(super) struct Splitter<R> {
    source: R,
    window: Vec<u8>,
    /// How far the window has been looked at.
    at: usize,
    /// Where in the window the piece begins that is being measured.
    start: usize,
    /// Whether that piece was too long to keep.
    too_long: bool,
    /// Whether it is no JSON.
    is_garbage: bool,
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
    /// Behind an array of records, inside this many objects.
    Object(u8),
    /// Between the elements of an array of records, inside this many objects.
    Elements(u8),
}

/// How a value or a string ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// As it should, or where it was broken: the parser will tell.
    Here,
    /// By a raw newline in a string.
    Broken,
    /// By the end of the stream.
    CutOff,
}

/// What came of looking through an object.
enum Object {
    Ends,
    Opened(Container, u8),
    CutOff,
}

/// What a key of an object announces.
enum Member {
    /// Records, in an array.
    Array(Container),
    /// An object in which there may be such an array (`hits.hits`).
    Object,
}

impl<R: BufRead> Splitter<R> {
    /// A splitter at the start of a stream.
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            window: Vec::new(),
            at: 0,
            start: 0,
            too_long: false,
            is_garbage: false,
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

    /// Goes to the next piece, for [`Self::piece`], and gives its number; `None` at the end. An error is told once; it
    /// names what was cut off.
    pub(super) fn advance(&mut self) -> io::Result<Option<u32>> {
        self.is_garbage = false;
        loop {
            self.forget();
            let Some(byte) = self.skip_blanks()? else { return self.end() };
            self.start = self.at;
            self.too_long = false;
            match (self.level, byte) {
                (Level::Top, b'[') => {
                    self.at += 1;
                    self.open(Container::Array, 0);
                }
                (Level::Top, b'{') => {
                    let line = self.line;
                    self.at += 1;
                    match self.object(1)? {
                        Object::Ends => return self.top_value(line).map(Some),
                        Object::Opened(container, depth) => self.open(container, depth),
                        Object::CutOff => return Err(self.cut_off()),
                    }
                }
                (Level::Top, b'"') => {
                    let line = self.line;
                    return match self.measure()? {
                        Ending::CutOff => Err(self.cut_off()),
                        _ => self.top_value(line).map(Some),
                    };
                }
                (Level::Top, b',') | (Level::Elements(_), b',') => self.at += 1,
                (Level::Top, _) => return self.garbage(b'\n').map(Some),
                (Level::Object(depth), _) => match self.object(depth)? {
                    Object::Ends => self.level = Level::Top,
                    Object::Opened(container, depth) => self.open(container, depth),
                    Object::CutOff => return Err(self.cut_off()),
                },
                (Level::Elements(depth), b']') => {
                    self.at += 1;
                    self.level = if depth == 0 { Level::Top } else { Level::Object(depth) };
                }
                (Level::Elements(_), b'}' | b':') => return self.garbage(b',').map(Some),
                (Level::Elements(_), _) => {
                    if self.measure()? == Ending::CutOff {
                        return Err(self.cut_off());
                    }
                    return Ok(Some(self.number()));
                }
            }
        }
    }

    fn open(&mut self, container: Container, depth: u8) {
        self.level = Level::Elements(depth);
        self.container.get_or_insert(container);
    }

    fn end(&mut self) -> io::Result<Option<u32>> {
        if self.level == Level::Top || self.ended { Ok(None) } else { Err(self.cut_off()) }
    }

    fn cut_off(&mut self) -> io::Error {
        self.level = Level::Top;
        self.ended = true;
        let place = match self.container {
            None | Some(Container::Lines) => format!("line {}", self.line),
            Some(container) => container.at(self.next),
        };
        io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("ends in the middle, at {place}: the rest is missing"),
        )
    }

    fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        number
    }

    /// The piece that [`Self::advance`] went to.
    pub(super) fn piece(&self) -> Piece<'_> {
        match (self.is_garbage, self.too_long) {
            (true, _) => Piece::Garbage,
            (false, true) => Piece::TooLong,
            (false, false) => Piece::Record(&self.window[self.start..self.at]),
        }
    }

    /// A top-level value that has been measured. The first one decides whether lines or values are counted.
    fn top_value(&mut self, line: u32) -> io::Result<u32> {
        if self.container.is_none() {
            let alone = self.line == line && self.ends_line()?;
            self.container = Some(if alone { Container::Lines } else { Container::Values });
        }
        let index = self.number();
        Ok(if self.container == Some(Container::Lines) { line } else { index })
    }

    /// Whether nothing more stands on the line.
    fn ends_line(&mut self) -> io::Result<bool> {
        loop {
            let rest = &self.window[self.at..];
            if let Some(byte) = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')) {
                return Ok(*byte == b'\n');
            }
            if rest.len() > LOOK_AHEAD {
                return Ok(false);
            }
            if !self.more()? {
                return Ok(true);
            }
        }
    }

    /// Inside an object, this deep: to the end of the outermost, or into an array of records.
    fn object(&mut self, mut depth: u8) -> io::Result<Object> {
        let mut behind_colon = false;
        loop {
            let Some(byte) = self.skip_blanks()? else { return Ok(Object::CutOff) };
            match byte {
                b':' => {
                    behind_colon = true;
                    self.at += 1;
                    continue;
                }
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    depth -= 1;
                    if depth == 0 {
                        return Ok(Object::Ends);
                    }
                }
                b'{' | b'[' | b']' if !behind_colon => {
                    self.at += usize::from(byte == b']');
                    return Ok(Object::Ends);
                }
                b'"' if !behind_colon => match self.member(depth)? {
                    Some(Member::Array(container)) => return Ok(Object::Opened(container, depth)),
                    Some(Member::Object) => depth += 1,
                    None if self.measure()? == Ending::CutOff => return Ok(Object::CutOff),
                    None => {}
                },
                b']' => return Ok(Object::Ends),
                _ if self.measure()? == Ending::CutOff => return Ok(Object::CutOff),
                _ => {}
            }
            behind_colon = false;
        }
    }

    /// At a key: whether it announces records. If so, `at` is behind the bracket afterwards, else where it was.
    fn member(&mut self, depth: u8) -> io::Result<Option<Member>> {
        while self.window.len() - self.at < 64 && self.more()? {}
        let rest = &self.window[self.at..];
        let known = CONTAINERS.iter().chain(&LIKELY_CONTAINERS).find_map(|(key, container)| {
            let behind = rest.strip_prefix(b"\"")?.strip_prefix(*key)?.strip_prefix(b"\"")?;
            let value = behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            Some((*container, *value.first()?, rest.len() - value.len()))
        });
        let Some((container, bracket, offset)) = known else { return Ok(None) };
        let behind = self.at + offset + 1;
        let is_hits = container == Container::Key("hits");
        let member = match bracket {
            b'{' if is_hits && depth == 1 => Member::Object,
            b'[' if is_hits && depth == 2 => Member::Array(Container::Key("hits.hits")),
            b'[' if depth == 1 && CONTAINERS.iter().any(|(_, strong)| *strong == container) => {
                Member::Array(container)
            }
            b'[' if depth == 1 => {
                while self.window.len() - self.at < LOOK_AHEAD && self.more()? {}
                let ahead = &self.window[self.at..];
                let ahead = &ahead[..ahead.len().min(LOOK_AHEAD)];
                if !SIGNS.iter().any(|sign| memchr::memmem::find(ahead, sign).is_some()) {
                    return Ok(None);
                }
                self.at += offset + 1;
                return Ok(Some(Member::Array(container)));
            }
            _ => return Ok(None),
        };
        self.at = behind;
        Ok(Some(member))
    }

    /// Passes over one JSON value; `at` is behind it afterwards.
    fn measure(&mut self) -> io::Result<Ending> {
        let mut depth = 0_u32;
        loop {
            let Some(&byte) = self.window.get(self.at) else {
                if self.more()? {
                    continue;
                }
                return Ok(if depth == 0 { Ending::Here } else { Ending::CutOff });
            };
            match byte {
                b'"' => {
                    self.at += 1;
                    let ending = self.string()?;
                    if depth == 0 || ending != Ending::Here {
                        return Ok(ending);
                    }
                    continue;
                }
                b'{' | b'[' => depth = depth.saturating_add(1),
                b'}' | b']' if depth <= 1 => {
                    self.at += usize::from(depth == 1);
                    return Ok(Ending::Here);
                }
                b'}' | b']' => depth -= 1,
                b',' | b':' | b' ' | b'\n' if depth == 0 => return Ok(Ending::Here),
                b'\n' => self.line = self.line.saturating_add(1),
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Inside a string: to behind its quote, or to a raw newline, which no JSON string holds.
    fn string(&mut self) -> io::Result<Ending> {
        loop {
            let Some(offset) = memchr::memchr3(b'"', b'\\', b'\n', &self.window[self.at..]) else {
                self.at = self.window.len();
                if self.more()? {
                    continue;
                }
                return Ok(Ending::CutOff);
            };
            self.at += offset + 1;
            match self.window[self.at - 1] {
                b'"' => return Ok(Ending::Here),
                b'\n' => {
                    self.at -= 1;
                    return Ok(Ending::Broken);
                }
                _ => {}
            }
            while self.at >= self.window.len() {
                if !self.more()? {
                    return Ok(Ending::CutOff);
                }
            }
            self.at += 1;
        }
    }

    /// Passes over bytes that start no JSON value, up to the end of the line or another byte.
    fn garbage(&mut self, until: u8) -> io::Result<u32> {
        let number = if self.level == Level::Top { self.line } else { self.next };
        loop {
            if let Some(length) = memchr::memchr2(b'\n', until, &self.window[self.at..]) {
                self.at += length;
                break;
            }
            self.at = self.window.len();
            self.forget();
            if !self.more()? {
                break;
            }
        }
        self.is_garbage = true;
        Ok(number)
    }

    /// The next byte that is no white space, byte-order mark or record separator, without taking it.
    fn skip_blanks(&mut self) -> io::Result<Option<u8>> {
        loop {
            while let Some(&byte) = self.window.get(self.at) {
                match byte {
                    b'\n' => self.line = self.line.saturating_add(1),
                    b' ' | b'\t' | b'\r' | 0x1e | 0xef | 0xbb | 0xbf => {}
                    _ => return Ok(Some(byte)),
                }
                self.at += 1;
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Forgets what has been passed, when that is worth a move.
    fn forget(&mut self) {
        if self.at == self.window.len() {
            self.window.clear();
            self.at = 0;
        } else if self.at > 4 * CHUNK {
            self.window.drain(..self.at);
            self.at = 0;
        }
        self.start = self.at;
    }

    /// Takes more from the source; says whether there was more. Lets go of a piece that has become too long.
    fn more(&mut self) -> io::Result<bool> {
        if self.at - self.start > MAX_RECORD {
            self.too_long = true;
            self.window.drain(..self.at);
            self.at = 0;
            self.start = 0;
        }
        let more = self.source.fill_buf()?;
        let count = more.len().min(CHUNK);
        let needed = self.window.len() + count;
        if needed > self.window.capacity() {
            let doubled = self.window.capacity().saturating_mul(2).min(MAX_RECORD + 8 * CHUNK);
            self.window.reserve_exact(doubled.max(needed) - self.window.len());
        }
        self.window.extend_from_slice(&more[..count]);
        self.source.consume(count);
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next<'s, R: BufRead>(splitter: &'s mut Splitter<R>) -> Option<(u32, Piece<'s>)> {
        let number = splitter.advance().expect("a piece")?;
        Some((number, splitter.piece()))
    }

    fn split(text: &str) -> (Container, Vec<String>) {
        // One byte at a time, so that every state is met at the edge of a window.
        let mut splitter = Splitter::new(io::BufReader::with_capacity(1, text.as_bytes()));
        let mut pieces = Vec::new();
        loop {
            let piece = match splitter.advance() {
                Ok(Some(number)) => match splitter.piece() {
                    Piece::Record(bytes) => format!("{number} {}", String::from_utf8_lossy(bytes)),
                    other => format!("{number} {other:?}"),
                },
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
    fn a_known_key_is_found_wherever_it_stands_and_other_keys_are_passed() {
        for (text, container) in [
            (r#"{"NextToken":"\"Events\":[","Events":[1,2],"x":{}}"#, Container::Events),
            (r#"{"a":{"Records":[7]},"b":[{"Events":[8]}],"Records":[1,2]}"#, Container::Records),
            (r#"{"owner":"1","logEvents": [ 1, 2 ] }"#, Container::Key("logEvents")),
            (
                r#"{"took":3,"hits":{"total":{"value":2},"hits":[1,2]},"_shards":{}}"#,
                Container::Key("hits.hits"),
            ),
            (r#"{"Records":[1],"Records":[2]}"#, Container::Records),
            (r#"{"Records":[1]}{"Records":[2]}"#, Container::Records),
        ] {
            assert_eq!(split(text), (container, vec!["0 1".to_owned(), "1 2".to_owned()]), "{text}");
        }
        let (container, pieces) = split(r#"{"preview":false,"results":[{"eventSource":"s"}]}"#);
        assert_eq!(
            (container, pieces),
            (Container::Key("results"), vec![r#"0 {"eventSource":"s"}"#.to_owned()])
        );
        let record = r#"{"items":[{"no":"sign"}],"_raw":"x"}"#;
        assert_eq!(split(record), (Container::Lines, vec![format!("1 {record}")]));
    }

    #[test]
    fn values_that_stand_not_one_per_line_are_counted_as_values() {
        assert_eq!(split("{}{}{}"), (Container::Values, vec!["0 {}".into(), "1 {}".into(), "2 {}".into()]));
        assert_eq!(split("{\n}\n{\n}"), (Container::Values, vec!["0 {\n}".into(), "1 {\n}".into()]));
    }

    #[test]
    fn a_line_that_is_cut_off_costs_itself_and_not_the_file() {
        let (_, pieces) = split("{\"a\":1}\n{\"b\":\"cut\n{\"c\":1}\n{\"d\":{\"e\":\"cut\n{\"f\":1}\n");
        for kept in ["1 {\"a\":1}", "3 {\"c\":1}", "5 {\"f\":1}"] {
            assert!(pieces.iter().any(|piece| piece == kept), "{kept} in {pieces:?}");
        }
    }

    #[test]
    fn brackets_that_match_nothing_end_and_do_not_loop() {
        for text in [
            "[}",
            "[:",
            "]",
            "}",
            "{]",
            "{\"a\":]}",
            "[{\"a\":1}},{\"b\":2}]",
            "{\"hits\":{}",
            ":",
            "{\"Records\":[}",
        ] {
            assert!(split(text).1.len() < 8, "{text}");
        }
    }

    #[test]
    fn what_stands_before_the_records_may_be_longer_than_any_record() {
        let text = format!(r#"{{"junk":"{}","Records":[{{"a":1}}]}}"#, "x".repeat(2 * MAX_RECORD));
        let mut splitter = Splitter::new(text.as_bytes());
        assert_eq!(next(&mut splitter), Some((0, Piece::Record(&b"{\"a\":1}"[..]))));
        assert!(splitter.window.capacity() < MAX_RECORD + (1 << 20));
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
        assert_eq!(next(&mut splitter), Some((0, Piece::TooLong)));
        assert_eq!(next(&mut splitter), Some((1, Piece::Record(&b"{\"b\":1}"[..]))));
        assert!(splitter.window.capacity() < MAX_RECORD + (1 << 20));
    }
}

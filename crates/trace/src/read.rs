//! Bytes to records, one file per format.
//!
//! ```text
//! inputs ──> content (hash, inflate, bound) ──> format, by content ──┬─> json ──> split ──> records ──> Sink
//!                                                                     └─> lines (S3, VPC) ─────────────> Sink
//! ```
//!
//! A new format is one new file here and one line in [`FORMATS`] (text) or in `records::classify` (JSON).

pub mod content;
pub mod inputs;
mod json;
mod records;
mod split;

use std::io::{self, BufRead};

use floodmark_case::{ReadSource, Unread, Window};

use crate::event::{Event, Events};
use crate::place::{Container, Input, Place};
use crate::time::Time;
use content::{Buffers, Content};
use inputs::InputPath;

/// Where records go.
pub trait Sink {
    /// A CloudTrail event.
    fn event(&mut self, event: &Event<'_>, place: Place);
}

/// A text format, chosen by its first line.
struct Format {
    /// The word for it in the answer.
    kind: &'static str,
    /// Whether the first line is of this format.
    recognises: fn(&str) -> bool,
    /// Reads all of it.
    read: fn(&mut dyn BufRead, &mut Reading<'_>) -> io::Result<()>,
}

/// The formats that are lines of text.
const FORMATS: [Format; 0] = [];

/// What one worker keeps between files.
#[derive(Debug, Default)]
pub struct Worker {
    buffers: Buffers,
    events: Events,
}

/// One file being read: what its reader may use, and what it must tell.
pub struct Reading<'s> {
    /// The number of the input, for places.
    pub input: u32,
    /// Where records go.
    pub sink: &'s mut dyn Sink,
    /// Makes events.
    events: &'s mut Events,
    report: Report,
}

/// What was read of one file.
#[derive(Debug, Default)]
struct Report {
    kind: &'static str,
    container: Container,
    records: u64,
    window: Option<(Time, Time)>,
    strange: u64,
    problems: Vec<(String, String)>,
    more_problems: u64,
}

/// How many bad records of one file are listed one by one.
const LISTED_PROBLEMS: usize = 20;

impl Reading<'_> {
    /// Hands a record on as an event, if its time can be read.
    fn event(&mut self, wire: crate::event::Wire<'_>, record: u32) {
        let Some(event) = self.events.event(wire) else {
            return self.problem(record, "`eventTime` is missing or no RFC 3339 time");
        };
        self.saw(event.time);
        self.sink.event(&event, Place { input: self.input, record });
    }

    /// Counts a record that was read.
    pub fn saw(&mut self, time: Time) {
        self.report.records += 1;
        let (from, to) = self.report.window.get_or_insert((time, time));
        *from = time.min(*from);
        *to = time.max(*to);
    }

    /// A record that could not be read, and why.
    pub fn problem(&mut self, record: u32, why: &str) {
        if self.report.problems.len() >= LISTED_PROBLEMS {
            self.report.more_problems += 1;
            return;
        }
        let place = self.report.container.at(record);
        self.report.problems.push((place, why.to_owned()));
    }
}

/// What came of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What it is, for citations; `None` if it could not be opened.
    pub input: Option<Input>,
    /// What was read, if anything was.
    pub read: Option<ReadSource>,
    /// What was not.
    pub unread: Vec<Unread>,
}

impl Worker {
    /// Reads one input from beginning to end.
    pub fn read(&mut self, path: &InputPath, number: u32, sink: &mut dyn Sink) -> Outcome {
        let Self { buffers, events } = self;
        let mut reading = Reading { input: number, sink, events, report: Report::default() };
        let result = content::with_content(&path.path, buffers, |content| reading.content(content));
        let report = reading.report;
        match result {
            Err(error) => Outcome {
                input: None,
                read: None,
                unread: vec![Unread { path: path.name.clone(), why: error.to_string(), incomplete: true }],
            },
            Ok((found, end)) => report.outcome(path, found, end),
        }
    }
}

impl Reading<'_> {
    fn content(&mut self, content: Content<'_>) -> io::Result<()> {
        match content {
            Content::Whole(bytes) => self.whole(bytes),
            Content::Stream(stream) => self.stream(stream),
        }
    }

    fn whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        match json::read_whole(bytes, self) {
            json::Whole::Done => Ok(()),
            json::Whole::From { delivered } => self.stream_from(&mut &bytes[..], delivered),
        }
    }

    fn stream(&mut self, stream: &mut dyn BufRead) -> io::Result<()> {
        self.stream_from(stream, 0)
    }

    /// By the first bytes: JSON, or the text format that knows the first line.
    fn stream_from(&mut self, stream: &mut dyn BufRead, delivered: u32) -> io::Result<()> {
        let start = stream.fill_buf()?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(io::Error::other(
                "is UTF-16 text; expected UTF-8 (convert it: iconv -f UTF-16 -t UTF-8)",
            ));
        }
        let text = start.trim_ascii_start();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
        if matches!(text.first(), Some(b'{' | b'[')) {
            return json::read_stream(stream, delivered, self);
        }
        let line = String::from_utf8_lossy(start.split(|&byte| byte == b'\n').next().unwrap_or_default());
        match FORMATS.iter().find(|format| (format.recognises)(&line)) {
            Some(format) => {
                self.report.kind = format.kind;
                self.report.container = Container::Lines;
                (format.read)(stream, self)
            }
            None => Ok(()),
        }
    }
}

impl Report {
    fn outcome(self, path: &InputPath, found: content::Found, end: io::Result<()>) -> Outcome {
        let mut unread: Vec<Unread> = self
            .problems
            .into_iter()
            .map(|(place, why)| Unread { path: format!("{}: {place}", path.name), why, incomplete: true })
            .collect();
        let mut tell =
            |why: String, incomplete| unread.push(Unread { path: path.name.clone(), why, incomplete });
        if self.more_problems > 0 {
            tell(format!("{} more records could not be read", self.more_problems), true);
        }
        if self.strange > 0 && self.records > 0 {
            tell(format!("{} of its JSON records are of no kind that trace reads", self.strange), false);
        }
        match end {
            Err(error) => tell(error.to_string(), true),
            Ok(()) if self.records == 0 && unread.is_empty() => {
                let why = if self.strange > 0 {
                    "is JSON, but holds no record of a kind that trace reads"
                } else if found.bytes == 0 {
                    "is empty"
                } else {
                    "is of no kind that trace reads"
                };
                unread.push(Unread { path: path.name.clone(), why: why.into(), incomplete: false });
            }
            Ok(()) => {}
        }
        let window = self.window.map(|(from, to)| Window::between(from.to_timestamp(), to.to_timestamp()));
        let read = (self.records > 0).then(|| ReadSource {
            path: path.name.clone(),
            evidence: found.evidence,
            kind: self.kind.to_owned(),
            bytes: found.bytes,
            records: self.records,
            window,
        });
        Outcome { input: Some(Input { evidence: found.evidence, container: self.container }), read, unread }
    }
}

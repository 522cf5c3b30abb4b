//! Bytes to records, one file per format.
//!
//! ```text
//! inputs ──> content (hash, inflate, bound) ──> format, by content ──┬─> json ──> split ──> records ──> Sink
//!                                                                     └─> lines (S3, VPC, CSV) ────────> Sink
//! ```
//!
//! A new format is one new file here and one line in `FORMATS` (text) or in `records::Search::object` (JSON).

mod cloudwatch_export;
mod columns;
pub mod content;
mod csv;
mod delivery;
pub mod digest;
pub mod digest_chain;
mod digest_keys;
mod encoding;
#[doc(hidden)]
pub mod fuzzing;
pub mod guardduty;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
pub mod inputs;
pub mod insight;
mod json;
mod lines;
pub mod nesting;
mod records;
pub mod s3_access_log;
mod split;
pub mod vpc_flow_log;

use std::io::{self, BufRead};

use floodmark_case::{EvidenceId, ReadSource, Unread, Window};

use crate::event::{Event, Events, Wire};
use crate::place::{Container, Input, Place};
use crate::time::Time;
use content::{Buffers, Content, Hashing};
use digest::Digest;
use guardduty::GuardDutyFinding;
use inputs::InputPath;
use insight::Insight;
use s3_access_log::S3Access;
use vpc_flow_log::Flow;

/// Where records go. What a sink does not ask for is passed over.
pub trait Sink {
    /// A CloudTrail event.
    fn event(&mut self, event: &Event<'_>, place: Place);

    /// A CloudTrail Insights event, which names no caller.
    fn insight(&mut self, _insight: &Insight<'_>, _place: Place) {}

    /// A record of an S3 server access log: any request, not only reads (see [`S3Access::is_object_read`]).
    fn object_read(&mut self, _access: &S3Access<'_>, _place: Place) {}

    /// A record of a VPC flow log.
    fn flow(&mut self, _flow: &Flow<'_>, _place: Place) {}

    /// A GuardDuty finding.
    fn guardduty(&mut self, _finding: &GuardDutyFinding, _place: Place) {}

    /// A CloudTrail digest file.
    fn digest(&mut self, _digest: &Digest, _place: Place) {}
}

/// A text format, chosen by its first lines.
struct Format {
    /// Whether a line is of this format.
    recognises: fn(&str) -> bool,
    /// Reads all of it.
    read: fn(&mut dyn BufRead, &mut Reading<'_>) -> io::Result<()>,
}

/// The formats that are lines of text. The more particular come first.
const FORMATS: &[Format] = &[
    #[cfg(all(feature = "hostile-reader", target_os = "linux"))]
    Format { recognises: hostile::recognises, read: hostile::read },
    Format { recognises: s3_access_log::recognises, read: s3_access_log::read },
    Format { recognises: vpc_flow_log::recognises, read: vpc_flow_log::read },
    Format { recognises: cloudwatch_export::recognises, read: cloudwatch_export::read },
    Format { recognises: csv::recognises, read: csv::read },
];

/// A format is told by the first of so many lines that it recognises, within so many bytes.
const TELLING_LINES: usize = 4;
const TELLING_BYTES: usize = 16 << 10;

/// What one worker keeps between files.
#[derive(Debug, Default)]
pub struct Worker {
    buffers: Buffers,
    events: Events,
    seen: delivery::Seen,
    hashing: Hashing,
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
    kinds: Vec<&'static str>,
    container: Container,
    records: u64,
    window: Option<(Time, Time)>,
    strange: u64,
    problems: Vec<(String, String)>,
    more_problems: u64,
    hint: Option<&'static str>,
}

/// What is said of an event without a time.
const NO_TIME: &str = "`eventTime` is missing, or no time; expected RFC 3339, in the years 2006 to 2099";

/// How many bad records of one file are listed one by one.
const LISTED_PROBLEMS: usize = 20;

impl Reading<'_> {
    /// Hands a record on as an event, if its time can be read. Gives the record back, to be used again.
    fn event<'a>(&mut self, wire: Box<Wire<'a>>, record: u32) -> Option<Box<Wire<'a>>> {
        let Some(event) = self.events.event(wire) else {
            self.problem(record, NO_TIME);
            return None;
        };
        self.saw("cloudtrail", event.time);
        self.sink.event(&event, Place { input: self.input, record });
        Some(event.wire)
    }

    /// Counts a record that was read, and what kind it is.
    pub fn saw(&mut self, kind: &'static str, time: Time) {
        self.report.records += 1;
        if !self.report.kinds.contains(&kind) {
            self.report.kinds.push(kind);
        }
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
    /// The SHA-256 of its uncompressed content, where the worker was told to take it and all of it could be read.
    pub content: Option<EvidenceId>,
}

impl Worker {
    /// A worker that also hashes uncompressed content, which is what digests speak of. It costs a third more.
    pub fn hashing_content() -> Self {
        Self { hashing: Hashing::FoundAndContent, ..Self::default() }
    }

    /// Reads one input from beginning to end.
    pub fn read(&mut self, path: &InputPath, number: u32, sink: &mut dyn Sink) -> Outcome {
        let Self { buffers, events, seen, hashing } = self;
        let mut reading = Reading { input: number, sink, events, report: Report::default() };
        let result =
            content::with_content(&path.source, buffers, *hashing, |content| reading.content(content, seen));
        let report = reading.report;
        match result {
            Err(error) => Outcome {
                input: None,
                read: None,
                content: None,
                unread: vec![Unread { path: path.name.clone(), why: error.to_string(), incomplete: true }],
            },
            Ok((found, end)) => report.outcome(path, found, end),
        }
    }
}

impl Reading<'_> {
    fn content(&mut self, content: Content<'_>, seen: &mut delivery::Seen) -> io::Result<()> {
        match content {
            Content::Whole(bytes) => self.whole(bytes, seen),
            Content::Stream(stream) => self.stream(stream),
        }
    }

    fn whole(&mut self, bytes: &[u8], seen: &mut delivery::Seen) -> io::Result<()> {
        match json::read_whole(bytes, seen, self) {
            json::Whole::Done => Ok(()),
            json::Whole::From { delivered } => self.stream_from(&mut &bytes[..], delivered),
        }
    }

    fn stream(&mut self, stream: &mut dyn BufRead) -> io::Result<()> {
        self.stream_from(stream, 0)
    }

    /// By the first bytes: JSON, or the text format that knows one of the first lines.
    fn stream_from(&mut self, stream: &mut dyn BufRead, delivered: u32) -> io::Result<()> {
        let start = stream.fill_buf()?;
        if let Some(encoding) = encoding::wide(start) {
            return Err(io::Error::other(format!(
                "is {encoding} text; expected UTF-8 (convert it: iconv -f {encoding} -t UTF-8)"
            )));
        }
        if start.trim_ascii_start().is_empty() {
            return self.blank(stream);
        }
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        if matches!(text, [b'{' | b'[' | 0x1e, ..] | [b'"', b'{' | b'[', ..]) {
            return json::read_stream(stream, delivered, self);
        }
        let start = String::from_utf8_lossy(&text[..text.len().min(TELLING_BYTES)]);
        let format = start
            .lines()
            .take(TELLING_LINES)
            .find_map(|line| FORMATS.iter().find(|format| (format.recognises)(line)));
        if let Some(format) = format {
            self.report.container = Container::Lines;
            return (format.read)(stream, self);
        }
        self.report.hint = foreign(start.as_bytes());
        Ok(())
    }
}

impl Reading<'_> {
    /// A file that begins with blanks alone: is that all?
    fn blank(&mut self, stream: &mut dyn BufRead) -> io::Result<()> {
        loop {
            let more = stream.fill_buf()?;
            if more.is_empty() {
                self.report.hint = Some("is empty");
                return Ok(());
            }
            if !more.trim_ascii_start().is_empty() {
                return Err(io::Error::other("begins with very many blanks; expected a log"));
            }
            let blanks = more.len();
            stream.consume(blanks);
        }
    }
}

/// What a file is that holds logs in a form that is not read.
fn foreign(start: &[u8]) -> Option<&'static str> {
    match start {
        [b'P', b'K', 3, 4, ..] => Some("is a zip archive; unpack it"),
        [b'P', b'A', b'R', b'1', ..] => Some("is a Parquet file; export it as JSON, CSV or text"),
        [b'B', b'Z', b'h', ..] => Some("is compressed with bzip2; unpack it"),
        _ if start.get(257..262) == Some(b"ustar") => Some("is a tar archive; unpack it"),
        _ => None,
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
            tell(
                format!("{} more of its records could not be read, or not as they stand", self.more_problems),
                true,
            );
        }
        if self.strange > 0 && self.records > 0 {
            tell(format!("{} of its records are of no kind that trace reads", self.strange), false);
        }
        if found.changed {
            tell("changed while it was read".to_owned(), true);
        }
        match end {
            Err(error) => tell(error.to_string(), true),
            Ok(()) if self.records == 0 && unread.is_empty() => {
                let why = if let Some(hint) = self.hint {
                    hint
                } else if self.strange > 0 {
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
            kind: self.kinds.join(", "),
            bytes: found.bytes,
            records: self.records,
            window,
        });
        let input = Input { evidence: found.evidence, container: self.container };
        Outcome { input: Some(input), read, unread, content: found.content }
    }
}

//! A sink that keeps what it is given, and files made on the fly.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::Write;
use std::path::{Path, PathBuf};

use floodmark_trace::event::Event;
use floodmark_trace::place::Place;
use floodmark_trace::read::digest::Digest;
use floodmark_trace::read::guardduty::GuardDutyFinding;
use floodmark_trace::read::inputs::InputPath;
use floodmark_trace::read::insight::Insight;
use floodmark_trace::read::s3_access_log::S3Access;
use floodmark_trace::read::vpc_flow_log::Flow;
use floodmark_trace::read::{Outcome, Sink, Worker};

/// What came, a line each.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) lines: Vec<String>,
    pub(crate) findings: Vec<GuardDutyFinding>,
    pub(crate) digests: Vec<Digest>,
}

impl Sink for Kept {
    fn event(&mut self, event: &Event<'_>, place: Place) {
        let bucket = event.request(&["bucketName"]).unwrap_or_default().into_owned();
        let line = format!("{} {} {} {bucket}", place.record, event.call(), event.identity.credential());
        self.lines.push(line.trim_end().to_owned());
    }

    fn insight(&mut self, insight: &Insight<'_>, place: Place) {
        self.lines
            .push(format!("{} insight {} {} {}", place.record, insight.kind, insight.state, insight.name));
    }

    fn object_read(&mut self, access: &S3Access<'_>, place: Place) {
        self.lines.push(format!("{} {} {} {}", place.record, access.operation, access.bucket, access.key));
    }

    fn flow(&mut self, flow: &Flow<'_>, place: Place) {
        self.lines.push(format!("{} {} > {} {:?}", place.record, flow.source, flow.destination, flow.bytes));
    }

    fn guardduty(&mut self, finding: &GuardDutyFinding, place: Place) {
        self.lines.push(format!("{} {}", place.record, finding.kind));
        self.findings.push(finding.clone());
    }

    fn digest(&mut self, digest: &Digest, place: Place) {
        self.lines.push(format!("{} digest {}", place.record, digest.logs.len()));
        self.digests.push(digest.clone());
    }
}

pub(crate) fn input(path: &Path) -> InputPath {
    InputPath::at(path)
}

/// Reads a file.
pub(crate) fn read_file(path: &Path) -> (Kept, Outcome) {
    let mut kept = Kept::default();
    let outcome = Worker::default().read(&input(path), 0, &mut kept);
    (kept, outcome)
}

/// Reads bytes as a file.
pub(crate) fn read(bytes: &[u8]) -> (Kept, Outcome) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("a file");
    read_file(file.path())
}

/// The lines of what bytes hold, when there is nothing to tell.
#[track_caller]
pub(crate) fn lines(bytes: &[u8]) -> Vec<String> {
    let (kept, outcome) = read(bytes);
    assert_eq!(outcome.unread, [], "for {}", String::from_utf8_lossy(&bytes[..bytes.len().min(400)]));
    kept.lines
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

/// A file below a folder, with the folders that it needs.
pub(crate) fn put(root: &Path, path: &str, bytes: &[u8]) -> PathBuf {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(&path, bytes).expect("a file");
    path
}

/// An event.
pub(crate) const EVENT: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","accessKeyId":"AKIA1"},"eventTime":"2026-03-19T18:40:12Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","requestParameters":{"bucketName":"b"},"eventID":"e-1"}"#;

/// What [`Kept`] makes of it, behind the number.
pub(crate) const SEEN: &str = "s3:GetObject AKIA1 b";

//! How much went out: objects and bytes per bucket and prefix.
//!
//! Two logs tell of the same reads: CloudTrail's data events and S3's own access logs. A read that both tell of has
//! one request id and is counted once, by CloudTrail's record; where that does not say how many bytes, by the other's.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::{Volume, Window};

use crate::engine::births::look::first;
use crate::engine::births::{Name, Names, stable_hash};
use crate::engine::effects::plain_name;
use crate::event::Event;
use crate::place::{Input, Place, cite};
use crate::time::Time;

/// More prefixes than this in one bucket are told by their first segment; more of those, together.
const MOST_PREFIXES: usize = 200;

/// Which log tells of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// CloudTrail's data events.
    CloudTrail,
    /// S3 server access logs.
    AccessLog,
}

impl Basis {
    /// The word for it, as in [`Volume::basis`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CloudTrail => "cloudtrail",
            Self::AccessLog => "s3-access-log",
        }
    }
}

/// One object read, from whichever log.
#[derive(Debug, Clone, Copy)]
pub struct ObjectRead<'a> {
    /// The bucket's name.
    pub bucket: &'a str,
    /// The object's key, decoded.
    pub key: &'a str,
    /// Bytes that were sent; 0 where the log does not say.
    pub bytes: u64,
    /// The requester's ARN.
    pub requester: &'a str,
    /// Where the request came from.
    pub address: &'a str,
    /// The user agent that it named.
    pub agent: &'a str,
    /// The request's id, by which the two logs meet; empty if there is none.
    pub request_id: &'a str,
    /// When.
    pub time: Time,
    /// The record.
    pub place: Place,
}

/// Collects reads of objects: a fold over tainted events and access-log records.
#[derive(Debug, Default)]
pub struct VolumeFold {
    names: Names,
    reads: Vec<Read>,
}

#[derive(Debug, Clone, Copy)]
struct Read {
    bucket: Name,
    prefix: Name,
    basis: Basis,
    request: u64,
    key: u64,
    bytes: u64,
    time: Time,
    place: Place,
}

impl VolumeFold {
    /// Takes note of a tainted CloudTrail event if it read an object; the answer is how many bytes went out.
    pub fn observe(&mut self, event: &Event<'_>, place: Place) -> u64 {
        if event.service() != "s3" || !event.succeeded() {
            return 0;
        }
        let request = event.wire.request.as_ref();
        let copied = first(request, &[&["x-amz-copy-source"]]);
        let (bucket, key) = match plain_name(&event.wire.name) {
            "GetObject" | "SelectObjectContent" | "GetObjectTorrent" => {
                (first(request, &[&["bucketName"]]), first(request, &[&["key"]]))
            }
            "CopyObject" | "UploadPartCopy" => match copied.trim_start_matches('/').split_once('/') {
                Some((bucket, key)) => (bucket.into(), key.into()),
                None => return 0,
            },
            _ => return 0,
        };
        let bytes = event.additional(&["bytesTransferredOut"]).map_or(0, |text| count(&text));
        let request_id = event.other("requestID").unwrap_or_default();
        let fallback = if request_id.is_empty() { &*event.wire.id } else { &*request_id };
        self.add(
            &ObjectRead {
                bucket: &bucket,
                key: &key,
                bytes,
                requester: &event.identity.arn,
                address: &event.wire.address,
                agent: &event.wire.agent,
                request_id: fallback,
                time: event.time,
                place,
            },
            Basis::CloudTrail,
        );
        bytes
    }

    /// Takes note of a tainted read.
    pub fn add(&mut self, read: &ObjectRead<'_>, basis: Basis) {
        self.reads.push(Read {
            bucket: self.names.name(read.bucket),
            prefix: self.names.name(prefix(read.key)),
            basis,
            request: stable_hash(read.request_id),
            key: stable_hash(read.key),
            bytes: read.bytes,
            time: read.time,
            place: read.place,
        });
    }

    /// Both folds' reads.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let ours = self.names.absorb(&other.names);
        let translated =
            |read: Read| Read { bucket: ours.of(read.bucket), prefix: ours.of(read.prefix), ..read };
        self.reads.extend(other.reads.into_iter().map(translated));
        self
    }

    /// How much went out, by bucket, prefix and log.
    pub fn finish(self, inputs: &[Input]) -> Vec<Volume> {
        let Self { names, mut reads } = self;
        let order =
            |read: &Read| (names.get(read.bucket), read.request, read.basis, read.key, read.time, read.place);
        reads.sort_by(|a, b| order(a).cmp(&order(b)));
        reads.dedup_by(|later, kept| {
            let same = later.request != 0 && (later.bucket, later.request) == (kept.bucket, kept.request);
            if same {
                kept.bytes = kept.bytes.max(later.bytes);
            }
            same
        });
        let mut buckets: BTreeMap<&str, Vec<&Read>> = BTreeMap::new();
        for read in &reads {
            buckets.entry(names.get(read.bucket)).or_default().push(read);
        }
        buckets.iter().flat_map(|(bucket, reads)| of_bucket(&names, bucket, reads, inputs)).collect()
    }
}

fn of_bucket(names: &Names, bucket: &str, reads: &[&Read], inputs: &[Input]) -> Vec<Volume> {
    let shorten = shortener(names, reads);
    let mut rows: BTreeMap<(&str, Basis), Vec<&Read>> = BTreeMap::new();
    for read in reads {
        rows.entry((shorten(names.get(read.prefix)), read.basis)).or_default().push(read);
    }
    rows.into_iter().map(|((prefix, basis), reads)| row(bucket, prefix, basis, &reads, inputs)).collect()
}

fn row(bucket: &str, prefix: &str, basis: Basis, reads: &[&Read], inputs: &[Input]) -> Volume {
    let mut keys: Vec<u64> = reads.iter().map(|read| read.key).filter(|&key| key != 0).collect();
    keys.sort_unstable();
    keys.dedup();
    let from = reads.iter().map(|read| read.time).min().unwrap_or_default();
    let to = reads.iter().map(|read| read.time).max().unwrap_or_default();
    let places: Vec<Place> = reads.iter().map(|read| read.place).collect();
    Volume {
        resource: format!("arn:aws:s3:::{bucket}"),
        prefix: prefix.to_owned(),
        objects: keys.len() as u64,
        reads: reads.len() as u64,
        bytes: reads.iter().fold(0, |sum, read| sum.saturating_add(read.bytes)),
        basis: basis.as_str().to_owned(),
        window: Window::between(from.to_timestamp(), to.to_timestamp()),
        citations: cite(inputs, &places),
    }
}

/// How prefixes of a bucket are cut so that there are not too many.
fn shortener(names: &Names, reads: &[&Read]) -> fn(&str) -> &str {
    let ways: [fn(&str) -> &str; 2] = [|prefix| prefix, |prefix| first_segment(prefix)];
    for way in ways {
        let distinct: BTreeSet<&str> = reads.iter().map(|read| way(names.get(read.prefix))).collect();
        if distinct.len() <= MOST_PREFIXES {
            return way;
        }
    }
    |_| ""
}

/// Up to two leading segments of a key, with their `/`.
fn prefix(key: &str) -> &str {
    let end = key.match_indices('/').take(2).last().map_or(0, |(at, _)| at + 1);
    &key[..end]
}

fn first_segment(prefix: &str) -> &str {
    prefix.find('/').map_or("", |at| &prefix[..=at])
}

/// CloudTrail writes bytes as `494` or `494.0`.
fn count(text: &str) -> u64 {
    text.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a>(key: &'a str, bytes: u64, request_id: &'a str) -> ObjectRead<'a> {
        ObjectRead {
            bucket: "b",
            key,
            bytes,
            requester: "",
            address: "",
            agent: "",
            request_id,
            time: Time::from_seconds(0),
            place: Place::default(),
        }
    }

    #[test]
    fn a_read_that_both_logs_tell_of_is_counted_once() {
        let mut fold = VolumeFold::default();
        fold.add(&read("a/b/c", 0, "R1"), Basis::CloudTrail);
        fold.add(&read("a/b/c", 70, "R1"), Basis::AccessLog);
        fold.add(&read("a/b/c", 30, "R2"), Basis::CloudTrail);
        fold.add(&read("a/b/d", 5, "R3"), Basis::AccessLog);
        let rows: Vec<_> = fold
            .finish(&[])
            .into_iter()
            .map(|row| (row.prefix, row.basis, row.objects, row.reads, row.bytes))
            .collect();
        assert_eq!(
            rows,
            [
                ("a/b/".to_owned(), "cloudtrail".to_owned(), 1, 2, 100),
                ("a/b/".to_owned(), "s3-access-log".to_owned(), 1, 1, 5),
            ]
        );
    }

    #[test]
    fn prefixes_are_cut_where_there_are_too_many() {
        let mut fold = VolumeFold::default();
        for n in 0..500 {
            let key = format!("in/{n}/file");
            fold.add(&read(&key, 1, &format!("R{n}")), Basis::CloudTrail);
        }
        let rows = fold.finish(&[]);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].prefix.as_str(), rows[0].objects, rows[0].bytes), ("in/", 500, 500));
        assert_eq!((prefix("a"), prefix("a/b"), prefix("a/b/c/d")), ("", "a/", "a/b/"));
    }
}

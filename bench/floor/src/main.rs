//! The floor of the trace benchmark: two threads that inflate and parse, no more.
//!
//! The fastest chain there is here: libdeflate over whole buffers, sonic-rs typed with lazy values. What is left out
//! (hashing, rules, lineage, coverage, output) is what Floodmark adds. Prints events and inflated bytes.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use sonic_rs::LazyValue;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, rename = "Records")]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "parsing the fields is the work that is measured")]
struct Record<'a> {
    event_time: &'a str,
    event_source: &'a str,
    event_name: &'a str,
    aws_region: &'a str,
    #[serde(borrow, rename = "sourceIPAddress")]
    source_ip_address: Option<&'a str>,
    #[serde(borrow)]
    user_agent: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    error_code: Option<&'a str>,
    #[serde(borrow, rename = "eventID")]
    event_id: Option<&'a str>,
    #[serde(borrow)]
    user_identity: Identity<'a>,
    #[serde(borrow)]
    request_parameters: Option<LazyValue<'a>>,
    #[serde(borrow)]
    response_elements: Option<LazyValue<'a>>,
    #[serde(borrow)]
    additional_event_data: Option<LazyValue<'a>>,
    #[serde(borrow)]
    recipient_account_id: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "parsing the fields is the work that is measured")]
struct Identity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a str>,
    #[serde(borrow)]
    arn: Option<&'a str>,
    #[serde(borrow)]
    account_id: Option<&'a str>,
    #[serde(borrow)]
    access_key_id: Option<&'a str>,
    #[serde(borrow)]
    session_context: Option<LazyValue<'a>>,
}

fn main() {
    let folder = std::env::args().nth(1).expect("usage: floodmark-floor FOLDER");
    let mut files = Vec::new();
    walk(PathBuf::from(folder), &mut files);
    let next = AtomicUsize::new(0);
    let (events, bytes) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(|| work(&files, &next))).collect();
        workers.into_iter().fold((0, 0), |(events, bytes), worker| {
            let (more_events, more_bytes) = worker.join().expect("a worker");
            (events + more_events, bytes + more_bytes)
        })
    });
    println!("{events} events {bytes} bytes");
}

fn walk(folder: PathBuf, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(path, files);
        } else if path.extension().is_some_and(|extension| extension == "gz") {
            files.push(path);
        }
    }
}

fn work(files: &[PathBuf], next: &AtomicUsize) -> (usize, usize) {
    let mut inflate = libdeflater::Decompressor::new();
    let mut buffer = Vec::new();
    let (mut events, mut bytes) = (0, 0);
    while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let found = std::fs::read(path).expect("a file");
        let size = found.last_chunk::<4>().map_or(0, |trailer| u32::from_le_bytes(*trailer) as usize);
        buffer.resize(buffer.len().max(size), 0);
        let count = inflate.gzip_decompress(&found, &mut buffer[..size]).expect("gzip");
        // Files that are no CloudTrail (flow logs, digests) are inflated and passed over, as Floodmark must read them too.
        if let Ok(file) = sonic_rs::from_slice::<File<'_>>(&buffer[..count]) {
            events += file.records.len();
        }
        bytes += count;
    }
    (events, bytes)
}

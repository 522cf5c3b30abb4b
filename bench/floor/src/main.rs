//! The floor of the trace benchmark: two threads that read, inflate and parse, no more.
//!
//! The fastest chain there is here: libdeflate over whole buffers, sonic-rs typed with lazy values. What is left out
//! (bounds on hostile input, hashing, rules, lineage, coverage, output) is what Floodmark adds. Every file is read and
//! every gzip file is inflated, as Floodmark must; only CloudTrail is parsed. Prints what it saw, so that a run that
//! passed over half of the events is seen and not taken for a fast one.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use sonic_rs::LazyValue;

const THREADS: usize = 2;
const GZIP: [u8; 2] = [0x1f, 0x8b];

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: floodmark-floor FOLDER");
        return ExitCode::from(2);
    };
    match run(Path::new(&folder)) {
        Ok(seen) => {
            let Seen { events, bytes, parsed, passed } = seen;
            println!("{events} events {bytes} bytes {parsed} files of CloudTrail {passed} others");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// What one thread, or all of them, went through; `bytes` after inflating.
#[derive(Default)]
struct Seen {
    events: usize,
    bytes: usize,
    parsed: usize,
    passed: usize,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.bytes += other.bytes;
        self.parsed += other.parsed;
        self.passed += other.passed;
    }
}

fn run(folder: &Path) -> Result<Seen, String> {
    let mut files = Vec::new();
    walk(folder, &mut files).map_err(|error| format!("{}: {error}", folder.display()))?;
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| work(&files, &next))).collect();
        let mut all = Seen::default();
        for worker in workers {
            all.add(&worker.join().map_err(|_| "a thread panicked".to_owned())??);
        }
        Ok(all)
    })
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn work(files: &[PathBuf], next: &AtomicUsize) -> Result<Seen, String> {
    let mut inflate = libdeflater::Decompressor::new();
    let (mut found, mut inflated) = (Vec::new(), Vec::new());
    let mut seen = Seen::default();
    while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let text = content(path, &mut inflate, &mut found, &mut inflated)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        seen.bytes += text.len();
        match cloudtrail(text) {
            Some(file) => {
                seen.events += file.records.len();
                seen.parsed += 1;
            }
            None => seen.passed += 1,
        }
    }
    Ok(seen)
}

fn content<'a>(
    path: &Path,
    inflate: &mut libdeflater::Decompressor,
    found: &'a mut Vec<u8>,
    inflated: &'a mut Vec<u8>,
) -> io::Result<&'a [u8]> {
    found.clear();
    File::open(path)?.read_to_end(found)?;
    if !found.starts_with(&GZIP) {
        return Ok(found);
    }
    // The size a gzip file gives of itself is believed here, since the files are the benchmark's own.
    let size = found.last_chunk::<4>().map_or(0, |trailer| u32::from_le_bytes(*trailer) as usize);
    inflated.resize(inflated.len().max(size), 0);
    let count = inflate.gzip_decompress(found, &mut inflated[..size]).map_err(io::Error::other)?;
    Ok(&inflated[..count])
}

/// A delivered log file, or nothing when the text is something else.
fn cloudtrail(text: &[u8]) -> Option<LogFile<'_>> {
    if !text.starts_with(b"{") {
        return None;
    }
    sonic_rs::from_slice(text).ok()
}

#[derive(Deserialize)]
struct LogFile<'a> {
    #[serde(borrow, rename = "Records")]
    records: Vec<Record<'a>>,
}

/// The fields that an engine cannot do without; text that may hold escapes stays raw. Insights have neither caller nor call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "parsing the fields is the work that is measured")]
struct Record<'a> {
    event_time: &'a str,
    #[serde(borrow)]
    event_source: Option<&'a str>,
    #[serde(borrow)]
    event_name: Option<&'a str>,
    aws_region: &'a str,
    #[serde(borrow, rename = "sourceIPAddress")]
    source_ip_address: Option<&'a str>,
    #[serde(borrow)]
    user_agent: Option<LazyValue<'a>>,
    #[serde(borrow)]
    error_code: Option<&'a str>,
    #[serde(borrow, rename = "eventID")]
    event_id: Option<&'a str>,
    #[serde(borrow)]
    user_identity: Option<Identity<'a>>,
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

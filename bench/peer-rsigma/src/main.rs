//! A peer of the trace benchmark: rsigma-eval over the same files and rules, with two threads.
//!
//! It is given the best case: files are inflated as the floor inflates them, an event is parsed once, only the rules for
//! CloudTrail are loaded, and a match is counted, not written. What it measures is a Sigma evaluator of the field at its work.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use rsigma_eval::{Engine, JsonEvent};
use serde_json::Value;

const USAGE: &str = "usage: floodmark-peer-rsigma EVENTS_FOLDER RULES_FOLDER [MAX_EVENTS]";
const THREADS: usize = 2;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let events = arguments.next().ok_or(USAGE)?;
    let rules = arguments.next().ok_or(USAGE)?;
    let limit = arguments.next().map_or(Ok(u64::MAX), |text| text.parse()).map_err(|_| USAGE)?;

    let engine = load_rules(Path::new(&rules))?;
    let files = files_below(Path::new(&events), "gz")?;
    let tally = Tally::default();

    let (wall, cpu) = (Instant::now(), cpu_seconds());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| evaluate(&engine, &files, &tally, limit));
        }
    });
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);

    let seen = tally.events.into_inner();
    println!(
        "{seen} events {} matches {} rules {wall:.2} s wall {cpu:.2} s cpu {:.0} events/s",
        tally.matches.into_inner(),
        engine.rule_count(),
        seen as f64 / wall
    );
    Ok(())
}

#[derive(Default)]
struct Tally {
    next: AtomicUsize,
    events: AtomicU64,
    matches: AtomicU64,
}

fn evaluate(engine: &Engine, files: &[PathBuf], tally: &Tally, limit: u64) {
    let mut inflate = libdeflater::Decompressor::new();
    let mut buffer = Vec::new();
    while let Some(path) = files.get(tally.next.fetch_add(1, Ordering::Relaxed)) {
        if tally.events.load(Ordering::Relaxed) >= limit {
            return;
        }
        let Some(text) = inflated(path, &mut inflate, &mut buffer) else { continue };
        let Ok(Value::Object(mut file)) = serde_json::from_slice(text) else { continue };
        let Some(Value::Array(records)) = file.remove("Records") else { continue };
        let matches: usize =
            records.iter().map(|record| engine.evaluate(&JsonEvent::borrow(record)).len()).sum();
        tally.events.fetch_add(records.len() as u64, Ordering::Relaxed);
        tally.matches.fetch_add(matches as u64, Ordering::Relaxed);
    }
}

fn inflated<'a>(
    path: &Path,
    inflate: &mut libdeflater::Decompressor,
    buffer: &'a mut Vec<u8>,
) -> Option<&'a [u8]> {
    let found = std::fs::read(path).ok()?;
    let size = u32::from_le_bytes(*found.last_chunk::<4>()?) as usize;
    buffer.resize(buffer.len().max(size), 0);
    let count = inflate.gzip_decompress(&found, &mut buffer[..size]).ok()?;
    Some(&buffer[..count])
}

/// Loads each file's rules for CloudTrail; what the crate cannot parse or compile is counted and told.
fn load_rules(folder: &Path) -> Result<Engine, String> {
    let mut engine = Engine::new();
    let mut refused = 0;
    for path in files_below(folder, "yml")? {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let Ok(collection) = rsigma_parser::parse_sigma_yaml(&text) else {
            refused += 1;
            continue;
        };
        let wanted =
            collection.rules.iter().filter(|rule| rule.logsource.service.as_deref() == Some("cloudtrail"));
        refused += engine.add_rules(wanted).len();
    }
    if refused > 0 {
        eprintln!("{refused} rules refused by the peer");
    }
    if engine.rule_count() == 0 {
        return Err(format!("{}: no rule for CloudTrail", folder.display()));
    }
    Ok(engine)
}

fn files_below(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn cpu_seconds() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

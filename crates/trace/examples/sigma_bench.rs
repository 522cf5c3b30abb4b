//! How long one event takes, with few rules and with many: `sigma_bench RULES EVENTS [ROUNDS]`.
//!
//! The events are parsed before the clock starts; what is timed is the asking of the rules alone, over events
//! held as JSON trees.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use floodmark_trace::sigma::{JsonFields, LoadOptions, Matcher, RuleSet, read_rules};
use serde_json::Value as Json;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(rules), Some(events)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: sigma_bench RULES EVENTS [ROUNDS]");
        return;
    };
    let rounds: u32 = arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(100);
    let (sources, unread) = read_rules(Path::new(&rules));
    let started = Instant::now();
    let set = Arc::new(RuleSet::load(&sources, &LoadOptions::default()));
    let loading = started.elapsed();
    for problem in unread.iter().chain(set.problems()) {
        println!("{}: {:?}: {}", problem.place, problem.effect, problem.reason);
    }
    let mut all = Vec::new();
    read_events(Path::new(&events), &mut all);
    let mut matcher = Matcher::new(set.clone());
    let mut found = 0_u64;
    all.iter().for_each(|event| matcher.matches(&JsonFields::new(event), |_| found += 1));
    let started = Instant::now();
    for _ in 0..rounds {
        all.iter().for_each(|event| matcher.matches(&JsonFields::new(event), |_| found += 1));
    }
    let asked = f64::from(rounds) * all.len() as f64;
    println!(
        "{} files, {} rules ({} for other logs), loaded in {loading:?}; {} events, {} matches a round; {:.0} ns an event",
        sources.len(),
        set.rules().count(),
        set.not_applicable().len(),
        all.len(),
        found / u64::from(rounds + 1),
        started.elapsed().as_secs_f64() * 1e9 / asked,
    );
}

fn read_events(path: &Path, out: &mut Vec<Json>) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| read_events(entry, out));
        return;
    }
    let tree: Json =
        std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Json::Null);
    match tree {
        Json::Array(events) => out.extend(events),
        Json::Object(mut object) => {
            if let Some(Json::Array(events)) = object.remove("Records") {
                out.extend(events);
            }
        }
        _ => {}
    }
}

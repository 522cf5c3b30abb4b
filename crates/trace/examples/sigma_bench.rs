//! How long one event takes, with few rules and with many: `sigma_bench RULES EVENTS [ROUNDS]`.
//!
//! Timed, as the quickest of many rounds, is the asking of the rules alone: over events held as JSON trees, and
//! over events whose fields lie ready (what a reader made for its log comes near to).

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use floodmark_trace::sigma::{
    FieldPath, Fields, JsonFields, LoadOptions, Matcher, Presence, RuleSet, See, Slot, Value, read_rules,
};
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
    let set = Arc::new(RuleSet::load(&sources, &LoadOptions { slot, ..LoadOptions::default() }));
    let loading = started.elapsed();
    for problem in unread.iter().chain(set.problems()) {
        println!("{}: {:?}: {}", problem.place, problem.effect, problem.reason);
    }
    let mut all = Vec::new();
    read_events(Path::new(&events), &mut all);
    let trees: Vec<JsonFields<'_>> = all.iter().map(JsonFields::new).collect();
    let ready: Vec<Ready<'_>> = trees.iter().map(Ready::new).collect();
    let started = Instant::now();
    ask(&set, &ready, 0);
    let learning = started.elapsed().as_secs_f64() * 1e3;
    println!(
        "{} files, {} rules ({} for other logs), loaded in {loading:?}; {} events, {} matches; an event takes {:.0} ns as a tree, {:.0} ns ready; the first round took {learning:.0} ms",
        sources.len(),
        set.rules().count(),
        set.not_applicable().len(),
        all.len(),
        ask(&set, &trees, 1).0,
        ask(&set, &trees, rounds).1,
        ask(&set, &ready, rounds).1,
    );
}

/// The matches of one round, and the nanoseconds an event takes in the quickest round, after one in which the
/// matcher learns.
fn ask<F: Fields>(set: &Arc<RuleSet>, events: &[F], rounds: u32) -> (u64, f64) {
    let mut matcher = Matcher::new(set.clone());
    for event in events {
        matcher.matches(event, |_| ());
    }
    let mut found = 0;
    let mut quickest = f64::INFINITY;
    for _ in 0..rounds {
        found = 0;
        let started = Instant::now();
        for event in events {
            matcher.matches(event, |_| found += 1);
        }
        quickest = quickest.min(started.elapsed().as_secs_f64() * 1e9);
    }
    (found, quickest / events.len() as f64)
}

/// The field paths that rules have asked for; a path's slot is its place here, from 1.
static PATHS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn slot(path: &str) -> Slot {
    let Ok(mut paths) = PATHS.lock() else { return Slot::default() };
    paths.push(path.to_owned());
    Slot { number: u32::try_from(paths.len()).unwrap_or(0), recurs: false }
}

/// An event with its values looked up beforehand.
struct Ready<'e> {
    tree: &'e JsonFields<'e>,
    /// By slot less one.
    values: Vec<(Presence, Vec<Held>)>,
}

enum Held {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Composite(String),
}

impl<'e> Ready<'e> {
    fn new(tree: &'e JsonFields<'e>) -> Self {
        let paths = PATHS.lock().map(|paths| paths.clone()).unwrap_or_default();
        let values = paths.iter().map(|path| {
            let mut held = Vec::new();
            let presence = tree.visit(&FieldPath::new(path), &mut |value| {
                held.push(match value {
                    Value::Null => Held::Null,
                    Value::Bool(truth) => Held::Bool(truth),
                    Value::Number(text) => Held::Number(text.to_owned()),
                    Value::Text(text) => Held::Text(text.to_owned()),
                    Value::Composite(text) => Held::Composite(text.to_owned()),
                });
                ControlFlow::Continue(())
            });
            (presence, held)
        });
        Self { tree, values: values.collect() }
    }
}

impl Fields for Ready<'_> {
    fn selector(&self) -> (&str, &str) {
        self.tree.selector()
    }

    fn visit(&self, path: &FieldPath, see: See<'_>) -> Presence {
        let at = path.slot() as usize;
        let Some((presence, held)) = self.values.get(at.wrapping_sub(1)) else { return Presence::Absent };
        for value in held {
            let seen = see(match value {
                Held::Null => Value::Null,
                Held::Bool(truth) => Value::Bool(*truth),
                Held::Number(text) => Value::Number(text),
                Held::Text(text) => Value::Text(text),
                Held::Composite(text) => Value::Composite(text),
            });
            if seen.is_break() {
                break;
            }
        }
        *presence
    }

    fn visit_all(&self, see: See<'_>) {
        self.tree.visit_all(see);
    }
}

fn read_events(path: &Path, out: &mut Vec<Json>) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for entry in &entries {
            read_events(entry, out);
        }
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

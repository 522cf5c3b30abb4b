//! The same rules over the same events through pySigma's `SQLite` backend: the same matches, event by event.
//! `tests/differential/README.md` tells how.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use floodmark_trace::sigma::{
    Fields, JsonFields, LoadOptions, Matcher, RawFields, RuleSet, RuleSource, read_rules,
};
use serde_json::Value as Json;

type Matches = BTreeSet<(String, String)>;

#[test]
fn every_event_matches_the_rules_it_matches_in_the_peer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scripts = root.join("tests/differential");
    let Some(python) = peer(&root, &scripts) else { return };
    let composed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sigma-composed.yml");
    fs::write(&composed, run(&python, &scripts.join("compose.py"), &[])).unwrap();
    let mut rules = vec![scripts.join("rules.yml"), composed];
    let mut logs = Vec::new();
    if let Some(shared) = shared(&root) {
        rules.push(shared.join("sigma/aws"));
        logs.push(shared.join("cloudtrail"));
    } else {
        println!("SKIPPED in part: no shared data, so only this folder's rules are compared");
    }
    let generated = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sigma-differential.jsonl");
    fs::write(&generated, run(&python, &scripts.join("generate.py"), &rules)).unwrap();
    logs.push(generated);

    let arguments: Vec<PathBuf> =
        rules.iter().cloned().chain(["--".into()]).chain(logs.iter().cloned()).collect();
    let theirs: Matches = run(&python, &scripts.join("peer.py"), &arguments)
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(rule, event)| (rule.to_owned(), event.to_owned()))
        .collect();
    let (ours, asked, events) = ours(&rules, &logs);

    let only =
        |these: &Matches, those: &Matches| these.difference(those).take(10).cloned().collect::<Vec<_>>();
    let (only_ours, only_theirs) = (only(&ours, &theirs), only(&theirs, &ours));
    assert!(
        only_ours.is_empty() && only_theirs.is_empty(),
        "only ours: {only_ours:#?}\nonly theirs: {only_theirs:#?}"
    );
    let fired: BTreeSet<&String> = theirs.iter().map(|(rule, _)| rule).collect();
    let silent: Vec<_> = asked.iter().filter(|(id, _)| !fired.contains(id)).collect();
    assert!(silent.is_empty(), "no event fires {silent:#?}, so the comparison says nothing of them");
    let count = |id: &str| theirs.iter().filter(|(rule, _)| rule == id).count();
    let always: Vec<_> = asked.iter().filter(|(id, _)| count(id) >= events).collect();
    assert!(always.is_empty(), "every event fires {always:#?}, so the comparison says nothing of them");
    println!("{} rules, {events} events, {} matches, the same in both", asked.len(), ours.len());
}

/// Our matches, the rules asked, by id, and of how many events they were asked.
fn ours(rules: &[PathBuf], logs: &[PathBuf]) -> (Matches, BTreeMap<String, String>, usize) {
    let mut sources: Vec<RuleSource> = Vec::new();
    for path in rules {
        let (read, unread) = read_rules(path);
        assert!(unread.is_empty(), "{unread:?}");
        sources.extend(read);
    }
    let set = Arc::new(RuleSet::load(&sources, &LoadOptions::default()));
    assert!(set.problems().is_empty(), "{:#?}", set.problems());
    let ids: Vec<String> = set.rules().map(|(_, rule)| rule.meta.id.clone().unwrap()).collect();
    let titles =
        set.rules().map(|(index, rule)| (ids[index.get()].clone(), rule.meta.title.clone())).collect();
    let mut events = Vec::new();
    for path in logs {
        read_events(path, &mut events);
    }
    let texts: Vec<String> = events.iter().map(Json::to_string).collect();
    let each = |fields: &mut dyn Iterator<Item = Box<dyn Fields + '_>>| {
        let mut matcher = Matcher::new(set.clone());
        let mut found = Matches::new();
        for (event, fields) in events.iter().zip(fields) {
            let id = event["eventID"].as_str().unwrap();
            matcher.matches(&*fields, |rule| {
                found.insert((ids[rule.get()].clone(), id.to_owned()));
            });
        }
        found
    };
    let found = each(&mut events.iter().map(|event| Box::new(JsonFields::new(event)) as Box<dyn Fields>));
    let unselected = each(
        &mut events.iter().map(|event| Box::new(JsonFields::without_selector(event)) as Box<dyn Fields>),
    );
    let raw = each(&mut texts.iter().map(|event| Box::new(RawFields::new(event)) as Box<dyn Fields>));
    assert_eq!(found, unselected, "the selector is a short cut and changes nothing");
    assert_eq!(found, raw, "an event's text says what its tree says");
    (found, titles, events.len())
}

fn read_events(path: &Path, out: &mut Vec<Json>) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for entry in &entries {
            read_events(entry, out);
        }
        return;
    }
    let text = || fs::read_to_string(path).unwrap();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl") => out.extend(text().lines().map(|line| serde_json::from_str::<Json>(line).unwrap())),
        Some("json") => match serde_json::from_str(&text()).unwrap() {
            Json::Array(events) => out.extend(events),
            mut tree => match tree["Records"].take() {
                Json::Array(events) => out.extend(events),
                other => panic!("{} holds no events: {other}", path.display()),
            },
        },
        _ => {}
    }
}

fn shared(root: &Path) -> Option<PathBuf> {
    let named = std::env::var_os("FLOODMARK_SHARED").map(PathBuf::from);
    let data = named.unwrap_or_else(|| root.join("../shared")).join("data");
    data.is_dir().then_some(data)
}

/// A Python that has the peer: an environment of its own, built once for these versions.
fn peer(root: &Path, scripts: &Path) -> Option<PathBuf> {
    let wanted = fs::read_to_string(scripts.join("requirements.txt")).unwrap();
    let home = root.join("target/sigma-differential");
    let python = home.join("bin/python");
    let mark = home.join("requirements.txt");
    if fs::read_to_string(&mark).is_ok_and(|built| built == wanted) {
        return Some(python);
    }
    let list = scripts.join("requirements.txt");
    let make: [&OsStr; 4] = ["-m".as_ref(), "venv".as_ref(), "--clear".as_ref(), home.as_ref()];
    let fill: [&OsStr; 6] =
        ["-m".as_ref(), "pip".as_ref(), "install".as_ref(), "-q".as_ref(), "-r".as_ref(), list.as_ref()];
    let steps: [(&Path, &[&OsStr]); 2] = [(Path::new("python3"), &make), (&python, &fill)];
    for (program, arguments) in steps {
        let outcome = Command::new(program).args(arguments).output();
        let failed = match outcome {
            Ok(output) if output.status.success() => continue,
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        println!("SKIPPED: the peer can't be installed ({}): {failed}", program.display());
        return None;
    }
    fs::write(mark, wanted).unwrap();
    Some(python)
}

fn run(python: &Path, script: &Path, arguments: &[PathBuf]) -> String {
    let output = Command::new(python).arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

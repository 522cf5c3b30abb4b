//! What a rehearsal writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use floodmark_rehearse::{Basis, Blindness, Intrusion, Plan, RehearseError, Summary, Truth, write};
use serde_json::Value;
use sha2::{Digest, Sha256};

const SMALL: u64 = 2_000;

struct Written {
    folder: tempfile::TempDir,
    summary: Summary,
}

fn rehearse(events: u64, seed: u64, intrusion: Intrusion) -> Written {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let summary = write(Plan { events, seed, intrusion }, folder.path()).expect("written");
    Written { folder, summary }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn tree_hash(folder: &Path) -> Vec<u8> {
    let mut hash = Sha256::new();
    for path in files(folder) {
        hash.update(path.strip_prefix(folder).expect("below").to_string_lossy().as_bytes());
        hash.update(fs::read(&path).expect("a file"));
    }
    hash.finalize().to_vec()
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path).expect("a file"))
        .read_to_string(&mut text)
        .expect("gzip");
    text
}

/// All records of the trail, with the path of their file.
fn records(folder: &Path) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for path in files(folder) {
        let name = path.to_string_lossy().into_owned();
        if !name.contains("/CloudTrail/") {
            continue;
        }
        let mut log: Value = serde_json::from_str(&unpacked(&path)).expect("JSON");
        for record in log["Records"].as_array_mut().expect("records").drain(..) {
            all.push((name.clone(), record));
        }
    }
    all
}

fn truth(written: &Written) -> Truth {
    Truth::load(written.folder.path().join("truth.json")).expect("a truth")
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let hash = |seed| tree_hash(rehearse(SMALL, seed, Intrusion::Woven).folder.path());
    assert_eq!(hash(5), hash(5));
    assert_ne!(hash(5), hash(6));
}

#[test]
fn the_small_rehearsal_is_below_two_megabytes_and_has_as_many_events_as_asked_for() {
    for seed in [1, 2, 3] {
        let written = rehearse(SMALL, seed, Intrusion::Woven);
        let bytes: u64 =
            files(written.folder.path()).iter().map(|path| path.metadata().expect("a size").len()).sum();
        assert_eq!(bytes, written.summary.bytes);
        assert!(bytes < 2_000_000, "{bytes}");
        assert_eq!(records(written.folder.path()).len() as u64, written.summary.events);
        assert!((SMALL - 40..=SMALL).contains(&written.summary.events), "{}", written.summary.events);
    }
}

#[test]
fn every_record_parses_has_an_id_of_its_own_and_stands_in_the_right_file() {
    let written = rehearse(15_000, 3, Intrusion::Woven);
    let mut ids = BTreeSet::new();
    let mut bytes = 0;
    let all = records(written.folder.path());
    for (path, record) in &all {
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        assert!(ids.insert(text("eventID")), "{record}");
        assert!(
            path.contains(&format!("/{}/CloudTrail/{}/", text("recipientAccountId"), text("awsRegion"))),
            "{path} {record}"
        );
        assert!(path.contains(&format!("/2026/03/{}/", &text("eventTime")[8..10])), "{path} {record}");
        assert_eq!(text("eventTime").len(), 20);
        bytes += record.to_string().len();
    }
    let each = bytes / all.len();
    assert!((1_000..=1_700).contains(&each), "{each} bytes per event");
}

#[test]
fn without_the_intrusion_the_innocent_events_are_the_same_but_for_the_stopped_trail() {
    for (events, seed) in [(SMALL, 4), (25_000, 9)] {
        let woven = rehearse(events, seed, Intrusion::Woven);
        let absent = rehearse(events, seed, Intrusion::Absent);
        let by_id = |written: &Written| -> BTreeMap<String, Value> {
            records(written.folder.path())
                .into_iter()
                .map(|(_, record)| (record["eventID"].as_str().expect("an id").to_owned(), record))
                .collect()
        };
        let truth = truth(&woven);
        let dark = truth.unknowable.iter().find(|one| one.kind == Blindness::LoggingStopped).expect("a gap");
        let window = dark.window.expect("a window");
        let (woven, absent) = (by_id(&woven), by_id(&absent));
        let mut swallowed = 0;
        for (id, record) in &absent {
            if let Some(same) = woven.get(id) {
                assert_eq!(same, record);
                continue;
            }
            swallowed += 1;
            let at = record["eventTime"].as_str().expect("a time").parse().expect("a time");
            assert!(record["awsRegion"] == dark.what.as_str() && window.contains(at), "{record}");
        }
        assert!(events == SMALL || swallowed > 0, "the stopped trail swallowed nothing");
        let added = woven.keys().filter(|id| !absent.contains_key(*id)).count() as u64;
        let responders = added - truth.intruder_events;
        assert!((5..30).contains(&responders), "{added} {}", truth.intruder_events);
    }
}

#[test]
fn without_the_intrusion_the_truth_is_empty() {
    let truth = truth(&rehearse(SMALL, 4, Intrusion::Absent));
    assert_eq!(truth.intrusion, Intrusion::Absent);
    assert!(truth.start.is_empty() && truth.credentials.is_empty() && truth.reached.is_empty());
    assert!(truth.leftovers.is_empty() && truth.volumes.is_empty() && truth.addresses.is_empty());
}

#[test]
fn every_credential_of_the_truth_occurs_in_the_logs_after_it_fell() {
    for seed in [1, 8] {
        let written = rehearse(SMALL, seed, Intrusion::Woven);
        let all: Vec<(String, String)> = records(written.folder.path())
            .into_iter()
            .map(|(_, record)| {
                (record["eventTime"].as_str().unwrap_or_default().to_owned(), record.to_string())
            })
            .collect();
        for credential in truth(&written).credentials {
            let name = credential.id.split('#').next().expect("a part");
            // Some calls name a user or a role without its ARN.
            let short = name.rsplit('/').next().expect("a part");
            let fell = credential.fell.to_string();
            assert!(all.iter().any(|(at, text)| *at >= fell && text.contains(short)), "{credential:?}");
        }
    }
}

#[test]
fn the_intrusion_is_whole_at_every_size_and_as_reported_in_every_fourth_seed() {
    let shapes = shapes(&[(1_500, 1), (SMALL, 5), (SMALL, 77), (12_000, 9)]);
    assert_eq!(shapes.len(), 1, "{shapes:?}");
}

#[test]
fn in_other_seeds_it_is_another_intrusion_with_ordinary_tools() {
    let shapes = shapes(&[(1_500, 2), (1_500, 3), (1_500, 4), (1_500, 6), (1_500, 10)]);
    assert!(shapes.len() >= 3, "{shapes:?}");
    for seed in [2, 3, 4] {
        let written = rehearse(1_500, seed, Intrusion::Woven);
        let told: Vec<String> =
            records(written.folder.path()).into_iter().map(|(_, record)| record.to_string()).collect();
        let reported = ["TruffleHog", "kali", "s5cmd", "exfil-s3-full", "154.47.29.12"];
        assert!(!told.iter().any(|text| reported.iter().any(|sign| text.contains(sign))), "seed {seed}");
    }
}

/// Kinds of credentials, kinds of leftovers, and how many entities, undone things and milestones.
type Shape = (Vec<String>, Vec<String>, usize, usize, usize);

/// What the truths of these rehearsals hold, each once; whatever the size and seed, the data taken is the same.
fn shapes(plans: &[(u64, u64)]) -> BTreeSet<Shape> {
    let mut shapes = BTreeSet::new();
    for &(events, seed) in plans {
        let truth = truth(&rehearse(events, seed, Intrusion::Woven));
        let kinds: Vec<String> =
            truth.credentials.iter().map(|credential| format!("{:?}", credential.kind)).collect();
        let left: Vec<String> = truth.leftovers.iter().map(|left| format!("{:?}", left.kinds)).collect();
        shapes.insert((kinds, left, truth.entities.len(), truth.undone.len(), truth.milestones.len()));
        assert_eq!(truth.entities.iter().filter(|entity| entity.internal).count(), 42);
        assert_eq!(truth.bytes().0, 91_700_000_000);
        assert!(truth.bytes().1 < truth.bytes().0, "some of it no log shows");
        assert!(truth.intruder_events <= 260.max(events * 8 / 100), "{}", truth.intruder_events);
    }
    shapes
}

#[test]
fn the_logs_show_the_volume_of_the_truth_to_the_byte() {
    let written = rehearse(8_000, 12, Intrusion::Woven);
    let truth = truth(&written);
    let intruders: BTreeSet<&str> = truth.addresses.iter().map(String::as_str).collect();
    let mut trail: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (_, record) in records(written.folder.path()) {
        if record["eventName"] == "GetObject"
            && intruders.contains(record["sourceIPAddress"].as_str().unwrap_or_default())
        {
            let bucket = format!(
                "arn:aws:s3:::{}",
                record["requestParameters"]["bucketName"].as_str().expect("a bucket")
            );
            let sum = trail.entry(bucket).or_default();
            sum.0 += 1;
            sum.1 += record["additionalEventData"]["bytesTransferredOut"].as_u64().expect("bytes");
        }
    }
    let mut access: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for path in files(&written.folder.path().join("s3-access-logs")) {
        for line in fs::read_to_string(path).expect("text").lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            if intruders.contains(fields[4]) {
                let sum = access.entry(format!("arn:aws:s3:::{}", fields[1])).or_default();
                sum.0 += 1;
                sum.1 += fields[14].parse::<u64>().expect("bytes");
            }
        }
    }
    for volume in &truth.volumes {
        let shown = (volume.objects, volume.bytes);
        let (in_trail, in_access) = (trail.get(&volume.resource), access.get(&volume.resource));
        match volume.basis {
            Basis::Cloudtrail => {
                assert_eq!(in_trail, Some(&shown), "{}", volume.resource);
                assert_eq!(in_access, volume.told_twice.then_some(&shown), "{}", volume.resource);
            }
            Basis::S3AccessLog => {
                assert_eq!(in_access, Some(&shown), "{}", volume.resource);
                assert_eq!(in_trail, None, "{}", volume.resource);
            }
            Basis::None => assert_eq!((in_trail, in_access), (None, None), "{}", volume.resource),
        }
    }
    let twice = truth.volumes.iter().filter(|volume| volume.told_twice).count();
    assert!(twice > 0 && truth.volumes.iter().any(|volume| volume.basis == Basis::None));
}

#[test]
fn the_pipeline_goes_on_with_the_stolen_key_from_its_own_network_until_the_key_is_switched_off() {
    let written = rehearse(8_000, 2, Intrusion::Woven);
    let truth = truth(&written);
    let (key, fell) = (&truth.start[0].id, truth.start[0].fell.to_string());
    let mut own = Vec::new();
    for (_, record) in records(written.folder.path()) {
        let by = record["userIdentity"]["accessKeyId"].as_str() == Some(key);
        let address = record["sourceIPAddress"].as_str().unwrap_or_default();
        if by && !truth.addresses.iter().any(|one| one == address) {
            assert!(address.starts_with("192.0.2."), "{address}");
            own.push(record["eventTime"].as_str().unwrap_or_default().to_owned());
        }
    }
    assert!(
        own.iter().filter(|at| **at > fell).count() > 20 && own.iter().filter(|at| **at < fell).count() > 20
    );
    assert!(own.iter().all(|at| at.as_str() < "2026-03-25T09:20"), "{:?}", own.iter().max());
}

#[test]
fn a_folder_that_holds_something_and_a_plan_that_holds_too_little_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let few = write(Plan { events: 10, seed: 1, intrusion: Intrusion::Woven }, folder.path());
    assert!(matches!(few, Err(RehearseError::TooFew { events: 10, .. })));
    fs::write(folder.path().join("mine"), "x").expect("a file");
    let held = write(Plan { events: SMALL, seed: 1, intrusion: Intrusion::Woven }, folder.path());
    assert!(matches!(held, Err(RehearseError::NotEmpty(_))));
    assert_eq!(files(folder.path()).len(), 1, "nothing was written");
}

#[test]
fn a_truth_that_is_none_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("truth.json");
    assert!(matches!(Truth::load(&path), Err(RehearseError::Read { .. })));
    fs::write(&path, "{\"schema\": 3}").expect("a file");
    let error = Truth::load(&path).expect_err("no truth").to_string();
    assert!(error.contains("truth.json: not a truth"), "{error}");
}

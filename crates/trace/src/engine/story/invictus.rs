//! The story of a real simulation; needs data that is not in the repository.

use std::path::PathBuf;

use floodmark_case::{Access, LeftoverKind};

use super::*;
use crate::engine::births::BirthsFold;
use crate::engine::leftover::UndoFold;
use crate::engine::lineage::{Inside, SightingsFold, Start};
use crate::event::Events;

/// The delivered files, by name; `None` where the data is absent.
fn files() -> Option<Vec<String>> {
    let shared = std::env::var_os("FLOODMARK_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let folder = std::fs::read_dir(shared.join("data/cloudtrail/invictus/CloudTrail")).ok()?;
    let mut paths: Vec<PathBuf> = folder.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).ok()).collect()
}

fn each(files: &[String], mut look: impl FnMut(&Event<'_>, Place)) {
    let mut events = Events::default();
    for (input, file) in (0..).zip(files) {
        let records = crate::json::Json::new(file).get("Records").expect("records");
        for (record, value) in (0..).zip(records.elements()) {
            let wire = serde_json::from_str(value.raw()).expect("an event");
            let event = events.event(wire).expect("a time");
            look(&event, Place { input, record });
        }
    }
}

#[test]
fn the_simulation_is_told_from_its_keys_to_their_sessions_and_leftovers() {
    let Some(files) = files() else {
        eprintln!("SKIPPED: no invictus data; set FLOODMARK_SHARED to the folder that holds it");
        return;
    };
    let (mut births, mut sightings, mut undos) =
        (BirthsFold::default(), SightingsFold::default(), UndoFold::default());
    each(&files, |event, place| {
        births.observe(event, place);
        sightings.observe(event, place);
        undos.observe(event, place);
    });
    let start = |id: &str| Start { id: id.to_owned(), ..Start::default() };
    let starts = [start("AKIATFQR7NSC8Q4X20BJ"), start("AKIATFQR7NSCUXC3DDDP")];
    let lineage = Lineage::trace(births, sightings, &starts, Inside::default());
    let mut story = StoryFold::default();
    each(&files, |event, place| {
        story.observe(&lineage, event, place);
    });
    let telling = story.finish(&lineage, &undos.finish(), &[]);
    show(&telling, &lineage);

    let has =
        |id: &str| telling.credentials.iter().any(|credential| credential.tainted && credential.id == id);
    assert!(has("ASIATFQR7NSCWLLE7IWW"), "the session of the get-password-data role");
    assert!(has("AKIATFQR7NSC3ZO6PKAZ"), "the key made for the backdoor user");
    let reached = |access, end: &str| {
        telling.reached.iter().any(|reached| reached.access == access && reached.resource.ends_with(end))
    };
    assert!(reached(Access::Read, ":secret:stratus-red-team-retrieve-secret-11"));
    assert!(reached(Access::Read, ":parameter/credentials/stratus-red-team/credentials-11"));
    // the bench cleaned up after itself
    assert!(!telling.leftovers.iter().any(|leftover| leftover.kind == LeftoverKind::User));
}

fn show(telling: &Telling, lineage: &Lineage) {
    for credential in &telling.credentials {
        eprintln!(
            "C {} {:?} <- {:?} {} {:?} {} calls {:?}",
            credential.id,
            credential.kind,
            credential.parent,
            credential.how,
            credential.fell,
            credential.calls,
            credential.confidence
        );
    }
    for run in &telling.runs {
        let row = &run.row;
        eprintln!(
            "T {} {} {} x{} {:?} {:?} {:?}",
            row.window.from, row.credential, row.call, row.count, row.outcome, row.error, row.resources
        );
    }
    for reached in &telling.reached {
        eprintln!(
            "R {:?} {} {} x{} {}",
            reached.access, reached.kind, reached.resource, reached.count, reached.account
        );
    }
    for left in &telling.leftovers {
        eprintln!("L {} {:?} {} {} | {}", left.since, left.kind, left.resource, left.region, left.undo);
    }
    for volume in &telling.volumes {
        eprintln!("V {} {} {} {}", volume.resource, volume.prefix, volume.reads, volume.bytes);
    }
    for sentence in lineage.unknown() {
        eprintln!("U {sentence}");
    }
}

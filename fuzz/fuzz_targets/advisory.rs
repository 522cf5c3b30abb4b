//! Advisories as JSON and as YAML, and what is asked of them.
#![no_main]

use floodmark_intel::read::{Tree, json, osv, yaml};
use floodmark_intel::version::Ecosystem;

fn read(tree: &Tree) {
    let Ok((advisory, notes)) = osv(tree) else { return };
    assert!(notes.iter().all(|note| !note.at.is_empty() && !note.what.is_empty()));
    let kept = serde_json::to_vec(&advisory).expect("it is made of texts");
    assert_eq!(serde_json::from_slice::<floodmark_intel::advisory::Advisory>(&kept).expect("it is read again"), advisory);
    let _ = advisory.gist();
    for affected in &advisory.affected {
        let Some(package) = &affected.package else { continue };
        let Ok(ecosystem) = package.ecosystem.parse::<Ecosystem>() else { continue };
        for range in &affected.ranges {
            let _ = range.compile(&ecosystem);
        }
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = json(bytes).map(|tree| read(&tree));
    let _ = yaml(bytes).map(|tree| read(&tree));
});

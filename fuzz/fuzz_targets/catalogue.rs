//! CISA's catalogue, FIRST's table, indicators of STIX and MISP.
#![no_main]

use floodmark_intel::read::{epss, json, kev, misp, stix};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(tree) = json(text.as_bytes()) {
        let _ = kev(&tree);
        for (observable, _) in stix(&tree).mentions.into_iter().chain(misp(&tree).mentions) {
            let _ = observable.wider();
        }
    }
    if let Ok((_, rows, _)) = epss(text) {
        assert!(rows.iter().all(|(_, epss)| epss.probability() <= 1.0 && epss.rank() <= 1.0));
    }
});

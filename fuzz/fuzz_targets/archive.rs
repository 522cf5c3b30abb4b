//! Zip archives: every entry that their directory names.
#![no_main]

use std::fs::File;
use std::io::Write;

use floodmark_intel::read::Zip;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("floodmark-fuzz-archive-{}", std::process::id()));
    let written = File::create(&path).and_then(|mut file| file.write_all(bytes));
    written.expect("a temporary file");
    if let Ok(zip) = Zip::open(File::open(&path).expect("it was written")) {
        for entry in zip.entries().take(64) {
            let _ = entry.map(|entry| zip.read(&entry));
        }
    }
});

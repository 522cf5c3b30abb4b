//! What Homebrew installed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    floodmark_scan::fuzzing::read_as("Brewfile.lock.json", bytes);
    floodmark_scan::fuzzing::read_as("Cellar/a/1/INSTALL_RECEIPT.json", bytes);
});

//! Workflows and actions of GitHub, and YAML as all readers of it see it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    floodmark_scan::fuzzing::read_as(".github/workflows/ci.yml", bytes);
    floodmark_scan::fuzzing::read_as("action.yml", bytes);
});

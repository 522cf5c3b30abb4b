//! SBOMs, whose kind is told by their content.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as("bom.cdx.json", bytes));

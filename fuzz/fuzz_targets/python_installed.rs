//! The metadata of an installed Python package.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as("a.dist-info/METADATA", bytes));

//! The description of a package of R.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as("DESCRIPTION", bytes));

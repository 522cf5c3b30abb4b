//! Programs, by what they begin with.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_inside(bytes));

//! `.gitmodules`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as(".gitmodules", bytes));

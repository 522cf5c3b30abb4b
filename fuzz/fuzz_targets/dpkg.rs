//! `var/lib/dpkg/status`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as("var/lib/dpkg/status", bytes));

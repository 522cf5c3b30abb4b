//! `var/lib/pacman/local/a-1/desc`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as("var/lib/pacman/local/a-1/desc", bytes));

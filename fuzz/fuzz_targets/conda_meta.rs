//! A record of what is installed in a conda environment.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as("conda-meta/a.json", bytes));

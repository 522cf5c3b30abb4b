//! `go.mod` and `go.sum`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    floodmark_scan::fuzzing::read_as("go.mod", bytes);
    floodmark_scan::fuzzing::read_as("go.sum", bytes);
});

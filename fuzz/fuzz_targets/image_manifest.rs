//! A registry's manifest, and the choice of a platform from it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_fetch::fuzzing::manifest(bytes));

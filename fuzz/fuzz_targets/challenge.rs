//! A registry's challenge.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| floodmark_fetch::fuzzing::challenge(text));

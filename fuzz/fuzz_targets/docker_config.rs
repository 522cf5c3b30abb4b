//! The credentials that `docker login` wrote.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_fetch::fuzzing::docker_config(bytes));

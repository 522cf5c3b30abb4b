//! Pipelines of CircleCI.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as(".circleci/config.yml", bytes));

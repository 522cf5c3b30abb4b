//! The splitter gives the same pieces whatever the size of its window, and ends.
#![no_main]

use floodmark_trace::read::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::split(bytes));

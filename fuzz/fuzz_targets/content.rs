//! Inflating: gzip and zstd, whole and streamed, agree and stay within bounds.
#![no_main]

use floodmark_trace::read::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::content(bytes));

//! The database of RPM in any of its forms: which it is, its first bytes tell.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| floodmark_scan::fuzzing::read_as("var/lib/rpm/Packages", bytes));

//! VEX documents, whose kind is told by their content.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = floodmark_scan::Vex::read("vex.json", bytes);
});

//! Lock files and modules of Terraform.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    floodmark_scan::fuzzing::read_as(".terraform.lock.hcl", bytes);
    floodmark_scan::fuzzing::read_as("main.tf", bytes);
});

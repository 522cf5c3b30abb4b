//! Extensions of Visual Studio Code.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    floodmark_scan::fuzzing::read_as(".vscode/extensions/a/package.json", bytes);
    floodmark_scan::fuzzing::read_as(".vscode/extensions/extensions.json", bytes);
    floodmark_scan::fuzzing::read_as(".vscode/extensions.json", bytes);
});

//! Secret key files of minisign. Their password is not asked: what it costs is the key's to say, within a bound.
#![no_main]

use floodmark_intel::minisign::KeyFile;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(file) = KeyFile::read(text)
        && !file.has_password()
        && let Ok(key) = file.open(None)
    {
        let _ = key.sign(text.as_bytes(), "fuzzed");
    }
});

//! The name of an image in a registry: what is read is told, and read again as the same.
#![no_main]

use floodmark_fetch::reference::Reference;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(reference) = text.parse::<Reference>() {
        assert_eq!(reference.to_string().parse(), Ok(reference));
    }
});

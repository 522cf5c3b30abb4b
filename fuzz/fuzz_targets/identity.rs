//! The `userIdentity` of a record.
#![no_main]

use floodmark_trace::identity::Identity;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Some(identity) = Identity::parse(text) {
        let _ = (identity.credential(), identity.principal(), identity.session_name(), identity.is_service());
    }
});

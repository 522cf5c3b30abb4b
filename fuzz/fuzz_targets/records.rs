//! Any file content, through every format.
#![no_main]

use floodmark_trace::event::Event;
use floodmark_trace::place::Place;
use floodmark_trace::read::{Sink, fuzzing};

/// Asks of each event what the engine asks.
struct Asking;

impl Sink for Asking {
    fn event(&mut self, event: &Event<'_>, _: Place) {
        let _ = (event.call(), event.is_denied(), event.identity.credential(), event.identity.session_name());
        let _ = (event.request(&["bucketName"]), event.request(&["a", "b"]), event.response(&["a"]));
        let _ = (event.additional(&["bytesTransferredOut"]), event.other("readOnly"));
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::read(bytes, &mut Asking));

//! A GuardDuty finding with hostile members.
#![no_main]

use floodmark_trace::event::Event;
use floodmark_trace::place::Place;
use floodmark_trace::read::guardduty::GuardDutyFinding;
use floodmark_trace::read::{Sink, fuzzing};

struct Findings;

impl Sink for Findings {
    fn event(&mut self, _: &Event<'_>, _: Place) {}

    fn guardduty(&mut self, finding: &GuardDutyFinding, _: Place) {
        assert!(finding.severity.is_finite());
    }
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (service, resource) = text.split_once('\n').unwrap_or((text, "{}"));
    let record = format!(
        r#"{{"schemaVersion":"2.0","type":"t","severity":8,"updatedAt":"2026-03-19T18:40:12.5Z","service":{service},"resource":{resource}}}"#
    );
    fuzzing::read(record.as_bytes(), &mut Findings);
});

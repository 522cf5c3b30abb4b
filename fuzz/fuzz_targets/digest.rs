//! A digest file with hostile members, checked against itself; and a list of public keys.
#![no_main]

use floodmark_trace::event::Event;
use floodmark_trace::place::Place;
use floodmark_trace::read::digest::Digest;
use floodmark_trace::read::digest_chain::{FoundDigest, FoundFile, PublicKeys, check};
use floodmark_trace::read::{Sink, fuzzing};

#[derive(Default)]
struct Digests(Vec<Digest>);

impl Sink for Digests {
    fn event(&mut self, _: &Event<'_>, _: Place) {}

    fn digest(&mut self, digest: &Digest, _: Place) {
        self.0.push(digest.clone());
    }
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let keys = PublicKeys::parse(text).unwrap_or_default();
    let members = text.strip_prefix('{').unwrap_or(text);
    let record = format!(
        r#"{{"digestEndTime":"2026-03-19T18:40:12Z","digestS3Object":"AWSLogs/1/CloudTrail-Digest/r/1_CloudTrail-Digest_t_r_2.json.gz","logFiles":[],{members}"#
    );
    let mut digests = Digests::default();
    fuzzing::read(record.as_bytes(), &mut digests);
    let files = [FoundFile { path: "a/AWSLogs/1/x.json.gz".into(), content: None }];
    let evidence = "00".repeat(32).parse().ok();
    let Some(evidence) = evidence else { return };
    let found = |digest| FoundDigest { path: "a/d".into(), evidence, content: Some(evidence), digest, signature: None };
    let found: Vec<_> = digests.0.into_iter().map(found).collect();
    let _ = check(&found, &files, &["a".into()], Some(&keys));
});

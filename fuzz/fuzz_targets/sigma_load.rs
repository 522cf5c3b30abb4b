//! Rule files.
#![no_main]

use floodmark_trace::sigma::{LoadOptions, RuleSet, RuleSource};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let set = RuleSet::load(&[RuleSource::new("fuzz.yml", text)], &LoadOptions::default());
    let _ = (set.rules().count(), set.problems().len());
});

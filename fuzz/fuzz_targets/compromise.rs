//! Compromise files, and what is asked of them.
#![no_main]

use floodmark_intel::compromise::{Compromises, IndicatorKind};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (compromises, errors) = Compromises::from_files([("fuzz.toml", text)]);
    let _ = errors.iter().map(ToString::to_string).count();
    for entry in compromises.entries() {
        for (kind, indicator) in entry.compromise.indicators() {
            let _ = compromises.indicator(kind, &indicator.value).len();
        }
    }
    let _ = compromises.indicator(IndicatorKind::Domain, text).len();
    let _ = text.parse().map(|purl| compromises.package(&purl).len());
    let _ = text.parse().map(|action| compromises.action(&action).len());
    let _ = text.parse().map(|image| compromises.image(&image).len());
});

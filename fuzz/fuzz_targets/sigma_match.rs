//! Matching an event straight from its raw JSON finds what matching its tree finds.
#![no_main]

use std::sync::{Arc, LazyLock};

use floodmark_trace::event::Events;
use floodmark_trace::fields::slot;
use floodmark_trace::sigma::{Fields, JsonFields, LoadOptions, Matcher, RuleSet, RuleSource};

static RULES: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let items = [
        "eventName: x",
        "requestParameters.a: 1",
        "requestParameters.a|contains: b",
        "requestParameters.a.b|startswith: 'A'",
        "requestParameters.a|exists: true",
        "requestParameters.a: null",
        "requestParameters.a: ''",
        "requestParameters.a: true",
        "requestParameters.a|re: '^[a-z]+$'",
        "requestParameters.a|cidr: 10.0.0.0/8",
        "requestParameters.a|gt: 3",
        "requestParameters|contains: '\"a\":'",
        "other.a|endswith: z",
        "other.a|fieldref: requestParameters.a",
        "errorCode|exists: false",
    ];
    let rule = |(number, item): (usize, &&str)| {
        format!("title: r{number}\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  s:\n    {item}\n  condition: s\n")
    };
    let text = items.iter().enumerate().map(rule).collect::<Vec<_>>().join("---\n");
    let options = LoadOptions { slot, ..LoadOptions::default() };
    let rules = RuleSet::load(&[RuleSource::new("fuzz.yml", text)], &options);
    assert!(rules.problems().is_empty(), "{:?}", rules.problems());
    Arc::new(rules)
});

libfuzzer_sys::fuzz_target!(|parameters: &str| {
    let record = format!(
        r#"{{"eventTime":"2026-03-19T18:40:12Z","eventSource":"s","eventName":"x","requestParameters":{parameters},"other":{parameters}}}"#
    );
    let Ok(tree) = serde_json::from_str::<serde_json::Value>(&record) else { return };
    let Ok(wire) = sonic_rs::from_str(&record) else { return };
    let Some(event) = Events::default().event(wire) else { return };
    let raw = hits(&event);
    let from_tree = hits(&JsonFields::new(&tree));
    // A tree keeps the last of repeated keys and rounds numbers: only what it writes back as it was can be compared.
    let dense: String = record.split_ascii_whitespace().collect();
    if tree.to_string() == dense {
        assert_eq!(raw, from_tree);
    }
});

fn hits(fields: &dyn Fields) -> Vec<u32> {
    let mut matcher = Matcher::new(Arc::clone(&RULES));
    let mut hits = Vec::new();
    for _ in 0..2 {
        hits.clear();
        matcher.matches(fields, |rule| hits.push(u32::try_from(rule.get()).unwrap_or(u32::MAX)));
    }
    hits.sort_unstable();
    hits
}

//! Every rule that ships fires on its own examples and keeps silent on its near misses.

use std::collections::BTreeSet;
use std::sync::Arc;

use floodmark_trace::rule_sources;
use floodmark_trace::sigma::{JsonFields, LoadOptions, Matcher, Moment, RuleSet, RuleSource, Steps};
use serde::Deserialize;
use serde_json::Value;

/// What a rule file says of itself: its examples, each a list of events.
struct Examples {
    fires: Vec<Vec<Value>>,
    silent: Vec<Vec<Value>>,
}

fn examples(source: &RuleSource) -> Examples {
    let documents = yaml_serde::Deserializer::from_str(&source.text);
    let mut documents = documents.map(|document| Value::deserialize(document).expect("the pack parses"));
    let ours = documents.find_map(|document| document.get("floodmark").cloned());
    let ours = ours.expect("a rule has advice and examples");
    assert!(ours["advice"].as_str().is_some_and(|advice| advice.len() > 10), "{}: no advice", source.name);
    let of = |key: &str| -> Vec<Vec<Value>> {
        let all = ours["examples"][key]
            .as_array()
            .unwrap_or_else(|| panic!("{}: no examples that {key}", source.name));
        all.iter()
            .map(|example| example.as_array().cloned().unwrap_or_else(|| vec![example.clone()]))
            .collect()
    };
    Examples { fires: of("fires"), silent: of("silent") }
}

/// The names of the rules that hold over these events.
fn fired(rules: &Arc<RuleSet>, events: &[Value]) -> BTreeSet<String> {
    let mut matcher = Matcher::new(Arc::clone(rules));
    let mut steps = Steps::default();
    let mut found = BTreeSet::new();
    let name = |rule| rules.rule(rule).meta.name.clone().unwrap_or_default();
    for (number, event) in (1..).zip(events) {
        let fields = JsonFields::new(event);
        let time =
            event["eventTime"].as_str().and_then(floodmark_trace::time::Time::parse).unwrap_or_default();
        matcher.matches(&fields, |rule| {
            if rules.rule(rule).standalone {
                found.insert(name(rule));
            }
            steps.record(
                rules,
                rule,
                Moment { time_micros: time.micros(), key: number, event: number },
                &fields,
            );
        });
    }
    found.extend(steps.finish(rules).into_iter().map(|hit| name(hit.rule)));
    found
}

#[test]
fn the_pack_has_enough_rules_over_all_tactics_and_every_one_loads() {
    let rules = RuleSet::load(&rule_sources(), &LoadOptions::default());
    assert_eq!(rules.problems(), []);
    let shown: Vec<_> = rules.rules().map(|(_, rule)| rule).filter(|rule| rule.standalone).collect();
    assert!(shown.len() >= 120, "{}", shown.len());
    let tactics: BTreeSet<&str> =
        shown.iter().flat_map(|rule| &rule.meta.tactics).map(String::as_str).collect();
    for tactic in [
        "initial-access",
        "execution",
        "persistence",
        "privilege-escalation",
        "defense-evasion",
        "credential-access",
        "discovery",
        "lateral-movement",
        "collection",
        "exfiltration",
        "impact",
    ] {
        assert!(tactics.contains(tactic), "{tactic}");
    }
    for rule in shown {
        let meta = &rule.meta;
        assert!(!meta.techniques.is_empty(), "{}: no technique", meta.title);
        assert!(!meta.references.is_empty() && !meta.falsepositives.is_empty(), "{}", meta.title);
        let stem = meta.place.file.rsplit('/').next().and_then(|name| name.strip_suffix(".yml"));
        assert_eq!(meta.name.as_deref(), stem, "a rule is called what its file is called");
    }
}

#[test]
fn every_rule_fires_on_its_examples_and_is_silent_on_its_near_misses() {
    let mut tried = 0;
    for source in rule_sources() {
        let stem = source
            .name
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_suffix(".yml"))
            .expect("a YAML file")
            .to_owned();
        let rules = Arc::new(RuleSet::load(std::slice::from_ref(&source), &LoadOptions::default()));
        assert_eq!(rules.problems(), [], "{stem}");
        let Examples { fires, silent } = examples(&source);
        assert!(!fires.is_empty() && !silent.is_empty(), "{stem}: examples of both kinds are wanted");
        for events in &fires {
            assert!(fired(&rules, events).contains(&stem), "{stem} should fire on {events:?}");
        }
        for events in &silent {
            assert!(!fired(&rules, events).contains(&stem), "{stem} should be silent on {events:?}");
        }
        tried += fires.len() + silent.len();
    }
    assert!(tried >= 240, "{tried}");
}

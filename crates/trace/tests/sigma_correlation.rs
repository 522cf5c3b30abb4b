//! Correlation rules: each type, sliding windows, groups, aliases, chains; and agreement with a plain
//! definition on random events.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::collections::BTreeSet;
use std::sync::Arc;

use floodmark_trace::sigma::{
    CorrelationHit, JsonFields, LoadOptions, Matcher, Moment, RuleSet, RuleSource, Steps,
};
use serde_json::{Value as Json, json};

/// Rules `a`, `b`, `c` on the field `n`, and a correlation.
fn rules(correlation: &str) -> String {
    let base = |name: &str| {
        format!(
            "title: rule {name}\nname: {name}\nlogsource:\n  product: aws\ndetection:\n  s:\n    n|contains: {name}\n  condition: s\n---\n"
        )
    };
    let indented: String = correlation.lines().flat_map(|line| ["  ", line, "\n"]).collect();
    format!("{}{}{}title: corr\nname: corr\ncorrelation:\n{indented}", base("a"), base("b"), base("c"))
}

fn load(text: &str) -> Arc<RuleSet> {
    let set = RuleSet::load(&[RuleSource::new("rules.yml", text)], &LoadOptions::default());
    assert!(set.problems().is_empty(), "{:?}", set.problems());
    Arc::new(set)
}

/// Events as (time in seconds, JSON); the key is the place.
fn collect(set: &Arc<RuleSet>, events: &[(i64, Json)], first_key: u64) -> Steps {
    let mut matcher = Matcher::new(set.clone());
    let mut steps = Steps::default();
    for (key, (time, json)) in (first_key..).zip(events) {
        let event = JsonFields::new(json);
        let moment = Moment {
            time_micros: time * 1_000_000,
            key,
            event: json.get("id").and_then(Json::as_u64).unwrap_or(key + 1_000_000),
        };
        let mut found = Vec::new();
        matcher.matches(&event, |rule| found.push(rule));
        for rule in found {
            steps.record(set, rule, moment, &event);
        }
    }
    steps
}

fn hits(text: &str, events: &[(i64, Json)]) -> Vec<CorrelationHit> {
    let set = load(text);
    collect(&set, events, 0).finish(&set)
}

fn times(hits: &[CorrelationHit]) -> Vec<(i64, i64, u64)> {
    hits.iter().map(|hit| (hit.from_micros / 1_000_000, hit.to_micros / 1_000_000, hit.events)).collect()
}

fn at(time: i64, n: &str) -> (i64, Json) {
    (time, json!({"n": n, "u": "x"}))
}

#[test]
fn a_burst_over_the_edge_of_an_hour_counts() {
    let text = rules("type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 1h\ncondition:\n  gte: 4");
    let burst: Vec<_> = [3590, 3595, 3605, 3610].map(|time| at(time, "a")).into();
    assert_eq!(times(&hits(&text, &burst)), [(3590, 3610, 4)]);
    let spread: Vec<_> = [0, 1201, 2402, 3603].map(|time| at(time, "a")).into();
    assert_eq!(times(&hits(&text, &spread)), []);
    let just: Vec<_> = [0, 1200, 2400, 3600].map(|time| at(time, "a")).into();
    assert_eq!(times(&hits(&text, &just)).len(), 1);
}

#[test]
fn overlapping_windows_are_one_hit_and_separate_ones_two() {
    let text = rules("type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  gte: 2");
    let events: Vec<_> = [0, 5, 10, 15, 100, 101].map(|time| at(time, "a")).into();
    assert_eq!(times(&hits(&text, &events)), [(0, 15, 4), (100, 101, 2)]);
}

#[test]
fn an_event_without_the_grouped_field_is_passed_over_and_stops_nothing() {
    let text = rules("type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  gte: 2");
    let events = [at(0, "a"), (1, json!({"n": "a"})), (2, json!({"n": "a", "u": null})), at(3, "a")];
    assert_eq!(times(&hits(&text, &events)), [(0, 3, 2)]);
    let ordered = rules("type: temporal_ordered\nrules: [a, b]\ngroup-by: [u]\ntimespan: 10s");
    assert_eq!(times(&hits(&ordered, &[at(0, "a"), (1, json!({"n": "b"})), at(2, "b")])), [(0, 2, 2)]);
}

#[test]
fn groups_are_counted_apart() {
    let text = rules("type: event_count\nrules: [a]\ngroup-by: [u, v]\ntimespan: 10s\ncondition:\n  gte: 2");
    let event = |time: i64, u: &str, v: u64| (time, json!({"n": "a", "u": u, "v": v}));
    let found = hits(&text, &[event(0, "x", 1), event(1, "x", 2), event(2, "y", 1), event(3, "x", 2)]);
    assert_eq!(times(&found), [(1, 3, 2)]);
    assert_eq!(found[0].group, [("u".into(), "x".into()), ("v".into(), "2".into())]);
    assert_eq!(found[0].sample.iter().map(|one| one.key).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn the_same_event_delivered_twice_counts_once() {
    let text = rules("type: event_count\nrules: [a, b]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  gte: 2");
    let same = |n: &str| (0, json!({"n": n, "u": "x", "id": 7}));
    assert!(hits(&text, &[same("a"), same("a")]).is_empty());
    assert!(hits(&text, &[same("a b")]).is_empty(), "one event that matches two rules is one event");
    assert_eq!(hits(&text, &[same("a"), at(1, "b")]).len(), 1);
}

#[test]
fn bounds_are_those_of_the_condition() {
    let found = |condition: &str, count: i64| {
        let text = rules(&format!(
            "type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 1m\ncondition:\n  {condition}"
        ));
        let events: Vec<_> = (0..count).map(|_| at(5, "a")).collect();
        !hits(&text, &events).is_empty()
    };
    assert!(found("gt: 2", 3) && !found("gt: 2", 2));
    assert!(found("lt: 3", 2) && !found("lt: 3", 3));
    assert!(found("lte: 3", 3) && !found("lte: 3", 4));
    assert!(found("eq: 3", 3) && !found("eq: 3", 2));
    assert!(found("neq: 3", 2) && !found("neq: 3", 3));
    assert!(found("gt: 1\n  lte: 3", 3) && !found("gt: 1\n  lte: 3", 4));
}

#[test]
fn values_are_counted_once_each() {
    let text = rules(
        "type: value_count\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  field: v\n  gte: 3",
    );
    let event = |time: i64, v: Json| (time, json!({"n": "a", "u": "x", "v": v}));
    let none =
        [event(0, json!("p")), event(1, json!("q")), event(2, json!("p")), event(3, Json::Null), at(4, "a")];
    assert!(hits(&text, &none).is_empty());
    assert_eq!(hits(&text, &[event(0, json!("p")), event(1, json!("q")), event(2, json!("r"))]).len(), 1);
    assert!(hits(&text, &[event(0, json!("p")), event(1, json!("q")), event(12, json!("r"))]).is_empty());
    assert_eq!(hits(&text, &[event(0, json!(["p", "q"])), event(1, json!("r"))]).len(), 1);
}

#[test]
fn several_counted_fields_are_counted_together() {
    let text = rules(
        "type: value_count\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  field: [v, w]\n  gte: 2",
    );
    let event = |time: i64, v: u64, w: u64| (time, json!({"n": "a", "u": "x", "v": v, "w": w}));
    assert!(hits(&text, &[event(0, 1, 1), event(1, 1, 1)]).is_empty());
    assert_eq!(hits(&text, &[event(0, 1, 1), event(1, 1, 2)]).len(), 1);
}

#[test]
fn numbers_are_summed_averaged_and_ranked() {
    let found = |kind: &str, condition: &str, numbers: &[f64]| {
        let text = rules(&format!(
            "type: {kind}\nrules: [a]\ngroup-by: [u]\ntimespan: 1m\ncondition:\n  field: v\n  {condition}"
        ));
        let events: Vec<_> = numbers.iter().map(|v| (5, json!({"n": "a", "u": "x", "v": v}))).collect();
        !hits(&text, &events).is_empty()
    };
    assert!(found("value_sum", "gte: 10", &[2.5, 7.5]) && !found("value_sum", "gte: 10", &[2.5, 7.4]));
    assert!(found("value_avg", "eq: 5", &[2.0, 8.0]) && !found("value_avg", "gt: 5", &[2.0, 8.0]));
    assert!(found("value_median", "eq: 3", &[9.0, 1.0, 3.0]) && found("value_median", "eq: 2", &[1.0, 3.0]));
    assert!(found("value_percentile", "gte: 90\n  percentile: 90", &[0.0, 50.0, 100.0, 100.0, 100.0]));
    assert!(!found("value_percentile", "gte: 90\n  percentile: 10", &[0.0, 50.0, 100.0, 100.0, 100.0]));
    assert!(!found("value_sum", "gte: 0", &[]));
    assert!(found("value_avg", "gt: 2.25", &[2.0, 2.6]) && !found("value_avg", "gt: 2.5", &[2.0, 2.6]));
    assert!(found("value_sum", "lt: -1.5", &[-2.0]) && !found("value_sum", "lt: -2.5", &[-2.0]));
    assert!(found("value_percentile", "eq: 1.5\n  percentile: 12.5", &[1.0, 5.0]));
}

#[test]
fn temporal_wants_all_rules_in_any_order_within_the_timespan() {
    let text = rules("type: temporal\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s");
    assert_eq!(times(&hits(&text, &[at(0, "c"), at(4, "a"), at(10, "b")])), [(0, 10, 3)]);
    assert!(hits(&text, &[at(0, "c"), at(4, "a"), at(11, "b")]).is_empty());
    assert!(hits(&text, &[at(0, "c"), at(4, "a")]).is_empty());
    let two = rules("type: temporal\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  gte: 2");
    assert_eq!(hits(&two, &[at(0, "c"), at(4, "a")]).len(), 1);
    assert!(hits(&two, &[at(0, "c"), at(4, "c")]).is_empty());
    let one = rules("type: temporal\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  gte: 1");
    assert_eq!(hits(&one, &[at(0, "c")]).len(), 1, "one of three, as it is written");
}

#[test]
fn temporal_takes_a_condition_over_rule_names() {
    let text =
        rules("type: temporal\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s\ncondition: a and (b or c)");
    assert_eq!(hits(&text, &[at(0, "c"), at(4, "a")]).len(), 1);
    assert!(hits(&text, &[at(0, "c"), at(4, "b")]).is_empty());
    let unnamed = text.replace("  rules: [a, b, c]\n", "").replace("a and (b or c)", "a AND (b OR c)");
    assert_eq!(hits(&unnamed, &[at(0, "c"), at(4, "a")]).len(), 1, "the condition names the rules too");
    let not = rules("type: temporal\nrules: [a, b]\ngroup-by: [u]\ntimespan: 10s\ncondition: a and not b");
    assert!(hits(&not, &[at(0, "a"), at(10, "b")]).is_empty());
    assert_eq!(hits(&not, &[at(0, "a"), at(11, "b")]).len(), 1);
}

#[test]
fn ordered_chains_survive_repeats_of_their_steps() {
    let text = rules("type: temporal_ordered\nrules: [a, b]\ngroup-by: [u]\ntimespan: 10s");
    assert_eq!(times(&hits(&text, &[at(0, "a"), at(5, "b"), at(6, "a")])), [(0, 5, 2)]);
    assert_eq!(times(&hits(&text, &[at(0, "a"), at(1, "a"), at(5, "b"), at(6, "b")])).len(), 1);
    assert_eq!(times(&hits(&text, &[at(0, "a"), at(8, "a"), at(15, "b")])), [(8, 15, 2)]);
    assert!(hits(&text, &[at(0, "b"), at(5, "a")]).is_empty());
    assert!(hits(&text, &[at(0, "a"), at(11, "b")]).is_empty());
    let three = rules("type: temporal_ordered\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s");
    let events = [at(0, "a"), at(2, "b"), at(3, "a"), at(4, "a"), at(9, "c")];
    assert_eq!(times(&hits(&three, &events)), [(0, 9, 3)]);
}

#[test]
fn events_of_one_time_are_in_order_and_one_event_is_not_two_steps() {
    let text = rules("type: temporal_ordered\nrules: [a, b]\ngroup-by: [u]\ntimespan: 10s");
    assert_eq!(hits(&text, &[at(0, "b"), at(0, "a")]).len(), 1);
    assert!(hits(&text, &[at(0, "a b")]).is_empty());
    assert_eq!(hits(&text, &[at(0, "a b"), at(0, "a b")]).len(), 1);
    let twice = rules("type: temporal_ordered\nrules: [a, a]\ngroup-by: [u]\ntimespan: 10s");
    assert!(hits(&twice, &[at(0, "a")]).is_empty());
    assert_eq!(hits(&twice, &[at(0, "a"), at(1, "a")]).len(), 1);
    let any_two = rules(
        "type: temporal_ordered\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  gt: 1\n  lte: 3",
    );
    assert_eq!(hits(&any_two, &[at(0, "a"), at(1, "c")]).len(), 1);
    assert!(hits(&any_two, &[at(0, "c"), at(1, "a")]).is_empty());
}

#[test]
fn aliases_join_different_fields() {
    let text = rules(
        "type: temporal\nrules: [a, b]\ngroup-by: [ip, u]\ntimespan: 10s\naliases:\n  ip:\n    a: dst.ip\n    b: src.ip",
    );
    let a = (0, json!({"n": "a", "u": "x", "dst": {"ip": "1.1.1.1"}, "src": {"ip": "9.9.9.9"}}));
    let b = |src: &str| (1, json!({"n": "b", "u": "x", "dst": {"ip": "9.9.9.9"}, "src": {"ip": src}}));
    assert_eq!(hits(&text, &[a.clone(), b("1.1.1.1")]).len(), 1);
    assert!(hits(&text, &[a.clone(), b("2.2.2.2")]).is_empty());
    let by_id = text
        .replace("name: a\n", "name: a\nid: 5638f7c0-ac70-491d-8465-2a65075e0d86\n")
        .replace("rules: [a, b]", "rules: [5638F7C0-ac70-491d-8465-2a65075e0d86, b]");
    assert_eq!(hits(&by_id, &[a.clone(), b("1.1.1.1")]).len(), 1, "an alias has the name, the list the id");
    assert!(hits(&by_id, &[a, b("2.2.2.2")]).is_empty());
}

#[test]
fn correlations_nest_and_group_by_their_own_fields() {
    let inner = "---\ntitle: many\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [host]\n  timespan: 10s\n  condition:\n    gte: 3\n";
    let text = rules("type: temporal_ordered\nrules: [many, b]\ngroup-by: [u]\ntimespan: 1m") + inner;
    let a = |time: i64, u: &str| (time, json!({"n": "a", "u": u, "host": "h"}));
    let found = hits(&text, &[a(0, "x"), a(1, "y"), a(2, "x"), at(30, "b")]);
    assert_eq!(times(&found), [(0, 30, 4)]);
    assert_eq!(found[0].group, [("u".into(), "x".into())]);
    assert!(hits(&text, &[a(0, "x"), a(1, "x"), at(30, "b")]).is_empty());
    assert!(hits(&text, &[a(0, "z"), a(1, "y"), a(2, "z"), at(30, "b")]).is_empty());
    assert!(hits(&text, &[at(0, "b"), a(1, "x"), a(2, "x"), a(3, "x")]).is_empty());
    let counted = text
        .replace("temporal_ordered", "event_count")
        .replace("rules: [many, b]", "rules: [many]")
        .replace("timespan: 1m", "timespan: 1m\n  condition:\n    gte: 2");
    assert!(hits(&counted, &[a(0, "x"), a(1, "x"), a(2, "x"), a(3, "x")]).is_empty(), "one burst is one");
    let two = [a(0, "x"), a(1, "x"), a(2, "x"), a(40, "x"), a(41, "x"), a(42, "x")];
    assert_eq!(hits(&counted, &two).len(), 1);
}

#[test]
fn rules_of_a_correlation_stand_alone_only_if_it_generates_them() {
    let standalone = |extra: &str| {
        let text =
            rules("type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 1m\ncondition:\n  gte: 1") + extra;
        let set = load(&text);
        set.rules().map(|(_, rule)| (rule.meta.title.clone(), rule.standalone)).collect::<Vec<_>>()
    };
    assert_eq!(standalone("")[0], ("rule a".into(), false));
    assert_eq!(standalone("generate: true\n")[0], ("rule a".into(), true));
    assert_eq!(standalone("")[1], ("rule b".into(), true));
}

#[test]
fn what_cannot_be_correlated_is_refused_with_a_reason() {
    let reason = |correlation: &str| {
        let set = RuleSet::load(&[RuleSource::new("r.yml", rules(correlation))], &LoadOptions::default());
        assert_eq!(set.rules().count(), 3);
        set.problems()[0].reason.clone()
    };
    assert!(
        reason("type: event_count\nrules: [nobody]\ntimespan: 1m\ncondition:\n  gte: 1").contains("nobody")
    );
    assert!(
        reason("type: event_count\nrules: [corr]\ntimespan: 1m\ncondition:\n  gte: 1").contains("itself")
    );
    assert!(reason("type: value_count\nrules: [a]\ntimespan: 1m\ncondition:\n  gte: 1").contains("field"));
    assert!(reason("type: event_count\nrules: [a]\ntimespan: 1m").contains("condition"));
    assert!(reason("type: event_count\nrules: [a]\ntimespan: 0s\ncondition:\n  gte: 1").contains("timespan"));
    assert!(
        reason("type: event_count\nrules: [a]\ntimespan: 1m\ncondition:\n  gte: -1").contains("negative")
    );
    assert!(reason("type: temporal\nrules: [a, b]\ntimespan: 1m\ncondition: a and z").contains('z'));
    assert!(reason("type: temporal\nrules: [a, {b: c}]\ntimespan: 1m").contains("list of strings"));
    assert!(reason("type: temporal\nrules: [a, b]\ngroup-by: {u: v}\ntimespan: 1m").contains("group-by"));
    assert!(reason("type: temporal\nrules: [a, b]\ntimespan: 1m\naliases:\n  x:\n    c: u").contains("`c`"));
    assert!(reason("type: temporal\nrules: [a, b]\ntimespan: 1m\naliases:\n  x: u").contains("alias"));
    assert!(reason("type: temporal\nrules: [a, b]\ntimespan: 60").contains("`60`"));
    assert!(reason("type: temporal\nrules: [a, b]\ntimespan: 1.5h").contains("`1.5h`"));
    assert!(reason("type: temporal\nrules: [a, b]").contains("timespan"));
    assert!(
        reason("type: event_count\nrules: [a]\ntimespan: 1m\ncondition:\n  gte: many").contains("number")
    );
    assert!(
        reason("type: event_count\nrules: [a]\ntimespan: 1m\ncondition:\n  gte: 1\n  over: 2")
            .contains("over")
    );
    assert!(
        reason("type: value_percentile\nrules: [a]\ntimespan: 1m\ncondition:\n  field: v\n  gte: 1\n  percentile: 101")
            .contains("percentile")
    );
    assert!(
        reason("type: temporal_ordered\nrules: [a, b]\ntimespan: 1m\ncondition:\n  gte: 3")
            .contains("number")
    );
    assert!(
        reason("type: temporal_ordered\nrules: [a, b]\ntimespan: 1m\ncondition:\n  lte: 1")
            .contains("wanted")
    );
    assert!(reason("type: temporal_ordered\nrules: [a, b]\ntimespan: 1m\ncondition: a or b").contains("and"));
    assert!(reason("type: sometimes\nrules: [a]\ntimespan: 1m").contains("sometimes"));
}

#[test]
fn a_correlation_over_rules_for_other_logs_is_set_aside_with_them() {
    let text = rules("type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 1m\ncondition:\n  gte: 1");
    let set = load(&text.replace("product: aws", "product: windows"));
    assert_eq!((set.rules().count(), set.not_applicable().len()), (0, 4));
}

#[test]
fn a_rule_may_be_named_by_its_title_where_that_is_clear() {
    let text = rules("type: event_count\nrules: [rule a]\ngroup-by: [u]\ntimespan: 1m\ncondition:\n  gte: 2");
    assert_eq!(hits(&text, &[at(0, "a"), at(1, "a")]).len(), 1);
    let twice =
        RuleSet::load(&[RuleSource::new("r.yml", text.replace("rule b", "rule a"))], &LoadOptions::default());
    assert!(twice.problems()[0].reason.contains("several"), "{:?}", twice.problems());
}

#[test]
fn a_rule_of_the_same_file_is_meant_before_others_of_its_name() {
    let text = rules("type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 1m\ncondition:\n  gte: 2");
    let other = text.replace("n|contains", "m|contains").split("title: corr").next().unwrap().to_owned();
    let sources =
        [RuleSource::new("first.yml", other.trim_end_matches("---\n")), RuleSource::new("r.yml", text)];
    let set = Arc::new(RuleSet::load(&sources, &LoadOptions::default()));
    assert_eq!(collect(&set, &[at(0, "a"), at(1, "a")], 0).finish(&set).len(), 1);
}

#[test]
fn a_key_that_is_not_known_is_remarked() {
    let text = rules("type: event_count\nrules: [a]\ngroup_by: [u]\ntimespan: 1m\ncondition:\n  gte: 2");
    let set = RuleSet::load(&[RuleSource::new("r.yml", text)], &LoadOptions::default());
    assert_eq!(set.rules().count(), 4);
    assert!(set.problems()[0].reason.contains("group_by"));
}

/// A small generator, so that failures repeat.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn random_events(random: &mut Random, count: usize, span: usize) -> Vec<(i64, Json)> {
    let event = |random: &mut Random| {
        let n = ["a", "b", "c", "d"][random.below(4)];
        let mut json = json!({"n": n, "v": random.below(4), "id": random.below(1_000_000)});
        if random.below(8) > 0 {
            json["u"] = json!(["x", "y"][random.below(2)]);
        }
        (i64::try_from(random.below(span)).unwrap(), json)
    };
    (0..count).map(|_| event(random)).collect()
}

/// The times at which a window that satisfies the plain definition ends, by group.
fn plain(
    events: &[(i64, Json)],
    span: i64,
    holds: impl Fn(&[&(i64, Json)], i64) -> bool,
) -> BTreeSet<(String, i64)> {
    let mut ends = BTreeSet::new();
    for group in ["x", "y"] {
        let own: Vec<_> = events.iter().filter(|event| event.1["u"] == group).collect();
        for (time, _) in &own {
            let window: Vec<_> =
                own.iter().filter(|one| one.0 >= time - span && one.0 <= *time).copied().collect();
            if holds(&window, *time) {
                ends.insert((group.to_owned(), *time));
            }
        }
    }
    ends
}

/// That every end of the definition lies in a hit, and that every hit ends at an end of the definition.
fn agree(text: &str, events: &[(i64, Json)], ends: &BTreeSet<(String, i64)>) {
    let found = hits(text, events);
    for (group, end) in ends {
        let covered = found.iter().any(|hit| {
            hit.group[0].1 == *group && hit.from_micros <= end * 1_000_000 && hit.to_micros >= end * 1_000_000
        });
        assert!(covered, "{group} {end} is missing in {found:?}\n{events:?}");
    }
    for hit in &found {
        let end = (hit.group[0].1.clone(), hit.to_micros / 1_000_000);
        assert!(ends.contains(&end), "{end:?} is no end: {ends:?}\n{events:?}");
    }
}

fn is(event: &(i64, Json), n: &str) -> bool {
    event.1["n"] == n
}

#[test]
fn counting_agrees_with_its_plain_definition() {
    let mut random = Random(7);
    let count = rules("type: event_count\nrules: [a, b]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  gte: 3");
    let values = rules(
        "type: value_count\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  field: v\n  gte: 2",
    );
    let median = rules(
        "type: value_median\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\ncondition:\n  field: v\n  gte: 2",
    );
    for _ in 0..150 {
        let events = random_events(&mut random, 40, 150);
        let ab: Vec<_> = events.iter().filter(|event| is(event, "a") || is(event, "b")).cloned().collect();
        agree(&count, &events, &plain(&ab, 10, |window, _| window.len() >= 3));
        let a: Vec<_> = events.iter().filter(|event| is(event, "a")).cloned().collect();
        let distinct = |window: &[&(i64, Json)]| {
            window.iter().map(|one| one.1["v"].as_u64()).collect::<BTreeSet<_>>().len()
        };
        agree(&values, &events, &plain(&a, 10, |window, _| distinct(window) >= 2));
        let middle = |window: &[&(i64, Json)]| {
            let mut numbers: Vec<_> = window.iter().filter_map(|one| one.1["v"].as_u64()).collect();
            numbers.sort_unstable();
            numbers[(numbers.len() - 1) / 2] + numbers[numbers.len() / 2]
        };
        agree(&median, &events, &plain(&a, 10, |window, _| middle(window) >= 4));
    }
}

#[test]
fn temporal_correlations_agree_with_their_plain_definitions() {
    let mut random = Random(11);
    let any = rules("type: temporal\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s");
    let ordered = rules("type: temporal_ordered\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s");
    for _ in 0..150 {
        let events = random_events(&mut random, 30, 100);
        let abc: Vec<_> = events.iter().filter(|event| !is(event, "d")).cloned().collect();
        agree(
            &any,
            &events,
            &plain(&abc, 10, |window, _| ["a", "b", "c"].iter().all(|n| window.iter().any(|one| is(one, n)))),
        );
        let chained = |window: &[&(i64, Json)], end: i64| {
            window.iter().filter(|one| is(one, "a")).any(|a| {
                window
                    .iter()
                    .filter(|one| is(one, "b") && one.0 >= a.0)
                    .any(|b| window.iter().any(|c| is(c, "c") && c.0 >= b.0 && c.0 == end))
            })
        };
        agree(&ordered, &events, &plain(&abc, 10, chained));
    }
}

#[test]
fn the_answer_does_not_depend_on_who_collected_what_and_when() {
    let mut random = Random(3);
    let text = rules("type: temporal_ordered\nrules: [many, b]\ngroup-by: [u]\ntimespan: 30s")
        + "---\ntitle: many\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [u]\n  timespan: 20s\n  condition:\n    gte: 2\n";
    let set = load(&text);
    for _ in 0..40 {
        let events = random_events(&mut random, 60, 200);
        let whole = collect(&set, &events, 0).finish(&set);
        let (first, second) = events.split_at(random.below(60));
        let (one, two) = (collect(&set, first, 0), collect(&set, second, first.len() as u64));
        for (left, right) in [(one.clone(), two.clone()), (two, one)] {
            let text = serde_json::to_string(&right).unwrap();
            let mut merged = left;
            merged.merge(serde_json::from_str(&text).unwrap());
            assert_eq!(merged.finish(&set), whole);
        }
    }
}

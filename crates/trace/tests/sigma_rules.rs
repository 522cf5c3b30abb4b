//! Detection rules: each modifier, each form of condition, each kind of document, after the text of the
//! Sigma specification.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::sync::Arc;

use floodmark_trace::sigma::{
    Effect, JsonFields, Level, LoadOptions, LogSource, Matcher, RuleSet, RuleSource, Status,
};
use serde_json::Value as Json;

fn load(text: &str) -> RuleSet {
    load_with(text, &LoadOptions::default())
}

fn load_with(text: &str, options: &LoadOptions) -> RuleSet {
    RuleSet::load(&[RuleSource::new("rules.yml", text)], options)
}

/// A rule of which only the detection matters.
fn rule(detection: &str) -> String {
    let indented: String = detection.lines().flat_map(|line| ["  ", line, "\n"]).collect();
    format!("title: t\nlogsource:\n  product: aws\ndetection:\n{indented}")
}

fn titles(set: RuleSet, event: &str) -> Vec<String> {
    let tree: Json = serde_json::from_str(event).unwrap();
    let mut matcher = Matcher::new(Arc::new(set));
    let rules = matcher.rules().clone();
    let mut found = Vec::new();
    // Twice, since the second time takes the path that the first has worked out.
    for _ in 0..2 {
        found.clear();
        matcher.matches(&JsonFields::new(&tree), |rule| found.push(rules.rule(rule).meta.title.clone()));
    }
    found
}

#[track_caller]
fn fires(detection: &str, event: &str) -> bool {
    let set = load(&rule(detection));
    assert!(set.problems().is_empty(), "{:?}", set.problems());
    !titles(set, event).is_empty()
}

/// Whether `a|modifiers: value` holds for an event whose field `a` is this JSON.
#[track_caller]
fn item(item: &str, a: &str) -> bool {
    fires(&format!("s:\n  {item}\ncondition: s"), &format!("{{\"a\":{a}}}"))
}

#[track_caller]
fn refused(detection: &str) -> String {
    let set = load(&rule(detection));
    assert_eq!(set.rules().count(), 0);
    set.problems().iter().map(|problem| problem.reason.clone()).collect::<Vec<_>>().join("; ")
}

#[test]
fn plain_values_match_the_whole_value_without_case() {
    assert!(item("a: Foo", r#""fOO""#));
    assert!(!item("a: Foo", r#""foobar""#));
    assert!(item("a: [x, foo]", r#""FOO""#));
    assert!(item("a: ''", r#""""#));
    assert!(!item("a: ''", "null"));
    assert!(item("a: 'fo?*r'", r#""fooooor""#));
    assert!(item(r"a: 'c:\*'", r#""c:*""#));
    assert!(!item(r"a: 'c:\*'", r#""c:x""#));
}

#[test]
fn numbers_and_booleans_match_their_kind_and_their_spelling() {
    assert!(item("a: 1", "1"));
    assert!(item("a: 1", r#""1""#));
    assert!(item("a: 1", "1.0"));
    assert!(!item("a: 1", "11"));
    assert!(item("a: '1'", "1"));
    assert!(item("a: true", "true"));
    assert!(item("a: true", r#""True""#));
    assert!(item("a: 'true'", "true"));
    assert!(!item("a: true", "false"));
    assert!(item("a: 1.5", "1.5") && item("a: 1.5", "1.50"));
    assert!(item("a: 1.0", r#""1.0""#) && item("a: 1.0", r#""1""#) && item("a: 1.0", "1"));
    assert!(!item("a: 9007199254740993", "9007199254740992"));
    assert!(item("a: 18446744073709551615", "18446744073709551615"));
    assert!(item("4625: x", "1") == item("b: x", "1"), "a number may be the name of a field");
}

#[test]
fn contains_startswith_and_endswith_anchor_the_value() {
    assert!(item("a|contains: oo", r#""FOOD""#));
    assert!(!item("a|contains: ox", r#""FOOD""#));
    assert!(item("a|startswith: fo", r#""Food""#));
    assert!(!item("a|startswith: oo", r#""Food""#));
    assert!(item("a|endswith: OD", r#""Food""#));
    assert!(!item("a|endswith: OO", r#""Food""#));
    assert!(item("a|contains: 'f*d'", r#""a food b""#));
    assert!(item("a|contains: '*'", r#""""#));
    assert!(!item("a|contains: '*'", "null"));
    assert!(item("a|contains: 23", "12345"));
    assert!(item("a|startswith|endswith: oo", r#""FOOD""#), "both leave both ends open");
}

#[test]
fn many_values_to_be_contained_are_found_as_few_are() {
    let many = "a|contains: [alpha, beta, gamma, delta, epsilon, zeta, eta, 'th*ta']";
    assert!(item(many, r#""xx DELTA xx""#));
    assert!(item(many, r#""thXXta""#));
    assert!(!item(many, r#""nothing""#));
}

#[test]
fn all_demands_every_value() {
    assert!(item("a|contains|all: [foo, bar]", r#""bar and foo""#));
    assert!(!item("a|contains|all: [foo, bar]", r#""foo""#));
    assert!(item("a|all: [foo, bar]", r#"["foo", "bar"]"#));
    assert!(item("a|contains|all: [fo, ba]", r#"["foo", "bar"]"#));
}

#[test]
fn cased_lets_case_count() {
    assert!(item("a|cased: Foo", r#""Foo""#));
    assert!(!item("a|cased: Foo", r#""foo""#));
    assert!(item("a|contains|cased: oO", r#""foO""#));
    assert!(!item("a|contains|cased: oO", r#""foo""#));
}

#[test]
fn encodings_are_those_of_the_appendix() {
    assert!(item("a|base64: foobar", r#""Zm9vYmFy""#));
    assert!(item("a|base64offset|contains: 'http://'", r#""xxaHR0cDovLxx""#));
    assert!(item("a|base64offset|contains: 'http://'", r#""xxodHRwOi8vxx""#));
    assert!(item("a|wide|base64offset|contains: ping", r#""cABpAG4AZw""#));
    assert!(item("a|utf16le|base64: ab", r#""YQBiAA==""#));
    assert!(item("a|utf16be|base64: ab", r#""AGEAYg==""#));
    assert!(item("a|utf16|base64: ab", r#""//5hAGIA""#));
    assert!(refused("s:\n  a|base64: 'x*'\ncondition: s").contains("wildcards"));
    assert!(refused("s:\n  a|utf16: x\ncondition: s").contains("not text"));
}

#[test]
fn windash_takes_each_dash_for_the_others() {
    for dash in ["-", "/", "–", "—", "―"] {
        assert!(item("a|windash|contains: ' -foo'", &format!("\"cmd {dash}foo\"")), "{dash}");
    }
    assert!(!item("a|windash|contains: ' -foo'", r#""cmd +foo""#));
}

#[test]
fn re_searches_with_case_and_takes_flags() {
    assert!(item("a|re: 'b.+d'", r#""abcde""#));
    assert!(!item("a|re: 'B.+D'", r#""abcde""#));
    assert!(item("a|re|i: 'B.+D'", r#""abcde""#));
    assert!(item("a|re|m: '^b'", r#""a\nb""#));
    assert!(item("a|re|s: 'a.b'", r#""a\nb""#));
    assert!(!item("a|re: 'a.b'", r#""a\nb""#));
    assert!(item("a|re: ['x', '^a']", r#""abc""#));
    assert!(refused("s:\n  a|re: 'a(?=b)'\ncondition: s").contains("look-around"));
    assert!(refused("s:\n  a|i: b\ncondition: s").contains("after `re`"));
}

#[test]
fn cidr_knows_both_versions() {
    assert!(item("a|cidr: 10.0.0.0/8", r#""10.1.2.3""#));
    assert!(!item("a|cidr: 10.0.0.0/8", r#""11.1.2.3""#));
    assert!(item("a|cidr: [192.168.0.0/16, 'fd00::/8']", r#""fd12::1""#));
    assert!(!item("a|cidr: 10.0.0.0/8", r#""s3.amazonaws.com""#));
    assert!(item("a|cidr: 'fd00::/8'", r#""FD12:0::1""#));
    assert!(item("a|cidr: 10.0.0.0/8", r#""::ffff:10.1.2.3""#));
    assert!(!item("a|cidr: '::/0'", r#""10.1.2.3""#));
    assert!(refused("s:\n  a|cidr: 10.0.0/8\ncondition: s").contains("CIDR"));
}

#[test]
fn comparisons_are_numeric() {
    assert!(item("a|lt: 10", "9"));
    assert!(!item("a|lt: 10", "10"));
    assert!(item("a|lte: 10", "10"));
    assert!(item("a|gt: 10", "10.5"));
    assert!(item("a|gte: 10", r#""10""#));
    assert!(!item("a|gte: 10", r#""ten""#));
    assert!(item("a|neq: 10", "11"));
    assert!(!item("a|neq: 10", "10"));
    assert!(item("a|neq: foo", r#""bar""#));
    assert!(!item("a|neq: [foo, bar]", r#""BAR""#));
    assert!(item("a|neq: foo", "null") && item("b|neq: foo", "1"), "nothing is no foo");
    assert!(!item("a|neq: foo", r#"["bar", "foo"]"#));
    assert!(item("a|neq: null", "1") && !item("a|neq: null", "null"));
    assert!(item("a|startswith|neq: foo", r#""bar""#));
    assert!(!item("a|gt: 10", r#""Infinity""#) && !item("a|lt: 10", r#""-inf""#));
    assert!(refused("s:\n  a|lt: ten\ncondition: s").contains("not a number"));
}

#[test]
fn exists_asks_for_the_key_and_not_for_its_value() {
    assert!(item("a|exists: true", r#""x""#));
    assert!(item("a|exists: true", "null"));
    assert!(item("a|exists: true", "[]"));
    assert!(item("a|exists: true", "{}"));
    assert!(!item("a|exists: false", r#""x""#));
    assert!(item("b|exists: false", "1"));
    assert!(!item("b|exists: true", "1"));
    assert!(refused("s:\n  a|exists: maybe\ncondition: s").contains("exists"));
}

#[test]
fn null_is_what_has_no_value() {
    assert!(item("a: null", "null"));
    assert!(item("b: null", "1"));
    assert!(item("a: null", "[]"));
    assert!(item("a: null", "{}"));
    assert!(item("a: null", "[null]"));
    assert!(!item("a: null", r#""""#));
    assert!(!item("a: null", r#"[null, "x"]"#));
    assert!(item("a: ['', null]", r#""""#));
    assert!(item("a: ['', null]", "null"));
}

#[test]
fn fieldref_compares_two_fields_of_the_event() {
    let two = |item: &str, event: &str| fires(&format!("s:\n  {item}\ncondition: s"), event);
    assert!(two("a|fieldref: b", r#"{"a":"X","b":"x"}"#));
    assert!(!two("a|fieldref: b", r#"{"a":"X","b":"y"}"#));
    assert!(!two("a|fieldref: b", r#"{"a":"X"}"#));
    assert!(!two("a|fieldref: b", "{}"));
    assert!(!two("a|fieldref|cased: b", r#"{"a":"X","b":"x"}"#));
    assert!(two("a|fieldref|startswith: b", r#"{"a":"xyz","b":"xy"}"#));
    assert!(two("a|fieldref|endswith: b", r#"{"a":"xyz","b":"yz"}"#));
    assert!(two("a|fieldref|contains: b", r#"{"a":"xyz","b":"y"}"#));
    assert!(two("a|fieldref|neq: b", r#"{"a":"x","b":"y"}"#));
    assert!(!two("a|fieldref|neq: b", r#"{"a":"x","b":"x"}"#));
    assert!(two("a|fieldref|neq: b", r#"{"a":"x"}"#));
    assert!(two("a|fieldref: c.d", r#"{"a":["p","q"],"c":[{"d":"q"}]}"#));
}

#[test]
fn parts_of_a_time_are_read_from_the_text() {
    let time = r#""2023-07-10T12:20:05Z""#;
    assert!(item("a|hour: 12", time));
    assert!(!item("a|hour: 13", time));
    assert!(item("a|minute: 20", time));
    assert!(item("a|day: 10", time));
    assert!(item("a|week: 28", time));
    assert!(item("a|month: 7", time));
    assert!(item("a|year: 2023", time));
    assert!(item("a|hour: [1, 12]", time));
    assert!(item("a|hour|gte: 12", time));
    assert!(!item("a|hour: 12", r#""noon""#));
}

#[test]
fn placeholders_take_the_values_given_and_else_reject_the_rule() {
    let text = rule("s:\n  a|expand: '%Administrators%'\ncondition: s");
    let mut options = LoadOptions::default();
    let set = load_with(&text, &options);
    assert_eq!(set.rules().count(), 0);
    assert!(set.problems()[0].reason.contains("%Administrators%"), "{:?}", set.problems());
    options.placeholders.insert("Administrators".to_owned(), vec!["root".to_owned(), "adm_*".to_owned()]);
    assert_eq!(titles(load_with(&text, &options), r#"{"a":"ADM_x"}"#), ["t"]);
    let all = rule("s:\n  a|contains|all|expand: ['%Administrators%', 'x']\ncondition: s");
    assert_eq!(titles(load_with(&all, &options), r#"{"a":"a root x"}"#), ["t"]);
    options.placeholders.insert("nets".to_owned(), vec!["10.0.0.0/8".to_owned(), "fd00::/8".to_owned()]);
    let nets = rule("s:\n  a|expand|cidr: '%nets%'\ncondition: s");
    assert_eq!(titles(load_with(&nets, &options), r#"{"a":"fd00::1"}"#), ["t"]);
    let regex = rule("s:\n  a|re|expand: '^%nets%$'\ncondition: s");
    assert_eq!(titles(load_with(&regex, &options), r#"{"a":"10.0.0.0/8"}"#), ["t"]);
    let set = load_with(&rule("s:\n  a: '%Administrators%'\ncondition: s"), &options);
    assert_eq!(titles(set, r#"{"a":"%administrators%"}"#), ["t"]);
}

#[test]
fn modifiers_that_make_no_sense_together_are_refused() {
    for (item, reason) in [
        ("a|exists|all: false", "`exists`"),
        ("a|exists|neq: true", "`exists`"),
        ("a|exists|contains: true", "`exists`"),
        ("a|exists|cased: true", "`cased`"),
        ("a|exists: [true, false]", "`exists`"),
        ("a|cidr|contains: 10.0.0.0/8", "`cidr`"),
        ("a|cidr|re: x", "`re`"),
        ("a|re|base64: x", "encoding"),
        ("a|re|cased: x", "`cased`"),
        ("a|lt|gt: 1", "comparisons"),
        ("a|hour|minute: 1", "parts of a time"),
        ("a|lt|contains: 1", "comparison"),
        ("a|fieldref|expand: '%b%'", "`expand`"),
        ("a|contains: null", "null"),
        ("a|base64: null", "null"),
        ("a|not: x", "`neq`"),
        ("a|Contains: x", "not known"),
        ("a|: x", "not known"),
        ("'|cidr': 10.0.0.0/8", "needs a field"),
        ("'|fieldref': b", "needs a field"),
        ("a|re: '('", "regular expression"),
        ("a|utf16: x", "not text"),
    ] {
        let set = load(&rule(&format!("s:\n  {item}\ncondition: s")));
        assert_eq!(set.rules().count(), 0, "{item}");
        let problem = &set.problems()[0];
        assert!(problem.reason.contains(reason), "{item}: {}", problem.reason);
        assert_eq!(problem.place.line, 6, "{item}");
    }
}

#[test]
fn keywords_are_searched_in_every_value() {
    let keywords = "k:\n  - EVILSERVICE\n  - 'svc*evil'\n  - 4711\ncondition: k";
    assert!(fires(keywords, r#"{"x":{"y":["an evilservice here"]}}"#));
    assert!(fires(keywords, r#"{"x":"svchost -n evil"}"#));
    assert!(fires(keywords, r#"{"x":{"n":47110}}"#));
    assert!(!fires(keywords, r#"{"evilservice":"x"}"#));
    let all = "k:\n  '|all':\n    - one\n    - two\ncondition: k";
    assert!(fires(all, r#"{"x":"one","y":"two"}"#));
    assert!(!fires(all, r#"{"x":"one"}"#));
    assert!(fires("k:\n  '|re': 'a+b'\ncondition: k", r#"{"x":"caab"}"#));
    assert!(fires("k: single\ncondition: k", r#"{"x":"a single word"}"#));
}

#[test]
fn maps_are_linked_with_and_lists_of_maps_with_or() {
    let list = "s:\n  - a: 1\n    b: 2\n  - c: 3\ncondition: s";
    assert!(fires(list, r#"{"a":1,"b":2}"#));
    assert!(!fires(list, r#"{"a":1}"#));
    assert!(fires(list, r#"{"c":3}"#));
    let mixed = "s:\n  - a: 1\n  - word\ncondition: s";
    assert!(fires(mixed, r#"{"z":"a word"}"#));
}

#[test]
fn conditions_nest_negate_and_count() {
    let named =
        "sel_a:\n  a: 1\nsel_b:\n  b: 1\nsel_c:\n  c: 1\n_hidden:\n  h: 1\nfilter:\n  f: 1\ncondition: ";
    let holds = |condition: &str, event: &str| fires(&format!("{named}{condition}"), event);
    assert!(holds("sel_a and not filter", r#"{"a":1}"#));
    assert!(!holds("sel_a and not filter", r#"{"a":1,"f":1}"#));
    assert!(holds("sel_a or sel_b and sel_c", r#"{"a":1}"#));
    assert!(!holds("(sel_a or sel_b) and sel_c", r#"{"a":1}"#));
    assert!(holds("not (sel_a and (sel_b or not sel_c))", r#"{"a":1,"c":1}"#));
    assert!(holds("1 of sel_*", r#"{"c":1}"#));
    assert!(holds("any of sel_*", r#"{"c":1}"#));
    assert!(!holds("all of sel_*", r#"{"a":1,"b":1}"#));
    assert!(holds("all of sel_*", r#"{"a":1,"b":1,"c":1}"#));
    assert!(holds("2 of sel_*", r#"{"a":1,"c":1}"#));
    assert!(!holds("2 of sel_*", r#"{"a":1}"#));
    assert!(!holds("1 of them", r#"{"h":1}"#));
    assert!(holds("1 of them", r#"{"f":1}"#));
    assert!(!holds("all of them", r#"{"a":1,"b":1,"c":1}"#));
    assert!(holds("all of them", r#"{"a":1,"b":1,"c":1,"f":1}"#));
    assert!(holds("1 of *el*b", r#"{"b":1}"#));
    assert!(!holds("1 of *", r#"{"h":1}"#) && holds("1 of _h*", r#"{"h":1}"#));
    assert!(holds("sel_a AND NOT filter", r#"{"a":1}"#));
    assert!(refused(&format!("{named}sel_a | count() by b > 5")).contains("correlation"));
    assert!(refused(&format!("{named}[]")).contains("condition"));
    assert!(holds("not not sel_a", r#"{"a":1}"#));
    assert!(holds("\n  - sel_a\n  - sel_b", r#"{"b":1}"#));
    assert!(refused(&format!("{named}1 of nothing*")).contains("nothing*"));
    assert!(refused(&format!("{named}sel_a and unknown")).contains("unknown"));
}

#[test]
fn a_negated_question_to_an_absent_field_holds() {
    assert!(fires("s:\n  a: 1\nf:\n  b|contains: x\ncondition: s and not f", r#"{"a":1}"#));
}

#[test]
fn objects_match_as_their_text() {
    let event = r#"{"a":{"status":"Suspended","policy":"{\"Effect\":\"Allow\"}"}}"#;
    assert!(fires("s:\n  a|contains: Suspended\ncondition: s", event));
    assert!(fires("s:\n  a|contains: '\"Effect\":\"Allow\"'\ncondition: s", event));
    assert!(fires("s:\n  a|contains: '\"status\":\"Suspended\"'\ncondition: s", event));
    assert!(!fires("s:\n  a: Suspended\ncondition: s", event));
}

#[test]
fn rules_for_other_logs_are_set_aside() {
    let text = "title: w\nlogsource:\n  product: windows\n  category: process_creation\ndetection:\n  s:\n    a: 1\n  condition: s\n";
    let set = load(text);
    assert_eq!(set.rules().count(), 0);
    assert!(set.problems().is_empty());
    assert_eq!(set.not_applicable()[0].title, "w");
    let every = LoadOptions { events: None, ..LoadOptions::default() };
    assert_eq!(load_with(text, &every).rules().count(), 1);
}

#[test]
fn what_a_rule_says_of_itself_is_kept() {
    let text = "\n# comment\ntitle: t\nid: 5638f7c0-ac70-491d-8465-2a65075e0d86\nname: n\nstatus: test\nlevel: high\ndescription: d\nauthor: me\nlicense: MIT\nreferences: [r]\nfalsepositives: [f]\ntags:\n  - attack.t1078.004\n  - attack.initial-access\nfloodmark: {own: field}\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  s:\n    a: 1\n  condition: s\n";
    let set = load(text);
    let meta = &set.rules().next().unwrap().1.meta;
    assert_eq!(meta.id.as_deref(), Some("5638f7c0-ac70-491d-8465-2a65075e0d86"));
    assert_eq!((meta.level, meta.status), (Some(Level::High), Some(Status::Test)));
    assert_eq!(
        (meta.techniques.as_slice(), meta.tactics.as_slice()),
        (&["T1078.004".to_owned()][..], &["initial-access".to_owned()][..])
    );
    assert_eq!(meta.logsource, LogSource::cloudtrail());
    assert_eq!(meta.place.to_string(), "rules.yml:3");
}

#[test]
fn documents_of_one_file_stand_alone_and_actions_link_them() {
    let text = "title: bad\ndetection: {}\n---\naction: global\ntitle: g\nlogsource:\n  product: aws\nlevel: low\n---\ntitle: one\ndetection:\n  s:\n    a: 1\n  condition: s\n---\naction: repeat\ntitle: two\ndetection:\n  s:\n    a: 2\n---\naction: reset\n---\ntitle: three\nlogsource:\n  product: aws\ndetection:\n  s:\n    a: 2\n  condition: s\n";
    let set = load(text);
    assert_eq!(set.problems().len(), 1, "{:?}", set.problems());
    assert_eq!(set.problems()[0].place.line, 1);
    let levels: Vec<_> = set.rules().map(|(_, rule)| (rule.meta.title.clone(), rule.meta.level)).collect();
    assert_eq!(
        levels,
        [("one".into(), Some(Level::Low)), ("two".into(), Some(Level::Low)), ("three".into(), None)]
    );
    assert_eq!(titles(set, r#"{"a":2}"#), ["two", "three"]);
}

#[test]
fn a_filter_narrows_the_rules_it_names() {
    let text = "title: one\nname: first\nlogsource:\n  product: aws\ndetection:\n  s:\n    a: 1\n  condition: s\n---\ntitle: two\nlogsource:\n  product: aws\ndetection:\n  s:\n    a: 1\n  condition: s\n---\ntitle: f\nlogsource:\n  product: aws\nfilter:\n  rules:\n    - first\n  selection:\n    user|startswith: adm_\n  condition: not selection\n";
    assert_eq!(titles(load(text), r#"{"a":1,"user":"adm_x"}"#), ["two"]);
    assert_eq!(titles(load(text), r#"{"a":1}"#), ["one", "two"]);
    let unused = load(&text.replace("- first", "- nobody"));
    assert_eq!((unused.problems().len(), unused.problems()[0].effect), (1, Effect::Remark));
}

#[test]
fn problems_name_the_file_the_line_and_the_reason() {
    let set = load(
        "title: ok\nlogsource:\n  product: aws\ndetection:\n  s:\n    a: 1\n  condition: s\n---\n\ntitle: bad\nlogsource:\n  product: aws\ndetection:\n  s:\n    x: 1\n    addr|cidr: nonsense\n  condition: s\n",
    );
    assert_eq!(set.rules().count(), 1);
    let problem = &set.problems()[0];
    assert_eq!(problem.place.to_string(), "rules.yml:16");
    assert!(problem.reason.contains("nonsense"), "{problem:?}");
    let set = load("title: ok\n---\ntitle: [\n");
    assert!(set.problems().iter().any(|problem| problem.place.line >= 3), "{:?}", set.problems());
    for wrong in [
        "s:\n  a|unknown: 1\ncondition: s",
        "s:\n  a: 1\ncondition: s and (",
        "s:\n  a: []\ncondition: s",
        "s:\n  a: [{b: 1}]\ncondition: s",
        "s: {}\ncondition: s",
        "s:\n  a: 1",
    ] {
        assert!(!refused(wrong).is_empty());
    }
}

#[test]
fn an_odd_level_is_remarked_and_the_rule_still_asked() {
    let text = rule("s:\n  a: 1\ncondition: s") + "level: enormous\n";
    let set = load(&text);
    assert_eq!(set.problems()[0].effect, Effect::Remark);
    assert_eq!(titles(set, r#"{"a":1}"#), ["t"]);
}

#[test]
fn hostile_files_are_errors_and_nothing_worse() {
    let parens = format!("s:\n  a: 1\ncondition: {}s{}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(refused(&parens).contains("brackets"));
    let hidden = format!("s:\n  a: 1\ncondition: \"{}s{}\"", "\\x28".repeat(10_000), "\\x29".repeat(10_000));
    assert!(refused(&hidden).contains("brackets"));
    let nots = format!("s:\n  a: 1\ncondition: {}s", "not ".repeat(3_000));
    assert!(fires(&nots, r#"{"a":1}"#), "the number of them is even");
    let nots = format!("s:\n  a: 1\ncondition: {}s", "not ".repeat(30_000));
    assert!(refused(&nots).contains("longer"));
    let deep = format!("title: t\ndetection: {}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(load(&deep).rules().count(), 0);
    let shallow = format!("title: t\ndetection: {}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(load(&shallow).rules().count(), 0);
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{},", level - 1).repeat(10);
        bomb = format!("{bomb}a{level}: &a{level} [{before}]\n");
    }
    assert_eq!(load(&bomb).rules().count(), 0);
    let regex = "s:\n  a|re: '(x{1000}){1000}'\ncondition: s";
    assert!(refused(regex).contains("bytes"));
    assert_eq!(load(&"\u{0}\u{1}---".repeat(100)).rules().count(), 0);
    assert_eq!(load("").problems().len(), 0);
}

#[test]
fn the_graph_gives_the_same_answers_however_many_distinct_values_a_log_has() {
    let text = "title: agent\nlogsource:\n  product: aws\ndetection:\n  s:\n    userAgent|contains: hog\n  condition: s\n---\ntitle: both\nlogsource:\n  product: aws\ndetection:\n  s:\n    userAgent|startswith: a1\n    errorCode: E7\n  condition: s\n---\ntitle: name\nlogsource:\n  product: aws\ndetection:\n  s:\n    eventName|startswith: Get1\n    errorCode: [E1, E7]\n  condition: s\n";
    let mut matcher = Matcher::new(Arc::new(load(text)));
    for n in 0..30_000 {
        let agent = if n % 97 == 0 { format!("truffleHOG {n}") } else { format!("a{n}") };
        let event = serde_json::json!({"eventSource": "s", "eventName": format!("Get{n}"), "userAgent": agent, "errorCode": format!("E{}", n % 11)});
        let mut found = Vec::new();
        matcher.matches(&JsonFields::new(&event), |rule| found.push(rule.get()));
        let mut expected = Vec::new();
        expected.extend((n % 97 == 0).then_some(0));
        expected.extend((agent.starts_with("a1") && n % 11 == 7).then_some(1));
        expected.extend((format!("{n}").starts_with('1') && (n % 11 == 1 || n % 11 == 7)).then_some(2));
        assert_eq!(found, expected, "{event}");
    }
}

#[test]
fn damaged_rule_files_are_read_as_far_as_they_go() {
    let whole = rule(
        "s:\n  a|base64offset|contains: ['x', \"y\"]\n  b|re|i: '^a.*(b|c)$'\n  c|cidr: 10.0.0.0/8\nf:\n  - d: null\n  - e|expand: '%p%'\ncondition: s and not (1 of f* or f)",
    );
    let bytes = whole.as_bytes();
    for at in 0..bytes.len() {
        let cut = String::from_utf8_lossy(&bytes[..at]).into_owned();
        let mut changed = bytes.to_vec();
        changed[at] = b"*&|[{(%'\"\\\n\t-:"[at % 14];
        let changed = String::from_utf8_lossy(&changed).into_owned();
        for text in [cut, changed] {
            let set = Arc::new(load(&text));
            let event = serde_json::json!({"a": "eA", "b": "ab", "c": "10.0.0.1"});
            Matcher::new(set).matches(&JsonFields::new(&event), |_| ());
        }
    }
}

#[test]
fn many_rules_find_in_a_text_what_each_alone_would() {
    let word = |number: u32| {
        ["a", "ab", "Ba", "b*a", "a?b", "aab", "ß", "c", "", "1"][number as usize % 10].to_owned()
    };
    let forms = [
        "'V'",
        "{x|contains: 'V'}",
        "{x|contains|cased: 'V'}",
        "{x|startswith: 'V'}",
        "{x: ['V', 1.0]}",
        "{x|re: 'V'}",
    ];
    let rules: Vec<String> = (0..60)
        .map(|number| {
            let form = forms[number as usize / 10].replace('V', &word(number));
            format!("title: t{number}\nlogsource: {{product: aws}}\ndetection:\n  s: {form}\n  condition: s\n---\n")
        })
        .filter(|rule| !rule.contains("re: 'b*") && !rule.contains("s: ''"))
        .collect();
    let together = Arc::new(load(rules.concat().trim_end_matches("---\n")));
    assert!(together.problems().is_empty(), "{:?}", together.problems());
    let mut matcher = Matcher::new(together.clone());
    let long = "ab".repeat(20_000);
    for text in ["", "a", "AB", "xbaX", "bxxa", "aXb", "aaab", "STRASSE ß", "1", "c", "q", &long] {
        let event = serde_json::json!({"x": text, "y": ["no", 1, text], "n": 1});
        let mut found = Vec::new();
        matcher.matches(&JsonFields::new(&event), |rule| found.push(together.rule(rule).meta.title.clone()));
        let alone =
            rules.iter().flat_map(|rule| titles(load(rule.trim_end_matches("---\n")), &event.to_string()));
        assert_eq!(found, alone.collect::<Vec<_>>(), "{text}");
    }
}

//! The documents of rule files: what YAML may hold, what a rule says beside its detection, filters; and that what
//! can't be understood is told with its place, never passed over.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::sync::Arc;

use floodmark_trace::sigma::{
    Effect, JsonFields, Level, LoadOptions, Matcher, RuleSet, RuleSource, read_rules,
};
use serde_json::json;

fn load(text: &str) -> RuleSet {
    RuleSet::load(&[RuleSource::new("rules.yml", text)], &LoadOptions::default())
}

fn rule(more: &str) -> String {
    format!(
        "title: t\nid: 5638f7c0-ac70-491d-8465-2a65075e0d86\nlogsource:\n  product: aws\n{more}\ndetection:\n  s:\n    a: 1\n  condition: s\n"
    )
}

fn fired(set: RuleSet, event: &serde_json::Value) -> usize {
    let mut count = 0;
    Matcher::new(Arc::new(set)).matches(&JsonFields::new(event), |_| count += 1);
    count
}

/// The problems as `line: reason`, and whether the rule is used all the same.
fn problems(text: &str) -> (Vec<String>, usize) {
    let set = load(text);
    let told = set.problems().iter().map(|problem| format!("{}: {}", problem.place.line, problem.reason));
    (told.collect(), set.rules().count())
}

#[test]
fn what_yaml_would_let_slip_is_told() {
    for (text, line, reason) in [
        (rule("status: test\nstatus: stable"), "6", "twice"),
        (rule("x: !own y"), "5", "tags"),
        (rule("x: &a {b: 1}\ny:\n  <<: *a"), "", "merge"),
        (rule("").replace("a: 1", "a: {b: 1}"), "8", "map"),
        (rule("").replace("a: 1", "a: [[1]]"), "8", "list"),
        (rule("").replace("  condition: s", "  condition: [s, {a: b}]"), "9", "condition"),
        (rule("").replace("  s:\n    a: 1", "  s:"), "7", "null"),
        (rule("").replace("product: aws", "product: [aws]"), "4", "product"),
        ("just text".to_owned(), "1", "no rule"),
        ("- a\n- b".to_owned(), "1", "no rule"),
        ("logsource: {}\ndetection: {}".to_owned(), "1", "title"),
        ("title: t\nlogsource: {}".to_owned(), "1", "detection"),
    ] {
        let (told, used) = problems(&text);
        assert_eq!(used, 0, "{text}");
        assert!(told.len() == 1 && told[0].contains(reason), "{told:?}\n{text}");
        assert!(told[0].starts_with(line), "{told:?}\n{text}");
    }
}

#[test]
fn what_is_odd_in_a_rule_is_remarked_and_the_rule_used() {
    for (more, reason) in [
        ("level: enormous", "enormous"),
        ("status: fine", "fine"),
        ("taxonomy: ecs", "ecs"),
        ("related:\n  - id: x\n    type: derived\nlevel: HIGH\nown: {field: 1}\ntaxonomy: sigma", ""),
    ] {
        let set = load(&rule(more));
        assert_eq!(set.rules().count(), 1);
        let told: Vec<_> = set.problems().iter().map(|problem| (problem.effect, &*problem.reason)).collect();
        assert_eq!(told.len(), usize::from(!reason.is_empty()), "{told:?}");
        assert!(told.iter().all(|(effect, told)| *effect == Effect::Remark && told.contains(reason)));
    }
    let set = load(&rule("level: HIGH"));
    assert_eq!(set.rules().next().unwrap().1.meta.level, Some(Level::High));
    let open = load("title: t\ndetection:\n  s:\n    a: 1\n  timeframe: 5m\n  condition: s\n");
    assert_eq!((open.problems().len(), open.rules().count()), (2, 1));
}

#[test]
fn a_filter_names_its_rules_and_logs() {
    let filter = |rules: &str| {
        format!(
            "{}---\ntitle: f\nlogsource:\n  product: aws\nfilter:\n{rules}  quiet:\n    u: adm\n  condition: not quiet\n",
            rule("name: first")
        )
    };
    let silenced = |text: &str| {
        let set = load(text);
        assert!(set.problems().is_empty(), "{:?}", set.problems());
        fired(set, &json!({"a": 1, "u": "adm"})) == 0
    };
    assert!(silenced(&filter("  rules: [first]\n")));
    assert!(silenced(&filter("  rules: 5638F7C0-ac70-491d-8465-2a65075e0d86\n")));
    assert!(silenced(&filter("  rules: any\n")));
    let all_of_them = filter("  rules: any\n").replace("not quiet", "not 1 of them");
    assert!(silenced(&all_of_them), "`them` are the filter's own");
    for (text, reason) in [
        (filter(""), "names the rules"),
        (filter("  rules: []\n"), "names the rules"),
        (
            filter("  rules: any\n").replace("title: f\nlogsource:\n  product: aws\n", "title: f\n"),
            "logsource",
        ),
        (filter("  rules: any\n").replace("not quiet", "not s"), "not defined"),
    ] {
        let (told, used) = problems(&text);
        assert_eq!(used, 1, "{text}");
        assert!(told.len() == 1 && told[0].contains(reason), "{told:?}\n{text}");
    }
}

#[test]
fn aliases_of_yaml_are_followed_as_far_as_is_sensible() {
    let shared = rule("").replace("a: 1", "a: &names [x, y]\n    b: *names");
    assert_eq!(fired(load(&shared), &json!({"a": "x", "b": "y"})), 1);
    let bomb = rule("")
        .replace("a: 1", &format!("a: &a [{}]\n    b: [{}]", "x,".repeat(20_000), "*a,".repeat(20_000)));
    let (told, used) = problems(&bomb);
    assert!(used == 0 && told[0].contains("aliases"), "{told:?}");
}

#[test]
fn large_rules_are_loaded_and_absurd_ones_told() {
    let items: Vec<String> = (0..10_000).map(|number| format!("      - 'item-{number}'\n")).collect();
    let items = items.concat();
    for modifier in ["", "|contains", "|startswith", "|endswith"] {
        let text = rule("").replace("    a: 1", &format!("    a{modifier}:\n{items}"));
        assert_eq!(fired(load(&text), &json!({"a": "item-9999"})), 1);
    }
    let deep = rule("").replace("a: 1", &format!("{}x", "- ".repeat(500)));
    assert!(problems(&deep).1 == 0 && problems(&deep).0[0].contains("recursion"), "{:?}", problems(&deep));
    let huge = " ".repeat(9 << 20);
    assert!(problems(&huge).0[0].contains("larger"));
    let regex = rule("").replace("a: 1", "a|re: '(a+)+$'");
    let nasty = json!({"a": format!("{}b", "a".repeat(100_000))});
    assert_eq!(fired(load(&regex), &nasty), 0);
    let stars = rule("").replace("a: 1", &format!("a: '{}b'", "*a".repeat(200)));
    assert_eq!(fired(load(&stars), &nasty), 1);
}

#[cfg(unix)]
#[test]
fn what_stands_in_a_folder_of_rules_and_can_not_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("more")).unwrap();
    std::fs::write(at("more/good.YAML"), rule("")).unwrap();
    std::fs::write(at("note.txt"), "no rule").unwrap();
    std::fs::write(at("latin.yml"), b"title: caf\xe9\n").unwrap();
    std::fs::write(at("large.yml"), vec![b' '; 9 << 20]).unwrap();
    std::os::unix::fs::symlink(folder.path(), at("more/up")).unwrap();
    std::os::unix::fs::symlink(folder.path(), at("more/up.yml")).unwrap();
    std::os::unix::fs::symlink(at("more/self.yml"), at("more/self.yml")).unwrap();
    std::os::unix::fs::symlink(at("more/good.YAML"), at("linked.yml")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("pipe.yml")).status().unwrap().success());
    let (sources, problems) = read_rules(folder.path());
    assert_eq!(sources.len(), 2, "a folder is entered once, a link to a file is read");
    let told: Vec<_> = problems.iter().map(|one| format!("{}: {}", one.place.file, one.reason)).collect();
    assert_eq!(told.len(), 6, "{told:?}");
    for (at, name, reason) in [
        (0, "large", "larger"),
        (1, "latin", "UTF-8"),
        (2, "self", "read"),
        (3, "up", "link to a folder"),
        (4, "up.yml", "link to a folder"),
        (5, "pipe", "not a file"),
    ] {
        assert!(told[at].contains(name) && told[at].contains(reason), "{told:?}");
    }
    let (none, problems) = read_rules(&at("pipe.yml"));
    assert!(none.is_empty() && problems[0].reason.contains("not a file"));
}

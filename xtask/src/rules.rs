//! The catalogue of the rule pack, by tactic.

use std::collections::BTreeMap;
use std::fmt::Write;

use floodmark_trace::sigma::{LoadOptions, Rule, RuleSet};

/// All rules as one Markdown page.
pub(crate) fn catalogue() -> String {
    let rules = RuleSet::load(&floodmark_trace::rule_sources(), &LoadOptions::default());
    assert!(rules.problems().is_empty(), "the rule pack must load: {:?}", rules.problems());
    let shown: Vec<&Rule> = rules.rules().map(|(_, rule)| rule).filter(|rule| rule.standalone).collect();
    let mut by_tactic: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in &shown {
        let tactics = if rule.meta.tactics.is_empty() {
            vec!["other"]
        } else {
            rule.meta.tactics.iter().map(String::as_str).collect()
        };
        for tactic in tactics {
            by_tactic.entry(tactic).or_default().push(rule);
        }
    }
    let mut page = format!(
        "# Rule catalogue\n\nThe {} rules that ship with the program, by ATT&CK tactic; a rule of several tactics stands under each.\n\
         Generated from `rules/aws/` by `cargo xtask generate`.\n",
        shown.len()
    );
    for (tactic, mut rules) in by_tactic {
        rules.sort_by(|a, b| b.meta.level.cmp(&a.meta.level).then_with(|| a.meta.title.cmp(&b.meta.title)));
        let _ = write!(
            page,
            "\n## {tactic}\n\n| level | rule | techniques | file |\n| --- | --- | --- | --- |\n"
        );
        for rule in rules {
            let file = rule.meta.place.file.rsplit('/').next().unwrap_or_default();
            let level = rule.meta.level.map_or("medium", floodmark_trace::sigma::Level::as_str);
            let _ = writeln!(
                page,
                "| {level} | {} | {} | [{file}](../rules/aws/{file}) |",
                rule.meta.title.replace('|', "\\|"),
                rule.meta.techniques.join(", ")
            );
        }
    }
    page
}

//! What of an answer a code host would not take.

use floodmark_case::Answer;
use floodmark_report::{Format, Layout, render};
use serde_json::{Value, json};

/// So many findings of low severity behind one that is critical, all of one component.
fn answer(count: usize) -> Answer {
    let digest = "0".repeat(64);
    let finding = |id: &str, severity: &str| {
        json!({"id": id, "rule": "GHSA-1", "title": "t", "explanation": "e", "severity": severity, "confidence": "high",
            "subjects": [], "techniques": [], "tactics": [], "count": 1, "advice": "a",
            "citations": [{"evidence": digest, "place": "line 1"}]})
    };
    let flaw = |finding: &str| {
        json!({"finding": finding, "component": "pkg:npm/p@1", "kind": "vulnerable", "id": "GHSA-1", "aliases": [],
            "summary": "s", "fixed": [], "known_exploited": false})
    };
    let all = json!({"schema": "floodmark/1", "command": "scan", "verdict": "v", "links": [],
        "findings": [finding("F-a", "critical"), finding("F-b", "low")], "flaws": [flaw("F-a"), flaw("F-b")],
        "coverage": {"read": [], "unread": [], "gaps": [], "cannot_conclude": []}, "asked": {"compromises": 1},
        "components": [{"purl": "pkg:npm/p@1", "name": "p", "version": "1", "scope": "runtime", "direct": true,
            "found": [{"path": "package-lock.json", "evidence": digest, "place": "line 1"}]}]});
    let mut answer: Answer = serde_json::from_value(all).expect("an answer");
    let (finding, flaw) = (answer.findings[1].clone(), answer.inventory.flaws[1].clone());
    for number in 2..count {
        let id = format!("F-{number:012x}");
        answer.findings.push(floodmark_case::Finding { id: id.clone(), ..finding.clone() });
        answer.inventory.flaws.push(floodmark_case::Flaw { finding: id, ..flaw.clone() });
    }
    answer
}

fn sarif(answer: &Answer) -> Value {
    let mut out = Vec::new();
    render(answer, Format::Sarif, &Layout::default(), &mut out).expect("written");
    serde_json::from_slice(&out).expect("JSON")
}

#[test]
fn what_is_beyond_the_results_that_a_code_host_takes_is_told_and_the_worst_are_there() {
    for (count, taken, left_out) in [(7, 7, None), (25_007, 25_000, Some("7 more findings"))] {
        let sarif = sarif(&answer(count));
        let run = &sarif["runs"][0];
        assert_eq!(run["results"].as_array().map(Vec::len), Some(taken));
        assert_eq!(run["results"][0]["level"], "error");
        let told = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str();
        assert_eq!(told.map(|text| text.split(',').next().unwrap_or_default()), left_out);
    }
}

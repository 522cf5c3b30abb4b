//! Findings of `scan` as SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, as GitHub's code
//! scanning takes it: fingerprints, help for each rule, `security-severity`, paths below the root of the checkout.

use std::collections::BTreeMap;
use std::io::Write;

use floodmark_case::{Answer, Component, Finding, Flaw, FlawKind, FoundAt, Severity, Unread};
use serde::Serialize;
use serde_json::{Value, json};

use crate::ReportError;
use crate::json::{Streamed, write_pretty};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// GitHub takes no more results of one run. They come worst first, so that what is left out is the least.
const MOST_RESULTS: usize = 25_000;

/// GitHub takes no more of a rule's description, in characters.
const MOST_DESCRIPTION: usize = 1000;

/// Further places that a result names.
const MOST_PLACES: usize = 100;

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> Result<(), ReportError> {
    let components = answer.inventory.flawed();
    let findings: BTreeMap<&str, &Finding> =
        answer.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let told = answer.inventory.flaws.iter().filter(|flaw| flaw.set_aside.is_none());
    let mut told: Vec<(&Flaw, &Finding)> =
        told.filter_map(|flaw| Some((flaw, *findings.get(flaw.finding.as_str())?))).collect();
    let left_out = told.len().saturating_sub(MOST_RESULTS);
    told.truncate(MOST_RESULTS);
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    let mut described = Vec::new();
    for (flaw, finding) in &told {
        rules.entry(&finding.rule).or_insert_with(|| {
            described.push(rule(flaw, finding));
            described.len() - 1
        });
    }
    let results = Streamed(|| {
        told.iter().filter_map(|(flaw, finding)| {
            let component = components.get(flaw.component.as_str())?;
            Some(result(flaw, finding, component, *rules.get(finding.rule.as_str())?))
        })
    });
    let sarif = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": "Floodmark",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described,
            } }),
            invocations: json!([{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(answer, left_out),
            }]),
            column_kind: "utf16CodeUnits",
            results,
        }],
    };
    write_pretty(&sarif, out)
}

/// The document; its results are made as they are written.
#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<R>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    tool: Value,
    invocations: Value,
    column_kind: &'static str,
    results: R,
}

fn rule(flaw: &Flaw, finding: &Finding) -> Value {
    let what = if flaw.summary.is_empty() { flaw.id.as_str() } else { flaw.summary.as_str() };
    let names: Vec<&str> =
        std::iter::once(flaw.id.as_str()).chain(flaw.aliases.iter().map(String::as_str)).collect();
    let help = match flaw.kind {
        FlawKind::Poisoned | FlawKind::Malicious => {
            "Stop, do not patch: take it out, treat every machine that installed or ran it as breached, and replace each \
             secret that it could read there."
        }
        FlawKind::Possible => "Find out whether this very release was poisoned, and when it was installed.",
        FlawKind::Vulnerable => {
            "Take a version that mends it; the message of each result names one, if one is known."
        }
        FlawKind::Notice => "Look for another package that does the same.",
    };
    let mut rule = json!({
        "id": finding.rule,
        "name": name(flaw.kind),
        "shortDescription": { "text": short(what) },
        "fullDescription": { "text": short(what) },
        "help": {
            "text": format!("{help} Names: {}.", names.join(", ")),
            "markdown": format!("**{help}**\n\nNames: {}.\n", markdown(&names.join(", "))),
        },
        "defaultConfiguration": { "level": level(finding.severity) },
        "properties": {
            "tags": ["security", "supply-chain", flaw.kind.as_str()],
            "precision": match finding.confidence.as_str() { "high" => "very-high", other => other },
            "security-severity": format!("{:.1}", score(flaw, finding.severity)),
        },
    });
    if matches!(flaw.kind, FlawKind::Vulnerable | FlawKind::Malicious | FlawKind::Notice) {
        rule["helpUri"] = json!(format!("https://osv.dev/vulnerability/{}", uri(&flaw.id)));
    }
    rule
}

const fn name(kind: FlawKind) -> &'static str {
    match kind {
        FlawKind::Poisoned => "PoisonedRelease",
        FlawKind::Malicious => "MaliciousPackage",
        FlawKind::Possible => "PossiblyPoisonedRelease",
        FlawKind::Vulnerable => "VulnerableComponent",
        FlawKind::Notice => "NoticeAboutComponent",
    }
}

fn result(flaw: &Flaw, finding: &Finding, component: &Component, rule: usize) -> Value {
    let mut places = component.found.iter().map(location);
    let first = places.next();
    let others: Vec<Value> = places.take(MOST_PLACES).collect();
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": { "text": format!("{}. {}", plain(&finding.title), plain(&finding.advice)) },
        "locations": first.into_iter().collect::<Vec<_>>(),
        // GitHub looks at the first alone; it need not be made of a line.
        "partialFingerprints": {
            "primaryLocationLineHash": format!("{}:1", finding.id.trim_start_matches("F-")),
            "floodmarkFinding/v1": finding.id,
        },
        "properties": {
            "purl": flaw.component,
            "aliases": flaw.aliases,
            "fixed": flaw.fixed,
            "scope": component.scope.as_str(),
            "knownExploited": flaw.known_exploited,
            "epss": flaw.epss,
        },
    });
    if !others.is_empty() {
        result["relatedLocations"] = json!(others);
    }
    result
}

fn location(found: &FoundAt) -> Value {
    let line: u64 = found.place.strip_prefix("line ").and_then(|line| line.parse().ok()).unwrap_or(1);
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&found.path), "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": line.max(1) },
        },
        "message": { "text": plain(&found.place) },
    })
}

/// What could not be read: whoever gates on this file has to see it.
fn notifications(answer: &Answer, left_out: usize) -> Vec<Value> {
    let unread = answer.coverage.unread.iter().map(|Unread { path, why, incomplete }| {
        let level = if *incomplete { "error" } else { "note" };
        json!({ "level": level, "message": { "text": plain(&format!("{path}: {why}")) } })
    });
    let unsaid = answer.coverage.cannot_conclude.iter();
    let unsaid = unsaid.map(|text| json!({ "level": "note", "message": { "text": plain(text) } }));
    let left_out = (left_out > 0).then(|| {
        let text = format!(
            "{left_out} more findings, the least severe, are not in this file: code hosts take {MOST_RESULTS} of a run. \
             They are in --format json."
        );
        json!({ "level": "warning", "message": { "text": text } })
    });
    left_out.into_iter().chain(unread).chain(unsaid).collect()
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

/// On GitHub's scale: from 9 critical, from 7 high, from 4 medium.
fn score(flaw: &Flaw, severity: Severity) -> f64 {
    let least = match severity {
        Severity::Critical => 9.0,
        Severity::High => 7.0,
        Severity::Medium => 4.0,
        Severity::Low => 1.0,
        Severity::Informational => 0.0,
    };
    flaw.score.unwrap_or(least).clamp(least, 10.0)
}

/// Text in which nothing is a link, section 3.11.6.
fn plain(text: &str) -> String {
    crate::inert(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// As much of a text as a description may hold.
fn short(text: &str) -> String {
    let whole = plain(text);
    match whole.char_indices().nth(MOST_DESCRIPTION) {
        // Not between a backslash and what it stands before.
        Some((end, _)) => format!("{}…", whole[..end].trim_end_matches('\\')),
        None => whole,
    }
}

/// Text in which Markdown marks nothing.
fn markdown(text: &str) -> String {
    crate::inert(text).chars().fold(String::with_capacity(text.len()), |mut escaped, letter| {
        if letter.is_ascii_punctuation() && !matches!(letter, '-' | ',' | '.' | ':') {
            escaped.push('\\');
        }
        escaped.push(letter);
        escaped
    })
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/@+".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}

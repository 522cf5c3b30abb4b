//! The timeline and the detections as JSON lines for Timesketch.
//!
//! Timesketch wants `message`, `datetime` (ISO 8601) and `timestamp_desc`; it takes `timestamp` in microseconds and
//! any further field. Source: Timesketch's guide "Import from JSON or CSV".

use std::io::Write;

use floodmark_case::{Answer, Citation, Finding, Outcome, TimelineRow, Timestamp};
use serde::Serialize;

use crate::json::write_line;
use crate::{ReportError, inert, wording};

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> Result<(), ReportError> {
    for row in &answer.story.timeline {
        write_line(&call(row), out)?;
    }
    for finding in &answer.findings {
        if let Some(detection) = detection(finding) {
            write_line(&detection, out)?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Event<T> {
    message: String,
    datetime: String,
    timestamp: i64,
    timestamp_desc: &'static str,
    data_type: &'static str,
    #[serde(flatten)]
    fields: T,
    tag: Vec<String>,
    citations: Vec<String>,
}

#[derive(Serialize)]
struct ApiCall<'a> {
    last: String,
    credential: &'a str,
    call: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    count: u64,
    account: &'a str,
    region: &'a str,
    source_ip: &'a str,
    user_agent: &'a str,
    resources: String,
    resource_count: u64,
    bytes_out: u64,
    findings: String,
}

#[derive(Serialize)]
struct Detection<'a> {
    last: String,
    finding: &'a str,
    rule: &'a str,
    severity: &'static str,
    confidence: &'static str,
    explanation: &'a str,
    advice: &'a str,
    subjects: String,
    count: u64,
}

fn call(row: &TimelineRow) -> Event<ApiCall<'_>> {
    let mut tag = row.techniques.clone();
    tag.extend((row.outcome == Outcome::Denied).then(|| "denied".to_owned()));
    Event {
        message: inert(&wording::row_message(row)).into_owned(),
        datetime: iso(row.window.from),
        timestamp: row.window.from.as_microsecond(),
        timestamp_desc: if row.count > 1 { "First API call of a run" } else { "API call" },
        data_type: "floodmark:trace:call",
        fields: ApiCall {
            last: iso(row.window.to),
            credential: &row.credential,
            call: &row.call,
            outcome: wording::outcome(row.outcome),
            error: row.error.as_deref(),
            count: row.count,
            account: &row.account,
            region: &row.region,
            source_ip: &row.address,
            user_agent: &row.user_agent,
            resources: row.resources.join(" "),
            resource_count: row.resource_count,
            bytes_out: row.bytes_out,
            findings: row.findings.join(" "),
        },
        tag,
        citations: citations(&row.citations),
    }
}

/// What has no time has no place on a timeline.
fn detection(finding: &Finding) -> Option<Event<Detection<'_>>> {
    let window = finding.window?;
    let mut tag = finding.techniques.clone();
    tag.push(finding.severity.as_str().to_owned());
    Some(Event {
        message: inert(&format!("{}: {}", wording::severity_mark(finding.severity), finding.title))
            .into_owned(),
        datetime: iso(window.from),
        timestamp: window.from.as_microsecond(),
        timestamp_desc: "Detection",
        data_type: "floodmark:trace:detection",
        fields: Detection {
            last: iso(window.to),
            finding: &finding.id,
            rule: &finding.rule,
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            explanation: &finding.explanation,
            advice: &finding.advice,
            subjects: finding
                .subjects
                .iter()
                .map(|subject| subject.id.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            count: finding.count,
        },
        tag,
        citations: citations(&finding.citations),
    })
}

fn citations(citations: &[Citation]) -> Vec<String> {
    citations.iter().map(|citation| format!("{} {}", citation.evidence, citation.place)).collect()
}

fn iso(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

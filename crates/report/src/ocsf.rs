//! Findings and timeline as events of the Open Cybersecurity Schema Framework, JSON lines.
//!
//! Findings become Detection Finding (class 2004), timeline rows API Activity (class 6003), both with the profile
//! `cloud`. What the schema has no attribute for stands in `unmapped`. Source: the OCSF schema, version 1.6.0.

use std::collections::HashMap;
use std::io::Write;
use std::net::IpAddr;

use floodmark_case::{
    Answer, Citation, Confidence, Finding, Node, NodeKind, Outcome, Severity, TimelineRow, Window,
};
use serde_json::{Value, json};

use crate::json::write_line;
use crate::{ReportError, inert, wording};

const VERSION: &str = "1.6.0";

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> Result<(), ReportError> {
    for finding in &answer.findings {
        if let Some(window) = finding.window {
            write_line(&detection(finding, window), out)?;
        }
    }
    let severities: HashMap<&str, Severity> =
        answer.findings.iter().map(|finding| (finding.id.as_str(), finding.severity)).collect();
    let principals: HashMap<&str, &str> = answer
        .story
        .credentials
        .iter()
        .map(|credential| (credential.id.as_str(), credential.principal.as_str()))
        .collect();
    for row in &answer.story.timeline {
        let severity = row.findings.iter().filter_map(|id| severities.get(id.as_str())).max();
        let principal = principals.get(row.credential.as_str()).copied().unwrap_or(&row.credential);
        write_line(&activity(row, principal, severity.copied().unwrap_or(Severity::Informational)), out)?;
    }
    Ok(())
}

fn detection(finding: &Finding, window: Window) -> Value {
    let (severity_id, severity) = severity(finding.severity);
    let (confidence_id, confidence) = match finding.confidence {
        Confidence::Low => (1, "Low"),
        Confidence::Medium => (2, "Medium"),
        Confidence::High => (3, "High"),
    };
    let (analytic_type, analytic) =
        if finding.rule.starts_with("floodmark.") { (2, "Behavioral") } else { (1, "Rule") };
    let resources: Vec<_> =
        finding.subjects.iter().filter(|subject| !subject.id.is_empty()).map(resource).collect();
    let mut event = json!({
        "activity_id": 1, "activity_name": "Create",
        "category_uid": 2, "category_name": "Findings",
        "class_uid": 2004, "class_name": "Detection Finding",
        "type_uid": 200_401, "type_name": "Detection Finding: Create",
        "severity_id": severity_id, "severity": severity,
        "confidence_id": confidence_id, "confidence": confidence,
        "status_id": 1, "status": "New",
        "is_alert": finding.severity >= Severity::High,
        "time": window.to.as_millisecond(),
        "start_time": window.from.as_millisecond(),
        "end_time": window.to.as_millisecond(),
        "message": inert(&finding.title),
        "metadata": metadata(&finding.id),
        "cloud": { "provider": "AWS" },
        "finding_info": {
            "uid": finding.id,
            "title": finding.title,
            "desc": finding.explanation,
            "first_seen_time": window.from.as_millisecond(),
            "last_seen_time": window.to.as_millisecond(),
            "analytic": { "uid": finding.rule, "type_id": analytic_type, "type": analytic },
            "attacks": attacks(&finding.techniques, &finding.tactics),
        },
        "resources": resources,
        "evidences": finding.citations.iter().map(|citation| json!({ "data": evidence(citation) })).collect::<Vec<_>>(),
        "unmapped": { "count": finding.count },
    });
    if !finding.advice.is_empty() {
        event["remediation"] = json!({ "desc": finding.advice });
    }
    event
}

fn activity(row: &TimelineRow, principal: &str, level: Severity) -> Value {
    let (severity_id, severity) = severity(level);
    let (service, operation) = row.call.split_once(':').unwrap_or(("", &row.call));
    let (activity_id, activity) = activity_of(operation);
    let (status_id, status) = if row.outcome == Outcome::Success { (1, "Success") } else { (2, "Failure") };
    let mut event = json!({
        "activity_id": activity_id, "activity_name": activity,
        "category_uid": 6, "category_name": "Application Activity",
        "class_uid": 6003, "class_name": "API Activity",
        "type_uid": 600_300 + activity_id, "type_name": format!("API Activity: {activity}"),
        "severity_id": severity_id, "severity": severity,
        "status_id": status_id, "status": status,
        "time": row.window.from.as_millisecond(),
        "message": inert(&wording::row_message(row)),
        "metadata": metadata(""),
        "cloud": { "provider": "AWS", "region": row.region, "account": account(&row.account) },
        "actor": { "user": user(row, principal), "session": { "credential_uid": row.credential } },
        "api": { "operation": operation, "service": { "name": service } },
        "src_endpoint": endpoint(&row.address),
        "http_request": { "user_agent": row.user_agent },
        "resources": row.resources.iter().filter(|id| !id.is_empty()).map(|id| json!({ "uid": id })).collect::<Vec<_>>(),
        "unmapped": {
            "outcome": wording::outcome(row.outcome),
            "resource_count": row.resource_count,
            "bytes_out": row.bytes_out,
            "techniques": row.techniques,
            "findings": row.findings,
            "citations": row.citations.iter().map(evidence).collect::<Vec<_>>(),
        },
    });
    if row.count > 1 {
        let (start, end) = (row.window.from.as_millisecond(), row.window.to.as_millisecond());
        event["count"] = json!(row.count);
        event["start_time"] = json!(start);
        event["end_time"] = json!(end);
        event["duration"] = json!(end.saturating_sub(start));
    }
    if let Some(error) = &row.error {
        event["status_code"] = json!(error);
    }
    event
}

/// The activity by the verb that the operation begins with.
fn activity_of(operation: &str) -> (u32, &str) {
    const VERBS: [(&[&str], u32, &str); 4] = [
        (
            &["Create", "Run", "Allocate", "Issue", "Generate", "Import", "Register", "Copy", "Upload"],
            1,
            "Create",
        ),
        (
            &[
                "Get", "List", "Describe", "Head", "Lookup", "Search", "Query", "Scan", "Select", "BatchGet",
                "Download", "Simulate",
            ],
            2,
            "Read",
        ),
        (
            &[
                "Update",
                "Modify",
                "Put",
                "Attach",
                "Add",
                "Set",
                "Enable",
                "Disable",
                "Start",
                "Stop",
                "Tag",
                "Authorize",
                "Change",
            ],
            3,
            "Update",
        ),
        (
            &["Delete", "Terminate", "Remove", "Detach", "Deregister", "Deactivate", "Revoke", "Untag"],
            4,
            "Delete",
        ),
    ];
    let known = VERBS.iter().find(|(verbs, ..)| verbs.iter().any(|verb| operation.starts_with(verb)));
    // 99 is "Other", and then the schema wants the source's own word.
    known.map_or((99, operation), |(_, id, name)| (*id, name))
}

fn user(row: &TimelineRow, principal: &str) -> Value {
    json!({
        "uid": principal,
        "name": wording::short(principal),
        "account": account(&row.account),
    })
}

fn account(id: &str) -> Value {
    json!({ "uid": id, "type_id": 10, "type": "AWS Account" })
}

fn endpoint(address: &str) -> Value {
    match address.parse::<IpAddr>() {
        Ok(ip) => json!({ "ip": ip.to_string() }),
        Err(_) if address.is_empty() => json!({ "name": "unknown" }),
        Err(_) => json!({ "svc_name": address }),
    }
}

fn resource(subject: &Node) -> Value {
    let kind = if subject.kind == NodeKind::Resource { "resource" } else { subject.kind.as_str() };
    json!({ "uid": subject.id, "type": kind })
}

fn attacks(techniques: &[String], tactics: &[String]) -> Vec<Value> {
    let name = tactics.first().map(|tag| wording::tactic(tag));
    techniques
        .iter()
        .map(|technique| match &name {
            Some(name) => json!({ "technique": { "uid": technique }, "tactic": { "name": name } }),
            None => json!({ "technique": { "uid": technique } }),
        })
        .collect()
}

fn evidence(citation: &Citation) -> Value {
    json!({ "sha256": citation.evidence, "place": citation.place })
}

fn metadata(uid: &str) -> Value {
    let mut metadata = json!({
        "version": VERSION,
        "product": { "name": "Floodmark", "vendor_name": "Floodmark", "version": env!("CARGO_PKG_VERSION") },
        "profiles": ["cloud"],
    });
    if !uid.is_empty() {
        metadata["uid"] = json!(uid);
    }
    metadata
}

const fn severity(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

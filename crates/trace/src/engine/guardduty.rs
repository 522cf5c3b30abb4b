//! GuardDuty's findings as findings of ours.

use floodmark_case::{Confidence, Node, NodeKind, Severity};

use super::draft::Draft;
use super::network;
use crate::place::Place;
use crate::read::guardduty::GuardDutyFinding;

/// A finding of GuardDuty as a draft.
///
/// Severity by its documented bands: low below 4, medium below 7, high below 9, critical from there.
/// Source: Amazon GuardDuty User Guide, "Severity levels of GuardDuty findings".
pub fn draft(finding: &GuardDutyFinding, place: Place) -> Draft {
    let severity = match finding.severity {
        severity if severity >= 9.0 => Severity::Critical,
        severity if severity >= 7.0 => Severity::High,
        severity if severity >= 4.0 => Severity::Medium,
        _ => Severity::Low,
    };
    let subject = [&finding.principal_id, &finding.user_name, &finding.instance, &finding.account];
    let subject = subject.into_iter().find(|text| !text.is_empty()).map_or("", |text| text);
    let mut subjects = vec![Node::new(NodeKind::Principal, subject)];
    if !finding.access_key.is_empty() {
        subjects.push(Node::new(NodeKind::Credential, &*finding.access_key));
    }
    let mut by = Vec::new();
    if !finding.access_key.is_empty() && !finding.remote_ip.is_empty() {
        by.push((finding.access_key.clone(), network::network(&finding.remote_ip)));
    }
    Draft {
        rule: format!("guardduty.{}", finding.kind),
        title: format!("GuardDuty: {}", finding.title),
        explanation: finding.description.clone(),
        severity,
        confidence: Confidence::Medium,
        from: finding.first_seen,
        to: finding.last_seen,
        subjects,
        by,
        techniques: Vec::new(),
        tactics: Vec::new(),
        count: finding.count,
        places: vec![place],
        advice: "Compare it with the timeline of the same credential.".into(),
    }
}

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
        techniques: technique(&finding.kind).into_iter().map(str::to_owned).collect(),
        tactics: tactic(&finding.kind).into_iter().map(str::to_owned).collect(),
        count: finding.count,
        places: vec![place],
        advice: "Compare it with the timeline of the same credential.".into(),
    }
}

/// The tactic that a finding's type begins with, where ATT&CK has one like it.
///
/// Source: Amazon GuardDuty User Guide, "GuardDuty finding format", threat purposes.
fn tactic(kind: &str) -> Option<&'static str> {
    Some(match kind.split(':').next().unwrap_or_default() {
        "InitialAccess" => "initial-access",
        "Execution" => "execution",
        "Persistence" => "persistence",
        "PrivilegeEscalation" => "privilege-escalation",
        "DefenseEvasion" | "Stealth" => "defense-evasion",
        "CredentialAccess" => "credential-access",
        "Discovery" | "Recon" => "discovery",
        "Backdoor" | "Trojan" => "command-and-control",
        "Exfiltration" => "exfiltration",
        "Impact" | "CryptoCurrency" => "impact",
        _ => return None,
    })
}

/// The technique of findings whose type names one deed; most types name only an anomaly or an address.
fn technique(kind: &str) -> Option<&'static str> {
    let (purpose, threat) = (kind.split(':').next()?, kind.split('/').nth(1)?);
    Some(match (purpose, threat.split('.').next()?) {
        (_, "InstanceCredentialExfiltration" | "MetadataDNSRebind") => "T1552.005",
        ("Stealth", "CloudTrailLoggingDisabled" | "S3ServerAccessLoggingDisabled") => "T1562.008",
        ("CryptoCurrency", _) => "T1496",
        ("UnauthorizedAccess", "ConsoleLogin" | "ConsoleLoginSuccess") => "T1078.004",
        ("UnauthorizedAccess", "SSHBruteForce" | "RDPBruteForce") => "T1110",
        ("Exfiltration", _) if kind.contains(":S3/") => "T1530",
        ("Recon", "PortProbeUnprotectedPort" | "Portscan") => "T1046",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_gives_its_tactic_and_where_it_names_a_deed_its_technique() {
        for (kind, in_tactic, named) in [
            ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", None, Some("T1552.005")),
            ("Stealth:IAMUser/CloudTrailLoggingDisabled", Some("defense-evasion"), Some("T1562.008")),
            ("CryptoCurrency:EC2/BitcoinTool.B!DNS", Some("impact"), Some("T1496")),
            ("Exfiltration:S3/AnomalousBehavior", Some("exfiltration"), Some("T1530")),
            ("Exfiltration:IAMUser/AnomalousBehavior", Some("exfiltration"), None),
            ("Policy:S3/BucketBlockPublicAccessDisabled", None, None),
            ("no type", None, None),
        ] {
            assert_eq!((tactic(kind), technique(kind)), (in_tactic, named), "{kind}");
        }
    }
}

//! Flaws as findings: what it is, where, and what to do.

use floodmark_case::{Citation, Finding, FlawKind, Node, NodeKind, VexBy, VexStatement, VexStatus};

use crate::component::Component;
use crate::engine::flaw::Flaw;

/// The findings, one for each flaw and in the same order.
pub(super) fn findings(components: &[Component], flaws: &[&Flaw]) -> Vec<Finding> {
    flaws.iter().filter_map(|flaw| Some(finding(components.get(flaw.component)?, flaw))).collect()
}

fn finding(component: &Component, flaw: &Flaw) -> Finding {
    let (rule, id) = identity(component, flaw);
    Finding {
        id,
        rule,
        title: title(component, flaw),
        explanation: explanation(flaw),
        severity: flaw.severity,
        confidence: flaw.confidence,
        window: None,
        subjects: subjects(component),
        techniques: techniques(flaw.kind),
        tactics: if techniques(flaw.kind).is_empty() { Vec::new() } else { vec!["initial-access".into()] },
        count: component.found.len() as u64,
        citations: cited(component, flaw),
        advice: advice(component, flaw),
    }
}

fn subjects(component: &Component) -> Vec<Node> {
    vec![Node::new(NodeKind::Component, component.purl.as_str())]
}

/// The rule and the id of the finding that tells a flaw.
pub(crate) fn identity(component: &Component, flaw: &Flaw) -> (String, String) {
    let rule = match flaw.kind {
        FlawKind::Poisoned | FlawKind::Possible => format!("floodmark.compromise.{}", flaw.id),
        _ => flaw.id.clone(),
    };
    let id = Finding::stable_id(&rule, &subjects(component), None);
    (rule, id)
}

/// The places of a component, and what a VEX document says of the flaw.
fn cited(component: &Component, flaw: &Flaw) -> Vec<Citation> {
    let mut citations = citations(component);
    citations.extend(flaw.vex.iter().map(|said| said.citation.clone()));
    citations.sort();
    citations.dedup();
    citations
}

/// The places of a component, as citations.
pub(super) fn citations(component: &Component) -> Vec<Citation> {
    let cite = |found: &crate::component::Found| Citation {
        evidence: found.evidence,
        place: found.place.to_string(),
    };
    let mut citations: Vec<Citation> = component.found.iter().map(cite).collect();
    citations.sort();
    citations.dedup();
    citations
}

/// `name version`, as people say it.
pub(super) fn called(component: &Component) -> String {
    match &component.version {
        Some(version) => format!("{} {version}", component.name),
        None => format!("{} (version unknown)", component.name),
    }
}

fn title(component: &Component, flaw: &Flaw) -> String {
    let what = called(component);
    match flaw.kind {
        FlawKind::Poisoned => format!("{what} is a poisoned release ({})", flaw.summary),
        FlawKind::Malicious => format!("{what} is malicious ({})", flaw.id),
        FlawKind::Possible => format!("{what} may be a poisoned release ({})", flaw.summary),
        FlawKind::Vulnerable | FlawKind::Notice if flaw.summary.is_empty() => format!("{what}: {}", flaw.id),
        FlawKind::Vulnerable | FlawKind::Notice => format!("{what}: {}", flaw.summary),
    }
}

fn explanation(flaw: &Flaw) -> String {
    let mut told = vec![flaw.why.clone()];
    if !flaw.aliases.is_empty() {
        let aliases: Vec<&str> = flaw.aliases.iter().map(String::as_str).collect();
        told.push(format!("Also known as {}.", aliases.join(", ")));
    }
    if flaw.known_exploited {
        told.push("CISA knows of attacks with it.".to_owned());
    }
    if let Some(epss) = flaw.epss {
        told.push(format!("EPSS gives {:.1} % that it is exploited within 30 days.", epss * 100.0));
    }
    told.extend(flaw.vex.as_ref().map(said));
    told.join(" ")
}

/// What a VEX document says, in a sentence.
fn said(vex: &VexStatement) -> String {
    let who = match (vex.by, &vex.author) {
        (VexBy::Target, _) => "What is scanned says of itself",
        (VexBy::Caller, Some(author)) => author,
        (VexBy::Caller, None) => "A VEX document says",
    };
    let colon = if vex.by == VexBy::Caller && vex.author.is_some() { " says" } else { "" };
    let status = match vex.status {
        VexStatus::Affected => "it is affected",
        VexStatus::UnderInvestigation => "it is being looked into",
        VexStatus::Fixed => "it is fixed",
        VexStatus::NotAffected => "it is not affected",
    };
    let more = vex.justification.iter().chain(&vex.detail).map(String::as_str).collect::<Vec<_>>().join(": ");
    let more = if more.is_empty() { more } else { format!(" ({more})") };
    format!("{who}{colon} that {status}{more}: {}, {}.", vex.path, vex.citation.place)
}

fn techniques(kind: FlawKind) -> Vec<String> {
    match kind {
        FlawKind::Poisoned | FlawKind::Possible | FlawKind::Malicious => vec!["T1195.002".into()],
        FlawKind::Vulnerable | FlawKind::Notice => Vec::new(),
    }
}

fn advice(component: &Component, flaw: &Flaw) -> String {
    const STOP: &str = "Stop, do not patch: take it out, treat every machine that installed or ran it as breached, and \
        replace each secret that it could read there.";
    match flaw.kind {
        FlawKind::Poisoned | FlawKind::Malicious => STOP.into(),
        FlawKind::Possible => {
            "Find out whether this very release was poisoned, and when it was installed; until then treat it as if it was."
                .into()
        }
        FlawKind::Notice => "Look for another package that does the same.".into(),
        FlawKind::Vulnerable if let Some(action) = action(flaw) => action.to_owned(),
        FlawKind::Vulnerable => match (flaw.fixed.first(), &flaw.remark) {
            (Some(fixed), Some(remark)) => format!("Take {} {fixed} or later ({remark}).", component.name),
            (Some(fixed), None) => format!("Take {} {fixed} or later.", component.name),
            (None, Some(remark)) => format!("No fixed version is known: {remark}."),
            (None, None) => "No fixed version is known: take another package, or shield it.".into(),
        },
    }
}

/// What a document that the caller gave says to do. What the target says of itself is no advice.
fn action(flaw: &Flaw) -> Option<&str> {
    let said =
        flaw.vex.as_ref().filter(|said| said.by == VexBy::Caller && said.status == VexStatus::Affected);
    said?.action.as_deref()
}

//! Detections by tactic.

use floodmark_case::{Answer, Finding};
use maud::{Markup, html};

use super::evidence::EvidenceIndex;
use super::prose::{folded, id, prose, shown};
use crate::outline::tactics;
use crate::quantity::{counted, thousands, window};
use crate::wording;

/// Findings that are told.
const TOLD: usize = 400;

pub(super) fn section(answer: &Answer, evidence: &EvidenceIndex<'_>) -> Markup {
    let tactics = tactics(&answer.findings);
    let mut left = TOLD;
    html! {
        section #detections {
            h2 { "Detections" }
            p { (counted(answer.findings.len() as u64, "finding")) " in " (counted(tactics.len() as u64, "tactic")) ", worst first." }
            @for tactic in &tactics {
                @let told = tactic.findings.len().min(left);
                @if told > 0 {
                    h3 { (shown(&tactic.name)) }
                    @for finding in &tactic.findings[..told] { (tell(finding, evidence)) }
                }
                @let () = left -= told;
            }
            (folded(answer.findings.len().min(TOLD), answer.findings.len(), "findings"))
        }
    }
}

fn tell(finding: &Finding, evidence: &EvidenceIndex<'_>) -> Markup {
    let severity = finding.severity.as_str();
    html! {
        article.finding id=(shown(&finding.id)) {
            div { span class={ "tag " (severity) } { (wording::severity_mark(finding.severity)) } }
            div.body {
                h4 { (prose(&finding.title)) }
                p.facts {
                    @if let Some(when) = finding.window { (window(when)) " UTC" }
                    @for technique in finding.techniques.iter().take(8) { " · " (shown(technique)) }
                    " · " (counted(finding.count, "event"))
                    " · " (finding.confidence.as_str()) " confidence"
                }
                p { (prose(&finding.explanation)) }
                @if !finding.advice.is_empty() { p.advice { (prose(&finding.advice)) } }
                p.facts {
                    @if !finding.subjects.is_empty() {
                        "About "
                        @for (nth, subject) in finding.subjects.iter().take(5).enumerate() {
                            @if nth > 0 { ", " }
                            (id(&subject.id))
                        }
                        @if finding.subjects.len() > 5 { " and " (thousands(finding.subjects.len() as u64 - 5)) " more" }
                        ". "
                    }
                    "Rule " (id(&finding.rule)) ". Evidence: " (evidence.cites(&finding.citations))
                }
            }
        }
    }
}

//! Detections by tactic, worst first.

use std::io;

use floodmark_case::{Answer, Finding};

use super::more;
use crate::outline::{Tactic, tactics};
use crate::pen::{Pen, Span};
use crate::quantity::{counted, thousands, window};
use crate::{Cell, Column, Table, Tone, wording};

/// Findings that are told in full, over all tactics.
const TOLD: usize = 40;

pub(super) fn write(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    let tactics = tactics(&answer.findings);
    if tactics.is_empty() {
        return pen.heading("Detections", "none");
    }
    let count = counted(answer.findings.len() as u64, "finding");
    pen.heading("Detections", &format!("{count} in {}", counted(tactics.len() as u64, "tactic")))?;
    overview(&tactics, pen)?;
    let mut left = TOLD;
    for tactic in &tactics {
        if left == 0 {
            break;
        }
        pen.blank()?;
        pen.text(&tactic.name, "", Tone::Strong)?;
        for finding in tactic.findings.iter().take(left) {
            tell(finding, pen)?;
        }
        left -= tactic.findings.len().min(left);
    }
    more(pen, answer.findings.len().saturating_sub(TOLD), "")
}

fn overview(tactics: &[Tactic<'_>], pen: &mut Pen<'_>) -> io::Result<()> {
    let mut table = Table::new([
        Column::word("worst"),
        Column::word("tactic"),
        Column::number("no."),
        Column::head("worst of them"),
    ])
    .indented(2);
    for tactic in tactics {
        table.push([
            Cell::toned(wording::severity_mark(tactic.worst), Tone::Severity(tactic.worst)),
            Cell::from(&tactic.name),
            Cell::from(thousands(tactic.findings.len() as u64)),
            Cell::from(tactic.findings.first().map_or("", |finding| finding.title.as_str())),
        ]);
    }
    let layout = pen.layout();
    table.write(&layout, pen.out())
}

fn tell(finding: &Finding, pen: &mut Pen<'_>) -> io::Result<()> {
    let mark = format!("  {:8}  ", wording::severity_mark(finding.severity));
    pen.hanging(Span(&mark, Tone::Severity(finding.severity)), "            ", &finding.title, Tone::Strong)?;
    let mut facts = vec![window(finding.window)];
    if !finding.techniques.is_empty() {
        facts.push(finding.techniques.join(" "));
    }
    facts.push(counted(finding.count, "event"));
    facts.push(format!("{} confidence", finding.confidence.as_str()));
    facts.push(finding.id.clone());
    pen.facts(&facts, Span("    ", Tone::Plain))?;
    pen.text(&finding.explanation, "    ", Tone::Plain)?;
    if !finding.advice.is_empty() {
        pen.hanging(Span("    → ", Tone::Plain), "      ", &finding.advice, Tone::Plain)?;
    }
    Ok(())
}

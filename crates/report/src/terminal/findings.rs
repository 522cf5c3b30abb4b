//! Detections by tactic, worst first.

use std::collections::BTreeSet;
use std::io;

use floodmark_case::{Answer, Finding, Severity, Window};

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
    // What is low is told only where it is part of the story: everybody's chores would hide it.
    let in_story: BTreeSet<&str> =
        answer.story.timeline.iter().flat_map(|row| &row.findings).map(String::as_str).collect();
    let is_told = |finding: &Finding| {
        finding.severity >= Severity::Medium || in_story.is_empty() || in_story.contains(finding.id.as_str())
    };
    let mut told = BTreeSet::new();
    let mut left = TOLD;
    for tactic in &tactics {
        if left == 0 {
            break;
        }
        let shown: Vec<&Finding> =
            tactic.findings.iter().copied().filter(|finding| is_told(finding)).collect();
        if shown.is_empty() {
            continue;
        }
        pen.blank()?;
        pen.text(&tactic.name, "", Tone::Strong)?;
        let alike = alike(&shown);
        for group in alike.iter().take(left) {
            tell(group, pen)?;
            told.extend(group.iter().map(|finding| finding.id.as_str()));
        }
        left -= alike.len().min(left);
    }
    more(pen, answer.findings.len().saturating_sub(told.len()), "")
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

/// Findings of one rule and severity, about different subjects, in the order of the first of them.
fn alike<'f>(findings: &[&'f Finding]) -> Vec<Vec<&'f Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for &finding in findings {
        let same = |group: &&mut Vec<&Finding>| {
            group
                .first()
                .is_some_and(|first| first.rule == finding.rule && first.severity == finding.severity)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// How many subjects of a group are named.
const NAMED: usize = 3;

fn tell(group: &[&Finding], pen: &mut Pen<'_>) -> io::Result<()> {
    let Some((first, rest)) = group.split_first() else { return Ok(()) };
    let mark = format!("  {:8}  ", wording::severity_mark(first.severity));
    pen.hanging(Span(&mark, Tone::Severity(first.severity)), "            ", &first.title, Tone::Strong)?;
    let when = group.iter().filter_map(|finding| finding.window).reduce(Window::hull);
    let mut facts: Vec<String> = when.map(window).into_iter().collect();
    if !first.techniques.is_empty() {
        facts.push(first.techniques.join(" "));
    }
    facts.push(counted(group.iter().map(|finding| finding.count).sum(), "event"));
    facts.push(format!("{} confidence", first.confidence.as_str()));
    facts.push(first.id.clone());
    if !rest.is_empty() {
        facts.push(format!("and {} more of its kind", thousands(rest.len() as u64)));
    }
    pen.facts(&facts, Span("    ", Tone::Plain))?;
    let subjects: Vec<&str> = group
        .iter()
        .filter_map(|finding| finding.subjects.first())
        .map(|subject| subject.id.as_str())
        .collect();
    for subject in subjects.iter().take(NAMED) {
        pen.hanging(Span("    by ", Tone::Quiet), "       ", subject, Tone::Plain)?;
    }
    if subjects.len() > NAMED {
        pen.text(&format!("and {} more", subjects.len() - NAMED), "       ", Tone::Quiet)?;
    }
    pen.text(&first.explanation, "    ", Tone::Plain)?;
    if !first.advice.is_empty() {
        pen.hanging(Span("    → ", Tone::Plain), "      ", &first.advice, Tone::Plain)?;
    }
    Ok(())
}

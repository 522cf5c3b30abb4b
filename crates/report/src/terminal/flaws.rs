//! What is known against components: what has to be stopped in full, flaws as a table.

use std::collections::BTreeMap;
use std::io;

use floodmark_case::{Answer, Component, Finding, Flaw, FlawKind, Pin, Reference};

use super::more;
use crate::pen::{Pen, Span};
use crate::quantity::{counted, thousands};
use crate::{Cell, Column, Table, Tone, wording};

/// Components that are told in full.
const TOLD: usize = 25;

/// Rows of the table.
const ROWS: usize = 60;

/// How many places of a component are named.
const PLACES: usize = 3;

/// What a view looks up by its name.
struct Index<'a> {
    findings: BTreeMap<&'a str, &'a Finding>,
    components: BTreeMap<&'a str, &'a Component>,
}

pub(super) fn write(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    let index = Index {
        findings: answer.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect(),
        components: answer.inventory.flawed(),
    };
    let (told, listed): (Vec<&Flaw>, Vec<&Flaw>) = answer
        .inventory
        .flaws
        .iter()
        .partition(|flaw| !matches!(flaw.kind, FlawKind::Vulnerable | FlawKind::Notice));
    if !told.is_empty() {
        pen.heading("Stop", &counted(told.len() as u64, "poisoned, malicious or suspect release"))?;
        for flaw in told.iter().take(TOLD) {
            tell(flaw, &index, pen)?;
        }
        more(pen, told.len().saturating_sub(TOLD), "  ")?;
    }
    if listed.is_empty() {
        // Nothing known and nothing asked are never the same words.
        return match answer.inventory.asked.advisories {
            Some(_) => pen.heading("Flaws", "none known"),
            None => pen.heading("Flaws", "not asked: there is no database of advisories"),
        };
    }
    pen.heading("Flaws", &counted(listed.len() as u64, "flaw"))?;
    let layout = pen.layout();
    table(&listed, &index).write(&layout, pen.out())?;
    more(pen, listed.len().saturating_sub(ROWS), "  ")
}

fn tell(flaw: &Flaw, index: &Index<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let Some(finding) = index.findings.get(flaw.finding.as_str()) else { return Ok(()) };
    let mark = format!("  {:8}  ", wording::severity_mark(finding.severity));
    pen.hanging(Span(&mark, Tone::Severity(finding.severity)), "            ", &finding.title, Tone::Strong)?;
    let facts =
        [format!("{} confidence", finding.confidence.as_str()), flaw.component.clone(), finding.id.clone()];
    pen.facts(&facts, Span("    ", Tone::Plain))?;
    if let Some(component) = index.components.get(flaw.component.as_str()) {
        pinned(component, pen)?;
        places(component, pen)?;
    }
    pen.text(&finding.explanation, "    ", Tone::Plain)?;
    pen.hanging(Span("    → ", Tone::Plain), "      ", &finding.advice, Tone::Plain)
}

/// What it is named by, where that can be moved or a comment claims more.
fn pinned(component: &Component, pen: &mut Pen<'_>) -> io::Result<()> {
    let Some(Reference { at, digest, pin, .. }) = &component.reference else { return Ok(()) };
    let Some(at) = digest.as_deref().or(at.as_deref()) else { return Ok(()) };
    let what = match pin {
        Pin::Commit if digest.is_some() => "the digest",
        Pin::Commit => "the commit",
        Pin::Tag => "the tag",
        Pin::Branch => "the branch",
        Pin::TagOrBranch => "the tag or branch",
    };
    let moves = if *pin == Pin::Commit { "" } else { ", which can be moved" };
    let claimed = match component.claimed.join(", ") {
        none if none.is_empty() => none,
        some => format!("; a comment claims {some}"),
    };
    pen.hanging(Span("    at ", Tone::Quiet), "       ", &format!("{what} {at}{moves}{claimed}"), Tone::Plain)
}

fn places(component: &Component, pen: &mut Pen<'_>) -> io::Result<()> {
    for found in component.found.iter().take(PLACES) {
        let text = format!("{}: {}", found.path, found.place);
        pen.hanging(Span("    in ", Tone::Quiet), "       ", &text, Tone::Plain)?;
    }
    if component.found.len() > PLACES {
        let more = format!("and {} more places", thousands((component.found.len() - PLACES) as u64));
        pen.text(&more, "       ", Tone::Quiet)?;
    }
    if !component.pulled_in_by.is_empty() {
        let by =
            component.pulled_in_by.iter().take(PLACES).map(String::as_str).collect::<Vec<_>>().join(", ");
        let rest = component.pulled_in_by.len().saturating_sub(PLACES);
        let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        pen.hanging(Span("    by ", Tone::Quiet), "       ", &format!("{by}{rest}"), Tone::Plain)?;
    }
    Ok(())
}

fn table(flaws: &[&Flaw], index: &Index<'_>) -> Table {
    let mut table = Table::new([
        Column::word("severity"),
        Column::tail("component"),
        Column::head("fixed in"),
        Column::word("id"),
        Column::word("attack"),
        Column::word("scope").spare(),
        Column::tail("found in").spare(),
    ])
    .indented(2);
    for flaw in flaws.iter().take(ROWS) {
        let Some(finding) = index.findings.get(flaw.finding.as_str()) else { continue };
        let component = index.components.get(flaw.component.as_str());
        let called = component.map_or_else(
            || flaw.component.clone(),
            |one| format!("{} {}", one.name, one.version.as_deref().unwrap_or_default()),
        );
        table.push([
            Cell::toned(wording::severity_mark(finding.severity), Tone::Severity(finding.severity)),
            Cell::from(called),
            Cell::from(flaw.fixed.first().map_or("none", String::as_str)),
            Cell::from(&flaw.id),
            attack(flaw),
            Cell::from(component.map_or("", |one| one.scope.as_str())),
            Cell::from(component.and_then(|one| one.found.first()).map_or("", |found| &*found.path)),
        ]);
    }
    table
}

/// Whether it is attacked, or how likely that is.
fn attack(flaw: &Flaw) -> Cell {
    match (flaw.known_exploited, flaw.epss) {
        (true, _) => Cell::toned("known", Tone::Tainted),
        (false, Some(epss)) => Cell::from(format!("{:.1} %", epss * 100.0)),
        (false, None) => Cell::from(if flaw.kind == FlawKind::Notice { "notice" } else { "" }),
    }
}

//! What the answer rests on, and what it cannot show.

use std::io;

use floodmark_case::{Answer, Coverage};

use super::more;
use crate::outline::read_kinds;
use crate::pen::{Pen, Span};
use crate::quantity::{bytes, minute, thousands, window};
use crate::{Cell, Column, Table, Tone, wording};

/// Entries that are shown of each list.
const SHOWN: usize = 15;

pub(super) fn write(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    let coverage = &answer.coverage;
    pen.heading("Coverage", if answer.is_incomplete() { "this answer is incomplete" } else { "" })?;
    read(coverage, pen)?;
    unread(coverage, pen)?;
    if !coverage.gaps.is_empty() {
        pen.line(&[Span("Gaps", Tone::Strong)])?;
    }
    for gap in coverage.gaps.iter().take(SHOWN) {
        let when = gap.window.map_or_else(String::new, |when| format!(", {}", window(when)));
        let text = format!("{}: {}{when}. {}", wording::gap_kind(gap.kind), gap.what, gap.why);
        pen.hanging(Span("  ! ", Tone::Warning), "    ", &text, Tone::Plain)?;
    }
    more(pen, coverage.gaps.len().saturating_sub(SHOWN), "    ")?;
    if !coverage.cannot_conclude.is_empty() {
        pen.line(&[Span("What cannot be concluded", Tone::Strong)])?;
    }
    for sentence in coverage.cannot_conclude.iter().take(SHOWN) {
        pen.hanging(Span("  ? ", Tone::Warning), "    ", sentence, Tone::Plain)?;
    }
    more(pen, coverage.cannot_conclude.len().saturating_sub(SHOWN), "    ")
}

fn read(coverage: &Coverage, pen: &mut Pen<'_>) -> io::Result<()> {
    let kinds = read_kinds(coverage);
    if kinds.is_empty() {
        return pen.line(&[Span("Nothing was read.", Tone::Warning)]);
    }
    pen.line(&[Span("Read", Tone::Strong)])?;
    let mut columns = vec![
        Column::text("kind"),
        Column::number("files"),
        Column::number("records"),
        Column::number("size").spare(),
    ];
    // What merely is there has no time.
    if kinds.iter().any(|kind| kind.window.is_some()) {
        columns.extend([Column::word("from").spare(), Column::word("to").spare()]);
    }
    let mut table = Table::new(columns).indented(2);
    for kind in kinds.iter().take(SHOWN) {
        table.push([
            Cell::from(kind.kind),
            Cell::from(thousands(kind.files)),
            Cell::from(thousands(kind.records)),
            Cell::from(bytes(kind.bytes)),
            Cell::from(kind.window.map_or_else(String::new, |window| minute(window.from))),
            Cell::from(kind.window.map_or_else(String::new, |window| minute(window.to))),
        ]);
    }
    let layout = pen.layout();
    table.write(&layout, pen.out())?;
    more(pen, kinds.len().saturating_sub(SHOWN), "  ")
}

fn unread(coverage: &Coverage, pen: &mut Pen<'_>) -> io::Result<()> {
    if coverage.unread.is_empty() {
        return Ok(());
    }
    let mut unread: Vec<_> = coverage.unread.iter().collect();
    unread.sort_by_key(|unread| !unread.incomplete);
    pen.line(&[Span("Not read", Tone::Strong)])?;
    for unread in unread.iter().take(SHOWN) {
        let (mark, tone) = if unread.incomplete { ("  ! ", Tone::Warning) } else { ("  · ", Tone::Quiet) };
        pen.hanging(Span(mark, tone), "    ", &format!("{}: {}", unread.path, unread.why), Tone::Plain)?;
    }
    more(pen, unread.len().saturating_sub(SHOWN), "    ")
}

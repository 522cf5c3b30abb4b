//! The timeline, a day at a time.

use std::io;

use floodmark_case::{Answer, Outcome, TimelineRow};

use super::more;
use crate::outline::telling_rows;
use crate::pen::{Pen, Span};
use crate::quantity::{clock, counted, day, thousands};
use crate::{Cell, Column, Table, Tone, wording};

/// Rows that are shown.
const SHOWN: usize = 80;

pub(super) fn write(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    let rows = &answer.story.timeline;
    if rows.is_empty() {
        return pen.heading("Timeline", "no call of a fallen credential");
    }
    let shown = telling_rows(answer, SHOWN);
    let all = format!("{} of like calls", counted(rows.len() as u64, "run"));
    let aside = if shown.len() < rows.len() { format!("UTC; the {} most telling of {all}", shown.len()) } else { format!("UTC; {all}") };
    pen.heading("Timeline", &aside)?;
    let mut rest = shown.iter().map(|index| &rows[*index]).peekable();
    while let Some(first) = rest.next() {
        let today = day(first.window.from);
        let mut table = empty();
        table.push(cells(first));
        while let Some(row) = rest.next_if(|row| day(row.window.from) == today) {
            table.push(cells(row));
        }
        pen.line(&[Span(&today, Tone::Strong)])?;
        let layout = pen.layout();
        table.write(&layout, pen.out())?;
    }
    more(pen, rows.len() - shown.len(), "  ")
}

fn empty() -> Table {
    Table::new([
        Column::word(""),
        Column::head(""),
        Column::number(""),
        Column::word(""),
        Column::tail(""),
        Column::ends("").spare(),
    ])
    .indented(2)
}

fn cells(row: &TimelineRow) -> [Cell; 6] {
    let denied = match row.outcome {
        Outcome::Success => Cell::default(),
        Outcome::Denied => Cell::toned("denied", Tone::Denied),
        Outcome::Failed => Cell::toned("failed", Tone::Quiet),
    };
    let count = if row.count > 1 { format!("×{}", thousands(row.count)) } else { String::new() };
    let tone = if row.findings.is_empty() { Tone::Plain } else { Tone::Strong };
    [
        Cell::toned(clock(row.window.from), Tone::Quiet),
        Cell::toned(&row.call, tone),
        Cell::from(count),
        denied,
        Cell::from(resources(row)),
        Cell::toned(wording::short(&row.credential), Tone::Quiet),
    ]
}

fn resources(row: &TimelineRow) -> String {
    match row.resources.first() {
        None => String::new(),
        Some(first) if row.resource_count > 1 => {
            format!("{} +{}", wording::short(first), thousands(row.resource_count - 1))
        }
        Some(first) => wording::short(first).to_owned(),
    }
}

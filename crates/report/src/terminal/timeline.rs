//! The timeline, a day at a time.

use std::io;

use floodmark_case::{Answer, Outcome, TimelineRow};

use super::more;
use crate::outline::telling_rows;
use crate::pen::Pen;
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
    let aside = if shown.len() < rows.len() {
        format!("UTC; the {} most telling of {all}", shown.len())
    } else {
        format!("UTC; {all}")
    };
    pen.heading("Timeline", &aside)?;
    let mut table = Table::new([
        Column::word("time"),
        Column::head("call"),
        Column::number("times"),
        Column::word(""),
        Column::tail("resource").spare(),
        Column::ends("by").spare(),
    ])
    .indented(2);
    let mut today = String::new();
    for row in shown.iter().map(|index| &rows[*index]) {
        let date = day(row.window.from);
        if date != today {
            table.section(Cell::toned(&date, Tone::Strong));
            today = date;
        }
        table.push(cells(row));
    }
    let layout = pen.layout();
    table.write(&layout, pen.out())?;
    more(pen, rows.len() - shown.len(), "  ")
}

fn cells(row: &TimelineRow) -> [Cell; 6] {
    let denied = match row.outcome {
        Outcome::Success => Cell::default(),
        Outcome::Denied => Cell::toned("denied", Tone::Denied),
        Outcome::Failed => Cell::toned("failed", Tone::Quiet),
    };
    let count = if row.count > 1 { thousands(row.count) } else { String::new() };
    let tone = if row.findings.is_empty() { Tone::Plain } else { Tone::Strong };
    [
        Cell::toned(clock(row.window.from), Tone::Quiet),
        Cell::toned(&row.call, tone),
        Cell::from(count),
        denied,
        Cell::from(resources(row)),
        Cell::toned(wording::tag(&row.credential), Tone::Quiet),
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

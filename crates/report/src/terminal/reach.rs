//! The blast radius: what was reached, and how much went out.

use std::io;

use floodmark_case::{Answer, Reached, Volume};

use super::{cut, more};
use crate::outline::{Reach, is_bound, reach};
use crate::pen::Pen;
use crate::quantity::{bytes, counted, minute, thousands};
use crate::{Cell, Column, Table, Tone, wording};

/// Resources that are shown of each part.
const SHOWN: usize = 15;
/// Rows of volumes that are shown.
const VOLUMES: usize = 30;

pub(super) fn write(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    let reached = &answer.story.reached;
    if reached.is_empty() {
        pen.heading("Blast radius", "nothing seen")?;
    } else {
        pen.heading("Blast radius", &counted(reached.len() as u64, "resource"))?;
    }
    let mut table = Table::new([
        Column::tail("resource"),
        Column::word("kind").spare(),
        Column::number("times"),
        Column::word("first").spare(),
        Column::ends("by").spare(),
    ])
    .indented(2);
    for part in reach(reached) {
        fill(&mut table, &part);
    }
    let layout = pen.layout();
    if !table.is_empty() {
        table.write(&layout, pen.out())?;
    }
    volumes(&answer.story.volumes, pen)
}

fn fill(table: &mut Table, part: &Reach<'_>) {
    table
        .section(Cell::toned(format!("{}: {}", part.title, thousands(part.rows.len() as u64)), Tone::Strong));
    for reached in part.rows.iter().take(SHOWN) {
        table.push([
            Cell::from(wording::short(&reached.resource)),
            Cell::from(&reached.kind),
            Cell::from(thousands(reached.count)),
            Cell::toned(minute(reached.window.from), Tone::Quiet),
            Cell::toned(by(reached), Tone::Quiet),
        ]);
    }
    if part.rows.len() > SHOWN {
        table.note(Cell::toned(cut(part.rows.len() - SHOWN), Tone::Quiet));
    }
}

fn by(reached: &Reached) -> String {
    match reached.by.as_slice() {
        [] => String::new(),
        [only] => wording::tag(only),
        [first, rest @ ..] => format!("{} +{}", wording::tag(first), rest.len()),
    }
}

fn volumes(volumes: &[Volume], pen: &mut Pen<'_>) -> io::Result<()> {
    if volumes.is_empty() {
        return Ok(());
    }
    pen.heading("Volumes", "what the logs say went out, largest first")?;
    let mut rows: Vec<&Volume> = volumes.iter().collect();
    rows.sort_by(|a, b| {
        b.bytes.cmp(&a.bytes).then_with(|| (&a.resource, &a.prefix).cmp(&(&b.resource, &b.prefix)))
    });
    let mut table = Table::new([
        Column::tail("bucket / prefix"),
        Column::number("bytes"),
        Column::number("objects"),
        Column::number("reads").spare(),
        Column::word("says").spare(),
    ])
    .indented(2);
    for volume in rows.iter().take(VOLUMES) {
        let is_bound = is_bound(volume);
        table.push([
            Cell::from(format!("{}/{}", wording::short(&volume.resource), volume.prefix)),
            Cell::from(format!("{}{}", if is_bound { "≤ " } else { "" }, bytes(volume.bytes))),
            Cell::from(thousands(volume.objects)),
            Cell::from(thousands(volume.reads)),
            Cell::toned(&volume.basis, Tone::Quiet),
        ]);
    }
    let layout = pen.layout();
    table.write(&layout, pen.out())?;
    more(pen, rows.len().saturating_sub(VOLUMES), "  ")
}

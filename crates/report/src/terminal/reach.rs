//! The blast radius: what was reached, and how much went out.

use std::io;

use floodmark_case::{Answer, Reached, Volume};

use super::more;
use crate::outline::{Reach, reach};
use crate::pen::{Pen, Span};
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
    for part in reach(reached) {
        write_part(&part, pen)?;
    }
    volumes(&answer.story.volumes, pen)
}

fn write_part(part: &Reach<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.line(&[Span(part.title, Tone::Strong), Span(&format!("  {}", thousands(part.rows.len() as u64)), Tone::Quiet)])?;
    let mut table = Table::new([
        Column::tail("resource"),
        Column::word("kind"),
        Column::number("times"),
        Column::word("first").spare(),
        Column::ends("by").spare(),
    ])
    .indented(2);
    for reached in part.rows.iter().take(SHOWN) {
        table.push([
            Cell::from(wording::short(&reached.resource)),
            Cell::from(&reached.kind),
            Cell::from(thousands(reached.count)),
            Cell::toned(minute(reached.window.from), Tone::Quiet),
            Cell::toned(by(reached), Tone::Quiet),
        ]);
    }
    let layout = pen.layout();
    table.write(&layout, pen.out())?;
    more(pen, part.rows.len().saturating_sub(SHOWN), "  ")
}

fn by(reached: &Reached) -> String {
    match reached.by.as_slice() {
        [] => String::new(),
        [only] => wording::short(only).to_owned(),
        [first, rest @ ..] => format!("{} +{}", wording::short(first), rest.len()),
    }
}

fn volumes(volumes: &[Volume], pen: &mut Pen<'_>) -> io::Result<()> {
    if volumes.is_empty() {
        return Ok(());
    }
    pen.heading("Volumes", "what the logs say went out, largest first")?;
    let mut rows: Vec<&Volume> = volumes.iter().collect();
    rows.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| (&a.resource, &a.prefix).cmp(&(&b.resource, &b.prefix))));
    let mut table = Table::new([
        Column::tail("bucket / prefix"),
        Column::number("bytes"),
        Column::number("objects"),
        Column::number("reads").spare(),
        Column::word("says"),
    ])
    .indented(2);
    for volume in rows.iter().take(VOLUMES) {
        let is_bound = volume.basis == "vpc-flow-log";
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

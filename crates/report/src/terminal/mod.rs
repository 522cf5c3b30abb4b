//! The answer as text: the verdict first, then what one asks next.

mod components;
mod coverage;
mod findings;
mod flaws;
mod leftovers;
mod lineage;
mod reach;
mod timeline;

use std::io::{self, Write};

use floodmark_case::{Answer, Command};

use crate::outline::key_numbers;
use crate::pen::{Pen, Span};
use crate::quantity::thousands;
use crate::{Layout, Tone};

pub(crate) fn write(answer: &Answer, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut pen = Pen::new(out, layout);
    match answer.command {
        Command::Trace => traced(answer, &mut pen),
        Command::Scan => scanned(answer, &mut pen),
    }
}

fn scanned(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.text(&answer.verdict, "", Tone::Strong)?;
    flaws::write(answer, pen)?;
    components::write(answer, pen)?;
    coverage::write(answer, pen)
}

fn traced(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    verdict(answer, pen)?;
    findings::write(answer, pen)?;
    leftovers::write(answer, pen)?;
    lineage::write(answer, pen)?;
    timeline::write(answer, pen)?;
    reach::write(answer, pen)?;
    coverage::write(answer, pen)
}

fn verdict(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.text(&answer.verdict, "", Tone::Strong)?;
    pen.blank()?;
    let numbers = key_numbers(answer);
    let label = numbers.iter().map(|number| number.label.len()).max().unwrap_or(0);
    let value = numbers.iter().map(|number| crate::fit::columns(&number.value)).max().unwrap_or(0).min(18);
    for number in &numbers {
        let head = format!("  {:label$}  ", number.label);
        let figure = crate::fit::pad(&number.value, value);
        let note = format!("  {}", number.note);
        let room = pen.layout().columns();
        let taken = crate::fit::columns(&head) + crate::fit::columns(&figure);
        if taken + crate::fit::columns(&note) <= room {
            let note = note.trim_end();
            let figure = if note.is_empty() { number.value.as_str() } else { &figure };
            pen.line(&[Span(&head, Tone::Quiet), Span(figure, number.tone), Span(note, Tone::Plain)])?;
        } else {
            pen.line(&[Span(&head, Tone::Quiet), Span(number.value.trim_end(), number.tone)])?;
            pen.text(&number.note, "    ", Tone::Plain)?;
        }
    }
    for suspect in answer.story.suspects.iter().filter(|suspect| suspect.guess).take(3) {
        let text = format!("{}: the starting point is a guess. {}", suspect.id, suspect.why);
        pen.hanging(Span("  ! ", Tone::Warning), "    ", &text, Tone::Plain)?;
    }
    Ok(())
}

/// The line under a list that was cut.
fn more(pen: &mut Pen<'_>, hidden: usize, indent: &str) -> io::Result<()> {
    if hidden == 0 {
        return Ok(());
    }
    pen.text(&cut(hidden), indent, Tone::Quiet)
}

/// What stands in place of what is not shown.
fn cut(hidden: usize) -> String {
    format!("… and {} more (--format json has all)", thousands(hidden as u64))
}

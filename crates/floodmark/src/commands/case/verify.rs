//! `floodmark case verify`.

use std::io::{self, Write};
use std::path::Path;

use floodmark_case::{Custody, LogHash, Verification};
use floodmark_report::quantity::{counted, thousands};
use floodmark_report::{Cell, Column, Layout, Table, Tone};

use crate::Exit;
use crate::cli::{Colour, Confinement};
use crate::failure::Failure;
use crate::output::Output;

pub(super) fn run(
    folder: &Path,
    noted: &[LogHash],
    evidence: Option<&Path>,
    confinement: &Confinement,
) -> Result<Exit, Failure> {
    let mut output = Output::open(None)?;
    let layout = output.layout(Colour::Auto);
    let case = super::open(folder, evidence, confinement)?;
    let verification = case.verify(noted)?;
    let custody = evidence.map(|root| case.verify_evidence(root)).transpose()?;
    let is_clean =
        verification.is_clean() && custody.as_ref().is_none_or(|custody| custody.problems.is_empty());
    write(&verification, custody.as_ref(), &layout, &mut *output.writer()?)?;
    Ok(if is_clean { Exit::Clean } else { Exit::Found })
}

fn write(
    verification: &Verification,
    custody: Option<&Custody>,
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut table = Table::new([Column::word(""), Column::text("")]);
    verdict(&mut table, verification);
    if let Some(custody) = custody {
        table.push([Cell::from(""), Cell::from("")]);
        evidence(&mut table, custody);
    }
    table.write(layout, out)?;
    if let Some(head) = &verification.head {
        // On one line, to be copied.
        writeln!(out, "\nhead {}", head.hash)?;
        let mut note = Table::new([Column::text("")]);
        note.push([Cell::toned(
            "Note the head elsewhere: case verify --expect-head HEAD proves later that nothing before it was changed.",
            Tone::Quiet,
        )]);
        note.write(layout, out)?;
    }
    Ok(())
}

fn verdict(table: &mut Table, verification: &Verification) {
    let held = format!(
        "{}, {} of evidence, {}",
        counted(verification.entries, "log entry"),
        counted(verification.evidence, "piece"),
        counted(verification.answers, "answer")
    );
    let verdict = if verification.is_clean() {
        [Cell::toned("intact", Tone::Good), Cell::from(format!("the case is as it was written: {held}"))]
    } else {
        let signs = counted(verification.problems.len() as u64, "sign");
        [
            Cell::toned("ALTERED", Tone::Warning),
            Cell::from(format!("the case is NOT as it was written: {signs} in {held}")),
        ]
    };
    table.push(verdict);
    for problem in &verification.problems {
        table.push([Cell::toned("!", Tone::Warning), Cell::toned(problem.to_string(), Tone::Warning)]);
    }
    for note in &verification.notes {
        table.push([Cell::from("·"), Cell::from(note.to_string())]);
    }
}

fn evidence(table: &mut Table, custody: &Custody) {
    let all = custody.intact + custody.problems.len() as u64;
    let (word, tone) =
        if custody.problems.is_empty() { ("intact", Tone::Good) } else { ("DIFFERS", Tone::Warning) };
    table.push([
        Cell::toned(word, tone),
        Cell::from(format!(
            "sources of evidence that still have the bytes that were read: {} of {}",
            thousands(custody.intact),
            thousands(all)
        )),
    ]);
    for problem in &custody.problems {
        table.push([Cell::toned("!", Tone::Warning), Cell::toned(problem.to_string(), Tone::Warning)]);
    }
    if !custody.not_files.is_empty() {
        let names = custody.not_files.join(", ");
        table.push([Cell::from("·"), Cell::from(format!("no files, so not looked at again: {names}"))]);
    }
}

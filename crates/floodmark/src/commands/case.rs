//! `floodmark case`.

use std::path::{Path, PathBuf};

use floodmark_case::{Case, Command, LogHash};
use floodmark_report::{Cell, Column, Layout, Table, Tone, inert};

use super::write_answer;
use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::{self, AnswerOptions, Colour, Confinement};
use crate::failure::Failure;
use crate::output::Output;

pub(super) fn run(action: cli::Case) -> Result<Exit, Failure> {
    match action {
        cli::Case::Show { folder, answer, output, confinement } => {
            show(&folder, answer, &output, &confinement)
        }
        cli::Case::Verify { folder, expect_head, evidence, confinement } => {
            verify(&folder, &expect_head, evidence.as_deref(), &confinement)
        }
    }
}

/// A case may come from somebody else, so it is read in the cell like any evidence.
fn open(folder: &Path, further: Option<&Path>, confinement: &Confinement) -> Result<Case, Failure> {
    if !folder.is_dir() {
        return Err(Failure::usage(
            format!("{}: no such case folder", folder.display()),
            "a case is made by the first command that is given --case DIR",
        ));
    }
    let folders: Vec<PathBuf> = further.into_iter().map(Path::to_owned).collect();
    enter(Reach { read: folders, write: vec![folder.to_owned()] }, confinement)?;
    Ok(Case::open(folder)?)
}

fn show(
    folder: &Path,
    whole: bool,
    options: &AnswerOptions,
    confinement: &Confinement,
) -> Result<Exit, Failure> {
    let mut output = Output::open(options.output.as_deref())?;
    let layout = output.layout(options.colour);
    let case = open(folder, None, confinement)?;
    if whole {
        let answer = case.answer(Command::Trace)?.ok_or_else(|| {
            Failure::usage(
                format!("{}: holds no answer yet", folder.display()),
                "run floodmark trace PATH --case DIR",
            )
        })?;
        return write_answer(&answer, options, &mut output, &layout);
    }
    summary(&case, &layout, &mut output)?;
    Ok(Exit::Clean)
}

fn summary(case: &Case, layout: &Layout, output: &mut Output) -> Result<(), Failure> {
    let mut facts = Table::new([Column::head("case"), Column::text("")]);
    let mut fact = |name: &str, value: String| {
        facts.push([Cell::toned(name, Tone::Plain), Cell::toned(value, Tone::Plain)])
    };
    let evidence = case.evidence()?;
    let size: u64 = evidence.iter().map(|exhibit| exhibit.size).sum();
    fact("folder", case.folder().display().to_string());
    fact("evidence", format!("{} files, {size} bytes", evidence.len()));
    for stored in case.answers()? {
        fact("answer", format!("{} (log entry {})", stored.command.as_str(), stored.entry));
    }
    fact("findings", case.findings()?.len().to_string());
    fact("credentials", format!("{} tainted", case.tainted_credentials()?.len()));
    fact("reached", format!("{} resources", case.reached()?.len()));
    fact("left behind", case.leftovers()?.len().to_string());
    let mut out = output.writer();
    facts.write(layout, &mut *out)?;
    let mut log =
        Table::new([Column::number("#"), Column::head("when"), Column::text("who"), Column::text("what")]);
    for entry in case.log()? {
        let cells = [entry.seq.to_string(), entry.when.to_string(), entry.who, entry.command];
        log.push(cells.map(|text| Cell::toned(text, Tone::Plain)));
    }
    writeln!(out)?;
    log.write(layout, &mut *out)?;
    Ok(())
}

fn verify(
    folder: &Path,
    noted: &[LogHash],
    evidence: Option<&Path>,
    confinement: &Confinement,
) -> Result<Exit, Failure> {
    let mut output = Output::open(None)?;
    let _ = Colour::Auto;
    let case = open(folder, evidence, confinement)?;
    let verification = case.verify(noted)?;
    let mut out = output.writer();
    for problem in &verification.problems {
        writeln!(out, "ALTERED: {}", inert(&problem.to_string()))?;
    }
    for note in &verification.notes {
        writeln!(out, "note: {}", inert(&note.to_string()))?;
    }
    let mut altered = !verification.is_clean();
    if let Some(root) = evidence {
        let custody = case.verify_evidence(root)?;
        for problem in &custody.problems {
            writeln!(out, "ALTERED: {}", inert(&problem.to_string()))?;
        }
        writeln!(out, "{} sources still have the bytes that were read", custody.intact)?;
        altered |= !custody.problems.is_empty();
    }
    writeln!(
        out,
        "{} log entries, {} pieces of evidence, {} answers: {}",
        verification.entries,
        verification.evidence,
        verification.answers,
        if altered { "NOT as they were written" } else { "all as they were written" }
    )?;
    if let Some(head) = &verification.head {
        writeln!(
            out,
            "head {} (note it elsewhere; --expect-head proves later that nothing before it was changed)",
            head.hash
        )?;
    }
    Ok(if altered { Exit::Found } else { Exit::Clean })
}

//! The commands, one file each.

mod case;
pub(crate) mod intel;
mod place;
mod rehearse;
mod scan;
mod trace;

use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use clap::CommandFactory;
use floodmark_case::{Case, CaseWriter, Severity, Timestamp};
use floodmark_report::Layout;

use crate::Exit;
use crate::author::author;
use crate::cli::{AnswerOptions, Cli, Command};
use crate::failure::Failure;
use crate::output::Output;

/// Runs the command that was asked for.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        Command::Trace(options) => trace::run(*options),
        Command::Scan(options) => scan::run(*options),
        Command::Rehearse(options) => rehearse::run(options),
        Command::Intel(action) => intel::run(action),
        Command::Case(action) => case::run(action),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "floodmark", &mut script);
            std::io::stdout().write_all(&script)?;
            Ok(Exit::Clean)
        }
    }
}

/// Makes the folder of a case, which cannot be done once the process is confined.
fn make_case_folder(case: Option<&Path>) -> Result<(), Failure> {
    case.map_or(Ok(()), |case| fs::create_dir_all(case).map_err(|error| Failure::file(case, error)))
}

/// Opens the case that the answer is to be kept in. Whoever cannot have it should know before the work is done.
fn open_case(case: Option<&Path>) -> Result<Option<CaseWriter>, Failure> {
    let opened = case.map(|folder| Case::open_or_create(folder, author(), Timestamp::now()));
    Ok(opened.transpose()?)
}

/// How many threads read: as many as were asked for, or one for each processor.
fn threads(asked: Option<usize>) -> NonZero<usize> {
    asked.and_then(NonZero::new).or_else(|| available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN)
}

/// Writes an answer as asked, and says how the run ends.
fn write_answer(
    answer: &floodmark_case::Answer,
    options: &AnswerOptions,
    output: &mut Output,
    layout: &Layout,
) -> Result<Exit, Failure> {
    floodmark_report::render(answer, options.format, layout, &mut *output.writer()?)?;
    let fail_on = options.fail_on.unwrap_or(Severity::High);
    // An answer from nothing is no answer, however clean it looks.
    Ok(if answer.is_incomplete() || answer.coverage.read.is_empty() {
        Exit::Incomplete
    } else if answer.worst().is_some_and(|worst| worst >= fail_on) {
        Exit::Found
    } else {
        Exit::Clean
    })
}

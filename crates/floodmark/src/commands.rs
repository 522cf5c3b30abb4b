//! The commands, one file each.

mod case;
pub(crate) mod intel;
mod place;
mod rehearse;
mod scan;
mod trace;

use std::io::Write;

use clap::CommandFactory;
use floodmark_case::Severity;
use floodmark_report::Layout;

use crate::Exit;
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

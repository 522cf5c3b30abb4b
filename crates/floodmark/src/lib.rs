//! The command line of Floodmark: arguments, the cell, progress, exit codes. No domain logic.
//!
//! A verb of the command line is one file in `commands/`. Raw arguments ([`cli`]) and what a command works on are two
//! types, so that no engine ever sees an "unset".

mod author;
mod cell;
pub mod cli;
mod commands;
mod config;
mod exit;
mod failure;
mod fetching;
mod output;
mod progress;
mod scratch;

pub use cell::KEPT_VARIABLES;
pub use commands::intel::schema as intel_schema;
pub use exit::Exit;

use clap::Parser;

/// Parses the arguments, runs the command, reports what went wrong, and says how it ended. Or does what a parent process of
/// the same program started this one for.
pub fn run() -> Exit {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(role) if role == fetching::ROLE => return fetching::child(),
        Some(role) if role == scratch::ROLE => return scratch::child(arguments.next().map(Into::into)),
        _ => {}
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not errors; a pipe that closes on them is a normal end.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Clean };
        }
    };
    match commands::run(cli) {
        Ok(exit) => exit,
        Err(failure) => failure.report(),
    }
}

//! `floodmark trace`.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use floodmark_case::{Case, Severity, Timestamp};
use floodmark_rehearse::{Intrusion, Plan};
use floodmark_trace::{Progress, Request};

use super::write_answer;
use crate::Exit;
use crate::author::author;
use crate::cell::{Reach, enter};
use crate::cli::Trace;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Line;

/// The size and seed of the embedded example.
const EXAMPLE: Plan = Plan { events: 4_000, seed: 1, intrusion: Intrusion::Woven };

pub(super) fn run(mut options: Trace) -> Result<Exit, Failure> {
    let mut output = Output::open(options.answer.output.as_deref())?;
    let layout = output.layout(options.answer.colour);
    apply(working_folder_config()?, &mut options)?;
    let example = options.example.then(make_example).transpose()?;
    if let Some(example) = &example {
        options.paths = vec![example.path().to_owned()];
    }
    let spool =
        options.paths.iter().any(|path| path.as_os_str() == "-").then(tempfile::tempfile).transpose()?;
    if let Some(case) = &options.case {
        fs::create_dir_all(case).map_err(|error| Failure::file(case, error))?;
    }
    let threads = available_parallelism().unwrap_or(std::num::NonZero::<usize>::MIN);

    enter(reach(&options), &options.confinement)?;

    // The case is opened first: whoever cannot have it should know before the work is done.
    let mut case = options
        .case
        .as_deref()
        .map(|folder| Case::open_or_create(folder, author(), Timestamp::now()))
        .transpose()?;
    let progress = Progress::default();
    let line = Line::start(progress.clone());
    let answer = floodmark_trace::trace(Request {
        paths: options.paths,
        standard_input: spool,
        from: options.from,
        since: options.since,
        rules: options.rules,
        builtin_rules: !options.no_builtin_rules,
        public_keys: options.public_keys,
        threads,
        progress,
    })?;
    drop(line);
    if let Some(case) = &mut case {
        case.record_answer(&answer, Timestamp::now())?;
    }
    write_answer(&answer, &options.answer, &mut output, &layout)
}

fn working_folder_config() -> Result<Config, Failure> {
    let folder = std::env::current_dir().map_err(|error| Failure::file(".", error))?;
    config::find(&folder)
}

/// Fills what neither flag nor variable said from the configuration file.
fn apply(config: Config, options: &mut Trace) -> Result<(), Failure> {
    options.rules.extend(config.trace.rules);
    options.public_keys = options.public_keys.take().or(config.trace.public_keys);
    if let (None, Some(word)) = (options.answer.fail_on, &config.trace.fail_on) {
        let all =
            [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
        let known = all.into_iter().find(|severity| severity.as_str() == word);
        options.answer.fail_on = Some(known.ok_or_else(|| {
            Failure::usage(
                format!("floodmark.toml: fail-on = `{word}` is no severity"),
                "use informational, low, medium, high or critical",
            )
        })?);
    }
    for path in &options.rules {
        if !path.exists() {
            let not_found = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Failure::file(path, not_found));
        }
    }
    Ok(())
}

/// The embedded example, written out for the time of the run.
fn make_example() -> Result<tempfile::TempDir, Failure> {
    let folder = tempfile::tempdir()?;
    floodmark_rehearse::write(EXAMPLE, folder.path())?;
    Ok(folder)
}

/// What the run may touch: its inputs that are there, its rules and keys, and the case.
fn reach(options: &Trace) -> Reach {
    let exists = |path: &&PathBuf| path.exists();
    let named = options.paths.iter().filter(|path| path.as_os_str() != Path::new("-"));
    Reach {
        read: named.chain(&options.rules).chain(&options.public_keys).filter(exists).cloned().collect(),
        write: options.case.iter().cloned().collect(),
    }
}

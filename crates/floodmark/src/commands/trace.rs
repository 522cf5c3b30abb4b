//! `floodmark trace`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use floodmark_case::Timestamp;
use floodmark_rehearse::{Intrusion, Plan};
use floodmark_trace::read::inputs::{InputPath, Source, inputs};
use floodmark_trace::sigma::Placeholders;
use floodmark_trace::{Progress, Request};

use super::{make_case_folder, open_case, threads, write_answer};
use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::Trace;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Line;

/// The size and seed of the embedded example.
const EXAMPLE: Plan = Plan { events: 4_000, seed: 1, intrusion: Intrusion::Woven };

pub(super) fn run(mut options: Trace) -> Result<Exit, Failure> {
    apply(config::of_working_folder()?, &mut options)?;
    for output in options.answer.output.iter().chain(&options.case) {
        spare_evidence(output, &options.paths)?;
    }
    let mut output = Output::open(options.answer.output.as_deref())?;
    let layout = output.layout(options.answer.colour);
    let mut at_hand = if options.example { example()? } else { Vec::new() };
    let spool = take_standard_input(&mut options.paths).then(spool).transpose()?;
    make_case_folder(options.case.as_deref())?;

    enter(reach(&options), &options.confinement)?;

    let mut case = open_case(options.case.as_deref())?;
    if let Some(spool) = spool {
        at_hand.push(spooled(spool)?);
    }
    let progress = Progress::default();
    let line = Line::start(progress.clone());
    let answer = floodmark_trace::trace(&Request {
        paths: options.paths,
        at_hand,
        from: options.from,
        since: options.since,
        rules: options.rules,
        placeholders: placeholders(&options.placeholders),
        builtin_rules: !options.no_builtin_rules,
        public_keys: options.public_keys,
        threads: threads(options.threads),
        progress,
    });
    drop(line);
    if let Some(case) = &mut case {
        case.record_answer(&answer, Timestamp::now())?;
    }
    write_answer(&answer, &options.answer, &mut output, &layout)
}

/// Fills what neither flag nor variable said from the configuration file.
fn apply(config: Config, options: &mut Trace) -> Result<(), Failure> {
    // What the flags say of a name replaces what the file says of it.
    let said: Vec<String> = options.placeholders.iter().map(|(name, _)| name.clone()).collect();
    let unsaid = config.trace.placeholders().into_iter().filter(|(name, _)| !said.contains(name));
    options.placeholders.extend(unsaid);
    options.rules.extend(config.trace.rules);
    options.public_keys = options.public_keys.take().or(config.trace.public_keys);
    if let (None, Some(word)) = (options.answer.fail_on, &config.trace.fail_on) {
        options.answer.fail_on = Some(config::severity(word)?);
    }
    for path in &options.rules {
        path.metadata().map_err(|error| Failure::file(path, error))?;
    }
    Ok(())
}

fn placeholders(pairs: &[(String, String)]) -> Placeholders {
    let mut all = Placeholders::new();
    for (name, value) in pairs {
        all.entry(name.clone()).or_default().push(value.clone());
    }
    all
}

/// Refuses to write where evidence lies: it must stay as it was found, and what is written there would be read as
/// evidence the next time.
fn spare_evidence(output: &Path, evidence: &[PathBuf]) -> Result<(), Failure> {
    let place = resolved(output);
    let Some(at) = evidence.iter().find(|path| place.starts_with(resolved(path))) else { return Ok(()) };
    Err(Failure::usage(
        format!("{}: lies in the evidence `{}`, which is never written to", output.display(), at.display()),
        "name a place outside of the evidence",
    ))
}

/// A path without links and `..`, as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = absolute.ancestors().find_map(|there| Some((there, there.canonicalize().ok()?)));
    match there {
        Some((there, real)) => real.join(absolute.strip_prefix(there).unwrap_or(Path::new(""))),
        None => absolute,
    }
}

/// The embedded example: made in a folder that is gone again before any of it is read as evidence.
fn example() -> Result<Vec<InputPath>, Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::file(std::env::temp_dir(), error))?;
    let root = folder.path();
    floodmark_rehearse::write(EXAMPLE, root)?;
    let (files, _) = inputs(&[root.to_owned()]);
    let held = files.into_iter().filter_map(|file| match file.source {
        Source::Path(path) => Some(path),
        Source::Open(_) | Source::Held(_) => None,
    });
    held.map(|path| {
        let name = Path::new("example").join(path.strip_prefix(root).unwrap_or(&path));
        let bytes = fs::read(&path).map_err(|error| Failure::file(&path, error))?;
        Ok(InputPath::held(name.to_string_lossy(), bytes))
    })
    .collect()
}

/// Takes `-` out of the paths, and says whether it was among them.
fn take_standard_input(paths: &mut Vec<PathBuf>) -> bool {
    let all = paths.len();
    paths.retain(|path| path.as_os_str() != "-");
    paths.len() < all
}

/// A file without a name, which is gone with the process, however that ends.
fn spool() -> Result<File, Failure> {
    tempfile::tempfile().map_err(|error| Failure::file(std::env::temp_dir(), error))
}

/// Standard input as an input. It is read twice, so it is kept on the disk while the run lasts.
fn spooled(mut spool: File) -> Result<InputPath, Failure> {
    io::copy(&mut io::stdin().lock(), &mut spool)
        .map_err(|error| Failure::file("standard input, kept in a temporary file", error))?;
    Ok(InputPath::opened("-", spool))
}

/// What the run may touch: its inputs that are there, its rules and keys, and the case.
fn reach(options: &Trace) -> Reach {
    let exists = |path: &&PathBuf| path.exists();
    Reach {
        read: options
            .paths
            .iter()
            .chain(&options.rules)
            .chain(&options.public_keys)
            .filter(exists)
            .cloned()
            .collect(),
        write: options.case.iter().cloned().collect(),
    }
}

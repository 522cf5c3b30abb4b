//! `floodmark scan`.

mod registry;

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;

use floodmark_case::Timestamp;
use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::Database;
use floodmark_scan::baseline::baseline;
use floodmark_scan::{Advisories, Choices, Ignore, IgnoredBy, Knowledge, Progress, Request, Vex};

use super::{make_case_folder, open_case, place, threads, write_answer};
use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::{AnswerOptions, Scan};
use crate::config::{self, ScanConfig};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Line;

/// The most bytes of a VEX document.
const MOST_VEX: u64 = 64 << 20;

pub(super) fn run(mut options: Scan) -> Result<Exit, Failure> {
    apply(config::of_working_folder()?.scan, &mut options)?;
    let of_user = || place::of_user().filter(|database| database.is_file());
    options.database = place::named(options.database.as_deref())?.or_else(of_user);
    for path in beside_target(&options) {
        path.metadata().map_err(|error| Failure::file(path, error))?;
    }
    let mut output = Output::open(options.output.as_deref())?;
    let layout = output.layout(options.colour);
    make_case_folder(options.case.as_deref())?;
    let coming = registry::start(&options)?;
    if let Some(coming) = &coming {
        coming.folder().clone_into(&mut options.target);
    }

    enter(reach(&options), &options.confinement)?;

    let mut case = open_case(options.case.as_deref())?;
    let choices = choices(&options)?;
    // The folder is there as long as this is.
    let (pulled, _scratch) = coming.map(registry::Coming::wait).transpose()?.unzip();
    let database = options.database.as_deref().map(Database::open).transpose()?;
    let progress = Progress::default();
    let line = Line::start(progress.clone());
    let answer = floodmark_scan::scan(&Request {
        target: options.target,
        pulled,
        knowledge: Knowledge {
            advisories: database.as_ref().map(|database| database as &dyn Advisories),
            compromises: Compromises::shipped(),
        },
        choices,
        platform: options.platform,
        threads: threads(options.threads),
        progress,
    });
    drop(line);
    if let Some(case) = &mut case {
        case.record_answer(&answer, Timestamp::now())?;
    }
    let written = AnswerOptions {
        format: options.format,
        output: options.output,
        fail_on: options.fail_on,
        colour: options.colour,
    };
    write_answer(&answer, &written, &mut output, &layout)
}

/// Fills what neither flag nor variable said from the configuration file.
fn apply(config: ScanConfig, options: &mut Scan) -> Result<(), Failure> {
    options.ignore.extend(config.ignore);
    options.vex.extend(config.vex);
    if let (None, Some(word)) = (options.fail_on, &config.fail_on) {
        options.fail_on = Some(config::severity(word)?);
    }
    Ok(())
}

/// What is set aside, as the call says.
fn choices(options: &Scan) -> Result<Choices, Failure> {
    let now = Timestamp::now().to_string();
    let mut choices = Choices { today: now.chars().take(10).collect(), ..Choices::default() };
    for path in &options.ignore {
        let text = fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
        let read = Ignore::read(&path.display().to_string(), &text, IgnoredBy::Caller);
        choices.ignores.extend(read.map_err(|error| {
            Failure::usage(error.to_string(), "see docs/scan.md for what an ignore file holds")
        })?);
    }
    for path in &options.vex {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MOST_VEX + 1).read_to_end(&mut bytes));
        read.map_err(|error| Failure::file(path, error))?;
        let said = if bytes.len() as u64 > MOST_VEX {
            Err(format!("{}: is larger than {MOST_VEX} bytes; expected less", path.display()))
        } else {
            Vex::read(&path.display().to_string(), &bytes).map_err(|error| error.to_string())
        };
        choices
            .vex
            .push(said.map_err(|why| Failure::usage(why, "see docs/scan.md for which documents are read"))?);
    }
    choices.products.clone_from(&options.vex_product);
    if let Some(path) = &options.baseline {
        let json = fs::read(path).map_err(|error| Failure::file(path, error))?;
        choices.baseline = baseline(&json).map_err(|error| {
            Failure::usage(
                format!("{}: {error}", path.display()),
                "floodmark scan TARGET --format json --output FILE",
            )
        })?;
    }
    Ok(choices)
}

/// What is read beside the target.
fn beside_target(options: &Scan) -> impl Iterator<Item = &PathBuf> {
    options.database.iter().chain(&options.ignore).chain(&options.vex).chain(&options.baseline)
}

/// What the run may touch: its target, its database and the case.
fn reach(options: &Scan) -> Reach {
    let read = std::iter::once(&options.target).chain(beside_target(options));
    Reach { read: read.cloned().collect(), write: options.case.iter().cloned().collect() }
}

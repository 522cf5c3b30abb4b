//! `floodmark scan`.

use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;

use floodmark_case::{Case, Timestamp};
use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::Database;
use floodmark_scan::{Advisories, Knowledge, Progress, Request};

use super::write_answer;
use crate::Exit;
use crate::author::author;
use crate::cell::{Reach, enter};
use crate::cli::{AnswerOptions, Scan};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Line;

pub(super) fn run(options: Scan) -> Result<Exit, Failure> {
    for path in std::iter::once(&options.target).chain(&options.database) {
        path.metadata().map_err(|error| Failure::file(path, error))?;
    }
    let mut output = Output::open(options.output.as_deref())?;
    let layout = output.layout(options.colour);
    if let Some(case) = &options.case {
        fs::create_dir_all(case).map_err(|error| Failure::file(case, error))?;
    }
    let threads = options.threads.and_then(NonZero::new).or_else(|| available_parallelism().ok());

    enter(reach(&options), &options.confinement)?;

    // Both are opened first: whoever cannot have them should know before the work is done.
    let mut case = options
        .case
        .as_deref()
        .map(|folder| Case::open_or_create(folder, author(), Timestamp::now()))
        .transpose()?;
    let database = options.database.map(open).transpose()?;
    let progress = Progress::default();
    let line = Line::start(progress.clone());
    let answer = floodmark_scan::scan(&Request {
        target: options.target,
        knowledge: Knowledge {
            advisories: database.as_ref().map(|database| database as &dyn Advisories),
            compromises: Compromises::shipped(),
        },
        threads: threads.unwrap_or(NonZero::<usize>::MIN),
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

fn open(path: PathBuf) -> Result<Database, Failure> {
    Database::open(&path).map_err(|error| Failure::Database { path, error })
}

/// What the run may touch: its target, its database and the case.
fn reach(options: &Scan) -> Reach {
    Reach {
        read: std::iter::once(&options.target).chain(&options.database).cloned().collect(),
        write: options.case.iter().cloned().collect(),
    }
}

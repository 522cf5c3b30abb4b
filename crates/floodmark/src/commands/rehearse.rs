//! `floodmark rehearse`.

use std::io::Write;

use floodmark_case::{Case, Command};
use floodmark_rehearse::{Intrusion, Plan, Truth};

use crate::Exit;
use crate::cli::{Rehearse, RehearseAction};
use crate::failure::Failure;

pub(super) fn run(options: Rehearse) -> Result<Exit, Failure> {
    match (options.action, options.out) {
        (Some(RehearseAction::Score { case, truth, json }), _) => score(&case, &truth, json),
        (None, Some(out)) => {
            let intrusion = if options.without_intrusion { Intrusion::Absent } else { Intrusion::Woven };
            let summary = floodmark_rehearse::write(
                &Plan { events: options.events, seed: options.seed, intrusion },
                &out,
            )?;
            let mut stdout = std::io::stdout().lock();
            writeln!(stdout, "{summary}")?;
            Ok(Exit::Clean)
        }
        (None, None) => Err(Failure::usage(
            "no folder to make was named",
            "floodmark rehearse OUT --events 100000 --seed 1",
        )),
    }
}

fn score(case: &std::path::Path, truth: &std::path::Path, json: bool) -> Result<Exit, Failure> {
    let truth = Truth::load(truth)?;
    let answer = Case::open(case)?.answer(Command::Trace)?.ok_or_else(|| {
        Failure::usage(
            format!("{}: holds no answer of trace", case.display()),
            "run floodmark trace PATH --case DIR on the rehearsal first",
        )
    })?;
    let score = floodmark_rehearse::score(&answer, &truth);
    let mut stdout = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut stdout, &score).map_err(std::io::Error::from)?;
        writeln!(stdout)?;
    } else {
        write!(stdout, "{score}")?;
    }
    Ok(Exit::Clean)
}

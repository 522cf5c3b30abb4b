//! `floodmark rehearse`.

use std::io::Write;
use std::path::Path;

use floodmark_case::Command;
use floodmark_rehearse::{Count, Intrusion, Plan, Score, Truth};
use floodmark_report::{Cell, Column, Table, inert};

use super::case::open;
use crate::Exit;
use crate::cli::{Colour, Confinement, Rehearse, RehearseAction};
use crate::failure::Failure;
use crate::output::Output;

pub(super) fn run(options: Rehearse) -> Result<Exit, Failure> {
    match (options.action, options.out) {
        (Some(RehearseAction::Score { case, truth, json, confinement }), _) => {
            score(&case, &truth, json, &confinement)
        }
        (None, Some(out)) => {
            let intrusion = if options.without_intrusion { Intrusion::Absent } else { Intrusion::Woven };
            let plan = Plan { events: options.events, seed: options.seed, intrusion };
            let summary = floodmark_rehearse::write(plan, &out)?;
            let mut stdout = std::io::stdout().lock();
            writeln!(
                stdout,
                "{}: {} files, {} CloudTrail events ({} of the intruder's), {} access log lines, {} flow log lines; the answers are in truth.json",
                out.display(),
                summary.files,
                summary.events,
                summary.intruder_events,
                summary.access_log_lines,
                summary.flow_log_lines
            )?;
            Ok(Exit::Clean)
        }
        (None, None) => Err(Failure::usage(
            "no folder to make was named",
            "floodmark rehearse OUT --events 100000 --seed 1",
        )),
    }
}

/// Both the case and the truth may come from somebody else, so they are read in the cell like any evidence.
fn score(folder: &Path, truth: &Path, json: bool, confinement: &Confinement) -> Result<Exit, Failure> {
    if !truth.is_file() {
        return Err(Failure::usage(
            format!("{}: no such file", truth.display()),
            "name the truth.json that the rehearsal wrote beside its logs",
        ));
    }
    let layout = Output::open(None)?.layout(Colour::Auto);
    let case = open(folder, Some(truth), confinement)?;
    let truth = Truth::load(truth)?;
    let answer = case.answer(Command::Trace)?.ok_or_else(|| {
        Failure::usage(
            format!("{}: holds no answer of trace", folder.display()),
            "run floodmark trace PATH --case DIR on the rehearsal first",
        )
    })?;
    let score = floodmark_rehearse::score(&answer, &truth);
    let mut stdout = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut stdout, &score).map_err(std::io::Error::from)?;
        writeln!(stdout)?;
    } else {
        table(&score).write(&layout, &mut stdout)?;
        for (what, names) in misses(&score) {
            for name in names {
                writeln!(stdout, "{what}: {}", inert(name))?;
            }
        }
    }
    Ok(Exit::Clean)
}

fn table(score: &Score) -> Table {
    let mut table = Table::new([
        Column::head("what"),
        Column::number("precision"),
        Column::number("recall"),
        Column::number("required"),
        Column::number("answered"),
    ]);
    let mut count = |what: &str, count: &Count| {
        let (precision, recall) = (count.precision.as_f64(), count.recall.as_f64());
        let cells = [
            what.to_owned(),
            format!("{precision:.4}"),
            format!("{recall:.4}"),
            count.required.to_string(),
            count.answered.to_string(),
        ];
        table.push(cells.map(Cell::from));
    };
    count("tainted credentials", &score.credentials);
    count("reached resources", &score.resources);
    count("reached, with what was done", &score.reached);
    count("left behind", &score.leftovers);
    table.note(Cell::from(format!("parents right: {:.4}", score.parents.as_f64())));
    table.note(Cell::from(format!(
        "calls: {} of {}, error {:.4}",
        score.calls.answered,
        score.calls.calls,
        score.calls.error.as_f64()
    )));
    table.note(Cell::from(format!(
        "volume: {} of {} bytes, error {:.4}",
        score.volume.answered,
        score.volume.bytes,
        score.volume.error.as_f64()
    )));
    table
}

/// What was missed and what is wrong, by name.
fn misses(score: &Score) -> [(&'static str, &[String]); 8] {
    [
        ("credential missed", &score.credentials.missed),
        ("credential wrong", &score.credentials.wrong),
        ("parent wrong", &score.wrong_parents),
        ("resource missed", &score.reached.missed),
        ("resource wrong", &score.reached.wrong),
        ("leftover missed", &score.leftovers.missed),
        ("leftover wrong", &score.leftovers.wrong),
        ("volume invented", &score.invented),
    ]
}

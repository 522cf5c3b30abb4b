//! Evidence that takes its reader over, as an intruder would who knows a hole in a parser.
//!
//! Only behind the feature `hostile-reader`, which no release has: a build with it shows what the cell around `trace`
//! holds back. A file whose first line is the mark runs the attempts of `floodmark-hostile` in the thread that reads it,
//! and each is told where what could not be read is told. The lines after the mark say what there is to steal, a word
//! and a value each: `variable`, `home`, `outside`, `tcp`, `unix`.

use std::io::{self, BufRead};
use std::net::SocketAddr;
use std::path::PathBuf;

use floodmark_hostile::{Attempt, Outcome, Prey, attempts};

use super::Reading;
use super::lines::each_line;

/// The first line.
const MARK: &str = "floodmark hostile reader";

/// Whether a line is the mark.
pub(super) fn recognises(line: &str) -> bool {
    line == MARK
}

/// Tries everything, and tells what came of it.
pub(super) fn read(stream: &mut dyn BufRead, reading: &mut Reading<'_>) -> io::Result<()> {
    let mut prey = Prey {
        variables: Vec::new(),
        home: PathBuf::new(),
        outside: PathBuf::new(),
        tcp: SocketAddr::from(([127, 0, 0, 1], 9)),
        unix: PathBuf::new(),
    };
    each_line(stream, |_, line| {
        let Some((word, value)) = line.and_then(|line| line.split_once(' ')) else { return };
        match word {
            "variable" => prey.variables.push(value.to_owned()),
            "home" => prey.home = value.into(),
            "outside" => prey.outside = value.into(),
            "tcp" => prey.tcp = value.parse().unwrap_or(prey.tcp),
            "unix" => prey.unix = value.into(),
            _ => {}
        }
    })?;
    let told = attempts(&prey).into_iter().map(|attempt| ("hostile reader".to_owned(), sentence(&attempt)));
    reading.report.problems.extend(told);
    Ok(())
}

fn sentence(attempt: &Attempt) -> String {
    let Attempt { what, how, outcome } = attempt;
    match outcome {
        Outcome::Denied(why) => format!("wanted {what} ({how}): denied, {why}"),
        Outcome::Got(what_it_got) => format!("wanted {what} ({how}): SUCCEEDED, {what_it_got}"),
    }
}

//! Evidence that takes its reader over, as an intruder would who knows a hole in a parser.
//!
//! Only behind the feature `hostile-reader`, which no release has: a build with it shows what the cell around `trace`
//! holds back. A file whose first line is the mark runs the attempts of `floodmark-hostile` in the thread that reads it,
//! and each is told where what could not be read is told. The lines after the mark say what there is to steal, a word
//! and a value each: `variable`, `home`, `outside`, `tcp`, `unix`.

use std::io::{self, BufRead};

use floodmark_hostile::{Prey, attempts};

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
    let mut lines = Vec::new();
    each_line(stream, |_, line| lines.extend(line.map(ToOwned::to_owned)))?;
    let prey = Prey::read(lines.iter().map(String::as_str));
    let told = attempts(&prey).into_iter().map(|attempt| ("hostile reader".to_owned(), attempt.to_string()));
    reading.report.problems.extend(told);
    Ok(())
}

//! A file that takes its reader over, as an intruder would who knows a hole in a parser.
//!
//! Only behind the feature `hostile-reader`, which no release has: a build with it shows what the cell around
//! `intel import` holds back. A file whose first line is the mark runs the attempts of `floodmark-hostile`, and each is told
//! where what could not be read is told. The lines after the mark say what there is to steal, a word and a value each:
//! `variable`, `home`, `outside`, `tcp`, `unix`.

use floodmark_hostile::{Attempt, Prey, attempts};

/// The first line.
const MARK: &str = "floodmark hostile reader";

/// Whether a text begins with the mark.
pub(super) fn recognises(text: &str) -> bool {
    text.lines().next() == Some(MARK)
}

/// Tries everything, and tells what came of it.
pub(super) fn read(text: &str) -> Vec<String> {
    let prey = Prey::read(text.lines());
    attempts(&prey).iter().map(Attempt::to_string).collect()
}

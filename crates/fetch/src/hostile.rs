//! A registry that takes its client over, as an intruder would who knows a hole in it.
//!
//! Only behind the feature `hostile-reader`, which no release has: a build with it shows what the cell of the fetching
//! process holds back. A manifest whose first line is the mark runs the attempts of `floodmark-hostile`. The lines after it
//! say what there is to steal, a word and a value each: `variable`, `home`, `outside`, `tcp`, `unix`.

use floodmark_hostile::{Attempt, Prey, attempts};

/// The first line.
const MARK: &[u8] = b"floodmark hostile reader\n";

/// Tries everything if the mark is there, and tells what came of it.
pub(crate) fn read(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(MARK)?).into_owned();
    let prey = Prey::read(text.lines());
    let told: Vec<String> = attempts(&prey).iter().map(Attempt::to_string).collect();
    Some(told.join(" | "))
}

//! A file that takes its reader over, as an intruder would who knows a hole in a parser.
//!
//! Only behind the feature `hostile-reader`, which no release has: a build with it shows what the cell around `scan` holds
//! back. The attempts of `floodmark-hostile` run in the thread that reads the file, and each is told where what could not
//! be read is told. The lines say what there is to steal, a word and a value each: `variable`, `home`, `outside`, `tcp`,
//! `unix`.

use floodmark_hostile::{Prey, attempts};

use super::text::utf8;
use super::{Broken, Reading};
use crate::component::Place;

/// Tries everything, and tells what came of it.
pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let text = utf8(bytes, "a word and a value in each line")?;
    for attempt in attempts(&Prey::read(text.lines())) {
        reading.problem(&Place::entry("hostile reader"), &attempt.to_string());
    }
    Ok(())
}

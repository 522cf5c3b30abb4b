//! A file that takes its reader over, as an intruder would who knows a hole in a parser.
//!
//! Only behind the feature `hostile-reader`, which no release has: a build with it shows what the cell around `scan` holds
//! back. The attempts of `floodmark-hostile` run in the thread that reads the file, and each is told where what could not
//! be read is told. The lines say what there is to steal, a word and a value each: `variable`, `home`, `outside`, `tcp`,
//! `unix`.

use std::net::SocketAddr;
use std::path::PathBuf;

use floodmark_hostile::{Outcome, Prey, attempts};

use super::text::{lines, utf8};
use super::{Broken, Reading};
use crate::component::Place;

/// Tries everything, and tells what came of it.
pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let mut prey = Prey {
        variables: Vec::new(),
        home: PathBuf::new(),
        outside: PathBuf::new(),
        tcp: SocketAddr::from(([127, 0, 0, 1], 9)),
        unix: PathBuf::new(),
    };
    utf8(bytes, "a word and a value in each line")?;
    for (_, line) in lines(bytes) {
        let line = String::from_utf8_lossy(line);
        let Some((word, value)) = line.split_once(' ') else { continue };
        match word {
            "variable" => prey.variables.push(value.to_owned()),
            "home" => prey.home = value.into(),
            "outside" => prey.outside = value.into(),
            "tcp" => prey.tcp = value.parse().unwrap_or(prey.tcp),
            "unix" => prey.unix = value.into(),
            _ => {}
        }
    }
    for attempt in attempts(&prey) {
        let told = match &attempt.outcome {
            Outcome::Denied(why) => format!("denied, {why}"),
            Outcome::Got(what_it_got) => format!("SUCCEEDED, {what_it_got}"),
        };
        let told = format!("wanted {} ({}): {told}", attempt.what, attempt.how);
        reading.problem(&Place::entry("hostile reader"), &told);
    }
    Ok(())
}

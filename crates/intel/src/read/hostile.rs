//! A file that takes its reader over, as an intruder would who knows a hole in a parser.
//!
//! Only behind the feature `hostile-reader`, which no release has: a build with it shows what the cell around
//! `intel import` holds back. A file whose first line is the mark runs the attempts of `floodmark-hostile`, and each is told
//! where what could not be read is told. The lines after the mark say what there is to steal, a word and a value each:
//! `variable`, `home`, `outside`, `tcp`, `unix`.

use std::net::SocketAddr;
use std::path::PathBuf;

use floodmark_hostile::{Attempt, Outcome, Prey, attempts};

/// The first line.
const MARK: &str = "floodmark hostile reader";

/// Whether a text begins with the mark.
pub(super) fn recognises(text: &str) -> bool {
    text.lines().next() == Some(MARK)
}

/// Tries everything, and tells what came of it.
pub(super) fn read(text: &str) -> Vec<String> {
    let mut prey = Prey {
        variables: Vec::new(),
        home: PathBuf::new(),
        outside: PathBuf::new(),
        tcp: SocketAddr::from(([127, 0, 0, 1], 9)),
        unix: PathBuf::new(),
    };
    for (word, value) in text.lines().filter_map(|line| line.split_once(' ')) {
        match word {
            "variable" => prey.variables.push(value.to_owned()),
            "home" => prey.home = value.into(),
            "outside" => prey.outside = value.into(),
            "tcp" => prey.tcp = value.parse().unwrap_or(prey.tcp),
            "unix" => prey.unix = value.into(),
            _ => {}
        }
    }
    attempts(&prey).iter().map(sentence).collect()
}

fn sentence(attempt: &Attempt) -> String {
    let Attempt { what, how, outcome } = attempt;
    match outcome {
        Outcome::Denied(why) => format!("wanted {what} ({how}): denied, {why}"),
        Outcome::Got(what_it_got) => format!("wanted {what} ({how}): SUCCEEDED, {what_it_got}"),
    }
}

//! A registry that takes its client over, as an intruder would who knows a hole in it.
//!
//! Only behind the feature `hostile-reader`, which no release has: a build with it shows what the cell of the fetching
//! process holds back. A manifest whose first line is the mark runs the attempts of `floodmark-hostile`. The lines after it
//! say what there is to steal, a word and a value each: `variable`, `home`, `outside`, `tcp`, `unix`.

use std::net::SocketAddr;
use std::path::PathBuf;

use floodmark_hostile::{Attempt, Outcome, Prey, attempts};

/// The first line.
const MARK: &[u8] = b"floodmark hostile reader\n";

/// Tries everything if the mark is there, and tells what came of it.
pub(crate) fn read(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(MARK)?).into_owned();
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
    let told: Vec<String> = attempts(&prey).iter().map(sentence).collect();
    Some(told.join(" | "))
}

fn sentence(attempt: &Attempt) -> String {
    let Attempt { what, how, outcome } = attempt;
    match outcome {
        Outcome::Denied(why) => format!("wanted {what} ({how}): denied, {why}"),
        Outcome::Got(what_it_got) => format!("wanted {what} ({how}): SUCCEEDED, {what_it_got}"),
    }
}

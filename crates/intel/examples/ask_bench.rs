//! How long the database takes to be opened and asked. Components come on standard input, one a line: ecosystem, name and
//! version, with tabs between. Prints seconds: to open, to ask all, and how many advisories touch them.

use std::io::stdin;
use std::time::Instant;

use floodmark_intel::database::Database;
use floodmark_intel::version::Ecosystem;

fn main() {
    let path = std::env::args_os().nth(1).expect("usage: ask_bench DATABASE < COMPONENTS");
    let components: Vec<(Ecosystem, String, String)> = stdin()
        .lines()
        .filter_map(|line| {
            let line = line.expect("text");
            let mut cells = line.split('\t').map(str::to_owned);
            Some((cells.next()?.parse().ok()?, cells.next()?, cells.next()?))
        })
        .collect();
    let started = Instant::now();
    let database = Database::open(path.as_ref()).expect("a database");
    let opened = started.elapsed();
    let asking = Instant::now();
    let (mut touching, mut undecided) = (0, 0);
    for (ecosystem, name, version) in &components {
        let found = database.matches_text(ecosystem, name, version).expect("asked");
        touching += found.matches.len();
        undecided += found.undecided.len();
    }
    let asked = asking.elapsed();
    println!(
        "{:.4}\t{:.4}\t{}\t{touching}\t{undecided}",
        opened.as_secs_f64(),
        asked.as_secs_f64(),
        components.len()
    );
}

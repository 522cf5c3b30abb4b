//! Writes a rehearsal: `cargo run -p floodmark-rehearse --example rehearse -- OUT [EVENTS [SEED [absent]]]`.

use std::process::ExitCode;

use floodmark_rehearse::{Intrusion, Plan, write};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, otherwise| {
        arguments.get(place).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    let Some(out) = arguments.first() else {
        eprintln!("expected: rehearse OUT [EVENTS [SEED [absent]]]");
        return ExitCode::from(2);
    };
    let intrusion = if arguments.get(3).is_some_and(|word| word == "absent") {
        Intrusion::Absent
    } else {
        Intrusion::Woven
    };
    match write(Plan { events: number(1, 2_000), seed: number(2, 1), intrusion }, out) {
        Ok(summary) => {
            println!("{summary:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

//! `floodmark`: how far did the water come?

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else, and before any thread: the secrets of the environment and inherited descriptors go.
    if let Err(error) = floodmark_confine::shed_inheritance(floodmark::KEPT_VARIABLES) {
        eprintln!("error: {error}");
        if let Some(hint) = error.hint() {
            eprintln!("hint: {hint}");
        }
        return floodmark::Exit::Usage.into();
    }
    floodmark::run().into()
}

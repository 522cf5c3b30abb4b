//! Who runs the program, for the log of a case.

use floodmark_case::Author;

/// The author of what this run writes.
pub(crate) fn author() -> Author {
    let uid = rustix::process::getuid().as_raw();
    let name = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let command: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    Author {
        who: name.map_or_else(|_| format!("uid {uid}"), |name| format!("{name} (uid {uid})")),
        program: format!("floodmark {}", env!("CARGO_PKG_VERSION")),
        command: format!("floodmark {}", command.join(" ")),
    }
}

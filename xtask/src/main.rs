//! `cargo xtask generate [--check]`: writes what is derived from the code, or says what is stale.
//!
//! The JSON Schemas of answers, of what `intel` says and of compromise files, the command reference, the man pages and the rule catalogue are committed, so that they
//! can be read without building; CI runs this with `--check`.

mod reference;
mod rules;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let check = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["generate"] => false,
        ["generate", "--check"] => true,
        _ => {
            eprintln!("usage: cargo xtask generate [--check]");
            return ExitCode::from(2);
        }
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let stale: Vec<PathBuf> = generated()
        .into_iter()
        .filter(|(path, text)| is_stale(&root.join(path), text))
        .map(|(path, text)| {
            if !check {
                write(&root.join(&path), &text);
            }
            path
        })
        .collect();
    for path in &stale {
        println!("{} {}", if check { "stale:" } else { "wrote" }, path.display());
    }
    if check && !stale.is_empty() {
        eprintln!("run `cargo xtask generate` and commit what it writes");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Every generated file with its content.
fn generated() -> Vec<(PathBuf, String)> {
    let json = |schema| serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    let compromise = serde_json::to_value(floodmark_intel::compromise::schema()).expect("a schema is JSON");
    let intel = serde_json::to_value(floodmark::intel_schema()).expect("a schema is JSON");
    let mut files = vec![
        (PathBuf::from("docs/schema/floodmark-1.json"), json(floodmark_report::schema())),
        (PathBuf::from("docs/schema/compromise-1.json"), json(compromise)),
        (PathBuf::from("docs/schema/floodmark-intel-1.json"), json(intel)),
        (PathBuf::from("docs/cli.md"), reference::markdown()),
        (PathBuf::from("docs/rules.md"), rules::catalogue()),
    ];
    files.extend(
        reference::man_pages().into_iter().map(|(name, text)| (Path::new("docs/man").join(name), text)),
    );
    files
}

fn is_stale(path: &Path, text: &str) -> bool {
    fs::read_to_string(path).map_or(true, |found| found != text)
}

fn write(path: &Path, text: &str) {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).expect("docs/ can be written");
    }
    fs::write(path, text).expect("docs/ can be written");
}

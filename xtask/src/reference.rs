//! The command reference and the man pages, from the definition of the command line.

use std::fmt::Write;

use clap::{Command, CommandFactory};
use floodmark::cli::Cli;

/// All commands as one Markdown page.
pub(crate) fn markdown() -> String {
    let mut page =
        String::from("# Command reference\n\nGenerated from the program by `cargo xtask generate`.\n");
    for (name, mut command) in commands() {
        let help = command.render_long_help().to_string();
        let lines: Vec<_> = help.trim_end().lines().map(str::trim_end).collect();
        let _ = write!(page, "\n## `{name}`\n\n```text\n{}\n```\n", lines.join("\n"));
    }
    page
}

/// A man page per command: file name and text.
pub(crate) fn man_pages() -> Vec<(String, String)> {
    commands()
        .into_iter()
        .map(|(name, command)| {
            let file = name.replace(' ', "-");
            let mut text = Vec::new();
            let page = clap_mangen::Man::new(command.name(file.clone())).date("2026-11-23");
            page.render(&mut text).expect("in memory");
            (format!("{file}.1"), String::from_utf8(text).expect("text"))
        })
        .collect()
}

/// Every command with its full name, parents first.
fn commands() -> Vec<(String, Command)> {
    let mut all = Vec::new();
    // `help` is a word of the parser, not a command with a page of its own.
    let root = Cli::command().term_width(100).disable_help_subcommand(true);
    collect("floodmark", root, &mut all);
    all
}

fn collect(name: &str, command: Command, all: &mut Vec<(String, Command)>) {
    let children: Vec<Command> = command.get_subcommands().cloned().collect();
    all.push((
        name.to_owned(),
        command
            .disable_help_subcommand(true)
            .display_name(name.to_owned())
            .bin_name(name.to_owned())
            .term_width(100),
    ));
    for child in children {
        collect(&format!("{name} {}", child.get_name()), child, all);
    }
}

//! `floodmark case show`.

use std::io::{self, Write};
use std::path::Path;

use floodmark_case::{Answer, Case, Command, LogEntry, Summary};
use floodmark_report::quantity::{bytes, counted, second, thousands};
use floodmark_report::{Cell, Column, Format, Layout, Table, Tone};
use serde::Serialize;

use crate::Exit;
use crate::cli::{AnswerOptions, Confinement};
use crate::commands::write_answer;
use crate::failure::Failure;
use crate::output::Output;

pub(super) fn run(
    folder: &Path,
    whole: Option<&[Command]>,
    options: &AnswerOptions,
    confinement: &Confinement,
) -> Result<Exit, Failure> {
    if whole.is_none() && !matches!(options.format, Format::Table | Format::Json) {
        return Err(Failure::usage(
            format!("a case is shown as table or json, not as {}", options.format.as_str()),
            "add --answer to have the answer that it holds in this format",
        ));
    }
    let mut output = Output::open(options.output.as_deref())?;
    let layout = output.layout(options.colour);
    let case = super::open(folder, None, confinement)?;
    if let Some(commands) = whole {
        let answer = held(&case, commands)?;
        return write_answer(&answer, options, &mut output, &layout);
    }
    let glance = Glance { summary: case.summary()?, log: case.log()? };
    let mut out = output.writer()?;
    if options.format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, &glance).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        glance.write(&case, &layout, &mut *out)?;
    }
    Ok(Exit::Clean)
}

/// The answer of the first of these commands that has left one.
fn held(case: &Case, commands: &[Command]) -> Result<Answer, Failure> {
    for command in commands {
        if let Some(answer) = case.answer(*command)? {
            return Ok(answer);
        }
    }
    let words: Vec<&str> = commands.iter().map(|command| command.as_str()).collect();
    Err(Failure::usage(
        format!("{}: holds no answer of {} yet", case.folder().display(), words.join(" or ")),
        format!("run floodmark {} PATH --case DIR", words.first().unwrap_or(&"trace")),
    ))
}

/// What `case show` shows.
#[derive(Debug, Serialize)]
struct Glance {
    #[serde(flatten)]
    summary: Summary,
    log: Vec<LogEntry>,
}

impl Glance {
    fn write(&self, case: &Case, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
        let mut title = Table::new([Column::text("")]);
        title.push([Cell::toned(format!("CASE {}", case.folder().display()), Tone::Strong)]);
        title.write(layout, out)?;
        self.facts().write(layout, out)?;
        let mut title = Table::new([Column::text("")]);
        title.push([Cell::toned("LOG who did what when (UTC)", Tone::Strong)]);
        writeln!(out)?;
        title.write(layout, out)?;
        self.entries().write(layout, out)
    }

    fn facts(&self) -> Table {
        let Summary { evidence, evidence_bytes, kinds, links, nodes, .. } = &self.summary;
        let mut table = Table::new([Column::word(""), Column::text("")]).indented(2);
        let mut fact = |name: &str, value: String| table.push([Cell::from(name), Cell::from(value)]);
        if let Some(made) = &self.summary.created {
            fact("Made", format!("{} UTC by {} with {}", second(made.when), made.who, made.program));
        }
        let kinds: Vec<_> = kinds
            .iter()
            .map(|(kind, count)| format!("{} {}", thousands(*count), kind.replace(", ", "+")))
            .collect();
        fact(
            "Evidence",
            format!("{}, {}: {}", counted(*evidence, "file"), bytes(*evidence_bytes), kinds.join(", ")),
        );
        fact("Answers", self.answers());
        let findings: Vec<_> = self.summary.findings.iter().rev().collect();
        let by_severity: Vec<_> =
            findings.iter().map(|(severity, count)| format!("{count} {}", severity.as_str())).collect();
        let all: u64 = findings.iter().map(|(_, count)| **count).sum();
        fact("Findings", [thousands(all), by_severity.join(", ")].join(if all > 0 { ": " } else { "" }));
        fact("Fallen", counted(self.summary.tainted_credentials, "credential"));
        fact("Reached", counted(self.summary.reached, "resource"));
        fact("Left behind", format!("{} to undo", counted(self.summary.leftovers, "thing")));
        fact("Chain", format!("{} between {}", counted(*links, "link"), counted(*nodes, "node")));
        if let Some(last) = &self.summary.last {
            fact("Head", last.hash.to_string());
        }
        table
    }

    fn answers(&self) -> String {
        let told: Vec<_> = self
            .summary
            .answers
            .iter()
            .map(|stored| {
                let state = if stored.current { "current" } else { "superseded" };
                format!("{} of entry {} ({state})", stored.command, stored.entry)
            })
            .collect();
        if told.is_empty() { "none yet".to_owned() } else { told.join(", ") }
    }

    fn entries(&self) -> Table {
        let mut table = Table::new([
            Column::number("#"),
            Column::word("when"),
            Column::text("who").spare(),
            Column::word("did"),
            Column::text("command"),
        ])
        .indented(2);
        for entry in &self.log {
            let when = second(entry.when);
            let cells = [&entry.seq.to_string(), &when, &entry.who, entry.deed.as_str(), &entry.command];
            table.push(cells.map(Cell::from));
        }
        table
    }
}

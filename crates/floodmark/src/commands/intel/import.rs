//! `floodmark intel import`.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use floodmark_intel::database::{self, Build, Older, Status};
use floodmark_intel::read::{Import, Report, Unread};
use floodmark_report::quantity::{counted, thousands};
use floodmark_report::{Cell, Column, Layout, Table};

use super::document::Said;
use super::status::sorts;
use super::{Facts, Telling, heading, place};
use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::intel;
use crate::failure::Failure;

/// How many lines of one kind people are shown.
const LINES: usize = 12;

pub(super) fn run(options: &intel::Import) -> Result<Exit, Failure> {
    let path = place::database(&options.place)?;
    if options.source.is_some() && options.paths.len() > 1 {
        return Err(Failure::usage(
            "--source names one source, and several paths are given",
            "import them one by one",
        ));
    }
    if let Some(key) = &options.verify {
        return take_over(options, key, &path);
    }
    let telling = Telling::open(&options.output)?;
    let folder = place::folder(&path);
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    let there = options.paths.iter().filter(|path| path.exists()).cloned().collect();
    enter(Reach { read: there, write: vec![folder.to_owned()] }, &options.confinement)?;

    let mut build = Build::start(&path)?;
    let mut import = Import::into(&mut build);
    for path in &options.paths {
        import.read(path, options.source.as_deref())?;
    }
    let report = import.report();
    // Where nothing was taken in there is nothing to build.
    let status = if report.given.is_empty() { None } else { Some(build.finish()?) };
    let shown = path.display().to_string();
    let said = Said::Import { database: shown.clone(), report: &report, status: status.as_ref() };
    telling.tell(said, |layout, out| for_people(&shown, &report, status.as_ref(), layout, out))?;
    Ok(if report.is_incomplete() { Exit::Incomplete } else { Exit::Clean })
}

/// The longest key or signature that is read, in bytes.
const KEY_AT_MOST: u64 = 64 << 10;

/// Takes over a database as a whole, if its signature holds.
fn take_over(options: &intel::Import, key: &Path, path: &Path) -> Result<Exit, Failure> {
    let [from] = options.paths.as_slice() else {
        return Err(Failure::usage(
            "--verify takes over one database, and several paths are given",
            "name one file",
        ));
    };
    let mut name = from.as_os_str().to_owned();
    name.push(".minisig");
    let (key, signature) = (short_text(key)?, short_text(Path::new(&name))?);
    let telling = Telling::open(&options.output)?;
    let folder = place::folder(path);
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    fs::metadata(from).map_err(|error| Failure::file(from, error))?;
    enter(Reach { read: vec![from.clone()], write: vec![folder.to_owned()] }, &options.confinement)?;
    let older = if options.allow_older { Older::Take } else { Older::Refuse };
    let taken = database::take_over(from, &signature, &key, path, older)?;
    let shown = path.display().to_string();
    let said = Said::TakenOver {
        database: shown.clone(),
        trusted_comment: taken.trusted_comment.clone(),
        status: &taken.status,
    };
    telling.tell(said, |layout, out| {
        heading(format!("DATABASE {shown}"), layout, out)?;
        let mut facts = Facts::new();
        facts.push("Signature", format!("holds: {}", taken.trusted_comment));
        facts.push("Advisories", sorts(&taken.status.counts));
        facts.write(layout, out)
    })?;
    Ok(Exit::Clean)
}

fn short_text(path: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::file(path, error);
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(KEY_AT_MOST).read_to_string(&mut text)).map_err(failed)?;
    Ok(text)
}

pub(super) fn for_people(
    database: &str,
    report: &Report,
    status: Option<&Status>,
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    if !report.given.is_empty() {
        heading("READ", layout, out)?;
        let mut table = Table::new([
            Column::tail("source"),
            Column::number("records"),
            Column::number("withdrawn"),
            Column::number("repeated").spare(),
        ])
        .indented(2);
        for given in &report.given {
            let numbers = [given.records, given.withdrawn, given.repeated].map(thousands);
            let cells = [given.source.clone()].into_iter().chain(numbers).map(Cell::from);
            table.push(cells.collect::<Vec<_>>());
        }
        table.write(layout, out)?;
        writeln!(out)?;
    }
    let lost = report.unread.len() as u64 + report.unread_unlisted;
    lines(&format!("NOT READ {}", thousands(lost)), &report.unread, lost, layout, out)?;
    let passed = report.passed_over.len() as u64 + report.passed_over_unlisted;
    let title = format!("PASSED OVER {} in folders", counted(passed, "file"));
    lines(&title, &report.passed_over, passed, layout, out)?;
    doubts(report, layout, out)?;
    heading(format!("DATABASE {database}"), layout, out)?;
    let mut facts = Facts::new();
    let held = status
        .map_or_else(|| "nothing was taken in, and it is as it was".to_owned(), |one| sorts(&one.counts));
    facts.push("Advisories", held);
    facts.write(layout, out)
}

fn lines(title: &str, lines: &[Unread], all: u64, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    heading(title, layout, out)?;
    let mut table = Table::new([Column::tail("what"), Column::text("why")]).indented(2);
    for line in lines.iter().take(LINES) {
        table.push([Cell::from(&line.path), Cell::from(&line.why)]);
    }
    more(&mut table, all);
    table.write(layout, out)?;
    writeln!(out)
}

fn doubts(report: &Report, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    if report.doubts.is_empty() {
        return Ok(());
    }
    let all = report.doubts.len() as u64 + report.doubts_unlisted;
    let title =
        format!("DOUBTS {}: kept, and a version that hangs on one is told as undecided", thousands(all));
    heading(title, layout, out)?;
    let mut table = Table::new([Column::word("advisory"), Column::head("what")]).indented(2);
    for doubt in report.doubts.iter().take(LINES) {
        table.push([Cell::from(&doubt.id), Cell::from(format!("{}: {}", doubt.at, doubt.what))]);
    }
    more(&mut table, all);
    table.write(layout, out)?;
    writeln!(out)
}

fn more(table: &mut Table, all: u64) {
    let left = all.saturating_sub(LINES as u64);
    if left > 0 {
        table.note(Cell::from(format!("and {} more: --format json lists them", thousands(left))));
    }
}

//! `floodmark intel status`.

use std::io::{self, Write};

use floodmark_fetch::job::{State, Taken};
use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::{Catalogue, Counts, Status};
use floodmark_report::quantity::{bytes, counted, thousands};
use floodmark_report::{Cell, Column, Layout, Table};

use super::document::{FetchedFrom, Said};
use super::{Facts, Telling, heading, opened, place};
use crate::Exit;
use crate::cli::intel;
use crate::failure::Failure;

pub(super) fn run(options: &intel::Status) -> Result<Exit, Failure> {
    let path = place::database(&options.place)?;
    let telling = Telling::open(&options.output)?;
    let size = path.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    let database = opened(&path, &options.confinement)?.ok_or_else(|| Failure::no_database(&path))?;
    let status = database.status();
    let shown = path.display().to_string();
    let compromises = Compromises::shipped().entries().len();
    let state = State::read(&place::fetched(&path));
    let fetched = || state.sources.iter().map(fetched_from).collect::<Vec<_>>();
    let said = Said::Status { database: shown.clone(), bytes: size, status, compromises, fetched: fetched() };
    telling.tell(said, |layout, out| {
        heading(format!("DATABASE {shown}"), layout, out)?;
        let mut facts = Facts::new();
        facts.push("Advisories", sorts(&status.counts));
        facts.push("Exploited", catalogue(status.kev.as_ref(), "KEV"));
        facts.push("Predicted", catalogue(status.epss.as_ref(), "EPSS"));
        facts.push("Indicators", thousands(status.observables));
        facts.push("Compromises", format!("{} ship with the program", thousands(compromises as u64)));
        facts.push("Size", bytes(size));
        facts.write(layout, out)?;
        tables(status, layout, out)?;
        update_table(&fetched(), layout, out)
    })?;
    Ok(Exit::Clean)
}

/// How many advisories, by class.
pub(super) fn sorts(counts: &Counts) -> String {
    format!(
        "{}: {} of flaws, {} of malicious packages, {} of other things",
        thousands(counts.all()),
        thousands(counts.vulnerabilities),
        thousands(counts.malicious),
        thousands(counts.notices)
    )
}

fn catalogue(catalogue: Option<&Catalogue>, name: &str) -> String {
    match catalogue {
        Some(one) => format!("{} of {} ({})", counted(one.entries, "CVE"), one.date, one.source),
        None => format!("none: import {name}"),
    }
}

fn tables(status: &Status, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    heading("SOURCES newest change in each, and records that count", layout, out)?;
    let mut table = Table::new([
        Column::tail("source"),
        Column::word("newest"),
        Column::number("flaws"),
        Column::number("malicious"),
        Column::number("other"),
        Column::number("indicators"),
        Column::number("withdrawn").spare(),
        Column::number("superseded").spare(),
    ])
    .indented(2);
    for source in &status.sources {
        let newest = source
            .newest
            .map_or_else(|| "not dated".to_owned(), |newest| newest.to_string()[..10].to_owned());
        let numbers = [
            source.counts.vulnerabilities,
            source.counts.malicious,
            source.counts.notices,
            source.indicators,
        ];
        let numbers = numbers.into_iter().chain([source.withdrawn, source.superseded]).map(thousands);
        let cells = [source.name.clone(), newest].into_iter().chain(numbers).map(Cell::from);
        table.push(cells.collect::<Vec<_>>());
    }
    table.write(layout, out)?;
    writeln!(out)?;
    heading("ECOSYSTEMS", layout, out)?;
    let columns =
        [Column::text("ecosystem"), Column::number("packages"), Column::number("named"), Column::text("")];
    let mut table = Table::new(columns).indented(2);
    for ecosystem in &status.ecosystems {
        let note = if ecosystem.known { "" } else { "not known: kept, and not asked" };
        let (packages, named) = (thousands(ecosystem.packages), thousands(ecosystem.affected));
        table.push([ecosystem.name.as_str(), &packages, &named, note].map(Cell::from));
    }
    table.write(layout, out)
}

fn fetched_from((source, taken): (&String, &Taken)) -> FetchedFrom {
    FetchedFrom { source: source.clone(), url: taken.url.clone(), fetched: taken.fetched.clone() }
}

fn update_table(fetched: &[FetchedFrom], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    if fetched.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    heading("FETCHED by intel update", layout, out)?;
    let mut table =
        Table::new([Column::tail("source"), Column::word("last asked for"), Column::text("from")])
            .indented(2);
    for one in fetched {
        table.push([one.source.as_str(), &one.fetched, &one.url].map(Cell::from));
    }
    table.write(layout, out)
}

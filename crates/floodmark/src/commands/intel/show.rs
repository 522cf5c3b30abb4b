//! `floodmark intel show`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use floodmark_intel::advisory::{Advisory, Affected, Gist};
use floodmark_intel::compromise::{Compromise, Entry};
use floodmark_intel::database::{Database, Record};
use floodmark_report::{Cell, Column, Layout, Table};

use super::compromise::{as_written, cited, named, verdict, window};
use super::document::{Predicted, Said, Shown, Told};
use super::{Facts, Telling, heading, opened, place};
use crate::Exit;
use crate::cli::intel;
use crate::failure::Failure;

/// How many packages of an advisory people are shown.
const PACKAGES: usize = 40;

pub(super) fn run(options: &intel::Show) -> Result<Exit, Failure> {
    let path = place::database(&options.place)?;
    let telling = Telling::open(&options.output)?;
    let database = opened(&path, &options.confinement)?;
    let entries: Vec<&Entry> = named(&options.id).collect();
    let shown = gather(database.as_ref(), &options.id, &entries)?;
    if shown.records.is_empty()
        && shown.named_by.is_empty()
        && shown.kev.is_empty()
        && shown.epss.is_empty()
        && entries.is_empty()
    {
        let asked = if database.is_some() { "" } else { ", and there is no database" };
        return Err(Failure::usage(
            format!("{}: no advisory, CVE or compromise of this id is known{asked}", options.id),
            "floodmark intel status says what the database holds",
        ));
    }
    telling.tell(Said::Show(&shown), |layout, out| for_people(&shown, &entries, layout, out))?;
    Ok(Exit::Clean)
}

fn gather(database: Option<&Database>, id: &str, entries: &[&Entry]) -> Result<Shown, Failure> {
    let told = |entry: &&Entry| {
        let compromise = as_written(entry.id.as_str())?;
        Some(Told { id: entry.id.to_string(), compromise })
    };
    let mut shown = Shown {
        id: id.to_owned(),
        records: Vec::new(),
        named_by: Vec::new(),
        kev: Vec::new(),
        epss: Vec::new(),
        compromises: entries.iter().filter_map(told).collect(),
    };
    let Some(database) = database else { return Ok(shown) };
    shown.records = database.advisory(id)?;
    shown.named_by = database.naming(id)?;
    let aliases = shown.records.iter().flat_map(|record| record.advisory.flaws());
    let cves: BTreeSet<&str> = aliases.chain([id]).filter(|id| id.starts_with("CVE-")).collect();
    for cve in cves {
        shown.kev.extend(database.kev(cve)?);
        shown.epss.extend(database.epss(cve)?.map(|epss| Predicted::of(cve, epss)));
    }
    Ok(shown)
}

fn for_people(shown: &Shown, entries: &[&Entry], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    for record in &shown.records {
        advisory(record, layout, out)?;
        writeln!(out)?;
    }
    if !shown.named_by.is_empty() {
        heading(format!("ADVISORIES that name {}", shown.id), layout, out)?;
        gists(&shown.named_by).write(layout, out)?;
        writeln!(out)?;
    }
    for kev in &shown.kev {
        heading(format!("EXPLOITED {} as CISA knows", kev.cve), layout, out)?;
        let mut facts = Facts::new();
        facts.push("Flaw", format!("{} ({} {})", kev.name, kev.vendor, kev.product));
        facts.push("Added", &kev.added);
        facts.push("Due", &kev.due);
        facts.push("Ransomware", if kev.ransomware { "known to use it" } else { "" });
        facts.push("Action", &kev.action);
        facts.write(layout, out)?;
        writeln!(out)?;
    }
    for epss in &shown.epss {
        let (probability, rank) = (epss.probability * 100.0, epss.percentile * 100.0);
        heading(
            format!(
                "PREDICTED {}: exploited within thirty days with {probability:.2} %; at least as likely as {rank:.1} % of all",
                epss.cve
            ),
            layout,
            out,
        )?;
        writeln!(out)?;
    }
    entries.iter().try_for_each(|entry| compromise(entry, layout, out))
}

fn advisory(record: &Record, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let Record { source, standing, advisory } = record;
    heading(format!("ADVISORY {} {}", advisory.id, advisory.gist().summary), layout, out)?;
    let mut facts = Facts::new();
    facts.push("Class", advisory.class().as_str());
    facts.push("About", advisory.informational.as_deref().unwrap_or_default());
    facts.push("Severity", severity(advisory));
    facts.push("Source", format!("{source} ({})", standing.as_str()));
    facts.push("Modified", time(advisory.modified));
    facts.push("Published", time(advisory.published));
    facts.push("Withdrawn", time(advisory.withdrawn));
    facts.push("Aliases", advisory.aliases.join(", "));
    facts.push("Upstream", advisory.upstream.join(", "));
    facts.push("Related", advisory.related.join(", "));
    let origins: Vec<_> = advisory.origins.iter().map(|origin| origin.source.as_ref()).collect();
    facts.push("Reported by", origins.join(", "));
    facts.write(layout, out)?;
    let columns = [
        Column::word("ecosystem"),
        Column::tail("package"),
        Column::text("affected"),
        Column::word("state").spare(),
    ];
    let mut table = Table::new(columns).indented(2);
    for affected in advisory.affected.iter().take(PACKAGES) {
        let (ecosystem, name) =
            affected.package.as_ref().map_or(("GIT", ""), |package| (&package.ecosystem, &package.name));
        let state = affected.fix_state.map_or("", |state| state.as_str());
        table.push([ecosystem, name, &versions(affected), state].map(Cell::from));
    }
    if advisory.affected.len() > PACKAGES {
        let left = advisory.affected.len() - PACKAGES;
        table.note(Cell::from(format!("and {left} more: --format json lists them")));
    }
    table.write(layout, out)?;
    let mut table = Table::new([Column::text("")]).indented(2);
    for line in advisory.details.lines().filter(|line| !line.trim().is_empty()) {
        table.push([Cell::from(line)]);
    }
    table.write(layout, out)?;
    let mut table = Table::new([Column::word(""), Column::text("")]).indented(2);
    for reference in &advisory.references {
        table.push([Cell::from(&reference.kind), Cell::from(&reference.url)]);
    }
    table.write(layout, out)
}

fn severity(advisory: &Advisory) -> String {
    let rating = advisory.rating().map(|rating| rating.as_str().to_owned());
    let scores = advisory.severity.iter().map(|severity| match severity.score() {
        Some(score) => format!("{score} ({})", severity.score),
        None => format!("{} ({})", severity.score, severity.kind),
    });
    rating.into_iter().chain(scores).collect::<Vec<_>>().join(", ")
}

/// The ranges of an affected package in words, and how many versions are listed.
fn versions(affected: &Affected) -> String {
    use floodmark_intel::advisory::Turn;

    let turn = |turn: &Turn| match turn {
        Turn::Introduced(at) if at.as_ref() == "0" => "from the first".to_owned(),
        Turn::Introduced(at) => format!("from {at}"),
        Turn::Fixed(at) => format!("fixed in {at}"),
        Turn::LastAffected(at) => format!("up to {at}"),
        Turn::Limit(at) => format!("as far as {at}"),
    };
    let mut told: Vec<String> = affected
        .ranges
        .iter()
        .map(|range| {
            let turns: Vec<_> = range.events.iter().map(turn).collect();
            match &range.repo {
                Some(repo) => format!("commits of {repo} {}", turns.join(" ")),
                None => turns.join(" "),
            }
        })
        .collect();
    match affected.versions.len() {
        0 => {}
        1..=5 => told.push(affected.versions.join(", ")),
        many => told.push(format!("{many} listed versions")),
    }
    told.join("; ")
}

pub(super) fn gists(gists: &[Gist]) -> Table {
    let mut table = Table::new([
        Column::word("id"),
        Column::word("class"),
        Column::word("severity"),
        Column::text("summary"),
    ])
    .indented(2);
    for gist in gists {
        table.push([&gist.id, gist.class.as_str(), &rated(gist), &gist.summary].map(Cell::from));
    }
    table
}

/// Rating and score in a few letters.
pub(super) fn rated(gist: &Gist) -> String {
    let rating = gist.rating.map(|rating| rating.as_str().to_owned());
    rating.into_iter().chain(gist.score.map(|score| score.to_string())).collect::<Vec<_>>().join(" ")
}

fn time(time: Option<floodmark_case::Timestamp>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}

fn compromise(entry: &Entry, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let Entry { id, compromise } = entry;
    heading(format!("COMPROMISE {id} {}", compromise.name), layout, out)?;
    let mut facts = Facts::new();
    facts.push("What", &compromise.summary);
    let aliases: Vec<_> = compromise.aliases.iter().map(|alias| alias.value.as_str()).collect();
    facts.push("Also called", aliases.join(", "));
    let advisories: Vec<_> = compromise.advisories.iter().map(|advisory| advisory.id.as_str()).collect();
    facts.push("Advisories", advisories.join(", "));
    for actor in &compromise.actors {
        facts.push("Said to be by", format!("{} ({})", actor.value, grades(compromise, &actor.sources)));
    }
    for (key, conflict) in &compromise.conflicts {
        let verdict = conflict.verdict.as_deref().unwrap_or("undecided");
        facts.push("Conflict", format!("{key}: {} ({verdict})", conflict.about));
    }
    facts.write(layout, out)?;
    for artifact in &compromise.artifacts {
        heading(format!("POISONED {}", artifact.title), layout, out)?;
        let mut facts = Facts::new();
        for one in &artifact.windows {
            facts.push(
                "Window",
                format!("{} ({})", window(one), grades(compromise, artifact.sources_of_window(one))),
            );
        }
        for (stands_for, identifier) in artifact.identifiers() {
            let sources = grades(compromise, artifact.sources_of(identifier));
            facts.push(verdict(stands_for), format!("{} ({sources})", identifier_names(identifier)));
        }
        facts.write(layout, out)?;
    }
    heading("INDICATORS", layout, out)?;
    let mut table =
        Table::new([Column::text("value"), Column::text("role"), Column::text("sources")]).indented(2);
    for (_, indicator) in compromise.indicators() {
        let sources = grades(compromise, &indicator.sources);
        table.push(
            [&indicator.value, indicator.role.as_deref().unwrap_or_default(), &sources].map(Cell::from),
        );
    }
    table.write(layout, out)?;
    heading("SOURCES", layout, out)?;
    let mut table =
        Table::new([Column::word("name"), Column::word("grade"), Column::text("title")]).indented(2);
    for (key, source) in &compromise.sources {
        let title =
            [Some(source.title.as_str()), source.url.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        table.push([key.as_str(), source.grade.as_str(), &title.join(" ")].map(Cell::from));
    }
    table.write(layout, out)
}

fn grades(compromise: &Compromise, citations: &[floodmark_intel::compromise::Citation]) -> String {
    let graded = citations.iter().zip(cited(compromise, citations));
    graded
        .map(|(citation, cited)| format!("{}:{}", citation.source, cited.grade))
        .collect::<Vec<_>>()
        .join(", ")
}

fn identifier_names(identifier: &floodmark_intel::compromise::Identifier) -> String {
    let texts = [
        identifier.purl.as_ref().map(ToString::to_string),
        identifier.namespace.as_ref().map(|purl| format!("all of {purl}")),
        identifier.action.as_ref().map(ToString::to_string),
        identifier.release.as_ref().map(ToString::to_string),
        identifier.commit.as_ref().map(|commit| commit.as_str().to_owned()),
        identifier.image.as_ref().map(ToString::to_string),
        identifier.digest.as_ref().map(|digest| digest.as_str().to_owned()),
        identifier.file.clone(),
        identifier.sha256.as_ref().map(|hash| hash.as_str().to_owned()),
        identifier.sha1.as_ref().map(|hash| hash.as_str().to_owned()),
        identifier.md5.as_ref().map(|hash| hash.as_str().to_owned()),
    ];
    texts.into_iter().flatten().collect::<Vec<_>>().join(" = ")
}

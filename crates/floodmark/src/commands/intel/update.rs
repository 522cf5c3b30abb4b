//! `floodmark intel update`.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Component, Path};

use floodmark_case::Timestamp;
use floodmark_fetch::job::{
    AdvisoriesAsked, Held, Job, Outcome, SourceFetched, SourceState, State, Taken, Version, What,
};
use floodmark_intel::database::{Build, Database, DatabaseError, Status};
use floodmark_intel::read::{Import, Report};
use floodmark_report::quantity::bytes;
use floodmark_report::{Cell, Column, Layout, Table};

use super::document::{Fetched, Said};
use super::{Telling, heading, import, place};
use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::intel::Update;
use crate::config;
use crate::failure::Failure;
use crate::fetching::{self, network};

pub(super) fn run(options: &Update) -> Result<Exit, Failure> {
    let path = place::database(&options.place)?;
    let telling = Telling::open(&options.output)?;
    let (above, folder) = (place::folder(&path), place::fetched(&path));
    fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, error))?;
    let _lock = lock(&path)?;
    let confinement = &options.confinement;
    let mut fetching = fetching::start(job(options, &folder)?, confinement)?;

    enter(Reach { read: Vec::new(), write: vec![above.to_owned()] }, confinement)?;

    let mut state = State::read(&folder);
    fetching.hold(&held(&state, &path)?)?;
    let sources = match fetching.wait()? {
        Outcome::Advisories(sources) if sources.iter().all(|source| lies_within(&source.name)) => sources,
        _ => return Err(Failure::fetch("the fetching process fetched something else than advisories", None)),
    };
    let (report, status) = take_in(&sources, &folder, &path)?;
    note(&mut state, &sources, &report, status.as_ref());
    state.write(&folder).map_err(|error| Failure::file(&folder, error))?;
    for (source, _) in new(&sources) {
        clear(&folder.join(&source.name));
    }

    let fetched: Vec<Fetched> = sources.iter().map(told).collect();
    let failed = fetched.iter().any(|one| one.state == "failed");
    let shown = path.display().to_string();
    let said =
        Said::Update { database: shown.clone(), fetched: &fetched, report: &report, status: status.as_ref() };
    telling.tell(said, |layout, out| {
        for_people(&fetched, layout, out)?;
        if status.is_some() || report.is_incomplete() {
            return import::for_people(&shown, &report, status.as_ref(), layout, out);
        }
        writeln!(out, "Nothing was taken in: the database is as it was.")
    })?;
    Ok(if failed || report.is_incomplete() { Exit::Incomplete } else { Exit::Clean })
}

/// Whether a file of this name lies in the folder: the process that names it may have been taken over.
fn lies_within(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

/// What is asked for, as flags and variables say, and else the configuration file.
fn job(options: &Update, folder: &Path) -> Result<Job, Failure> {
    let config = config::of_working_folder()?.intel;
    let chosen = |said: &Option<String>, configured: Option<String>, usual: &str| {
        said.clone().or(configured).unwrap_or_else(|| usual.to_owned())
    };
    let kev = chosen(&options.kev, config.kev, KEV);
    let epss = chosen(&options.epss, config.epss, EPSS);
    Ok(Job {
        folder: folder.to_owned(),
        network: network(&options.network),
        most_bytes: options.max_download.saturating_mul(1 << 20),
        what: What::Advisories(AdvisoriesAsked {
            mirror: chosen(&options.mirror, config.mirror, OSV),
            ecosystems: options.ecosystems.clone(),
            kev: Some(kev).filter(|_| !options.without_kev),
            epss: Some(epss).filter(|_| !options.without_epss),
        }),
    })
}

const OSV: &str = "https://osv-vulnerabilities.storage.googleapis.com";
const KEV: &str = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
const EPSS: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";

/// Keeps a second update out for as long as the file is open.
fn lock(database: &Path) -> Result<File, Failure> {
    let path = place::update_lock(database);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(|error| Failure::file(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let why = format!("{}: another update of this database is running", database.display());
            Err(Failure::usage(why, "wait until it has ended"))
        }
        Err(TryLockError::Error(error)) => Err(Failure::file(path, error)),
    }
}

/// The sources of which the database still holds what was taken in. Somebody may have put another in its place since.
fn held(state: &State, path: &Path) -> Result<Held, Failure> {
    let database = match Database::open(path) {
        Ok(database) => database,
        Err(DatabaseError::Missing(_)) => return Ok(Held::new()),
        Err(error) => return Err(error.into()),
    };
    let status = database.status();
    let is_held = |name: &str, taken: &Taken| match &taken.sha256 {
        Some(sha256) => status.sources.iter().any(|source| source.name == name && source.sha256 == *sha256),
        None => [&status.kev, &status.epss].into_iter().flatten().any(|catalogue| catalogue.source == name),
    };
    Ok(state
        .sources
        .iter()
        .filter(|(name, taken)| is_held(name, taken))
        .map(|(name, _)| name.clone())
        .collect())
}

/// Reads what is new into the database. Where nothing is, it stays as it was.
fn take_in(
    sources: &[SourceFetched],
    folder: &Path,
    path: &Path,
) -> Result<(Report, Option<Status>), Failure> {
    if new(sources).next().is_none() {
        return Ok((Report::default(), None));
    }
    let mut build = Build::start(path)?;
    let mut import = Import::into(&mut build);
    for (source, _) in new(sources) {
        import.read(&folder.join(&source.name), Some(&source.name))?;
    }
    let report = import.report();
    let status = if report.given.is_empty() { None } else { Some(build.finish()?) };
    Ok((report, status))
}

/// Notes what was taken in, and that what has not changed was asked for.
fn note(state: &mut State, sources: &[SourceFetched], report: &Report, status: Option<&Status>) {
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let given: BTreeSet<&str> = report.given.iter().map(|given| given.source.as_str()).collect();
    for source in sources {
        match &source.state {
            SourceState::New(version) if given.contains(source.name.as_str()) => {
                let of = |status: &Status| {
                    let held = status.sources.iter().find(|one| one.name == source.name);
                    held.map(|one| one.sha256.clone())
                };
                let taken = Taken {
                    url: source.url.clone(),
                    version: version.clone(),
                    fetched: now.clone(),
                    sha256: status.and_then(of),
                };
                state.sources.insert(source.name.clone(), taken);
            }
            SourceState::Same => {
                if let Some(taken) = state.sources.get_mut(&source.name) {
                    taken.fetched.clone_from(&now);
                }
            }
            SourceState::New(_) | SourceState::Failed(_) => {}
        }
    }
}

fn new(sources: &[SourceFetched]) -> impl Iterator<Item = (&SourceFetched, &Version)> {
    sources.iter().filter_map(|source| match &source.state {
        SourceState::New(version) => Some((source, version)),
        SourceState::Same | SourceState::Failed(_) => None,
    })
}

/// Removes a file that was taken in, and what stands beside it. One that stays is asked for again, and no harm.
fn clear(file: &Path) {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".json");
    let _ = fs::remove_file(file);
    let _ = fs::remove_file(beside);
    let _ = file.parent().map(fs::remove_dir);
}

fn told(source: &SourceFetched) -> Fetched {
    let (state, bytes, why) = match &source.state {
        SourceState::New(version) => ("new", Some(version.bytes), None),
        SourceState::Same => ("same", None, None),
        SourceState::Failed(why) => ("failed", None, Some(why.clone())),
    };
    Fetched { source: source.name.clone(), url: source.url.clone(), state, bytes, why }
}

fn for_people(fetched: &[Fetched], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    heading("FETCHED", layout, out)?;
    let mut table = Table::new([Column::tail("source"), Column::word("is"), Column::text("")]).indented(2);
    for one in fetched {
        let more = one.why.clone().or_else(|| one.bytes.map(bytes)).unwrap_or_default();
        table.push([one.source.as_str(), one.state, &more].map(Cell::from));
    }
    table.write(layout, out)?;
    writeln!(out)
}

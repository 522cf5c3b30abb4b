//! Building the database anew, and putting it in the place of the old one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::block::{Inflater, slice};
use super::key::family;
use super::open::{Database, spot};
use super::priority::{Epss, Kev};
use super::stage::{Gathered, Stage, clear};
use super::status::{Catalogue, SourceKind, Status};
use super::{DatabaseError, publish};
use crate::advisory::Advisory;
use crate::observable::{Mention, Observable};

/// A build that has begun. Dropped before [`Build::finish`], it leaves the old database as it was.
#[derive(Debug)]
pub struct Build {
    path: PathBuf,
    /// Held as long as the build lasts.
    _lock: File,
    stage: Stage,
    old: Option<Database>,
    sources: BTreeMap<String, Pending>,
    kev: Option<Catalogue>,
    epss: Option<Catalogue>,
}

/// A source that is given anew.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) kind: SourceKind,
    pub(super) sha256: String,
    pub(super) ecosystems: BTreeSet<String>,
}

/// A source was not taken in, and what it gave before is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A source of this name was about other ecosystems.
    #[error(
        "the source {name:?} was about {held}, and this is about {given}: expected the same, or another name"
    )]
    AnotherSource {
        /// The name.
        name: String,
        /// What the database holds under this name.
        held: String,
        /// What is given.
        given: String,
    },
    /// The database holds a newer one.
    #[error("it is of {given}, and the database holds that of {held}")]
    Older {
        /// The date of the one that is given.
        given: String,
        /// The date of the one that is held.
        held: String,
    },
}

impl Build {
    /// Begins to build the database at `path`, from the one that is there, if there is one. Its folder must be there.
    pub fn start(path: &Path) -> Result<Self, DatabaseError> {
        let lock = lock(path)?;
        let (stage, new) = (beside(path, ".stage"), beside(path, ".new"));
        clear(&stage)?;
        clear(&new)?;
        let old = match Database::open(path) {
            Ok(old) => Some(old),
            Err(DatabaseError::Missing(_)) => None,
            Err(error) => return Err(error),
        };
        let stage = Stage::create(stage)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
            stage,
            old,
            sources: BTreeMap::new(),
            kev: None,
            epss: None,
        })
    }

    /// Begins a source; what it gave before goes. In one build a source can be begun once only.
    pub fn begin(&mut self, name: &str, kind: SourceKind) {
        let pending = Pending { kind, sha256: String::new(), ecosystems: BTreeSet::new() };
        self.sources.insert(name.to_owned(), pending);
    }

    /// Whether a source of this name was begun in this build.
    pub fn has(&self, name: &str) -> bool {
        self.sources.contains_key(name)
    }

    /// Takes a record of a source that was begun. False: the source has one of its id already,
    /// and the newer of the two counts.
    pub fn add(&mut self, source: &str, advisory: &Advisory) -> Result<bool, DatabaseError> {
        if let Some(pending) = self.sources.get_mut(source) {
            let packages = advisory.affected.iter().filter_map(|affected| affected.package.as_ref());
            for package in packages {
                let family = family(&package.ecosystem);
                if !pending.ecosystems.contains(family) {
                    pending.ecosystems.insert(family.to_owned());
                }
            }
        }
        self.stage.add(&Gathered::of(source, advisory))
    }

    /// Takes what a source that was begun says of an observable. False: it says the very same already.
    pub fn mention(&mut self, observable: &Observable, mention: &Mention) -> Result<bool, DatabaseError> {
        self.stage.add_mention(observable, mention)
    }

    /// Ends a source. It is refused where one of its name was about none of the same ecosystems: then it is most likely
    /// another one that happens to be called the same.
    pub fn end(&mut self, source: &str, sha256: String) -> Result<Result<(), Refused>, DatabaseError> {
        let held =
            self.old.as_ref().and_then(|old| old.status().sources.iter().find(|one| one.name == source));
        let Some(pending) = self.sources.get_mut(source) else { return Ok(Ok(())) };
        pending.sha256 = sha256;
        let refused = held
            .filter(|held| {
                !held.ecosystems.is_empty()
                    && !pending.ecosystems.is_empty()
                    && !held.ecosystems.iter().any(|one| pending.ecosystems.contains(one))
            })
            .map(|held| Refused::AnotherSource {
                name: source.to_owned(),
                held: held.ecosystems.join(", "),
                given: pending.ecosystems.iter().cloned().collect::<Vec<_>>().join(", "),
            });
        match refused {
            Some(refused) => self.abandon(source).map(|()| Err(refused)),
            None => Ok(Ok(())),
        }
    }

    /// Gives up a source that was begun: what it gave before is kept.
    pub fn abandon(&mut self, source: &str) -> Result<(), DatabaseError> {
        self.sources.remove(source);
        self.stage.forget(source)
    }

    /// Takes a KEV catalogue, unless a newer one is held.
    pub fn kev(
        &mut self,
        catalogue: Catalogue,
        entries: &[Kev],
    ) -> Result<Result<(), Refused>, DatabaseError> {
        let held = self.old.as_ref().and_then(|old| old.status().kev.as_ref());
        if let Some(refused) = older(&catalogue, self.kev.as_ref().or(held)) {
            return Ok(Err(refused));
        }
        self.stage.insert("DELETE FROM kev", [])?;
        entries.iter().try_for_each(|kev| self.stage.add_kev(kev))?;
        self.kev = Some(catalogue);
        Ok(Ok(()))
    }

    /// Takes a table of EPSS, unless a newer one is held.
    pub fn epss(
        &mut self,
        catalogue: Catalogue,
        entries: &[(Box<str>, Epss)],
    ) -> Result<Result<(), Refused>, DatabaseError> {
        let held = self.old.as_ref().and_then(|old| old.status().epss.as_ref());
        if let Some(refused) = older(&catalogue, self.epss.as_ref().or(held)) {
            return Ok(Err(refused));
        }
        self.stage.insert("DELETE FROM epss", [])?;
        entries.iter().try_for_each(|(cve, epss)| self.stage.add_epss(cve, *epss))?;
        self.epss = Some(catalogue);
        Ok(Ok(()))
    }

    /// Writes the new database and puts it in the old one's place. It is on the disk when this returns.
    pub fn finish(mut self) -> Result<Status, DatabaseError> {
        let mut sources = std::mem::take(&mut self.sources);
        let (mut kev, mut epss) = (self.kev.take(), self.epss.take());
        if let Some(old) = self.old.take() {
            self.carry_over(&old, &mut sources)?;
            if kev.is_none() {
                kev.clone_from(&old.status().kev);
                self.copy(&old, "SELECT cve, entry FROM kev", "INSERT INTO kev VALUES (?1, ?2)", 2)?;
            }
            if epss.is_none() {
                epss.clone_from(&old.status().epss);
                let into = "INSERT INTO epss VALUES (?1, ?2, ?3)";
                self.copy(&old, "SELECT cve, score, percentile FROM epss", into, 3)?;
            }
        }
        let new = beside(&self.path, ".new");
        let status = publish::publish(&self.stage, &new, sources, kev, epss)?;
        put_in_place(&new, &self.path)?;
        Ok(status)
    }

    /// Takes over what the old database holds of sources that are not given anew.
    fn carry_over(
        &self,
        old: &Database,
        sources: &mut BTreeMap<String, Pending>,
    ) -> Result<(), DatabaseError> {
        let failed = DatabaseError::sqlite(&self.path);
        let kept: Vec<bool> =
            old.status().sources.iter().map(|held| !sources.contains_key(&held.name)).collect();
        let mut blocks = old
            .connection()
            .prepare("SELECT source, block, at, len FROM advisory ORDER BY n")
            .map_err(failed)?;
        let mut rows = blocks.query([]).map_err(failed)?;
        let mut block: (i64, Vec<u8>) = (-1, Vec::new());
        let mut inflater = Inflater::default();
        while let Some(row) = rows.next().map_err(failed)? {
            let source: usize = row.get(0).map_err(failed)?;
            if !kept.get(source).copied().unwrap_or(false) {
                continue;
            }
            let spot = spot(row, 1).map_err(failed)?;
            if block.0 != spot.block {
                let bytes: Vec<u8> = old
                    .connection()
                    .query_row("SELECT bytes FROM block WHERE n = ?1", [spot.block], |row| row.get(0))
                    .map_err(failed)?;
                block = (spot.block, inflater.inflated(&bytes)?);
            }
            let advisory: Advisory = serde_json::from_slice(slice(&block.1, spot)?)
                .map_err(|error| DatabaseError::Damaged(format!("a record cannot be read: {error}")))?;
            self.stage.add(&Gathered::of(&old.status().sources[source].name, &advisory))?;
        }
        // Those of advisories are drawn from their records anew.
        old.each_observable(|observable, mentions| {
            let kept =
                |mention: &&Mention| mention.advisory.is_none() && !sources.contains_key(&mention.source);
            mentions
                .iter()
                .filter(kept)
                .try_for_each(|mention| self.stage.add_mention(&observable, mention).map(|_is_new| ()))
        })?;
        for held in &old.status().sources {
            sources.entry(held.name.clone()).or_insert_with(|| Pending {
                kind: held.kind,
                sha256: held.sha256.clone(),
                ecosystems: held.ecosystems.iter().cloned().collect(),
            });
        }
        Ok(())
    }

    fn copy(&self, old: &Database, select: &str, insert: &str, columns: usize) -> Result<(), DatabaseError> {
        let failed = DatabaseError::sqlite(&self.path);
        let mut select = old.connection().prepare(select).map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let values: Vec<rusqlite::types::Value> = (0..columns)
                .map(|column| row.get(column))
                .collect::<rusqlite::Result<_>>()
                .map_err(failed)?;
            self.stage.insert(insert, rusqlite::params_from_iter(values))?;
        }
        Ok(())
    }
}

/// Why one is not taken, if one that is newer is held. Of the same day, that of the name that comes first is kept.
fn older(given: &Catalogue, held: Option<&Catalogue>) -> Option<Refused> {
    let held = held?;
    let loses = (&held.date, &given.source) > (&given.date, &held.source);
    loses.then(|| Refused::Older { given: given.date.clone(), held: held.date.clone() })
}

/// Takes the lock, or says that another has it.
pub(super) fn lock(path: &Path) -> Result<File, DatabaseError> {
    let at = beside(path, ".lock");
    let failed = DatabaseError::file(&at);
    let file = File::options().create(true).truncate(false).write(true).open(&at).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DatabaseError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The rename is the moment at which the new one counts; both files are on the disk around it.
pub(super) fn put_in_place(new: &Path, path: &Path) -> Result<(), DatabaseError> {
    let failed = DatabaseError::file(path);
    File::open(new).and_then(|file| file.sync_all()).map_err(DatabaseError::file(new))?;
    fs::rename(new, path).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

//! Asking the database.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};
use schemars::JsonSchema;
use serde::Serialize;

use super::block::{Inflater, Spot, slice};
use super::candidate::{Asked, Candidate, Matches};
use super::gists::Remembered;
use super::key::{GIT, known_key, name_key};
use super::packed::{Packed, unpacked};
use super::priority::{Epss, Kev};
use super::{DatabaseError, Name, Question, Status, layout};
use crate::advisory::{Advisory, Gist};
use crate::observable::{Mention, Observable};
use crate::version::{Ecosystem, Version};

/// The database, open for asking.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    status: Status,
    remembered: RefCell<Remembered>,
    inflater: RefCell<Inflater>,
}

/// A record with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Record {
    /// The name of the source.
    pub source: String,
    /// Whether it is the one of its id that counts.
    pub standing: Standing,
    /// The record.
    pub advisory: Advisory,
}

/// What a record is among those of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It counts.
    Current,
    /// Another of the same id counts.
    Superseded,
    /// It counts and is withdrawn, so that the id is not answered for any package.
    Withdrawn,
    /// It is withdrawn, and another of the same id counts.
    WithdrawnSuperseded,
}

impl Standing {
    pub(super) const ALL: [Self; 4] =
        [Self::Current, Self::Superseded, Self::Withdrawn, Self::WithdrawnSuperseded];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
            Self::WithdrawnSuperseded => "withdrawn, superseded",
        }
    }
}

impl Database {
    /// Opens a database.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let connection = layout::open(path)?;
        let status: String = connection
            .query_row("SELECT value FROM fact WHERE name = 'status'", [], |row| row.get(0))
            .map_err(DatabaseError::sqlite(path))?;
        let status = serde_json::from_str(&status)
            .map_err(|error| DatabaseError::Damaged(format!("its status cannot be read: {error}")))?;
        Ok(Self { connection, status, remembered: RefCell::default(), inflater: RefCell::default() })
    }

    /// What it holds.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Every advisory that names a package, in the order of ids; withdrawn ones are not among them.
    ///
    /// The name is compared as its ecosystem compares it ([`package_name`]). An ecosystem with a suffix, such as
    /// `Debian:12`, is asked by that release; what names the package without a release counts for each.
    pub fn for_package(&self, ecosystem: &Ecosystem, name: &str) -> Result<Vec<Candidate>, DatabaseError> {
        let mut candidates = Vec::new();
        let (asked, name) = (name, name_key(ecosystem.name(), name));
        let exact = known_key(ecosystem);
        let without_release = (exact != ecosystem.name()).then(|| ecosystem.name().to_owned());
        for key in [Some(exact), without_release].into_iter().flatten() {
            let Some(bytes) = self.packed(&key, &name)? else { continue };
            let packed = Packed::read(&bytes)?;
            for entry in packed.entries_of(ecosystem, Name::AsWritten(asked)) {
                let (ecosystem, name) = packed.spelling(entry);
                candidates.push(Candidate {
                    gist: self.gist(entry.number)?,
                    ecosystem: ecosystem.into(),
                    name: name.into(),
                    ranges: packed.ranges(entry),
                    versions: packed.listed(entry),
                    severity: entry.severity.clone(),
                    fix_state: entry.fix_state,
                });
            }
        }
        candidates.sort_by(|a, b| a.gist.id.cmp(&b.gist.id));
        Ok(candidates)
    }

    /// Every advisory that names commits of a repository, by its URL with or without scheme and `.git`.
    pub fn for_repository(&self, url: &str) -> Result<Vec<Candidate>, DatabaseError> {
        let git: Ecosystem =
            GIT.parse().map_err(|_| DatabaseError::Damaged("no ecosystem GIT".to_owned()))?;
        self.for_package(&git, url)
    }

    /// What touches a version of a package, as [`Database::ask`].
    pub fn matches(
        &self,
        ecosystem: &Ecosystem,
        name: &str,
        version: &Version,
    ) -> Result<Matches, DatabaseError> {
        self.answer(&Question::new(ecosystem, name, version.as_str()), &Asked::known(version))
    }

    /// As [`Database::ask`], for a version that is of no module.
    pub fn matches_text(
        &self,
        ecosystem: &Ecosystem,
        name: &str,
        version: &str,
    ) -> Result<Matches, DatabaseError> {
        self.ask(&Question::new(ecosystem, name, version))
    }

    /// Every record of an id, the one that counts first.
    pub fn advisory(&self, id: &str) -> Result<Vec<Record>, DatabaseError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT source, state, block, at, len FROM advisory WHERE id = ?1 ORDER BY state % 2, source",
            )
            .map_err(damaged)?;
        let rows = statement
            .query_map([id], |row| Ok((row.get(0)?, row.get(1)?, spot(row, 2)?)))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<(usize, usize, Spot)>>>)
            .map_err(damaged)?;
        rows.into_iter()
            .map(|(source, state, spot)| {
                let text = self.text("SELECT bytes FROM block WHERE n = ?1", spot)?;
                let known = self.status.sources.get(source).zip(Standing::ALL.get(state).copied());
                let (source, standing) =
                    known.ok_or_else(|| DatabaseError::Damaged(format!("{id} has no source")))?;
                let advisory = serde_json::from_slice(&text)
                    .map_err(|error| DatabaseError::Damaged(format!("{id} cannot be read: {error}")))?;
                Ok(Record { source: source.name.clone(), standing, advisory })
            })
            .collect()
    }

    /// Advisories that name an id as an alias, as a flaw that they pass on, or as related, in this order.
    pub fn naming(&self, id: &str) -> Result<Vec<Gist>, DatabaseError> {
        let mut statement =
            self.connection.prepare_cached("SELECT kind, gist FROM name WHERE name = ?1").map_err(damaged)?;
        let numbers = statement
            .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<(i64, i64)>>>)
            .map_err(damaged)?;
        let mut found = Vec::new();
        for (kind, number) in numbers {
            found.push((kind, self.gist(number)?));
        }
        found.sort_by(|(a_kind, a), (b_kind, b)| (a_kind, &a.id).cmp(&(b_kind, &b.id)));
        let mut told = BTreeSet::new();
        Ok(found.into_iter().map(|(_, gist)| gist).filter(|gist| told.insert(gist.id.clone())).collect())
    }

    /// Who calls an observable bad; of a host name also its parents, of an address also the ranges that hold it,
    /// of a URL also its host.
    pub fn observed(&self, observable: &Observable) -> Result<Vec<(Observable, Mention)>, DatabaseError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT mentions FROM observable WHERE kind = ?1 AND value = ?2")
            .map_err(damaged)?;
        let mut all = Vec::new();
        for one in [observable.clone()].into_iter().chain(observable.wider()) {
            let found: Option<String> = statement
                .query_row(params![one.kind.as_str(), one.value], |row| row.get(0))
                .optional()
                .map_err(damaged)?;
            for mention in found.map(|text| mentions(&text)).transpose()?.into_iter().flatten() {
                all.push((one.clone(), mention));
            }
        }
        Ok(all)
    }

    /// Takes every observable with who names it, one after the other.
    pub(super) fn each_observable(
        &self,
        mut take: impl FnMut(Observable, Vec<Mention>) -> Result<(), DatabaseError>,
    ) -> Result<(), DatabaseError> {
        let mut statement =
            self.connection.prepare("SELECT kind, value, mentions FROM observable").map_err(damaged)?;
        let mut rows = statement.query([]).map_err(damaged)?;
        while let Some(row) = rows.next().map_err(damaged)? {
            let text = |column| row.get::<_, String>(column).map_err(damaged);
            let (kind, value, all) = (text(0)?, text(1)?, text(2)?);
            let kind = serde_json::from_value(kind.as_str().into())
                .map_err(|_| DatabaseError::Damaged(format!("{kind:?} is no kind of observable")))?;
            take(Observable { kind, value: value.into() }, mentions(&all)?)?;
        }
        Ok(())
    }

    /// CISA's entry on a CVE.
    pub fn kev(&self, cve: &str) -> Result<Option<Kev>, DatabaseError> {
        let mut statement =
            self.connection.prepare_cached("SELECT entry FROM kev WHERE cve = ?1").map_err(damaged)?;
        let entry: Option<String> =
            statement.query_row([cve], |row| row.get(0)).optional().map_err(damaged)?;
        let read = |text: String| {
            serde_json::from_str(&text).map_err(|error| {
                DatabaseError::Damaged(format!("the KEV entry of {cve} cannot be read: {error}"))
            })
        };
        entry.map(read).transpose()
    }

    /// FIRST's prediction for a CVE.
    pub fn epss(&self, cve: &str) -> Result<Option<Epss>, DatabaseError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT score, percentile FROM epss WHERE cve = ?1")
            .map_err(damaged)?;
        let read = |row: &Row<'_>| Ok(Epss { score: row.get(0)?, percentile: row.get(1)? });
        statement.query_row([cve], read).optional().map_err(damaged)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// What names a package under a key, unpacked.
    pub(super) fn packed(&self, key: &str, name: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT bytes FROM package WHERE ecosystem = ?1 AND name = ?2")
            .map_err(damaged)?;
        let mut inflater = self.inflater.borrow_mut();
        let read = |row: &Row<'_>| Ok(unpacked(row.get_ref(0)?.as_blob()?, &mut inflater));
        statement.query_row(params![key, name], read).optional().map_err(damaged)?.transpose()
    }

    pub(super) fn gist(&self, number: i64) -> Result<Gist, DatabaseError> {
        self.remembered.borrow_mut().gist(number, || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT first, bytes FROM gist WHERE first <= ?1 ORDER BY first DESC LIMIT 1")
                .map_err(damaged)?;
            let mut inflater = self.inflater.borrow_mut();
            let read = |row: &Row<'_>| Ok((row.get(0)?, inflater.inflated(row.get_ref(1)?.as_blob()?)));
            let (first, text): (i64, Result<Vec<u8>, DatabaseError>) =
                statement.query_row([number], read).map_err(damaged)?;
            Ok((first, text?))
        })
    }

    fn text(&self, query: &str, spot: Spot) -> Result<Vec<u8>, DatabaseError> {
        Ok(slice(&self.block(query, spot.block)?, spot)?.to_vec())
    }

    fn block(&self, query: &str, number: i64) -> Result<Vec<u8>, DatabaseError> {
        let mut statement = self.connection.prepare_cached(query).map_err(damaged)?;
        let bytes: Vec<u8> = statement.query_row([number], |row| row.get(0)).map_err(damaged)?;
        self.inflater.borrow_mut().inflated(&bytes)
    }
}

pub(super) fn spot(row: &Row<'_>, from: usize) -> rusqlite::Result<Spot> {
    Ok(Spot { block: row.get(from)?, at: row.get(from + 1)?, len: row.get(from + 2)? })
}

fn mentions(text: &str) -> Result<Vec<Mention>, DatabaseError> {
    serde_json::from_str(text).map_err(|error| {
        DatabaseError::Damaged(format!("the mentions of an observable cannot be read: {error}"))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn damaged(error: rusqlite::Error) -> DatabaseError {
    DatabaseError::Damaged(error.to_string())
}

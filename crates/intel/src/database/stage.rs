//! What a build has gathered, in a file beside the database, so that memory does not grow with it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::priority::{Epss, Kev};
use super::{DatabaseError, layout};
use crate::observable::{Mention, Observable};

const TABLES: &str = "
    CREATE TABLE record (
        id TEXT NOT NULL, source TEXT NOT NULL, modified INTEGER, withdrawn INTEGER NOT NULL, body BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX record_id ON record (id, source);
    CREATE TABLE naming (
        ecosystem TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, place INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (ecosystem, name, n, place)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gist (n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TABLE name (
        name TEXT NOT NULL, kind INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (name, kind, n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mention (
        kind TEXT NOT NULL, value TEXT NOT NULL, source TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (kind, value, source, body)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE kev (cve TEXT PRIMARY KEY, entry TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE epss (cve TEXT PRIMARY KEY, score INTEGER NOT NULL, percentile INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";

/// The file; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
}

/// A record as it was gathered.
#[derive(Debug, Clone)]
pub(super) struct Gathered {
    pub(super) id: String,
    pub(super) source: String,
    /// Microseconds since 1970.
    pub(super) modified: Option<i64>,
    pub(super) withdrawn: bool,
    /// The record as JSON.
    pub(super) body: Vec<u8>,
}

impl Stage {
    pub(super) fn create(path: PathBuf) -> Result<Self, DatabaseError> {
        let connection = layout::scratch(&path)?;
        let made = connection.execute_batch(TABLES).and_then(|()| connection.execute_batch("BEGIN"));
        made.map_err(DatabaseError::sqlite(&path))?;
        Ok(Self { path, connection })
    }

    /// Takes a record in. False: its source has one of its id already. Of the two the newer is kept; of equally old ones
    /// that whose bytes come first.
    pub(super) fn add(&self, record: &Gathered) -> Result<bool, DatabaseError> {
        self.try_add(record).map_err(DatabaseError::sqlite(&self.path))
    }

    fn try_add(&self, record: &Gathered) -> rusqlite::Result<bool> {
        let Gathered { id, source, modified, withdrawn, body } = record;
        let mut find = self
            .connection
            .prepare_cached("SELECT rowid, modified, body FROM record WHERE id = ?1 AND source = ?2")?;
        let found: Option<(i64, Option<i64>, Vec<u8>)> = find
            .query_row(params![id, source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((row, old, old_body)) = found else {
            let mut insert = self.connection.prepare_cached(
                "INSERT INTO record (id, source, modified, withdrawn, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            insert.execute(params![id, source, modified, withdrawn, body])?;
            return Ok(true);
        };
        if modified.cmp(&old).then_with(|| old_body.cmp(body)).is_gt() {
            let mut update = self.connection.prepare_cached(
                "UPDATE record SET modified = ?2, withdrawn = ?3, body = ?4 WHERE rowid = ?1",
            )?;
            update.execute(params![row, modified, withdrawn, body])?;
        }
        Ok(false)
    }

    /// Drops what a source gave.
    pub(super) fn forget(&self, source: &str) -> Result<(), DatabaseError> {
        let mentions = self.connection.execute("DELETE FROM mention WHERE source = ?1", [source]);
        let records = mentions
            .and_then(|_rows| self.connection.execute("DELETE FROM record WHERE source = ?1", [source]));
        records.map(|_rows| ()).map_err(DatabaseError::sqlite(&self.path))
    }

    /// Takes a mention in. False: there is the very same.
    pub(super) fn add_mention(
        &self,
        observable: &Observable,
        mention: &Mention,
    ) -> Result<bool, DatabaseError> {
        let body = serde_json::to_string(mention).expect("it is made of texts");
        let inserted = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO mention VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut insert| {
                insert.execute(params![observable.kind.as_str(), observable.value, mention.source, body])
            });
        inserted.map(|rows| rows == 1).map_err(DatabaseError::sqlite(&self.path))
    }

    pub(super) fn add_kev(&self, kev: &Kev) -> Result<(), DatabaseError> {
        let entry = serde_json::to_string(kev).expect("it is made of texts");
        self.insert("INSERT OR REPLACE INTO kev (cve, entry) VALUES (?1, ?2)", params![kev.cve, entry])
    }

    pub(super) fn add_epss(&self, cve: &str, epss: Epss) -> Result<(), DatabaseError> {
        self.insert(
            "INSERT OR REPLACE INTO epss (cve, score, percentile) VALUES (?1, ?2, ?3)",
            params![cve, epss.score, epss.percentile],
        )
    }

    pub(super) fn insert(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), DatabaseError> {
        let inserted = self.connection.prepare_cached(sql).and_then(|mut insert| insert.execute(values));
        inserted.map(|_rows| ()).map_err(DatabaseError::sqlite(&self.path))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What could not be removed is removed by the next build.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Gathered {
    pub(super) fn of(source: &str, advisory: &crate::advisory::Advisory) -> Self {
        Self {
            id: advisory.id.as_ref().to_owned(),
            source: source.to_owned(),
            modified: advisory.modified.map(Timestamp::as_microsecond),
            withdrawn: advisory.withdrawn.is_some(),
            body: serde_json::to_vec(advisory).expect("it is made of texts and numbers"),
        }
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            source: row.get(1)?,
            modified: row.get(2)?,
            withdrawn: row.get(3)?,
            body: row.get(4)?,
        })
    }
}

/// Removes a file that may not be there.
pub(super) fn clear(path: &Path) -> Result<(), DatabaseError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(DatabaseError::file(path)(error)),
        _ => Ok(()),
    }
}

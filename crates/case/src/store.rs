//! The case folder: what it holds, and what it can prove.
//!
//! ```text
//! case.db         SQLite: log, evidence, answer; and finding, link, node, credential, reached, leftover, which are
//!                 derived from the current answer of each command
//! case.db-wal, -shm   SQLite's write-ahead log, while the case is open or after its writer was killed
//! case.head       {"entries": N, "hash": SHA-256 of the last entry of the log}
//! case.lock       held (`flock`) by the one writer; says who that is
//! ```
//!
//! # Durability
//!
//! Each recording is one transaction, with its one entry of the log, and returns when it is on disk
//! (`synchronous = FULL`). The order is: the transaction is committed; `case.head.new` is written and synced; it is
//! renamed to `case.head`; the folder is synced; the call returns. A kill at any moment leaves a case that opens and
//! holds everything for which a call returned. Between the commit and the rename `case.head` is one entry behind the
//! log, never more: no second entry is written before the head has caught up. So one entry of lag is no problem but a
//! [`Note`], and the next writer mends it; any other difference is a [`Problem`], and writing is refused until
//! somebody decides ([`Case::reseal`], which is logged).
//!
//! # What `verify` proves, and what it cannot
//!
//! [`Case::verify`] takes every hash again: of each entry, of the chain, of the evidence rows and answers that each
//! entry wrote, and it derives the derived tables again. So it finds whatever was altered, added, removed or swapped
//! without rewriting the chain, and entries cut from the end by `case.head`. Two things it cannot see alone:
//!
//! - Somebody who may write the whole folder can make a new chain and a new head, or put an older copy of both back.
//!   Against this the head's hash is noted elsewhere (a ticket, a printout) and given to `verify` later: a log that
//!   does not hold it is not the log that was noted.
//! - The one entry that may follow the head's, when a writer was killed, is not vouched for by it.
//!
//! Times and names in the log are what the caller said; the chain proves their order, not their truth.
//!
//! # Trust
//!
//! A case may come from somebody else. The database is opened defensively (no triggers, no views, no trusted schema,
//! bounded values), and one whose layout is not exactly that of its format is refused. Files are opened without
//! following links.

mod answers;
mod chain;
mod connection;
mod custody;
mod derived;
mod error;
mod folder;
mod head;
mod lock;
mod log;
mod manifest;
mod schema;
mod summary;
mod verify;
mod writer;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use answers::StoredAnswer;
pub use chain::LogHash;
pub use custody::{Custody, CustodyProblem};
pub use error::CaseError;
pub use head::Head;
pub use lock::Holder;
pub use log::{Author, Deed, LogEntry};
pub use manifest::{Exhibit, Source};
pub use summary::Summary;
pub use verify::{Note, Problem, Verification};
pub use writer::CaseWriter;

use crate::{Answer, Command, Credential, Finding, Leftover, Link, Node, Reached};

/// A case, open for reading. Readers never wait for the writer, and see what was committed last.
#[derive(Debug)]
pub struct Case {
    folder: PathBuf,
    connection: Connection,
}

impl Case {
    /// Opens the case in a folder for reading; the folder need not be writable.
    pub fn open(folder: &Path) -> Result<Self, CaseError> {
        let folder = folder::find(folder)?;
        let connection = connection::for_reading(&folder)?;
        let path = folder.join(folder::DATABASE);
        let Some(found) = schema::format(&connection, &path)? else {
            return Err(CaseError::Unfinished(folder));
        };
        schema::check(&connection, &path, found, schema::MIGRATIONS)?;
        let known = i64::try_from(schema::MIGRATIONS.len()).unwrap_or(i64::MAX);
        if found < known {
            return Err(CaseError::Older { path, found, known });
        }
        Ok(Self { folder, connection })
    }

    /// The folder of the case.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The case at a glance, for `case show`.
    pub fn summary(&self) -> Result<Summary, CaseError> {
        self.snapshot(summary::summarise)
    }

    /// The whole log, oldest first.
    pub fn log(&self) -> Result<Vec<LogEntry>, CaseError> {
        self.read(|connection| {
            let mut entries = Vec::new();
            log::each(connection, |entry| entry.map(|entry| entries.push(entry)))?;
            Ok(entries)
        })
    }

    /// Where the log ends. Its hash stands for the whole case: print it, so that it can be noted elsewhere.
    pub fn head(&self) -> Result<Option<Head>, CaseError> {
        self.read(log::head)
    }

    /// The evidence manifest, by SHA-256.
    pub fn evidence(&self) -> Result<Vec<Exhibit>, CaseError> {
        self.read(manifest::exhibits)
    }

    /// The current answer of a command: the last one stored.
    pub fn answer(&self, command: Command) -> Result<Option<Answer>, CaseError> {
        let json = self.read(|connection| answers::current(connection, command))?;
        self.parse(json)
    }

    /// The answer that an entry of the log stored, current or superseded.
    pub fn answer_at(&self, entry: u64) -> Result<Option<Answer>, CaseError> {
        let json = self.read(|connection| answers::at(connection, entry))?;
        self.parse(json)
    }

    /// Every answer ever stored, oldest first, without its content.
    pub fn answers(&self) -> Result<Vec<StoredAnswer>, CaseError> {
        self.read(answers::all)
    }

    /// The findings of the current answers.
    pub fn findings(&self) -> Result<Vec<Finding>, CaseError> {
        self.read(|connection| derived::bodies(connection, "finding", "true", &[]))
    }

    /// The links of the current answers: the chain.
    pub fn links(&self) -> Result<Vec<Link>, CaseError> {
        self.read(|connection| derived::bodies(connection, "link", "true", &[]))
    }

    /// The links that start or end at a node.
    pub fn links_of(&self, node: &Node) -> Result<Vec<Link>, CaseError> {
        let ends = "(from_kind = ?1 AND from_id = ?2) OR (to_kind = ?1 AND to_id = ?2)";
        let name = [node.kind.as_str(), node.id.as_str()];
        self.read(|connection| derived::bodies(connection, "link", ends, &name))
    }

    /// The nodes that links connect or findings are about, each once, in their order.
    pub fn nodes(&self) -> Result<Vec<Node>, CaseError> {
        self.read(derived::distinct_nodes)
    }

    /// The credentials of the current answers, parents first.
    pub fn credentials(&self) -> Result<Vec<Credential>, CaseError> {
        self.read(|connection| derived::bodies(connection, "credential", "true", &[]))
    }

    /// The credentials in the intruder's hands, parents first.
    pub fn tainted_credentials(&self) -> Result<Vec<Credential>, CaseError> {
        self.read(|connection| derived::bodies(connection, "credential", "tainted", &[]))
    }

    /// What was reached.
    pub fn reached(&self) -> Result<Vec<Reached>, CaseError> {
        self.read(|connection| derived::bodies(connection, "reached", "true", &[]))
    }

    /// What was left behind and must be undone.
    pub fn leftovers(&self) -> Result<Vec<Leftover>, CaseError> {
        self.read(|connection| derived::bodies(connection, "leftover", "true", &[]))
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, CaseError> {
        query(&self.connection).map_err(CaseError::database(&self.database()))
    }

    /// Like [`Self::read`], with every statement of the query seeing the same commit.
    fn snapshot<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, CaseError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            query(&transaction)
        })
    }

    fn parse(&self, json: Option<String>) -> Result<Option<Answer>, CaseError> {
        let damaged = |error: serde_json::Error| CaseError::Damaged {
            path: self.database(),
            why: format!("an answer cannot be read: {error}"),
        };
        json.map(|json| serde_json::from_str(&json)).transpose().map_err(damaged)
    }

    fn database(&self) -> PathBuf {
        self.folder.join(folder::DATABASE)
    }
}

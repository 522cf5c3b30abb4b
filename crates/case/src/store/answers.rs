//! The answers: each run's whole JSON; the last of each command counts, the others are its history.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::log::{Content, instant, number, unsigned};
use crate::Command;

/// One run of a command that left an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredAnswer {
    /// The entry of the log that wrote it; its number in [`super::Case::answer_at`].
    pub entry: u64,
    /// The command.
    pub command: String,
    /// When it was stored.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub when: Timestamp,
    /// Who ran it.
    pub who: String,
    /// The size of its JSON in bytes.
    pub bytes: u64,
    /// Whether it is the last of its command.
    pub current: bool,
}

/// Stores an answer as written by entry `entry`.
pub(super) fn insert(
    connection: &Connection,
    command: Command,
    json: &str,
    entry: u64,
    content: &mut Content,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO answer (entry, command, json) VALUES (?1, ?2, ?3)",
        params![number(entry)?, command.as_str(), json],
    )?;
    content.answer(command.as_str(), json);
    Ok(())
}

/// The JSON of the current answer of a command.
pub(super) fn current(connection: &Connection, command: Command) -> rusqlite::Result<Option<String>> {
    text(
        connection,
        "SELECT json FROM answer WHERE command = ?1 ORDER BY entry DESC LIMIT 1",
        command.as_str(),
    )
}

/// The JSON of the answer that an entry of the log wrote.
pub(super) fn at(connection: &Connection, entry: u64) -> rusqlite::Result<Option<String>> {
    text(connection, "SELECT json FROM answer WHERE entry = ?1", number(entry)?)
}

fn text(connection: &Connection, sql: &str, key: impl rusqlite::ToSql) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([key])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// The entry that wrote the current answer of a command.
pub(super) fn current_entry(connection: &Connection, command: Command) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT entry FROM answer WHERE command = ?1 ORDER BY entry DESC LIMIT 1";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([command.as_str()])?;
    rows.next()?.map(|row| unsigned(row, 0)).transpose()
}

/// The entries that wrote the current answer of each command.
pub(super) fn current_entries(connection: &Connection) -> rusqlite::Result<Vec<u64>> {
    let mut statement = connection.prepare("SELECT max(entry) FROM answer GROUP BY command ORDER BY 1")?;
    let rows = statement.query_map([], |row| unsigned(row, 0))?;
    rows.collect()
}

/// Every answer ever stored, oldest first.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<StoredAnswer>> {
    let mut statement = connection.prepare(
        "SELECT answer.entry, answer.command, log.at, log.who, octet_length(answer.json),
                answer.entry = (SELECT max(entry) FROM answer AS later WHERE later.command = answer.command)
         FROM answer JOIN log ON log.seq = answer.entry ORDER BY answer.entry",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(StoredAnswer {
            entry: unsigned(row, 0)?,
            command: row.get(1)?,
            when: instant(row, 2)?,
            who: row.get(3)?,
            bytes: unsigned(row, 4)?,
            current: row.get(5)?,
        })
    })?;
    rows.collect()
}

/// Takes the digest of the answer that entry `entry` wrote, as it is now.
pub(super) fn digest(connection: &Connection, entry: u64, content: &mut Content) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("SELECT command, json FROM answer WHERE entry = ?1")?;
    let mut rows = statement.query([number(entry)?])?;
    while let Some(row) = rows.next()? {
        let (command, json): (String, String) = (row.get(0)?, row.get(1)?);
        content.answer(&command, &json);
    }
    Ok(())
}

//! The log: who did what when, each entry chained to the one before.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{Connection, Row, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LogHash;
use super::chain::Fields;
use super::head::Head;

/// Who writes to a case, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The person: a user name, or `uid 1000`.
    pub who: String,
    /// The program and its version: `floodmark 0.1.0`.
    pub program: String,
    /// The command line, with its secrets redacted by the caller.
    pub command: String,
}

/// What an entry of the log did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Made the case; always the first entry, never a later one.
    Created,
    /// Entered evidence into the manifest.
    Evidence,
    /// Stored an answer, and the evidence that it had read and that was new.
    Answer,
    /// Noted something that was done elsewhere; the detail is the note.
    Note,
    /// Accepted a log that did not agree with `case.head`; the detail says how they differed.
    Resealed,
}

impl Deed {
    const ALL: [Self; 5] = [Self::Created, Self::Evidence, Self::Answer, Self::Note, Self::Resealed];

    /// The word for it, as stored and serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Evidence => "evidence",
            Self::Answer => "answer",
            Self::Note => "note",
            Self::Resealed => "resealed",
        }
    }
}

impl FromSql for Deed {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|deed| deed.as_str() == word)
            .ok_or_else(|| FromSqlError::Other(format!("`{word}` is no deed of a log").into()))
    }
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogEntry {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When, as the caller said.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub when: Timestamp,
    /// Who; see [`Author::who`].
    pub who: String,
    /// With what program.
    pub program: String,
    /// By which command line, redacted.
    pub command: String,
    /// What was done.
    pub deed: Deed,
    /// What was done, in a few words for people.
    pub detail: String,
    /// How many rows of evidence and answers it wrote.
    pub rows: u64,
    /// The digest of these rows.
    pub content: LogHash,
    /// The hash of the entry before.
    pub previous: LogHash,
    /// The hash of this entry.
    pub hash: LogHash,
}

impl LogEntry {
    /// The hash that its fields should have: SHA-256 over their length-prefixed sequence.
    pub fn computed_hash(&self) -> LogHash {
        let mut fields = Fields::new("floodmark case log 1");
        fields
            .number(self.seq)
            .bytes(self.previous.as_bytes())
            .text(&self.when.to_string())
            .text(&self.who)
            .text(&self.program)
            .text(&self.command)
            .text(self.deed.as_str())
            .text(&self.detail)
            .number(self.rows)
            .bytes(self.content.as_bytes());
        fields.finish()
    }
}

/// What an entry wrote: the running digest over its rows, and their number.
pub(super) struct Content {
    fields: Fields,
    pub(super) rows: u64,
}

impl Content {
    pub(super) fn new() -> Self {
        Self { fields: Fields::new("floodmark case content 1"), rows: 0 }
    }

    pub(super) fn evidence(&mut self, id: &[u8; 32], source: &str, size: u64, kind: &str, at: &str) {
        self.fields.text("evidence").bytes(id).text(source).number(size).text(kind).text(at);
        self.rows += 1;
    }

    pub(super) fn answer(&mut self, command: &str, json: &str) {
        self.fields.text("answer").text(command).text(json);
        self.rows += 1;
    }

    pub(super) fn digest(self) -> LogHash {
        self.fields.finish()
    }
}

/// What is to be logged.
pub(super) struct Act<'a> {
    pub(super) author: &'a Author,
    pub(super) when: Timestamp,
    pub(super) deed: Deed,
    pub(super) detail: String,
}

/// Appends an entry after `head`, and says where the log ends now.
pub(super) fn append(
    connection: &Connection,
    head: Option<Head>,
    act: Act<'_>,
    content: Content,
) -> rusqlite::Result<Head> {
    let rows = content.rows;
    let mut entry = LogEntry {
        seq: head.map_or(1, |head| head.entries + 1),
        when: act.when,
        who: act.author.who.clone(),
        program: act.author.program.clone(),
        command: act.author.command.clone(),
        deed: act.deed,
        detail: act.detail,
        rows,
        content: content.digest(),
        previous: head.map_or(LogHash::NONE, |head| head.hash),
        hash: LogHash::NONE,
    };
    entry.hash = entry.computed_hash();
    connection.execute(
        &format!("INSERT INTO log ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
        params![
            number(entry.seq)?,
            entry.when.to_string(),
            entry.who,
            entry.program,
            entry.command,
            entry.deed.as_str(),
            entry.detail,
            number(entry.rows)?,
            entry.content.as_bytes(),
            entry.previous.as_bytes(),
            entry.hash.as_bytes(),
        ],
    )?;
    Ok(Head { entries: entry.seq, hash: entry.hash })
}

/// Where the log ends; `None` for one without entries.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Option<Head>> {
    let mut statement = connection.prepare("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1")?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Head { entries: unsigned(row, 0)?, hash: LogHash::new(row.get(1)?) }))
}

/// The hash that entry `seq` says it has.
pub(super) fn hash_of(connection: &Connection, seq: u64) -> rusqlite::Result<Option<LogHash>> {
    let mut statement = connection.prepare("SELECT hash FROM log WHERE seq = ?1")?;
    // `case.head` may say any number.
    let mut rows = statement.query([i64::try_from(seq).unwrap_or(-1)])?;
    rows.next()?.map(|row| row.get(0).map(LogHash::new)).transpose()
}

/// Calls `each` for every entry in order; an entry that cannot be read is given as its error.
pub(super) fn each(
    connection: &Connection,
    mut each: impl FnMut(rusqlite::Result<LogEntry>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM log ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(read(row))?;
    }
    Ok(())
}

/// One entry: the first that `order` gives.
pub(super) fn one(connection: &Connection, order: &str) -> rusqlite::Result<Option<LogEntry>> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM log {order}"))?;
    let mut rows = statement.query([])?;
    rows.next()?.map(read).transpose()
}

const COLUMNS: &str = "seq, at, who, program, command, deed, detail, rows, content, previous, hash";

fn read(row: &Row<'_>) -> rusqlite::Result<LogEntry> {
    Ok(LogEntry {
        seq: unsigned(row, 0)?,
        when: instant(row, 1)?,
        who: row.get(2)?,
        program: row.get(3)?,
        command: row.get(4)?,
        deed: row.get(5)?,
        detail: row.get(6)?,
        rows: unsigned(row, 7)?,
        content: LogHash::new(row.get(8)?),
        previous: LogHash::new(row.get(9)?),
        hash: LogHash::new(row.get(10)?),
    })
}

/// A time as it is stored: exactly the text that [`Timestamp`] prints, so that its digest can be taken again.
pub(super) fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let text: String = row.get(column)?;
    let wrong = |why: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, why)
    };
    let instant: Timestamp = text.parse().map_err(|error: jiff::Error| wrong(error.into()))?;
    if instant.to_string() != text {
        return Err(wrong(format!("`{text}` is not how a case writes a time").into()));
    }
    Ok(instant)
}

/// A count as it is stored: `SQLite` has no unsigned numbers.
pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// A count as `SQLite` wants it.
pub(super) fn number(value: u64) -> rusqlite::Result<i64> {
    i64::try_from(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

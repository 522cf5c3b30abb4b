//! The evidence manifest: each piece of evidence once, with every place that it was read from.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::log::{Content, instant, number, unsigned};
use crate::{Evidence, EvidenceId};

/// A piece of evidence in the manifest, with every place that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exhibit {
    /// Its SHA-256.
    pub id: EvidenceId,
    /// Its size in bytes, as found.
    pub size: u64,
    /// What it is; where two runs saw it differently, what the first one said.
    pub kind: String,
    /// Where it was read from, in the order of entry, then by name; never empty.
    pub sources: Vec<Source>,
}

/// A place that a piece of evidence was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// A path, `-` for standard input, a URL.
    pub source: String,
    /// When it was entered into the case.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub when: Timestamp,
    /// The entry of the log that did so.
    pub entry: u64,
}

/// What became of evidence that was to be entered.
pub(super) enum Entered {
    /// Rows were written, or nothing was new.
    Rows,
    /// The manifest has this evidence with another size.
    Contradicts { id: EvidenceId, found: u64, known: u64 },
}

/// Enters the evidence that is new, by content or by source, as written by entry `entry`.
pub(super) fn enter(
    connection: &Connection,
    evidence: &[Evidence],
    entry: u64,
    content: &mut Content,
) -> rusqlite::Result<Entered> {
    // The digest of an entry is over its rows in this order, whatever order they were given in.
    let mut sorted: Vec<&Evidence> = evidence.iter().collect();
    sorted.sort_by_key(|piece| (piece.id, piece.source.as_str()));
    let mut known =
        connection.prepare("SELECT size, max(source = ?2) FROM evidence WHERE id = ?1 GROUP BY id")?;
    let mut insert = connection.prepare(
        "INSERT INTO evidence (id, source, size, kind, at, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for piece in sorted {
        let mut rows = known.query(params![piece.id.as_bytes(), piece.source])?;
        if let Some(row) = rows.next()? {
            let size = unsigned(row, 0)?;
            if size != piece.size {
                return Ok(Entered::Contradicts { id: piece.id, found: piece.size, known: size });
            }
            if row.get(1)? {
                continue;
            }
        }
        let at = piece.when.to_string();
        content.evidence(piece.id.as_bytes(), &piece.source, piece.size, &piece.kind, &at);
        insert.execute(params![
            piece.id.as_bytes(),
            piece.source,
            number(piece.size)?,
            piece.kind,
            at,
            number(entry)?
        ])?;
    }
    Ok(Entered::Rows)
}

/// The whole manifest, by id.
pub(super) fn exhibits(connection: &Connection) -> rusqlite::Result<Vec<Exhibit>> {
    let mut statement = connection
        .prepare("SELECT id, size, kind, source, at, entry FROM evidence ORDER BY id, entry, source")?;
    let mut rows = statement.query([])?;
    let mut exhibits: Vec<Exhibit> = Vec::new();
    while let Some(row) = rows.next()? {
        let id = EvidenceId::new(row.get(0)?);
        let source = Source { source: row.get(3)?, when: instant(row, 4)?, entry: unsigned(row, 5)? };
        match exhibits.last_mut() {
            Some(last) if last.id == id => last.sources.push(source),
            _ => exhibits.push(Exhibit {
                id,
                size: unsigned(row, 1)?,
                kind: row.get(2)?,
                sources: vec![source],
            }),
        }
    }
    Ok(exhibits)
}

/// Takes the digest of the rows that entry `entry` wrote, as they are now.
pub(super) fn digest(connection: &Connection, entry: u64, content: &mut Content) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT id, source, size, kind, at FROM evidence WHERE entry = ?1 ORDER BY id, source",
    )?;
    let mut rows = statement.query([number(entry)?])?;
    while let Some(row) = rows.next()? {
        let (source, kind, at): (String, String, String) = (row.get(1)?, row.get(3)?, row.get(4)?);
        content.evidence(&row.get(0)?, &source, unsigned(row, 2)?, &kind, &at);
    }
    Ok(())
}

//! A case at a glance.

use std::collections::BTreeMap;

use rusqlite::Connection;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answers::StoredAnswer;
use super::log::{LogEntry, unsigned};
use crate::Severity;

/// A case at a glance, for `case show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// The entry that made the case.
    pub created: Option<LogEntry>,
    /// The last entry; note its hash elsewhere, and later give it to [`super::Case::verify`].
    pub last: Option<LogEntry>,
    /// How many pieces of evidence the manifest holds.
    pub evidence: u64,
    /// How many places these were read from.
    pub sources: u64,
    /// Their size together, in bytes.
    pub evidence_bytes: u64,
    /// How many pieces there are of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// Every answer ever stored, oldest first.
    pub answers: Vec<StoredAnswer>,
    /// The findings of the current answers by severity.
    pub findings: BTreeMap<Severity, u64>,
    /// How many links the chain has.
    pub links: u64,
    /// How many nodes it connects.
    pub nodes: u64,
    /// How many credentials are in the intruder's hands.
    pub tainted_credentials: u64,
    /// How many resources these reached.
    pub reached: u64,
    /// How many things were left behind.
    pub leftovers: u64,
}

pub(super) fn summarise(connection: &Connection) -> rusqlite::Result<Summary> {
    let count = |sql: &str| connection.query_row(sql, [], |row| unsigned(row, 0));
    Ok(Summary {
        created: super::log::one(connection, "ORDER BY seq LIMIT 1")?,
        last: super::log::one(connection, "ORDER BY seq DESC LIMIT 1")?,
        evidence: count("SELECT count(DISTINCT id) FROM evidence")?,
        sources: count("SELECT count(*) FROM evidence")?,
        evidence_bytes: count("SELECT coalesce(sum(size), 0) FROM (SELECT DISTINCT id, size FROM evidence)")?,
        kinds: kinds(connection)?,
        answers: super::answers::all(connection)?,
        findings: findings(connection)?,
        links: count("SELECT count(*) FROM link")?,
        nodes: count("SELECT count(*) FROM (SELECT DISTINCT kind, id FROM node)")?,
        tainted_credentials: count("SELECT count(DISTINCT id) FROM credential WHERE tainted")?,
        reached: count("SELECT count(DISTINCT resource) FROM reached")?,
        leftovers: count("SELECT count(*) FROM leftover")?,
    })
}

fn kinds(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut kinds = BTreeMap::new();
    for exhibit in super::manifest::exhibits(connection)? {
        *kinds.entry(exhibit.kind).or_default() += 1;
    }
    Ok(kinds)
}

fn findings(connection: &Connection) -> rusqlite::Result<BTreeMap<Severity, u64>> {
    const ALL: [Severity; 5] =
        [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let mut statement = connection.prepare("SELECT count(*) FROM finding WHERE severity = ?1")?;
    let mut findings = BTreeMap::new();
    for severity in ALL {
        let count = statement.query_row([severity.as_str()], |row| unsigned(row, 0))?;
        if count > 0 {
            findings.insert(severity, count);
        }
    }
    Ok(findings)
}

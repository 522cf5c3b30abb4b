//! The tables that are derived from the current answers, so that other commands and people with `sqlite3` can ask.
//!
//! A table is one line in [`TABLES`]: its name, its columns, and the function from an answer to its rows. What is
//! written and what `verify` expects come from the same function.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::log::number;
use crate::{Answer, Node, Window};

type Row = Vec<Value>;

/// The rows of a table, one by one: all at once would be the answer once more in memory.
type Rows<'a> = Box<dyn Iterator<Item = Result<Row, serde_json::Error>> + 'a>;

/// A derived table. Beside its own columns it has `answer` (the entry of the log that wrote the answer) and `place`
/// (the row's place in the answer, from 0).
pub(super) struct Table {
    pub(super) name: &'static str,
    columns: &'static str,
    rows: for<'a> fn(&'a Answer) -> Rows<'a>,
}

impl Table {
    /// The rows of an answer, to be written or to be compared.
    fn rows(&self, answer: &Answer) -> impl Iterator<Item = rusqlite::Result<Row>> {
        (self.rows)(answer)
            .map(|row| row.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into())))
    }
}

/// Every derived table.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "finding",
        columns: "id, rule, title, severity, confidence, started, ended, body",
        rows: findings,
    },
    Table {
        name: "link",
        columns: "from_kind, from_id, kind, to_kind, to_id, started, ended, confidence, body",
        rows: links,
    },
    Table { name: "node", columns: "kind, id", rows: nodes },
    Table {
        name: "credential",
        columns: "id, kind, principal, account, parent, tainted, fell, confidence, body",
        rows: credentials,
    },
    Table {
        name: "reached",
        columns: "resource, kind, account, access, started, ended, confidence, body",
        rows: reached,
    },
    Table {
        name: "component",
        columns: "purl, name, version, ecosystem, scope, direct, body",
        rows: components,
    },
    Table { name: "flaw", columns: "id, kind, component, finding, body", rows: flaws },
    Table {
        name: "leftover",
        columns: "kind, resource, account, region, since, made_by, confidence, body",
        rows: leftovers,
    },
];

/// Puts the rows of a new answer in the place of those of the one that it supersedes.
pub(super) fn replace(
    connection: &Connection,
    superseded: Option<u64>,
    entry: u64,
    answer: &Answer,
) -> rusqlite::Result<()> {
    for table in TABLES {
        if let Some(old) = superseded {
            connection.execute(&format!("DELETE FROM {} WHERE answer = ?1", table.name), [number(old)?])?;
        }
        let marks = ", ?".repeat(table.columns.split(',').count());
        let sql =
            format!("INSERT INTO {} (answer, place, {}) VALUES (?, ?{marks})", table.name, table.columns);
        let mut statement = connection.prepare(&sql)?;
        for (place, row) in (0_i64..).zip(table.rows(answer)) {
            let keys = [Value::Integer(number(entry)?), Value::Integer(place)];
            statement.execute(params_from_iter(keys.into_iter().chain(row?)))?;
        }
    }
    Ok(())
}

/// The places of `table` at which the rows of answer `entry` are not those that follow from it: altered, missing or added.
pub(super) fn differences(
    connection: &Connection,
    table: &Table,
    entry: u64,
    answer: &Answer,
) -> rusqlite::Result<Vec<i64>> {
    let width = table.columns.split(',').count();
    let sql = format!("SELECT place, {} FROM {} WHERE answer = ?1 ORDER BY place", table.columns, table.name);
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query([number(entry)?])?;
    let mut expected = (0_i64..).zip(table.rows(answer)).peekable();
    let mut differing = Vec::new();
    while let Some(row) = found.next()? {
        let place: i64 = row.get(0)?;
        while let Some((missing, _)) = expected.next_if(|(at, _)| *at < place) {
            differing.push(missing);
        }
        let values = (1..=width).map(|column| row.get(column)).collect::<rusqlite::Result<Row>>()?;
        let wanted = expected.next_if(|(at, _)| *at == place).map(|(_, wanted)| wanted).transpose()?;
        if wanted != Some(values) {
            differing.push(place);
        }
    }
    differing.extend(expected.map(|(missing, _)| missing));
    Ok(differing)
}

/// The answers that rows of `table` say they belong to.
pub(super) fn answers_named(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<i64>> {
    let sql = format!("SELECT DISTINCT answer FROM {} ORDER BY answer", table.name);
    connection.prepare(&sql)?.query_map([], |row| row.get(0))?.collect()
}

/// Whole things out of a derived table, in the order of the answers; `condition` is ours, its values are bound.
pub(super) fn bodies<T: DeserializeOwned>(
    connection: &Connection,
    table: &str,
    condition: &str,
    values: &[&str],
) -> rusqlite::Result<Vec<T>> {
    let sql = format!("SELECT body FROM {table} WHERE {condition} ORDER BY answer, place");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut things = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        things.push(serde_json::from_str(&body).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
        })?);
    }
    Ok(things)
}

/// The nodes of all current answers, each once.
pub(super) fn distinct_nodes(connection: &Connection) -> rusqlite::Result<Vec<Node>> {
    let mut statement = connection.prepare("SELECT DISTINCT kind, id FROM node")?;
    let nodes = statement.query_map([], |row| {
        let kind = serde_json::Value::String(row.get(0)?);
        let kind = serde_json::from_value(kind).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
        })?;
        Ok(Node { kind, id: row.get(1)? })
    })?;
    nodes.collect::<rusqlite::Result<BTreeSet<Node>>>().map(Vec::from_iter)
}

fn findings(answer: &Answer) -> Rows<'_> {
    rows(&answer.findings, |finding| {
        let [started, ended] = span(finding.window);
        Ok(vec![
            text(&finding.id),
            text(&finding.rule),
            text(&finding.title),
            text(finding.severity.as_str()),
            text(finding.confidence.as_str()),
            started,
            ended,
        ])
    })
}

fn links(answer: &Answer) -> Rows<'_> {
    rows(&answer.links, |link| {
        let [started, ended] = span(link.window);
        Ok(vec![
            text(link.from.kind.as_str()),
            text(&link.from.id),
            word(link.kind)?,
            text(link.to.kind.as_str()),
            text(&link.to.id),
            started,
            ended,
            text(link.confidence.as_str()),
        ])
    })
}

fn nodes(answer: &Answer) -> Rows<'_> {
    let of_links = answer.links.iter().flat_map(|link| [&link.from, &link.to]);
    let of_findings = answer.findings.iter().flat_map(|finding| &finding.subjects);
    let nodes: BTreeSet<&Node> = of_links.chain(of_findings).collect();
    Box::new(nodes.into_iter().map(|node| Ok(vec![word(node.kind)?, text(&node.id)])))
}

fn credentials(answer: &Answer) -> Rows<'_> {
    rows(&answer.story.credentials, |credential| {
        Ok(vec![
            text(&credential.id),
            word(credential.kind)?,
            text(&credential.principal),
            text(&credential.account),
            credential.parent.as_deref().map_or(Value::Null, text),
            Value::Integer(i64::from(credential.tainted)),
            credential.fell.map_or(Value::Null, instant),
            text(credential.confidence.as_str()),
        ])
    })
}

fn reached(answer: &Answer) -> Rows<'_> {
    rows(&answer.story.reached, |reached| {
        let [started, ended] = span(Some(reached.window));
        Ok(vec![
            text(&reached.resource),
            text(&reached.kind),
            text(&reached.account),
            word(reached.access)?,
            started,
            ended,
            text(reached.confidence.as_str()),
        ])
    })
}

fn leftovers(answer: &Answer) -> Rows<'_> {
    rows(&answer.story.leftovers, |leftover| {
        Ok(vec![
            word(leftover.kind)?,
            text(&leftover.resource),
            text(&leftover.account),
            text(&leftover.region),
            instant(leftover.since),
            text(&leftover.by),
            text(leftover.confidence.as_str()),
        ])
    })
}

fn components(answer: &Answer) -> Rows<'_> {
    rows(&answer.inventory.components, |component| {
        Ok(vec![
            text(&component.purl),
            text(&component.name),
            component.version.as_deref().map_or(Value::Null, text),
            component.ecosystem.as_deref().map_or(Value::Null, text),
            word(component.scope)?,
            Value::Integer(i64::from(component.direct)),
        ])
    })
}

fn flaws(answer: &Answer) -> Rows<'_> {
    rows(&answer.inventory.flaws, |flaw| {
        Ok(vec![text(&flaw.id), word(flaw.kind)?, text(&flaw.component), text(&flaw.finding)])
    })
}

/// One row per thing: the columns that `columns` gives it, and the whole of it as JSON.
fn rows<'a, T: Serialize>(
    things: &'a [T],
    columns: impl Fn(&T) -> Result<Row, serde_json::Error> + 'a,
) -> Rows<'a> {
    let row = move |thing: &T| {
        let mut row = columns(thing)?;
        row.push(Value::Text(serde_json::to_string(thing)?));
        Ok(row)
    };
    Box::new(things.iter().map(row))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The word that serde has for a variant.
fn word(variant: impl Serialize) -> Result<Value, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(variant)?).map(Value::Text)
}

/// All nine digits, so that the order of the texts is the order of the times.
fn instant(instant: Timestamp) -> Value {
    Value::Text(format!("{instant:.9}"))
}

fn span(window: Option<Window>) -> [Value; 2] {
    window.map_or([Value::Null, Value::Null], |window| [instant(window.from), instant(window.to)])
}

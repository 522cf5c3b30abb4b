//! The tables, and how a file of them is opened.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::DatabaseError;

/// `FmIn` in ASCII, in the header of the file.
const APPLICATION_ID: i32 = 0x466d_496e;

/// Rises with the tables, with what their values hold, and when an order of versions changes.
const FORMAT: i32 = 2;

/// The most that one value may hold.
const VALUE_AT_MOST: i32 = 256 << 20;

/// The tables, each as `sqlite_schema` shows it.
///
/// - `advisory`: one row for each record, in the order of id and source; `state` is 0 for the one that counts, 1 for one
///   that does not, 2 for one that counts and is withdrawn, 3 for a withdrawn one that does not count. `block`, `at`,
///   `len` say where the record stands.
/// - `block`: records as JSON, many in one, deflated.
/// - `gist`: the gists of records that count, many in one, deflated, by the number of the first. They are numbered in
///   the order in which packages name them first.
/// - `package`: what names a package, by the ecosystem and name as they are compared.
/// - `name`: other ids of records that count, with the number of the gist; `kind` is 0 for an alias, 1 for upstream, 2
///   for related.
/// - `observable`: who names it, as JSON.
/// - `fact`: the status, as JSON.
pub(super) const TABLES: [&str; 10] = [
    "CREATE TABLE advisory (n INTEGER PRIMARY KEY, id TEXT NOT NULL, source INTEGER NOT NULL, state INTEGER NOT NULL, block INTEGER NOT NULL, at INTEGER NOT NULL, len INTEGER NOT NULL) STRICT",
    "CREATE UNIQUE INDEX advisory_id ON advisory (id, source)",
    "CREATE TABLE block (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
    "CREATE TABLE gist (first INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
    "CREATE TABLE package (ecosystem TEXT NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (ecosystem, name)) STRICT, WITHOUT ROWID",
    "CREATE TABLE name (name TEXT NOT NULL, kind INTEGER NOT NULL, gist INTEGER NOT NULL, PRIMARY KEY (name, kind, gist)) STRICT, WITHOUT ROWID",
    "CREATE TABLE observable (kind TEXT NOT NULL, value TEXT NOT NULL, mentions TEXT NOT NULL, PRIMARY KEY (kind, value)) STRICT, WITHOUT ROWID",
    "CREATE TABLE kev (cve TEXT PRIMARY KEY, entry TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE epss (cve TEXT PRIMARY KEY, score INTEGER NOT NULL, percentile INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
];

/// Opens a finished database. It is taken for a file that nobody changes, since a build puts another in its place.
pub(super) fn open(path: &Path) -> Result<Connection, DatabaseError> {
    if !path.is_file() {
        return Err(DatabaseError::Missing(path.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let failed = DatabaseError::sqlite(path);
    let connection = Connection::open_with_flags(immutable(path), flags).map_err(failed)?;
    harden(&connection).map_err(failed)?;
    let format = mark(&connection).map_err(|why| DatabaseError::Foreign { path: path.to_owned(), why })?;
    if format != FORMAT {
        return Err(DatabaseError::OtherFormat { path: path.to_owned(), found: format, expected: FORMAT });
    }
    check(&connection).map_err(|why| DatabaseError::Foreign { path: path.to_owned(), why })?;
    Ok(connection)
}

/// Makes an empty file, for a build. What is in it is worth nothing before the build has synced it.
pub(super) fn create(path: &Path) -> Result<Connection, DatabaseError> {
    let failed = DatabaseError::sqlite(path);
    let connection = scratch(path)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    connection.pragma_update(None, "user_version", FORMAT).map_err(failed)?;
    TABLES.iter().try_for_each(|table| connection.execute_batch(table)).map_err(failed)?;
    Ok(connection)
}

/// A new file that nobody else uses, without a journal.
pub(super) fn scratch(path: &Path) -> Result<Connection, DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let failed = DatabaseError::sqlite(path);
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.query_row("PRAGMA journal_mode = OFF", [], |_| Ok(())).map_err(failed)?;
    connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(())).map_err(failed)?;
    connection.pragma_update(None, "synchronous", "OFF").map_err(failed)?;
    connection.pragma_update(None, "cache_size", -65_536).map_err(failed)?;
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(failed)?;
    Ok(connection)
}

fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_AT_MOST)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// The format of a file that has our mark; if it lacks that, what is wrong.
fn mark(connection: &Connection) -> Result<i32, String> {
    let number =
        |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i32>(0));
    let fault = |error: rusqlite::Error| error.to_string();
    if number("application_id").map_err(fault)? != APPLICATION_ID {
        return Err("it lacks the mark of one".to_owned());
    }
    number("user_version").map_err(fault)
}

/// Whether the file has exactly our tables; if not, what is wrong.
fn check(connection: &Connection) -> Result<(), String> {
    let fault = |error: rusqlite::Error| error.to_string();
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .map_err(fault)?;
    let found: Vec<String> =
        statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(fault)?;
    if found != TABLES {
        return Err("its tables are not those of its format".to_owned());
    }
    Ok(())
}

/// `file:` and the path with every byte but the plainest escaped, opened as a file that nobody changes.
fn immutable(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}

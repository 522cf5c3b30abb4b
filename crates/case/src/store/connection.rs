//! `SQLite` as we want it: durable, hardened, and with every file inside the case folder.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{CaseError, folder};

/// How long to wait for a foreign program (the `sqlite3` shell) that holds the database; our own readers never do.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most that one value may hold, a whole answer as JSON among them.
const VALUE_AT_MOST: i32 = 512 * 1024 * 1024;

/// The connection of the one writer, in a case folder whose lock is held; see [`make_durable`].
pub(super) fn for_writing(folder: &Path) -> Result<Connection, CaseError> {
    let path = folder.join(folder::DATABASE);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | careful();
    let connection = Connection::open_with_flags(&path, flags).map_err(CaseError::database(&path))?;
    harden(&connection).map_err(CaseError::database(&path))?;
    Ok(connection)
}

/// What every commit of ours needs; it changes the file, so it comes after the check that the file is ours.
pub(super) fn make_durable(connection: &Connection) -> rusqlite::Result<()> {
    // WAL: readers see the last commit and never wait, the writer never waits for them. FULL: a commit is on disk
    // when it returns.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")
}

/// Copies what the write-ahead log holds into the database, as far as no reader is in the way, so that `case.db` is
/// nearly always whole by itself. Nothing depends on its success.
pub(super) fn settle(connection: &Connection) {
    let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
}

/// A connection that cannot write.
pub(super) fn for_reading(folder: &Path) -> Result<Connection, CaseError> {
    let path = folder.join(folder::DATABASE);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | careful();
    match open_and_look(&path, flags) {
        Ok(connection) => Ok(connection),
        Err(error) if needs_companions(&error) => without_companions(folder, &path, flags),
        Err(error) => Err(CaseError::database(&path)(error)),
    }
}

/// In a folder that cannot be written `SQLite` cannot make the index of the write-ahead log. Where that log is empty the
/// database is whole without it.
fn without_companions(folder: &Path, path: &Path, flags: OpenFlags) -> Result<Connection, CaseError> {
    let log = folder.join(format!("{}-wal", folder::DATABASE));
    if std::fs::symlink_metadata(&log).is_ok_and(|metadata| metadata.len() > 0) {
        return Err(CaseError::Unsettled(folder.to_path_buf()));
    }
    open_and_look(&immutable(path), flags | OpenFlags::SQLITE_OPEN_URI).map_err(CaseError::database(path))
}

fn open_and_look(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    harden(&connection)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn needs_companions(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// `file:` and the path with every byte but the plainest escaped, opened as a file that nobody changes.
fn immutable(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}

fn careful() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_EXRESCODE
}

/// The database may come from somebody else: nothing in it runs, and nothing in it is huge.
fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    ] {
        connection.set_db_config(setting, on)?;
    }
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, VALUE_AT_MOST),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 64 * 1024),
        (Limit::SQLITE_LIMIT_COLUMN, 64),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 64),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 64),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // A truncated file under a memory map is a SIGBUS.
    connection.query_row("PRAGMA mmap_size = 0", [], |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_syncs_every_commit_and_keeps_its_temporary_files_in_memory() {
        let folder = tempfile::TempDir::new().expect("folder");
        let folder = folder.path().canonicalize().expect("there");
        folder::make_database(&folder).expect("made");
        let connection = for_writing(&folder).expect("opens");
        make_durable(&connection).expect("durable");
        let number = |pragma: &str| {
            connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0)).expect(pragma)
        };
        let set = ["synchronous", "temp_store", "trusted_schema", "mmap_size"].map(number);
        assert_eq!(set, [2, 2, 0, 0], "FULL, MEMORY, off, none");
        let mode: String =
            connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("journal_mode");
        assert_eq!(mode, "wal");
    }
}

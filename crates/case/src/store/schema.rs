//! The layout of the database: numbered migrations, and the check that nothing else is in it.

use std::path::Path;

use rusqlite::Connection;

use super::CaseError;

/// `PRAGMA application_id` of every case: `Flmk` in ASCII.
pub(super) const APPLICATION: i64 = 0x466c_6d6b;

/// The migrations in order; the n-th brings a database of format n - 1 to format n.
///
/// A released one is never edited. Tables are remade rather than altered: [`check`] compares their text.
pub(super) const MIGRATIONS: &[&str] =
    &[include_str!("migrations/0001.sql"), include_str!("migrations/0002.sql")];

/// More objects than any format has; a hostile database is not listed further.
const OBJECTS_AT_MOST: usize = 1_000;

/// The format of the database: `None` for one that has nothing in it.
pub(super) fn format(connection: &Connection, path: &Path) -> Result<Option<i64>, CaseError> {
    let number = |pragma: &str| {
        connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).map_err(CaseError::database(path))
    };
    let application = number("PRAGMA application_id")?;
    let format = number("PRAGMA user_version")?;
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, format, objects) {
        (0, 0, 0) => Ok(None),
        (APPLICATION, 1.., _) => Ok(Some(format)),
        _ => Err(CaseError::Foreign(path.to_path_buf())),
    }
}

/// Brings a database of format `from` to the newest, within the caller's transaction.
pub(super) fn migrate(connection: &Connection, from: i64, migrations: &[&str]) -> rusqlite::Result<()> {
    let done = usize::try_from(from).unwrap_or(usize::MAX);
    for migration in migrations.iter().skip(done) {
        connection.execute_batch(migration)?;
    }
    let format = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", format)
}

/// Refuses a database whose tables, indexes, views and triggers are not exactly those of its format.
///
/// A trigger or a view in a case from somebody else would run inside our own statements.
pub(super) fn check(
    connection: &Connection,
    path: &Path,
    format: i64,
    migrations: &[&str],
) -> Result<(), CaseError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if format > known {
        return Err(CaseError::Newer { path: path.to_path_buf(), found: format, known });
    }
    let upto = usize::try_from(format).unwrap_or(0);
    let model = Connection::open_in_memory().map_err(CaseError::database(path))?;
    migrate(&model, 0, &migrations[..upto]).map_err(CaseError::database(path))?;

    let expected = objects(&model).map_err(CaseError::database(path))?;
    let found = objects(connection).map_err(CaseError::database(path))?;
    let layout = |what: String| CaseError::Layout { path: path.to_path_buf(), what };
    if let Some(object) = found.iter().find(|object| !expected.contains(object)) {
        return Err(layout(format!("{} is not of a case", object.name())));
    }
    if let Some(object) = expected.iter().find(|object| !found.contains(object)) {
        return Err(layout(format!("{} is missing", object.name())));
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Object {
    kind: String,
    name: String,
    table: String,
    sql: Option<String>,
}

impl Object {
    fn name(&self) -> String {
        format!("{} `{}`", self.kind, self.name)
    }
}

fn objects(connection: &Connection) -> rusqlite::Result<Vec<Object>> {
    let mut statement = connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type = 'index', type, name")?;
    let rows = statement.query_map([], |row| {
        Ok(Object { kind: row.get(0)?, name: row.get(1)?, table: row.get(2)?, sql: row.get(3)? })
    })?;
    rows.take(OBJECTS_AT_MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: &str = "CREATE TABLE added (entry INTEGER PRIMARY KEY) STRICT;
                        INSERT INTO added SELECT seq FROM log;";

    fn at_format(migrations: &[&str]) -> Connection {
        let connection = Connection::open_in_memory().expect("memory");
        migrate(&connection, 0, migrations).expect("migrates");
        connection
    }

    #[test]
    fn migrations_from_nothing_and_from_the_first_format_end_in_the_same_layout() {
        let path = Path::new("case.db");
        let both = [MIGRATIONS, &[NEXT]].concat();
        let fresh = at_format(&both);
        let old = at_format(MIGRATIONS);
        old.execute("INSERT INTO log VALUES (1, '', '', '', '', '', '', 0, x'', x'', x'')", [])
            .expect("a row of the old format");
        migrate(&old, format(&old, path).expect("a case").expect("not empty"), &both).expect("migrates");
        assert_eq!(objects(&fresh).expect("fresh"), objects(&old).expect("old"));
        let kept: i64 = old
            .query_row("SELECT count(*) FROM log JOIN added ON entry = seq", [], |row| row.get(0))
            .expect("count");
        assert_eq!(kept, 1, "what was there is still there");
        assert_eq!(format(&old, path).expect("a case"), Some(i64::try_from(both.len()).expect("few")));
    }

    #[test]
    fn a_newer_format_is_named_with_the_newest_one_known() {
        let newer = at_format(&[MIGRATIONS, &[NEXT]].concat());
        let error = check(&newer, Path::new("case.db"), 3, MIGRATIONS).expect_err("newer");
        assert_eq!(error.to_string(), "case.db: the case has format 3, this program knows up to 2");
    }

    #[test]
    fn an_empty_database_has_no_format_and_a_foreign_one_is_refused() {
        let path = Path::new("case.db");
        let connection = Connection::open_in_memory().expect("memory");
        assert_eq!(format(&connection, path).expect("empty"), None);
        connection.execute_batch("CREATE TABLE mine (x)").expect("a table");
        assert!(matches!(format(&connection, path), Err(CaseError::Foreign(_))));
    }
}

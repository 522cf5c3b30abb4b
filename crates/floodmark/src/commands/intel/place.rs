//! Where the database is.

use std::path::{Path, PathBuf};

use crate::cli::intel::Place;
use crate::commands::place;
use crate::failure::Failure;

/// The database that is named by flag or variable, by the configuration, or the one of this user.
pub(super) fn database(asked: &Place) -> Result<PathBuf, Failure> {
    let found = place::named(asked.database.as_deref())?.or_else(place::of_user);
    found.ok_or_else(|| {
        Failure::usage(
            "neither XDG_DATA_HOME nor HOME says where the database is",
            "name it: --database FILE",
        )
    })
}

/// The folder beside a database into which is fetched.
pub(super) fn fetched(database: &Path) -> PathBuf {
    beside(database, ".fetched")
}

/// The file beside a database that an update holds.
pub(super) fn update_lock(database: &Path) -> PathBuf {
    beside(database, ".update")
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The folder of a file, as a path that can be opened.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

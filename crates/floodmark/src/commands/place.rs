//! Where the database of what is known to be bad is.

use std::env;
use std::path::{Path, PathBuf};

use crate::cli::intel::Place;
use crate::config;
use crate::failure::Failure;

/// The database that is named by flag or variable, by the configuration, or the one of this user.
pub(super) fn database(place: &Place) -> Result<PathBuf, Failure> {
    if let Some(named) = &place.database {
        return Ok(named.clone());
    }
    if let Some(configured) = config::of_working_folder()?.intel.database {
        return Ok(configured);
    }
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")));
    data.map(|data| data.join("floodmark/intel.db")).ok_or_else(|| {
        Failure::usage(
            "neither XDG_DATA_HOME nor HOME says where the database is",
            "name it: --database FILE",
        )
    })
}

/// The database to ask: it must be there if somebody named it.
pub(super) fn database_to_ask(place: &Place) -> Result<Option<PathBuf>, Failure> {
    let is_named = place.database.is_some() || config::of_working_folder()?.intel.database.is_some();
    match database(place) {
        Ok(path) if is_named || path.is_file() => Ok(Some(path)),
        Err(failure) if is_named => Err(failure),
        _ => Ok(None),
    }
}

/// The folder of a file, as a path that can be opened.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

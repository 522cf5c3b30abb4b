//! Where the database of what is known to be bad is.

use std::env;
use std::path::{Path, PathBuf};

use crate::config;
use crate::failure::Failure;

/// The database that is named by flag or variable, or else by the configuration.
pub(super) fn named(flag: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    match flag {
        Some(flag) => Ok(Some(flag.to_owned())),
        None => Ok(config::of_working_folder()?.intel.database),
    }
}

/// The database of this user, whether it is there or not; none where nothing says where that would be.
pub(super) fn of_user() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")));
    data.map(|data| data.join("floodmark/intel.db"))
}

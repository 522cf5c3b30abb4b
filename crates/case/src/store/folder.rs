//! The files of a case, and the care with which they are opened: the folder may come from somebody else.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::CaseError;

pub(super) const DATABASE: &str = "case.db";
pub(super) const LOCK: &str = "case.lock";
pub(super) const HEAD: &str = "case.head";
pub(super) const NEW_HEAD: &str = "case.head.new";

/// The most that is read of the small files beside the database.
const SMALL_FILE: u64 = 64 * 1024;

/// The canonical path of the folder of a case that is there.
pub(super) fn find(folder: &Path) -> Result<PathBuf, CaseError> {
    let canonical = match folder.canonicalize() {
        Ok(canonical) if canonical.is_dir() => canonical,
        Ok(_) => return Err(CaseError::Missing(folder.to_path_buf())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(CaseError::Missing(folder.to_path_buf()));
        }
        Err(error) => return Err(CaseError::io(folder)(error)),
    };
    // A link or a device in the place of the database is no case.
    match fs::symlink_metadata(canonical.join(DATABASE)) {
        Ok(metadata) if metadata.is_file() => Ok(canonical),
        Ok(_) => Err(CaseError::NoCase(canonical)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(CaseError::NoCase(canonical)),
        Err(error) => Err(CaseError::io(&canonical)(error)),
    }
}

/// Makes the folder if it is not there, for its owner only, and refuses one that holds something else.
pub(super) fn make(folder: &Path) -> Result<PathBuf, CaseError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(CaseError::io(folder))?;
    let folder = folder.canonicalize().map_err(CaseError::io(folder))?;
    let mut entries = Vec::new();
    for entry in fs::read_dir(&folder).map_err(CaseError::io(&folder))? {
        let entry = entry.map_err(CaseError::io(&folder))?;
        entries.push(entry.file_name().to_string_lossy().into_owned());
    }
    entries.sort();
    // A head without entries: the database was taken away, and what is left must not pass for a new case.
    let has_database = std::fs::metadata(folder.join(DATABASE)).is_ok_and(|metadata| metadata.len() > 0);
    if !has_database && entries.iter().any(|entry| entry == HEAD) {
        return Err(CaseError::NotEmpty { folder, entry: HEAD.to_owned() });
    }
    match entries.into_iter().find(|entry| !is_of_a_case(entry)) {
        Some(entry) => Err(CaseError::NotEmpty { folder, entry }),
        None => Ok(folder),
    }
}

fn is_of_a_case(name: &str) -> bool {
    let beside = name.strip_prefix(DATABASE);
    matches!(beside, Some("" | "-wal" | "-shm" | "-journal")) || matches!(name, LOCK | HEAD | NEW_HEAD)
}

/// Makes an empty `case.db` for its owner only, unless there is one; `SQLite` gives its companions the same mode.
pub(super) fn make_database(folder: &Path) -> Result<(), CaseError> {
    let path = folder.join(DATABASE);
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(CaseError::io(&path)(error)),
    }
}

/// Opens a small file of the case for reading and writing, making it if needed; never through a link.
pub(super) fn open_small(path: &Path) -> io::Result<File> {
    let file = careful(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)?;
    regular(file)
}

/// The content of a small file of the case, `None` if it is not there; never through a link, never more than 64 KiB.
pub(super) fn read_small(path: &Path) -> io::Result<Option<String>> {
    let file = match careful(OpenOptions::new().read(true)).open(path) {
        Ok(file) => regular(file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(SMALL_FILE).read_to_end(&mut bytes)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Makes what was done to the names in a folder durable.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// `NOFOLLOW` refuses links, `NONBLOCK` keeps a FIFO from stopping us for ever.
fn careful(options: &mut OpenOptions) -> &mut OpenOptions {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.mode(0o600).custom_flags(flags.bits().cast_signed())
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "expected a regular file"))
}

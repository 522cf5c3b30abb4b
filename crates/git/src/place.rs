//! Where the repository of a folder lies, <https://git-scm.com/docs/gitrepository-layout>.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::config::settings;
use crate::confines::is_absent;
use crate::error::OpenError;

/// The most that a file which names a folder may hold.
const MOST_NAMING: u64 = 8 << 10;

/// The most of a submodule's configuration that is looked at for the folder that it is checked out in.
const MOST_CONFIG: u64 = 64 << 10;

/// The folders of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where HEAD is: of a worktree its own.
    pub(crate) git: PathBuf,
    /// Where objects and refs are.
    pub(crate) common: PathBuf,
    /// Whether a `.git` file named it.
    is_named: bool,
}

impl Place {
    /// The repository at a path: its top, a bare one, or a `.git` folder itself.
    pub(crate) fn of(path: &Path) -> Result<Self, OpenError> {
        let dot = path.join(".git");
        let (git, is_named) = if dot.is_dir() {
            (dot, false)
        } else if let Some(named) = naming(&dot, "gitdir: ").map_err(|error| file(&dot, error))? {
            (path.join(named), true)
        } else if path.join("HEAD").exists()
            && (path.join("objects").is_dir() || path.join("commondir").is_file())
        {
            (path.to_owned(), false)
        } else {
            return Err(OpenError::None { path: path.to_owned() });
        };
        let shared = git.join("commondir");
        let common = match naming(&shared, "").map_err(|error| file(&shared, error))? {
            Some(common) => git.join(common),
            None => git.clone(),
        };
        Ok(Self { git, common, is_named })
    }
}

/// The folders outside of a path that its repository lies in: those of a worktree or a submodule, whose `.git` is a file.
///
/// That file is of whoever made the folder, and could name any repository of this user. So it counts only where the
/// repository names the folder back. To be asked before the process locks itself, about what it is to see: no more than
/// a few short texts are read.
pub fn beyond(path: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let place = match Place::of(path) {
        Ok(place) if place.is_named => place,
        // What is wrong shows again when it is opened.
        Ok(_) | Err(OpenError::None { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let real = |path: &Path| path.canonicalize().map_err(|error| file(path, error));
    let (top, git, common) = (real(path)?, real(&place.git)?, real(&place.common)?);
    if git.starts_with(&top) && common.starts_with(&top) {
        return Ok(Vec::new());
    }
    let dot = path.join(".git");
    if !git.starts_with(&common) || !names_back(&git, &top) {
        return Err(OpenError::Stranger { path: dot, named: common });
    }
    Ok(vec![common])
}

/// Whether a repository's folder names the folder that it is checked out in.
fn names_back(git: &Path, top: &Path) -> bool {
    let is_top = |path: PathBuf| path.canonicalize().is_ok_and(|path| path == top);
    if let Ok(Some(dot)) = naming(&git.join("gitdir"), "") {
        return git.join(dot).parent().is_some_and(|parent| is_top(parent.to_owned()));
    }
    let Ok(Some(config)) = small(&git.join("config"), MOST_CONFIG) else { return false };
    let (settings, _) = settings(&config);
    let worktree = settings.iter().rfind(|one| one.section == "core" && one.key == "worktree");
    worktree.is_some_and(|one| is_top(git.join(&one.value)))
}

/// The path that a short file names behind these letters, if there is such a file.
fn naming(path: &Path, letters: &str) -> io::Result<Option<PathBuf>> {
    let Some(bytes) = small(path, MOST_NAMING)? else { return Ok(None) };
    let named = bytes.strip_prefix(letters.as_bytes()).map(<[u8]>::trim_ascii_end);
    match named.filter(|named| !named.is_empty()) {
        Some(named) => Ok(Some(PathBuf::from(OsStr::from_bytes(named)))),
        None => Err(io::Error::other(format!("names no folder; expected `{letters}` and a path"))),
    }
}

/// A small file, if it is there.
fn small(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    match path.metadata() {
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
        Ok(found) if !found.is_file() => return Ok(None),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("has more than {most} bytes; expected less")));
    }
    Ok(Some(bytes))
}

fn file(path: &Path, error: io::Error) -> OpenError {
    OpenError::File { path: path.to_owned(), error }
}

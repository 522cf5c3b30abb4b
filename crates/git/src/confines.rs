//! Which files of a repository may be opened.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Folders that nothing leads out of: the target, and the repository of a worktree.
#[derive(Debug)]
pub(crate) struct Confines(Vec<PathBuf>);

impl Confines {
    /// Those of these folders.
    pub(crate) fn of<'p>(folders: impl IntoIterator<Item = &'p Path>) -> io::Result<Self> {
        folders.into_iter().map(Path::canonicalize).collect::<io::Result<_>>().map(Self)
    }

    /// The path without links, if it stays inside.
    pub(crate) fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let real = path.canonicalize()?;
        if self.0.iter().any(|folder| real.starts_with(folder)) {
            return Ok(real);
        }
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "lies outside of the target"))
    }

    /// The path without links of a file, if there is one; anything else in its place is none.
    pub(crate) fn file(&self, path: &Path) -> io::Result<Option<PathBuf>> {
        let real = match self.real(path) {
            Err(error) if is_absent(&error) => return Ok(None),
            real => real?,
        };
        // Looked at before it is opened: to open a FIFO is to wait for its other end.
        Ok(fs::metadata(&real)?.is_file().then_some(real))
    }

    /// Opens a file, if there is one.
    pub(crate) fn open(&self, path: &Path) -> io::Result<Option<File>> {
        self.file(path)?.map(File::open).transpose()
    }

    /// The text of a small file, if there is one.
    pub(crate) fn text(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = self.open(path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::Error::other(format!("has more than {most} bytes; expected less")));
        }
        Ok(Some(bytes))
    }
}

/// Whether there is nothing at a path.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

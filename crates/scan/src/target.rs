//! What is scanned.
//!
//! A target hands out files by their path within it. Whoever reads one knows neither where it comes from nor what lies
//! around it, and no path leads out of a target.

mod folder;
mod held;
mod image;
mod inflate;
mod passing;
mod revision;
mod tar;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::{Component as Step, Path, PathBuf};
use std::sync::Arc;

use floodmark_case::{EvidenceId, ReadSource, Unread};

pub(crate) use folder::Folder;
pub(crate) use held::Held;
pub(crate) use image::{Asked, Claim, Image, Keep, read_layer};
pub use image::{Platform, PlatformError};
pub use revision::{Revision, RevisionError};

/// How deep folders may be nested.
const MAX_DEPTH: usize = 256;

/// As many links as Linux follows, `path_resolution(7)`.
const MAX_LINKS: usize = 40;

/// Files by their path within it.
pub(crate) trait Target: Sync {
    /// Goes over everything, and hands out the files that are wanted and what could not be looked at, in an order that
    /// depends on nothing but their paths. A path is asked for with `/` between its parts.
    fn walk(&self, wanted: &dyn Fn(&str) -> Wanted, visit: &mut dyn FnMut(Met));

    /// Whether the file at this path is all of the target.
    fn is_only(&self, _path: &Path) -> bool {
        false
    }

    /// Opens the file at a path that [`within`] made, or that [`Target::walk`] handed out.
    ///
    /// Links are followed as long as they stay in the target.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>>;

    /// How many bytes the file at a path has, if that is known before it is read.
    fn size(&self, _path: &Path) -> Option<u64> {
        None
    }

    /// Whether there is a file at a path as [`Target::open`] takes it.
    fn has(&self, path: &Path) -> bool {
        self.open(path).is_ok()
    }

    /// What was read to know which files there are, and what could not be.
    fn opened(&self) -> (Vec<ReadSource>, Vec<Unread>) {
        (Vec::new(), Vec::new())
    }

    /// The layer that the file at a path is of, by its digest, where the target is made of layers.
    fn layer(&self, _path: &Path) -> Option<Arc<str>> {
        None
    }

    /// The first bytes of a file, `count` or all.
    fn beginning(&self, path: &Path, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(count);
        self.open(path)?.take(count as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// What the target says of another repository at a path.
    fn pinned(&self, _path: &Path) -> Pinned {
        Pinned::Unknown
    }

    /// Opens a file as [`Target::open`] does, to be read anywhere. A target that cannot do that holds all of it in memory,
    /// if it is no more than `most` bytes.
    fn open_anywhere(&self, path: &Path, most: u64) -> io::Result<Box<dyn Anywhere + '_>> {
        let mut bytes = Vec::new();
        self.open(path)?.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::Error::other(format!("is larger than {most} bytes; expected less")));
        }
        Ok(Box::new(Cursor::new(bytes)))
    }
}

/// A file that can be read anywhere.
pub(crate) trait Anywhere: Read + Seek {
    /// Its hash and how many bytes it has, if that is known without reading all of it again.
    fn known(&self) -> Option<(EvidenceId, u64)> {
        None
    }
}

impl Anywhere for File {}

impl<T: AsRef<[u8]>> Anywhere for Cursor<T> {}

/// Whether a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Whatever is in it.
    No,
    /// For its path, also where it is only a link to a file.
    ByPath,
    /// If its content is right. A link to it is not wanted: it is met in its own place.
    ByContent,
}

/// What a walk meets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// A file that is wanted.
    File(PathBuf),
    /// Something that could not be looked at: its path, and what was wrong.
    Unread(PathBuf, String),
    /// Something whose content is not in the target, and should not be: its path, and where it is.
    Elsewhere(PathBuf, String),
}

/// Which commit of another repository belongs at a path: of a submodule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pinned {
    /// The target cannot say.
    Unknown,
    /// There is no submodule.
    Nothing,
    /// This one.
    At(String),
}

/// The path that a text in the file `from` means, if it does not lead out of the target; `/` in front is the target's root.
pub(crate) fn within(from: &Path, text: &str) -> Option<PathBuf> {
    let start = if text.starts_with('/') { Path::new("") } else { from.parent().unwrap_or(Path::new("")) };
    let mut path = start.to_owned();
    for step in Path::new(text).components() {
        match step {
            Step::Normal(name) => path.push(name),
            Step::ParentDir if !path.pop() => return None,
            Step::ParentDir | Step::CurDir | Step::RootDir => {}
            Step::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// The steps of a path, from wherever it starts.
fn names(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter(|step| matches!(step, Step::Normal(_) | Step::ParentDir))
        .map(|step| step.as_os_str().to_owned())
        .collect()
}

/// A path within a target as it is shown and compared with patterns.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_from_the_file_that_names_it_and_never_leads_out() {
        let from = Path::new("services/web/requirements.txt");
        for (text, path) in [
            ("dev.txt", Some("services/web/dev.txt")),
            ("../../base.txt", Some("base.txt")),
            ("./a//b", Some("services/web/a/b")),
            ("/etc/os-release", Some("etc/os-release")),
            ("../../../out", None),
            ("/../out", None),
        ] {
            assert_eq!(within(from, text).as_deref(), path.map(Path::new), "{text}");
        }
    }
}

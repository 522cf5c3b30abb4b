//! The files below a folder, in the order of their names.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::limits::FOLDER_DEPTH;

/// Something below a folder.
#[derive(Debug)]
pub(super) enum Found {
    File(PathBuf),
    /// Something that is not entered or opened, and why.
    Passed(PathBuf, &'static str),
    /// A folder that could not be entered.
    Closed(PathBuf, io::Error),
}

/// Walks a folder. Links are not followed, and what belongs to Git is left out.
pub(super) struct Walk {
    /// What is to be looked at next, with its depth, first things first.
    ahead: VecDeque<(PathBuf, usize)>,
}

impl Walk {
    pub(super) fn of(folder: &Path) -> Self {
        Self { ahead: VecDeque::from([(folder.to_owned(), 0)]) }
    }

    fn enter(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        let mut names = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort_unstable();
        for name in names.into_iter().rev().filter(|name| name != ".git") {
            self.ahead.push_front((folder.join(name), depth + 1));
        }
        Ok(())
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while let Some((path, depth)) = self.ahead.pop_front() {
            // The folder that was asked for may be a link.
            let looked = if depth == 0 { fs::metadata(&path) } else { fs::symlink_metadata(&path) };
            let kind = match looked {
                Ok(metadata) => metadata.file_type(),
                Err(error) => return Some(Found::Closed(path, error)),
            };
            if kind.is_file() {
                return Some(Found::File(path));
            }
            if kind.is_symlink() {
                return Some(Found::Passed(path, "it is a link, which is not followed"));
            }
            if !kind.is_dir() {
                return Some(Found::Passed(path, "it is neither a file nor a folder"));
            }
            if depth >= FOLDER_DEPTH {
                return Some(Found::Passed(path, "it lies too deep"));
            }
            if let Err(error) = self.enter(&path, depth) {
                return Some(Found::Closed(path, error));
            }
        }
        None
    }
}

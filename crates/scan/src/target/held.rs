//! A target in memory.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Met, Target, Wanted, shown};

/// Files by path.
#[derive(Debug, Default)]
pub(crate) struct Held(BTreeMap<PathBuf, Vec<u8>>);

impl Held {
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        Self(files.into_iter().map(|(path, bytes)| (path.into(), bytes.to_owned())).collect())
    }
}

impl Target for Held {
    fn walk(&self, wanted: &dyn Fn(&str) -> Wanted, visit: &mut dyn FnMut(Met)) {
        self.0
            .keys()
            .filter(|path| wanted(&shown(path)) != Wanted::No)
            .for_each(|path| visit(Met::File(path.clone())));
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        match self.0.get(path) {
            Some(bytes) => Ok(Box::new(bytes.as_slice())),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

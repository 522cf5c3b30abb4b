//! The packs of a repository.

use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gix_hash::{Kind, ObjectId, Prefix};
use gix_pack::{data, index};

use crate::confines::{Confines, is_absent};

/// The most packs that are opened. Each takes two places in the process's table of maps, which has 65,530.
const MOST_PACKS: usize = 20_000;

/// The most memory that decoding one object may take: a base, a result, and the deltas between.
const MOST_DECODING: usize = 1 << 30;

/// A pack, whose index is open.
pub(crate) struct Pack {
    pub(crate) index: index::File<gix_pack::MMap>,
    /// Tells it from the others.
    number: u32,
    path: PathBuf,
    data: OnceLock<Result<data::File<gix_pack::MMap>, String>>,
}

/// A pack that cannot be opened: its index, and why.
pub(crate) type Broken = (PathBuf, String);

/// The packs in a folder of objects, numbered from `first`, and what is wrong with others.
pub(crate) fn packs(
    confines: &Confines,
    objects: &Path,
    hash: Kind,
    first: usize,
) -> io::Result<(Vec<Pack>, Vec<Broken>)> {
    let (mut packs, mut broken) = (Vec::new(), Vec::new());
    let folder = match confines.real(&objects.join("pack")) {
        Err(error) if is_absent(&error) => return Ok((packs, broken)),
        folder => folder?,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "idx") {
            names.push(path);
        }
    }
    names.sort_unstable();
    for path in names.drain(..names.len().min(MOST_PACKS)) {
        let number = u32::try_from(first + packs.len()).unwrap_or(u32::MAX);
        match Pack::open(confines, &path, hash, number) {
            Ok(pack) => packs.push(pack),
            Err(why) => broken.push((path, why)),
        }
    }
    if let Some(path) = names.into_iter().next() {
        broken.push((path, format!("comes after {MOST_PACKS} packs; it and the following are not opened")));
    }
    Ok((packs, broken))
}

impl Pack {
    fn open(confines: &Confines, path: &Path, hash: Kind, number: u32) -> Result<Self, String> {
        let file = |path: &Path| match confines.file(path) {
            Ok(Some(path)) => Ok(path),
            Ok(None) => Err("has no file of objects beside it".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let index = index::File::at(file(path)?, hash).map_err(|error| told(&error))?;
        let path = file(&path.with_extension("pack"))?;
        Ok(Self { index, number, path, data: OnceLock::new() })
    }

    /// Its objects.
    pub(crate) fn data(&self) -> Result<&data::File<gix_pack::MMap>, &str> {
        let open = || {
            let hash = self.index.object_hash();
            let mut file = data::File::at(&self.path, hash).map_err(|error| told(&error))?;
            // Made of the path otherwise, so that whoever chooses that could give two packs one number.
            file.id = self.number;
            Ok(file.with_alloc_limit_bytes(Some(MOST_DECODING)))
        };
        self.data.get_or_init(open).as_ref().map_err(String::as_str)
    }

    /// Where an object begins, if it is here.
    pub(crate) fn offset(&self, id: &ObjectId) -> Option<u64> {
        self.index.lookup(id).map(|number| self.index.pack_offset_at_index(number))
    }

    /// The objects whose ids begin so, up to a number.
    pub(crate) fn beginning(&self, prefix: Prefix, most: usize) -> Vec<ObjectId> {
        let mut range = 0..0;
        self.index.lookup_prefix(prefix, Some(&mut range));
        range.take(most).map(|number| self.index.oid_at_index(number).to_owned()).collect()
    }
}

/// An error of `gix` in a line.
pub(crate) fn told(error: &impl Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

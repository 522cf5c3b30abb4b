//! A repository, opened.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix_hash::{Kind, ObjectId};

use crate::config::{Setting, settings};
use crate::confines::Confines;
use crate::error::OpenError;
use crate::packs::packs;
use crate::place::Place;
use crate::reader::{Reader, Store};
use crate::refs::{Refs, is_there};

/// The most of a configuration that is looked at.
const MOST_CONFIG: u64 = 1 << 20;

/// The most of a list of alternates, of grafts or of the ends of a shallow clone that is looked at.
const MOST_LIST: u64 = 64 << 20;

/// The most folders of objects, its own and alternates.
const MOST_FOLDERS: usize = 64;

/// Extensions that change nothing of what is read, whatever their value.
const HARMLESS: [&str; 6] =
    ["compatobjectformat", "noop", "noop-v1", "preciousobjects", "relativeworktrees", "worktreeconfig"];

/// A repository.
pub struct Repository {
    pub(crate) place: Place,
    pub(crate) store: Arc<Store>,
    pub(crate) shallow: Vec<ObjectId>,
    pub(crate) names: Names,
    notes: Vec<Note>,
}

/// How refs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    Files,
    /// In a format that is not read.
    Reftable,
}

/// Something of a repository that is left out, or not there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// What it is about: a file of the repository.
    pub path: PathBuf,
    /// What is left out.
    pub why: String,
    /// Whether it should be there, and cannot be read.
    pub is_broken: bool,
}

impl Repository {
    /// Opens the repository at a path. Nothing is read but what lies there, or in the folders that [`crate::beyond`] told.
    pub fn open(path: &Path, beyond: &[PathBuf]) -> Result<Self, OpenError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error: io::Error| OpenError::File { path, error }
        };
        let folders = std::iter::once(path).chain(beyond.iter().map(PathBuf::as_path));
        let confines = Confines::of(folders).map_err(at(path))?;
        let place = Place::of(path)?;
        for folder in [&place.git, &place.common] {
            confines.real(folder).map_err(at(folder))?;
        }
        let config = place.common.join("config");
        let written = confines.text(&config, MOST_CONFIG).map_err(at(&config))?.unwrap_or_default();
        let Format { hash, names, is_partial } = Format::of(&settings(&written).0)
            .map_err(|why| OpenError::Format { path: config.clone(), why })?;
        let mut notes = Vec::new();
        let mut note = |path: &Path, why: String, is_broken: bool| {
            notes.push(Note { path: path.to_owned(), why, is_broken });
        };
        let objects = place.common.join("objects");
        let own = confines.real(&objects).map_err(at(&objects))?;
        let (folders, outside) = alternates(&confines, own);
        for (file, why) in &outside {
            note(file, why.clone(), false);
        }
        let mut open = Vec::new();
        for folder in &folders {
            let (packs, broken) = packs(&confines, folder, hash, open.len()).map_err(at(folder))?;
            open.extend(packs);
            for (path, why) in broken {
                note(&path, format!("is a pack that cannot be opened: {why}"), true);
            }
        }
        let list = place.common.join("shallow");
        let shallow = ids(&confines.text(&list, MOST_LIST).map_err(at(&list))?.unwrap_or_default());
        if !shallow.is_empty() {
            note(
                &list,
                format!("ends the history at {} commits: this is a shallow clone", shallow.len()),
                false,
            );
        }
        if is_partial {
            note(
                &config,
                "says that this is a partial clone: what was not fetched is not there".into(),
                false,
            );
        }
        let grafts = place.common.join("info/grafts");
        if is_there(&grafts) {
            note(&grafts, "gives commits other parents, and is not applied".into(), false);
        }
        if Refs::new(&confines, &place).has_any("refs/replace") {
            let path = place.common.join("refs/replace");
            note(&path, "puts objects in the place of others, and is not applied".into(), false);
        }
        if names == Names::Reftable {
            let path = place.common.join("reftable");
            note(
                &path,
                "holds tags and branches in a format that is not read; a commit is found by its id".into(),
                false,
            );
        }
        notes.sort();
        let remark = remark(is_partial, !outside.is_empty());
        let store = Arc::new(Store { hash, confines, folders, packs: open, remark });
        Ok(Self { place, store, shallow, names, notes })
    }

    /// What is left out of it, or not there.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The hash that its ids are made with.
    pub fn hash(&self) -> Kind {
        self.store.hash
    }

    /// A reader of its objects.
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.store))
    }
}

fn remark(is_partial: bool, has_outside: bool) -> Option<String> {
    let text = match (is_partial, has_outside) {
        (false, false) => return None,
        (true, false) => "this is a partial clone, and not all was fetched",
        (false, true) => "its alternates lie outside of the target, and are not read",
        (true, true) => "this is a partial clone, and its alternates lie outside of the target",
    };
    Some(text.to_owned())
}

/// How a repository is kept, <https://git-scm.com/docs/repository-version>.
struct Format {
    hash: Kind,
    names: Names,
    is_partial: bool,
}

impl Format {
    fn of(settings: &[Setting]) -> Result<Self, String> {
        let mut format = Self { hash: Kind::Sha1, names: Names::Files, is_partial: false };
        let core = |one: &&Setting| one.section == "core" && one.key == "repositoryformatversion";
        let version = settings.iter().rfind(core).map_or("0", |one| one.value.as_str());
        if !matches!(version, "0" | "1") {
            return Err(format!("says that the repository is of format {version}; expected 0 or 1"));
        }
        for one in settings {
            match (one.section.as_str(), one.key.as_str(), one.value.to_ascii_lowercase().as_str()) {
                ("extensions", "objectformat", "sha256") => format.hash = Kind::Sha256,
                ("extensions", "refstorage", "reftable") => format.names = Names::Reftable,
                ("extensions", "partialclone", _) | ("remote", "promisor", "true") => {
                    format.is_partial = true;
                }
                ("extensions", key, value) if version == "1" && !is_harmless(key, value) => {
                    return Err(format!("has the extension {key} = {value}, which is not known"));
                }
                _ => {}
            }
        }
        Ok(format)
    }
}

/// Whether an extension changes nothing of what is read.
fn is_harmless(key: &str, value: &str) -> bool {
    match key {
        "objectformat" => value == "sha1",
        "refstorage" => value == "files",
        _ => HARMLESS.contains(&key),
    }
}

/// The folders of objects, its own first; and the files that name others outside of the target.
fn alternates(confines: &Confines, own: PathBuf) -> (Vec<PathBuf>, Vec<(PathBuf, String)>) {
    let (mut folders, mut outside) = (vec![own], Vec::new());
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        let file = folder.join("info/alternates");
        let list = match confines.text(&file, MOST_LIST) {
            Ok(list) => list.unwrap_or_default(),
            Err(error) => {
                outside.push((file, format!("cannot be read: {error}")));
                continue;
            }
        };
        let lines =
            list.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#"));
        for line in lines {
            let named = folder.join(OsStr::from_bytes(line));
            match confines.real(&named) {
                Ok(real) if folders.contains(&real) => {}
                Ok(real) if folders.len() < MOST_FOLDERS && real.is_dir() => folders.push(real),
                Ok(_) => outside.push((
                    file.clone(),
                    format!(
                        "names {}, which is no folder, or one of more than {MOST_FOLDERS}",
                        named.display()
                    ),
                )),
                Err(error) => outside.push((
                    file.clone(),
                    format!("borrows objects from {}, which {error} and is not read", named.display()),
                )),
            }
            if outside.len() > MOST_FOLDERS {
                return (folders, outside);
            }
        }
    }
    (folders, outside)
}

/// An id in each line.
fn ids(list: &[u8]) -> Vec<ObjectId> {
    let lines = list.split(|byte| *byte == b'\n');
    let mut ids: Vec<ObjectId> =
        lines.filter_map(|line| ObjectId::from_hex(line.trim_ascii()).ok()).collect();
    ids.sort_unstable();
    ids
}

//! A git repository at a revision: the files of a commit, as a checkout would have them.
//!
//! Nothing is checked out. The names of all files are held, and the content of one is read from the objects of the
//! repository when a format claims it. Links are those of the tree, as in a folder; what a submodule holds is in another
//! repository, and told as not read.

mod trees;

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Cursor, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use floodmark_case::{self as case, ReadSource, Timestamp, Unread};
use floodmark_git::{Commit, Mode, ObjectId, OpenError, Reader, Repository, settings};

use self::trees::{Node, Trees};
use super::{MAX_DEPTH, MAX_LINKS, Met, Pinned, Target, Wanted, names, shown};
use crate::read::MOST_BYTES;

/// How many entries are walked over at least, before it counts how often trees are there again.
const FREE_ENTRIES: usize = 100_000;

/// How often as many entries are walked over as the trees hold. A tree may be there many times, so that a few kilobytes are
/// as many files as anybody likes; in a real repository hardly any is there twice.
const TIMES_HELD: usize = 16;

/// The longest text of a link, as Linux has it.
const MOST_OF_LINK: u64 = 4096;

/// The most of `.gitmodules` that is looked at.
const MOST_MODULES: u64 = 16 << 20;

/// Why there is no such revision.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// The repository cannot be opened.
    #[error(transparent)]
    Repository(#[from] OpenError),
    /// The text names no commit of it.
    #[error(transparent)]
    Commit(#[from] floodmark_git::RevisionError),
}

/// A commit of a repository.
pub struct Revision {
    path: PathBuf,
    asked: String,
    repository: Repository,
    commit: Commit,
    trees: Trees,
    /// The URLs of submodules by their path.
    submodules: BTreeMap<String, String>,
    /// Those that nobody reads with at the moment.
    readers: Mutex<Vec<Reader>>,
}

impl Revision {
    /// The folders outside of a path that its repository lies in. To be asked before the process locks itself, about what
    /// it is to see; a folder whose repository does not name it back is an error.
    pub fn beyond(path: &Path) -> Result<Vec<PathBuf>, RevisionError> {
        Ok(floodmark_git::beyond(path)?)
    }

    /// The commit that a text names in the repository at a path.
    pub fn open(path: &Path, beyond: &[PathBuf], asked: &str) -> Result<Self, RevisionError> {
        let repository = Repository::open(path, beyond)?;
        let commit = repository.commit(asked)?;
        let mut reader = repository.reader();
        let trees = Trees::read(&mut reader, repository.hash(), commit.tree);
        let mut revision = Self {
            path: path.to_owned(),
            asked: asked.to_owned(),
            repository,
            commit,
            trees,
            submodules: BTreeMap::new(),
            readers: Mutex::new(vec![reader]),
        };
        revision.submodules = revision.modules();
        Ok(revision)
    }

    /// What was asked, and what was found.
    pub fn told(&self) -> case::Revision {
        case::Revision {
            repository: shown(&self.path),
            asked: self.asked.clone(),
            commit: self.commit.id.to_string(),
            committed: self.commit.committed.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        }
    }

    /// The URLs in `.gitmodules`, by path.
    fn modules(&self) -> BTreeMap<String, String> {
        let mut bytes = Vec::new();
        let read = (&self)
            .open(Path::new(".gitmodules"))
            .and_then(|file| file.take(MOST_MODULES).read_to_end(&mut bytes));
        if read.is_err() {
            return BTreeMap::new();
        }
        let (mut paths, mut urls) = (BTreeMap::new(), BTreeMap::new());
        for one in settings(&bytes).0.into_iter().filter(|one| one.section == "submodule") {
            match one.key.as_str() {
                "path" => drop(paths.insert(one.subsection, one.value)),
                "url" => drop(urls.insert(one.subsection, one.value)),
                _ => {}
            }
        }
        paths.into_iter().filter_map(|(name, path)| Some((path, urls.remove(&name)?))).collect()
    }

    /// Does something with a reader of objects.
    fn reading<T>(&self, work: impl FnOnce(&mut Reader) -> T) -> T {
        let free = self.readers.lock().ok().and_then(|mut readers| readers.pop());
        let mut reader = free.unwrap_or_else(|| self.repository.reader());
        let done = work(&mut reader);
        if let Ok(mut readers) = self.readers.lock() {
            readers.push(reader);
        }
        done
    }

    fn blob(&self, id: &ObjectId) -> io::Result<Vec<u8>> {
        self.reading(|reader| reader.blob(id, MOST_BYTES)).map_err(io::Error::other)
    }

    /// What stands at a path, links followed, as a kernel would with the tree as its root.
    fn find(&self, path: &Path) -> io::Result<(Mode, ObjectId)> {
        let mut steps: VecDeque<OsString> = names(path);
        let mut links = 0;
        // Each step with what it is.
        let mut done: Vec<(Mode, ObjectId)> = Vec::new();
        while let Some(step) = steps.pop_front() {
            if step == ".." {
                done.pop()
                    .ok_or_else(|| io::Error::other("is a symbolic link that leads out of the target"))?;
                continue;
            }
            let (mode, id) = done.last().copied().unwrap_or((Mode::Tree, self.commit.tree));
            if mode != Mode::Tree {
                let kind = if mode == Mode::Submodule {
                    io::ErrorKind::NotFound
                } else {
                    io::ErrorKind::NotADirectory
                };
                return Err(told(kind));
            }
            let node = self.trees.entry(&id, &step).map_err(io::Error::other)?;
            let node = node.ok_or_else(|| told(io::ErrorKind::NotFound))?;
            if node.mode != Mode::Link {
                done.push((node.mode, node.id));
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::other("is a symbolic link that leads to others without end"));
            }
            let to = self.reading(|reader| reader.blob(&node.id, MOST_OF_LINK)).map_err(io::Error::other)?;
            let to = PathBuf::from(OsString::from_vec(to));
            if to.is_absolute() {
                done.clear();
            }
            let mut all = names(&to);
            all.append(&mut steps);
            steps = all;
        }
        Ok(done.pop().unwrap_or((Mode::Tree, self.commit.tree)))
    }

    /// The entries of a folder; what is wrong with it is told.
    fn entries<'t>(
        &'t self,
        folder: &Path,
        id: &ObjectId,
        visit: &mut dyn FnMut(Met),
    ) -> Option<impl Iterator<Item = Node<'t>> + use<'t>> {
        if self.trees.is_broken(id) {
            let why = "is a tree that ends in something that is no entry; what comes before is read";
            visit(Met::Unread(folder.to_owned(), why.to_owned()));
        }
        self.trees.entries(id).map_err(|why| visit(Met::Unread(folder.to_owned(), why))).ok()
    }

    /// What is to be said of an entry that is no folder.
    fn met(&self, path: PathBuf, node: &Node<'_>, wanted: &dyn Fn(&str) -> Wanted) -> Option<Met> {
        if let Some(fault) = node.fault {
            return Some(Met::Unread(path, fault.to_owned()));
        }
        if node.mode == Mode::Submodule {
            return Some(self.submodule(path, &node.id));
        }
        let found = match (wanted(&shown(&path)), node.mode) {
            (Wanted::No, _) | (Wanted::ByContent, Mode::Link) => return None,
            (_, Mode::Link) => self.find(&path).map(|(mode, _)| mode),
            (_, mode) => Ok(mode),
        };
        match found {
            Ok(Mode::File) => Some(Met::File(path)),
            Ok(Mode::Tree | Mode::Submodule) => None,
            Ok(Mode::Link | Mode::Other) => {
                Some(Met::Unread(path, "has a mode that git does not give; expected a file".to_owned()))
            }
            Err(error) => Some(Met::Unread(path, error.to_string())),
        }
    }

    fn submodule(&self, path: PathBuf, commit: &ObjectId) -> Met {
        let Some(url) = self.submodules.get(&shown(&path)) else {
            let why = format!("is a submodule at {commit} of a repository that .gitmodules does not name");
            return Met::Unread(path, why);
        };
        let why = format!("is a submodule, {url} at {commit}, whose files are in that repository");
        Met::Elsewhere(path, why)
    }
}

impl Target for &Revision {
    fn walk(&self, wanted: &dyn Fn(&str) -> Wanted, visit: &mut dyn FnMut(Met)) {
        let mut folder = PathBuf::new();
        let most = FREE_ENTRIES + TIMES_HELD * self.trees.held();
        let mut left = most;
        let mut open = Vec::new();
        open.extend(self.entries(&folder, &self.commit.tree, visit));
        while let Some(nodes) = open.last_mut() {
            let Some(node) = nodes.next() else {
                open.pop();
                folder.pop();
                continue;
            };
            let Some(rest) = left.checked_sub(1) else {
                let why = format!(
                    "is one of more than {most} files and folders, most of them there many times; it and the following are not read"
                );
                return visit(Met::Unread(folder.join(node.name), why));
            };
            left = rest;
            if node.mode != Mode::Tree || node.fault.is_some() {
                let path = below(&folder, node.name);
                self.met(path, &node, wanted).into_iter().for_each(&mut *visit);
            } else if open.len() >= MAX_DEPTH {
                let why = format!("folders are nested more than {MAX_DEPTH} deep");
                visit(Met::Unread(folder.join(node.name), why));
            } else {
                folder.push(node.name);
                match self.entries(&folder, &node.id, visit) {
                    Some(nodes) => open.push(nodes),
                    None => drop(folder.pop()),
                }
            }
        }
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        match self.find(path)? {
            (Mode::File, id) => Ok(Box::new(Blob { revision: self, id, content: None })),
            _ => Err(io::Error::other("is no file")),
        }
    }

    fn beginning(&self, path: &Path, count: usize) -> io::Result<Vec<u8>> {
        match self.find(path)? {
            (Mode::File, id) => {
                self.reading(|reader| reader.beginning(&id, count, MOST_BYTES)).map_err(io::Error::other)
            }
            _ => Err(io::Error::other("is no file")),
        }
    }

    fn opened(&self) -> (Vec<ReadSource>, Vec<Unread>) {
        let notes = self.repository.notes().iter().map(|note| {
            let path = note.path.strip_prefix(&self.path).unwrap_or(&note.path);
            Unread { path: shown(path), why: note.why.clone(), incomplete: note.is_broken }
        });
        (Vec::new(), notes.collect())
    }

    fn pinned(&self, path: &Path) -> Pinned {
        match self.find(path) {
            Ok((Mode::Submodule, id)) => Pinned::At(id.to_string()),
            _ => Pinned::Nothing,
        }
    }
}

/// A file, read when its first byte is.
struct Blob<'r> {
    revision: &'r Revision,
    id: ObjectId,
    content: Option<Cursor<Vec<u8>>>,
}

impl Read for Blob<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let content = match &mut self.content {
            Some(content) => content,
            none => none.insert(Cursor::new(self.revision.blob(&self.id)?)),
        };
        content.read(buffer)
    }
}

/// The path of a name in a folder; the name may be any bytes, and is not taken for a path itself.
fn below(folder: &Path, name: &OsStr) -> PathBuf {
    let mut path = folder.as_os_str().to_owned();
    if !path.is_empty() {
        path.push("/");
    }
    path.push(name);
    path.into()
}

/// An error as a file system tells it.
fn told(kind: io::ErrorKind) -> io::Error {
    // What a folder says of the same: `ENOENT`, `ENOTDIR`.
    io::Error::from_raw_os_error(if kind == io::ErrorKind::NotFound { 2 } else { 20 })
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revision")
            .field("path", &self.path)
            .field("commit", &self.commit)
            .finish_non_exhaustive()
    }
}

//! A folder: a checkout, a root file system, anything that is mounted.
//!
//! Only names are looked at until a format claims a path, and of the names only those of the folders that the walk stands
//! in are held. A link to a folder is not walked into, since what it leads to is met in its own place or lies outside. A
//! link to a file counts under its own path. All links are those of the target: an absolute one starts at its root.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Anywhere, MAX_DEPTH, MAX_LINKS, Met, Target, Wanted, names, shown};

/// The history of a repository is a target of its own, and its objects are no files of anybody.
const LEFT_OUT: &str = ".git";

/// At the root of a running system these are no files on a disk, but made as they are read.
const MADE_BY_KERNEL: [&str; 3] = ["dev", "proc", "sys"];

/// A folder on the disk, or one file of it.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// The one file that is handed out, if that is all.
    only: Option<OsString>,
}

/// What is in a folder and has to be visited.
enum Entry {
    Folder(OsString),
    File(OsString),
}

impl Entry {
    fn name(&self) -> &OsString {
        match self {
            Self::Folder(name) | Self::File(name) => name,
        }
    }
}

impl Folder {
    /// The target at a path.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        let kind = path.metadata()?.file_type();
        if kind.is_dir() {
            return Ok(Self { root: path.to_owned(), only: None });
        }
        if !kind.is_file() {
            return Err(io::Error::other("is a FIFO, socket or device; expected a folder or a file"));
        }
        let only = path.file_name().map(ToOwned::to_owned);
        let root = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self { root: root.to_owned(), only })
    }

    /// What is to be visited in a folder, the last first.
    fn entries(
        &self,
        folder: &Path,
        wanted: &dyn Fn(&str) -> Wanted,
        visit: &mut dyn FnMut(Met),
    ) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = folder.join(&name);
            match entry.file_type().and_then(|kind| self.sort(&path, kind, wanted)) {
                Ok(Some(Sort::Folder)) => entries.push(Entry::Folder(name)),
                Ok(Some(Sort::File)) => entries.push(Entry::File(name)),
                Ok(None) => {}
                Err(error) => visit(Met::Unread(path, error.to_string())),
            }
        }
        entries.sort_unstable_by(|one, other| other.name().cmp(one.name()));
        Ok(entries)
    }

    /// What an entry has to be visited as, if at all.
    fn sort(&self, path: &Path, kind: FileType, wanted: &dyn Fn(&str) -> Wanted) -> io::Result<Option<Sort>> {
        if kind.is_dir() {
            return Ok((!self.is_left_out(path)).then_some(Sort::Folder));
        }
        match wanted(&shown(path)) {
            Wanted::No => return Ok(None),
            Wanted::ByContent => return Ok(kind.is_file().then_some(Sort::File)),
            Wanted::ByPath => {}
        }
        let kind = if kind.is_symlink() {
            self.root.join(self.resolved(path)?).metadata()?.file_type()
        } else {
            kind
        };
        if kind.is_dir() {
            return Ok(None);
        }
        if !kind.is_file() {
            return Err(io::Error::other("is a FIFO, socket or device; expected a file"));
        }
        Ok(Some(Sort::File))
    }

    fn is_left_out(&self, path: &Path) -> bool {
        if path.file_name().is_some_and(|name| name == LEFT_OUT) {
            return true;
        }
        let device = |path: &Path| path.symlink_metadata().map(|metadata| metadata.dev()).ok();
        MADE_BY_KERNEL.iter().any(|name| path == Path::new(name))
            && device(&self.root.join(path)) != device(&self.root)
    }

    /// Opens the file at a path; links are followed as long as they stay in the folder.
    pub(super) fn open_file(&self, path: &Path) -> io::Result<File> {
        let real = self.root.join(self.resolved(path)?);
        // Looked at before it is opened: to open a FIFO is to wait for its other end.
        if !real.symlink_metadata()?.is_file() {
            return Err(io::Error::other("is no file"));
        }
        File::open(real)
    }

    /// The path without links, every step looked at, as the kernel would with the target as its root.
    fn resolved(&self, path: &Path) -> io::Result<PathBuf> {
        let mut steps: VecDeque<OsString> = names(path);
        let mut links = 0;
        let mut done = PathBuf::new();
        while let Some(step) = steps.pop_front() {
            if step == ".." {
                if !done.pop() {
                    return Err(io::Error::other("is a symbolic link that leads out of the target"));
                }
                continue;
            }
            done.push(step);
            let real = self.root.join(&done);
            if !real.symlink_metadata()?.is_symlink() {
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::other("is a symbolic link that leads to others without end"));
            }
            let to = fs::read_link(&real)?;
            done.pop();
            if to.is_absolute() {
                done.clear();
            }
            let mut all = names(&to);
            all.append(&mut steps);
            steps = all;
        }
        Ok(done)
    }
}

enum Sort {
    Folder,
    File,
}

impl Target for Folder {
    fn walk(&self, wanted: &dyn Fn(&str) -> Wanted, visit: &mut dyn FnMut(Met)) {
        if let Some(only) = &self.only {
            return visit(Met::File(PathBuf::from(only)));
        }
        let mut folder = PathBuf::new();
        let mut open: Vec<Vec<Entry>> = Vec::new();
        match self.entries(&folder, wanted, visit) {
            Ok(entries) => open.push(entries),
            Err(error) => visit(Met::Unread(folder.clone(), error.to_string())),
        }
        while let Some(entries) = open.last_mut() {
            match entries.pop() {
                None => {
                    open.pop();
                    folder.pop();
                }
                Some(Entry::File(name)) => visit(Met::File(folder.join(name))),
                Some(Entry::Folder(name)) if open.len() >= MAX_DEPTH => {
                    let why = format!("folders are nested more than {MAX_DEPTH} deep");
                    visit(Met::Unread(folder.join(name), why));
                }
                Some(Entry::Folder(name)) => {
                    folder.push(name);
                    match self.entries(&folder, wanted, visit) {
                        Ok(entries) => open.push(entries),
                        Err(error) => {
                            visit(Met::Unread(folder.clone(), error.to_string()));
                            folder.pop();
                        }
                    }
                }
            }
        }
    }

    fn is_only(&self, path: &Path) -> bool {
        self.only.as_deref().is_some_and(|only| path == Path::new(only))
    }

    fn size(&self, path: &Path) -> Option<u64> {
        Some(self.root.join(self.resolved(path).ok()?).symlink_metadata().ok()?.len())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.open_file(path)?))
    }

    fn open_anywhere(&self, path: &Path, _most: u64) -> io::Result<Box<dyn Anywhere + '_>> {
        Ok(Box::new(self.open_file(path)?))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn met(root: &Path) -> (Vec<String>, Vec<String>) {
        let (mut files, mut unread) = (Vec::new(), Vec::new());
        let wanted = |path: &str| match Path::new(path).extension() {
            Some(end) if end == "lock" => Wanted::ByPath,
            Some(end) if end == "bin" => Wanted::ByContent,
            _ => Wanted::No,
        };
        Folder::new(root).expect("a folder").walk(&wanted, &mut |met| match met {
            Met::File(path) => files.push(shown(&path)),
            Met::Unread(path, why) | Met::Elsewhere(path, why) => {
                unread.push(format!("{}: {why}", shown(&path)));
            }
        });
        (files, unread)
    }

    fn write(root: &Path, path: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, "x").expect("a file");
    }

    #[test]
    fn files_that_are_wanted_come_in_the_order_of_their_paths_hidden_ones_too_and_git_stays_out() {
        let root = tempfile::tempdir().expect("a folder");
        for path in
            ["b/1.lock", "a/z/9.lock", "a/2.lock", ".hidden/3.lock", ".git/4.lock", "c.lock", "b/no.txt"]
        {
            write(root.path(), path);
        }
        let (files, unread) = met(root.path());
        assert_eq!(files, [".hidden/3.lock", "a/2.lock", "a/z/9.lock", "b/1.lock", "c.lock"]);
        assert_eq!(unread, Vec::<String>::new());
    }

    #[test]
    fn links_count_where_they_stay_inside_and_are_told_where_they_do_not() {
        let outside = tempfile::tempdir().expect("a folder");
        write(outside.path(), "secret.lock");
        let root = tempfile::tempdir().expect("a folder");
        write(root.path(), "real/data");
        let link = |to: &Path, name: &str| symlink(to, root.path().join(name)).expect("a link");
        link(Path::new("real/data"), "inside.lock");
        link(Path::new("/real/data"), "rooted.lock");
        link(&outside.path().join("secret.lock"), "absolute.lock");
        link(Path::new("../../../../../../../etc/passwd"), "out.lock");
        link(Path::new("loop.lock"), "loop.lock");
        link(Path::new("real"), "folder.lock");
        link(root.path(), "real/around");
        let (files, unread) = met(root.path());
        assert_eq!(files, ["inside.lock", "rooted.lock"]);
        assert_eq!(unread.len(), 3, "{unread:#?}");
        let folder = Folder::new(root.path()).expect("a folder");
        assert!(folder.open(Path::new("rooted.lock")).is_ok());
        for path in ["absolute.lock", "out.lock", "loop.lock", "folder.lock", "real", "real/around/real/data"]
        {
            assert!(folder.open(Path::new(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn what_is_wanted_for_its_content_is_met_in_its_own_place_alone() {
        let root = tempfile::tempdir().expect("a folder");
        write(root.path(), "a.bin");
        symlink("a.bin", root.path().join("link.bin")).expect("a link");
        symlink("nowhere", root.path().join("dangling.bin")).expect("a link");
        let socket = UnixListener::bind(root.path().join("socket.bin")).expect("a socket");
        assert_eq!(met(root.path()), (vec!["a.bin".to_owned()], Vec::new()));
        drop(socket);
    }

    #[test]
    fn what_is_no_file_is_told_and_never_opened() {
        let root = tempfile::tempdir().expect("a folder");
        let socket = UnixListener::bind(root.path().join("socket.lock")).expect("a socket");
        write(root.path(), "z.lock");
        let (files, unread) = met(root.path());
        assert_eq!(files, ["z.lock"]);
        assert_eq!(unread, ["socket.lock: is a FIFO, socket or device; expected a file"]);
        assert!(Folder::new(root.path()).expect("a folder").open(Path::new("socket.lock")).is_err());
        drop(socket);
    }

    #[test]
    fn folders_without_end_are_told() {
        let root = tempfile::tempdir().expect("a folder");
        let deep: PathBuf = (0..300).map(|_| "d").collect();
        fs::create_dir_all(root.path().join(deep)).expect("folders");
        write(root.path(), "z.lock");
        let (files, unread) = met(root.path());
        assert_eq!(files, ["z.lock"]);
        assert!(unread.len() == 1 && unread[0].contains("more than 256 deep"), "{unread:?}");
    }
}

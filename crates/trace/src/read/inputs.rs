//! Which files there are to read.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use floodmark_case::Unread;

/// Something to read, and how it is called.
#[derive(Debug, Clone)]
pub struct InputPath {
    /// How it is called in the answer: the path as given and found, `-` for standard input.
    pub name: String,
    /// Where its bytes are.
    pub source: Source,
}

/// Where the bytes of an input are. Each can be read more than once.
#[derive(Debug, Clone)]
pub enum Source {
    /// In the file at this path.
    Path(PathBuf),
    /// In a file that is open already, from its beginning: what came from standard input.
    Open(Arc<File>),
    /// In memory, small: the embedded example.
    Held(Arc<[u8]>),
}

impl InputPath {
    /// The file at a path, called by it.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { name: path.to_string_lossy().into_owned(), source: Source::Path(path) }
    }

    /// A file that is open already, and can be read from its beginning.
    pub fn opened(name: impl Into<String>, file: File) -> Self {
        Self { name: name.into(), source: Source::Open(Arc::new(file)) }
    }

    /// Bytes in memory.
    pub fn held(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { name: name.into(), source: Source::Held(bytes.into()) }
    }

    /// What inputs are sorted by, and known by: its path, or its name where it has none.
    fn place(&self) -> &Path {
        match &self.source {
            Source::Path(path) => path,
            Source::Open(_) | Source::Held(_) => Path::new(&self.name),
        }
    }
}

/// How deep folders may be nested.
const MAX_DEPTH: usize = 64;

/// All files under these paths, sorted by path, each once; and what could not be opened, and why.
///
/// Symbolic links that the user named are followed; links found inside a folder are not (they may lead out of the
/// evidence, or around in a loop) and are listed. What is neither file nor folder (FIFO, device, socket) is listed.
pub fn inputs(paths: &[PathBuf]) -> (Vec<InputPath>, Vec<Unread>) {
    let mut found = Vec::new();
    let mut unread = Vec::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => walk(path, 0, &mut found, &mut unread),
            Ok(metadata) if metadata.is_file() => found.push(InputPath::at(path)),
            Ok(_) => unread.push(refused(
                path,
                "is neither a file nor a folder (a FIFO, socket or device); expected a log file",
            )),
            Err(error) => unread.push(refused(path, &error.to_string())),
        }
    }
    found.sort_by(|a, b| a.place().cmp(b.place()));
    found.dedup_by(|a, b| a.place() == b.place());
    (found, unread)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<InputPath>, unread: &mut Vec<Unread>) {
    if depth > MAX_DEPTH {
        return unread.push(refused(folder, "folders are nested more than 64 deep"));
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return unread.push(refused(folder, &error.to_string())),
    };
    for entry in entries {
        let (path, kind) = match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            Ok(known) => known,
            Err(error) => {
                unread.push(refused(folder, &error.to_string()));
                continue;
            }
        };
        if kind.is_dir() {
            walk(&path, depth + 1, found, unread);
        } else if kind.is_file() {
            found.push(InputPath::at(path));
        } else if kind.is_symlink() {
            unread.push(refused(
                &path,
                "is a symbolic link, which is not followed inside a folder; name its target to read it",
            ));
        } else {
            unread.push(refused(
                &path,
                "is neither a file nor a folder (a FIFO, socket or device); expected a log file",
            ));
        }
    }
}

fn refused(path: &Path, why: &str) -> Unread {
    Unread { path: path.to_string_lossy().into_owned(), why: why.to_owned(), incomplete: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_once_and_loops_are_listed() {
        let root = tempfile::tempdir().expect("a folder");
        let deep = root.path().join("b/c");
        fs::create_dir_all(&deep).expect("folders");
        fs::write(deep.join("2.json"), "").expect("a file");
        fs::write(root.path().join("1.json"), "").expect("a file");
        std::os::unix::fs::symlink(root.path(), deep.join("loop")).expect("a link");
        let (found, unread) =
            inputs(&[root.path().to_owned(), root.path().join("1.json"), root.path().join("none")]);
        let names: Vec<_> = found.iter().filter_map(|input| input.place().file_name()?.to_str()).collect();
        assert_eq!(names, ["1.json", "2.json"]);
        assert_eq!(unread.len(), 2);
        assert!(
            unread.iter().any(|one| one.path.ends_with("loop"))
                && unread.iter().any(|one| one.path.ends_with("none"))
        );
    }
}

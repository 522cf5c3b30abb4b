//! Refs: names of commits, each in a file or all in one,
//! <https://git-scm.com/docs/gitrepository-layout>, <https://git-scm.com/docs/git-pack-refs>.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use gix_hash::ObjectId;

use crate::confines::{Confines, is_absent};
use crate::place::Place;

/// The most of a file with one ref that is looked at.
const MOST_OF_REF: u64 = 4096;

/// The longest line of packed refs.
const MOST_OF_LINE: u64 = 64 << 10;

/// As many symbolic refs lead to each other in git.
const MOST_SYMBOLIC: usize = 5;

/// The most refs that are looked through for names that are near.
const MOST_LISTED: usize = 200_000;

/// How deep the folders of refs may be nested.
const MAX_DEPTH: usize = 32;

/// The refs of a repository.
pub(crate) struct Refs<'r> {
    confines: &'r Confines,
    place: &'r Place,
}

/// What a ref says.
enum Said {
    Id(ObjectId),
    /// The name of another.
    Symbolic(String),
}

impl<'r> Refs<'r> {
    pub(crate) fn new(confines: &'r Confines, place: &'r Place) -> Self {
        Self { confines, place }
    }

    /// Those of these full names that there are, with their objects.
    pub(crate) fn find(&self, names: &[String]) -> io::Result<BTreeMap<String, ObjectId>> {
        let mut found = BTreeMap::new();
        // Name asked, and the name that it leads to.
        let mut open: Vec<(String, String)> = names.iter().map(|name| (name.clone(), name.clone())).collect();
        open.retain(|(name, _)| is_name(name));
        for _ in 0..=MOST_SYMBOLIC {
            let mut next = Vec::new();
            let mut elsewhere = Vec::new();
            for (asked, name) in open {
                match self.loose(&name)? {
                    Some(Said::Id(id)) => drop(found.insert(asked, id)),
                    Some(Said::Symbolic(name)) if is_name(&name) => next.push((asked, name)),
                    Some(Said::Symbolic(_)) => {}
                    None => elsewhere.push((asked, name)),
                }
            }
            if !elsewhere.is_empty() {
                self.packed(&mut |name, id| {
                    for (asked, _) in elsewhere.iter().filter(|(_, wanted)| wanted == name) {
                        found.insert(asked.clone(), id);
                    }
                    true
                })?;
            }
            if next.is_empty() {
                break;
            }
            open = next;
        }
        Ok(found)
    }

    /// The names of all refs, as far as they are listed, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let _ = self.packed(&mut |name, _| {
            names.push(name.to_owned());
            names.len() < MOST_LISTED
        });
        let mut folders = vec![(self.place.common.join("refs"), "refs".to_owned(), 0)];
        while let Some((folder, name, depth)) = folders.pop() {
            let Ok(entries) = self.confines.real(&folder).and_then(fs::read_dir) else { continue };
            for entry in entries.flatten() {
                let Some(name) = entry.file_name().to_str().map(|own| format!("{name}/{own}")) else {
                    continue;
                };
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => {
                        folders.push((entry.path(), name, depth + 1));
                    }
                    Ok(kind) if kind.is_file() && names.len() < MOST_LISTED => names.push(name),
                    _ => {}
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether there is a ref whose name begins so.
    pub(crate) fn has_any(&self, folder: &str) -> bool {
        let mut has =
            fs::read_dir(self.place.common.join(folder)).is_ok_and(|mut entries| entries.next().is_some());
        let _ = self.packed(&mut |name, _| {
            has |= name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
            !has
        });
        has
    }

    /// What the file of a ref says, if it has one. Those of a worktree's own lie with it.
    fn loose(&self, name: &str) -> io::Result<Option<Said>> {
        let is_own = !name.starts_with("refs/")
            || ["refs/bisect/", "refs/worktree/", "refs/rewritten/"].iter().any(|own| name.starts_with(own));
        let folder = if is_own { &self.place.git } else { &self.place.common };
        let Some(file) = self.confines.open(&folder.join(name))? else { return Ok(None) };
        let mut text = Vec::new();
        file.take(MOST_OF_REF).read_to_end(&mut text)?;
        if let Some(name) = text.strip_prefix(b"ref:") {
            let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
            return Ok(Some(Said::Symbolic(name)));
        }
        let id = text.split(u8::is_ascii_whitespace).next().and_then(|hex| ObjectId::from_hex(hex).ok());
        match id {
            Some(id) => Ok(Some(Said::Id(id))),
            None => Err(io::Error::other(format!("{name} holds no id; expected one, or `ref:` and a name"))),
        }
    }

    /// Hands out packed refs until there is enough.
    fn packed(&self, visit: &mut dyn FnMut(&str, ObjectId) -> bool) -> io::Result<()> {
        let path: PathBuf = self.place.common.join("packed-refs");
        let Some(file) = self.confines.open(&path)? else { return Ok(()) };
        let mut stream = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            if stream.by_ref().take(MOST_OF_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            // `# pack-refs with:`, and `^id` with what the tag before it is on.
            let Ok(text) = std::str::from_utf8(line.trim_ascii_end()) else { continue };
            let Some((hex, name)) = text.split_once(' ') else { continue };
            let Ok(id) = ObjectId::from_hex(hex.as_bytes()) else { continue };
            if !visit(name, id) {
                return Ok(());
            }
        }
    }
}

/// Whether a text is the full name of a ref: it leads into `refs/`, or is one of the few beside it, such as HEAD.
/// <https://git-scm.com/docs/git-check-ref-format>
fn is_name(text: &str) -> bool {
    if !text.starts_with("refs/") {
        return !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    }
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && Path::new(part).extension().is_none_or(|end| end != "lock")
    };
    let is_letter = |c: char| !c.is_ascii_control() && !" ~^:?*[\\".contains(c);
    text.split('/').all(is_part)
        && text.chars().all(is_letter)
        && !text.contains("..")
        && !text.contains("@{")
}

/// Whether there is a folder or file.
pub(crate) fn is_there(path: &Path) -> bool {
    !matches!(path.symlink_metadata(), Err(error) if is_absent(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_but_into_refs() {
        for name in
            ["HEAD", "FETCH_HEAD", "refs/heads/a/b", "refs/tags/v1.2-rc.1", "refs/heads/ünï", "refs/heads/@"]
        {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "config",
            "../HEAD",
            "refs/../config",
            "refs/heads/..",
            "refs//a",
            "refs/heads/a.lock",
            "refs/a b",
            "/etc/passwd",
            "refs/.x",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}

//! What a tree says.

use gix_hash::{Kind, ObjectId};

/// An entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'t> {
    /// What it is.
    pub mode: Mode,
    /// Its name: any bytes, with a slash in them too. See [`Entry::fault`].
    pub name: &'t [u8],
    /// Its object.
    pub id: ObjectId,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A folder.
    Tree,
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// A commit of another repository: a submodule.
    Submodule,
    /// Something that git does not make.
    Other,
}

impl Entry<'_> {
    /// Why no folder can hold something of this name.
    pub fn fault(&self) -> Option<&'static str> {
        match self.name {
            b"" => Some("has no name"),
            b"." | b".." => Some("is called as the folder itself or the one above it"),
            b".git" => Some("is called .git, where a repository keeps itself"),
            name if name.contains(&b'/') => Some("has a slash in its name"),
            _ => None,
        }
    }
}

/// The entries of a tree in its order, each with how many bytes it takes. After the first that is broken there is none:
/// nothing says where the next begins.
pub fn entries(bytes: &[u8], hash: Kind) -> impl Iterator<Item = Option<(Entry<'_>, usize)>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let before = rest.len();
        let entry = entry(rest, hash);
        rest = entry.map_or(&[][..], |(_, after)| after);
        Some(entry.map(|(entry, after)| (entry, before - after.len())))
    })
}

fn entry(bytes: &[u8], hash: Kind) -> Option<(Entry<'_>, &[u8])> {
    let space = memchr::memchr(b' ', &bytes[..bytes.len().min(8)])?;
    let mode =
        std::str::from_utf8(&bytes[..space]).ok().and_then(|text| u32::from_str_radix(text, 8).ok())?;
    let rest = &bytes[space + 1..];
    let zero = memchr::memchr(0, rest)?;
    let (name, rest) = (&rest[..zero], &rest[zero + 1..]);
    let (id, rest) = rest.split_at_checked(hash.len_in_bytes())?;
    let id = ObjectId::try_from(id).ok()?;
    Some((Entry { mode: Mode::of(mode), name, id }, rest))
}

impl Mode {
    fn of(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o040_000 => Self::Tree,
            0o100_000 => Self::File,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mode::{File, Link, Other, Submodule, Tree};
    use super::*;

    fn tree(list: &[(&str, &str)]) -> Vec<u8> {
        list.iter()
            .flat_map(|(mode, name)| [format!("{mode} {name}\0").as_bytes(), &[7; 20]].concat())
            .collect()
    }

    #[test]
    fn modes_names_and_ids_are_told_and_a_name_that_no_folder_can_hold() {
        let bytes = tree(&[
            ("100644", "a"),
            ("100755", "b"),
            ("40000", "c"),
            ("040000", "d"),
            ("120000", "e"),
            ("160000", "f"),
            ("20000", "g"),
            ("100644", ".."),
            ("100644", ".git"),
            ("100644", "x/y"),
            ("100644", ""),
        ]);
        let read: Vec<_> = entries(&bytes, Kind::Sha1).map(|entry| entry.expect("an entry").0).collect();
        let modes: Vec<_> = read.iter().map(|entry| entry.mode).take(7).collect();
        assert_eq!(modes, [File, File, Tree, Tree, Link, Submodule, Other]);
        assert_eq!(read.iter().filter(|entry| entry.fault().is_some()).count(), 4);
    }

    #[test]
    fn a_tree_cut_anywhere_ends_with_what_is_broken() {
        let bytes = tree(&[("100644", "a"), ("40000", "bb")]);
        for end in 0..bytes.len() {
            let read: Vec<_> = entries(&bytes[..end], Kind::Sha1).collect();
            let is_between = end == 0 || end == 29;
            assert_eq!(read.last().is_some_and(Option::is_none), !is_between, "cut at {end}");
        }
    }
}

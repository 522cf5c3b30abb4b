//! What a commit and a tag say.

use gix_hash::ObjectId;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// Its tree.
    pub tree: ObjectId,
    /// The commits before it, the first the one that it was made on.
    pub parents: Vec<ObjectId>,
    /// When it was made, in seconds since 1970, as whoever made it says; `None` if that is no time.
    pub committed: Option<i64>,
}

impl Commit {
    /// Reads the bytes of a commit.
    pub(crate) fn read(id: ObjectId, bytes: &[u8]) -> Option<Self> {
        let mut lines = header(bytes);
        let (_, tree) = lines.next().filter(|(key, _)| key == b"tree")?;
        let tree = ObjectId::from_hex(tree).ok()?;
        let (mut parents, mut committed) = (Vec::new(), None);
        for (key, value) in lines {
            match key {
                b"parent" => parents.push(ObjectId::from_hex(value).ok()?),
                b"committer" => committed = committed.or_else(|| seconds(value)),
                _ => {}
            }
        }
        Some(Self { id, tree, parents, committed })
    }
}

/// What a tag is on.
pub(crate) fn tagged(bytes: &[u8]) -> Option<ObjectId> {
    let (key, value) = header(bytes).next()?;
    if key == b"object" { ObjectId::from_hex(value).ok() } else { None }
}

/// Key and value of each line up to the first that is empty.
fn header(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = bytes.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    lines.filter_map(|line| {
        let space = memchr::memchr(b' ', line)?;
        Some((&line[..space], &line[space + 1..]))
    })
}

/// The time in `name <mail> SECONDS ZONE`.
fn seconds(person: &[u8]) -> Option<i64> {
    let end = memchr::memrchr(b'>', person)?;
    let text = std::str::from_utf8(&person[end + 1..]).ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_has_a_tree_parents_and_a_time_whatever_else_it_says() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let text = format!(
            "tree {a}\nparent {b}\nparent {a}\nauthor A <a> 1 +0000\ncommitter B > <b> -5 +0100\ngpgsig x\n y\n\nparent {b}\n"
        );
        let id = ObjectId::null(gix_hash::Kind::Sha1);
        let commit = Commit::read(id, text.as_bytes()).expect("a commit");
        assert_eq!((commit.tree.to_string(), commit.parents.len(), commit.committed), (a, 2, Some(-5)));
        for end in 0..text.len() {
            Commit::read(id, &text.as_bytes()[..end]);
        }
        assert_eq!(Commit::read(id, b"parent x\n"), None);
        assert_eq!(tagged(format!("object {b}\ntype commit\n").as_bytes()).map(|id| id.to_string()), Some(b));
    }
}

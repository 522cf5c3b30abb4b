//! The trees of a commit, held with all of their names, as far as they go.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use floodmark_git::{Entry, HashKind, Mode, ObjectId, Reader, entries};

/// The most memory that trees may take. A million files take some 50 MB of it; a tree that is there many times counts once.
const MOST_BYTES: usize = 512 << 20;

/// What a tree takes beside its bytes.
const OVERHEAD: usize = 256;

/// The most bytes of one tree: more than a million files in one folder.
const MOST_OF_TREE: u64 = 64 << 20;

/// The trees of a commit.
pub(super) struct Trees {
    hash: HashKind,
    trees: HashMap<ObjectId, Result<Tree, String>>,
}

/// A tree.
struct Tree {
    bytes: Box<[u8]>,
    /// Where entries begin in the bytes, sorted by their names: git's own order is another, and nobody vouches for it.
    order: Box<[u32]>,
    /// Whether there is something behind the last entry that is none.
    is_broken: bool,
}

/// An entry of a tree.
pub(super) struct Node<'t> {
    pub(super) name: &'t OsStr,
    pub(super) mode: Mode,
    pub(super) id: ObjectId,
    /// Why it is no file or folder of anybody.
    pub(super) fault: Option<&'static str>,
}

impl Trees {
    /// Reads all trees below one. What cannot be read is kept as what was wrong.
    pub(super) fn read(reader: &mut Reader, hash: HashKind, root: ObjectId) -> Self {
        let mut all = Self { hash, trees: HashMap::new() };
        let (mut waiting, mut left) = (vec![root], MOST_BYTES);
        while let Some(id) = waiting.pop() {
            let Place::Vacant(place) = all.trees.entry(id) else { continue };
            let tree = match reader.tree(&id, MOST_OF_TREE) {
                Ok(bytes) => Ok(Tree::of(bytes, hash)),
                Err(error) => Err(error.to_string()),
            };
            let Some(rest) = left.checked_sub(tree.as_ref().map_or(OVERHEAD, Tree::weight)) else {
                // The others are small, and not there: see `Trees::entries`.
                break;
            };
            left = rest;
            if let Ok(tree) = place.insert(tree) {
                let below = tree.nodes(hash).filter(|node| node.mode == Mode::Tree && node.fault.is_none());
                // The first is looked at first.
                let at = waiting.len();
                waiting.extend(below.map(|node| node.id));
                waiting[at..].reverse();
            }
        }
        all
    }

    /// The entries of a tree, sorted by name.
    pub(super) fn entries<'t>(
        &'t self,
        id: &ObjectId,
    ) -> Result<impl Iterator<Item = Node<'t>> + use<'t>, String> {
        Ok(self.tree(id)?.nodes(self.hash))
    }

    /// How many entries all of them hold; those of a tree that is there many times count once.
    pub(super) fn held(&self) -> usize {
        self.trees.values().flatten().map(|tree| tree.order.len()).sum()
    }

    /// Whether a tree ends with something that is no entry.
    pub(super) fn is_broken(&self, id: &ObjectId) -> bool {
        self.tree(id).is_ok_and(|tree| tree.is_broken)
    }

    /// The entry of a name, the first if there are several.
    pub(super) fn entry(&self, id: &ObjectId, name: &OsStr) -> Result<Option<Node<'_>>, String> {
        let tree = self.tree(id)?;
        let name = name.as_bytes();
        let before = |at: &u32| tree.at(*at, self.hash).is_some_and(|entry| entry.name < name);
        let at = tree.order.partition_point(before);
        let entry = tree.order.get(at).and_then(|at| tree.at(*at, self.hash));
        Ok(entry.filter(|entry| entry.name == name && entry.fault().is_none()).map(Node::of))
    }

    fn tree(&self, id: &ObjectId) -> Result<&Tree, String> {
        match self.trees.get(id) {
            Some(Ok(tree)) => Ok(tree),
            Some(Err(why)) => Err(why.clone()),
            None => Err(format!("comes after {} MiB of trees; expected fewer files", MOST_BYTES >> 20)),
        }
    }
}

impl Tree {
    fn of(bytes: Vec<u8>, hash: HashKind) -> Self {
        let mut named: Vec<(&[u8], u32)> = Vec::new();
        let (mut at, mut is_broken) = (0, false);
        for entry in entries(&bytes, hash) {
            let Some((entry, length)) = entry else {
                is_broken = true;
                break;
            };
            named.push((entry.name, u32::try_from(at).unwrap_or(u32::MAX)));
            at += length;
        }
        // Of two with one name the first comes first.
        named.sort_unstable();
        let order = named.into_iter().map(|(_, at)| at).collect();
        Self { order, is_broken, bytes: bytes.into() }
    }

    fn weight(&self) -> usize {
        self.bytes.len() + 4 * self.order.len() + OVERHEAD
    }

    fn at(&self, at: u32, hash: HashKind) -> Option<Entry<'_>> {
        let bytes = self.bytes.get(usize::try_from(at).ok()?..)?;
        entries(bytes, hash).next().flatten().map(|(entry, _)| entry)
    }

    fn nodes(&self, hash: HashKind) -> impl Iterator<Item = Node<'_>> {
        let mut before = None;
        self.order.iter().filter_map(move |at| self.at(*at, hash)).map(move |entry| {
            let mut node = Node::of(entry);
            if before.replace(entry.name) == Some(entry.name) {
                node.fault = Some("is there twice");
            }
            node
        })
    }
}

impl<'t> Node<'t> {
    fn of(entry: Entry<'t>) -> Self {
        Self { name: OsStr::from_bytes(entry.name), mode: entry.mode, id: entry.id, fault: entry.fault() }
    }
}

//! A layer: a stream of entries, read once, of which only the names are held, and the content of files that are wanted.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use floodmark_case::EvidenceId;

use super::super::inflate::inflated;
use super::super::passing::{Passing, Pieces};
use super::super::tar::{Entry, Kind, Tar};
use super::tree::{File, Folder, Node};
use super::{Claim, Keep};
use crate::hashing::Hashing;
use crate::read::{FIRST_BYTES, Format, MOST_BYTES, look};
use crate::target::Wanted;

/// The most entries of one layer. The largest images that are known have one million in all.
const MOST_ENTRIES: u64 = 4_000_000;

/// As long as a path may be, `PATH_MAX` of Linux, and as deep as folders may be nested.
const LONGEST_PATH: usize = 4096;
const MAX_DEPTH: usize = 256;

/// So much of the beginning of a program is held while it passes by; most have no more.
const HEAD: u64 = 4 << 20;

/// How many problems of a layer are told one by one.
const LISTED_PROBLEMS: usize = 200;

/// What a layer takes away, and a folder of which it takes away everything.
const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";

/// Names that overlay file systems keep for themselves.
const RESERVED: &str = ".wh..wh.";

/// What is done with a layer.
#[derive(Clone, Copy)]
pub(super) struct Job<'j> {
    /// Its number.
    pub(super) number: usize,
    /// Which files are kept, and how many bytes of them in this layer.
    pub(super) keep: Keep<'j>,
    /// What its digest is of.
    pub(super) hashed: Hashed,
}

/// What a digest is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hashed {
    /// The layer as it is stored.
    Stored,
    /// The layer without its packing.
    Inflated,
}

/// A layer that was read.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) files: Folder,
    /// What is kept of its files, by the number of their entry.
    pub(super) kept: BTreeMap<u64, Kept>,
    /// What was asked for in files when it had passed by.
    pub(super) missed: Missed,
    /// The hash that its digest is of; none if it could not be made.
    pub(super) evidence: Option<EvidenceId>,
    /// How many bytes were hashed.
    pub(super) bytes: u64,
    pub(super) entries: u64,
    /// What is wrong with it: a path in it, or none, and why.
    pub(super) problems: Vec<(Option<String>, String)>,
}

/// What is kept of a file.
#[derive(Debug)]
pub(super) enum Kept {
    Whole(Arc<[u8]>),
    /// What its reader looks at.
    Pieces(Pieces),
    /// Nothing, since it has so many bytes, which is too much for any reader.
    Large(u64),
    /// Nothing, since there is nothing to tell of it.
    Silent,
}

/// Files of a layer that have to be looked at once more, by the number of their entry: what is looked at in each.
pub(super) type Missed = BTreeMap<u64, MissedFile>;

/// A file that has to be looked at once more.
#[derive(Debug)]
pub(super) struct MissedFile {
    path: String,
    format: &'static Format,
    ranges: Vec<Range<u64>>,
}

/// Reads a layer. What can be read of it is there, whatever is wrong with the rest.
pub(super) fn read(stream: impl Read + Send, job: Job<'_>) -> Layer {
    let room = job.keep.room;
    let (files, kept, missed) = (Folder::default(), BTreeMap::new(), Missed::new());
    let mut reader = Reader { job, files, kept, missed, entries: 0, room, problems: Vec::new(), more: 0 };
    let hashed = match job.hashed {
        Hashed::Stored => {
            let mut stored = Hashing::new(stream);
            let end = inflated(&mut stored).and_then(|mut stream| reader.run(&mut stream));
            reader.finish(stored, end)
        }
        Hashed::Inflated => match inflated(stream) {
            Ok(stream) => {
                let mut inside = Hashing::new(stream);
                let end = reader.run(&mut inside);
                reader.finish(inside, end)
            }
            Err(error) => {
                reader.problems.push((None, error.to_string()));
                None
            }
        },
    };
    if reader.more > 0 {
        reader.problems.push((None, format!("{} more of its entries could not be read", reader.more)));
    }
    let (evidence, bytes) = hashed.unzip();
    let Reader { files, kept, missed, entries, problems, .. } = reader;
    Layer { files, kept, missed, evidence, bytes: bytes.unwrap_or_default(), entries, problems }
}

/// The content of one entry, by its number.
pub(super) fn content<'s>(stream: impl Read + Send + 's, number: u64) -> io::Result<Vec<u8>> {
    let mut tar = Tar::new(inflated(stream)?);
    let mut entries = 0;
    while let Some(entry) = tar.next_entry()? {
        entries += 1;
        if entries == number {
            let mut bytes = Vec::new();
            tar.by_ref().take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
            return if entry.size == bytes.len() as u64 || bytes.len() as u64 > MOST_BYTES {
                Ok(bytes)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Looks once more at files of a layer: what is kept of them now, and what was still missed.
pub(super) fn look_again(
    stream: impl Read + Send,
    mut missed: Missed,
) -> io::Result<(BTreeMap<u64, Kept>, Missed)> {
    let mut tar = Tar::new(inflated(stream)?);
    let (mut kept, mut still, mut entries) = (BTreeMap::new(), Missed::new(), 0);
    while let Some(entry) = tar.next_entry()? {
        entries += 1;
        let Some(MissedFile { path, format, ranges }) = missed.remove(&entries) else { continue };
        match looked_at(&path, format, &[], &mut tar, entry.size, &ranges)? {
            Looked::Kept(looked) => drop(kept.insert(entries, looked)),
            Looked::Missed(ranges) => drop(still.insert(entries, MissedFile { path, format, ranges })),
        }
        if missed.is_empty() {
            break;
        }
    }
    Ok((kept, still))
}

/// What came of looking at a file.
enum Looked {
    Kept(Kept),
    Missed(Vec<Range<u64>>),
}

/// Lets a format look at a file that passes by.
fn looked_at(
    path: &str,
    format: &'static Format,
    first: &[u8],
    tar: &mut Tar<impl Read>,
    size: u64,
    also: &[Range<u64>],
) -> io::Result<Looked> {
    let is_found_by_content = !format.begins.is_empty();
    let head = if is_found_by_content { HEAD } else { MOST_BYTES };
    let mut passing = Passing::new(first, tar, size, head, also);
    let is_told = look(Path::new(path), format, &mut passing);
    if let Some(missed) = passing.missed() {
        return Ok(Looked::Missed(missed));
    }
    // What is claimed by its path may have more to tell with what lies beside it.
    if is_found_by_content && !is_told {
        return Ok(Looked::Kept(Kept::Silent));
    }
    Ok(Looked::Kept(Kept::Pieces(passing.finish()?)))
}

struct Reader<'j> {
    job: Job<'j>,
    files: Folder,
    kept: BTreeMap<u64, Kept>,
    missed: Missed,
    entries: u64,
    room: u64,
    problems: Vec<(Option<String>, String)>,
    more: u64,
}

impl Reader<'_> {
    /// The hash of the whole stream, also of what its archive does not reach to.
    fn finish(&mut self, mut stream: Hashing<impl Read>, end: io::Result<()>) -> Option<(EvidenceId, u64)> {
        let rest = io::copy(&mut stream, &mut io::sink());
        if let Err(error) = end {
            self.problems
                .push((None, format!("{error}; what comes after entry {} is not read", self.entries)));
        } else if let Err(error) = &rest {
            self.problems.push((None, error.to_string()));
        }
        rest.is_ok().then(|| stream.finish())
    }

    fn run(&mut self, stream: &mut impl Read) -> io::Result<()> {
        let mut tar = Tar::new(stream);
        while let Some(entry) = tar.next_entry()? {
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                return Err(io::Error::other(format!("has more than {MOST_ENTRIES} entries")));
            }
            self.entry(&entry, &mut tar)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, tar: &mut Tar<impl Read>) -> io::Result<()> {
        let text = String::from_utf8_lossy(&entry.path);
        let steps = match steps(&text) {
            Ok(steps) => steps,
            Err(why) => {
                self.tell(&text, why);
                return Ok(());
            }
        };
        let Some((name, folder)) = steps.split_last() else { return Ok(()) };
        let put = match *name {
            OPAQUE => self.files.hide(folder),
            name if name.starts_with(RESERVED) => Ok(()),
            name => match name.strip_prefix(WHITEOUT).filter(|name| !name.is_empty()) {
                Some(gone) => self.files.put(&[folder, &[gone]].concat(), Node::Gone),
                None => match self.node(entry, &steps.join("/"), tar)? {
                    Some(node) => self.files.put(&steps, node),
                    None => Ok(()),
                },
            },
        };
        if put.is_err() {
            self.tell(&text, "lies behind a symbolic link that leads out of the image or nowhere");
        }
        Ok(())
    }

    fn node(&mut self, entry: &Entry, path: &str, tar: &mut Tar<impl Read>) -> io::Result<Option<Node>> {
        Ok(Some(match entry.kind {
            Kind::Folder => Node::Folder(Box::new(Folder::told())),
            Kind::File => Node::File(Box::new(self.file(entry, path, tar)?)),
            Kind::SymbolicLink => {
                let to = String::from_utf8_lossy(&entry.link);
                if to.len() > LONGEST_PATH {
                    self.tell(path, "is a symbolic link to a path that is too long");
                    return Ok(None);
                }
                Node::Link(to.into())
            }
            Kind::HardLink => return Ok(self.hard_link(entry, path)),
            Kind::Special => Node::Special,
            Kind::Sparse => {
                if (self.job.keep.at)(path) == Wanted::ByPath {
                    self.tell(path, "is stored with holes; expected a whole file");
                }
                return Ok(None);
            }
            Kind::Other => return Ok(None),
        }))
    }

    fn file(&mut self, entry: &Entry, path: &str, tar: &mut Tar<impl Read>) -> io::Result<File> {
        let mut file = File { layer: self.job.number, entry: self.entries, is_unclaimed: false };
        let wanted = (self.job.keep.at)(path);
        let mut bytes = Vec::new();
        if wanted == Wanted::No {
            return Ok(file);
        }
        if wanted == Wanted::ByContent {
            tar.by_ref().take(FIRST_BYTES as u64).read_to_end(&mut bytes)?;
        }
        match (self.job.keep.claim)(path, &bytes) {
            Claim::Nobody => file.is_unclaimed = true,
            Claim::Whole if entry.size > MOST_BYTES => {
                self.kept.insert(self.entries, Kept::Large(entry.size));
            }
            Claim::Whole if entry.size <= self.room => {
                tar.read_to_end(&mut bytes)?;
                self.room -= entry.size;
                self.kept.insert(self.entries, Kept::Whole(Arc::from(bytes)));
            }
            Claim::Inside(format) if !format.begins.is_empty() || entry.size <= MOST_BYTES => {
                self.inside(entry, path, format, &bytes, tar)?;
            }
            Claim::Whole | Claim::Inside(_) => {}
        }
        Ok(file)
    }

    fn inside(
        &mut self,
        entry: &Entry,
        path: &str,
        format: &'static Format,
        first: &[u8],
        tar: &mut Tar<impl Read>,
    ) -> io::Result<()> {
        match looked_at(path, format, first, tar, entry.size, &[])? {
            Looked::Kept(Kept::Pieces(pieces)) if pieces.bytes() > self.room => {}
            Looked::Kept(kept) => {
                if let Kept::Pieces(pieces) = &kept {
                    self.room -= pieces.bytes();
                }
                self.kept.insert(self.entries, kept);
            }
            Looked::Missed(ranges) => {
                let path = path.to_owned();
                self.missed.insert(self.entries, MissedFile { path, format, ranges });
            }
        }
        Ok(())
    }

    /// Another name of a file of this layer; of one of a lower layer, a link to it.
    fn hard_link(&mut self, entry: &Entry, path: &str) -> Option<Node> {
        let to = String::from_utf8_lossy(&entry.link);
        let Ok(to) = steps(&to) else {
            self.tell(path, "is a hard link out of the image");
            return None;
        };
        let to = to.join("/");
        match self.files.find(&to) {
            Ok(Node::File(file)) => Some(Node::File(file.clone())),
            _ => Some(Node::Link(format!("/{to}").into())),
        }
    }

    fn tell(&mut self, path: &str, why: &str) {
        if self.problems.len() < LISTED_PROBLEMS {
            let path: String = path.chars().take(LONGEST_PATH).collect();
            self.problems.push((Some(path), why.to_owned()));
        } else {
            self.more += 1;
        }
    }
}

/// The steps of the path of an entry; an absolute one begins at the root of the image, as every other does.
fn steps(path: &str) -> Result<Vec<&str>, &'static str> {
    if path.len() > LONGEST_PATH {
        return Err("has a path that is too long; expected at most 4096 bytes");
    }
    if path.contains('\0') {
        return Err("has a path with a zero in it");
    }
    let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    if steps.contains(&"..") {
        return Err("has a path with `..`; expected one that stays in the image");
    }
    if steps.len() > MAX_DEPTH {
        return Err("lies more than 256 folders deep");
    }
    Ok(steps)
}

//! An image of a container: an OCI layout in a folder or an archive, an archive of `docker save`, or the archive of a
//! root file system.
//!
//! Layers are streamed, several at a time, and laid over each other in their order. Nothing is unpacked to the disk: of
//! each entry only its name is held, and the content of the files that a format claims, up to a bound; of programs and
//! archives only what their reader looks at. A program whose tables tell of a place that has passed by already is met
//! once more, with all others of its layer. What is kept hangs on the order of layers and entries, and on nothing else.

mod blobs;
mod choice;
mod layer;
mod manifest;
mod platform;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Read};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use floodmark_case::{ReadSource, Unread};

use self::blobs::Blobs;
use self::choice::{Choice, Part, choose, differs};
use self::layer::{Hashed, Job, Kept, Layer, Missed};
pub use self::platform::{Platform, PlatformError};
use self::tree::{File, Folder, Node};
use super::passing::InPieces;
use super::{Anywhere, Met, Target, Wanted, shown};
use crate::read::Format;

/// How many files that were not kept are read from their layers again.
const MOST_REREAD: usize = 64;

/// How often a layer is gone through for places that had passed by.
const MOST_LOOKS: usize = 4;

/// What is asked of an image.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The platform, if one was named.
    pub(crate) platform: Option<&'a Platform>,
    /// Which files are kept.
    pub(crate) keep: Keep<'a>,
    /// How many layers are read at a time.
    pub(crate) threads: NonZero<usize>,
}

/// Which files are kept with their content.
#[derive(Clone, Copy)]
pub(crate) struct Keep<'a> {
    /// Whether that at a path is.
    pub(crate) at: &'a (dyn Fn(&str) -> Wanted + Sync),
    /// What is made of one that is wanted, by its path and its first bytes.
    pub(crate) claim: &'a (dyn Fn(&str, &[u8]) -> Claim + Sync),
    /// How many bytes are held.
    pub(crate) room: u64,
}

/// How a file is claimed.
#[derive(Clone, Copy)]
pub(crate) enum Claim {
    /// It is not.
    Nobody,
    /// All of it is asked for.
    Whole,
    /// This format looks at a few places in it.
    Inside(&'static Format),
}

/// An image whose layers were read.
#[derive(Debug)]
pub(crate) struct Image {
    blobs: Blobs,
    parts: Vec<Part>,
    /// The digests of the parts.
    digests: Vec<Option<Arc<str>>>,
    files: Folder,
    /// What is kept of files, by the numbers of their layer and entry.
    kept: BTreeMap<(usize, u64), Kept>,
    /// Those of which nothing is, and that may be read from their layer again.
    again: BTreeSet<(usize, u64)>,
    read: Vec<ReadSource>,
    unread: Vec<Unread>,
}

impl Image {
    /// The image at a path; `None` if there is something else.
    pub(crate) fn open(path: &Path, asked: Asked<'_>) -> io::Result<Option<Self>> {
        let Some(blobs) = Blobs::at(path)? else { return Ok(None) };
        let Choice { layers: parts, read, unread } = choose(&blobs, asked.platform);
        let digest = |part: &Part| part.digest.as_ref().map(|digest| Arc::from(digest.as_str()));
        let digests = parts.iter().map(digest).collect();
        let (files, kept, again) = (Folder::default(), BTreeMap::new(), BTreeSet::new());
        let mut image = Self { blobs, parts, digests, files, kept, again, read, unread };
        let all: BTreeSet<usize> = (0..image.parts.len()).collect();
        let keep = Keep { room: asked.keep.room / all.len().max(1) as u64, ..asked.keep };
        let layers = image.layers(&all, asked.threads, &|number, stream| {
            layer::read(stream, Job { number, keep, hashed: image.parts[number].hashed })
        });
        let mut missed = BTreeMap::new();
        for (number, mut layer) in layers {
            if let Ok(layer) = &mut layer {
                missed.insert(number, std::mem::take(&mut layer.missed));
                image.keep(number, std::mem::take(&mut layer.kept));
            }
            image.lay(number, layer);
        }
        image.look_again(missed, asked.threads);
        image.settle(asked.keep);
        Ok(Some(image))
    }

    /// Does something with these layers, as many at a time as there are threads; or one after the other, if they come only
    /// so.
    fn layers<T: Send>(
        &self,
        wanted: &BTreeSet<usize>,
        threads: NonZero<usize>,
        work: &(dyn Fn(usize, &mut (dyn Read + Send)) -> T + Sync),
    ) -> BTreeMap<usize, io::Result<T>> {
        let mut passing: BTreeMap<String, usize> = BTreeMap::new();
        for number in wanted.iter().rev() {
            let name =
                self.parts[*number].name.as_deref().map_or(String::new(), |name| self.blobs.real(name));
            // A layer that comes twice is read again below.
            passing.insert(name, *number);
        }
        let mut done = BTreeMap::new();
        // If it ends with an error, whoever opens what stands behind that below is told.
        let _ = self.blobs.in_passing(&mut |name, mut stream| {
            if let Some(number) = passing.get(name) {
                done.entry(*number).or_insert_with(|| Ok(work(*number, &mut stream)));
            }
        });
        let left: Vec<usize> = wanted.iter().copied().filter(|number| !done.contains_key(number)).collect();
        let (next, done) = (AtomicUsize::new(0), Mutex::new(done));
        thread::scope(|scope| {
            for _ in 0..threads.get().min(left.len()) {
                scope.spawn(|| {
                    while let Some(number) = left.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let layer = self.stream(&self.parts[*number]);
                        let layer = layer.map(|mut stream| work(*number, &mut stream));
                        if let Ok(mut done) = done.lock() {
                            done.insert(*number, layer);
                        }
                    }
                });
            }
        });
        done.into_inner().unwrap_or_default()
    }

    fn keep(&mut self, layer: usize, kept: BTreeMap<u64, Kept>) {
        self.kept.extend(kept.into_iter().map(|(entry, kept)| ((layer, entry), kept)));
    }

    /// Goes through layers again for what was asked for when it had passed by.
    fn look_again(&mut self, mut missed: BTreeMap<usize, Missed>, threads: NonZero<usize>) {
        for _ in 0..MOST_LOOKS {
            missed.retain(|_, files| !files.is_empty());
            let wanted: BTreeSet<usize> = missed.keys().copied().collect();
            let waiting = Mutex::new(std::mem::take(&mut missed));
            let looked = self.layers(&wanted, threads, &|number, stream| {
                let files = waiting.lock().ok().and_then(|mut waiting| waiting.remove(&number));
                layer::look_again(stream, files.unwrap_or_default())
            });
            for (number, looked) in looked {
                // What cannot be read now was told when it was read first, and may be read again below.
                let Ok(Ok((kept, still))) = looked else { continue };
                self.keep(number, kept);
                missed.insert(number, still);
            }
        }
    }

    /// Lets go of what no file has any more, and says which of the others may be read from their layers again.
    fn settle(&mut self, keep: Keep<'_>) {
        let (mut there, mut wanting) = (BTreeSet::new(), BTreeSet::new());
        self.files.walk(&mut |path, node| {
            let Node::File(file) = node else { return };
            let key = (file.layer, file.entry);
            if self.kept.contains_key(&key) {
                there.insert(key);
            } else if !file.is_unclaimed && (keep.at)(path) != Wanted::No {
                wanting.insert(key);
            }
        });
        self.kept.retain(|key, _| there.contains(key));
        self.again = wanting.into_iter().take(MOST_REREAD).collect();
    }

    fn stream(&self, part: &Part) -> io::Result<Box<dyn Read + Send + '_>> {
        match &part.name {
            Some(name) => self.blobs.open(name),
            None => Ok(Box::new(self.blobs.whole()?)),
        }
    }

    /// Lays a layer over those before it.
    fn lay(&mut self, number: usize, layer: io::Result<Layer>) {
        let part = &self.parts[number];
        let name = part.name.clone();
        let called = self.digests[number].as_deref().map(ToOwned::to_owned).or_else(|| name.clone());
        let at = |path: Option<String>| match (&called, path) {
            (Some(layer), Some(path)) => format!("{layer}: {path}"),
            (Some(layer), None) => layer.clone(),
            (None, path) => path.unwrap_or_else(|| "the archive".to_owned()),
        };
        let mut tell = |path: Option<String>, why: String| {
            self.unread.push(Unread { path: at(path), why, incomplete: true });
        };
        let layer = match layer {
            Ok(layer) => layer,
            Err(error) => return tell(None, format!("is a layer that cannot be read: {error}")),
        };
        for (path, why) in layer.problems {
            tell(path, why);
        }
        if let Some(evidence) = layer.evidence {
            if let Some(why) = part.digest.as_ref().and_then(|digest| differs(digest, evidence)) {
                tell(None, why);
            }
            let path = name.unwrap_or_else(|| "the archive".to_owned());
            let (kind, bytes, records) = ("image-layer".to_owned(), layer.bytes, layer.entries);
            self.read.push(ReadSource { path, evidence, kind, bytes, records, window: None });
        }
        for path in self.files.lay(layer.files) {
            tell(Some(path), "lies behind a symbolic link that leads out of the image or nowhere".to_owned());
        }
    }

    /// Whether it was looked into and has nothing to tell.
    fn is_silent(&self, file: &File) -> bool {
        file.is_unclaimed || matches!(self.kept.get(&(file.layer, file.entry)), Some(Kept::Silent))
    }

    /// A file that was not kept.
    fn read_again(&self, file: &File) -> io::Result<Vec<u8>> {
        if !self.again.contains(&(file.layer, file.entry)) {
            return Err(io::Error::other(
                "is not kept of its layer, which has more than is held or is not asked for it",
            ));
        }
        let part = self.parts.get(file.layer).ok_or(io::ErrorKind::NotFound)?;
        layer::content(self.stream(part)?, file.entry)
    }
}

/// Reads bytes as a layer, twice over, lays both over each other, and opens every file.
pub(crate) fn read_layer(bytes: &[u8]) {
    let keep = Keep { at: &|_| Wanted::ByPath, claim: &|_, _| Claim::Whole, room: 1 << 30 };
    let job = Job { number: 0, keep, hashed: Hashed::Stored };
    let mut files = Folder::default();
    for _ in 0..2 {
        files.lay(layer::read(bytes, job).files);
    }
    files.walk(&mut |path, _| drop(files.find(path)));
}

impl Target for Image {
    fn walk(&self, wanted: &dyn Fn(&str) -> Wanted, visit: &mut dyn FnMut(Met)) {
        self.files.walk(&mut |path, node| {
            let found = match (wanted(path), node) {
                (Wanted::ByPath, Node::Link(_)) => self.files.find(path),
                (Wanted::ByPath, node) => Ok(node),
                (Wanted::ByContent, Node::File(file)) if !self.is_silent(file) => Ok(node),
                (Wanted::ByContent | Wanted::No, _) => return,
            };
            let unread = match found {
                Ok(Node::File(_)) => return visit(Met::File(path.into())),
                Ok(Node::Special) => "is a FIFO, socket or device; expected a file".to_owned(),
                Ok(_) => return,
                Err(error) => error.to_string(),
            };
            visit(Met::Unread(path.into(), unread));
        });
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        let Node::File(file) = self.files.find(&shown(path))? else {
            return Err(io::Error::other("is no file"));
        };
        match self.kept.get(&(file.layer, file.entry)) {
            Some(Kept::Whole(bytes)) => Ok(Box::new(Cursor::new(Arc::clone(bytes)))),
            Some(Kept::Pieces(pieces)) => Ok(Box::new(InPieces { pieces, at: 0 })),
            Some(Kept::Large(_) | Kept::Silent) | None => Ok(Box::new(Cursor::new(self.read_again(file)?))),
        }
    }

    fn open_anywhere(&self, path: &Path, most: u64) -> io::Result<Box<dyn Anywhere + '_>> {
        let Node::File(file) = self.files.find(&shown(path))? else {
            return Err(io::Error::other("is no file"));
        };
        match self.kept.get(&(file.layer, file.entry)) {
            Some(Kept::Whole(bytes)) => Ok(Box::new(Cursor::new(Arc::clone(bytes)))),
            Some(Kept::Pieces(pieces)) => Ok(Box::new(InPieces { pieces, at: 0 })),
            Some(Kept::Large(_) | Kept::Silent) | None => {
                let bytes = self.read_again(file)?;
                if bytes.len() as u64 > most {
                    return Err(io::Error::other(format!("is larger than {most} bytes; expected less")));
                }
                Ok(Box::new(Cursor::new(bytes)))
            }
        }
    }

    fn size(&self, path: &Path) -> Option<u64> {
        let Ok(Node::File(file)) = self.files.find(&shown(path)) else { return None };
        match self.kept.get(&(file.layer, file.entry))? {
            Kept::Whole(bytes) => Some(bytes.len() as u64),
            Kept::Large(size) => Some(*size),
            Kept::Pieces(_) | Kept::Silent => None,
        }
    }

    fn has(&self, path: &Path) -> bool {
        matches!(self.files.find(&shown(path)), Ok(Node::File(_)))
    }

    fn opened(&self) -> (Vec<ReadSource>, Vec<Unread>) {
        (self.read.clone(), self.unread.clone())
    }

    fn layer(&self, path: &Path) -> Option<Arc<str>> {
        match self.files.find(&shown(path)) {
            Ok(Node::File(file)) => self.digests.get(file.layer).cloned().flatten(),
            _ => None,
        }
    }
}

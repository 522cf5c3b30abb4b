//! Where the parts of an image are: in a folder, or in an archive, which may be packed as a whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::super::inflate::inflated;
use super::super::tar::{Kind, Tar};
use super::super::{Folder, within};

/// The most parts of an image, as files of its archive.
const MOST_MEMBERS: usize = 100_000;

/// The most bytes of a member that is kept.
const SMALL: u64 = 1 << 20;

/// The most bytes of a manifest or a configuration, and of all members that are kept.
const MOST_SMALL: u64 = 16 << 20;

/// The parts of an image by their names.
#[derive(Debug)]
pub(super) enum Blobs {
    /// An OCI layout.
    Folder(Folder),
    /// An archive.
    Archive(Archive),
}

/// An archive with an image in it.
#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    packing: Packing,
    members: BTreeMap<String, Member>,
    /// Why members behind these could not be found.
    broken: Option<String>,
}

/// Whether one can go to a member at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Packed,
}

#[derive(Debug)]
struct Member {
    /// Where its content begins, in an archive that is not packed.
    at: u64,
    size: u64,
    /// All of it, in an archive that is packed, if it is small: it may be asked for many times.
    kept: Option<Vec<u8>>,
    /// What it leads to, if it is a link.
    link: Option<String>,
}

impl Archive {
    /// The archive at a path; `None` if it is no tar archive.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut begins = Vec::new();
        let mut file = File::open(path)?;
        (&file).take(512).read_to_end(&mut begins)?;
        file.seek(SeekFrom::Start(0))?;
        if is_tar(&begins) {
            let (members, broken) =
                members(&mut Tar::seeking(BufReader::new(file)), &mut |tar, _| Ok((tar.position()?, None)));
            return Ok(Some(Self { path: path.to_owned(), packing: Packing::None, members, broken }));
        }
        let Ok(mut stream) = inflated(file) else { return Ok(None) };
        let mut inside = Vec::new();
        if stream.by_ref().take(512).read_to_end(&mut inside).is_err() || !is_tar(&inside) {
            return Ok(None);
        }
        let mut room = MOST_SMALL;
        let (members, broken) =
            members(&mut Tar::new(io::Cursor::new(inside).chain(stream)), &mut |tar, size| {
                if size > SMALL || size > room {
                    return Ok((0, None));
                }
                room -= size;
                let mut bytes = Vec::new();
                tar.read_to_end(&mut bytes)?;
                Ok((0, Some(bytes)))
            });
        Ok(Some(Self { path: path.to_owned(), packing: Packing::Packed, members, broken }))
    }

    fn open_member(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let name = self.real(name)?;
        let member = self.members.get(&name).ok_or(io::ErrorKind::NotFound)?;
        if let Some(kept) = &member.kept {
            return Ok(Box::new(kept.as_slice()));
        }
        let mut file = File::open(&self.path)?;
        if self.packing == Packing::None {
            file.seek(SeekFrom::Start(member.at))?;
            return Ok(Box::new(Exact { stream: file, left: member.size }));
        }
        let mut tar = Tar::new(inflated(file)?);
        while let Some(entry) = tar.next_entry()? {
            if entry.kind == Kind::File && normal(&entry.path) == name {
                return Ok(Box::new(tar));
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// Hands out every file of an archive that is packed, in one go.
    fn in_passing(&self, visit: &mut dyn FnMut(&str, &mut (dyn Read + Send))) -> io::Result<()> {
        let mut tar = Tar::new(inflated(File::open(&self.path)?)?);
        while let Some(entry) = tar.next_entry()? {
            if entry.kind == Kind::File {
                visit(&normal(&entry.path), &mut tar);
            }
        }
        Ok(())
    }

    /// The name without links: old archives of Docker have a layer that comes twice only once.
    fn real(&self, name: &str) -> io::Result<String> {
        let mut name = normal(name.as_bytes());
        for _ in 0..8 {
            let Some(link) = self.members.get(&name).and_then(|member| member.link.as_deref()) else {
                return Ok(name);
            };
            let to = within(Path::new(&name), link);
            let to = to.ok_or_else(|| io::Error::other("is a link that leads out of the archive"))?;
            name = to.to_string_lossy().into_owned();
        }
        Err(io::Error::other("is a link that leads to others without end"))
    }
}

impl Blobs {
    /// Those at a path; `None` if there is neither a layout nor an archive.
    pub(super) fn at(path: &Path) -> io::Result<Option<Self>> {
        if path.is_dir() {
            let folder = Folder::new(path)?;
            let is_layout = folder.open_file(Path::new("oci-layout")).is_ok();
            return Ok(is_layout.then_some(Self::Folder(folder)));
        }
        Ok(Archive::open(path)?.map(Self::Archive))
    }

    /// Opens a part.
    pub(super) fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        match self {
            Self::Folder(folder) => folder.open_file(Path::new(name)).map(|file| Box::new(file) as _),
            Self::Archive(archive) => archive.open_member(name),
        }
    }

    /// All of a small part; `None` if there is none of this name.
    pub(super) fn small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        match self.open(name) {
            Ok(stream) => stream.take(MOST_SMALL + 1).read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if bytes.len() as u64 > MOST_SMALL {
            return Err(io::Error::other(format!("is larger than {MOST_SMALL} bytes")));
        }
        Ok(Some(bytes))
    }

    /// Hands out every part in one go, where to open each would be to read all that comes before it again and again;
    /// `None` where it would not.
    pub(super) fn in_passing(
        &self,
        visit: &mut dyn FnMut(&str, &mut (dyn Read + Send)),
    ) -> Option<io::Result<()>> {
        match self {
            Self::Archive(archive) if archive.packing == Packing::Packed => Some(archive.in_passing(visit)),
            _ => None,
        }
    }

    /// The name of a part in the archive itself.
    pub(super) fn real(&self, name: &str) -> String {
        match self {
            Self::Archive(archive) => archive.real(name).unwrap_or_else(|_| name.to_owned()),
            Self::Folder(_) => name.to_owned(),
        }
    }

    /// Why parts may be missing.
    pub(super) fn broken(&self) -> Option<&str> {
        match self {
            Self::Archive(archive) => archive.broken.as_deref(),
            Self::Folder(_) => None,
        }
    }

    /// All of an archive that is no image, but the files of one.
    pub(super) fn whole(&self) -> io::Result<File> {
        match self {
            Self::Archive(archive) => File::open(&archive.path),
            Self::Folder(_) => Err(io::ErrorKind::IsADirectory.into()),
        }
    }
}

fn is_tar(begins: &[u8]) -> bool {
    begins.get(257..262) == Some(b"ustar")
}

/// Says where the content of a member of this size begins, and keeps it if it is small.
type Place<'p, R> = dyn FnMut(&mut Tar<R>, u64) -> io::Result<(u64, Option<Vec<u8>>)> + 'p;

fn members<R: Read>(
    tar: &mut Tar<R>,
    place: &mut Place<'_, R>,
) -> (BTreeMap<String, Member>, Option<String>) {
    let mut members = BTreeMap::new();
    loop {
        let entry = match tar.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) => return (members, None),
            Err(error) => return (members, Some(error.to_string())),
        };
        let link = match entry.kind {
            Kind::File => None,
            Kind::SymbolicLink => Some(String::from_utf8_lossy(&entry.link).into_owned()),
            // A hard link is named from the root of the archive.
            Kind::HardLink => Some(format!("/{}", String::from_utf8_lossy(&entry.link))),
            _ => continue,
        };
        // What is no image has more files than one, and is not looked at by its members.
        if members.len() < MOST_MEMBERS {
            let (at, kept) = match place(tar, entry.size) {
                Ok(place) => place,
                Err(error) => return (members, Some(error.to_string())),
            };
            members.insert(normal(&entry.path), Member { at, size: entry.size, kept, link });
        }
    }
}

/// The name of a member without what changes nothing.
fn normal(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path);
    let steps: Vec<&str> = text.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    steps.join("/")
}

/// So many bytes of a stream, and an error if there are fewer.
struct Exact<R> {
    stream: R,
    left: u64,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.stream.read(&mut buffer[..most])?;
        if count == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        Ok(count)
    }
}

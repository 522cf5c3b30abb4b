//! Zip archives, one entry after the other, <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>.
//!
//! The directory is streamed, so memory does not grow with it, and two entries of one name are two. Stored and deflated
//! entries are read, with the 64-bit extensions; encrypted ones and other methods are told.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::limits::{ARCHIVE_BYTES, ARCHIVE_ENTRIES, DOCUMENT_BYTES};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";

/// An end record without its comment, and the longest comment.
const END_LEN: u64 = 22;
const COMMENT_AT_MOST: u64 = 0xffff;

/// Why an archive or one of its entries could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ZipError {
    /// The file could not be read.
    #[error("{0}")]
    File(#[from] io::Error),
    /// It has no end record, so it is no archive, or is cut short.
    #[error("it has no directory: it is no zip, or it is cut short")]
    NoDirectory,
    /// The directory does not say what it should.
    #[error("its directory breaks off at entry {at} of {of}")]
    Directory {
        /// The number of the entry, from 1.
        at: u64,
        /// How many there should be.
        of: u64,
    },
    /// It has too many entries.
    #[error("it has {0} entries: expected at most {ARCHIVE_ENTRIES}")]
    Entries(u64),
    /// It comes to too much.
    #[error("its entries come to more than {ARCHIVE_BYTES} bytes")]
    Bytes,
    /// The entry is encrypted.
    #[error("it is encrypted")]
    Encrypted,
    /// The entry is packed in another way.
    #[error("it is packed by method {0}: expected stored or deflated")]
    Method(u16),
    /// The entry is too large.
    #[error("it comes to more than {DOCUMENT_BYTES} bytes")]
    Large,
    /// The entry is not what the directory says.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

/// An archive.
#[derive(Debug)]
pub struct Zip {
    file: File,
    len: u64,
    directory: u64,
    entries: u64,
    /// How far everything is from where the archive says: something may stand before it.
    shift: u64,
}

/// An entry of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name; bytes that are no UTF-8 are replaced.
    pub name: String,
    method: u16,
    flags: u16,
    crc: u32,
    packed: u64,
    size: u64,
    offset: u64,
}

impl Entry {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }
}

impl Zip {
    /// Finds the directory of an archive.
    pub fn open(file: File) -> Result<Self, ZipError> {
        let len = file.metadata()?.len();
        let tail = len.saturating_sub(END_LEN + COMMENT_AT_MOST);
        let mut bytes = vec![0; usize::try_from(len - tail).map_err(|_| ZipError::NoDirectory)?];
        file.read_exact_at(&mut bytes, tail)?;
        let end = (0..bytes.len().saturating_sub(21)).rev().find(|at| is_end(&bytes[*at..]));
        let end = end.ok_or(ZipError::NoDirectory)?;
        let record = &bytes[end..];
        let at = tail + end as u64;
        let mut zip = Self {
            len,
            directory: u64::from(u32_at(record, 16)),
            entries: u64::from(u16_at(record, 10)),
            shift: 0,
            file,
        };
        let mut size = u64::from(u32_at(record, 12));
        let mut directory_end = at;
        if let Some(record_64) = zip.end_64(at)? {
            zip.entries = u64_at(&record_64.1, 32);
            size = u64_at(&record_64.1, 40);
            zip.directory = u64_at(&record_64.1, 48);
            directory_end = record_64.0;
        }
        let start = directory_end.checked_sub(size).ok_or(ZipError::NoDirectory)?;
        zip.shift = start.checked_sub(zip.directory).ok_or(ZipError::NoDirectory)?;
        zip.directory = start;
        if zip.entries > ARCHIVE_ENTRIES {
            return Err(ZipError::Entries(zip.entries));
        }
        Ok(zip)
    }

    /// The 64-bit end record and its place, if there is one before the end record at `at`.
    fn end_64(&self, at: u64) -> Result<Option<(u64, [u8; 56])>, ZipError> {
        let Some(locator_at) = at.checked_sub(20) else { return Ok(None) };
        let mut locator = [0; 20];
        self.file.read_exact_at(&mut locator, locator_at)?;
        if locator[..4] != LOCATOR_64 {
            return Ok(None);
        }
        // Where it says, or right before the locator, if something stands before the archive.
        for place in [Some(u64_at(&locator, 8)), locator_at.checked_sub(56)].into_iter().flatten() {
            let mut record = [0; 56];
            if place.checked_add(56).is_some_and(|end| end <= locator_at) {
                self.file.read_exact_at(&mut record, place)?;
                if record[..4] == END_64 {
                    return Ok(Some((place, record)));
                }
            }
        }
        Err(ZipError::NoDirectory)
    }

    /// How many entries the directory should have.
    pub fn count(&self) -> u64 {
        self.entries
    }

    /// The entries, in the order of the directory. After an error there is none more.
    pub fn entries(&self) -> Entries<'_> {
        let from = Region { file: &self.file, at: self.directory, end: self.len };
        Entries { directory: BufReader::with_capacity(1 << 16, from), zip: self, next: 0 }
    }

    /// The bytes of an entry, if they are what the directory says.
    pub fn read(&self, entry: &Entry) -> Result<Vec<u8>, ZipError> {
        if entry.flags & 1 != 0 {
            return Err(ZipError::Encrypted);
        }
        if entry.size > DOCUMENT_BYTES {
            return Err(ZipError::Large);
        }
        let at = entry.offset.checked_add(self.shift).ok_or(ZipError::Damaged("it stands nowhere"))?;
        let mut local = [0; 30];
        if at.checked_add(30).is_none_or(|end| end > self.len) {
            return Err(ZipError::Damaged("it stands behind the end"));
        }
        self.file.read_exact_at(&mut local, at)?;
        if local[..4] != LOCAL {
            return Err(ZipError::Damaged("there is no entry where the directory says"));
        }
        let from = at + 30 + u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
        let end = from.checked_add(entry.packed).filter(|end| *end <= self.len);
        let end = end.ok_or(ZipError::Damaged("it ends behind the end"))?;
        let packed = BufReader::new(Region { file: &self.file, at: from, end });
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size.min(1 << 20)).unwrap_or(0));
        let read = match entry.method {
            0 => packed.take(DOCUMENT_BYTES + 1).read_to_end(&mut bytes),
            8 => DeflateDecoder::new(packed).take(DOCUMENT_BYTES + 1).read_to_end(&mut bytes),
            other => return Err(ZipError::Method(other)),
        };
        read.map_err(|_| ZipError::Damaged("it cannot be inflated"))?;
        if bytes.len() as u64 > DOCUMENT_BYTES {
            return Err(ZipError::Large);
        }
        if bytes.len() as u64 != entry.size {
            return Err(ZipError::Damaged("its size is another"));
        }
        let mut crc = Crc::new();
        crc.update(&bytes);
        if crc.sum() == entry.crc { Ok(bytes) } else { Err(ZipError::Damaged("its checksum is another")) }
    }
}

/// The entries of an archive.
#[derive(Debug)]
pub struct Entries<'z> {
    directory: BufReader<Region<'z>>,
    zip: &'z Zip,
    next: u64,
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, ZipError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.zip.entries {
            return None;
        }
        self.next += 1;
        let at = self.next;
        Some(self.entry().map_err(|_| {
            self.next = self.zip.entries;
            ZipError::Directory { at, of: self.zip.entries }
        }))
    }
}

impl Entries<'_> {
    fn entry(&mut self) -> io::Result<Entry> {
        let mut fixed = [0; 46];
        self.directory.read_exact(&mut fixed)?;
        if fixed[..4] != CENTRAL {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut take = |at: usize| -> io::Result<Vec<u8>> {
            let mut bytes = vec![0; usize::from(u16_at(&fixed, at))];
            self.directory.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        let (name, extra, _comment) = (take(28)?, take(30)?, take(32)?);
        let mut wide = wide(&extra);
        // Each stands in the 64-bit field only if the 32-bit one is full, in this order.
        let mut full = |at: usize| match u32_at(&fixed, at) {
            u32::MAX => wide.next().ok_or(io::Error::from(io::ErrorKind::InvalidData)),
            short => Ok(u64::from(short)),
        };
        let (size, packed, offset) = (full(24)?, full(20)?, full(42)?);
        Ok(Entry {
            name: String::from_utf8_lossy(&name).into_owned(),
            method: u16_at(&fixed, 10),
            flags: u16_at(&fixed, 8),
            crc: u32_at(&fixed, 16),
            packed,
            size,
            offset,
        })
    }
}

/// The values of the 64-bit field among the extra fields.
fn wide(extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = extra;
    let mut found: &[u8] = &[];
    while rest.len() >= 4 {
        let (kind, len) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
        let Some(body) = rest.get(4..4 + len) else { break };
        if kind == 1 {
            found = body;
            break;
        }
        rest = &rest[4 + len..];
    }
    found.chunks_exact(8).map(|value| u64_at(value, 0))
}

/// Whether an end record begins here, whose comment ends with the file.
fn is_end(bytes: &[u8]) -> bool {
    bytes.starts_with(&END) && bytes.len() == 22 + usize::from(u16_at(bytes, 20))
}

/// A part of a file.
#[derive(Debug)]
struct Region<'f> {
    file: &'f File,
    at: u64,
    end: u64,
}

impl Read for Region<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.at).min(into.len() as u64);
        let room = usize::try_from(left).unwrap_or(into.len());
        let read = self.file.read_at(&mut into[..room], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

/// Bytes of a record; zeros where it is too short.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..at + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
}

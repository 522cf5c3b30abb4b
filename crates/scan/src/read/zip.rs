//! ZIP archives by their central directory, <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>.
//!
//! Only what is asked for is inflated, and never more than there is room for.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::Broken;
use super::bytes::{Bytes, Endian};

/// The end of the central directory, with the longest comment.
const END: u64 = 22;
const MOST_COMMENT: u64 = 65_535;

/// The most bytes of the central directory.
const MOST_DIRECTORY: u64 = 64 << 20;

/// The most entries.
const MOST_ENTRIES: usize = 500_000;

const LITTLE: Endian = Endian::Little;

/// A file in an archive.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its path, as it is written; it is compared and shown, never opened.
    pub(super) name: String,
    flags: u16,
    method: u16,
    deflated: u64,
    size: u64,
    header: u64,
}

/// How many bytes may still be inflated.
#[derive(Debug)]
pub(super) struct Room(pub(super) u64);

/// The files of an archive, in the order of its directory.
pub(super) fn entries(bytes: &mut Bytes<'_>) -> Result<Vec<Entry>, Broken> {
    let no_zip = || Broken::other("has no directory of a ZIP archive", "one at its end");
    let size = bytes.whole().size;
    let tail_at = size.saturating_sub(END + MOST_COMMENT);
    let tail = bytes.up_to(tail_at, END + MOST_COMMENT)?;
    let end = memchr::memmem::rfind(&tail, b"PK\x05\x06").ok_or_else(no_zip)?;
    let end_at = tail_at + end as u64;
    let number = |at: usize| LITTLE.u32(&tail, end + at).map(u64::from);
    let (mut length, mut start) = (number(12).ok_or_else(no_zip)?, number(16).ok_or_else(no_zip)?);
    let mut directory_end = end_at;
    // ZIP64: the numbers stand in a record before this one, which a locator names.
    if (start == 0xffff_ffff || length == 0xffff_ffff)
        && end >= 20
        && tail[end - 20..].starts_with(b"PK\x06\x07")
    {
        let at = LITTLE.u64(&tail, end - 12).ok_or_else(no_zip)?;
        let record = bytes.at(at, 56)?;
        length = LITTLE.u64(&record, 40).ok_or_else(no_zip)?;
        start = LITTLE.u64(&record, 48).ok_or_else(no_zip)?;
        directory_end = at;
    }
    if length > MOST_DIRECTORY {
        return Err(Broken::other("has a directory that is too large", "at most 64 MiB of it"));
    }
    // Something may stand before the archive, such as a script that runs it.
    let before = directory_end.checked_sub(length).and_then(|real| real.checked_sub(start)).unwrap_or(0);
    let directory = bytes.up_to(start + before, length)?;
    let mut rest = directory.as_slice();
    let mut entries = Vec::new();
    while rest.starts_with(b"PK\x01\x02") && entries.len() < MOST_ENTRIES {
        let Some((entry, length)) = entry(rest, before) else { break };
        entries.push(entry);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(entries)
}

/// An entry of the directory, and how long it is.
fn entry(bytes: &[u8], before: u64) -> Option<(Entry, usize)> {
    let lengths = [28, 30, 32].map(|at| LITTLE.u16(bytes, at).map(usize::from));
    let [Some(name), Some(extra), Some(comment)] = lengths else { return None };
    let wide = |at: usize| LITTLE.u32(bytes, at).map(u64::from);
    let mut entry = Entry {
        name: String::from_utf8_lossy(bytes.get(46..46 + name)?).into_owned(),
        flags: LITTLE.u16(bytes, 8)?,
        method: LITTLE.u16(bytes, 10)?,
        deflated: wide(20)?,
        size: wide(24)?,
        header: wide(42)?,
    };
    let mut extra_field = bytes.get(46 + name..46 + name + extra)?;
    while let (Some(kind), Some(length)) = (LITTLE.u16(extra_field, 0), LITTLE.u16(extra_field, 2)) {
        let Some(field) = extra_field.get(4..4 + usize::from(length)) else { break };
        if kind == 1 {
            let mut at = 0;
            for value in [&mut entry.size, &mut entry.deflated, &mut entry.header] {
                if *value == 0xffff_ffff {
                    *value = LITTLE.u64(field, at)?;
                    at += 8;
                }
            }
        }
        extra_field = &extra_field[4 + usize::from(length)..];
    }
    entry.header = entry.header.checked_add(before)?;
    Some((entry, 46 + name + extra + comment))
}

impl Entry {
    /// What is in it, at most so many bytes.
    pub(super) fn read(&self, bytes: &mut Bytes<'_>, most: u64, room: &mut Room) -> Result<Vec<u8>, String> {
        if self.flags & 1 != 0 {
            return Err("is encrypted; expected a file that can be read".to_owned());
        }
        let most = most.min(room.0);
        if self.size > most {
            return Err(format!("comes to {} bytes; expected at most {most}", self.size));
        }
        let header = bytes.at(self.header, 30).map_err(|error| error.to_string())?;
        let lengths = [26, 28].map(|at| LITTLE.u16(&header, at).map(u64::from));
        let ([Some(name), Some(extra)], true) = (lengths, header.starts_with(b"PK\x03\x04")) else {
            return Err("is not where the directory says; expected a header there".to_owned());
        };
        let content =
            bytes.at(self.header + 30 + name + extra, self.deflated).map_err(|error| error.to_string())?;
        let inflated = match self.method {
            0 => content,
            8 => {
                let mut inflated = Vec::new();
                let read = DeflateDecoder::new(content.as_slice()).take(most + 1).read_to_end(&mut inflated);
                read.map_err(|error| format!("cannot be inflated: {error}"))?;
                inflated
            }
            method => return Err(format!("is packed by method {method}; expected it stored or deflated")),
        };
        room.0 = room.0.saturating_sub(inflated.len() as u64);
        if inflated.len() as u64 > most {
            return Err(format!("comes to more than {most} bytes; expected less"));
        }
        Ok(inflated)
    }
}

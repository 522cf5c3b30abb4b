//! Bytes of a file by where they stand, and numbers in them.

use std::io::{self, SeekFrom};

use crate::target::Anywhere;

/// The most bytes that are taken at once.
pub(in crate::read) const MOST_BYTES: u64 = 64 << 20;

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) struct Part {
    pub(in crate::read) offset: u64,
    pub(in crate::read) size: u64,
}

/// A file, or a part of it that is a program of its own.
pub(in crate::read) struct Bytes<'f> {
    file: &'f mut dyn Anywhere,
    whole: Part,
    part: Part,
}

impl<'f> Bytes<'f> {
    pub(in crate::read) fn of(file: &'f mut dyn Anywhere) -> io::Result<Self> {
        let whole = Part { offset: 0, size: file.seek(SeekFrom::End(0))? };
        Ok(Self { file, whole, part: whole })
    }

    /// All of the file.
    pub(in crate::read) fn whole(&self) -> Part {
        self.whole
    }

    /// From now on, places are those of this part, as far as the file has it.
    pub(in crate::read) fn within(&mut self, part: Part) {
        let offset = part.offset.min(self.whole.size);
        self.part = Part { offset, size: part.size.min(self.whole.size - offset) };
    }

    /// What stands at this place, no less than that.
    pub(in crate::read) fn at(&mut self, offset: u64, size: u64) -> io::Result<Vec<u8>> {
        let bytes = self.up_to(offset, size)?;
        if (bytes.len() as u64) < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    /// What stands at this place, as far as there is so much.
    pub(in crate::read) fn up_to(&mut self, offset: u64, size: u64) -> io::Result<Vec<u8>> {
        let there = self.part.size.saturating_sub(offset).min(size).min(MOST_BYTES);
        let length = usize::try_from(there).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        if length > 0 {
            self.file.seek(SeekFrom::Start(self.part.offset + offset))?;
            self.file.read_exact(&mut bytes)?;
        }
        Ok(bytes)
    }
}

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) enum Endian {
    Little,
    Big,
}

impl Endian {
    pub(in crate::read) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self == Self::Little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    pub(in crate::read) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self == Self::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    pub(in crate::read) fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
        Some(if self == Self::Little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }

    /// A number as wide as an address.
    pub(in crate::read) fn wide(self, bytes: &[u8], at: usize, width: Width) -> Option<u64> {
        match width {
            Width::Four => self.u32(bytes, at).map(u64::from),
            Width::Eight => self.u64(bytes, at),
        }
    }
}

/// How many bytes an address has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) enum Width {
    Four,
    Eight,
}

impl Width {
    pub(in crate::read) fn bytes(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// The first where addresses have four bytes, else the second.
    pub(in crate::read) fn pick<T>(self, four: T, eight: T) -> T {
        match self {
            Self::Four => four,
            Self::Eight => eight,
        }
    }
}

/// The text up to the first zero.
pub(in crate::read) fn name(bytes: &[u8]) -> String {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

//! ELF, <https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html>.

use super::{Piece, Program, broken};
use crate::component::Place;
use crate::read::bytes::{Bytes, Endian, Width, name};
use crate::read::{Broken, Reading};

/// Types of files that are run or loaded: `ET_EXEC`, `ET_DYN`.
const RUN: [u16; 2] = [2, 3];

/// `PT_LOAD`: a segment that is put into memory.
const LOAD: u32 = 1;

/// `PF_X`, `PF_W`: what a segment may be used for.
const EXECUTE: u32 = 1;
const WRITE: u32 = 2;

/// `SHT_NOBITS`: a section that has no bytes in the file.
const NO_BITS: u32 = 8;

/// The most bytes of the names of sections.
const MOST_NAMES: u64 = 16 << 20;

struct Header {
    endian: Endian,
    width: Width,
    bytes: Vec<u8>,
}

pub(super) fn program(bytes: &mut Bytes<'_>, reading: &mut Reading<'_>) -> Result<Option<Program>, Broken> {
    let header = bytes.up_to(0, 64)?;
    let width = match header.get(4) {
        Some(1) => Width::Four,
        Some(2) => Width::Eight,
        _ => return Err(broken("is ELF of neither 32 nor 64 bits")),
    };
    let endian = match header.get(5) {
        Some(1) => Endian::Little,
        Some(2) => Endian::Big,
        _ => return Err(broken("is ELF of no known byte order")),
    };
    let header = Header { endian, width, bytes: header };
    let kind = header.u16(16).ok_or_else(|| broken("is ELF whose header is cut short"))?;
    if !RUN.contains(&kind) {
        return Ok(None);
    }
    let mut program = Program::default();
    segments(&header, bytes, &mut program)
        .ok_or_else(|| broken("is ELF whose program headers are cut short"))?;
    if sections(&header, bytes, &mut program).is_none() {
        reading
            .problem(&Place::Whole, "is ELF whose section headers are cut short; expected them in the file");
    }
    Ok(Some(program))
}

impl Header {
    fn u16(&self, at: usize) -> Option<u16> {
        self.endian.u16(&self.bytes, at)
    }

    fn wide(&self, at: usize) -> Option<u64> {
        self.endian.wide(&self.bytes, at, self.width)
    }
}

/// The entries of a table, each as its bytes.
fn table(bytes: &mut Bytes<'_>, offset: u64, count: u64, size: u16, least: usize) -> Option<Vec<Vec<u8>>> {
    let (size, count) = (usize::from(size), usize::try_from(count).ok()?);
    if count == 0 {
        return Some(Vec::new());
    }
    if size < least {
        return None;
    }
    let table = bytes.at(offset, (size as u64).checked_mul(count as u64)?).ok()?;
    Some(table.chunks_exact(size).map(<[u8]>::to_vec).collect())
}

fn segments(header: &Header, bytes: &mut Bytes<'_>, program: &mut Program) -> Option<()> {
    let (endian, width) = (header.endian, header.width);
    let offset = header.wide(width.pick(28, 32))?;
    let (size, count) = (header.u16(width.pick(42, 54))?, header.u16(width.pick(44, 56))?);
    for entry in table(bytes, offset, count.into(), size, width.pick(32, 56))? {
        if endian.u32(&entry, 0)? != LOAD {
            continue;
        }
        let flags = endian.u32(&entry, width.pick(24, 4))?;
        if flags & (EXECUTE | WRITE) == WRITE && program.data.is_none() {
            program.data = Some(program.segments.len());
        }
        program.segments.push(Piece {
            name: String::new(),
            offset: endian.wide(&entry, width.pick(4, 8), width)?,
            address: endian.wide(&entry, width.pick(8, 16), width)?,
            size: endian.wide(&entry, width.pick(16, 32), width)?,
        });
    }
    Some(())
}

fn sections(header: &Header, bytes: &mut Bytes<'_>, program: &mut Program) -> Option<()> {
    let (endian, width) = (header.endian, header.width);
    let offset = header.wide(width.pick(32, 40))?;
    let size = header.u16(width.pick(46, 58))?;
    let mut count = u64::from(header.u16(width.pick(48, 60))?);
    let mut names = u64::from(header.u16(width.pick(50, 62))?);
    if offset == 0 {
        return Some(());
    }
    let least = width.pick(40, 64);
    // Where there are more than the header can count, the first section does.
    let first = table(bytes, offset, 1, size, least)?.pop()?;
    if count == 0 {
        count = endian.wide(&first, width.pick(20, 32), width)?;
    }
    if names == 0xffff {
        names = endian.u32(&first, width.pick(24, 40))?.into();
    }
    let entries = table(bytes, offset, count, size, least)?;
    let piece = |entry: &[u8]| -> Option<Piece> {
        Some(Piece {
            name: String::new(),
            address: endian.wide(entry, width.pick(12, 16), width)?,
            offset: endian.wide(entry, width.pick(16, 24), width)?,
            size: endian.wide(entry, width.pick(20, 32), width)?,
        })
    };
    let Some(names) = usize::try_from(names).ok().and_then(|names| entries.get(names)) else {
        return Some(());
    };
    let names = piece(names)?;
    let names = bytes.up_to(names.offset, names.size.min(MOST_NAMES)).ok()?;
    for entry in entries.iter().filter(|entry| endian.u32(entry, 4) != Some(NO_BITS)) {
        let at = usize::try_from(endian.u32(entry, 0)?).ok()?;
        let name = name(names.get(at..(at + 64).min(names.len())).unwrap_or_default());
        program.sections.push(Piece { name, ..piece(entry)? });
    }
    Some(())
}

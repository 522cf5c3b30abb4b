//! PE, <https://learn.microsoft.com/en-us/windows/win32/debug/pe-format>.

use super::{Piece, Program, broken};
use crate::read::Broken;
use crate::read::bytes::{Bytes, Endian, name};

/// `IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE`.
const DATA: u32 = 0xc000_0040;

/// What of the flags of a section says how it is aligned.
const ALIGNED: u32 = 0x00f0_0000;

const SECTION: usize = 40;

pub(super) fn program(bytes: &mut Bytes<'_>) -> Result<Option<Program>, Broken> {
    const LITTLE: Endian = Endian::Little;
    let dos = bytes.up_to(0, 64)?;
    let Some(at) = LITTLE.u32(&dos, 0x3c).map(u64::from) else { return Ok(None) };
    let header = bytes.up_to(at, 24 + 32)?;
    if !header.starts_with(b"PE\0\0") {
        return Ok(None);
    }
    let cut = || broken("is PE whose headers are cut short");
    let count = LITTLE.u16(&header, 6).ok_or_else(cut)?;
    let optional = LITTLE.u16(&header, 20).ok_or_else(cut)?;
    let base = match LITTLE.u16(&header, 24) {
        Some(0x10b) => LITTLE.u32(&header, 24 + 28).map(u64::from),
        Some(0x20b) => LITTLE.u64(&header, 24 + 24),
        _ => return Ok(None),
    };
    let base = base.ok_or_else(cut)?;
    let table = bytes.at(at + 24 + u64::from(optional), u64::from(count) * SECTION as u64)?;
    let mut program = Program::default();
    for entry in table.chunks_exact(SECTION) {
        let number = |at: usize| LITTLE.u32(entry, at).map(u64::from);
        let (Some(address), Some(size), Some(offset)) = (number(12), number(16), number(20)) else {
            return Err(cut());
        };
        let flags = LITTLE.u32(entry, 36).unwrap_or_default() & !ALIGNED;
        if flags == DATA && address != 0 && size != 0 && program.data.is_none() {
            program.data = Some(program.segments.len());
        }
        let piece = Piece { name: name(&entry[..8]), address: base.saturating_add(address), offset, size };
        program.segments.push(piece.clone());
        // How much of it is used; the rest of the file's piece is filled up.
        let used = number(8).filter(|used| *used != 0).unwrap_or(size);
        program.sections.push(Piece { size: size.min(used), ..piece });
    }
    Ok(Some(program))
}

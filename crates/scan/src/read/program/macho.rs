//! Mach-O, as `mach-o/loader.h` and `mach-o/fat.h` have it.

use super::{Piece, Program, broken};
use crate::read::Broken;
use crate::read::bytes::{Bytes, Endian, Part, Width, name};

/// A file for more machines than this is none: what begins like it is a Java class.
const MOST_MACHINES: u32 = 30;

/// The most bytes of load commands.
const MOST_COMMANDS: u32 = 16 << 20;

/// `LC_SEGMENT`, `LC_SEGMENT_64`.
const SEGMENT: [u32; 2] = [0x1, 0x19];

/// `VM_PROT_READ | VM_PROT_WRITE`.
const READ_WRITE: u32 = 3;

/// The programs in a file for several machines; `None` if it is not one.
pub(super) fn parts(bytes: &mut Bytes<'_>) -> Result<Option<Vec<Part>>, Broken> {
    let header = bytes.up_to(0, 8)?;
    let width = match header.get(..4) {
        Some(b"\xca\xfe\xba\xbe") => Width::Four,
        Some(b"\xca\xfe\xba\xbf") => Width::Eight,
        _ => return Ok(None),
    };
    let count = Endian::Big.u32(&header, 4).unwrap_or_default();
    if count > MOST_MACHINES {
        return Ok(Some(Vec::new()));
    }
    let size = width.pick(20, 32);
    let table = bytes.at(8, u64::from(count) * size)?;
    let part = |entry: &[u8]| {
        let offset = Endian::Big.wide(entry, 8, width)?;
        Some(Part { offset, size: Endian::Big.wide(entry, width.pick(12, 16), width)? })
    };
    Ok(Some(table.chunks_exact(width.pick(20, 32)).filter_map(part).collect()))
}

pub(super) fn program(bytes: &mut Bytes<'_>) -> Result<Option<Program>, Broken> {
    let header = bytes.up_to(0, 32)?;
    let (endian, width) = match header.get(..4) {
        Some(b"\xfe\xed\xfa\xce") => (Endian::Big, Width::Four),
        Some(b"\xfe\xed\xfa\xcf") => (Endian::Big, Width::Eight),
        Some(b"\xce\xfa\xed\xfe") => (Endian::Little, Width::Four),
        Some(b"\xcf\xfa\xed\xfe") => (Endian::Little, Width::Eight),
        _ => return Ok(None),
    };
    let size = endian.u32(&header, 20).filter(|size| *size <= MOST_COMMANDS);
    let size = size.ok_or_else(|| broken("is Mach-O with too many load commands"))?;
    let commands = bytes.at(width.pick(28, 32), size.into())?;
    let mut program = Program::default();
    let mut rest = commands.as_slice();
    while let (Some(kind), Some(length)) = (endian.u32(rest, 0), endian.u32(rest, 4)) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(command) = rest.get(..length).filter(|_| length >= 8) else {
            return Err(broken("is Mach-O whose load commands are cut short"));
        };
        if SEGMENT.contains(&kind) {
            segment(command, endian, width, &mut program)
                .ok_or_else(|| broken("is Mach-O with a segment that is cut short"))?;
        }
        rest = &rest[length..];
    }
    Ok(Some(program))
}

fn segment(command: &[u8], endian: Endian, width: Width, program: &mut Program) -> Option<()> {
    let step = width.bytes();
    let wide = |at: usize| endian.wide(command, at, width);
    let behind = 24 + 4 * step;
    let (most, first) = (endian.u32(command, behind)?, endian.u32(command, behind + 4)?);
    let segment = Piece {
        name: name(command.get(8..24)?),
        address: wide(24)?,
        offset: wide(24 + 2 * step)?,
        size: wide(24 + 3 * step)?,
    };
    let is_data = segment.address != 0 && segment.size != 0 && most == READ_WRITE && first == READ_WRITE;
    if is_data && program.data.is_none() {
        program.data = Some(program.segments.len());
    }
    program.segments.push(segment);
    let sections = command.get(behind + 16..)?;
    for section in sections.chunks_exact(width.pick(68, 80)) {
        program.sections.push(Piece {
            name: name(&section[..16]),
            address: endian.wide(section, 32, width)?,
            size: endian.wide(section, 32 + step, width)?,
            offset: endian.u32(section, 32 + 2 * step)?.into(),
        });
    }
    Some(())
}

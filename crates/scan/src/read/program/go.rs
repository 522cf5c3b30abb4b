//! What Go's linker leaves in a program, from Go 1.13 on, as `debug/buildinfo` reads it,
//! <https://pkg.go.dev/debug/buildinfo>.
//!
//! Go 1.18 put the texts behind a header; before that it had pointers to them. The standard library is a component, since
//! advisories are about it. The hashes there are of trees of files, not of what is delivered, and are left out.

use memchr::memmem;

use super::{Program, broken, place};
use crate::component::{Component, Place, Registry, Scope};
use crate::read::bytes::{Bytes, Endian, Width};
use crate::read::{Broken, Reading};

const MAGIC: &[u8] = b"\xff Go buildinf:";

/// The header stands at a multiple of this.
const ALIGNED: usize = 16;

/// How long the header is.
const HEADER: u64 = 32;

/// How much of the data is looked through where no section tells where the header stands: it is among the first.
const MOST_SEARCHED: u64 = 1 << 20;

/// The most bytes of what is told of modules.
const MOST_MODULES: u64 = 16 << 20;

/// What stands around the text about modules, so that it can be found in memory.
const AROUND: usize = 16;

const SECTION: &str = ".go.buildinfo";

pub(super) fn read(
    program: &Program,
    bytes: &mut Bytes<'_>,
    reading: &mut Reading<'_>,
) -> Result<(), Broken> {
    let Some((offset, room)) = header(program, bytes)? else { return Ok(()) };
    let cut = || broken("has build information of Go that is cut short");
    let (version, modules) = match bytes.at(offset, HEADER)?.as_slice() {
        [.., _, _] if room < HEADER => return Err(cut()),
        head if head[15] & 2 != 0 => inline(offset + HEADER, bytes).ok_or_else(cut)?,
        head => pointed(head, program, bytes).ok_or_else(cut)?,
    };
    let version = String::from_utf8_lossy(&version).into_owned();
    // "go1.23.4", "go1.20.1 X:boringcrypto", "devel go1.25-0a1b2c3 …"
    let release = version.split(' ').next().and_then(|word| word.strip_prefix("go")).unwrap_or_default();
    if release.is_empty() {
        reading.problem(&Place::entry(SECTION), "was built by a Go of no known release; expected one");
    } else {
        add(SECTION, 0, Registry::Go.component("stdlib", Some(release)), reading);
    }
    listed(&modules, reading);
    Ok(())
}

/// Where the header stands, and how much room is there.
fn header(program: &Program, bytes: &mut Bytes<'_>) -> Result<Option<(u64, u64)>, Broken> {
    let section = [SECTION, "__go_buildinfo"].iter().find_map(|name| program.section(name));
    let area = match section {
        Some(section) => section,
        // A linker that names its sections names this one; PE has no room for the name.
        None if program.sections.iter().any(|section| section.name.len() > 8) => return Ok(None),
        None => match program.data.and_then(|data| program.segments.get(data)) {
            Some(data) => data,
            None => return Ok(None),
        },
    };
    let searched = bytes.up_to(area.offset, area.size.min(MOST_SEARCHED))?;
    let at = memmem::find_iter(&searched, MAGIC).find(|at| at % ALIGNED == 0);
    Ok(at.map(|at| (area.offset + at as u64, area.size - at as u64)))
}

/// Texts behind the header, each behind its length.
fn inline(offset: u64, bytes: &mut Bytes<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (version, offset) = counted(offset, bytes)?;
    let (modules, _) = counted(offset, bytes)?;
    Some((version, modules))
}

fn counted(offset: u64, bytes: &mut Bytes<'_>) -> Option<(Vec<u8>, u64)> {
    let (mut length, mut taken) = (0_u64, 0_u64);
    for (nth, byte) in bytes.up_to(offset, 10).ok()?.into_iter().enumerate() {
        length |= u64::from(byte & 0x7f).checked_shl(u32::try_from(7 * nth).ok()?)?;
        taken += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    if length > MOST_MODULES {
        return None;
    }
    let start = offset + taken;
    Some((bytes.at(start, length).ok()?, start + length))
}

/// Texts that pointers in the header lead to.
fn pointed(head: &[u8], program: &Program, bytes: &mut Bytes<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let width = match head.get(14)? {
        4 => Width::Four,
        8 => Width::Eight,
        _ => return None,
    };
    let endian = if head.get(15)? & 1 == 0 { Endian::Little } else { Endian::Big };
    let mut text = |at: usize| -> Option<Vec<u8>> {
        let pointer = endian.wide(head, at, width)?;
        if pointer == 0 {
            return Some(Vec::new());
        }
        let (offset, _) = program.located(pointer)?;
        let text = bytes.at(offset, 2 * width.bytes() as u64).ok()?;
        let (address, length) = (endian.wide(&text, 0, width)?, endian.wide(&text, width.bytes(), width)?);
        if length == 0 {
            return Some(Vec::new());
        }
        let (offset, room) = program.located(address)?;
        (length <= room.min(MOST_MODULES)).then(|| bytes.at(offset, length).ok())?
    };
    Some((text(16)?, text(16 + width.bytes())?))
}

/// The modules, a line each: the main one, those it needs, and what stands in the place of one.
fn listed(modules: &[u8], reading: &mut Reading<'_>) {
    let Some(modules) = modules.get(AROUND..modules.len().saturating_sub(AROUND)) else { return };
    let text = String::from_utf8_lossy(modules);
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let mut numbers = [0_usize; 2];
    for (at, line) in lines.iter().enumerate() {
        let (kind, path, version) = match *line.as_slice() {
            ["mod", path, ref rest @ ..] => ("mod", path, rest.first()),
            ["dep", path, ref rest @ ..] => ("dep", path, rest.first()),
            _ => continue,
        };
        let number = &mut numbers[usize::from(kind == "dep")];
        let instead = lines.get(at + 1).map(Vec::as_slice).and_then(|line| match *line {
            ["=>", path, ref rest @ ..] => Some((path, rest.first())),
            _ => None,
        });
        // A folder stands in the place of a module without a version: the module is named by what it is.
        let (path, version) = match instead {
            Some((folder, _)) if folder.starts_with(['.', '/']) => (path, None),
            Some(instead) => instead,
            None => (path, version),
        };
        let version = version.copied().filter(|version| !version.is_empty() && *version != "(devel)");
        let component = Registry::Go.component(path, version);
        let component = component.map(|one| if version.is_none() { one.unregistered() } else { one });
        add(kind, *number, component, reading);
        *number += 1;
    }
}

fn add<E: std::fmt::Display>(
    kind: &str,
    number: usize,
    component: Result<Component, E>,
    reading: &mut Reading<'_>,
) {
    let place = if kind == SECTION { Place::entry(SECTION) } else { place(SECTION, kind, number) };
    reading.add(place, component.map(|component| component.scoped(Scope::Runtime)));
}

//! Programs: what Go and `cargo auditable` leave in them of what they were built from.
//!
//! Of a program its headers are read, and the two places that they tell of: an executable that says nothing costs little,
//! whatever its size.

mod auditable;
mod elf;
mod go;
mod macho;
mod pe;
#[cfg(test)]
pub(crate) mod testing;

use super::bytes::Bytes;
use super::{Broken, Reading};
use crate::component::Place;
use crate::target::Anywhere;

/// What programs begin with: ELF, Mach-O of both widths and byte orders and in its form for several machines, PE.
pub(crate) const BEGINS: &[&[u8]] = &[
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
    b"MZ",
];

/// A program as it is laid out in its file.
#[derive(Debug, Default)]
struct Program {
    sections: Vec<Piece>,
    /// What is put into memory, in the order of the file.
    segments: Vec<Piece>,
    /// Which of the segments has data that can be written, where no section tells what Go left.
    data: Option<usize>,
}

/// A piece of a file and where it is put in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Piece {
    name: String,
    address: u64,
    offset: u64,
    size: u64,
}

pub(crate) fn read(file: &mut dyn Anywhere, reading: &mut Reading<'_>) -> Result<(), Broken> {
    let mut bytes = Bytes::of(file)?;
    let whole = bytes.whole();
    for part in macho::parts(&mut bytes)?.unwrap_or_else(|| vec![whole]) {
        bytes.within(part);
        let Some(program) = Program::of(&mut bytes, reading)? else { continue };
        go::read(&program, &mut bytes, reading)?;
        auditable::read(&program, &mut bytes, reading)?;
    }
    Ok(())
}

impl Program {
    /// How a program is laid out; `None` if it is none that is run: an object file, a core dump, a program for DOS.
    fn of(bytes: &mut Bytes<'_>, reading: &mut Reading<'_>) -> Result<Option<Self>, Broken> {
        let first = bytes.at(0, 4)?;
        match first.as_slice() {
            b"\x7fELF" => elf::program(bytes, reading),
            [b'M', b'Z', ..] => pe::program(bytes),
            _ => macho::program(bytes),
        }
    }

    /// The section of this name.
    fn section(&self, name: &str) -> Option<&Piece> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// Where in the file an address is, and how much stands there.
    fn located(&self, address: u64) -> Option<(u64, u64)> {
        self.segments.iter().find_map(|segment| {
            let into = address.checked_sub(segment.address).filter(|into| *into < segment.size)?;
            Some((segment.offset.checked_add(into)?, segment.size - into))
        })
    }
}

/// A place in a program.
fn place(section: &str, kind: &str, number: usize) -> Place {
    Place::entry(format!("{section} {kind}[{number}]"))
}

fn broken(found: &str) -> Broken {
    Broken::other(found, "a program with whole headers")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Read, read_inside};
    use super::testing::{ADDRESS, elf, inline, modules};
    use crate::component::Scope;

    fn read_program(bytes: &[u8]) -> Read {
        read_inside("usr/bin/program", bytes)
    }

    /// The header of Go 1.13 to 1.17, put at this address.
    fn pointed(address: u64) -> Vec<u8> {
        let (version, modules) = (b"go1.13.1", modules());
        let mut bytes = b"\xff Go buildinf:\x08\x00".to_vec();
        for pointer in [address + 32, address + 48] {
            bytes.extend(pointer.to_le_bytes());
        }
        for (text, length) in
            [(address + 64, version.len()), (address + 64 + version.len() as u64, modules.len())]
        {
            bytes.extend(text.to_le_bytes());
            bytes.extend((length as u64).to_le_bytes());
        }
        bytes.extend(version);
        bytes.extend(modules);
        bytes
    }

    const MODULES: [&str; 4] = [
        "pkg:golang/example.com/demo",
        "pkg:golang/example.com/here",
        "pkg:golang/example.com/new@v1.2.0",
        "pkg:golang/github.com/google/uuid@v1.6.0",
    ];

    #[test]
    fn both_forms_of_what_go_leaves_are_read_with_sections_and_without() {
        for (content, library) in
            [(inline(), "pkg:golang/stdlib@1.21"), (pointed(ADDRESS), "pkg:golang/stdlib@1.13.1")]
        {
            for name in [Some(".go.buildinfo"), None] {
                let read = read_program(&elf(name, &content));
                assert_eq!(read.unread, []);
                let expected: Vec<_> = MODULES.into_iter().chain([library]).collect();
                assert_eq!(read.purls(), expected);
                let registered = read.components.iter().filter(|one| one.ecosystem.is_some()).count();
                assert_eq!(registered, 3, "neither the main module nor the folder has a version");
                let uuid = read.component(MODULES[3]);
                let place = uuid.found.first().map(|found| found.place.to_string());
                assert_eq!((place.as_deref(), uuid.scope), (Some(".go.buildinfo dep[0]"), Scope::Runtime));
            }
        }
    }

    #[test]
    fn mach_o_and_pe_are_read_too() {
        let content = inline();
        let long = |number: usize| u32::try_from(number).expect("a few").to_le_bytes();
        let wide = |number: u64| number.to_le_bytes();
        let mut macho = [&b"\xcf\xfa\xed\xfe"[..], &[0; 12], &long(1), &long(152), &[0; 8]].concat();
        macho.extend(
            [
                &long(0x19)[..],
                &long(152),
                b"__DATA\0\0\0\0\0\0\0\0\0\0",
                &wide(ADDRESS),
                &wide(0),
                &wide(192),
            ]
            .concat(),
        );
        macho.extend([&wide(content.len() as u64)[..], &long(3), &long(3), &long(1), &long(0)].concat());
        macho.extend(b"__go_buildinfo\0\0__DATA\0\0\0\0\0\0\0\0\0\0");
        macho.extend([&wide(ADDRESS)[..], &wide(content.len() as u64), &long(192), &[0; 28]].concat());
        macho.resize(192, 0);
        macho.extend(&content);
        assert_eq!(read_program(&macho).purls().len(), 5);
        let size = u32::try_from(macho.len()).expect("a few");
        let mut fat = [
            &b"\xca\xfe\xba\xbe\0\0\0\x01"[..],
            &[0; 8],
            &28_u32.to_be_bytes(),
            &size.to_be_bytes(),
            &[0; 4],
        ]
        .concat();
        fat.extend(&macho);
        assert_eq!(read_program(&fat).purls().len(), 5);
        let mut pe = b"MZ".to_vec();
        pe.resize(0x3c, 0);
        pe.extend(
            [&long(64)[..], b"PE\0\0", &[0x64, 0x86, 1, 0], &[0; 12], &[112, 0, 2, 0], &[0x0b, 2]].concat(),
        );
        pe.resize(64 + 24 + 112, 0);
        pe.extend(
            [
                &b".data\0\0\0"[..],
                &long(content.len()),
                &long(0x1000),
                &long(content.len()),
                &long(240),
                &[0; 12],
            ]
            .concat(),
        );
        pe.extend(0xc000_0040_u32.to_le_bytes());
        pe.extend(content);
        assert_eq!(read_program(&pe).purls().len(), 5);
    }

    #[test]
    fn the_crates_of_an_auditable_program_are_listed_with_who_needs_them() {
        use std::io::Write;
        let list = br#"{"packages": [
            {"name": "app", "version": "0.1.0", "source": "local", "dependencies": [1, 2], "root": true},
            {"name": "serde", "version": "1.0.228", "source": "crates.io", "dependencies": [9]},
            {"name": "cc", "version": "1.2.0", "source": "crates.io", "kind": "build"},
            {"name": "forked", "source": "git"}]}"#;
        let mut deflated = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        deflated.write_all(list).expect("memory");
        let deflated = deflated.finish().expect("memory");
        let read = read_program(&elf(Some(".dep-v0"), &deflated));
        assert_eq!(read.purls(), ["pkg:cargo/app@0.1.0", "pkg:cargo/cc@1.2.0", "pkg:cargo/serde@1.0.228"]);
        let cc = read.component("pkg:cargo/cc@1.2.0");
        assert!(cc.pulled_in_by.direct && cc.scope == Scope::Build && cc.ecosystem.is_some());
        assert!(read.component("pkg:cargo/app@0.1.0").ecosystem.is_none());
        assert_eq!(read.unread.len(), 1);
        assert!(read.unread[0].path.ends_with("program: .dep-v0 packages[3]"), "{:?}", read.unread);
        let bad = read_program(&elf(Some(".dep-v0"), b"no zlib"));
        assert!(bad.unread[0].why.contains("is not deflated"), "{bad:?}");
    }

    #[test]
    fn a_list_of_crates_that_grows_without_end_is_told() {
        use std::io::Write;
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        let zeros = vec![b' '; 1 << 20];
        (0..=super::super::bytes::MOST_BYTES >> 20).for_each(|_| bomb.write_all(&zeros).expect("memory"));
        let read = read_program(&elf(Some(".dep-v0"), &bomb.finish().expect("memory")));
        assert!(read.unread[0].why.contains("too large"), "{read:?}");
    }

    #[test]
    fn a_program_that_says_nothing_is_not_told_and_one_cut_anywhere_does_no_harm() {
        let silent = read_program(&elf(Some(".text"), b"code"));
        assert!(silent.unread.is_empty() && silent.components.is_empty());
        for quiet in [
            &b"MZ no windows"[..],
            b"\xca\xfe\xba\xbe\0\0\0\x41 a Java class",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04\0",
        ] {
            let read = read_program(quiet);
            assert!(read.unread.is_empty() && read.components.is_empty(), "{read:?}");
        }
        for whole in [elf(Some(".go.buildinfo"), &inline()), elf(None, &pointed(ADDRESS))] {
            for end in 4..whole.len() {
                assert!(read_program(&whole[..end]).components.len() <= 5);
            }
        }
    }
}

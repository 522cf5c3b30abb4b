//! Programs for tests.

/// A text about modules as the linker puts it, with what stands around it.
pub(super) fn modules() -> Vec<u8> {
    let text = "path\tdemo/cmd\nmod\texample.com/demo\t(devel)\t\ndep\tgithub.com/google/uuid\tv1.6.0\th1:x=\n\
                dep\texample.com/old\tv1.0.0\n=>\texample.com/new\tv1.2.0\th1:y=\ndep\texample.com/here\tv1.0.0\n\
                =>\t./here\t(devel)\t\nbuild\t-compiler=gc\n";
    [&[b'<'; 16][..], text.as_bytes(), &[b'>'; 16]].concat()
}

/// The header of Go 1.18 and later.
pub(crate) fn inline() -> Vec<u8> {
    let mut bytes = b"\xff Go buildinf:\x08\x02".to_vec();
    bytes.resize(32, 0);
    let modules = modules();
    bytes.extend([6]);
    bytes.extend(b"go1.21");
    let [low, high] = u16::try_from(modules.len()).expect("a few").to_le_bytes();
    bytes.extend([0x80 | low & 0x7f, high << 1 | low >> 7]);
    bytes.extend(modules);
    bytes
}

/// Where the segment is put in memory.
pub(super) const ADDRESS: u64 = 0x40_0000;

/// ELF of 64 bits with one segment and one named section, or none.
pub(super) fn elf(name: Option<&str>, content: &[u8]) -> Vec<u8> {
    elf_within(0, name, content)
}

/// The same with so many bytes of something else before and behind the content.
pub(crate) fn elf_within(around: usize, name: Option<&str>, content: &[u8]) -> Vec<u8> {
    let names = format!("\0{}\0", name.unwrap_or_default());
    let content_at = 64 + 56 + around;
    let names_at = content_at + content.len() + around;
    let sections_at = names_at + names.len();
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let word = |elf: &mut Vec<u8>, value: u64| elf.extend(value.to_le_bytes());
    elf.extend([2, 0, 62, 0, 1, 0, 0, 0]);
    word(&mut elf, 0);
    word(&mut elf, 64);
    word(&mut elf, if name.is_some() { sections_at as u64 } else { 0 });
    let sections: u8 = if name.is_some() { 3 } else { 0 };
    elf.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 64, 0, sections, 0, 2 * u8::from(name.is_some()), 0]);
    elf.extend([1, 0, 0, 0, 6, 0, 0, 0]);
    for value in [content_at as u64, ADDRESS, ADDRESS, content.len() as u64, content.len() as u64, 4096] {
        word(&mut elf, value);
    }
    elf.resize(content_at, b'.');
    elf.extend(content);
    elf.resize(names_at, b'.');
    elf.extend(names.as_bytes());
    for (name, at, size) in [(0_u64, 0, 0), (1, content_at, content.len()), (0, names_at, names.len())] {
        word(&mut elf, name | 1 << 32);
        for value in [0, ADDRESS, at as u64, size as u64, 0, 0, 0] {
            word(&mut elf, value);
        }
    }
    elf
}

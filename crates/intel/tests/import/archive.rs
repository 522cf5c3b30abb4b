//! Zip archives, right and wrong ones.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// How an entry is packed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Packing {
    Stored,
    Deflated,
    Encrypted,
    Method(u16),
    WrongChecksum,
    WrongSize,
    /// It stands behind the end of the file.
    Beyond,
}

/// An archive of entries: name, content, packing.
pub(crate) fn zip(entries: &[(&str, &str, Packing)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, content, packing) in entries {
        let deflated = !matches!(packing, Packing::Stored);
        let packed = if deflated { deflate(content.as_bytes()) } else { content.as_bytes().to_vec() };
        let method = match packing {
            Packing::Stored => 0,
            Packing::Method(method) => *method,
            _ => 8,
        };
        let mut crc = flate2::Crc::new();
        crc.update(content.as_bytes());
        let crc = crc.sum() ^ u32::from(*packing == Packing::WrongChecksum);
        let size = long(content.len()) + u32::from(*packing == Packing::WrongSize);
        let offset = if *packing == Packing::Beyond { 0xff_0000 } else { long(file.len()) };
        let mut head = Vec::new();
        head.extend(u16::from(*packing == Packing::Encrypted).to_le_bytes());
        head.extend(method.to_le_bytes());
        head.extend([0; 4]);
        head.extend([crc, long(packed.len()), size].iter().flat_map(|number| number.to_le_bytes()));
        head.extend(short(name.len()).to_le_bytes());
        head.extend([0; 2]);
        file.extend(b"PK\x03\x04\x14\x00");
        file.extend(&head);
        file.extend(name.as_bytes());
        file.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x00\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (from, count) = (long(file.len()), short(entries.len()));
    file.extend(&directory);
    file.extend(b"PK\x05\x06\x00\x00\x00\x00");
    file.extend([count, count].iter().flat_map(|number| number.to_le_bytes()));
    file.extend([long(directory.len()), from].iter().flat_map(|number| number.to_le_bytes()));
    file.extend([0; 2]);
    file
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn long(number: usize) -> u32 {
    u32::try_from(number).expect("small")
}

fn short(number: usize) -> u16 {
    u16::try_from(number).expect("few")
}

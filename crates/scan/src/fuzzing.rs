//! What the fuzz targets need of the inside. Not part of the interface.

use std::io::{self, Read};
use std::path::Path;

use crate::read::{Claims, FIRST_BYTES, FORMATS, read};
use crate::target::{Held, Met, Revision, Target, Wanted, read_layer};

/// Reads bytes as the file at this path, by the format that claims it.
///
/// # Panics
///
/// If no format does.
pub fn read_as(path: &str, bytes: &[u8]) {
    let format = Claims::of(FORMATS).format(path).expect("a format claims the path");
    let _ = read(&Held::new([(path, bytes)]), path.as_ref(), format);
}

/// Reads bytes as the layer of an image, whose files are all kept.
pub fn read_as_layer(bytes: &[u8]) {
    read_layer(bytes);
}

/// Walks over a commit of the repository at a path, and opens every file.
pub fn walk_revision(path: &Path, asked: &str) {
    let Ok(revision) = Revision::open(path, &[], asked) else { return };
    let revision = &revision;
    let _ = (revision.told(), revision.opened());
    revision.walk(&|_| Wanted::ByPath, &mut |met| {
        let Met::File(path) = met else { return };
        let _ = (revision.beginning(&path, FIRST_BYTES), revision.pinned(&path));
        let _ = revision.open(&path).and_then(|file| io::copy(&mut file.take(1 << 20), &mut io::sink()));
    });
}

/// Reads bytes as a file that no path claims, by the format that claims what they begin with, if one does.
pub fn read_inside(bytes: &[u8]) {
    let first = &bytes[..bytes.len().min(FIRST_BYTES)];
    if let Some(format) = Claims::of(FORMATS).format_of(first) {
        let _ = read(&Held::new([("program", bytes)]), "program".as_ref(), format);
    }
}

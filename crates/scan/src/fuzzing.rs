//! What the fuzz targets need of the inside. Not part of the interface.

use crate::read::{Claims, FORMATS, read};
use crate::target::{Held, read_layer};

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

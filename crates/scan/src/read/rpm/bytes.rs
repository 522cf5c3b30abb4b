//! Numbers in bytes, none of them trusted to be there.

/// Two bytes, the highest first.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// Four bytes, the highest first.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// Four bytes, the lowest first.
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// So many bytes from here.
pub(super) fn span(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

/// A number as an index.
pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    span(bytes, at, N)?.try_into().ok()
}

/// Pages that were met. Each is used for one thing only, so that what is wound in circles ends, and what is told twice is
/// read once.
#[derive(Debug)]
pub(super) struct Met(Vec<bool>);

impl Met {
    /// None of so many pages.
    pub(super) fn none(pages: usize) -> Self {
        Self(vec![false; pages])
    }

    /// Meets a page, if it is there and has not been met.
    pub(super) fn meet(&mut self, page: usize) -> bool {
        self.0.get_mut(page).is_some_and(|met| !std::mem::replace(met, true))
    }
}

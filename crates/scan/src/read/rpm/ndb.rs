//! `Packages.db`, RPM's own format, of SUSE: `lib/backend/ndb/rpmpkg.c` of RPM. Pages of slots, each of which points to a
//! blob in units of 16 bytes; all numbers with the lowest byte first.

use std::borrow::Cow;

use super::super::Broken;
use super::Take;
use super::bytes::{index, le32, span};

pub(super) const MAGIC: &[u8] = b"RpmP";

const PAGE: usize = 4096;
const BLOCK: usize = 16;
const SLOT: &[u8] = b"Slot";
const BLOB: &[u8] = b"BlbS";

/// The header takes the place of the first two slots: magic, version, generation, number of pages of slots.
const HEADER: usize = 2 * BLOCK;

/// Hands out every blob.
pub(super) fn blobs(bytes: &[u8], take: &mut Take<'_>) -> Result<(), Broken> {
    const EXPECTED: &str = "ndb of version 0 as long as its header tells";
    let short = || Broken::other("is cut short", EXPECTED);
    if let version @ 1.. = le32(bytes, 4).ok_or_else(short)? {
        return Err(Broken::other(format!("is ndb of version {version}"), EXPECTED));
    }
    let pages = index(le32(bytes, 12).ok_or_else(short)?);
    let end = pages.saturating_mul(PAGE).min(bytes.len());
    let slots = bytes.get(HEADER..end).unwrap_or_default();
    // Blobs lie one behind the other: together they are no longer than the file.
    let mut left = bytes.len();
    for slot in slots.chunks_exact(BLOCK) {
        let number = le32(slot, 4).unwrap_or_default();
        if !slot.starts_with(SLOT) || number == 0 {
            continue;
        }
        let blob = blob(bytes, slot, number);
        left = match left.checked_sub(blob.as_ref().map_or(BLOCK, |blob| blob.len())) {
            Some(left) => left,
            None => {
                return Err(Broken::other("has blobs that lie in each other", "each in a place of its own"));
            }
        };
        take(format!("package {number}"), blob.map(Cow::Borrowed));
    }
    if end < pages.saturating_mul(PAGE) { Err(short()) } else { Ok(()) }
}

fn blob<'b>(bytes: &'b [u8], slot: &[u8], number: u32) -> Result<&'b [u8], String> {
    let at = index(le32(slot, 8).unwrap_or_default()).saturating_mul(BLOCK);
    let header = span(bytes, at, BLOCK).ok_or("lies behind the end of the file")?;
    if !header.starts_with(BLOB) || le32(header, 4) != Some(number) {
        return Err("is no blob of this package".to_owned());
    }
    let length = index(le32(header, 12).unwrap_or_default());
    span(bytes, at + BLOCK, length).ok_or_else(|| "is cut short".to_owned())
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A database of these blobs.
    pub(in super::super) fn database(blobs: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes =
            [MAGIC, &0_u32.to_le_bytes(), &1_u32.to_le_bytes(), &1_u32.to_le_bytes(), &[0; 16]].concat();
        bytes.resize(PAGE, 0);
        for (number, blob) in (1_u32..).zip(blobs) {
            let block = u32::try_from(bytes.len() / BLOCK).expect("a block");
            let slot = [SLOT, &number.to_le_bytes(), &block.to_le_bytes(), &9_u32.to_le_bytes()].concat();
            let at = HEADER + BLOCK * (usize::try_from(number).expect("a number") - 1);
            bytes[at..at + BLOCK].copy_from_slice(&slot);
            let length = u32::try_from(blob.len()).expect("a length");
            bytes.extend([BLOB, &number.to_le_bytes(), &1_u32.to_le_bytes(), &length.to_le_bytes()].concat());
            bytes.extend(blob);
            bytes.extend(b"xxxxxxxxBlbE");
            bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_that_all_point_to_one_large_blob_end_soon() {
        let mut bytes = testing::database(&[vec![1; 100_000]]);
        let slot: Vec<u8> = bytes[HEADER..HEADER + BLOCK].to_vec();
        (HEADER..PAGE).step_by(BLOCK).for_each(|at| bytes[at..at + BLOCK].copy_from_slice(&slot));
        let mut taken = 0;
        let end = blobs(&bytes, &mut |_, _| taken += 1);
        assert!(
            taken == 1
                && end.is_err_and(|error| error.to_string().starts_with("has blobs that lie in each other"))
        );
    }
}

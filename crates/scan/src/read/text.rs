//! Bytes as text.

use std::borrow::Cow;

use super::Broken;

/// The bytes as UTF-8, without a byte order mark.
pub(super) fn utf8<'b>(bytes: &'b [u8], expected: &'static str) -> Result<&'b str, Broken> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| Broken::NotText { at: error.valid_up_to(), expected })
}

/// The bytes as UTF-8; where a byte order mark says that they are UTF-16, as Windows likes to write, turned into it.
pub(super) fn with_mark(bytes: &[u8]) -> Cow<'_, [u8]> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        [0xef, 0xbb, 0xbf, rest @ ..] => return Cow::Borrowed(rest),
        _ => return Cow::Borrowed(bytes),
    };
    let pairs = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String =
        char::decode_utf16(pairs).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

/// The lines with their numbers, counted from 1; without their ends.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    (1..).zip(bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_tells_the_encoding() {
        for bytes in [&b"\xff\xfea\0b\0"[..], b"\xfe\xff\0a\0b", b"\xef\xbb\xbfab", b"ab", b"\xff\xfea\0b\0x"]
        {
            assert_eq!(with_mark(bytes).as_ref(), b"ab");
        }
    }
}

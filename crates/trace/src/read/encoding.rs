//! Text that is no UTF-8, or no text at all: which it is, and what can be made of it.

use std::borrow::Cow;

/// So many bytes tell.
const TELLING: usize = 64;

/// The name of the encoding if text is UTF-16 or UTF-32: by its mark, or by where the zeros stand beside plain letters.
pub(super) fn wide(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some("UTF-16"),
        _ => {}
    }
    let plain = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let start = &start[..start.len().min(TELLING)];
    let all = |width: usize, letter: usize| {
        start.len() >= 2 * width
            && start.chunks_exact(width).all(|unit| {
                unit.iter()
                    .enumerate()
                    .all(|(place, &byte)| if place == letter { plain(byte) } else { byte == 0 })
            })
    };
    [("UTF-16LE", 2, 0), ("UTF-16BE", 2, 1), ("UTF-32LE", 4, 0), ("UTF-32BE", 4, 3)]
        .into_iter()
        .find_map(|(name, width, letter)| all(width, letter).then_some(name))
}

/// Whether JSON may hold half of a surrogate pair (`\ud83d` without what belongs to it): quick, and at times wrong.
pub(super) fn may_hold_half_pairs(text: &[u8]) -> bool {
    let is_surrogate = |at: usize| matches!(text.get(at + 2), Some(b'd' | b'D'));
    memchr::memmem::find_iter(text, b"\\u").any(is_surrogate)
        && matches!(std::str::from_utf8(text).map(whole_pairs), Ok(Cow::Owned(_)))
}

/// JSON in which each half of a surrogate pair that stands alone is replaced, as a bad byte would be.
///
/// No decoder takes them, and one in a name would hide the whole record.
pub(super) fn whole_pairs(text: &str) -> Cow<'_, str> {
    let mut whole = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &text.as_bytes()[at..]) {
        at += next;
        let Some(unit) = escaped_unit(text, at) else {
            at = (at + 2).min(text.len());
            continue;
        };
        let is_pair = (0xd800..0xdc00).contains(&unit)
            && escaped_unit(text, at + 6).is_some_and(|low| (0xdc00..0xe000).contains(&low));
        if is_pair {
            at += 12;
            continue;
        }
        if (0xd800..0xe000).contains(&unit) {
            whole.push_str(&text[done..at]);
            whole.push_str("\\ufffd");
            done = at + 6;
        }
        at += 6;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    whole.push_str(&text[done..]);
    Cow::Owned(whole)
}

/// The unit that an escape such as `\u00e9` stands for.
fn escaped_unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.as_bytes().get(at..at + 6)?.strip_prefix(b"\\u")?;
    let all_digits = digits.iter().all(u8::is_ascii_hexdigit);
    all_digits
        .then(|| std::str::from_utf8(digits).ok().and_then(|digits| u16::from_str_radix(digits, 16).ok()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_text_is_named_with_and_without_its_mark() {
        let text = "eventTime,eventName\n";
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
        let utf32 =
            |bytes: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| bytes(c.into())).collect::<Vec<_>>();
        assert_eq!(wide(&utf16(u16::to_le_bytes)), Some("UTF-16LE"));
        assert_eq!(wide(&utf16(u16::to_be_bytes)), Some("UTF-16BE"));
        assert_eq!(wide(&utf32(u32::to_le_bytes)), Some("UTF-32LE"));
        assert_eq!(wide(&utf32(u32::to_be_bytes)), Some("UTF-32BE"));
        assert_eq!(wide(b"\xff\xfee\0"), Some("UTF-16"));
        assert_eq!(wide(b"\xff\xfe\0\0e\0\0\0"), Some("UTF-32"));
        for text in [&b""[..], b"{", b"{\0", b"{\"Records\"", b"\0\0\0\0\0\0\0\0", b"\x1f\x8b\x08\0\0\0"] {
            assert_eq!(wide(text), None, "{text:?}");
        }
    }

    #[test]
    fn halves_of_pairs_are_replaced_and_nothing_else() {
        for text in [r#""\ud83d\ude00""#, r#""\\ud83d""#, r#""\u00e9\n\\""#, "\"\\", "\\ud8", ""] {
            assert!(matches!(whole_pairs(text), Cow::Borrowed(_)), "{text}");
            assert!(!may_hold_half_pairs(text.as_bytes()), "{text}");
        }
        assert_eq!(whole_pairs(r#""a\ud83db""#), r#""a\ufffdb""#);
        assert_eq!(whole_pairs(r#""\uDE00\uD83D\uDE00\uD83D""#), r#""\ufffd\uD83D\uDE00\ufffd""#);
        assert!(may_hold_half_pairs(br#""a\ud83db""#));
    }
}

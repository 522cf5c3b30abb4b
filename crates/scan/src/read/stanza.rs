//! Paragraphs of fields, as the databases of dpkg and apk have them: an empty line ends one.

use memchr::memchr;

/// A paragraph, and the line that it begins on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stanza<'b> {
    /// Counted from 1.
    pub(super) line: u32,
    text: &'b [u8],
}

/// The paragraphs of a file.
pub(super) fn stanzas(bytes: &[u8]) -> impl Iterator<Item = Stanza<'_>> {
    let mut rest = bytes;
    let mut line = 1_u32;
    std::iter::from_fn(move || {
        // Empty lines before it.
        while let Some((text, after)) = next_line(rest).filter(|(text, _)| text.is_empty()) {
            debug_assert!(text.is_empty());
            rest = after;
            line = line.saturating_add(1);
        }
        let (start, begins) = (rest, line);
        let mut length = 0;
        while let Some((text, after)) = next_line(rest).filter(|(text, _)| !text.is_empty()) {
            debug_assert!(!text.is_empty());
            length = start.len() - after.len();
            rest = after;
            line = line.saturating_add(1);
        }
        (length > 0).then(|| Stanza { line: begins, text: &start[..length] })
    })
}

impl<'b> Stanza<'b> {
    /// Its lines.
    pub(super) fn lines(self) -> impl Iterator<Item = &'b [u8]> {
        let mut rest = self.text;
        std::iter::from_fn(move || {
            let (line, after) = next_line(rest)?;
            rest = after;
            Some(line)
        })
    }
}

/// The first line without its end, and what stands behind it.
fn next_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let (line, after) = match memchr(b'\n', bytes) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &bytes[bytes.len()..]),
    };
    Some((line.strip_suffix(b"\r").unwrap_or(line), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_told_by_the_line_on_which_they_begin() {
        let found: Vec<_> = stanzas(b"\n\na\nb\n\n\r\nc")
            .map(|one| (one.line, one.lines().map(<[u8]>::to_vec).collect::<Vec<_>>()))
            .collect();
        assert_eq!(found, [(3, vec![b"a".to_vec(), b"b".to_vec()]), (7, vec![b"c".to_vec()])]);
        assert_eq!(stanzas(b"\n\n").count() + stanzas(b"").count(), 0);
    }
}

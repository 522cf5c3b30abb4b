//! Text, line by line, in memory that is bounded by one line.

use std::io::{self, BufRead};

/// No line may be longer. The longest that AWS writes are some 20 kB.
const MAX_LINE: usize = 1 << 20;

/// Gives every line and its number, from 1, to `each`, without its end and without a byte-order mark.
///
/// A line that is too long is given as `None`. Invalid UTF-8 is replaced. Empty lines are passed over.
pub(super) fn each_line(stream: &mut dyn BufRead, mut each: impl FnMut(u32, Option<&str>)) -> io::Result<()> {
    let mut line = Vec::new();
    let mut number = 0_u32;
    loop {
        number = number.saturating_add(1);
        let Some(is_whole) = next_line(stream, &mut line)? else { return Ok(()) };
        if !is_whole {
            each(number, None);
            continue;
        }
        let start = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf") } else { None };
        let text = String::from_utf8_lossy(start.unwrap_or(&line));
        let text = text.trim_end_matches(['\r', '\0']);
        if !text.is_empty() {
            each(number, Some(text));
        }
    }
}

/// Reads a line, up to the bound; says whether that was all of it. `None` at the end.
fn next_line(stream: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let mut whole = true;
    let mut began = false;
    loop {
        let more = stream.fill_buf()?;
        if more.is_empty() {
            return Ok(began.then_some(whole));
        }
        began = true;
        let end = memchr::memchr(b'\n', more);
        let part = &more[..end.unwrap_or(more.len())];
        whole &= line.len() + part.len() <= MAX_LINE;
        if whole {
            line.extend_from_slice(part);
        }
        let taken = end.map_or(more.len(), |end| end + 1);
        stream.consume(taken);
        if end.is_some() {
            return Ok(Some(whole));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_and_long_ones_told() {
        let long = "x".repeat(MAX_LINE + 1);
        let text = format!("\u{feff}a\r\n\n{long}\nb");
        let mut seen = Vec::new();
        each_line(&mut text.as_bytes(), |number, line| seen.push((number, line.map(str::to_owned))))
            .expect("in memory");
        assert_eq!(seen, [(1, Some("a".to_owned())), (3, None), (4, Some("b".to_owned()))]);
    }
}

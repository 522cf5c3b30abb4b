//! Text into a given number of columns.

use unicode_width::UnicodeWidthChar;

/// The columns that inert text takes.
///
/// Summed by character: at most too many where a script joins letters, and the same here as in what cuts and wraps.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// As much of the end as fits, behind an ellipsis: the end of an ARN says what it is.
pub(crate) fn keep_tail(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let tail = tail(text, width.saturating_sub(1));
    // A cut at the next separator reads better than one inside a word, if it costs little.
    let cut = tail.find(['/', ':', '#']).filter(|at| *at > 0 && at * 3 <= tail.len());
    format!("…{}", cut.map_or(tail, |at| &tail[at..]))
}

/// As much of the start as fits, before an ellipsis.
pub(crate) fn keep_head(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    format!("{}…", head(text, width.saturating_sub(1)))
}

/// As much of both ends as fits around an ellipsis.
pub(crate) fn keep_ends(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let head = head(text, room / 2);
    format!("{head}…{}", tail(text, room - columns(head)))
}

/// The text as lines of at most this width, broken at spaces, and inside a word only where it is longer than a line.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wanted = columns(word);
        if used > 0 && used + 1 + wanted <= width {
            line.push(' ');
            line.push_str(word);
            used += 1 + wanted;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        loop {
            let piece = head(rest, width);
            if piece.len() == rest.len() {
                break;
            }
            let piece = breakable(piece, rest);
            lines.push(piece.to_owned());
            rest = &rest[piece.len()..];
        }
        rest.clone_into(&mut line);
        used = columns(rest);
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text, filled up with spaces to this width.
pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// Text of any length cut to this many characters, with a note of how many are not shown.
pub(crate) fn clip(text: &str, characters: usize) -> String {
    let total = text.chars().count();
    if total <= characters {
        return text.to_owned();
    }
    let half = characters / 2;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(total - half).collect();
    format!("{head} [… {} characters …] {tail}", crate::quantity::thousands((total - 2 * half) as u64))
}

/// The piece, shortened to end behind a separator, if the last third of it has one.
fn breakable<'a>(piece: &'a str, whole: &'a str) -> &'a str {
    if piece.is_empty() {
        // Not even one character fits: take it all the same, so that there is an end.
        return whole.chars().next().map_or(whole, |first| &whole[..first.len_utf8()]);
    }
    let from = piece.len() * 2 / 3;
    match piece.rfind(['/', ':', '-', '#', ',', '.', '_', '=']) {
        Some(at) if at >= from => &piece[..=at],
        _ => piece,
    }
}

fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += columns_of(character);
        if used > width {
            return &text[..at];
        }
    }
    text
}

fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices().rev() {
        used += columns_of(character);
        if used > width {
            return &text[at + character.len_utf8()..];
        }
    }
    text
}

fn columns_of(character: char) -> usize {
    character.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_keeps_its_tail() {
        let arn = "arn:aws:iam::111122223333:user/europa-web-publisher";
        assert_eq!(keep_tail(arn, 30), "…:user/europa-web-publisher");
        assert_eq!(keep_tail(arn, 100), arn);
        assert_eq!(columns(&keep_tail("ディレクトリ/ファイル名", 12)), 12);
    }

    #[test]
    fn nothing_is_ever_wider_than_asked() {
        let texts =
            ["", "a", "a long sentence with some-very-long-word/in/it and 日本語のテキスト of double width"];
        for text in texts {
            for width in 2..60 {
                for cut in [keep_tail(text, width), keep_head(text, width), keep_ends(text, width)] {
                    assert!(columns(&cut) <= width, "{cut:?} in {width}");
                }
                assert!(wrap(text, width).iter().all(|line| columns(line) <= width), "{text:?} in {width}");
            }
        }
    }

    #[test]
    fn wrapping_loses_no_letter() {
        let text = "one two threeeeeeeeeeeeeeeeeeeeee four/five/six seven";
        let letters = |text: &str| text.replace(' ', "");
        for width in 1..60 {
            assert_eq!(letters(&wrap(text, width).concat()), letters(text), "{width}");
        }
    }

    #[test]
    fn a_clipped_text_says_how_much_is_missing() {
        assert_eq!(clip("abc", 10), "abc");
        assert_eq!(clip(&"x".repeat(10_000), 4), "xx [… 9,996 characters …] xx");
    }
}

//! Which characters of evidence may be shown as they are.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// Marks that may follow one letter before the rest is spelled out: no script needs more, a flood of them hides text.
const MARKS: usize = 4;

/// Text from evidence, with every character that could act or deceive made visible as an escape (`\u{1b}`, `\n`).
///
/// What comes back is one line, in the order in which it reads, and holds no control sequence.
pub fn inert(text: &str) -> Cow<'_, str> {
    if is_tame(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut marks = 0;
    for character in text.chars() {
        let is_mark = character.width() == Some(0);
        marks = if is_mark { marks + 1 } else { 0 };
        if is_treacherous(character) || marks > MARKS {
            spell(&mut shown, character);
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character could act on whatever shows it, hide there, or change the order in which text reads:
/// controls (C0, C1), bidirectional and invisible format characters, line separators, tags, non-characters.
pub const fn is_treacherous(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || (character as u32) & 0xfffe == 0xfffe
        || matches!(character, '\u{fdd0}'..='\u{fdef}')
}

fn is_tame(text: &str) -> bool {
    let mut marks = 0;
    text.chars().all(|character| {
        if (' '..='~').contains(&character) {
            marks = 0;
            return true;
        }
        marks = if character.width() == Some(0) { marks + 1 } else { 0 };
        !is_treacherous(character) && marks <= MARKS
    })
}

fn spell(shown: &mut String, character: char) {
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        _ => {
            let _ = write!(shown, "\\u{{{:x}}}", character as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_of_any_script_is_shown_as_it_is() {
        for text in ["arn:aws:s3:::bucket/key", "straße", "データ", "नमस्ते", "Ελλάδα", "שלום"]
        {
            assert!(matches!(inert(text), Cow::Borrowed(shown) if shown == text), "{text}");
        }
    }

    #[test]
    fn what_acts_or_deceives_is_spelled_out() {
        assert_eq!(inert("a\x1b]0;owned\x07b"), r"a\u{1b}]0;owned\u{7}b");
        assert_eq!(inert("user\u{202e}gpj.exe"), r"user\u{202e}gpj.exe");
        assert_eq!(inert("two\r\nlines\u{2028}three\u{9b}31m"), r"two\r\nlines\u{2028}three\u{9b}31m");
        assert_eq!(inert("pay\u{200b}pal\u{e0041}"), r"pay\u{200b}pal\u{e0041}");
    }

    #[test]
    fn a_flood_of_combining_marks_is_spelled_out_after_the_fourth() {
        let flood = format!("a{}", "\u{301}".repeat(10_000));
        let shown = inert(&flood);
        assert!(shown.starts_with("a\u{301}\u{301}\u{301}\u{301}\\u{301}"));
        assert_eq!(shown.matches("\\u{301}").count(), 9_996);
    }
}

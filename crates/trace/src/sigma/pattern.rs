//! Sigma strings with wildcards, and their matching against text.

use memchr::memmem::Finder;

/// A piece of a Sigma string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    /// Bytes to be found as they are; text, save between two encoding modifiers.
    Literal(Vec<u8>),
    /// `*`: any run of characters, or none.
    Many,
    /// `?`: exactly one character.
    One,
}

/// Reads a Sigma string: `*` and `?` are wildcards, a backslash escapes these two and itself, and is plain
/// before anything else.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut literal = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let char = match (char, chars.peek()) {
            ('\\', Some(&escaped @ ('*' | '?' | '\\'))) => {
                chars.next();
                escaped
            }
            ('*', _) => {
                flush(&mut literal, &mut out);
                out.push(Token::Many);
                continue;
            }
            ('?', _) => {
                flush(&mut literal, &mut out);
                out.push(Token::One);
                continue;
            }
            (plain, _) => plain,
        };
        literal.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }
    flush(&mut literal, &mut out);
    out
}

fn flush(literal: &mut Vec<u8>, out: &mut Vec<Token>) {
    if !literal.is_empty() {
        out.push(Token::Literal(std::mem::take(literal)));
    }
}

/// Appends the text to `out` in the form in which case does not count.
///
/// Character by character, so that a part of a text folds to a part of the folded text.
pub(super) fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
    } else {
        out.extend(text.chars().flat_map(char::to_lowercase));
    }
}

/// A pattern made ready; for matching without case, both it and the text are folded.
#[derive(Debug)]
pub(super) enum Pattern {
    Anything,
    Exact(Box<str>),
    Prefix(Box<str>),
    Suffix(Box<str>),
    Contains(Box<Finder<'static>>),
    Glob(Glob),
}

impl Pattern {
    /// Fails where a literal is not text.
    pub(super) fn new(tokens: &[Token], fold: Folding) -> Result<Self, std::string::FromUtf8Error> {
        let mut pieces = Vec::with_capacity(tokens.len());
        for token in tokens {
            pieces.push(match token {
                Token::Many => Piece::Many,
                Token::One => Piece::One,
                Token::Literal(bytes) => Piece::Literal(fold.apply(String::from_utf8(bytes.clone())?)),
            });
        }
        pieces.dedup_by(|a, b| matches!((a, b), (Piece::Many, Piece::Many)));
        Ok(match pieces.as_slice() {
            [] => Self::Exact("".into()),
            [Piece::Many] => Self::Anything,
            [Piece::Literal(text)] => Self::Exact(text.clone()),
            [Piece::Literal(text), Piece::Many] => Self::Prefix(text.clone()),
            [Piece::Many, Piece::Literal(text)] => Self::Suffix(text.clone()),
            [Piece::Many, Piece::Literal(text), Piece::Many] => {
                Self::Contains(Box::new(Finder::new(text.as_bytes()).into_owned()))
            }
            _ => Self::Glob(Glob::new(pieces)),
        })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Exact(exact) => text == &**exact,
            Self::Prefix(prefix) => text.starts_with(&**prefix),
            Self::Suffix(suffix) => text.ends_with(&**suffix),
            Self::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Self::Glob(glob) => glob.matches(text),
        }
    }
}

/// Whether case counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Folding {
    CaseCounts,
    CaseIgnored,
}

impl Folding {
    fn apply(self, text: String) -> Box<str> {
        if self == Self::CaseCounts {
            return text.into();
        }
        let mut folded = String::with_capacity(text.len());
        fold_into(&text, &mut folded);
        folded.into()
    }
}

#[derive(Debug)]
enum Piece {
    Literal(Box<str>),
    Many,
    One,
}

/// A pattern with `*` and `?` anywhere: runs of pieces without `*`, in order.
#[derive(Debug)]
pub(super) struct Glob {
    /// The runs between the stars; the first is anchored to the start, the last to the end. Both may be empty.
    runs: Vec<Vec<Piece>>,
}

impl Glob {
    fn new(pieces: Vec<Piece>) -> Self {
        let mut runs = vec![Vec::new()];
        for piece in pieces {
            match (piece, runs.last_mut()) {
                (Piece::Many, _) => runs.push(Vec::new()),
                (other, Some(run)) => run.push(other),
                (_, None) => {}
            }
        }
        Self { runs }
    }

    fn matches(&self, text: &str) -> bool {
        let Some((first, rest)) = self.runs.split_first() else { return false };
        let Some(text) = strip_start(text, first) else { return false };
        let Some((last, middle)) = rest.split_last() else { return text.is_empty() };
        let Some(mut text) = strip_end(text, last) else { return false };
        for run in middle {
            let Some(after) = after_first(text, run) else { return false };
            text = after;
        }
        true
    }
}

fn strip_start<'t>(text: &'t str, run: &[Piece]) -> Option<&'t str> {
    run.iter().try_fold(text, |text, piece| match piece {
        Piece::Literal(literal) => text.strip_prefix(&**literal),
        Piece::One | Piece::Many => {
            let mut chars = text.chars();
            chars.next().map(|_| chars.as_str())
        }
    })
}

fn strip_end<'t>(text: &'t str, run: &[Piece]) -> Option<&'t str> {
    run.iter().rev().try_fold(text, |text, piece| match piece {
        Piece::Literal(literal) => text.strip_suffix(&**literal),
        Piece::One | Piece::Many => {
            let mut chars = text.chars();
            chars.next_back().map(|_| chars.as_str())
        }
    })
}

/// What follows the leftmost place at which the run matches.
fn after_first<'t>(text: &'t str, run: &[Piece]) -> Option<&'t str> {
    if let Some(Piece::Literal(literal)) = run.first() {
        let places = memchr::memmem::find_iter(text.as_bytes(), literal.as_bytes());
        // A literal may overlap its next occurrence, which `find_iter` skips: step by hand where `?` follows.
        if run.len() == 1 {
            return places.map(|at| &text[at + literal.len()..]).next();
        }
    }
    text.char_indices().map(|(at, _)| at).chain([text.len()]).find_map(|at| strip_start(&text[at..], run))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let mut folded = String::new();
        fold_into(text, &mut folded);
        Pattern::new(&tokens(pattern), Folding::CaseIgnored).unwrap().matches(&folded)
    }

    #[test]
    fn wildcards_stand_for_any_run_or_one_character() {
        assert!(matches("prog?.exe", "ProgA.exe"));
        assert!(!matches("prog?.exe", "prog.exe"));
        assert!(matches("antivirus_V*.exe", "antivirus_v21.2.1.exe"));
        assert!(matches("a*b?d*f", "aXXbcdYYf"));
        assert!(matches("*ab?c*", "xababzc"));
        assert!(!matches("a*a", "a"));
        assert!(matches("?", "ä"));
        assert!(matches("*", ""));
        assert!(!matches("?*", ""));
        assert!(matches("**b**", "abc"));
        assert!(matches("*a*b*c*", "xaybzcw"));
    }

    #[test]
    fn a_backslash_escapes_wildcards_and_itself_only() {
        assert!(matches(r"a\*b", "a*b"));
        assert!(!matches(r"a\*b", "axb"));
        assert!(matches(r"a\?b", "a?b"));
        assert!(matches(r"c:\windows\x", r"C:\Windows\x"));
        assert!(matches(r"c:\\windows", r"c:\windows"));
        assert!(matches(r"a\\*", r"a\anything"));
        assert!(matches(r"a\\\*", r"a\*"));
        assert!(!matches(r"a\\\*", r"a\x"));
        assert!(matches(r"\\\\srv", r"\\srv"));
        assert!(matches(r"\\\srv", r"\\srv"));
        assert!(matches(r"end\", r"end\"));
    }

    #[test]
    fn case_is_ignored_beyond_ascii() {
        assert!(matches("ÄRGER*", "ärgerlich"));
        assert!(matches("*straße", "HauptSTRAßE"));
        assert!(matches("*σ*", "ΟΔΟΣ"));
    }
}

//! The regular expressions of rules, bounded in size.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::{RegexBuilder, bytes};

/// The flags of `|re|i|m|s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "the three flags of the specification")]
pub(super) struct Flags {
    pub(super) ignore_case: bool,
    pub(super) multi_line: bool,
    pub(super) dot_all: bool,
}

/// Expressions of which one must be found.
#[derive(Debug)]
pub(super) struct Regexes {
    flags: Flags,
    all: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    pattern: Box<str>,
    /// For text that is ASCII: there it means the same as the Unicode form, and is much smaller and faster.
    ascii: Option<bytes::Regex>,
    unicode: OnceLock<Option<regex::Regex>>,
}

/// The bound on one compiled expression, in bytes.
const SIZE_LIMIT: usize = 4 << 20;
/// The bound on the cache of one expression in one thread, in bytes.
const CACHE_LIMIT: usize = 1 << 20;

impl Regexes {
    /// Fails, with the reason, where an expression is not one or is too large.
    pub(super) fn new(flags: Flags, patterns: &[String]) -> Result<Self, String> {
        let all = patterns.iter().map(|pattern| Entry::new(flags, pattern)).collect::<Result<_, _>>()?;
        Ok(Self { flags, all })
    }

    pub(super) fn find_in(&self, text: &str) -> bool {
        let is_ascii = text.is_ascii();
        self.all.iter().any(|entry| match &entry.ascii {
            Some(ascii) if is_ascii => ascii.is_match(text.as_bytes()),
            _ => entry.unicode(self.flags).is_some_and(|unicode| unicode.is_match(text)),
        })
    }
}

impl Entry {
    fn new(flags: Flags, pattern: &str) -> Result<Self, String> {
        // A class such as `[é]` or `\p{L}` has no meaning without Unicode; then only the Unicode form serves.
        let read = in_our_flavour(flags, pattern);
        let ascii = ascii_form(flags, &read);
        let entry = Self { pattern: read.as_ref().into(), ascii, unicode: OnceLock::new() };
        if entry.ascii.is_none() {
            let unicode = unicode_form(flags, &read).map_err(|error| explain(pattern, &error))?;
            let _ = entry.unicode.set(Some(unicode));
        }
        Ok(entry)
    }

    fn unicode(&self, flags: Flags) -> Option<&regex::Regex> {
        self.unicode.get_or_init(|| unicode_form(flags, &self.pattern).ok()).as_ref()
    }
}

/// The expression as PCRE reads it, the flavour of the specification. What is plain there, and is not here, is
/// escaped: a brace that begins no count, and in a class a bracket and a doubled operator. `$` also stands before a
/// line feed that ends the text.
fn in_our_flavour(flags: Flags, pattern: &str) -> Cow<'_, str> {
    if !pattern.contains(['{', '[', '$']) {
        return Cow::Borrowed(pattern);
    }
    let ends_lines = flags.multi_line || has_inline_flag(pattern, 'm');
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(char) = rest.chars().next() {
        let taken = match char {
            '\\' => escape_length(rest),
            '[' if !in_class => {
                in_class = true;
                class_start(rest)
            }
            ']' if in_class => {
                in_class = false;
                1
            }
            '[' if rest.starts_with("[:") => rest.find(":]").map_or(1, |at| at + 2),
            '[' => {
                out.push('\\');
                1
            }
            '&' | '-' | '~' if in_class && out.ends_with(char) => {
                out.push('\\');
                1
            }
            '{' if !in_class && !begins_count(rest) => {
                out.push('\\');
                1
            }
            '$' if !in_class && !ends_lines => {
                out.push_str("(?:\\n?\\z)");
                rest = &rest[1..];
                continue;
            }
            other => other.len_utf8(),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    Cow::Owned(out)
}

/// Whether a group such as `(?m)` or `(?im:` sets this flag.
fn has_inline_flag(pattern: &str, flag: char) -> bool {
    pattern.split("(?").skip(1).any(|after| {
        let flags = after.split(|char: char| !char.is_ascii_alphabetic()).next().unwrap_or_default();
        flags.contains(flag)
    })
}

/// The length of an escape, with the braces that belong to it (`\x{41}`, `\p{L}`).
fn escape_length(rest: &str) -> usize {
    let letter = rest[1..].chars().next();
    let plain = 1 + letter.map_or(0, char::len_utf8);
    let takes_braces = matches!(letter, Some('x' | 'u' | 'U' | 'p' | 'P')) && rest[plain..].starts_with('{');
    if takes_braces { rest.find('}').map_or(plain, |end| end + 1) } else { plain }
}

/// The length of `[`, `[^`, `[]` or `[^]`: a bracket that closes at once is a member.
fn class_start(rest: &str) -> usize {
    ["[^]", "[]", "[^"].iter().find(|start| rest.starts_with(**start)).map_or(1, |start| start.len())
}

/// Whether this is `{n}`, `{n,}` or `{n,m}`.
fn begins_count(rest: &str) -> bool {
    let Some((inside, _)) = rest[1..].split_once('}') else { return false };
    let (from, to) = inside.split_once(',').unwrap_or((inside, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !from.is_empty() && is_digits(from) && is_digits(to)
}

fn ascii_form(flags: Flags, pattern: &str) -> Option<bytes::Regex> {
    if !pattern.is_ascii() {
        return None;
    }
    bytes::RegexBuilder::new(pattern)
        .unicode(false)
        .case_insensitive(flags.ignore_case)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_all)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(CACHE_LIMIT)
        .build()
        .ok()
}

fn unicode_form(flags: Flags, pattern: &str) -> Result<regex::Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(flags.ignore_case)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_all)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(CACHE_LIMIT)
        .build()
}

fn explain(pattern: &str, error: &regex::Error) -> String {
    let shown: String = pattern.chars().take(80).collect();
    match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("the regular expression `{shown}` needs more than {limit} bytes")
        }
        other => {
            let text = other.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("the regular expression `{shown}` can't be used: {reason}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, flags: Flags, text: &str) -> bool {
        Regexes::new(flags, &[pattern.to_owned()]).unwrap().find_in(text)
    }

    #[test]
    fn an_expression_is_searched_anywhere_with_case() {
        assert!(found("b+c", Flags::default(), "abbcd"));
        assert!(!found("B+C", Flags::default(), "abbcd"));
        assert!(found("B+C", Flags { ignore_case: true, ..Flags::default() }, "abbcd"));
        assert!(found("^b", Flags { multi_line: true, ..Flags::default() }, "a\nb"));
        assert!(found("a.b", Flags { dot_all: true, ..Flags::default() }, "a\nb"));
        assert!(found("^.{3}$", Flags::default(), "äöü"));
        assert!(found("[é]", Flags::default(), "café"));
    }

    #[test]
    fn what_pcre_takes_as_it_stands_is_taken_so() {
        let plain = |pattern: &str, text: &str| found(pattern, Flags::default(), text);
        assert!(plain(r#"{"Effect":\s*"Allow"}"#, r#"{"Effect": "Allow"}"#));
        assert!(plain("a{2}b{1,}c{1,2}", "aabcc") && !plain("a{2}b", "ab"));
        assert!(plain("a{x}", "a{x}") && plain("a{,2}", "a{,2}") && plain("x{", "x{"));
        assert!(
            plain("[[{]a", "[a") && plain("[[{]a", "{a") && plain("[^[]b", "ab") && !plain("^[^[]b", "[b")
        );
        assert!(plain("[[:digit:]x]+$", "4x2") && plain("[]a]$", "]") && !plain("^[^]a]", "]"));
        assert!(plain("^[a&&b]+$", "a&b") && plain("^[+--]+$", "+,-") && plain("^[~~]$", "~"));
        assert!(plain(r"\x{41}\{\[", "A{["));
        assert!(
            plain("^a$", "a\n") && !plain("^a$", "a\n\n") && !plain("^a$", "a\nb") && plain("a[$]$", "a$")
        );
        assert!(plain("(?m)^a$", "a\nb") && plain(r"a\$", "a$") && plain("^(a|b$)", "b\n"));
    }

    #[test]
    fn what_would_need_too_much_memory_is_refused() {
        assert!(Regexes::new(Flags::default(), &["(x{1000}){1000}".to_owned()]).is_err());
        let refused = Regexes::new(Flags::default(), &["a(?=b)".to_owned()]).unwrap_err();
        assert!(refused.contains("look-around"), "{refused}");
    }
}

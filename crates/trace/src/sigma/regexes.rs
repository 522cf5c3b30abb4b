//! The regular expressions of rules, bounded in size.

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
        let ascii = ascii_form(flags, pattern);
        let entry = Self { pattern: pattern.into(), ascii, unicode: OnceLock::new() };
        if entry.ascii.is_none() {
            let unicode = unicode_form(flags, pattern).map_err(|error| explain(pattern, &error))?;
            let _ = entry.unicode.set(Some(unicode));
        }
        Ok(entry)
    }

    fn unicode(&self, flags: Flags) -> Option<&regex::Regex> {
        self.unicode.get_or_init(|| unicode_form(flags, &self.pattern).ok()).as_ref()
    }
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
    fn what_would_need_too_much_memory_is_refused() {
        assert!(Regexes::new(Flags::default(), &["(x{1000}){1000}".to_owned()]).is_err());
        let refused = Regexes::new(Flags::default(), &["a(?=b)".to_owned()]).unwrap_err();
        assert!(refused.contains("look-around"), "{refused}");
    }
}

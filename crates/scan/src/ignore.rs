//! Flaws that somebody decided to live with: `.floodmark-ignore.toml`.
//!
//! ```toml
//! [[ignore]]
//! id = "GHSA-9j59-75qj-795w"        # any of its names
//! path = "tools/*"                  # only where it is found there; absent: everywhere
//! reason = "never opens images of others"
//! until = 2027-03-31                # the last day; from then on it is told again
//! ```

use std::fmt;

use serde::Deserialize;

/// The name of the file that is looked for at the top of a target.
pub const IGNORE_FILE: &str = ".floodmark-ignore.toml";

/// The most bytes of such a file.
pub(crate) const MOST_BYTES: u64 = 1 << 20;

/// A flaw that somebody decided to live with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// One of the flaw's names.
    pub id: String,
    /// The files in which it is lived with, by their path within the target; `*` stands for anything. Absent: all.
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Where this stands, for messages.
    pub file: String,
    /// Who says so.
    pub by: IgnoredBy,
}

/// Who says that a flaw is lived with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredBy {
    /// Whoever runs the scan.
    Caller,
    /// A file in the target. It may be of whoever put the flaw there, and silences no malice.
    Target,
}

/// Why an ignore file could not be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{file}:{line}: {why}")]
pub struct IgnoreError {
    file: String,
    line: usize,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    ignore: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    path: Option<String>,
    reason: String,
    until: Option<toml::value::Datetime>,
}

impl Ignore {
    /// Reads a file; `file` is its name in messages. It is strict: what is meant to silence must be read as it was meant.
    pub fn read(file: &str, text: &str, by: IgnoredBy) -> Result<Vec<Self>, IgnoreError> {
        let at = |span: Option<std::ops::Range<usize>>, why: String| {
            let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
            IgnoreError { file: file.to_owned(), line: before.matches('\n').count() + 1, why }
        };
        let read: File =
            toml::from_str(text).map_err(|error| at(error.span(), error.message().to_owned()))?;
        read.ignore
            .into_iter()
            .map(|entry| {
                let Entry { id, path, reason, until } = entry;
                if id.is_empty() || reason.trim().is_empty() {
                    return Err(at(None, "an `ignore` without id or reason; expected both".to_owned()));
                }
                let until = match until {
                    None => None,
                    Some(toml::value::Datetime { date: Some(date), time: None, offset: None }) => {
                        Some(date.to_string())
                    }
                    Some(other) => {
                        return Err(at(
                            None,
                            format!("`until = {other}`; expected a day, such as 2027-03-31"),
                        ));
                    }
                };
                Ok(Self { id, path, reason, until, file: file.to_owned(), by })
            })
            .collect()
    }

    /// Whether its last day is over on a day, `YYYY-MM-DD`.
    pub(crate) fn is_over(&self, today: &str) -> bool {
        self.until.as_deref().is_some_and(|until| today > until)
    }
}

impl fmt::Display for Ignore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ignored: {}", self.reason)?;
        self.until.iter().try_for_each(|until| write!(f, " (until {until})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_a_flaw_and_a_reason_and_perhaps_where_and_how_long() {
        let text = "[[ignore]]\nid = \"CVE-2026-1\"\nreason = \"r\"\nuntil = 2027-03-31\npath = \"a/*\"\n";
        let read = Ignore::read("i.toml", text, IgnoredBy::Caller).expect("good");
        assert_eq!(read[0].to_string(), "ignored: r (until 2027-03-31)");
        assert!(!read[0].is_over("2027-03-31") && read[0].is_over("2027-04-01"));
        assert_eq!(Ignore::read("i.toml", "", IgnoredBy::Caller), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_as_it_should_be_is_told_with_its_line() {
        for (text, line, why) in [
            ("\n[[ignore]]\nid = 3\nreason = \"r\"", 3, "string"),
            ("[[ignore]]\nid = \"a\"", 1, "reason"),
            ("[[ignore]]\nid = \"a\"\nreason = \" \"", 1, "expected both"),
            ("[[ignore]]\nid = \"a\"\nreason = \"r\"\nuntil = 07:00:00", 1, "expected a day"),
            ("[[ignore]]\nid = \"a\"\nreason = \"r\"\nuntill = 2027-01-01", 4, "untill"),
        ] {
            let error = Ignore::read("i.toml", text, IgnoredBy::Caller).expect_err(text);
            assert_eq!(error.line, line, "{error}");
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}

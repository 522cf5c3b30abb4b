//! From the text of a file to a compromise, or to what is wrong with it and where.

use std::fmt;

use schemars::Schema;

use super::check::problems;
use super::incident::Compromise;
use super::locate::{Places, line_at};
use super::text::Malformed;

/// The largest file that is read. The largest that ships has some 50 KB.
pub const MAX_BYTES: usize = 4 << 20;

/// More problems than this in one file are not told.
const MAX_PROBLEMS: usize = 50;

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.file, .problems))]
pub struct ReadError {
    /// The name of the file, as it was given.
    pub file: String,
    /// What is wrong, in the order of the file; at least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, from 1. Absent where it is about the file as a whole.
    pub line: Option<usize>,
    /// What is wrong and what was expected.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

fn lines(file: &str, problems: &[Problem]) -> String {
    let line = |problem: &Problem| match problem.line {
        Some(line) => format!("{file}:{line}: {problem}"),
        None => format!("{file}: {problem}"),
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Reads one incident. `file` is its name or path; its stem must be a short name and becomes the incident's id.
///
/// ```
/// let (file, text) = floodmark_intel::compromise::shipped_files()[0];
/// let (id, compromise) = floodmark_intel::compromise::read(file, text)?;
/// assert!(file.ends_with(&format!("/{id}.toml")) && !compromise.sources.is_empty());
/// # Ok::<(), floodmark_intel::compromise::ReadError>(())
/// ```
pub fn read(file: &str, text: &str) -> Result<(super::Key, Compromise), ReadError> {
    let fail = |problems| ReadError { file: file.to_owned(), problems };
    let whole = |what: String| fail(vec![Problem { line: None, what }]);
    if text.len() > MAX_BYTES {
        return Err(whole(format!("{} bytes: expected at most {MAX_BYTES}", text.len())));
    }
    let stem =
        file.rsplit(['/', '\\']).next().and_then(|name| name.strip_suffix(".toml")).unwrap_or_default();
    let id = stem
        .parse()
        .map_err(|error: Malformed| whole(format!("the name of the file: {error}, and `.toml`")))?;
    let compromise: Compromise = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        fail(vec![Problem { line, what: error.message().to_owned() }])
    })?;
    let found = problems(&compromise);
    if found.is_empty() {
        return Ok((id, compromise));
    }
    let (places, located) = (Places::of(text), found.into_iter().take(MAX_PROBLEMS));
    let mut located: Vec<_> = located
        .map(|(path, what)| Problem { line: places.line(&path), what: format!("{}: {what}", path.join(".")) })
        .collect();
    located.sort();
    Err(fail(located))
}

/// The JSON Schema of a compromise file.
pub fn schema() -> Schema {
    let mut schema = schemars::schema_for!(Compromise);
    schema.insert("$id".into(), "urn:floodmark:schema:compromise:1".into());
    schema.insert("title".into(), "A compromise: what was poisoned, when, and what gives it away".into());
    schema
}

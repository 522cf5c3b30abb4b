//! Lines of a requirements file: continued, without comments, told apart.

use std::borrow::Cow;

use super::super::text;

/// The longest requirement in bytes, all of its lines together; hashes make long ones.
const MAX_LEN: usize = 1 << 20;

/// A logical line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of its first line.
    pub(super) number: u32,
    pub(super) role: Role,
    /// What stands behind `--hash`.
    pub(super) hashes: Vec<String>,
    /// What comments behind and below it say after `via`.
    pub(super) via: Vec<String>,
}

/// What a line does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Asks for a package.
    Requirement(String),
    /// Includes another file.
    Include(String),
    /// Includes a file that only pins.
    Constraints(String),
    /// Sets an option.
    Option,
    /// Cannot be read, and why.
    Unreadable(&'static str),
}

/// The logical lines that do something.
pub(super) fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    // A line that goes on: where it began, and what there is of it.
    let mut open: Option<(u32, String)> = None;
    let mut lists_via = false;
    for (number, line) in text::lines(bytes) {
        let Ok(line) = std::str::from_utf8(line) else {
            open = None;
            lines.push(Line::of(number, Role::Unreadable("is no UTF-8 text; expected a requirement")));
            continue;
        };
        if open.is_none() && line.trim_start().starts_with('#') {
            lists_via = comment(line.trim_start(), lists_via, lines.last_mut());
            continue;
        }
        let (code, remark) = split_comment(line);
        let goes_on = remark.is_none() && code.ends_with('\\');
        let code = code.strip_suffix('\\').filter(|_| goes_on).unwrap_or(code);
        let (from, mut whole) = open.take().unwrap_or((number, String::new()));
        whole.push_str(code);
        if goes_on && whole.len() <= MAX_LEN {
            whole.push(' ');
            open = Some((from, whole));
            continue;
        }
        lists_via = false;
        if let Some(line) = logical(from, whole.trim()) {
            lines.push(line);
            if let Some(remark) = remark {
                lists_via = comment(remark, false, lines.last_mut());
            }
        }
    }
    lines.extend(open.and_then(|(from, whole)| logical(from, whole.trim())));
    lines
}

impl Line {
    fn of(number: u32, role: Role) -> Self {
        Self { number, role, hashes: Vec::new(), via: Vec::new() }
    }
}

/// What stands before a comment, and the comment: `#` at the beginning or behind a blank.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let starts = line.match_indices('#').map(|(at, _)| at);
    let mut starts = starts.filter(|&at| at == 0 || line[..at].ends_with([' ', '\t']));
    match starts.next() {
        Some(at) => (line[..at].trim_end(), Some(&line[at..])),
        None => (line.trim_end(), None),
    }
}

/// Takes the names behind `via` into the line above; says whether further comments list more.
fn comment(comment: &str, lists_via: bool, above: Option<&mut Line>) -> bool {
    let text = comment.trim_start_matches('#').trim();
    let names = match text.strip_prefix("via") {
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest,
        // Names that are listed below `via` are indented; any other comment ends the list.
        _ if lists_via && comment.starts_with("#  ") => text,
        _ => return false,
    };
    if let Some(above) = above {
        above
            .via
            .extend(names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(ToOwned::to_owned));
    }
    true
}

/// What a line does; none for an empty one.
fn logical(number: u32, text: &str) -> Option<Line> {
    if text.is_empty() {
        return None;
    }
    if text.len() > MAX_LEN {
        return Some(Line::of(number, Role::Unreadable("is longer than 1 MiB; expected a requirement")));
    }
    if let Some(path) = option(text, "-r", "--requirement") {
        return Some(Line::of(number, Role::Include(unquoted(path))));
    }
    if let Some(path) = option(text, "-c", "--constraint") {
        return Some(Line::of(number, Role::Constraints(unquoted(path))));
    }
    if let Some(place) = option(text, "-e", "--editable") {
        return Some(Line::of(number, Role::Requirement(unquoted(place))));
    }
    if text.starts_with('-') {
        return Some(Line::of(number, Role::Option));
    }
    // Options of one requirement stand behind it.
    let (requirement, options) = text.find(" --").map_or((text, ""), |at| text.split_at(at));
    let mut words = options.split([' ', '\t', '=']).filter(|word| !word.is_empty());
    let mut hashes = Vec::new();
    while let Some(word) = words.next() {
        if word == "--hash" {
            hashes.extend(words.next().map(ToOwned::to_owned));
        }
    }
    Some(Line { hashes, ..Line::of(number, Role::Requirement(requirement.trim().to_owned())) })
}

/// What stands behind an option, in any of the ways to write it.
fn option<'t>(text: &'t str, short: &str, long: &str) -> Option<&'t str> {
    let rest = match text.strip_prefix(long) {
        Some(rest) => rest.strip_prefix(['=', ' ', '\t'])?,
        None => text.strip_prefix(short).filter(|_| !text.starts_with("--"))?,
    };
    Some(rest.trim())
}

fn unquoted(text: &str) -> String {
    let text: Cow<'_, str> = text.replace("\\ ", " ").into();
    text.trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str) -> Vec<(u32, Role)> {
        lines(text.as_bytes()).into_iter().map(|line| (line.number, line.role)).collect()
    }

    #[test]
    fn lines_are_continued_and_comments_end_them() {
        let asks = |text: &str| Role::Requirement(text.to_owned());
        assert_eq!(
            roles("a==1 \\\n  --hash=sha256:00\nb#c\nd # e\\\nf"),
            [(1, asks("a==1")), (3, asks("b#c")), (4, asks("d")), (5, asks("f")),]
        );
        assert_eq!(roles("\\\n\\\n"), []);
        assert_eq!(roles("a \\"), [(1, asks("a"))]);
    }

    #[test]
    fn options_are_told_apart_in_every_spelling() {
        let path = || "x y.txt".to_owned();
        for text in ["-r x\\ y.txt", "--requirement=\"x y.txt\"", "--requirement x y.txt", "-rx y.txt"] {
            assert_eq!(roles(text), [(1, Role::Include(path()))], "{text}");
        }
        assert_eq!(roles("-c x y.txt"), [(1, Role::Constraints(path()))]);
        for text in ["--require-hashes", "-i https://x", "--no-binary :all:"] {
            assert_eq!(roles(text), [(1, Role::Option)], "{text}");
        }
    }
}

//! Which format claims a path.

use std::collections::HashMap;

use super::Format;
use crate::target::Wanted;

/// How many bytes of a file tell whether a format claims what begins with them.
pub(crate) const FIRST_BYTES: usize = 8;

/// What names end in that are no programs, so that files of which there are most need not be looked into.
const NO_PROGRAMS: &[&str] = &[
    "a", "bz2", "c", "cc", "class", "cpp", "css", "csv", "d", "gif", "go", "gz", "h", "hpp", "html", "jpeg",
    "jpg", "js", "json", "log", "map", "md", "mjs", "mo", "o", "pdf", "php", "pl", "pm", "png", "po", "py",
    "pyc", "pyi", "rb", "rs", "rst", "sh", "svg", "toml", "ts", "tsx", "ttf", "txt", "woff", "woff2", "xml",
    "xz", "yaml", "yml", "zst",
];

/// The claims of all formats, so laid out that a path that nobody claims costs little: there may be millions.
pub(crate) struct Claims {
    /// By the last part, where that has no `*`.
    named: HashMap<&'static str, Vec<Claim>>,
    /// The others.
    patterns: Vec<Claim>,
    /// By what a file begins with.
    begins: Vec<(&'static [u8], &'static Format)>,
}

struct Claim {
    /// The place of the format in the table; the first has the path.
    rank: usize,
    /// Parts of the path, the last first.
    parts: Vec<&'static str>,
    format: &'static Format,
}

impl Claims {
    /// Those of these formats.
    pub(crate) fn of(formats: &'static [Format]) -> Self {
        let mut claims = Self { named: HashMap::new(), patterns: Vec::new(), begins: Vec::new() };
        for (rank, format) in formats.iter().enumerate() {
            claims.begins.extend(format.begins.iter().map(|begins| (*begins, format)));
            for path in format.paths {
                let claim = Claim { rank, parts: path.rsplit('/').collect(), format };
                match claim.parts.first() {
                    Some(name) if !name.contains('*') => claims.named.entry(name).or_default().push(claim),
                    _ => claims.patterns.push(claim),
                }
            }
        }
        claims
    }

    /// The format that claims this path.
    pub(crate) fn format(&self, path: &str) -> Option<&'static Format> {
        let name = path.rsplit('/').next()?;
        let claims = self.named.get(name).into_iter().flatten().chain(&self.patterns);
        let claims = claims.filter(|claim| claim.holds(path));
        claims.min_by_key(|claim| claim.rank).map(|claim| claim.format)
    }

    /// Whether any format may claim the file at this path.
    pub(crate) fn wants(&self, path: &str) -> Wanted {
        if self.format(path).is_some() {
            return Wanted::ByPath;
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        let ends = name.rsplit_once('.').map(|(_, end)| end);
        let is_text = ends.is_some_and(|end| NO_PROGRAMS.binary_search(&end).is_ok());
        if is_text || self.begins.is_empty() { Wanted::No } else { Wanted::ByContent }
    }

    /// The format that claims a file which begins with these bytes.
    pub(crate) fn format_of(&self, first: &[u8]) -> Option<&'static Format> {
        self.begins.iter().find(|(begins, _)| first.starts_with(begins)).map(|(_, format)| *format)
    }
}

impl Claim {
    fn holds(&self, path: &str) -> bool {
        let mut steps = path.rsplit('/');
        self.parts.iter().all(|part| steps.next().is_some_and(|step| is_like(part, step)))
    }
}

/// Whether a text is of a pattern in which `*` stands for anything.
pub(crate) fn is_like(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let Some((middle, tail)) = rest.rsplit_once('*') else { return text.ends_with(rest) };
    for part in middle.split('*') {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: &[Format] = &[
        Format::unread("dpkg", &["var/lib/dpkg/status", "var/lib/dpkg/status.d/*"]),
        Format::unread("wheel", &["*.dist-info/METADATA"]),
        Format::unread("lock", &["a.lock"]),
        Format::unread("any-lock", &["*.lock"]),
        Format::unread("middle", &["re*qui*ts.txt"]),
    ];

    #[test]
    fn the_ends_of_names_that_are_no_programs_are_sorted() {
        assert!(NO_PROGRAMS.is_sorted());
    }

    #[test]
    fn what_no_path_claims_is_claimed_by_its_first_bytes() {
        const FORMATS: &[Format] =
            &[Format::unread("lock", &["a.lock"]), Format::inside("program", &[b"\x7fELF"], |_, _| Ok(()))];
        let claims = Claims::of(FORMATS);
        for (path, wanted) in [
            ("x/a.lock", Wanted::ByPath),
            ("usr/bin/ls", Wanted::ByContent),
            ("usr/lib/libc.so.6", Wanted::ByContent),
            ("usr/bin/index.js", Wanted::No),
        ] {
            assert_eq!(claims.wants(path), wanted, "{path}");
        }
        assert_eq!(claims.format_of(b"\x7fELF\x02\x01").map(|format| format.name), Some("program"));
        assert!(claims.format_of(b"\x7fEL").is_none());
        assert_eq!(Claims::of(&FORMATS[..1]).wants("usr/bin/ls"), Wanted::No);
    }

    #[test]
    fn a_claim_is_the_end_of_a_path_in_whole_parts() {
        let claims = Claims::of(FORMATS);
        for (path, format) in [
            ("var/lib/dpkg/status", Some("dpkg")),
            ("images/root/var/lib/dpkg/status.d/base", Some("dpkg")),
            ("xvar/lib/dpkg/status", None),
            ("lib/dpkg/status", None),
            ("site-packages/flask-3.0.dist-info/METADATA", Some("wheel")),
            ("METADATA", None),
            ("a.lock", Some("lock")),
            ("x/b.lock", Some("any-lock")),
            ("x/b.lock/c", None),
            ("requirements.txt", Some("middle")),
            ("rets.txt", None),
            ("", None),
        ] {
            assert_eq!(claims.format(path).map(|format| format.name), format, "{path}");
        }
    }
}

//! Which format claims a path.

use std::collections::HashMap;

use super::Format;

/// The claims of all formats, so laid out that a path that nobody claims costs little: there may be millions.
pub(crate) struct Claims {
    /// By the last part, where that has no `*`.
    named: HashMap<&'static str, Vec<Claim>>,
    /// The others.
    patterns: Vec<Claim>,
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
        let mut claims = Self { named: HashMap::new(), patterns: Vec::new() };
        for (rank, format) in formats.iter().enumerate() {
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

//! How what was seen is compared with an indicator.

use std::net::IpAddr;

use super::indicator::{Indicator, IndicatorKind, Match};

/// The form in which values of a kind are compared.
pub(crate) fn comparable(kind: IndicatorKind, value: &str) -> String {
    match kind {
        IndicatorKind::Domain => value.trim_end_matches('.').to_ascii_lowercase(),
        IndicatorKind::Ip => value.parse::<IpAddr>().map_or_else(|_| value.to_owned(), |ip| ip.to_string()),
        IndicatorKind::Endpoint
        | IndicatorKind::HttpHeader
        | IndicatorKind::RepositoryName
        | IndicatorKind::Account => value.to_ascii_lowercase(),
        IndicatorKind::Url => {
            let bare = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
            bare.unwrap_or(value).to_owned()
        }
        _ => value.to_owned(),
    }
}

pub(crate) fn fits(kind: IndicatorKind, indicator: &Indicator, value: &str) -> bool {
    let pattern = comparable(kind, &indicator.value);
    match indicator.matches {
        Match::Whole => pattern == value,
        Match::Within => value.contains(&pattern),
        Match::Glob => glob(&pattern, value),
    }
}

/// Whether the whole text fits the pattern, in which `*` stands for any text. Linear in both for each `*`.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_covers_the_whole_text() {
        assert!(
            glob("tpcp-docs-*", "tpcp-docs-1")
                && glob("a*b*c", "a--b--b-c")
                && glob("*", "")
                && glob("a", "a")
        );
        assert!(!glob("a", "ab") && !glob("a*b", "a-") && !glob("ab*ba", "aba") && !glob("a*b", "-a-b"));
    }
}

//! Package URLs, as far as a compromise needs them: <https://github.com/package-url/purl-spec>.

use std::fmt;
use std::str::FromStr;

use super::text::{Malformed, text_schema};

/// A package, with or without a version: `pkg:npm/%40ctrl/tinycolor@4.1.1`.
///
/// Qualifiers and subpath are kept in the text and left out of comparisons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purl {
    text: String,
    package: String,
    version: Option<String>,
}

impl Purl {
    /// The purl as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The package without its version, decoded and brought into the form in which its ecosystem compares names.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The version, decoded.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

text_schema!(Purl, "^pkg:[A-Za-z][A-Za-z0-9.+-]*/.+$");

impl FromStr for Purl {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).ok_or_else(|| {
            Malformed::new("a purl", text, "pkg:type/name@version, such as pkg:npm/%40ctrl/tinycolor@4.1.1")
        })
    }
}

fn parse(text: &str) -> Option<Purl> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let rest = text.strip_prefix("pkg:")?.trim_start_matches('/');
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let (kind, path) = rest.split_once('/')?;
    let kind = kind.to_ascii_lowercase();
    let named = kind.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-'));
    // The `@` of an npm scope may stand unencoded: only one behind the last slash begins a version.
    let name_at = path.rfind('/').map_or(0, |slash| slash + 1);
    let (path, version) = match path[name_at..].split_once('@') {
        Some((name, version)) if !name.is_empty() => {
            (&path[..name_at + name.len()], Some(decode(version).filter(|version| !version.is_empty())?))
        }
        Some(_) => return None,
        None => (path, None),
    };
    let path = path
        .split('/')
        .map(|part| decode(part).filter(|part| !part.is_empty()))
        .collect::<Option<Vec<_>>>()?;
    if !named || path.is_empty() {
        return None;
    }
    let package = format!("pkg:{kind}/{}", name(&kind, &path.join("/")));
    Some(Purl { text: text.to_owned(), package, version })
}

/// The name as the ecosystem compares it.
fn name(kind: &str, name: &str) -> String {
    match kind {
        // PEP 503: runs of `-`, `_` and `.` are one hyphen.
        "pypi" => {
            let parts: Vec<_> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
            parts.join("-").to_lowercase()
        }
        "npm" | "github" | "githubactions" | "vscode-extension" | "bitbucket" | "composer" | "docker"
        | "hex" => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = tail else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit(*high)? * 16 + digit(*low)?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> serde::Deserialize<'de> for Purl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(text: &str) -> Purl {
        text.parse().expect("a purl")
    }

    #[test]
    fn a_scope_may_be_encoded_or_not() {
        let (encoded, plain) =
            (purl("pkg:npm/%40ctrl/tinycolor@4.1.1"), purl("pkg:npm/@ctrl/tinycolor@4.1.1"));
        assert_eq!(encoded.package(), plain.package());
        assert_eq!((encoded.package(), encoded.version()), ("pkg:npm/@ctrl/tinycolor", Some("4.1.1")));
        assert_eq!(purl("pkg:npm/@ctrl/tinycolor").version(), None);
    }

    #[test]
    fn names_are_compared_as_their_ecosystem_does() {
        assert_eq!(purl("pkg:PyPI/Guardrails__AI@1").package(), "pkg:pypi/guardrails-ai");
        assert_eq!(purl("pkg:golang/github.com/Azure/x@v1").package(), "pkg:golang/github.com/Azure/x");
    }

    #[test]
    fn qualifiers_do_not_belong_to_the_version() {
        let purl = purl("pkg:deb/debian/xz-utils@5.6.1%2Breally?arch=amd64#a/b");
        assert_eq!((purl.package(), purl.version()), ("pkg:deb/debian/xz-utils", Some("5.6.1+really")));
    }

    #[test]
    fn what_is_no_purl_is_refused() {
        for bad in [
            "",
            "pkg:",
            "pkg:npm",
            "pkg:npm/",
            "npm/a@1",
            "pkg:npm/a@",
            "pkg:npm/%4",
            "pkg:npm/a b",
            "pkg:npm/a//b",
            "pkg:/a",
            "pkg:npm/@1",
            "pkg:npm/%ff",
        ] {
            assert!(bad.parse::<Purl>().is_err(), "{bad}");
        }
    }
}

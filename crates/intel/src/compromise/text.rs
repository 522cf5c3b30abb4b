//! Identifiers that are checked once, when they are read.

use std::fmt;
use std::str::FromStr;

/// A text that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {what}: expected {expected}")]
pub struct Malformed {
    /// What was wanted, with its article.
    pub what: &'static str,
    /// The text, cut to a length that fits a line.
    pub found: String,
    /// How it is written.
    pub expected: &'static str,
}

impl Malformed {
    pub(crate) fn new(what: &'static str, found: &str, expected: &'static str) -> Self {
        Self { what, found: found.chars().take(80).collect(), expected }
    }
}

/// The JSON Schema of a type that is written as a text.
macro_rules! text_schema {
    ($name:ident, $pattern:literal) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}
pub(crate) use text_schema;

/// A newtype over a text that its `check` accepts and brings into one form.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $pattern:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        $crate::compromise::text::text_schema!($name, $pattern);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::compromise::Malformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&str) -> Option<String> = $check;
                check(text)
                    .map(Self)
                    .ok_or_else(|| $crate::compromise::Malformed::new($what, text, $expected))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

checked!(
    /// The short name of a thing within its file: a source, an artifact, a conflict; also an incident's file name.
    Key,
    "a short name",
    "lower-case letters, digits and hyphens, such as `ta-git`",
    "^[a-z0-9][a-z0-9-]{0,63}$",
    |text| is_key(text).then(|| text.to_owned())
);

checked!(
    /// A commit of a git repository, whole and in lower case.
    CommitId,
    "a commit",
    "all 40 (SHA-1) or 64 (SHA-256) hexadecimal digits",
    "^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$",
    |text| is_hex(text, &[40, 64]).then(|| text.to_ascii_lowercase())
);

checked!(
    /// A SHA-256 in lower case.
    Sha256,
    "a SHA-256",
    "64 hexadecimal digits",
    "^[0-9a-fA-F]{64}$",
    |text| is_hex(text, &[64]).then(|| text.to_ascii_lowercase())
);

checked!(
    /// A SHA-1 in lower case.
    Sha1,
    "a SHA-1",
    "40 hexadecimal digits",
    "^[0-9a-fA-F]{40}$",
    |text| is_hex(text, &[40]).then(|| text.to_ascii_lowercase())
);

checked!(
    /// An MD5 in lower case.
    Md5,
    "an MD5",
    "32 hexadecimal digits",
    "^[0-9a-fA-F]{32}$",
    |text| is_hex(text, &[32]).then(|| text.to_ascii_lowercase())
);

checked!(
    /// The digest of an image or of one of its manifests: `sha256:` and 64 digits.
    ImageDigest,
    "an image digest",
    "`sha256:` and 64 hexadecimal digits",
    "^sha256:[0-9a-fA-F]{64}$",
    |text| {
        let hex = text.strip_prefix("sha256:")?;
        is_hex(hex, &[64]).then(|| text.to_ascii_lowercase())
    }
);

checked!(
    /// The id of an advisory or a record: GHSA, CVE, MAL, PYSEC, GO, RUSTSEC and the like.
    AdvisoryId,
    "an advisory id",
    "such as GHSA-69fq-xp46-6x23, CVE-2026-33634 or MAL-2026-2144",
    "^[A-Z]{2,12}-[0-9A-Za-z-]{1,40}$",
    |text| {
        let (kind, number) = text.split_once('-')?;
        let named = (2..=12).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_uppercase());
        let numbered = (1..=40).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (named && numbered).then(|| text.to_owned())
    }
);

checked!(
    /// A repository on GitHub, `owner/name`.
    RepositoryName,
    "a repository",
    "owner/name",
    "^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$",
    |text| {
        let (owner, name) = text.split_once('/')?;
        (is_name(owner) && is_name(name)).then(|| text.to_owned())
    }
);

fn is_key(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|byte| byte != b'-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_hex(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether it can be the name of an owner or a repository.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// A tag or branch of a repository, or of an action in it: `owner/name@ref`, `owner/name/path@ref`.
///
/// GitHub does not tell case apart in owner and name, and neither does [`TagRef::key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRef(String);

text_schema!(TagRef, "^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+(/[^@\\s]+)?@[^\\s@]+$");

impl TagRef {
    /// Owner, name and path: what stands before the `@`.
    pub fn component(&self) -> &str {
        self.0.split_once('@').map_or(self.0.as_str(), |(component, _)| component)
    }

    /// The tag, branch or commit.
    pub fn reference(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, reference)| reference)
    }

    /// The form in which two of them are compared.
    pub fn key(&self) -> String {
        format!("{}@{}", self.component().to_ascii_lowercase(), self.reference())
    }
}

impl FromStr for TagRef {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new("a reference", text, "owner/name@tag, or owner/name/path@tag");
        let (component, reference) = text.split_once('@').ok_or_else(malformed)?;
        let mut parts = component.split('/');
        let owned = parts.next().is_some_and(is_name) && parts.next().is_some_and(is_name);
        let clean = |text: &str| {
            !text.is_empty()
                && !text.contains('@')
                && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        };
        if owned && parts.all(clean) && clean(reference) {
            Ok(Self(text.to_owned()))
        } else {
            Err(malformed())
        }
    }
}

impl fmt::Display for TagRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for TagRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_whole_and_compared_in_lower_case() {
        let commit: CommitId = "AB".repeat(20).parse().expect("40 digits");
        assert_eq!(commit.as_str(), "ab".repeat(20));
        let error = "abc1234".parse::<CommitId>().expect_err("cut short").to_string();
        assert!(error.contains("\"abc1234\"") && error.contains("40"), "{error}");
    }

    #[test]
    fn an_image_digest_names_its_algorithm() {
        assert!(format!("sha256:{}", "0".repeat(64)).parse::<ImageDigest>().is_ok());
        assert!("0".repeat(64).parse::<ImageDigest>().is_err());
        assert!(format!("sha256:{}", "0".repeat(63)).parse::<ImageDigest>().is_err());
    }

    #[test]
    fn a_reference_is_compared_without_the_case_of_its_repository() {
        let reference: TagRef = "Checkmarx/KICS-github-action@v2.1.20".parse().expect("good");
        assert_eq!(reference.key(), "checkmarx/kics-github-action@v2.1.20");
        for bad in ["", "@", "a/b", "a@v1", "a/b@", "a/b@v1@v2", "a//c@v1", "a/b@v 1", "/b@v1"] {
            assert!(bad.parse::<TagRef>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_message_shows_no_more_than_a_line_and_no_control_characters() {
        let error = "\u{1b}[2J".repeat(1_000).parse::<Key>().expect_err("not a name").to_string();
        assert!(error.len() < 1_000 && !error.contains('\u{1b}'), "{error}");
    }
}

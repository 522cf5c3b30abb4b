//! The name of an image in a registry, <https://github.com/distribution/reference>: `registry/path[:tag][@digest]`.
//!
//! The registry must be named: where `alpine` alone were Docker's, a mistyped path of a folder would be asked of the internet.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The longest name of a repository.
const MOST_BYTES: usize = 255;

/// The longest tag.
const MOST_TAG_BYTES: usize = 128;

/// An image in a registry: `docker.io/library/alpine:3.20`, `localhost:5000/app@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text names no image in a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It names no registry.
    #[error("names no registry: expected registry/name:tag, such as docker.io/library/alpine:3.20")]
    Registry,
    /// The registry is no host with a port.
    #[error("names a registry that is no host: expected a name such as ghcr.io or localhost:5000")]
    Host,
    /// The path is none.
    #[error(
        "names no repository: expected lower-case letters, digits and single `.`, `_`, `-` between them, in parts divided by `/`"
    )]
    Repository,
    /// The tag is none.
    #[error("has a tag that is none: expected up to 128 letters, digits, `.`, `_` and `-`")]
    Tag,
    /// The digest is none.
    #[error("has a digest that is none: expected `sha256:` and 64 lower-case hexadecimal digits")]
    Digest,
}

impl Reference {
    /// The registry as it is named: a host, with a port where it is not the usual one.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path in the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; `latest` if neither tag nor digest is named.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, if one is named. It then decides, and the tag is only told.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_ref().map(Digest::as_str)
    }

    /// Registry and path, without tag and digest.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    pub(crate) fn named_digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The host that answers for the registry. Docker's has another name than its images say.
    pub(crate) fn host(&self) -> &str {
        if self.registry == "docker.io" { "registry-1.docker.io" } else { &self.registry }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(Digest::parse(digest).ok_or(ReferenceError::Digest)?)),
            None => (text, None),
        };
        let (registry, rest) = named.split_once('/').ok_or(ReferenceError::Registry)?;
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        if registry != "localhost" && !registry.contains(['.', ':']) {
            return Err(ReferenceError::Registry);
        }
        let registry = registry.to_ascii_lowercase();
        if !is_host(&registry) {
            return Err(ReferenceError::Host);
        }
        let registry = if registry == "index.docker.io" { "docker.io".to_owned() } else { registry };
        if !is_path(path) {
            return Err(ReferenceError::Repository);
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(ReferenceError::Tag);
        }
        let repository = match registry.as_str() {
            "docker.io" if !path.contains('/') => format!("library/{path}"),
            _ => path.to_owned(),
        };
        let tag = tag.or_else(|| digest.is_none().then_some("latest")).map(ToOwned::to_owned);
        Ok(Self { registry, repository, tag, digest })
    }
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label) && port.is_none_or(is_port)
}

fn is_path(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let ends = part.bytes().next().is_some_and(is_plain) && part.bytes().last().is_some_and(is_plain);
        let between = part.split(|sign: char| sign.is_ascii() && is_plain(sign as u8)).all(|between| {
            matches!(between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-')
        });
        ends && between
    };
    text.len() <= MOST_BYTES && text.split('/').all(is_part)
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=MOST_TAG_BYTES).contains(&text.len())
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_reference_is_told_in_full_and_read_again_as_the_same() {
        for (text, full, host) in [
            ("docker.io/alpine", "docker.io/library/alpine:latest", "registry-1.docker.io"),
            ("index.docker.io/a/b:1", "docker.io/a/b:1", "registry-1.docker.io"),
            ("docker.io/library/alpine:3.20", "docker.io/library/alpine:3.20", "registry-1.docker.io"),
            ("localhost:5000/app", "localhost:5000/app:latest", "localhost:5000"),
            ("localhost/app:V1_a.b-c", "localhost/app:V1_a.b-c", "localhost"),
            ("GHCR.io/a/b--c/d__e.f:1", "ghcr.io/a/b--c/d__e.f:1", "ghcr.io"),
            ("127.0.0.1:5000/app@DIGEST", "127.0.0.1:5000/app@DIGEST", "127.0.0.1:5000"),
            ("quay.io/a/b:1@DIGEST", "quay.io/a/b:1@DIGEST", "quay.io"),
        ] {
            let text = text.replace("DIGEST", DIGEST);
            let reference: Reference = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(reference.to_string(), full.replace("DIGEST", DIGEST));
            assert_eq!(reference.host(), host);
            assert_eq!(reference.to_string().parse(), Ok(reference));
        }
    }

    #[test]
    fn what_is_no_reference_says_why() {
        use ReferenceError::{Digest, Host, Registry, Repository, Tag};
        for (text, why) in [
            ("", Registry),
            ("alpine:3.20", Registry),
            ("logs/checkout", Registry),
            ("../checkout", Host),
            ("./a", Host),
            ("a_b.c/d", Host),
            ("host:/a", Host),
            ("host:99999/a", Host),
            ("user:pass@host.example/a", Digest),
            ("ghcr.io/", Repository),
            ("ghcr.io/A/b", Repository),
            ("ghcr.io/a//b", Repository),
            ("ghcr.io/a/../b", Repository),
            ("ghcr.io/a?b=c", Repository),
            ("ghcr.io/a_-b", Repository),
            ("ghcr.io/a:", Tag),
            ("ghcr.io/a:..", Tag),
            ("ghcr.io/a:b/c", Tag),
            ("ghcr.io/a@sha256:12", Digest),
            ("ghcr.io/a@sha256:../x", Digest),
        ] {
            assert_eq!(text.parse::<Reference>(), Err(why), "{text}");
        }
        assert_eq!(format!("ghcr.io/{}", "a".repeat(256)).parse::<Reference>(), Err(Repository));
    }
}

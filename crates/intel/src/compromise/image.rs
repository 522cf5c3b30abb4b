//! Names of container images.

use std::fmt;
use std::str::FromStr;

use super::text::{Malformed, text_schema};

/// An image with its registry: `docker.io/aquasec/trivy:0.69.5`. A tag may be absent; a digest stands in a key of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    text: String,
    key: String,
}

impl ImageRef {
    /// The image as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form in which two are compared: with the registry that Docker takes when none is named.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Registry and name, without the tag.
    pub fn name(&self) -> &str {
        self.tag().map_or(&self.key, |tag| &self.key[..self.key.len() - tag.len() - 1])
    }

    /// The tag.
    pub fn tag(&self) -> Option<&str> {
        self.key.rsplit_once(':').map(|(_, tag)| tag).filter(|tag| !tag.contains('/'))
    }
}

text_schema!(ImageRef, "^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+(:[A-Za-z0-9._-]+)?$");

impl FromStr for ImageRef {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).ok_or_else(|| {
            Malformed::new("an image", text, "registry/name:tag, such as ghcr.io/owner/name:1.0")
        })
    }
}

fn parse(text: &str) -> Option<ImageRef> {
    let (path, tag) = match text.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (text, None),
    };
    let parts: Vec<&str> = path.split('/').collect();
    let written = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-:".contains(&byte))
    };
    let tagged = tag.is_none_or(|tag| {
        (1..=128).contains(&tag.len())
            && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    });
    if !tagged
        || !parts.iter().all(|part| written(part))
        || parts.iter().skip(1).any(|part| part.contains(':'))
    {
        return None;
    }
    // As Docker decides: the first part is a registry when it looks like a host.
    let registry = parts.len() > 1 && (parts[0].contains(['.', ':']) || parts[0] == "localhost");
    let name = match (registry, parts.len()) {
        (true, _) => path.replacen("index.docker.io/", "docker.io/", 1),
        (false, 1) => format!("docker.io/library/{path}"),
        (false, _) => format!("docker.io/{path}"),
    };
    Some(ImageRef { text: text.to_owned(), key: tag.map_or(name.clone(), |tag| format!("{name}:{tag}")) })
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> serde::Deserialize<'de> for ImageRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_registry_is_dockers() {
        let key = |text: &str| text.parse::<ImageRef>().expect("an image").key().to_owned();
        assert_eq!(key("aquasec/trivy:0.69.5"), key("docker.io/aquasec/trivy:0.69.5"));
        assert_eq!(key("debian"), "docker.io/library/debian");
        assert_eq!(key("localhost:5000/a/b:1"), "localhost:5000/a/b:1");
    }

    #[test]
    fn what_is_no_image_is_refused() {
        for bad in ["", ":1", "a/:1", "A/b", "a b", "a/b:", "a/b:c d", "a/b@sha256:00", "a/b:1/c:2"] {
            assert!(bad.parse::<ImageRef>().is_err(), "{bad}");
        }
    }
}

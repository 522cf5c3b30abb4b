//! What an image is made for.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// Operating system, architecture and its variant, as the OCI image specification writes them: `linux/arm64/v8`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct Platform {
    os: String,
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

/// A text that names no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no platform; expected os/architecture or os/architecture/variant, such as linux/arm64")]
pub struct PlatformError {
    text: String,
}

impl Platform {
    /// Whether an image for `offered` is one for this: of a variant only if one is named.
    pub(crate) fn takes(&self, offered: &Self) -> bool {
        self.os == offered.os
            && self.architecture == offered.architecture
            && (self.variant.is_none() || self.variant == offered.variant)
    }

    /// Whether it says anything: attestations beside images are of `unknown/unknown`.
    pub(crate) fn is_known(&self) -> bool {
        self.os != "unknown" && !self.os.is_empty()
    }
}

impl Default for Platform {
    /// What most images are for.
    fn default() -> Self {
        Self { os: "linux".into(), architecture: "amd64".into(), variant: None }
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts[..] {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err(PlatformError { text: text.into() }),
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err(PlatformError { text: text.into() });
        }
        let lower = str::to_ascii_lowercase;
        Ok(Self { os: lower(os), architecture: lower(architecture), variant: variant.map(lower) })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_takes_any_variant_unless_it_names_one() {
        let platform = |text: &str| text.parse::<Platform>().expect("a platform");
        assert!(platform("linux/arm").takes(&platform("linux/arm/v7")));
        assert!(!platform("linux/arm/v6").takes(&platform("linux/arm/v7")));
        assert!(!Platform::default().takes(&platform("linux/arm64")));
        assert_eq!(platform("Linux/ARM64/v8").to_string(), "linux/arm64/v8");
        for text in ["", "linux", "linux/", "a/b/c/d"] {
            assert!(text.parse::<Platform>().is_err(), "{text}");
        }
    }
}

//! What says of which layers an image is made: manifests and indexes of OCI and Docker,
//! <https://github.com/opencontainers/image-spec/blob/main/manifest.md>, and the `manifest.json` of `docker save`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::platform::Platform;

/// A digest, of which the name of a blob is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest(String);

/// What a blob is, and where.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    pub(super) media_type: String,
    pub(super) digest: String,
    #[serde(default)]
    pub(super) platform: Option<Platform>,
    #[serde(default)]
    pub(super) annotations: Option<BTreeMap<String, String>>,
}

/// A manifest, or an index of several.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    #[serde(default)]
    pub(super) manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    pub(super) config: Option<Descriptor>,
    #[serde(default)]
    pub(super) layers: Option<Vec<Descriptor>>,
}

/// What a configuration says of the image.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    #[serde(flatten)]
    pub(super) platform: Option<Platform>,
    #[serde(default)]
    pub(super) rootfs: RootFs,
}

/// The layers without their packing.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RootFs {
    #[serde(default)]
    pub(super) diff_ids: Vec<String>,
}

/// An image of `docker save`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Saved {
    pub(super) config: String,
    #[serde(default)]
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) layers: Vec<String>,
}

impl Digest {
    /// A digest of SHA-256 or SHA-512; nothing else is a name of a file.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return None,
        };
        let is_hex = hex.len() == length && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| Self(text.to_ascii_lowercase()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of the blob in an OCI layout.
    pub(super) fn path(&self) -> String {
        format!("blobs/{}", self.0.replace(':', "/"))
    }
}

impl Descriptor {
    /// What people call the image that it describes.
    pub(super) fn called(&self) -> String {
        const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];
        let names = self.annotations.as_ref();
        let name = names.and_then(|names| NAMES.iter().find_map(|key| names.get(*key)));
        match (name, &self.platform) {
            (Some(name), Some(platform)) => format!("{name} for {platform}"),
            (Some(name), None) => name.clone(),
            (None, Some(platform)) => format!("the image for {platform}"),
            (None, None) => format!("the image {}", self.digest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_names_a_file_and_nothing_else() {
        let hex = "ab".repeat(32);
        let digest = Digest::parse(&format!("sha256:{}", hex.to_uppercase())).expect("a digest");
        assert_eq!(digest.path(), format!("blobs/sha256/{hex}"));
        for text in ["", "sha256:", "sha256:../../etc/passwd", "md5:aa", &format!("sha256:{hex}a"), &hex] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }
}

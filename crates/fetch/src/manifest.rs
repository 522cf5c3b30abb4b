//! As much of a manifest as fetching needs: <https://github.com/opencontainers/image-spec/blob/main/manifest.md>.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::job::Platform;

/// The longest manifest, which is what registries take:
/// <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests>.
pub(crate) const MOST_BYTES: u64 = 4 << 20;

/// The most layers of an image.
pub(crate) const MOST_LAYERS: usize = 1000;

/// How many platforms are told.
const TOLD: usize = 20;

/// What is asked for.
pub(crate) const TYPES: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// A manifest, or an index of several.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    #[serde(default)]
    pub(crate) media_type: Option<String>,
    #[serde(default)]
    pub(crate) manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    pub(crate) config: Option<Descriptor>,
    #[serde(default)]
    pub(crate) layers: Option<Vec<Descriptor>>,
}

/// What a blob is.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    #[serde(default)]
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    #[serde(default, skip_serializing)]
    pub(crate) platform: Option<Platform>,
}

impl Manifest {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let parsed: Self =
            serde_json::from_slice(bytes).map_err(|error| format!("is no manifest of an image: {error}"))?;
        if parsed.manifests.is_none() && parsed.layers.is_none() {
            return Err("is no manifest of an image: it has neither layers nor manifests".into());
        }
        if parsed.layers.as_ref().is_some_and(|layers| layers.len() > MOST_LAYERS) {
            return Err(format!("has more than {MOST_LAYERS} layers"));
        }
        Ok(parsed)
    }

    /// Its type, where it does not say.
    pub(crate) fn kind(&self) -> &str {
        let unsaid = match self.manifests {
            Some(_) => "application/vnd.oci.image.index.v1+json",
            None => "application/vnd.oci.image.manifest.v1+json",
        };
        self.media_type.as_deref().filter(|kind| !kind.is_empty()).unwrap_or(unsaid)
    }

    /// The image for a platform, of an index; or those that there are.
    pub(crate) fn choose(&self, platform: &Platform) -> Result<&Descriptor, Vec<String>> {
        let images = self.manifests.iter().flatten();
        // Attestations lie beside images as if they were some.
        let images =
            images.filter(|one| one.platform.as_ref().is_none_or(|platform| platform.os != "unknown"));
        let images: Vec<&Descriptor> = images.collect();
        let fits = |one: &&&Descriptor| one.platform.as_ref().is_some_and(|offered| platform.takes(offered));
        if let Some(found) = images.iter().find(fits) {
            return Ok(found);
        }
        // One that says nothing of a platform is the image itself.
        if let [only] = images.as_slice()
            && only.platform.is_none()
        {
            return Ok(only);
        }
        let told = images.iter().take(TOLD).map(|one| match &one.platform {
            Some(platform) => platform.to_string(),
            None => one.digest.chars().take(80).collect(),
        });
        Err(told.collect())
    }
}

impl Descriptor {
    pub(crate) fn digest(&self) -> Result<Digest, String> {
        Digest::parse(&self.digest).ok_or_else(|| {
            format!("names {:?}, which is no digest", self.digest.chars().take(80).collect::<String>())
        })
    }
}

impl Platform {
    /// Whether an image for the other one is what this one asks for.
    fn takes(&self, offered: &Self) -> bool {
        self.os == offered.os
            && self.architecture == offered.architecture
            && self.variant.as_ref().is_none_or(|variant| offered.variant.as_ref() == Some(variant))
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_of_the_platform_is_chosen_and_attestations_are_not() {
        let index = r#"{"manifests": [
            {"digest": "a", "size": 1, "platform": {"os": "unknown", "architecture": "unknown"}},
            {"digest": "b", "size": 1, "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
            {"digest": "c", "size": 1, "platform": {"os": "linux", "architecture": "amd64"}}]}"#;
        let index = Manifest::parse(index.as_bytes()).expect("an index");
        let platform = |architecture: &str, variant: Option<&str>| Platform {
            os: "linux".into(),
            architecture: architecture.into(),
            variant: variant.map(Into::into),
        };
        let chosen = |platform: &Platform| index.choose(platform).map(|one| one.digest.clone());
        assert_eq!(chosen(&platform("amd64", None)), Ok("c".into()));
        assert_eq!(chosen(&platform("arm", None)), Ok("b".into()));
        let offered = vec!["linux/arm/v7".to_owned(), "linux/amd64".to_owned()];
        assert_eq!(chosen(&platform("arm", Some("v6"))), Err(offered));
    }

    #[test]
    fn what_is_no_manifest_says_so() {
        for text in
            ["", "{}", "[]", r#"{"layers": [{"digest": "a"}]}"#, r#"{"schemaVersion": 1, "fsLayers": []}"#]
        {
            assert!(Manifest::parse(text.as_bytes()).expect_err(text).contains("no manifest"), "{text}");
        }
    }
}

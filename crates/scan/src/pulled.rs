//! An image that was fetched from a registry to be scanned: what it is called there is asked about, too.

use std::collections::BTreeSet;
use std::sync::Arc;

use floodmark_case::{EvidenceId, ReadSource, Unread};

use crate::component::{Component, Found, Place, Scope};
use crate::read::image;

/// What an image is called in its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// Registry and path: `docker.io/library/alpine`.
    pub name: String,
    /// The tag that was asked for.
    pub tag: Option<String>,
    /// The digest that the name has, of an index or of a manifest.
    pub digest: String,
    /// The digest of the manifest that is scanned.
    pub manifest: String,
    /// The platform of that, where the name has images for several.
    pub platform: Option<String>,
    /// What could not be fetched, by its digest, and why.
    pub missing: Vec<(String, String)>,
}

impl Pulled {
    /// The name with tag and digest.
    pub fn reference(&self) -> String {
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
        format!("{}{tag}@{}", self.name, self.digest)
    }

    /// The image as components, by its tag and by its digests, cited by its manifests, which then have its name in what was
    /// read. Known compromises name images by either.
    pub(crate) fn components(&self, read: &mut [ReadSource]) -> Vec<Component> {
        let mut texts = vec![(self.reference(), &self.digest)];
        texts.extend(self.tag.as_ref().map(|tag| (format!("{}:{tag}", self.name), &self.digest)));
        if self.manifest != self.digest {
            texts.push((format!("{}@{}", self.name, self.manifest), &self.manifest));
        }
        for digest in BTreeSet::from([&self.manifest, &self.digest]) {
            let called = read.iter_mut().find(|one| is(one.evidence, digest));
            if let Some(read) = called {
                read.path =
                    if *digest == self.digest { self.reference() } else { format!("{}@{digest}", self.name) };
            }
        }
        texts.into_iter().filter_map(|(text, digest)| component(&text, digest, read)).collect()
    }

    /// What is to be said of it.
    pub(crate) fn unread(&self) -> Vec<Unread> {
        let platform = self.platform.iter().map(|platform| Unread {
            path: self.reference(),
            why: format!(
                "has images for several platforms, of which that for {platform} was fetched and scanned"
            ),
            incomplete: false,
        });
        let missing = self.missing.iter().map(|(digest, why)| {
            let why = format!("is a part of the image that could not be fetched: {why}");
            Unread { path: digest.clone(), why, incomplete: true }
        });
        platform.chain(missing).collect()
    }
}

fn component(text: &str, digest: &str, read: &[ReadSource]) -> Option<Component> {
    // A digest of another algorithm is not that of any evidence; the layout's index names it.
    let cited = read.iter().find(|one| is(one.evidence, digest)).or_else(|| read.first())?;
    let mut component = image::component(text).ok()?.scoped(Scope::Runtime).direct();
    component.found.insert(Found {
        path: Arc::from(cited.path.as_str()),
        place: Place::Whole,
        evidence: cited.evidence,
        layer: None,
    });
    Some(component)
}

fn is(evidence: EvidenceId, digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|hex| hex == evidence.to_string())
}

#[cfg(test)]
mod tests {
    use floodmark_intel::compromise::Compromises;

    use super::*;
    use crate::engine::compromised::flaws;

    fn asked(tag: Option<&str>, digest: &str, manifest: &str) -> Vec<(String, usize)> {
        let pulled = Pulled {
            name: "docker.io/aquasec/trivy".into(),
            tag: tag.map(Into::into),
            digest: digest.into(),
            manifest: manifest.into(),
            platform: None,
            missing: Vec::new(),
        };
        let kind = "image-manifest".to_owned();
        let read = |bytes: &[u8]| ReadSource {
            path: "blobs".into(),
            evidence: EvidenceId::of(bytes),
            kind: kind.clone(),
            bytes: 0,
            records: 1,
            window: None,
        };
        let mut sources = [read(b"index"), read(b"another")];
        let components = pulled.components(&mut sources);
        assert!(components.iter().all(|one| one.found.len() == 1));
        let flaws = |one: &Component| flaws(0, one, Compromises::shipped()).len();
        components.iter().map(|one| (one.purl.as_str().to_owned(), flaws(one))).collect()
    }

    #[test]
    fn compromises_are_asked_for_the_tag_the_digest_and_the_manifest_of_the_platform() {
        let shipped = Compromises::shipped().entries().iter().flat_map(|entry| &entry.compromise.artifacts);
        let bad =
            shipped.flat_map(|artifact| &artifact.bad).find_map(|one| one.digest.clone()).expect("one ships");
        let bad = bad.as_str();
        let innocent = format!("sha256:{}", "0".repeat(64));
        let found = |tag, digest, manifest| -> usize {
            asked(tag, digest, manifest).iter().map(|(_, flaws)| flaws).sum()
        };
        assert_eq!(found(Some("0.1.0"), &innocent, &innocent), 0);
        assert_eq!(found(None, bad, bad), 1, "by its digest");
        assert_eq!(found(None, &innocent, bad), 1, "by the manifest of a platform");
        assert_eq!(found(Some("0.69.4"), &innocent, &innocent), 1, "by its tag");
        assert_eq!(asked(Some("0.69.4"), &innocent, bad).len(), 3);
    }
}

//! Names of container images, as pipelines, Dockerfiles and manifests write them.
//!
//! <https://github.com/distribution/reference>: `[registry/]path[:tag][@digest]`.

use floodmark_intel::compromise::{ImageDigest, ImageRef};
use floodmark_intel::purl::Purl;

use crate::component::{Component, Hash, Reference};

/// What Docker takes where no registry stands.
const HUB: &str = "docker.io";

/// The component of an image. One that is named by its digest is a `pkg:oci`, one that is named by a tag a `pkg:docker`, since
/// that is what the definitions of the two types ask for.
pub(crate) fn component(text: &str) -> Result<Component, String> {
    if let Some(sign) = ["${", "{{", "$(", "$"].into_iter().find(|sign| text.contains(sign)) {
        return Err(format!("names its image by an expression (`{sign}` in `{text}`); expected a name"));
    }
    let (named, digest) = match text.split_once('@') {
        Some((named, digest)) => {
            let digest: ImageDigest = digest.parse().map_err(|error| format!("{error}"))?;
            (named, Some(digest))
        }
        None => (text, None),
    };
    let image: ImageRef = named.parse().map_err(|error| format!("{error}"))?;
    // Two spellings of one name are one image.
    let name = image.name();
    let tag = image.tag().or_else(|| digest.is_none().then_some("latest"));
    let full = tag.map_or_else(|| name.to_owned(), |tag| format!("{name}:{tag}"));
    let tagged: ImageRef = full.parse().map_err(|error| format!("{error}"))?;
    let purl = match &digest {
        Some(digest) => by_digest(name, tag, digest),
        None => by_tag(name, tag),
    };
    let hash = digest.as_ref().and_then(|digest| Hash::from_labelled(digest.as_str()));
    let component = Component::new(purl?, name, None).hashed(hash);
    Ok(component.referred(Reference::Image { image: tagged, digest }))
}

fn by_digest(name: &str, tag: Option<&str>, digest: &ImageDigest) -> Result<Purl, String> {
    let base = name.rsplit('/').next().unwrap_or(name);
    Purl::new("oci", None, base, Some(digest.as_str()))
        .and_then(|purl| purl.qualified([("repository_url", name), ("tag", tag.unwrap_or_default())]))
        .map_err(|error| error.to_string())
}

fn by_tag(name: &str, tag: Option<&str>) -> Result<Purl, String> {
    let (registry, path) = name.split_once('/').unwrap_or((HUB, name));
    let path = if registry == HUB { path.strip_prefix("library/").unwrap_or(path) } else { path };
    let (namespace, base) = path.rsplit_once('/').map_or((None, path), |(above, base)| (Some(above), base));
    let registry = if registry == HUB { "" } else { registry };
    Purl::new("docker", namespace, base, tag)
        .and_then(|purl| purl.qualified([("repository_url", registry)]))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn an_image_is_named_by_its_digest_or_else_by_its_tag() {
        let by_digest = |rest: &str| format!("pkg:oci/{}", rest.replace("DIGEST", DIGEST));
        for (text, purl, key) in [
            ("debian", "pkg:docker/debian@latest".to_owned(), "docker.io/library/debian:latest"),
            ("docker.io/library/debian:12", "pkg:docker/debian@12".into(), "docker.io/library/debian:12"),
            (
                "aquasec/trivy:0.69.4",
                "pkg:docker/aquasec/trivy@0.69.4".into(),
                "docker.io/aquasec/trivy:0.69.4",
            ),
            (
                "ghcr.io/aquasecurity/trivy:0.69.4",
                "pkg:docker/aquasecurity/trivy@0.69.4?repository_url=ghcr.io".into(),
                "ghcr.io/aquasecurity/trivy:0.69.4",
            ),
            (
                "localhost:5000/a/b",
                "pkg:docker/a/b@latest?repository_url=localhost:5000".into(),
                "localhost:5000/a/b:latest",
            ),
            (
                "debian:12@DIGEST",
                by_digest("debian@DIGEST?repository_url=docker.io%2Flibrary%2Fdebian&tag=12"),
                "docker.io/library/debian:12",
            ),
            ("ghcr.io/a/b@DIGEST", by_digest("b@DIGEST?repository_url=ghcr.io%2Fa%2Fb"), "ghcr.io/a/b"),
        ] {
            let component = component(&text.replace("DIGEST", DIGEST)).expect("an image");
            let Some(Reference::Image { image, digest }) = component.reference.as_deref() else {
                panic!("{text} is no image")
            };
            assert_eq!(
                (component.purl.as_str().replace("%2F", "/"), image.key()),
                (purl.replace("%2F", "/"), key)
            );
            assert_eq!(digest.is_some(), text.contains('@'), "{text}");
            assert_eq!(component.hashes.len(), usize::from(digest.is_some()), "{text}");
        }
    }

    #[test]
    fn what_is_known_only_when_it_runs_is_told_and_what_is_no_image_too() {
        for (text, why) in [
            ("node:${{ matrix.node }}", "expression"),
            ("$CI_REGISTRY_IMAGE", "expression"),
            ("{{ .Values.image }}", "expression"),
            ("Debian", "image"),
            ("a@sha256:12", "digest"),
            ("", "image"),
        ] {
            let error = component(text).expect_err("none");
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}

//! Doors for the fuzz targets: bytes that others write, and a parser each.

use crate::reference::Reference;

/// A challenge of a registry.
pub fn challenge(text: &str) {
    let _ = crate::challenge::challenge(text.lines());
}

/// A configuration of docker. What is told of it never holds a line break.
pub fn docker_config(bytes: &[u8]) {
    let Ok(reference) = "ghcr.io/a/b".parse::<Reference>() else { return };
    let _ = crate::docker_config::credentials(bytes, &reference);
}

/// A manifest, and the choice of a platform from it.
pub fn manifest(bytes: &[u8]) {
    let platform = crate::job::Platform { os: "linux".into(), architecture: "amd64".into(), variant: None };
    if let Ok(manifest) = crate::manifest::Manifest::parse(bytes) {
        let _ = manifest.choose(&platform).map(crate::manifest::Descriptor::digest);
    }
}

//! An image of a container, made by hand.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::scene::{Scene, gzip};
use crate::server::Reply;

/// Manifests and blobs by their digests.
#[derive(Clone, Default)]
pub(crate) struct Image {
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    pub(crate) manifests: BTreeMap<String, Vec<u8>>,
    /// The digest of the first manifest.
    pub(crate) top: String,
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A lock file with one package.
pub(crate) fn lock(package: &str) -> String {
    format!("[[package]]\nname = \"{package}\"\nversion = \"1.0.0\"\n")
}

impl Image {
    /// An image whose layers have a `Cargo.lock` each, in a folder with the package's name.
    pub(crate) fn of(packages: &[&str]) -> Self {
        let mut image = Self::default();
        image.top = image.of_packages("amd64", packages).0;
        image
    }

    /// An image with a layer for each of these files.
    #[cfg(feature = "hostile-reader")]
    pub(crate) fn of_files(files: &[(&str, &str)]) -> Self {
        let mut image = Self::default();
        let files: Vec<(String, String)> =
            files.iter().map(|(path, content)| ((*path).to_owned(), (*content).to_owned())).collect();
        image.top = image.manifest("amd64", &files).0;
        image
    }

    /// Images for two platforms, `amd64` and `arm64`, with a package each.
    pub(crate) fn of_platforms(amd64: &str, arm64: &str) -> Self {
        let mut image = Self::default();
        let manifests: Vec<Value> = [("amd64", amd64), ("arm64", arm64)]
            .into_iter()
            .map(|(architecture, package)| {
                let (digest, size) = image.of_packages(architecture, &[package]);
                json!({ "mediaType": MANIFEST, "digest": digest, "size": size,
                    "platform": { "os": "linux", "architecture": architecture } })
            })
            .collect();
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }).to_string();
        image.top = digest(index.as_bytes());
        image.manifests.insert(image.top.clone(), index.into_bytes());
        image
    }

    fn of_packages(&mut self, architecture: &str, packages: &[&str]) -> (String, usize) {
        let files: Vec<(String, String)> =
            packages.iter().map(|package| (format!("{package}/Cargo.lock"), lock(package))).collect();
        self.manifest(architecture, &files)
    }

    fn manifest(&mut self, architecture: &str, files: &[(String, String)]) -> (String, usize) {
        let layers: Vec<Value> = files
            .iter()
            .map(|(path, content)| {
                let layer = gzip(&tar(path, content.as_bytes()));
                let size = layer.len();
                json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": self.blob(layer), "size": size })
            })
            .collect();
        let config = json!({ "os": "linux", "architecture": architecture, "rootfs": { "type": "layers", "diff_ids": [] } });
        let config = config.to_string().into_bytes();
        let size = config.len();
        let config = json!({ "mediaType": "application/vnd.oci.image.config.v1+json", "digest": self.blob(config), "size": size });
        let manifest =
            json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers })
                .to_string();
        let (named, size) = (digest(manifest.as_bytes()), manifest.len());
        self.manifests.insert(named.clone(), manifest.into_bytes());
        (named, size)
    }

    fn blob(&mut self, bytes: Vec<u8>) -> String {
        let named = digest(&bytes);
        self.blobs.insert(named.clone(), bytes);
        named
    }

    /// The digests of the layers of the first manifest.
    pub(crate) fn layers(&self) -> Vec<String> {
        let manifest: Value = serde_json::from_slice(&self.manifests[&self.top]).expect("JSON");
        let layers = manifest["layers"].as_array().expect("layers");
        layers.iter().map(|layer| layer["digest"].as_str().expect("a digest").to_owned()).collect()
    }

    /// What a registry answers that serves this image under any name.
    pub(crate) fn served(&self, path: &str) -> Reply {
        let last = path.rsplit('/').next().unwrap_or_default();
        let named = if last.starts_with("sha256:") { last } else { &self.top };
        let held = if path.contains("/manifests/") { &self.manifests } else { &self.blobs };
        match held.get(named) {
            Some(bytes) => Reply::of(200, bytes.clone()).with("Docker-Content-Digest", digest(bytes)),
            None => Reply::of(404, ""),
        }
    }

    /// The image as an OCI layout with a tag.
    pub(crate) fn write(&self, scene: &Scene, folder: &str, tag: &str) {
        for (digest, bytes) in self.blobs.iter().chain(&self.manifests) {
            scene.write(&format!("{folder}/blobs/{}", digest.replace(':', "/")), bytes);
        }
        let top = &self.manifests[&self.top];
        let parsed: Value = serde_json::from_slice(top).expect("JSON");
        let index = json!({ "schemaVersion": 2, "manifests": [{ "mediaType": parsed["mediaType"], "digest": self.top,
            "size": top.len(), "annotations": { "org.opencontainers.image.ref.name": tag } }] });
        scene.write(&format!("{folder}/index.json"), index.to_string());
        scene.write(&format!("{folder}/oci-layout"), r#"{"imageLayoutVersion": "1.0.0"}"#);
    }
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An archive of one file, as POSIX has it.
fn tar(path: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, path);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", content.len()));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\0");
    put(263, "00");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.extend(content);
    archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
    archive
}

//! Images for tests.

use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use floodmark_case::EvidenceId;
use serde_json::json;

use super::super::tar::testing::{archive, file};
use super::{Asked, Claim, Image, Keep, Met, Platform, Target, Wanted, shown};

/// Which files an image keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Wanted,
    Nothing,
}

fn wanted(path: &str) -> Wanted {
    match Path::new(path).extension() {
        Some(end) if end == "lock" => Wanted::ByPath,
        Some(end) if end == "bin" => Wanted::ByContent,
        _ if path.ends_with("dpkg/status") => Wanted::ByPath,
        _ => Wanted::No,
    }
}

pub(super) fn open(path: &Path, platform: Option<&Platform>, kept: Kept) -> Image {
    let room = if kept == Kept::Wanted { 1 << 20 } else { 0 };
    let claim = |path: &str, first: &[u8]| match wanted(path) {
        Wanted::ByContent if !first.starts_with(b"\x7fELF") => Claim::Nobody,
        _ => Claim::Whole,
    };
    // What nobody claims may be asked for beside what somebody does.
    let at = |path: &str| if path.ends_with("os-release") { Wanted::ByPath } else { wanted(path) };
    let keep = Keep { at: &at, claim: &claim, room };
    let asked = Asked { platform, keep, threads: NonZero::new(3).expect("threads") };
    Image::open(path, asked).expect("a file").expect("an image")
}

/// The files that are wanted.
pub(super) fn met(image: &Image) -> Vec<String> {
    let mut paths = Vec::new();
    image.walk(&wanted, &mut |met| {
        if let Met::File(path) = met {
            paths.push(shown(&path));
        }
    });
    paths
}

/// Everything that makes the answer incomplete, sorted.
pub(super) fn unread(image: &Image) -> Vec<String> {
    let unread = image.unread.iter().filter(|one| one.incomplete);
    let mut told: Vec<String> = unread.map(|one| format!("{}: {}", one.path, one.why)).collect();
    image.walk(&wanted, &mut |met| {
        if let Met::Unread(path, why) = met {
            told.push(format!("{}: {why}", shown(&path)));
        }
    });
    told.sort();
    told
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", EvidenceId::of(bytes))
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// Writes an OCI layout with images for these platforms.
pub(super) fn layout(folder: &Path, images: &[(&str, &[Vec<u8>])]) {
    fs::create_dir_all(folder.join("blobs/sha256")).expect("a folder");
    let put = |bytes: &[u8]| {
        let digest = sha256(bytes);
        fs::write(folder.join("blobs").join(digest.replace(':', "/")), bytes).expect("a blob");
        digest
    };
    let manifests: Vec<_> = images
        .iter()
        .map(|(platform, layers)| {
            let kind = "application/vnd.oci.image.layer.v1.tar";
            let layers: Vec<_> = layers
                .iter()
                .map(|layer| json!({ "mediaType": kind, "digest": put(layer), "size": 1 }))
                .collect();
            let config = put(br#"{"os": "linux", "architecture": "amd64"}"#);
            let manifest = json!({ "config": { "digest": config }, "layers": layers });
            let mut parts = platform.split('/');
            let mut part = || parts.next();
            let platform = json!({ "os": part(), "architecture": part(), "variant": part() });
            json!({ "digest": put(manifest.to_string().as_bytes()), "platform": platform })
        })
        .collect();
    fs::write(folder.join("index.json"), json!({ "manifests": manifests }).to_string()).expect("a file");
    fs::write(folder.join("oci-layout"), "{}").expect("a file");
}

/// An archive as `docker save` makes them.
pub(super) fn saved(layers: &[Vec<u8>]) -> Vec<u8> {
    let names: Vec<String> = (0..layers.len()).map(|number| format!("{number}/layer.tar")).collect();
    let digests: Vec<String> = layers.iter().map(|layer| sha256(layer)).collect();
    let config = json!({ "os": "linux", "architecture": "amd64", "rootfs": { "diff_ids": digests } });
    let manifest = json!([{ "Config": "config.json", "RepoTags": ["a:b"], "Layers": names }]);
    let mut entries: Vec<Vec<u8>> = names.iter().zip(layers).map(|(name, layer)| file(name, layer)).collect();
    entries.push(file("config.json", config.to_string().as_bytes()));
    entries.push(file("manifest.json", manifest.to_string().as_bytes()));
    archive(&entries)
}

//! Which image of several, and of which layers it is made.

use std::collections::VecDeque;
use std::io;

use floodmark_case::{EvidenceId, ReadSource, Unread};
use serde::de::DeserializeOwned;

use super::blobs::Blobs;
use super::layer::Hashed;
use super::manifest::{Config, Descriptor, Digest, Manifest, Saved};
use super::platform::Platform;

/// How many images and indexes are looked at.
const MOST_DESCRIPTORS: usize = 1000;

/// The most layers of an image; overlay file systems take a few hundred.
const MOST_LAYERS: usize = 1000;

/// An image as it is to be read.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) layers: Vec<Part>,
    pub(super) read: Vec<ReadSource>,
    pub(super) unread: Vec<Unread>,
}

/// A layer that is to be read.
#[derive(Debug)]
pub(super) struct Part {
    /// Its name among the parts; none if it is the archive itself.
    pub(super) name: Option<String>,
    pub(super) digest: Option<Digest>,
    pub(super) hashed: Hashed,
}

/// Chooses; what is passed over is told. `platform` is the one that was asked for by name.
pub(super) fn choose(blobs: &Blobs, platform: Option<&Platform>) -> Choice {
    let mut choice = Choice::default();
    if let Some(why) = blobs.broken() {
        choice.tell("the archive", why.to_owned());
    }
    if let Err(error) = choice.fill(blobs, platform) {
        choice.tell("the image", error.to_string());
    }
    if choice.layers.len() > MOST_LAYERS {
        let layers = choice.layers.len();
        choice.layers.truncate(MOST_LAYERS);
        choice.tell("the image", format!("has {layers} layers, of which {MOST_LAYERS} are read"));
    }
    choice
}

impl Choice {
    fn fill(&mut self, blobs: &Blobs, platform: Option<&Platform>) -> io::Result<()> {
        let is_layout = blobs.small("oci-layout")?.is_some();
        if let Some(index) = self.json::<Manifest>(blobs, "index.json", None)?.filter(|_| is_layout) {
            return self.layout(blobs, index, platform);
        }
        // Any archive may have a file of this name.
        let saved = blobs.small("manifest.json")?;
        if saved.is_some_and(|bytes| serde_json::from_slice::<Vec<Saved>>(&bytes).is_ok()) {
            let images = self.json::<Vec<Saved>>(blobs, "manifest.json", None)?.unwrap_or_default();
            return self.saved(blobs, images, platform);
        }
        self.read.clear();
        self.layers.push(Part { name: None, digest: None, hashed: Hashed::Stored });
        Ok(())
    }

    /// The image of a layout whose platform is asked for.
    fn layout(&mut self, blobs: &Blobs, index: Manifest, asked: Option<&Platform>) -> io::Result<()> {
        let mut images = self.images(blobs, index)?;
        let offered: Vec<String> = images.iter().map(|(descriptor, _)| descriptor.called()).collect();
        let wanted = asked.cloned().unwrap_or_default();
        let fits =
            |platform: &Option<Platform>| platform.as_ref().is_some_and(|offered| wanted.takes(offered));
        let chosen = match images.iter().position(|(_, platform)| fits(platform)) {
            Some(chosen) => chosen,
            // The only one is meant, unless another was asked for by name.
            None if images.len() == 1 && (asked.is_none() || images[0].1.is_none()) => 0,
            None => {
                let why = format!("has no image for {wanted}; it has {}", offered.join(", "));
                return Err(io::Error::other(why));
            }
        };
        let (image, platform) = images.remove(chosen);
        for (other, of) in images.iter().filter(|(other, _)| other.digest != image.digest) {
            let why = format!("is in the layout too and was not looked at; {} was", image.called());
            // Another platform is another answer. Another image for this one may be the one that was meant.
            let incomplete = of == &platform;
            self.unread.push(Unread { path: other.called(), why, incomplete });
        }
        let (_, manifest) = self.blob::<Manifest>(blobs, &image)?;
        let layers = manifest.layers.ok_or_else(|| io::Error::other("has a manifest without layers"))?;
        for layer in layers {
            self.layer(&layer);
        }
        Ok(())
    }

    fn layer(&mut self, layer: &Descriptor) {
        let Some(digest) = Digest::parse(&layer.digest) else {
            return self.tell("the image", format!("has a layer {:?}, which is no digest", layer.digest));
        };
        let is_files = layer.media_type.contains("tar") && !layer.media_type.contains("encrypted");
        if !is_files && !layer.media_type.is_empty() {
            let why = format!("is a layer of type {}; expected a tar archive", layer.media_type);
            return self.tell(digest.as_str(), why);
        }
        self.layers.push(Part { name: Some(digest.path()), digest: Some(digest), hashed: Hashed::Stored });
    }

    /// The images of an index and of those that it names, each with its platform.
    fn images(&mut self, blobs: &Blobs, index: Manifest) -> io::Result<Vec<(Descriptor, Option<Platform>)>> {
        let mut images = Vec::new();
        let mut waiting = VecDeque::from(index.manifests.unwrap_or_default());
        let mut seen = 0;
        while let Some(descriptor) = waiting.pop_front() {
            seen += 1;
            if seen > MOST_DESCRIPTORS {
                return Err(io::Error::other(format!("names more than {MOST_DESCRIPTORS} images")));
            }
            // Signatures and attestations lie beside images as if they were some.
            if descriptor.platform.as_ref().is_some_and(|platform| !platform.is_known()) {
                continue;
            }
            let is_index = descriptor.media_type.contains("index") || descriptor.media_type.contains("list");
            if descriptor.platform.is_some() && !is_index {
                let there =
                    Digest::parse(&descriptor.digest).map(|digest| blobs.open(&digest.path()).is_ok());
                // An index names all platforms, also where the layout has only one.
                if there == Some(true) {
                    images.push((descriptor.platform.clone(), descriptor));
                }
                continue;
            }
            match self.blob::<Manifest>(blobs, &descriptor) {
                Ok((_, Manifest { manifests: Some(more), .. })) => waiting.extend(more),
                Ok((_, manifest)) => images.push((self.platform(blobs, &manifest), descriptor)),
                Err(error) => self.tell(&descriptor.called(), error.to_string()),
            }
        }
        if images.is_empty() {
            return Err(io::Error::other("names no image that is there"));
        }
        Ok(images.into_iter().map(|(platform, descriptor)| (descriptor, platform)).collect())
    }

    /// The platform in an image's configuration.
    fn platform(&mut self, blobs: &Blobs, manifest: &Manifest) -> Option<Platform> {
        let config = manifest.config.as_ref()?;
        match self.blob::<Config>(blobs, config) {
            Ok((_, config)) => config.platform,
            Err(error) => {
                self.tell(&config.digest, error.to_string());
                None
            }
        }
    }

    /// The first image of `docker save`.
    fn saved(&mut self, blobs: &Blobs, images: Vec<Saved>, asked: Option<&Platform>) -> io::Result<()> {
        let called = |image: &Saved| match image.repo_tags.as_deref() {
            Some([tag, ..]) => tag.clone(),
            _ => image.config.clone(),
        };
        let mut images = images.into_iter();
        let image = images.next().ok_or_else(|| io::Error::other("has no image"))?;
        for other in images {
            let why = format!("is in the archive too and was not looked at; {} was", called(&image));
            self.tell(&called(&other), why);
        }
        let config = self.json::<Config>(blobs, &image.config, None)?;
        let config = config.ok_or_else(|| io::Error::other("has no configuration of its image"))?;
        if let (Some(asked), Some(offered)) = (asked, &config.platform)
            && !asked.takes(offered)
        {
            return Err(io::Error::other(format!("has no image for {asked}; it has one for {offered}")));
        }
        let digests = config.rootfs.diff_ids;
        if digests.len() != image.layers.len() {
            let why = format!("has {} layers and {} digests of them", image.layers.len(), digests.len());
            self.tell("the image", why);
        }
        for (number, name) in image.layers.into_iter().enumerate() {
            let digest = digests.get(number).and_then(|digest| Digest::parse(digest));
            self.layers.push(Part { name: Some(name), digest, hashed: Hashed::Inflated });
        }
        Ok(())
    }

    fn blob<T: DeserializeOwned>(
        &mut self,
        blobs: &Blobs,
        descriptor: &Descriptor,
    ) -> io::Result<(Digest, T)> {
        let digest = Digest::parse(&descriptor.digest).ok_or_else(|| io::Error::other("is no digest"))?;
        let read = self.json(blobs, &digest.path(), Some(&digest))?;
        Ok((digest, read.ok_or(io::ErrorKind::NotFound)?))
    }

    /// A part of JSON, which was read; `None` if there is none of this name.
    fn json<T: DeserializeOwned>(
        &mut self,
        blobs: &Blobs,
        name: &str,
        digest: Option<&Digest>,
    ) -> io::Result<Option<T>> {
        let Some(bytes) = blobs.small(name)? else { return Ok(None) };
        let evidence = EvidenceId::of(&bytes);
        if let Some(why) = digest.and_then(|digest| differs(digest, evidence)) {
            self.tell(name, why);
        }
        let parsed = serde_json::from_slice(&bytes);
        let parsed =
            parsed.map_err(|error| io::Error::other(format!("has a {name} that is wrong: {error}")))?;
        let known = self.read.iter().any(|read| read.path == name);
        if !known {
            let (path, kind, bytes) = (name.to_owned(), "image-manifest".to_owned(), bytes.len() as u64);
            self.read.push(ReadSource { path, evidence, kind, bytes, records: 1, window: None });
        }
        Ok(Some(parsed))
    }

    fn tell(&mut self, path: &str, why: String) {
        self.unread.push(Unread { path: path.to_owned(), why, incomplete: true });
    }
}

/// What is told where a part is not the one that its digest names.
pub(super) fn differs(digest: &Digest, evidence: EvidenceId) -> Option<String> {
    let told = digest.as_str().strip_prefix("sha256:")?;
    (told != evidence.to_string())
        .then(|| format!("has the SHA-256 {evidence}; expected {told}, as its manifest tells"))
}

//! An OCI layout in a folder: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::digest::{Digest, Hasher};
use crate::error::FetchError;
use crate::manifest::Descriptor;
use crate::reference::Reference;

/// A layout that is being written.
pub(crate) struct Layout<'f> {
    folder: &'f Path,
}

/// A blob that is being written; it gets its name once it is whole.
pub(crate) struct Blob {
    part: PathBuf,
    path: PathBuf,
    file: File,
    hasher: Hasher,
    digest: Digest,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    manifests: [Named; 1],
}

#[derive(Serialize)]
struct Named {
    #[serde(flatten)]
    descriptor: Descriptor,
    annotations: Annotations,
}

#[derive(Serialize)]
struct Annotations {
    #[serde(rename = "io.containerd.image.name")]
    name: String,
}

impl<'f> Layout<'f> {
    pub(crate) fn create(folder: &'f Path) -> Result<Self, FetchError> {
        for algorithm in ["blobs/sha256", "blobs/sha512"] {
            let path = folder.join(algorithm);
            fs::create_dir_all(&path).map_err(FetchError::file(path))?;
        }
        write(&folder.join("oci-layout"), br#"{"imageLayoutVersion": "1.0.0"}"#)?;
        Ok(Self { folder })
    }

    /// Begins a blob.
    pub(crate) fn blob(&self, digest: &Digest) -> Result<Blob, FetchError> {
        let (algorithm, hex) = digest.parts();
        let path = self.folder.join("blobs").join(algorithm).join(hex);
        let part = self.folder.join("part");
        let file = File::create(&part).map_err(FetchError::file(&part))?;
        Ok(Blob { part, path, file, hasher: digest.hasher(), digest: digest.clone() })
    }

    /// Writes a blob that was hashed.
    pub(crate) fn keep(&self, digest: &Digest, bytes: &[u8]) -> Result<(), FetchError> {
        let mut blob = self.blob(digest)?;
        blob.write(bytes)?;
        blob.finish("what was read")
    }

    /// Writes the index, without which it is no layout.
    pub(crate) fn finish(self, descriptor: Descriptor, reference: &Reference) -> Result<(), FetchError> {
        let annotations = Annotations { name: reference.to_string() };
        let index = Index { schema_version: 2, manifests: [Named { descriptor, annotations }] };
        let bytes = serde_json::to_vec(&index).map_err(|error| FetchError::Asked(error.to_string()))?;
        write(&self.folder.join("index.json"), &bytes)
    }
}

impl Blob {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        self.hasher.update(bytes);
        self.file.write_all(bytes).map_err(FetchError::file(&self.part))
    }

    /// Ends the blob, which is gone if it is not what its digest names.
    pub(crate) fn finish(self, what: &str) -> Result<(), FetchError> {
        let got = self.hasher.finish();
        if got != self.digest {
            let expected = self.digest.to_string();
            return Err(FetchError::Digest { what: what.to_owned(), got: got.to_string(), expected });
        }
        fs::rename(&self.part, &self.path).map_err(FetchError::file(&self.path))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    fs::write(path, bytes).map_err(FetchError::file(path))
}

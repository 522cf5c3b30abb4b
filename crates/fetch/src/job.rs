//! What is asked of a fetching process, and what comes back: a line of JSON each.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::reference::Reference;

/// What to fetch, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The folder to write to; it is there, and nobody else writes to it meanwhile.
    pub folder: PathBuf,
    /// How the network is reached.
    pub network: Network,
    /// The most bytes that are fetched.
    pub most_bytes: u64,
    /// What to fetch.
    pub what: What,
}

/// How the network is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Certificates of authorities in PEM, instead of those of the system.
    pub ca_file: Option<PathBuf>,
    /// A proxy: `http://host:port`.
    pub proxy: Option<String>,
}

/// What to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// An image.
    Image(ImageAsked),
    /// Advisories.
    Advisories(AdvisoriesAsked),
}

/// An image that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageAsked {
    /// Which.
    pub reference: Reference,
    /// For which platform, where there are several.
    pub platform: Platform,
    /// The file with credentials, as `docker login` writes it.
    pub docker_config: Option<PathBuf>,
    /// Which registries are spoken to without encryption.
    pub plain_http: PlainHttp,
}

/// Which registries are spoken to without encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlainHttp {
    /// Those of this machine.
    Loopback,
    /// All.
    All,
}

/// What an image runs on, in the words of OCI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// The operating system: `linux`.
    pub os: String,
    /// The processor: `amd64`.
    pub architecture: String,
    /// Its variant: `v7`; any, if none is named.
    #[serde(default)]
    pub variant: Option<String>,
}

/// Advisories that are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisoriesAsked {
    /// The address of a mirror of osv.dev; `{mirror}/{ecosystem}/all.zip` is fetched.
    pub mirror: String,
    /// Which ecosystems; all that the mirror names, if there are none.
    pub ecosystems: Vec<String>,
    /// The address of CISA's catalogue.
    pub kev: Option<String>,
    /// The address of FIRST's predictions.
    pub epss: Option<String>,
}

/// What a fetching process tells, a line each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// How many bytes have come.
    Bytes(u64),
    /// A warning to show.
    Warning(String),
    /// It has ended well.
    Done(Outcome),
    /// It has ended.
    Failed {
        /// Why.
        why: String,
        /// What to do next.
        hint: Option<String>,
    },
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// An image, as an OCI layout in the folder.
    Image(ImageFetched),
    /// Advisories.
    Advisories(Vec<SourceFetched>),
}

/// An image that was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFetched {
    /// The digest that the reference names.
    pub digest: String,
    /// The digest of the manifest of the platform: another one where the reference names several images.
    pub manifest: String,
    /// The platform that was taken of several.
    pub platform: Option<String>,
    /// What could not be fetched, by its digest, and why.
    pub missing: Vec<(String, String)>,
}

/// A source of advisories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFetched {
    /// Its name: the path of its file in the folder.
    pub name: String,
    /// Where it is from.
    pub url: String,
    /// What became of it.
    pub state: SourceState,
}

/// What became of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceState {
    /// Its file is in the folder.
    New(Version),
    /// It is as it was.
    Same,
    /// It could not be fetched.
    Failed(String),
}

/// Which version of a file it is, as its server says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The `ETag`.
    #[serde(default)]
    pub etag: Option<String>,
    /// The `Last-Modified`.
    #[serde(default)]
    pub last_modified: Option<String>,
    /// How long it is, in bytes.
    #[serde(default)]
    pub bytes: u64,
}

/// What was fetched and taken in, by the names of sources: a file in the folder, [`State::FILE`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The sources.
    #[serde(default)]
    pub sources: BTreeMap<String, Taken>,
}

/// A source that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Where it is from.
    pub url: String,
    /// Which version.
    pub version: Version,
    /// When its server was last asked, as RFC 3339 has it.
    pub fetched: String,
    /// The SHA-256 of what was taken in, where the database tells it.
    #[serde(default)]
    pub sha256: Option<String>,
}

impl State {
    /// What is told of the folder; nothing where that is not there or cannot be read.
    pub fn read(folder: &Path) -> Self {
        let bytes = crate::run::read(&folder.join(Self::FILE), Self::MOST_BYTES).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes it into the folder, in the place of the one before.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let new = folder.join("state.new");
        let mut file = File::create(&new)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(new, folder.join(Self::FILE))
    }

    /// The name of its file.
    pub const FILE: &str = "state.json";
    /// The longest that is read, in bytes.
    const MOST_BYTES: u64 = 4 << 20;
}

/// The names of sources of which what was taken in is still held: of them only what is new is fetched.
pub type Held = BTreeSet<String>;

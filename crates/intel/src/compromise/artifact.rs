//! What was poisoned, what brings it along, and what it took.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::image::ImageRef;
use super::incident::Citation;
use super::text::{CommitId, ImageDigest, Key, Md5, RepositoryName, Sha1, Sha256, TagRef};
use super::window::{Bound, Overlap, Window, agreed};
use crate::purl::Purl;

/// One thing that was poisoned in one way at one time: the tags of an action, the files of a release, an image.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Its short name, unique in the file.
    pub id: Key,
    /// What it is.
    pub title: String,
    /// Who says so, of every identifier and window that names no sources of its own.
    pub sources: Vec<Citation>,
    /// When it could be had. Several are several statements about the same time.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// What is bad: by a name that pointed to it for a time, or by a commit, digest or hash that always is.
    #[serde(default)]
    pub bad: Vec<Identifier>,
    /// What some call bad, without proof.
    #[serde(default)]
    pub suspect: Vec<Identifier>,
    /// What is known to be clean.
    #[serde(default)]
    pub good: Vec<Identifier>,
    /// What some call bad or good in error; kept so that whoever meets it elsewhere learns why.
    #[serde(default)]
    pub rejected: Vec<Identifier>,
    /// What one should know about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// What an identifier stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Known to be bad.
    Bad,
    /// Called bad by some, without proof.
    Suspect,
    /// Known to be clean.
    Good,
    /// Named in error.
    Rejected,
}

impl Artifact {
    /// Every identifier with what it stands for: the bad ones first.
    pub fn identifiers(&self) -> impl Iterator<Item = (Verdict, &Identifier)> {
        self.lists().into_iter().flat_map(|(_, verdict, list)| list.iter().map(move |one| (verdict, one)))
    }

    /// The lists with their keys in the file.
    pub(crate) fn lists(&self) -> [(&'static str, Verdict, &[Identifier]); 4] {
        [
            ("bad", Verdict::Bad, &self.bad),
            ("suspect", Verdict::Suspect, &self.suspect),
            ("good", Verdict::Good, &self.good),
            ("rejected", Verdict::Rejected, &self.rejected),
        ]
    }

    /// The statements about the time of one of its identifiers.
    pub fn windows_of<'a>(&'a self, identifier: &'a Identifier) -> &'a [Window] {
        if identifier.windows.is_empty() { &self.windows } else { &identifier.windows }
    }

    /// Who says so of one of its identifiers.
    pub fn sources_of<'a>(&'a self, identifier: &'a Identifier) -> &'a [Citation] {
        if identifier.sources.is_empty() { &self.sources } else { &identifier.sources }
    }

    /// Who says so of one of its windows.
    pub fn sources_of_window<'a>(&'a self, window: &'a Window) -> &'a [Citation] {
        if window.sources.is_empty() { &self.sources } else { &window.sources }
    }

    /// Whether it could be had at that time, as far as all statements together say.
    pub fn overlap(&self, instant: Timestamp) -> Overlap {
        agreed(&self.windows, instant)
    }
}

/// One thing under all names by which it is known. At least one of the names is given; each is found by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// A package with its version. Without one: of the package, versions that are not known.
    #[serde(default)]
    pub purl: Option<Purl>,
    /// All packages of a namespace, of which the names and versions are not known: `pkg:npm/%40antv`.
    #[serde(default)]
    pub namespace: Option<Purl>,
    /// An action at a tag or branch. It points somewhere else at another time.
    #[serde(default)]
    pub action: Option<TagRef>,
    /// A release of a repository at a tag.
    #[serde(default)]
    pub release: Option<TagRef>,
    /// A commit.
    #[serde(default)]
    pub commit: Option<CommitId>,
    /// The repository through which the commit is reached.
    #[serde(default)]
    pub repository: Option<RepositoryName>,
    /// An image at a tag. It points somewhere else at another time.
    #[serde(default)]
    pub image: Option<ImageRef>,
    /// The digest of an image or of one of its manifests.
    #[serde(default)]
    pub digest: Option<ImageDigest>,
    /// The platform of the digest or the file.
    #[serde(default)]
    pub platform: Option<String>,
    /// The name of a file or release asset. A name proves nothing, so it is not found by itself.
    #[serde(default)]
    pub file: Option<String>,
    /// The file's SHA-256.
    #[serde(default)]
    pub sha256: Option<Sha256>,
    /// The file's SHA-1.
    #[serde(default)]
    pub sha1: Option<Sha1>,
    /// The file's MD5.
    #[serde(default)]
    pub md5: Option<Md5>,
    /// The file's size in bytes.
    #[serde(default)]
    pub size: Option<u64>,
    /// Who says so. Absent: the sources of the artifact.
    #[serde(default)]
    pub sources: Vec<Citation>,
    /// When it could be had. Absent: the windows of the artifact.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// Each name is sourced, but that they belong together is our inference.
    #[serde(default)]
    pub inferred: bool,
    /// The conflict of which it is one side.
    #[serde(default)]
    pub conflict: Option<Key>,
    /// What one should know about it.
    #[serde(default)]
    pub note: Option<String>,
}

impl Identifier {
    /// Whether it has a name by which it can be found.
    pub(crate) fn is_named(&self) -> bool {
        let packages = self.purl.is_some() || self.namespace.is_some();
        let references = self.action.is_some() || self.release.is_some() || self.image.is_some();
        packages || references || self.is_content()
    }

    /// Whether one of its names is made from the content, so that it means the same at all times.
    pub fn is_content(&self) -> bool {
        self.commit.is_some()
            || self.digest.is_some()
            || self.sha256.is_some()
            || self.sha1.is_some()
            || self.md5.is_some()
    }
}

/// A stretch of a repository's history that calls another component by a name that can be moved.
///
/// Whoever pinned a commit of it pinned nothing of what it calls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nesting {
    /// The repository.
    pub repository: RepositoryName,
    /// The first commit. Absent: from the beginning.
    #[serde(default)]
    pub from_commit: Option<CommitId>,
    /// The first commit that no longer belongs to it. Absent: to the end.
    #[serde(default)]
    pub until_commit: Option<CommitId>,
    /// When the first commit was made.
    #[serde(default)]
    pub from: Option<Bound>,
    /// When the first commit behind it was made.
    #[serde(default)]
    pub until: Option<Bound>,
    /// Its releases.
    #[serde(default)]
    pub tags: Vec<String>,
    /// How it comes by the other component.
    pub calls: String,
    /// The reference that it calls.
    #[serde(default)]
    pub action: Option<TagRef>,
    /// Whether a pin to one of these commits was exposed in the window of what it calls.
    pub exposed: Exposed,
    /// Who says so.
    pub sources: Vec<Citation>,
    /// What one should know about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// Whether something was exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exposed {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Not with the default inputs.
    WithInput,
    /// Not known.
    Unknown,
}

/// What was stolen from one place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Theft {
    /// The place.
    pub from: Place,
    /// How, and what.
    pub detail: String,
    /// Paths that were read; `*` stands for anything.
    #[serde(default)]
    pub paths: Vec<String>,
    /// The artifacts that did it. Absent: all.
    #[serde(default)]
    pub artifacts: Vec<Key>,
    /// Who says so.
    pub sources: Vec<Citation>,
}

/// Where secrets lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The environment of the process and of others.
    Environment,
    /// The memory of the CI runner, where masked secrets lie in the clear.
    RunnerMemory,
    /// Files, by path.
    Files,
    /// The metadata service of a cloud machine.
    CloudMetadata,
    /// The interfaces of a cloud, called with what was found.
    CloudApi,
    /// The secrets of a Kubernetes cluster.
    Kubernetes,
    /// The token service of a CI system: identities minted on the spot.
    Oidc,
    /// Mounts and sockets of a container.
    Container,
    /// The log of the run, into which they were written.
    RunLog,
    /// The cache of a CI system.
    CiCache,
    /// A code host, called with what was found.
    CodeHost,
    /// A package registry, called with what was found.
    PackageRegistry,
    /// A browser.
    Browser,
    /// A wallet for digital currency.
    Wallet,
    /// The configuration and conversations of local AI tools, or what they were told to look for.
    AiTools,
    /// A place that has no word yet; the detail says which.
    Other,
}

//! What is there: the components of a target, and what is known against them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Citation, EvidenceId};

/// Every component that was found, and every flaw of one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    /// The components, sorted by purl.
    pub components: Vec<Component>,
    /// What is known against them, in the order of the findings.
    pub flaws: Vec<Flaw>,
    /// What they were asked against.
    pub asked: Asked,
}

impl Inventory {
    /// The components that something is known against, by their purl; of several with the same, the last.
    pub fn flawed(&self) -> BTreeMap<&str, &Component> {
        let named: BTreeSet<&str> = self.flaws.iter().map(|flaw| flaw.component.as_str()).collect();
        let components = self.components.iter().map(|one| (one.purl.as_str(), one));
        components.filter(|(purl, _)| named.contains(purl)).collect()
    }
}

/// What components were asked against.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// How many incidents with poisoned releases.
    pub compromises: u64,
    /// How many advisories; none where there was no database.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub advisories: Option<u64>,
    /// When the newest of these was changed last.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub newest: Option<Timestamp>,
}

/// A package in a version, with every place where it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Its purl, in the canonical form.
    pub purl: String,
    /// Its name as its ecosystem writes it.
    pub name: String,
    /// Its version, if one is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// The ecosystem of OSV in which advisories about it are found (`npm`, `Debian:12`); none for what no registry gave.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ecosystem: Option<Arc<str>>,
    /// The source package that a distribution built it from; its advisories may be about that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SourcePackage>,
    /// What it is named by where that can be moved, or is the content itself: an action at a tag, an image by its digest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<Reference>,
    /// The versions that a comment beside a pinned commit claims. Nothing holds the two together.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub claimed: Vec<String>,
    /// What it is there for.
    pub scope: ComponentScope,
    /// Whether the project itself asked for it.
    pub direct: bool,
    /// The components that asked for it, as far as the format tells.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pulled_in_by: Vec<String>,
    /// The hashes that were recorded of it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub hashes: Vec<ComponentHash>,
    /// Where it was found; never empty.
    pub found: Vec<FoundAt>,
}

/// The package that a distribution built a component from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What a component is named by where that is no version of a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// What it names.
    pub kind: ReferenceKind,
    /// The action, repository or image: `aquasecurity/trivy-action`, `docker.io/aquasec/trivy`. None for a repository on a
    /// host that has no such names; the purl has its address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The tag, branch or commit of an action or repository; the tag of an image.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<String>,
    /// The digest of an image, `sha256:…`; where there is one, the tag means nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// What it is pinned to. Only a commit means the same at all times.
    pub pin: Pin,
}

/// What a [`Reference`] names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// An action or reusable workflow of GitHub.
    Action,
    /// A repository that is run from a checkout: a hook, a template of a pipeline, a module.
    Repository,
    /// A container image.
    Image,
}

/// What a [`Reference`] is pinned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pin {
    /// A full commit, or the digest of an image.
    Commit,
    /// A tag.
    Tag,
    /// A branch.
    Branch,
    /// One of the two: only the repository could tell.
    TagOrBranch,
}

impl ReferenceKind {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Repository => "repository",
            Self::Image => "image",
        }
    }
}

impl Pin {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tag => "tag",
            Self::Branch => "branch",
            Self::TagOrBranch => "tag_or_branch",
        }
    }
}

/// What a component is there for, most in need of attention first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentScope {
    /// It runs where the product runs.
    Runtime,
    /// The format does not say.
    Unknown,
    /// It runs where somebody chose to have it: an extra, a feature, an optional or peer dependency.
    Optional,
    /// It runs when the product is built.
    Build,
    /// It runs on developers' machines and in tests.
    Dev,
}

impl ComponentScope {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Unknown => "unknown",
            Self::Optional => "optional",
            Self::Build => "build",
            Self::Dev => "dev",
        }
    }
}

/// A hash that was recorded of a component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ComponentHash {
    /// How it is made: `MD5`, `SHA-1`, `SHA-256`, `SHA-384`, `SHA-512`.
    pub algorithm: Cow<'static, str>,
    /// Its hexadecimal digits, in lower case.
    pub digest: String,
}

/// A place where a component was found: a [`crate::Citation`] with the path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct FoundAt {
    /// The file, by its path within the target.
    pub path: Arc<str>,
    /// The file's SHA-256.
    pub evidence: EvidenceId,
    /// The place in it: `line 17`, `packages["node_modules/a"]`.
    pub place: String,
    /// The layer of an image that the file is of, by its digest in the image's manifest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub layer: Option<Arc<str>>,
}

/// What sort of thing is known against a component, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlawKind {
    /// A release that an intruder made or changed: whoever ran it ran the intruder's code. Found means stop, not patch.
    Poisoned,
    /// A package that was made to do harm. Found means stop, not patch.
    Malicious,
    /// It may be a poisoned release: a whole namespace was, and its versions are not known.
    Possible,
    /// A version with a known vulnerability.
    Vulnerable,
    /// Worth knowing, and no flaw: nobody maintains it any more.
    Notice,
}

impl FlawKind {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Poisoned => "poisoned",
            Self::Malicious => "malicious",
            Self::Possible => "possible",
            Self::Vulnerable => "vulnerable",
            Self::Notice => "notice",
        }
    }
}

/// One thing that is known against one component, under all of its names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flaw {
    /// The finding that tells it, see [`crate::Finding::id`]; the one that would, where it is set aside.
    pub finding: String,
    /// The component's purl.
    pub component: String,
    /// What sort of thing it is.
    pub kind: FlawKind,
    /// Its name: an advisory's id (`GHSA-…`), or the id of the compromise.
    pub id: String,
    /// Its other names (`CVE-…`, `PYSEC-…`), sorted.
    pub aliases: Vec<String>,
    /// What it is, in a line.
    pub summary: String,
    /// The versions that mend it, the one to take first.
    pub fixed: Vec<String>,
    /// The CVSS vector that the severity comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cvss: Option<String>,
    /// The CVSS base score, 0 to 10.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<f64>,
    /// The probability that it will be exploited within 30 days, by FIRST's EPSS, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub epss: Option<f64>,
    /// Whether CISA knows of attacks with it.
    pub known_exploited: bool,
    /// What a VEX document says of it: the statement that counts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vex: Option<VexStatement>,
    /// Why it is not among the findings: a VEX document that was given says so, somebody lives with it, or a baseline knows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub set_aside: Option<String>,
}

/// What a VEX document says of a flaw in a component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct VexStatement {
    /// The status.
    pub status: VexStatus,
    /// Why it is not affected, in the word of the document's format: `vulnerable_code_not_in_execute_path`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub justification: Option<String>,
    /// What is said beside that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// What should be done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub action: Option<String>,
    /// Who says it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author: Option<String>,
    /// Since when it is said.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub timestamp: Option<Timestamp>,
    /// Who brought the document.
    pub by: VexBy,
    /// The document.
    pub path: String,
    /// The statement in it.
    pub citation: Citation,
}

/// What a statement of VEX says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VexStatus {
    /// The product is affected.
    Affected,
    /// Whether it is, is being looked into.
    UnderInvestigation,
    /// The product holds a fix.
    Fixed,
    /// The flaw does not touch the product.
    NotAffected,
}

/// Who brought a VEX document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VexBy {
    /// Whoever ran the scan.
    Caller,
    /// The target itself. Its word sets nothing aside.
    Target,
}

impl VexStatus {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::UnderInvestigation => "under_investigation",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
        }
    }
}

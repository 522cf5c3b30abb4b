//! What the database holds, counted when it is built.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the database holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// The sources of advisories, by name.
    pub sources: Vec<SourceStatus>,
    /// The ecosystems, by name without suffix.
    pub ecosystems: Vec<EcosystemStatus>,
    /// Advisories that count.
    pub counts: Counts,
    /// Observables that are named.
    pub observables: u64,
    /// CISA's catalogue of known exploited vulnerabilities.
    pub kev: Option<Catalogue>,
    /// FIRST's exploit predictions.
    pub epss: Option<Catalogue>,
}

/// A source of advisories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceStatus {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// The SHA-256 of the file; for a folder, of the names and hashes of its files.
    pub sha256: String,
    /// Records of it that count.
    pub counts: Counts,
    /// How often an observable is named.
    pub indicators: u64,
    /// Records that do not count, since another of the same id does.
    pub superseded: u64,
    /// Withdrawn records.
    pub withdrawn: u64,
    /// The ecosystems that it names, without suffix.
    pub ecosystems: Vec<String>,
    /// The newest `modified` in it; none where no record says one.
    #[schemars(with = "Option<String>")]
    pub newest: Option<Timestamp>,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A zip of advisories.
    Archive,
    /// A folder of advisories.
    Folder,
    /// One advisory.
    File,
    /// A file of indicators.
    Indicators,
}

/// How many advisories there are, by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Flaws.
    pub vulnerabilities: u64,
    /// Malicious packages.
    pub malicious: u64,
    /// Notices.
    pub notices: u64,
}

impl Counts {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.vulnerabilities + self.malicious + self.notices
    }
}

/// An ecosystem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EcosystemStatus {
    /// Its name without suffix, as it is written.
    pub name: String,
    /// Whether it is one that can be asked about.
    pub known: bool,
    /// Packages that are named; one of several releases counts for each.
    pub packages: u64,
    /// How often a package is named.
    pub affected: u64,
}

/// A list of CVEs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Catalogue {
    /// The name of its source.
    pub source: String,
    /// When it was made, as it says.
    pub date: String,
    /// How many CVEs it names.
    pub entries: u64,
}

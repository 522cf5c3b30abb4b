//! What `intel` says as JSON, and its published schema.

use floodmark_intel::advisory::Gist;
use floodmark_intel::database::{Epss, Kev, Match, Record, Status, Undecided};
use floodmark_intel::observable::{Mention, Observable};
use floodmark_intel::read::Report;
use floodmark_intel::stix::Exported;
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

use super::compromise::Hit;

/// The name of the documents, with their major version.
const SCHEMA: &str = "floodmark-intel/1";

/// A document of `floodmark intel`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Document<'a> {
    /// Always `floodmark-intel/1`.
    schema: &'static str,
    #[serde(flatten)]
    said: Said<'a>,
}

impl<'a> Document<'a> {
    pub(super) fn of(said: Said<'a>) -> Self {
        Self { schema: SCHEMA, said }
    }
}

/// What was said, by command.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "command")]
pub(super) enum Said<'a> {
    /// What an import read, and what the database holds now.
    #[serde(rename = "intel import")]
    Import {
        /// The file of the database.
        database: String,
        /// What was read, and what was not.
        report: &'a Report,
        /// What the database holds; absent where nothing was taken in and it was left as it was.
        status: Option<&'a Status>,
    },
    /// What an update fetched and read, and what the database holds now.
    #[serde(rename = "intel update")]
    Update {
        /// The file of the database.
        database: String,
        /// What was asked for, and what became of it.
        fetched: &'a [Fetched],
        /// What was read, and what was not.
        report: &'a Report,
        /// What the database holds; absent where nothing was taken in and it was left as it was.
        status: Option<&'a Status>,
    },
    /// A database that was taken over with its signature.
    #[serde(rename = "intel import --verify")]
    TakenOver {
        /// The file of the database.
        database: String,
        /// The comment that is signed with it.
        trusted_comment: String,
        /// What it holds.
        status: &'a Status,
    },
    /// A copy of the database.
    #[serde(rename = "intel export")]
    Export {
        /// The file.
        file: String,
        /// What it holds.
        status: &'a Status,
    },
    /// What is bad, as STIX.
    #[serde(rename = "intel export --as stix")]
    ExportStix {
        /// The file.
        file: String,
        /// What it holds.
        exported: Exported,
    },
    /// What the database holds.
    #[serde(rename = "intel status")]
    Status {
        /// The file of the database.
        database: String,
        /// Its size in bytes.
        bytes: u64,
        /// What it holds.
        status: &'a Status,
        /// How many compromises ship with the program.
        compromises: usize,
        /// When what was fetched by updates was last asked for, and from where.
        fetched: Vec<FetchedFrom>,
    },
    /// What is known under an id.
    #[serde(rename = "intel show")]
    Show(&'a Shown),
    /// What is known of what was asked about.
    #[serde(rename = "intel ask")]
    Ask {
        /// The answers, in the order of the questions.
        answers: &'a [Answered],
        /// Whether there was a database; without one, only the compromises that ship were asked.
        has_database: bool,
    },
}

/// A source that an update asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Fetched {
    /// Its name.
    pub(super) source: String,
    /// Where it is from.
    pub(super) url: String,
    /// `new`, `same` or `failed`.
    pub(super) state: &'static str,
    /// How long the file is, where it is new.
    pub(super) bytes: Option<u64>,
    /// Why it could not be fetched.
    pub(super) why: Option<String>,
}

/// Where a source was fetched from.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FetchedFrom {
    /// Its name.
    pub(super) source: String,
    /// Where from.
    pub(super) url: String,
    /// When it was last asked for, whether it had changed or not (RFC 3339).
    pub(super) fetched: String,
}

/// What is known under an id.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Shown {
    /// The id.
    pub(super) id: String,
    /// The records of this id, the one that counts first.
    pub(super) records: Vec<Record>,
    /// Advisories that name it as an alias, as a flaw that they pass on, or as related.
    pub(super) named_by: Vec<Gist>,
    /// What CISA says of the CVEs.
    pub(super) kev: Vec<Kev>,
    /// What FIRST reckons of the CVEs.
    pub(super) epss: Vec<Predicted>,
    /// Compromises of this id, or that name it, as their files tell them.
    pub(super) compromises: Vec<Told>,
}

/// A compromise as its file tells it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Told {
    /// Its id.
    pub(super) id: String,
    /// All that its file says, docs/schema/compromise-1.json.
    pub(super) compromise: serde_json::Value,
}

/// How likely a CVE is to be exploited within thirty days.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Predicted {
    /// The CVE.
    pub(super) cve: String,
    /// The probability, 0 to 1.
    pub(super) probability: f64,
    /// The share of CVEs that are at most as likely, 0 to 1.
    pub(super) percentile: f64,
}

impl Predicted {
    pub(super) fn of(cve: &str, epss: Epss) -> Self {
        Self { cve: cve.to_owned(), probability: epss.probability(), percentile: epss.rank() }
    }
}

/// What is known of one thing that was asked about.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Answered {
    /// What was asked about, as it was written.
    pub(super) question: String,
    /// What it was taken for: `package`, `action`, `image`, `digest`, `commit`, `hash`, `ip`, `url`, `domain`.
    pub(super) kind: &'static str,
    /// Advisories that touch it.
    pub(super) advisories: Vec<Match>,
    /// Advisories of which it cannot be told.
    pub(super) undecided: Vec<Undecided>,
    /// Compromises that name it.
    pub(super) compromises: Vec<Hit>,
    /// Sources of indicators, and malicious packages, that show it or what it belongs to.
    pub(super) mentions: Vec<Mentioned>,
    /// What could not be asked, and why.
    pub(super) not_asked: Option<String>,
}

/// That a source calls something bad.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Mentioned {
    /// What it names: what was asked about, a parent of the host, or a range that holds the address.
    pub(super) named: Observable,
    /// What it says.
    #[serde(flatten)]
    pub(super) mention: Mention,
}

/// The JSON Schema of all documents of `floodmark intel`.
pub fn schema() -> Schema {
    let mut schema = schema_for!(Document<'_>);
    schema.insert("$id".into(), "urn:floodmark:schema:intel:1".into());
    schema.insert("title".into(), "What `floodmark intel` says".into());
    schema
}

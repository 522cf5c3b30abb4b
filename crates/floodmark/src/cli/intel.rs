//! `floodmark intel`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use floodmark_case::Timestamp;

use super::{Colour, Confinement, Network};

/// `floodmark intel`.
#[derive(Debug, Subcommand)]
pub enum Intel {
    /// Read advisories, KEV and EPSS into the local database
    #[command(after_long_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// Fetch what is new of advisories, KEV and EPSS from a mirror, and read it into the local database
    #[command(after_long_help = UPDATE_EXAMPLES)]
    Update(Update),
    /// Write the database, or what is bad as STIX 2.1, to a file; sign it
    #[command(after_long_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// What the database holds: sources, counts, ages
    Status(Status),
    /// All that is known under an id: an advisory, a CVE, a compromise
    #[command(after_long_help = SHOW_EXAMPLES)]
    Show(Show),
    /// What is known of a package version, an action, an image, a file, an address
    #[command(after_long_help = ASK_EXAMPLES)]
    Ask(Ask),
}

/// `floodmark intel import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Files and folders; what each is is told by its content
    ///
    /// Advisories of OSV as JSON or YAML, zips of them as osv.dev publishes one for each ecosystem, CISA's catalogue of
    /// known exploited vulnerabilities (JSON), FIRST's exploit predictions (CSV, plain or gzip), indicators as STIX 2.1
    /// bundles and MISP events (JSON), and folders of all these. Each file is a source, and so are the single advisories of a folder together. Importing a source again
    /// replaces what it gave before.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// Name the source, instead of after the file and the folder that it lies in
    #[arg(long, value_name = "NAME", value_parser = source_name)]
    pub source: Option<String>,

    /// Take over a whole database, if FILE.minisig beside it is a signature of this minisign key
    ///
    /// PATH is a file that `intel export` wrote, and takes the place of the database. The key is a file as minisign writes
    /// it.
    #[arg(long, value_name = "PUBKEY", conflicts_with = "source")]
    pub verify: Option<PathBuf>,

    /// With --verify: take it over although it is older than the one that is there
    ///
    /// Older means that the newest advisory of a source, KEV or EPSS lies before that of the one that is there, or that a source of
    /// it is missing. A signature proves who made a database, not that it is the newest.
    #[arg(long, requires = "verify")]
    pub allow_older: bool,

    /// The database.
    #[command(flatten)]
    pub place: Place,

    /// How it is told.
    #[command(flatten)]
    pub output: Output,

    /// How the reader is confined.
    #[command(flatten)]
    pub confinement: Confinement,
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  What osv.dev publishes for two ecosystems, each into a folder of its own:
    curl -fsS --create-dirs -o PyPI/all.zip https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip
    curl -fsS --create-dirs -o npm/all.zip https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip
    floodmark intel import PyPI/all.zip npm/all.zip

  What is exploited, and what is likely to be:
    floodmark intel import known_exploited_vulnerabilities.json epss_scores-current.csv.gz

  A clone of an advisory database, under a name of its own:
    floodmark intel import advisory-database --source github

  A database that somebody else built and signed:
    floodmark intel import intel.db --verify minisign.pub

  Exit codes: 0 all was read, 2 wrong call, 3 something was not read, and is listed; the rest is in the database.";

/// `floodmark intel update`.
#[derive(Debug, Args)]
pub struct Update {
    /// Take these ecosystems only, as osv.dev names them (`PyPI`, `npm`, `Debian`); repeatable [default: all that the mirror names]
    ///
    /// What was taken of others before stays as it is.
    #[arg(long = "ecosystem", value_name = "NAME", num_args = 1..)]
    pub ecosystems: Vec<String>,

    /// Where advisories are: `URL/ECOSYSTEM/all.zip` is fetched, and `URL/ecosystems.txt` says which there are [default: osv.dev's]
    ///
    /// Without such a list, `URL/all.zip` is taken. A folder behind any web server will do.
    #[arg(long, value_name = "URL", env = "FLOODMARK_MIRROR")]
    pub mirror: Option<String>,

    /// Where CISA's catalogue of known exploited vulnerabilities is [default: CISA's own]
    #[arg(long, value_name = "URL", env = "FLOODMARK_KEV")]
    pub kev: Option<String>,

    /// Where FIRST's exploit predictions are [default: FIRST's own]
    #[arg(long, value_name = "URL", env = "FLOODMARK_EPSS")]
    pub epss: Option<String>,

    /// Leave out CISA's catalogue
    #[arg(long)]
    pub without_kev: bool,

    /// Leave out FIRST's predictions
    #[arg(long)]
    pub without_epss: bool,

    /// The most that is fetched, in MiB
    #[arg(long, value_name = "MIB", env = "FLOODMARK_MAX_DOWNLOAD", default_value_t = 16384, value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub max_download: u64,

    /// How the network is reached.
    #[command(flatten)]
    pub network: Network,

    /// The database.
    #[command(flatten)]
    pub place: Place,

    /// How it is told.
    #[command(flatten)]
    pub output: Output,

    /// How the reader is confined.
    #[command(flatten)]
    pub confinement: Confinement,
}

const UPDATE_EXAMPLES: &str = "\
Examples:
  All that osv.dev has, CISA's catalogue and FIRST's predictions; the next time, what changed:
    floodmark intel update

  Two ecosystems, from a mirror of one's own:
    floodmark intel update --ecosystem PyPI npm --mirror https://mirror.example/osv

  A run that is cut off anywhere leaves the old database whole, and the next one goes on from there.

  Exit codes: 0 all is up to date, 2 wrong call, or nothing could be fetched, 3 something could not be fetched or read, and is
  listed; the rest is in the database.";

/// `floodmark intel export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The file to write; what it held is replaced
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// What is written
    #[arg(long = "as", value_name = "WHAT", default_value = "database")]
    pub what: Exported,

    /// As STIX: when the objects count as modified (RFC 3339) [default: the latest time that each names]
    #[arg(long, value_name = "TIME", value_parser = super::time)]
    pub modified: Option<Timestamp>,

    /// Sign it with this secret key of minisign, into FILE.minisig
    ///
    /// If the key has a password, it is asked for on the terminal, or read from --password-file. The key is read, and the
    /// password turned into it, before the process that reads the database is confined.
    #[arg(long, value_name = "SECKEY")]
    pub sign: Option<PathBuf>,

    /// The file whose first line is the password of the key
    #[arg(long, value_name = "FILE", requires = "sign")]
    pub password_file: Option<PathBuf>,

    /// What is signed with it and shown when it is verified [default: the file's name and the age of what is in it]
    #[arg(long, value_name = "TEXT", requires = "sign")]
    pub trusted_comment: Option<String>,

    /// The database.
    #[command(flatten)]
    pub place: Place,
    /// How it is told.
    #[command(flatten)]
    pub output: Output,
    /// How the reader is confined.
    #[command(flatten)]
    pub confinement: Confinement,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  Into a closed network, signed:
    floodmark intel export intel.db --sign ~/.minisign/minisign.key
  And there, with the public key that was brought by another way:
    floodmark intel import intel.db --verify minisign.pub

  The compromises and the imported indicators, for others:
    floodmark intel export bundle.json --as stix

  Exit codes: 0 it was written, 2 wrong call, or a key or database that cannot be used.";

/// `floodmark intel status`.
#[derive(Debug, Args)]
pub struct Status {
    /// The database.
    #[command(flatten)]
    pub place: Place,
    /// How it is told.
    #[command(flatten)]
    pub output: Output,
    /// How the reader is confined.
    #[command(flatten)]
    pub confinement: Confinement,
}

/// `floodmark intel show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The id of an advisory, a CVE, or a compromise
    #[arg(value_name = "ID")]
    pub id: String,
    /// The database.
    #[command(flatten)]
    pub place: Place,
    /// How it is told.
    #[command(flatten)]
    pub output: Output,
    /// How the reader is confined.
    #[command(flatten)]
    pub confinement: Confinement,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  floodmark intel show PYSEC-2021-335
  floodmark intel show CVE-2026-33634
  floodmark intel show trivy";

/// `floodmark intel ask`.
#[derive(Debug, Args)]
pub struct Ask {
    /// What is asked about; each is told by its form
    ///
    /// A package as a purl (`pkg:npm/chalk@5.6.1`), a GitHub action (`owner/name@ref`), an image
    /// (`docker.io/owner/name:tag`), a commit, a SHA-256, SHA-1 or MD5, an image digest (`sha256:…`), an IP address, a
    /// host name, a URL.
    #[arg(value_name = "WHAT", required = true)]
    pub questions: Vec<String>,
    /// The database.
    #[command(flatten)]
    pub place: Place,
    /// How it is told.
    #[command(flatten)]
    pub output: Output,
    /// How the reader is confined.
    #[command(flatten)]
    pub confinement: Confinement,
}

const ASK_EXAMPLES: &str = "\
Examples:
  floodmark intel ask pkg:pypi/django@3.2.0
  floodmark intel ask aquasecurity/trivy-action@0.28.0
  floodmark intel ask scan.aquasecurtiy.org 45.148.10.212

  Exit codes: 0 nothing is known against it, 1 something is, 2 wrong call, 3 it cannot be told for all of it.";

/// Where the database is.
#[derive(Debug, Args)]
pub struct Place {
    /// The database [default: floodmark/intel.db in `$XDG_DATA_HOME`, or in ~/.local/share]
    #[arg(long, value_name = "FILE", env = "FLOODMARK_DATABASE")]
    pub database: Option<PathBuf>,
}

/// How it is told.
#[derive(Debug, Args)]
pub struct Output {
    /// The form: for people, or JSON
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Form,

    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub colour: Colour,
}

/// What `intel export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Exported {
    /// The database, as it is.
    Database,
    /// Compromises and imported indicators, a STIX 2.1 bundle.
    Stix,
}

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people.
    Table,
    /// One JSON document, docs/schema/floodmark-intel-1.json.
    Json,
}

fn source_name(text: &str) -> Result<String, String> {
    let right = (1..=200).contains(&text.len()) && !text.contains(char::is_control);
    right
        .then(|| text.to_owned())
        .ok_or_else(|| "expected 1 to 200 bytes without control characters".to_owned())
}

//! The arguments, each defined once: parser, help, completions and man pages come from here.

pub mod intel;

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use floodmark_case::{Command as Answered, LogHash, Severity, Timestamp};
use floodmark_intel::purl::Purl;
use floodmark_report::Format;
use floodmark_scan::Platform;
use floodmark_trace::From;
use floodmark_trace::sigma::is_placeholder_name;

/// How far did the water come?
#[derive(Debug, Parser)]
#[command(name = "floodmark", version, about, long_about = LONG_ABOUT, after_help = EXIT_CODES, max_term_width = 100)]
#[command(propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const LONG_ABOUT: &str = "\
Floodmark follows a software-supply-chain breach through the evidence: from a stolen credential to what it did in the \
cloud, which further credentials it begot, what it reached, what it left behind, and what the logs cannot show. Every \
claim cites the record that it rests on.

Evidence is hostile: the process that reads it gives up the network, other programs, its environment and every file \
but its inputs and outputs before the first byte is read.";

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing at or above --fail-on
  1  something at or above --fail-on
  2  the call was wrong, or what it needs is not there
  3  the answer is incomplete: some or all evidence could not be read";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What did the stolen credentials do, which others did they beget, what did they reach?
    Trace(Box<Trace>),
    /// What do we run, and what of it is vulnerable, malicious or was poisoned?
    Scan(Box<Scan>),
    /// Make a synthetic incident with known answers, or score a case against them
    Rehearse(Rehearse),
    /// The local knowledge of what is bad: import advisories, ask, show
    #[command(subcommand)]
    Intel(intel::Intel),
    /// Show or verify a case
    #[command(subcommand)]
    Case(Case),
    /// Print a completion script for a shell
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// `floodmark trace`.
#[derive(Debug, Args)]
#[command(after_long_help = TRACE_EXAMPLES)]
pub struct Trace {
    /// Logs: files, folders, or `-` for standard input
    ///
    /// What they are is told by their content, plain, gzip or zstd: CloudTrail in any shape (as delivered, JSON lines,
    /// lookup-events, EventBridge, Lake, SIEM exports), S3 access logs, VPC flow logs, GuardDuty findings, CloudTrail
    /// digests. Anything else is listed as not read.
    #[arg(value_name = "PATH", required_unless_present = "example")]
    pub paths: Vec<PathBuf>,

    /// Start from this access key id, ARN or IP address; repeatable
    ///
    /// Without it, the story starts from the credentials that stand out most, and says that this is a guess.
    #[arg(long, value_name = "KEY|ARN|IP")]
    pub from: Vec<From>,

    /// The time from which the starting credentials count as stolen (RFC 3339)
    ///
    /// Without it, the first departure from the credential's own past.
    #[arg(long, value_name = "TIME", requires = "from", value_parser = time)]
    pub since: Option<Timestamp>,

    /// Keep the answer in this case folder; made if it is not there
    #[arg(long, value_name = "DIR", env = "FLOODMARK_CASE")]
    pub case: Option<PathBuf>,

    /// Add the Sigma rules in this file or folder; repeatable
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,

    /// Give the placeholder `%NAME%` of rules a value; repeatable, also for one name
    ///
    /// A value is a Sigma string: `*` and `?` in it are wildcards. A rule that needs a placeholder without a value is
    /// not loaded, and listed.
    #[arg(long = "placeholder", value_name = "NAME=VALUE", value_parser = placeholder)]
    pub placeholders: Vec<(String, String)>,

    /// Leave out the rules that ship with the program
    #[arg(long)]
    pub no_builtin_rules: bool,

    /// Public keys that verify digest signatures, as `aws cloudtrail list-public-keys` prints them
    #[arg(long, value_name = "FILE")]
    pub public_keys: Option<PathBuf>,

    /// How many threads read; the answer does not depend on it [default: one per core]
    #[arg(long, value_name = "N", env = "FLOODMARK_THREADS", value_parser = threads_parser())]
    pub threads: Option<usize>,

    /// Trace the embedded example, a small synthetic incident
    #[arg(long, conflicts_with = "paths")]
    pub example: bool,

    /// How the answer is written.
    #[command(flatten)]
    pub answer: AnswerOptions,

    /// How the reader is confined.
    #[command(flatten)]
    pub confinement: Confinement,
}

const TRACE_EXAMPLES: &str = "\
Examples:
  A folder of logs and one suspicious key, kept in a case:
    floodmark trace logs/ --from AKIAIOSFODNN7EXAMPLE --case breach-2026-03

  No idea where to start; the whole story as one page to send on:
    floodmark trace logs/ --format html --output story.html

  Straight from the API, without a file:
    aws cloudtrail lookup-events | floodmark trace -

  Only what must be undone:
    floodmark trace logs/ --format json | jq -r '.leftovers[].undo'

  Exit codes: 0 nothing at or above --fail-on, 1 something, 2 wrong call, 3 some or all evidence not read.";

/// `floodmark scan`.
#[derive(Debug, Args)]
#[command(after_long_help = SCAN_EXAMPLES)]
pub struct Scan {
    /// What to scan: a folder, an image of a container, one file of a format that is read, or an image in a registry
    ///
    /// A folder may be a checkout, many of them, or the root of a file system. Each file is offered by its path to the
    /// formats (docs/scan.md lists them), and only what a format claims is opened. Hidden folders count, `.git` does not;
    /// links are followed as long as they stay inside.
    ///
    /// An image is an OCI layout, in a folder or an archive, or an archive of `docker save`; archives may be packed. Any
    /// other tar archive is taken for the root of a file system. Nothing is unpacked to the disk.
    ///
    /// What is no path is an image in a registry, which must be named: `docker.io/library/alpine:3.20`,
    /// `localhost:5000/app@sha256:…`. Another process fetches it into a folder in TMPDIR, which is gone afterwards.
    #[arg(value_name = "TARGET")]
    pub target: PathBuf,

    /// Of an image for several platforms, the one to scan: OS/ARCHITECTURE[/VARIANT] [default: linux/amd64, or the only one; of a registry, linux and this machine's architecture]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<Platform>,

    /// Use the credentials for the registry in this file, as `docker login` writes it [default without =PATH: ~/.docker/config.json]
    ///
    /// Without this flag nobody's credentials are read. Only those in the file itself count (`auths`): helpers (`credsStore`,
    /// `credHelpers`) are programs, and none is run. They are sent to the registry and to who gives out its tokens, if that is
    /// the same host or one above it.
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    pub docker_config: Option<Option<PathBuf>>,

    /// Speak to the registry without encryption, wherever it is; one on this machine is always spoken to so
    #[arg(long)]
    pub plain_http: bool,

    /// The most that is fetched of an image, in MiB
    #[arg(long, value_name = "MIB", env = "FLOODMARK_MAX_DOWNLOAD", default_value_t = 16384, value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub max_download: u64,

    /// How the network is reached.
    #[command(flatten)]
    pub network: Network,

    /// The database of advisories, as `floodmark intel import` makes it [default: that of this user, if there is one]
    ///
    /// Without one only poisoned releases are looked for, those that ship with the program, and the answer says so.
    #[arg(long, value_name = "FILE", env = "FLOODMARK_DATABASE")]
    pub database: Option<PathBuf>,

    /// Keep the answer in this case folder; made if it is not there
    #[arg(long, value_name = "DIR", env = "FLOODMARK_CASE")]
    pub case: Option<PathBuf>,

    /// Set the flaws aside that this file says are lived with; repeatable
    ///
    /// `.floodmark-ignore.toml` at the top of the target counts without being named, and can set everything aside but
    /// poisoned and malicious releases.
    #[arg(long, value_name = "FILE")]
    pub ignore: Vec<PathBuf>,

    /// Believe this VEX document, OpenVEX or CycloneDX, in what it says of flaws; repeatable
    ///
    /// What it says is not affected or fixed is set aside, with its reason; what is affected or looked into is told with what it
    /// says. Poisoned and malicious releases are told whatever it says. A bill of materials that is scanned may hold such
    /// statements too; they are told, and set nothing aside unless it is named here.
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<PathBuf>,

    /// What the target is, for VEX statements about it as a whole: a purl; repeatable
    #[arg(long, value_name = "PURL")]
    pub vex_product: Vec<Purl>,

    /// Tell only what this earlier answer does not hold (--format json)
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// How many threads read; the answer does not depend on it [default: one per core]
    #[arg(long, value_name = "N", env = "FLOODMARK_THREADS", value_parser = threads_parser())]
    pub threads: Option<usize>,

    /// The form of the answer: table, json, sarif, cyclonedx or spdx
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = formats_of(Answered::Scan))]
    pub format: Format,

    /// Write the answer to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// End with exit code 1 if a finding is at least this severe [default: high]
    #[arg(long, value_name = "SEVERITY", env = "FLOODMARK_FAIL_ON", value_parser = severity_parser())]
    pub fail_on: Option<Severity>,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub colour: Colour,

    /// How the reader is confined.
    #[command(flatten)]
    pub confinement: Confinement,
}

const SCAN_EXAMPLES: &str = "\
Examples:
  What is in this checkout, and was any of it poisoned?
    floodmark scan .

  With advisories, kept in a case, and a failing build from medium on:
    floodmark intel import all.zip
    floodmark scan . --case breach-2026-03 --fail-on medium

  The root file system of a machine or an unpacked image:
    floodmark scan /mnt/rootfs --database intel.db

  An image in a registry, and one in a private registry for another platform:
    floodmark scan docker.io/library/alpine:3.20
    floodmark scan ghcr.io/owner/app:1.0 --platform linux/arm64 --docker-config

  Only what is new since the last run, for a code host:
    floodmark scan . --baseline last.json --format sarif --output new.sarif

  Without what the vendor of an image says does not touch it:
    floodmark scan image.tar --vex vendor.openvex.json

  Every place where one package was found:
    floodmark scan . --format json |
      jq -r '.components[] | select(.name == \"axios\") | .purl, .found[].path'

  Exit codes: 0 nothing at or above --fail-on, 1 something, 2 wrong call, 3 something could not be read.";

/// How the network is reached, where something is fetched.
#[derive(Debug, Args)]
pub struct Network {
    /// Trust the authorities whose certificates are in this file (PEM), instead of the system's
    #[arg(long, value_name = "FILE", env = "FLOODMARK_CA_FILE")]
    pub ca_file: Option<PathBuf>,

    /// Go through this proxy; the variables of other programs for it do not count
    ///
    /// It has no user and password in it: variables and arguments can be seen by others.
    #[arg(long, value_name = "http://HOST:PORT", env = "FLOODMARK_PROXY")]
    pub proxy: Option<String>,
}

/// How an answer is written.
#[derive(Debug, Args)]
pub struct AnswerOptions {
    /// The form of the answer: table, json, html, csv, timesketch, ocsf or stix
    #[arg(long, value_name = "FORMAT", env = "FLOODMARK_FORMAT", default_value = "table", value_parser = formats_of(Answered::Trace))]
    pub format: Format,

    /// Write the answer to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// End with exit code 1 if a finding is at least this severe [default: high]
    #[arg(long, value_name = "SEVERITY", env = "FLOODMARK_FAIL_ON", value_parser = severity_parser())]
    pub fail_on: Option<Severity>,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub colour: Colour,
}

/// How the process that reads evidence is confined.
#[derive(Debug, Args)]
pub struct Confinement {
    /// Go on where the kernel cannot confine the reader
    #[arg(long, env = "FLOODMARK_ALLOW_UNCONFINED")]
    pub allow_unconfined: bool,

    /// The most memory the reader may take, in MiB
    #[arg(long, value_name = "MIB", env = "FLOODMARK_MAX_MEMORY", default_value_t = 4096, value_parser = clap::value_parser!(u64).range(64..=1 << 30))]
    pub max_memory: u64,

    /// The most CPU time the reader may take, in seconds [default: no limit]
    #[arg(long, value_name = "SECONDS", env = "FLOODMARK_MAX_CPU")]
    pub max_cpu: Option<u64>,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `floodmark rehearse`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_long_help = REHEARSE_EXAMPLES)]
pub struct Rehearse {
    /// Scoring, instead of making.
    #[command(subcommand)]
    pub action: Option<RehearseAction>,

    /// The folder to make, empty or not yet there
    #[arg(value_name = "OUT", required = true)]
    pub out: Option<PathBuf>,

    /// About how many events
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub events: u64,

    /// The seed: the same seed and size give the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,

    /// Two weeks of innocent work, without the intrusion
    #[arg(long)]
    pub without_intrusion: bool,
}

/// What else `rehearse` does.
#[derive(Debug, Subcommand)]
pub enum RehearseAction {
    /// Score a traced case against the truth of the rehearsal
    Score {
        /// The case folder.
        case: PathBuf,
        /// The rehearsal's `truth.json`.
        truth: PathBuf,
        /// Print the score as JSON
        #[arg(long)]
        json: bool,
        /// How the reader is confined.
        #[command(flatten)]
        confinement: Confinement,
    },
}

const REHEARSE_EXAMPLES: &str = "\
Examples:
  floodmark rehearse drill --events 200000 --seed 7
  floodmark trace drill --case drill-case
  floodmark rehearse score drill-case drill/truth.json";

/// `floodmark case`.
#[derive(Debug, Subcommand)]
pub enum Case {
    /// What a case holds
    Show {
        /// The case folder.
        folder: PathBuf,
        /// Show the answer of this command, as it showed it: trace or scan [default: trace if there is one]
        #[arg(long, value_name = "COMMAND", num_args = 0..=1, require_equals = true, value_parser = command_parser())]
        answer: Option<Option<Answered>>,
        /// How the answer is written.
        #[command(flatten)]
        output: AnswerOptions,
        /// How the reader is confined.
        #[command(flatten)]
        confinement: Confinement,
    },
    /// Prove that nothing in a case was altered
    Verify {
        /// The case folder.
        folder: PathBuf,
        /// A head that was noted elsewhere, which the log must contain; repeatable
        #[arg(long, value_name = "HASH")]
        expect_head: Vec<LogHash>,
        /// Also compare the evidence that is still at its paths, relative to this folder
        #[arg(long, value_name = "DIR")]
        evidence: Option<PathBuf>,
        /// How the reader is confined.
        #[command(flatten)]
        confinement: Confinement,
    },
}

/// The commands that leave an answer in a case.
fn command_parser() -> impl TypedValueParser<Value = Answered> {
    clap::builder::PossibleValuesParser::new(Answered::all().iter().map(|command| command.as_str())).map(
        |text| Answered::all().iter().copied().find(|one| one.as_str() == text).unwrap_or(Answered::Trace),
    )
}

/// The formats in which a command can answer.
fn formats_of(command: Answered) -> impl TypedValueParser<Value = Format> {
    clap::builder::PossibleValuesParser::new(Format::of(command).iter().map(|format| format.as_str()))
        .try_map(|text| text.parse::<Format>())
}

fn threads_parser() -> impl TypedValueParser<Value = usize> {
    clap::value_parser!(u16).range(1..=1024).map(usize::from)
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time as in RFC 3339, such as 2026-03-19T18:43:00Z".to_owned())
}

fn placeholder(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| is_placeholder_name(name));
    let (name, value) = pair.ok_or("expected NAME=VALUE, the name without percent signs")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    let all = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    clap::builder::PossibleValuesParser::new(all.map(Severity::as_str))
        .map(move |text| all.into_iter().find(|severity| severity.as_str() == text).unwrap_or(Severity::High))
}

//! Releases that were poisoned: what OSV cannot say, in our own format.
//!
//! ```text
//! intel/compromises/<id>.toml --(read)--> Compromise --(Compromises::new)--> index --(package, commit, digest ...)--> Hit
//! ```
//!
//! - [`read()`] is strict: an unknown key, a missing source, a digest too short are errors with file, line and what was
//!   expected.
//! - [`Compromise`] is one incident. Each value cites its [`Source`]s with a [`Grade`]; what sources disagree about is kept
//!   as a [`Conflict`] with all its sides.
//! - [`Compromises`] answers: by package, action, commit, digest, hash, indicator and time. No I/O, no clock.
//!
//! A new compromise is one file in `intel/compromises/` and no code; `intel/compromises/README.md` says how.

mod artifact;
mod check;
mod compare;
mod embedded;
mod image;
mod incident;
mod indicator;
mod locate;
mod query;
mod read;
pub(crate) mod text;
mod window;

pub use artifact::{Artifact, Exposed, Identifier, Nesting, Place, Theft, Verdict};
pub use image::ImageRef;
pub use incident::{
    Advisory, Citation, Compromise, Conflict, Fact, Format, Grade, Source, Standing, Statement,
};
pub use indicator::{Host, Indicator, IndicatorKind, Match, Network, Repository};
pub use jiff::Timestamp;
pub use query::{Compromises, Entry, Hit, Sighting};
pub use read::{MAX_BYTES, Problem, ReadError, read, schema};
pub use text::{
    AdvisoryId, CommitId, ImageDigest, Key, Malformed, Md5, RepositoryName, Sha1, Sha256, TagRef,
};
pub use window::{Bound, Overlap, Window};

/// The files that ship with the program, sorted by name: each file's name and its text.
pub fn shipped_files() -> &'static [(&'static str, &'static str)] {
    embedded::FILES
}

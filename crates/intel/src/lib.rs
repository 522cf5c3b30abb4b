//! What is known to be bad.
//!
//! - [`advisory`]: flaws and malicious packages that others published, in the OSV schema.
//! - [`database`]: the advisories that were imported, in one file, asked by package.
//! - [`read`]: from the files of others to that database.
//! - [`compromise`]: releases that were poisoned, for how long, and what gives them away.
//! - [`observable`]: addresses, host names and hashes, and who calls them bad.
//! - [`purl`]: the name of a package, the same everywhere in the project.
//! - [`version`]: in which order the versions of each ecosystem stand, and which of them a range of an advisory holds.
//!
//! ```text
//! ecosystem name ── Ecosystem ── Order
//!                                  │
//! version text ──────────────── Version      (parsed once, at the door; from then on a key of bytes)
//!                                  │
//! OSV events ─────────────────── Range ── contains, fix_for
//! ```
//!
//! A new incident is one file in `intel/compromises/`. To add an ecosystem, write a line in `version/ecosystem.rs`. To add
//! an order, write `version/order/<name>.rs` with its `key`, enter it in `version/order/mod.rs`, and put the reference
//! implementation beside it in `tests/version_differential`.

pub mod advisory;
pub mod compromise;
pub mod database;
pub mod minisign;
pub mod observable;
pub mod purl;
pub mod read;
pub mod stix;
pub mod version;

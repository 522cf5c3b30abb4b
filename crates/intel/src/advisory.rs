//! Advisories in the OSV schema 1.7, <https://ossf.github.io/osv-schema/>, as far as anything is asked of them.
//!
//! ```text
//! OSV JSON, YAML ──(read)──> Advisory ──(database)──> Gist and Candidate ──(a version)──> Touch
//! ```
//!
//! - [`Advisory`] is the whole record, [`Gist`] what a list shows of it.
//! - [`Class`] tells what it is about: malice, a flaw, or a notice.
//! - [`package_name`] brings names of packages into the form in which their ecosystem compares them.
//! - Credits are left out, and of `database_specific` and `ecosystem_specific` all but what [`Advisory`] names.

mod class;
mod package_name;
mod range;
mod record;
mod severity;

pub use class::Class;
pub use package_name::{package_name, release};
pub use range::{AffectedRange, RangeType, Turn};
pub use record::{Advisory, Affected, FixState, Gist, Origin, Package, Reference};
pub use severity::{Rating, Score, Severity};

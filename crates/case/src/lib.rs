//! The vocabulary of a case, the chain, and the store.
//!
//! Every command of Floodmark answers in the words defined here, and two commands meet only here:
//! what `trace` found is what `contain` cuts off and what `assess` looks into.
//!
//! ```text
//! evidence --(read)--> records --(engine)--> Answer { findings, links, coverage, the command's own }
//!                                              |
//!                                              +--> Case: one folder, SQLite, a hash-chained log
//! ```
//!
//! - [`Answer`] is what a command says: one envelope for all of them, published as JSON Schema.
//! - [`Finding`] and [`Link`] carry at least one [`Citation`]: nothing is claimed without evidence.
//! - [`Coverage`] says what was read, what was not, and what therefore cannot be concluded.
//! - [`Story`] is what an intrusion did: its credentials, timeline, reached resources and leftovers.
//! - [`Inventory`] is what was scanned: its components and what is known against them.
//! - [`Case`] keeps answers, the evidence manifest and the log of who did what when.

mod answer;
mod citation;
mod coverage;
mod evidence;
mod finding;
mod inventory;
mod link;
mod node;
pub mod stix_id;
mod store;
mod story;
mod window;

pub use answer::{Answer, Command, SCHEMA};
pub use citation::{Citation, EvidenceId, ParseEvidenceIdError};
pub use coverage::{Coverage, Gap, GapKind, ReadSource, Unread};
pub use evidence::Evidence;
pub use finding::{Confidence, Finding, Severity};
pub use inventory::{
    Asked, Component, ComponentHash, ComponentScope, Flaw, FlawKind, FoundAt, Inventory, Pin, Reference,
    ReferenceKind, SourcePackage, VexBy, VexStatement, VexStatus,
};
pub use jiff::Timestamp;
pub use link::{Link, LinkKind};
pub use node::{Node, NodeKind};
pub use store::{
    Author, Case, CaseError, CaseWriter, Custody, CustodyProblem, Deed, Exhibit, Head, Holder, LogEntry,
    LogHash, Note, Problem, Source, StoredAnswer, Summary, Verification,
};
pub use story::{
    Access, Credential, CredentialKind, Leftover, LeftoverKind, Outcome, Reached, Story, Suspicion,
    TimelineRow, Volume,
};
pub use window::Window;

//! What did the stolen credentials do, which others did they beget, what did they reach?
//!
//! ```text
//! read/    bytes to records: CloudTrail in any shape, S3 access logs, VPC flow logs, GuardDuty, digests
//! survey   pass 1 over all events: rules (sigma/), habits, births of credentials, coverage
//! engine/  findings, suspects, lineage: who is tainted, and since when
//! follow   pass 2 over the inputs that hold their events: timeline, reach, leftovers, volume
//! answer   results to findings, links, story and coverage
//! ```
//!
//! Every step is a fold (`observe`, `merge`, `finish`) whose result does not depend on the order of events, files or
//! threads. A new format is one file in `read/`; a new rule is one file in `rules/aws/`; a new analytic is one file in
//! `engine/analytics/`.

mod answer;
pub mod engine;
pub mod event;
pub mod fields;
mod follow;
pub mod identity;
mod integrity;
pub mod json;
mod packed;
pub mod place;
mod progress;
pub mod read;
mod rules;
pub mod run;
pub mod shape;
pub mod sigma;
pub mod survey;
pub mod time;
mod trace;
mod traces;
mod workers;

pub use engine::hits::rule_sources;
pub use engine::suspects::{From, ParseFromError};
pub use progress::Progress;
pub use trace::{Request, trace};

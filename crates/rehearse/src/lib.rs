//! The rehearsal: a synthetic incident with known answers, to train on and to score against.
//!
//! An organisation of fourteen AWS accounts goes about its work for two weeks. On the sixth day a key that a poisoned
//! scanner took from a pipeline is used by somebody else, as in the founding case, and five days later responders cut
//! the intruder off, not quite everywhere. What is written looks as AWS delivers it: CloudTrail of all accounts and
//! regions, server access logs of some buckets, a flow log, a few GuardDuty findings; and beside it `truth.json`.
//!
//! ```text
//! seed -> Organisation -> Schedules (who works when) -+
//!                      -> chores (written one by one) -+-> Sink -> AWSLogs/.../CloudTrail/...json.gz
//!                      -> intrusion acts -> Hauls -----+
//!                                        -> Truth -> truth.json;   Answer + Truth -> Score
//! ```
//!
//! - The same [`Plan`] gives the same bytes, on every machine and with any number of threads: all numbers are whole,
//!   every stream of them is keyed by the seed and its purpose, and no clock is read.
//! - The intrusion adds its events and takes none away, but for those of everybody in the region whose trail it stops,
//!   while it is stopped.
//! - [`Truth`] says what a perfect answer contains, and [`score`] how far an answer is from it.
//!
//! A new kind of worker is an `Actor` in `people.rs`, `pipelines.rs` or `services.rs`; a new call is a line in
//! `calls.rs`; a new step of the intruder is a file in `intrusion/` that also enters what it did into the truth.
#![allow(clippy::doc_markdown, reason = "CloudTrail and GuardDuty are names of services, not of code")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "numbers are drawn below known small ends"
)]

mod actor;
mod calendar;
mod calls;
mod chores;
mod delivery;
mod entities;
mod error;
mod event;
mod identity;
mod incident;
mod intrusion;
mod organisation;
mod people;
mod pipelines;
mod rng;
mod score;
mod script;
mod services;
mod side_logs;
mod template;
pub mod truth;

pub use error::RehearseError;
pub use incident::{Intrusion, LEAST_EVENTS, Plan, Summary, write};
pub use score::{CallsError, Count, Rate, Score, VolumeError, score};
pub use truth::{
    Basis, Blindness, Milestone, Start, TRUTH_SCHEMA, Truth, TruthCredential, TruthEntity, TruthLeftover,
    TruthReached, TruthVolume, Undone, Unknowable,
};

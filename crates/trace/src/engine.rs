//! The engine: folds from events to answers, pure and without I/O.
//!
//! Two passes over the logs:
//!
//! 1. [`births`] and [`lineage::SightingsFold`] see every event and keep how credentials came about and who was seen
//!    where; [`leftover::UndoFold`] keeps what was undone. From these [`lineage::Lineage::trace`] draws the lineage.
//! 2. [`story::StoryFold`] sees every event again, keeps those of fallen credentials, and tells the story:
//!    [`runs`] the timeline, [`reach`] the blast radius, [`leftover`] what must be undone, [`volume`] what went out.
//!
//! What a call does to what is data, in `data/effects.toml`; [`effects`] reads it.

pub mod births;
pub mod effects;
pub mod leftover;
pub mod lineage;
pub mod reach;
pub mod runs;
pub mod story;
pub mod volume;

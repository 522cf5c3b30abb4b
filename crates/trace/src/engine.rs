//! Records to results; pure, no I/O. Everything is a fold.
//!
//! Two passes over the logs:
//!
//! 1. [`habits`], [`hits`], [`gaps`], [`births`], [`lineage::SightingsFold`] and [`leftover::UndoFold`] see every event.
//!    From them come the findings ([`analytics`]), the [`suspects`], and the [`lineage`] that follows from these.
//! 2. [`story::StoryFold`] sees the events of fallen credentials again and tells the story: [`runs`] the timeline,
//!    [`reach`] the blast radius, [`leftover`] what must be undone, [`volume`] what went out.
//!
//! What a call does to what is data, in `data/effects.toml`; [`effects`] reads it.

pub mod analytics;
pub mod births;
pub mod draft;
pub mod effects;
pub mod flows;
pub mod gaps;
pub mod guardduty;
pub mod habits;
pub mod hits;
pub mod leftover;
pub mod lineage;
pub mod names;
pub mod network;
mod numbered;
pub mod past;
pub mod reach;
pub mod runs;
pub mod story;
pub mod suspects;
pub(crate) mod tally;
pub mod volume;

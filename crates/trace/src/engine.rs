//! Records to results; pure, no I/O.

pub mod analytics;
pub mod draft;
pub mod gaps;
pub mod habits;
pub mod hits;
pub mod names;
pub mod network;
pub mod past;
pub mod suspects;

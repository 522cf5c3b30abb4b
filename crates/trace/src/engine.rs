//! Records to results; pure, no I/O.

pub mod gaps;
pub mod habits;
pub mod names;
pub mod network;

//! What is known bad.
//!
//! - [`compromise`]: releases that were poisoned, for how long, and what gives them away.

pub mod compromise;

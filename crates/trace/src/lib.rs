//! What did the stolen credentials do, which others did they beget, what did they reach?

pub mod engine;
pub mod event;
pub mod fields;
pub mod identity;
pub mod place;
pub mod read;
pub mod rules;
pub mod sigma;
pub mod time;

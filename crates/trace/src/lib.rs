//! What did the stolen credentials do, which others did they beget, what did they reach?

pub mod engine;
pub mod event;
pub mod identity;
pub mod place;
pub mod time;

//! What did the stolen credentials do, which others did they beget, what did they reach?

pub mod sigma;

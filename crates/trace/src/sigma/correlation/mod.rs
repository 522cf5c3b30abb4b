//! Correlation rules.

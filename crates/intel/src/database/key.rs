//! Under which ecosystem a package stands in the database.

use crate::advisory::release;
use crate::version::Ecosystem;

/// Repositories, by the ranges over their commits.
pub(super) const GIT: &str = "GIT";

/// The ecosystem as it is compared; one that is not known, as it is written.
pub(super) fn ecosystem_key(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |ecosystem: Ecosystem| known_key(&ecosystem))
}

/// The ecosystem as it is compared.
pub(super) fn known_key(ecosystem: &Ecosystem) -> String {
    match ecosystem.suffix() {
        Some(suffix) => format!("{}:{}", ecosystem.name(), release(ecosystem.name(), suffix)),
        None => ecosystem.name().to_owned(),
    }
}

/// The name without the suffix.
pub(super) fn family(ecosystem: &str) -> &str {
    ecosystem.split_once(':').map_or(ecosystem, |(name, _)| name)
}

//! What can be wrong with a version, an ecosystem or a range.

use thiserror::Error;

use super::{MAX_LEN, Order};

/// Why a text is no version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VersionError {
    /// The text is not in the grammar of the order.
    #[error("{text:?} is no {order} version: expected {expected}")]
    Malformed {
        /// What was written.
        text: Box<str>,
        /// The order it was read in.
        order: Order,
        /// What would have been right.
        expected: &'static str,
    },
    /// The text is longer than [`MAX_LEN`].
    #[error("a text of {bytes} bytes is no version: expected at most {MAX_LEN}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The ecosystem has no order that is known, so its versions can only be looked up in lists.
    #[error("the versions of {ecosystem:?} have no known order: expected an ecosystem with one")]
    NoOrder {
        /// The ecosystem's name, as it was written.
        ecosystem: Box<str>,
    },
}

/// A name that is none of OSV's ecosystems.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{name:?} is no ecosystem: expected a name of the OSV schema, with or without a suffix after ':'")]
pub struct EcosystemError {
    /// What was written.
    pub name: Box<str>,
}

/// Why the events of an advisory are no range.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RangeError {
    /// No event says where it begins.
    #[error("a range without a beginning: expected an event \"introduced\"")]
    NoIntroduced,
    /// A bound is no version.
    #[error("the bound \"{event}\" of a range is wrong: {source}")]
    Bound {
        /// The event's name.
        event: &'static str,
        /// What is wrong with it.
        source: VersionError,
    },
    /// The ecosystem has no known order.
    #[error(transparent)]
    NoOrder(VersionError),
}

//! Correlation rules: the matches of rules, related over time.
//!
//! A fold: each thread collects [`Steps`]; they are merged in any order; [`Steps::finish`] sorts them by
//! time and key, so the answer does not depend on the order in which events were read.
//!
//! - Windows slide: the window of an event is the timespan that ends at its time, both ends included. Windows
//!   that satisfy the condition and overlap are one hit.
//! - Groups are compared as the events spell them. A match without one of the grouped fields (or without the
//!   counted field) is passed over. A field with several values counts in each of their groups.
//! - One event counts once, however often it was delivered and whichever of the rules it matched.
//! - `temporal_ordered` wants its steps by different events, each no earlier than the one before; events of the
//!   same time are in order, since many logs know no more than the second.
//! - A correlation over correlations takes its group from the events behind the inner hit.
//! - A condition such as `a and not b` looks at the timespan that begins at each event instead.

mod candidates;
mod count;
mod evaluate;
mod ordered;
mod plan;
mod rows;
mod steps;

pub use steps::{CorrelationHit, Moment, Participant, Steps};

pub(super) use plan::{Plan, plan};

//! The time in which something held.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A closed interval of UTC time: the first and the last instant at which something was seen to hold.
///
/// Serialised as `{"from": RFC 3339, "to": RFC 3339}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// The first instant, inclusive.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub from: Timestamp,
    /// The last instant, inclusive.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub to: Timestamp,
}

impl Window {
    /// The window between two instants, whichever comes first.
    pub fn between(a: Timestamp, b: Timestamp) -> Self {
        Self { from: a.min(b), to: a.max(b) }
    }

    /// The window that holds one instant.
    pub fn at(instant: Timestamp) -> Self {
        Self { from: instant, to: instant }
    }

    /// The smallest window that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// Whether the instant lies within.
    pub fn contains(self, instant: Timestamp) -> bool {
        self.from <= instant && instant <= self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_holds_both_windows_in_any_order() {
        let instant = |second| Timestamp::from_second(second).expect("in range");
        let early = Window::between(instant(5), instant(1));
        let late = Window::at(instant(9));
        assert_eq!(early.hull(late), late.hull(early));
        assert!(early.hull(late).contains(instant(1)) && early.hull(late).contains(instant(9)));
        assert!(!early.contains(instant(9)));
    }
}

//! An event of a range as one number: the place of its version, above two bits that say what happens there.

use crate::advisory::Turn;

/// An event, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event(usize);

/// What happens at a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    Introduced,
    Fixed,
    LastAffected,
    Limit,
}

const BITS: u32 = 2;

impl Event {
    pub(super) fn new(place: usize, turn: &Turn) -> Self {
        let happening = match turn {
            Turn::Introduced(_) => 0,
            Turn::Fixed(_) => 1,
            Turn::LastAffected(_) => 2,
            Turn::Limit(_) => 3,
        };
        Self(place << BITS | happening)
    }

    pub(super) fn of_number(number: usize) -> Self {
        Self(number)
    }

    pub(super) fn number(self) -> usize {
        self.0
    }

    /// The place of its version.
    pub(super) fn place(self) -> usize {
        self.0 >> BITS
    }

    pub(super) fn happening(self) -> Happening {
        match self.0 & ((1 << BITS) - 1) {
            0 => Happening::Introduced,
            1 => Happening::Fixed,
            2 => Happening::LastAffected,
            _ => Happening::Limit,
        }
    }

    /// The same with its version.
    pub(super) fn at(self, version: &str) -> Turn {
        let version = version.into();
        match self.happening() {
            Happening::Introduced => Turn::Introduced(version),
            Happening::Fixed => Turn::Fixed(version),
            Happening::LastAffected => Turn::LastAffected(version),
            Happening::Limit => Turn::Limit(version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_kept() {
        for turn in [
            Turn::Introduced("1".into()),
            Turn::Fixed("1".into()),
            Turn::LastAffected("1".into()),
            Turn::Limit("1".into()),
        ] {
            let event = Event::of_number(Event::new(77, &turn).number());
            assert_eq!((event.place(), event.at("1")), (77, turn));
        }
    }
}

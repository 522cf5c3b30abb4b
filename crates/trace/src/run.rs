//! Events of one shape and hour, told together.

use crate::place::Place;
use crate::time::Time;

/// Events that differ in nothing but their moment and what they were about.
///
/// They stand in one hour, so that what is counted by the hour stays exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The hour in which they all are, since the epoch.
    pub hour: i64,
    /// The first, with its place.
    pub first: (Time, Place),
    /// When the last was.
    pub last: Time,
    /// How many there are.
    pub count: u64,
}

impl Run {
    /// A run of one event.
    pub fn once(time: Time, place: Place) -> Self {
        Self { hour: time.seconds().div_euclid(3_600), first: (time, place), last: time, count: 1 }
    }

    /// Takes one more event in, if it is of the same hour; says whether it was.
    pub(crate) fn take(&mut self, time: Time, place: Place) -> bool {
        let is_of_hour = (self.hour * 3_600..(self.hour + 1) * 3_600).contains(&time.seconds());
        if is_of_hour {
            self.first = self.first.min((time, place));
            self.last = self.last.max(time);
            self.count += 1;
        }
        is_of_hour
    }
}

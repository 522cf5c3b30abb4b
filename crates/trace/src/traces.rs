//! Which inputs hold events of which credentials.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::engine::hits::event_number;
use crate::event::Event;
use crate::shape::PerShape;
use crate::time::Time;

/// Which inputs hold events of which credentials, so that the second pass reads only the inputs that it needs.
///
/// A credential is four bytes of a hash: of a hundred names asked, and a hundred held, one file in 400,000 is read in vain.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    inputs: Vec<Trace>,
    /// The input being read, and the credentials in it so far.
    current: u32,
    seen: HashSet<u32, RandomState>,
    until: Option<Time>,
    /// The last input in which each shape was noted.
    noted: PerShape<u32>,
}

/// What is known of one input.
#[derive(Debug)]
struct Trace {
    input: u32,
    /// The time of its last event.
    until: Time,
    credentials: Box<[u32]>,
}

const NO_INPUT: u32 = u32::MAX;

/// Of a hash of a credential's name, what is kept.
fn short(number: u64) -> u32 {
    (number >> 32) as u32
}

impl Traces {
    /// Takes note of an event.
    pub(crate) fn observe(&mut self, event: &Event<'_>, input: u32) {
        self.go_on(event.time, input);
        let noted = self.noted.get_or(event.shape, || NO_INPUT);
        if std::mem::replace(noted, input) == input {
            return;
        }
        self.seen.insert(short(event.identity.number));
        if event.identity.access_key.is_empty() {
            self.seen.insert(short(event_number(&event.identity.principal_id)));
        }
    }

    /// Takes note that something was done by a credential, by its [`event_number`].
    pub(crate) fn observe_name(&mut self, credential: u64, time: Time, input: u32) {
        self.go_on(time, input);
        self.seen.insert(short(credential));
    }

    fn go_on(&mut self, time: Time, input: u32) {
        if input != self.current {
            self.enter();
            self.current = input;
        }
        self.until = self.until.max(Some(time));
    }

    fn enter(&mut self) {
        let Some(until) = self.until.take() else { return };
        self.inputs.push(Trace { input: self.current, until, credentials: self.seen.drain().collect() });
    }

    /// Both together.
    #[must_use]
    pub(crate) fn merge(mut self, mut other: Self) -> Self {
        self.enter();
        other.enter();
        self.inputs.extend(other.inputs);
        self
    }

    /// The inputs that may hold events of any of these credentials, each from its time on; in order. None is missed.
    pub(crate) fn inputs_with(mut self, credentials: impl IntoIterator<Item = (u64, Time)>) -> Vec<u32> {
        self.enter();
        let mut wanted: HashMap<u32, Time, RandomState> = HashMap::default();
        for (credential, since) in credentials {
            let known = wanted.entry(short(credential)).or_insert(since);
            *known = since.min(*known);
        }
        let is_wanted = |trace: &Trace| {
            let since = |credential: &u32| wanted.get(credential).is_some_and(|&since| since <= trace.until);
            trace.credentials.iter().any(since)
        };
        let mut inputs: Vec<u32> =
            self.inputs.iter().filter(|trace| is_wanted(trace)).map(|trace| trace.input).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_with_a_credential_is_never_missed_and_no_other_is_read() {
        let at = |second: u32| Time::from_seconds(i64::from(second));
        for number in 0..200_u32 {
            let mut left = Traces::default();
            let mut right = Traces::default();
            for other in 0..200_u32 {
                let half = if (other / 4) % 2 == 0 { &mut left } else { &mut right };
                half.observe_name(event_number(&format!("AKIA{other}")), at(other), other / 4);
            }
            let traces = left.merge(right);
            let wanted = (event_number(&format!("AKIA{number}")), at(number));
            assert_eq!(traces.inputs_with([wanted]), [number / 4]);
        }
    }

    #[test]
    fn an_input_that_ends_before_a_credential_fell_is_not_read() {
        let key = event_number("AKIA1");
        let traces = || {
            let mut traces = Traces::default();
            traces.observe_name(key, Time::from_seconds(10), 0);
            traces.observe_name(key, Time::from_seconds(20), 1);
            traces.observe_name(event_number("AKIA2"), Time::from_seconds(30), 1);
            traces
        };
        assert_eq!(traces().inputs_with([(key, Time::from_seconds(11))]), [1]);
        assert_eq!(
            traces().inputs_with([(key, Time::from_seconds(11)), (key, Time::from_seconds(10))]),
            [0, 1]
        );
        assert!(traces().inputs_with([(key, Time::from_seconds(31))]).is_empty());
    }
}

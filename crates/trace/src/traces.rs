//! Which inputs hold events of which credentials.

use std::collections::HashSet;

use foldhash::fast::RandomState;

/// Which inputs hold events of which credentials, so that the second pass reads only the inputs that it needs.
///
/// A credential is four bytes of a hash: of a hundred names asked, and a hundred held, one file in 400,000 is read in vain.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    inputs: Vec<(u32, Box<[u32]>)>,
    /// The input being read, and the credentials in it so far.
    current: u32,
    seen: HashSet<u32, RandomState>,
    last: Option<u32>,
}

/// Of a hash of a credential's name, what is kept.
fn short(number: u64) -> u32 {
    (number >> 32) as u32
}

impl Traces {
    /// Takes note that an input holds an event of a credential, by its [`event_number`](crate::engine::hits::event_number).
    pub(crate) fn observe(&mut self, credential: u64, input: u32) {
        if input != self.current {
            self.enter();
            self.current = input;
        }
        let credential = short(credential);
        if self.last != Some(credential) {
            self.last = Some(credential);
            self.seen.insert(credential);
        }
    }

    fn enter(&mut self) {
        self.last = None;
        if !self.seen.is_empty() {
            self.inputs.push((self.current, self.seen.drain().collect()));
        }
    }

    /// Both together.
    #[must_use]
    pub(crate) fn merge(mut self, mut other: Self) -> Self {
        self.enter();
        other.enter();
        self.inputs.extend(other.inputs);
        self
    }

    /// The inputs that hold events of any of these credentials, in order. None is missed.
    pub(crate) fn inputs_with(mut self, credentials: impl IntoIterator<Item = u64>) -> Vec<u32> {
        self.enter();
        let wanted: HashSet<u32, RandomState> = credentials.into_iter().map(short).collect();
        let holds = |held: &[u32]| held.iter().any(|credential| wanted.contains(credential));
        let mut inputs: Vec<u32> =
            self.inputs.iter().filter(|(_, held)| holds(held)).map(|&(input, _)| input).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::hits::event_number;

    #[test]
    fn an_input_with_a_credential_is_never_missed_and_no_other_is_read() {
        for number in 0..200_u32 {
            let mut left = Traces::default();
            let mut right = Traces::default();
            for other in 0..200_u32 {
                let half = if (other / 4) % 2 == 0 { &mut left } else { &mut right };
                half.observe(event_number(&format!("AKIA{other}")), other / 4);
            }
            let inputs = left.merge(right).inputs_with([event_number(&format!("AKIA{number}"))]);
            assert_eq!(inputs, [number / 4]);
        }
    }
}

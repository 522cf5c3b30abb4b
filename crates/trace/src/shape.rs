//! What recurs in events: who called what, from where, with what, and whether it was refused.
//!
//! A session makes the same call many times. Whatever depends on nothing else is worked out once per shape and found
//! again by its number.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use foldhash::fast::RandomState;

use crate::event::Wire;

/// A number that events have in common if they agree in caller, service, call, region, address, agent, error and account.
///
/// It means something only beside events of the same reader, and only as a key of `PerShape`: it never decides what an
/// answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    number: u32,
    epoch: u32,
    caller: u32,
}

/// What the shapes of one caller have in common, as long as their numbers last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    number: u32,
    epoch: u32,
}

impl Shape {
    /// Whose it is.
    pub(crate) fn caller(self) -> Caller {
        Caller { number: self.caller, epoch: self.epoch }
    }
}

/// The fields that a shape is made of, beside the caller.
pub(crate) const TEXTS: [&str; 7] = [
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "recipientAccountId",
];

/// How many shapes are told apart before the numbers start anew, so that endless variety does not fill the memory.
const KEPT: usize = 16_384;

/// Numbers shapes.
#[derive(Debug)]
pub(crate) struct Shapes {
    numbers: HashMap<Box<[u8]>, u32, RandomState>,
    epoch: u32,
    /// The key in hand.
    key: Vec<u8>,
}

impl Default for Shapes {
    fn default() -> Self {
        Self { numbers: HashMap::default(), epoch: new_epoch(), key: Vec::new() }
    }
}

impl Shapes {
    /// The shape of an event whose caller has this number.
    pub(crate) fn of(&mut self, caller: u32, wire: &Wire<'_>) -> Shape {
        // No byte of UTF-8 text is 0xff, so fields cannot run into each other.
        const BETWEEN: u8 = 0xff;
        self.key.clear();
        self.key.extend_from_slice(&caller.to_le_bytes());
        let error = wire.error.as_deref().unwrap_or_default();
        for text in
            [&*wire.source, &*wire.name, &*wire.region, &*wire.address, &*wire.agent, error, &*wire.account]
        {
            self.key.extend_from_slice(text.as_bytes());
            self.key.push(BETWEEN);
        }
        // A field without text may still be there, which rules can ask.
        if wire.odd > 0 {
            for (name, value) in wire.others.iter().filter(|(name, _)| TEXTS.contains(&&**name)) {
                self.key.extend_from_slice(name.as_bytes());
                self.key.push(BETWEEN);
                self.key.extend_from_slice(value.raw().as_bytes());
                self.key.push(BETWEEN);
            }
        }
        let number = match self.numbers.get(&*self.key) {
            Some(&known) => known,
            None => self.add(),
        };
        Shape { number, epoch: self.epoch, caller }
    }

    fn add(&mut self) -> u32 {
        if self.numbers.len() >= KEPT {
            self.numbers.clear();
            self.epoch = new_epoch();
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(self.key.as_slice().into(), number);
        number
    }
}

/// Readers come and go beside a fold that outlives them, so no two may count alike.
fn new_epoch() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// What was worked out for each shape.
#[derive(Debug, Clone)]
pub(crate) struct PerShape<T> {
    epoch: u32,
    known: Vec<Option<T>>,
}

impl<T> Default for PerShape<T> {
    fn default() -> Self {
        Self { epoch: 0, known: Vec::new() }
    }
}

impl<T> PerShape<T> {
    /// What is known of a shape.
    pub(crate) fn get(&mut self, shape: Shape) -> Option<&mut T> {
        if self.epoch != shape.epoch {
            return None;
        }
        self.known.get_mut(shape.number as usize)?.as_mut()
    }

    /// Whether the numbers are still those of this shape's time.
    pub(crate) fn is_of(&self, shape: Shape) -> bool {
        self.epoch == shape.epoch
    }

    /// Everything that is known, which is forgotten with it.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = T> {
        std::mem::take(&mut self.known).into_iter().flatten()
    }

    /// What is known of a shape, worked out if it is not.
    pub(crate) fn get_or(&mut self, shape: Shape, work_out: impl FnOnce() -> T) -> &mut T {
        self.place(shape).get_or_insert_with(work_out)
    }

    /// Keeps what was worked out.
    pub(crate) fn insert(&mut self, shape: Shape, value: T) {
        *self.place(shape) = Some(value);
    }

    fn place(&mut self, shape: Shape) -> &mut Option<T> {
        if self.epoch != shape.epoch {
            self.known.clear();
            self.epoch = shape.epoch;
        }
        let at = shape.number as usize;
        if self.known.len() <= at {
            self.known.resize_with(at + 1, || None);
        }
        &mut self.known[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire<'a>(source: &'a str, name: &'a str, error: Option<&'a str>) -> Wire<'a> {
        Wire { source: source.into(), name: name.into(), error: error.map(Into::into), ..Wire::default() }
    }

    #[test]
    fn a_shape_is_the_same_only_where_all_of_it_is() {
        let mut shapes = Shapes::default();
        let one = shapes.of(1, &wire("ab", "c", None));
        assert_eq!(shapes.of(1, &wire("ab", "c", None)), one);
        for (caller, other) in [
            (2, wire("ab", "c", None)),
            (1, wire("a", "bc", None)),
            (1, wire("ab", "c", Some("AccessDenied"))),
        ] {
            assert_ne!(shapes.of(caller, &other), one);
        }
    }

    #[test]
    fn what_is_known_of_a_shape_is_forgotten_with_its_number() {
        let mut shapes = Shapes::default();
        let mut known = PerShape::default();
        let first = shapes.of(0, &wire("s3", "GetObject", None));
        known.insert(first, "first");
        for caller in 1..=KEPT {
            shapes.of(u32::try_from(caller).expect("small"), &wire("s3", "GetObject", None));
        }
        let again = shapes.of(0, &wire("s3", "GetObject", None));
        assert_eq!(known.get(first).copied(), Some("first"));
        assert_eq!(known.get(again), None);
        known.insert(again, "again");
        assert_eq!(known.get(first), None);
        assert_eq!(known.get(again).copied(), Some("again"));
        let of_another = Shapes::default().of(0, &wire("s3", "GetObject", None));
        assert_eq!(known.get(of_another), None);
    }
}

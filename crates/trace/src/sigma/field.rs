//! What the engine asks of an event: its values at a field path.

use std::ops::ControlFlow;

use crate::shape::Shape;

/// One value of an event, borrowed for the time of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'v> {
    /// A JSON `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is spelled in the event.
    Number(&'v str),
    /// A string, decoded.
    Text(&'v str),
    /// An object that is not empty, as the text that [`super::composite_text`] makes of it.
    Composite(&'v str),
}

/// Whether an event has a key at a field path, whatever the key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// No such key.
    Absent,
    /// The key is there, even if it holds `null`, `[]` or `{}`.
    Present,
}

/// The sink of a visit; it may stop the visit early.
pub type See<'s> = &'s mut dyn FnMut(Value<'_>) -> ControlFlow<()>;

/// One event, as the engine sees it.
///
/// Paths walk nested objects, and expand arrays at every level. A key that itself contains dots is found
/// too: `a.b.c` is tried as `a` `b` `c`, as `a.b` `c`, as `a` `b.c` and as `a.b.c`. An empty array and an
/// empty object hold no value: they are present, yet nothing is seen. An array within an array is expanded;
/// an object is seen as a [`Value::Composite`], and its own fields only by a longer path.
pub trait Fields {
    /// The two values by which most rules are decided (`eventSource` and `eventName` for `CloudTrail`), or
    /// empty strings where they are absent or not plain strings.
    fn selector(&self) -> (&str, &str);

    /// A number that this event has in common with others only if all their recurring fields ([`Slot::recurs`]) have the
    /// same values; `None` where nothing is known of that.
    fn shape(&self) -> Option<Shape> {
        None
    }

    /// Shows every value at a field path, and says whether the path is there at all.
    fn visit(&self, path: &FieldPath, see: See<'_>) -> Presence;

    /// Shows every string, number and boolean of the event, however deep, for keyword searches.
    fn visit_all(&self, see: See<'_>);
}

/// How a caller's [`Fields`] knows a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slot {
    /// A number by which it recognises the path without comparing text, 0 for none.
    pub number: u32,
    /// Whether the field has the same values in all events of one [`Fields::shape`].
    pub recurs: bool,
}

/// A field path such as `userIdentity.sessionContext.sessionIssuer.arn`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath {
    text: Box<str>,
    ends: Box<[u32]>,
    slot: Slot,
}

impl FieldPath {
    /// How many segments of a path are told apart; the rest stays one segment.
    const MAX_SEGMENTS: usize = 32;

    /// A path, with no slot.
    pub fn new(text: &str) -> Self {
        Self::with_slot(text, Slot::default())
    }

    /// A path that carries what the caller's [`Fields`] knows of it.
    pub fn with_slot(text: &str, slot: Slot) -> Self {
        let dots = text.bytes().enumerate().filter(|&(_, byte)| byte == b'.').map(|(at, _)| at);
        let ends = dots
            .take(Self::MAX_SEGMENTS - 1)
            .chain([text.len()])
            .map(|end| u32::try_from(end).unwrap_or(u32::MAX))
            .collect();
        Self { text: text.into(), ends, slot }
    }

    /// The path as the rule spells it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number the caller gave to this path, 0 if none.
    pub fn slot(&self) -> u32 {
        self.slot.number
    }

    /// Whether the field has the same values in all events of one [`Fields::shape`].
    pub fn recurs(&self) -> bool {
        self.slot.recurs
    }

    /// The number of segments, at least one.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the path is the empty string.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The segments `from..to` with the dots between them; empty when the range is.
    pub fn key(&self, from: usize, to: usize) -> &str {
        if from >= to || to > self.ends.len() {
            return "";
        }
        let start = if from == 0 { 0 } else { self.ends[from - 1] as usize + 1 };
        &self.text[start..self.ends[to - 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gives_each_run_of_its_segments() {
        let path = FieldPath::new("a.bc.d");
        assert_eq!(path.len(), 3);
        assert_eq!(path.key(0, 1), "a");
        assert_eq!(path.key(1, 3), "bc.d");
        assert_eq!(path.key(0, 3), "a.bc.d");
        assert_eq!(path.key(2, 2), "");
    }
}

//! What a thread remembers of a field's values: which atoms each satisfies.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// An outcome of all atoms of a field for one event, by number.
pub(super) type ClassId = u32;

/// The memory of one field; bounded, so that a log with endless distinct values only makes it useless.
#[derive(Debug, Default)]
pub(super) struct Memo {
    texts: HashMap<Box<str>, ClassId, RandomState>,
    numbers: HashMap<Box<str>, ClassId, RandomState>,
    classes: Vec<Box<[u64]>>,
    by_bits: HashMap<Box<[u64]>, ClassId, RandomState>,
    bytes: usize,
    asked: u32,
    missed: u32,
    /// The outcomes of an event that has no value of the field: of one that names it nevertheless, and of one that does
    /// not. Most events have few of the fields that rules ask.
    valueless: [Option<ClassId>; 2],
}

/// How many values are remembered at a time.
const MAX_VALUES: usize = 8_192;
/// How much the remembered values may take together, in bytes.
const MAX_BYTES: usize = 512 << 10;
/// How many outcomes are told apart; beyond this the field is not worth a memory.
const MAX_CLASSES: usize = 16_384;
/// A longer value is not remembered, in bytes.
const MAX_LENGTH: usize = 256;
/// How many misses are looked at before a field is judged.
const JUDGED: u32 = 2_048;

impl Memo {
    pub(super) fn get(&mut self, text: &str, is_number: bool) -> Option<ClassId> {
        self.asked = self.asked.wrapping_add(1);
        let values = if is_number { &self.numbers } else { &self.texts };
        values.get(text).copied()
    }

    pub(super) fn insert(&mut self, text: &str, is_number: bool, class: ClassId) {
        self.missed += 1;
        if text.len() > MAX_LENGTH {
            return;
        }
        let values = if is_number { &self.numbers } else { &self.texts };
        if values.len() >= MAX_VALUES || self.bytes >= MAX_BYTES {
            self.bytes = 0;
            self.texts.clear();
            self.numbers.clear();
        }
        self.bytes += text.len();
        let values = if is_number { &mut self.numbers } else { &mut self.texts };
        values.insert(text.into(), class);
    }

    /// The number of an outcome.
    pub(super) fn class(&mut self, bits: &[u64]) -> ClassId {
        if let Some(class) = self.by_bits.get(bits) {
            return *class;
        }
        let class = ClassId::try_from(self.classes.len()).unwrap_or(ClassId::MAX);
        self.classes.push(bits.into());
        self.by_bits.insert(bits.into(), class);
        class
    }

    /// The outcome of an event that has no value of the field; the bits are worked out the first time only.
    pub(super) fn valueless(&mut self, is_named: bool, bits: impl FnOnce() -> Vec<u64>) -> ClassId {
        let at = usize::from(is_named);
        if let Some(known) = self.valueless[at] {
            return known;
        }
        let class = self.class(&bits());
        self.valueless[at] = Some(class);
        class
    }

    pub(super) fn bits(&self, class: ClassId) -> &[u64] {
        &self.classes[class as usize]
    }

    /// Whether the field's values so seldom recur that asking each rule costs less. Call it after a miss.
    pub(super) fn is_useless(&mut self) -> bool {
        if self.classes.len() > MAX_CLASSES {
            return true;
        }
        if self.missed < JUDGED {
            return false;
        }
        // Of late, more than one in three was new.
        let useless = u64::from(self.missed) * 3 > u64::from(self.asked);
        self.missed = 0;
        self.asked = 0;
        useless
    }
}

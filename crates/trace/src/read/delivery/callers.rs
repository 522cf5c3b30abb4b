//! Callers recur: text that begins with one that was seen before need not be read again.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::json::scan::{Result, Scan, Strange};

/// How many callers may share the place that their first bytes give them.
const WAYS: usize = 4;

/// How many such places there are.
const SETS: usize = 256;

/// A longer one is not kept.
const LONGEST: usize = 4 << 10;

/// The objects that stood for callers lately, each with a number of its own.
#[derive(Debug)]
pub(super) struct Callers {
    sets: Vec<Set>,
}

#[derive(Debug, Default)]
struct Set {
    ways: [Option<(Box<str>, u64)>; WAYS],
    oldest: usize,
}

impl Default for Callers {
    fn default() -> Self {
        Self { sets: (0..SETS).map(|_| Set::default()).collect() }
    }
}

impl Callers {
    /// Passes over a value that is often one of these. Values of one number are the same to the byte; 0 is none.
    pub(super) fn value(&mut self, scan: &mut Scan<'_>) -> Result<u64> {
        let from = scan.at;
        let rest = scan.text.get(from..).ok_or(Strange)?;
        let set = &mut self.sets[place(rest.as_bytes())];
        // An object says itself where it ends, so text that begins with all of it has it there.
        if let Some((object, number)) =
            set.ways.iter().flatten().find(|(object, _)| rest.starts_with(&**object))
        {
            scan.at += object.len();
            return Ok(*number);
        }
        let value = scan.value()?;
        if !value.starts_with('{') || value.len() > LONGEST {
            return Ok(0);
        }
        let number = next_number();
        set.ways[set.oldest] = Some((value.into(), number));
        set.oldest = (set.oldest + 1) % WAYS;
        Ok(number)
    }
}

/// Never the same twice, since readers of other texts compare these numbers too.
fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The set of a caller, by the bytes behind its type, where the principal stands.
fn place(text: &[u8]) -> usize {
    const FROM: usize = 16;
    const WORDS: usize = 8;
    let (words, _) = text.get(FROM..).unwrap_or_default().as_chunks::<8>();
    let mixed = words.iter().take(WORDS).fold(0, |mixed: u64, word| {
        (mixed ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
    });
    usize::try_from(mixed >> 40).unwrap_or_default() % SETS
}

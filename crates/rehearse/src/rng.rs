//! Numbers that look random and are the same on every machine.

/// `SplitMix64` (Steele, Lea, Flood 2014): every stream is keyed by the seed and by words that say what it is for, so
/// that no stream depends on how much another one drew.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A number for a text (FNV-1a), to key a stream by name.
pub(crate) const fn word(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

impl Rng {
    /// The stream of this seed for this purpose.
    pub(crate) fn of(seed: u64, words: &[u64]) -> Self {
        Self(words.iter().fold(mix(seed.wrapping_add(STEP)), |state, &word| {
            mix(state ^ word.wrapping_add(STEP).wrapping_mul(0xff51_afd7_ed55_8ccd)).wrapping_add(STEP)
        }))
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Whether something of this many chances in a thousand happens.
    pub(crate) fn permille(&mut self, chances: u64) -> bool {
        self.below(1000) < chances
    }

    /// One of these, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// The same things in another order.
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for end in (1..things.len()).rev() {
            things.swap(end, self.below(end as u64 + 1) as usize);
        }
    }

    /// Appends this many characters of an alphabet.
    pub(crate) fn letters(&mut self, count: usize, alphabet: &[u8], out: &mut String) {
        for _ in 0..count {
            out.push(char::from(*self.pick(alphabet)));
        }
    }

    /// This many characters of an alphabet.
    pub(crate) fn text(&mut self, count: usize, alphabet: &[u8]) -> String {
        let mut out = String::with_capacity(count);
        self.letters(count, alphabet, &mut out);
        out
    }

    /// Appends this many lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, count: usize, out: &mut String) {
        let mut bits = 0;
        for digit in 0..count {
            if digit % 16 == 0 {
                bits = self.next();
            }
            out.push(char::from(b"0123456789abcdef"[(bits & 15) as usize]));
            bits >>= 4;
        }
    }

    /// Appends a version 4 UUID.
    pub(crate) fn uuid(&mut self, out: &mut String) {
        self.hex(8, out);
        out.push('-');
        self.hex(4, out);
        out.push_str("-4");
        self.hex(3, out);
        out.push('-');
        self.letters(1, b"89ab", out);
        self.hex(3, out);
        out.push('-');
        self.hex(12, out);
    }
}

/// The letters of AWS's unique ids (`AKIA…`).
pub(crate) const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Digits and lower-case letters.
pub(crate) const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Letters of both cases and digits.
pub(crate) const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The letters of base 64, without its two signs.
pub(crate) const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Digits and upper-case letters.
pub(crate) const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_fixed_by_its_seed_and_purpose() {
        let draw = |seed, words: &[u64]| Rng::of(seed, words).next();
        assert_eq!(draw(7, &[word("a"), 1]), draw(7, &[word("a"), 1]));
        assert_ne!(draw(7, &[word("a"), 1]), draw(7, &[word("a"), 2]));
        assert_ne!(draw(7, &[word("a"), 1]), draw(8, &[word("a"), 1]));
        assert_ne!(draw(7, &[1, 2]), draw(7, &[2, 1]));
    }

    #[test]
    fn numbers_stay_below_their_end() {
        let mut rng = Rng::of(1, &[]);
        assert!((0..1000).all(|_| rng.below(7) < 7));
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.between(5, 5), 5);
    }
}

//! Bytes that compare as versions do.

/// Collects the key of one version.
///
/// What is written compares as it stands, from the left, so each part must end by itself: a tag is one byte, a number
/// carries its length, a text ends with a zero byte. The end of a list needs a tag too, where the order says whether
/// the shorter is less.
#[derive(Default)]
pub(super) struct Key(Vec<u8>);

impl Key {
    pub(super) fn tag(&mut self, tag: u8) {
        self.0.push(tag);
    }

    /// A number of any size, as ASCII digits; leading zeros do not count and no digits are 0.
    pub(super) fn number(&mut self, digits: &str) {
        let digits = digits.trim_start_matches('0');
        self.count(digits.len());
        self.0.extend_from_slice(digits.as_bytes());
    }

    /// A small count that sorts upward.
    pub(super) fn count(&mut self, mut count: usize) {
        while count >= 0xff {
            self.0.push(0xff);
            count -= 0xff;
        }
        self.0.push(u8::try_from(count).unwrap_or(0xff));
    }

    /// The same number, sorted downward.
    pub(super) fn falling_number(&mut self, digits: &str) {
        let start = self.0.len();
        self.number(digits);
        self.invert_from(start);
    }

    /// A small count that sorts downward.
    pub(super) fn falling_count(&mut self, count: usize) {
        let start = self.0.len();
        self.count(count);
        self.invert_from(start);
    }

    /// A text by its bytes; a prefix is less. The door lets no zero byte in, so one may end it.
    pub(super) fn text(&mut self, text: &str) {
        self.0.extend(text.bytes().filter(|byte| *byte != 0));
        self.0.push(0);
    }

    pub(super) fn finish(self) -> Box<[u8]> {
        self.0.into_boxed_slice()
    }

    fn invert_from(&mut self, start: usize) {
        for byte in &mut self.0[start..] {
            *byte = !*byte;
        }
    }
}

/// The leading ASCII digits of a text, and the rest.
pub(super) fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Whether a text is a number: one digit or more, and nothing else.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: &str) -> Box<[u8]> {
        let mut key = Key::default();
        key.number(digits);
        key.finish()
    }

    #[test]
    fn numbers_of_any_size_sort_by_value() {
        let nines = "9".repeat(254);
        let rising =
            ["", "1", "9", "10", "99999999999999999999", &nines, &format!("1{nines}"), &format!("2{nines}")];
        for pair in rising.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        assert_eq!(number("007"), number("7"));
        assert_eq!(number("000"), number(""));
    }

    #[test]
    fn a_falling_number_sorts_the_other_way() {
        let falling = |digits| {
            let mut key = Key::default();
            key.falling_number(digits);
            key.finish()
        };
        assert!(falling("10") < falling("9"));
    }
}

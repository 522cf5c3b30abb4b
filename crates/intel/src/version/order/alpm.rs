//! Arch's libalpm, `vercmp(8)`.
//!
//! `[epoch:]version[-release]`, in segments of digits and of letters. Letters straight after a number come before it
//! (`1.0rc < 1.0`), and more separators are more.
//!
//! libalpm leaves the release out if either version has none, so `1-1`, `1` and `1-2` would be equal and not equal;
//! here a version without a release stands before those that have one. Separators at the end count once.

use super::{Expected, evr};
use crate::version::key::{Key, is_number, split_digits};

const TEXT_AT_ONCE: u8 = 1;
const END: u8 = 2;
const NUMBER_AT_ONCE: u8 = 3;
const SEPARATED: u8 = 4;

const TEXT: u8 = 1;
const NOTHING: u8 = 2;
const NUMBER: u8 = 3;

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if epoch.is_empty() || is_number(epoch) => (epoch, rest),
        _ => ("", text),
    };
    evr::key(epoch, rest, segments, "a version, as in 1:2.3-4", key)
}

fn segments(text: &str, key: &mut Key) {
    let mut rest = text;
    loop {
        let separators = rest.bytes().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        rest = &rest[separators..];
        let (digits, after) = split_digits(rest);
        let (letters, beyond) = after.split_at(if digits.is_empty() {
            rest.bytes().take_while(u8::is_ascii_alphabetic).count()
        } else {
            0
        });
        if digits.is_empty() && letters.is_empty() {
            if separators > 0 {
                kind(1, NOTHING, key);
            }
            break;
        }
        if digits.is_empty() {
            kind(separators, TEXT, key);
            key.text(letters);
        } else {
            kind(separators, NUMBER, key);
            key.number(digits);
        }
        rest = beyond;
    }
    key.tag(END);
}

fn kind(separators: usize, what: u8, key: &mut Key) {
    match (separators, what) {
        (0, TEXT) => key.tag(TEXT_AT_ONCE),
        (0, _) => key.tag(NUMBER_AT_ONCE),
        _ => {
            key.tag(SEPARATED);
            key.count(separators);
            key.tag(what);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Alpm;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn rises_as_the_manual_says() {
        assert_rising(
            Alpm,
            &[
                &["1.0a", "0:1.0a", ":1.0a", "1.0a"],
                &["1.0b"],
                &["1.0beta"],
                &["1.0p"],
                &["1.0pre"],
                &["1.0rc"],
                &["1.0", "01.00", "1_0"],
                &["1.0-1"],
                &["1.0-2"],
                &["1.0.a"],
                &["1.0.1"],
                &["1.1"],
                &["1..0"],
                &["2"],
                &["10"],
                &["1:0.1"],
            ],
        );
        assert_refused(Alpm, &["", "-1", "1:"]);
    }
}

//! RPM, <https://rpm-software-management.github.io/rpm/man/rpm-version.7>.
//!
//! `[epoch:]version[-release]`, version and release read as segments of digits and of letters; all else separates.
//! `~` is less than the end, `^` just more than it. A version without a release is less than one with any.

use super::{Expected, evr};
use crate::version::key::{Key, split_digits};

const TILDE: u8 = 1;
const END: u8 = 2;
const CARET: u8 = 3;
const TEXT: u8 = 4;
const NUMBER: u8 = 5;

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let (digits, after) = split_digits(text);
    let (epoch, rest) = after.strip_prefix(':').map_or(("", text), |rest| (digits, rest));
    evr::key(epoch, rest, segments, "a version, as in 1:2.3-4.el9", key)
}

fn segments(text: &str, key: &mut Key) {
    let mut rest = text;
    loop {
        let start = rest
            .bytes()
            .position(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'~' | b'^'))
            .unwrap_or(rest.len());
        rest = &rest[start..];
        let (digits, after) = split_digits(rest);
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        match rest.bytes().next() {
            None => break,
            Some(b'~') => {
                key.tag(TILDE);
                rest = &rest[1..];
            }
            Some(b'^') => {
                key.tag(CARET);
                rest = &rest[1..];
            }
            Some(byte) if byte.is_ascii_digit() => {
                key.tag(NUMBER);
                key.number(digits);
                rest = after;
            }
            Some(_) => {
                key.tag(TEXT);
                key.text(&rest[..letters]);
                rest = &rest[letters..];
            }
        }
    }
    key.tag(END);
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Rpm;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn rises_as_the_manual_says() {
        assert_rising(
            Rpm,
            &[
                &["1.0~rc1"],
                &["1.0~rc1^git1"],
                &["1.0~rc2"],
                &["1.0", "0:1.0", "1_0", "1..0", "1.0.", "1.00", ":1.0"],
                &["1.0-1.el9"],
                &["1.0-1.el9_2"],
                &["1.0-2"],
                &["1.0-10"],
                &["1.0^"],
                &["1.0^20210501"],
                &["1.0a"],
                &["1.0aa"],
                &["1.0.1~rc1"],
                &["1.0.1"],
                &["2.50"],
                &["1:0.1"],
            ],
        );
        assert_rising(Rpm, &[&["6.0"], &["6.0.rc1"], &["6.0.0"]]);
        assert_rising(Rpm, &[&["1b.fc17"], &["1.fc17"]]);
    }

    #[test]
    fn what_is_no_letter_digit_or_mark_only_separates() {
        assert_rising(Rpm, &[&["1.1.α", "1.1", "1.1.β"]]);
        assert_refused(Rpm, &["", "1:", "-1", "1:-1"]);
    }
}

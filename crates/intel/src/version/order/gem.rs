//! `RubyGems`' `Gem::Version`, <https://docs.ruby-lang.org/en/master/Gem/Version.html>.
//!
//! Segments of digits and of letters; letters are less than any number, and a version goes on with zeros for ever.
//! A hyphen is `.pre.`.

use super::Expected;
use crate::version::key::{Key, is_number, split_digits};

const EXPECTED: Expected = "segments of letters and digits joined by '.', the first a number";

/// What follows a run of zeros. A version that ends has only zeros: letters make it less, a number more, and both the
/// more so the sooner they come.
const TEXT: u8 = 1;
const END: u8 = 2;
const NUMBER: u8 = 3;

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    check(text)?;
    let text = text.replace('-', ".pre.");
    let segments = segments(&text);
    let first_text = segments.iter().position(|segment| !is_number(segment)).unwrap_or(segments.len());
    let (numbers, rest) = segments.split_at(first_text);
    let mut zeros = 0;
    for segment in without_zeros(numbers).iter().chain(without_zeros(rest)) {
        if is_zero(segment) {
            zeros += 1;
        } else if is_number(segment) {
            key.tag(NUMBER);
            key.falling_count(zeros);
            key.number(segment);
            zeros = 0;
        } else {
            key.tag(TEXT);
            key.count(zeros);
            key.text(segment);
            zeros = 0;
        }
    }
    key.tag(END);
    Ok(())
}

fn check(text: &str) -> Result<(), Expected> {
    let (release, after_hyphen) = super::semver::cut(text, '-');
    let mut parts = release.split('.');
    let sound = parts.next().is_some_and(is_number)
        && parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        && after_hyphen.is_none_or(|rest| {
            rest.split('.').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
        });
    if sound { Ok(()) } else { Err(EXPECTED) }
}

/// Runs of digits and runs of letters; all else only separates.
fn segments(text: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for part in text.split('.') {
        let mut rest = part;
        while !rest.is_empty() {
            let (digits, after) = split_digits(rest);
            let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (letters, beyond) = after.split_at(letters);
            segments.extend([digits, letters].into_iter().filter(|run| !run.is_empty()));
            rest = beyond;
        }
    }
    segments
}

fn without_zeros<'a, 'b>(segments: &'b [&'a str]) -> &'b [&'a str] {
    let end = segments.iter().rposition(|segment| !is_zero(segment)).map_or(0, |last| last + 1);
    &segments[..end]
}

fn is_zero(segment: &str) -> bool {
    segment.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Gem;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn letters_are_less_than_nothing_and_zeros_are_nothing() {
        assert_rising(
            Gem,
            &[
                &["0.a"],
                &["0", "0.0"],
                &["1.A"],
                &["1.a.0.b", "1.0.a.0.b"],
                &["1.a", "1.0.a", "1.0.0.a.0"],
                &["1.a.1"],
                &["1.0.b1", "1.b.1"],
                &["1.0.pre", "1.pre"],
                &["1.0.pre.1", "1.0-1"],
                &["1.0.rc1", "1.0.rc.1"],
                &["1", "1.0", "1.0.0", " 1 ", "01"],
                &["1.0.1.a"],
                &["1.0.1"],
                &["1.9"],
                &["1.10"],
            ],
        );
    }

    #[test]
    fn refuses_what_gem_refuses() {
        assert_refused(Gem, &["", "a", "1..2", "1.", ".1", "1.0-", "1.0-a..b", "1_0", "1.0+1", "1 2", "1.é"]);
    }
}

//! Alpine, Wolfi and Chainguard, as apk-tools 3 orders them (`apk-package(5)`).
//!
//! `N(.N)*[letter](_suffix[N])*[~hash][-rN]`. A number with a leading zero that is not the first compares as text.

use super::Expected;
use crate::version::key::{Key, split_digits};

const EXPECTED: Expected = "N(.N)*[letter](_suffix[N])*[~hash][-rN], as in 1.2.3b_rc1-r0";

/// What follows: a suffix that comes before the release is less than an end, all else is more than it.
const SUFFIX_BEFORE: u8 = 1;
const END: u8 = 2;
const REVISION: u8 = 3;
const HASH: u8 = 4;
const SUFFIX_NUMBER: u8 = 5;
const SUFFIX_AFTER: u8 = 6;
const LETTER: u8 = 7;
const NUMBER: u8 = 8;

const LEADING_ZERO: u8 = 1;
const NO_LEADING_ZERO: u8 = 2;

const BEFORE: [&str; 4] = ["alpha", "beta", "pre", "rc"];
const AFTER: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let (first, rest) = number(text)?;
    key.number(first);
    let rest = numbers(rest, key)?;
    let rest = letter(rest, key);
    let rest = suffixes(rest, key)?;
    let rest = hash(rest, key)?;
    if let Some(after) = rest.strip_prefix("-r") {
        let (revision, end) = number(after)?;
        key.tag(REVISION);
        key.number(revision);
        if !end.is_empty() {
            return Err(EXPECTED);
        }
    } else if !rest.is_empty() {
        return Err(EXPECTED);
    }
    key.tag(END);
    Ok(())
}

fn number(text: &str) -> Result<(&str, &str), Expected> {
    let (digits, rest) = split_digits(text);
    if digits.is_empty() { Err(EXPECTED) } else { Ok((digits, rest)) }
}

fn numbers<'a>(mut rest: &'a str, key: &mut Key) -> Result<&'a str, Expected> {
    while let Some(after) = rest.strip_prefix('.') {
        let (digits, beyond) = number(after)?;
        key.tag(NUMBER);
        if digits.starts_with('0') {
            key.tag(LEADING_ZERO);
            key.text(digits);
        } else {
            key.tag(NO_LEADING_ZERO);
            key.number(digits);
        }
        rest = beyond;
    }
    Ok(rest)
}

fn letter<'a>(rest: &'a str, key: &mut Key) -> &'a str {
    match rest.bytes().next() {
        Some(letter) if letter.is_ascii_lowercase() => {
            key.tag(LETTER);
            key.tag(letter);
            &rest[1..]
        }
        _ => rest,
    }
}

fn suffixes<'a>(mut rest: &'a str, key: &mut Key) -> Result<&'a str, Expected> {
    while let Some(after) = rest.strip_prefix('_') {
        let (name, beyond) = after.split_at(after.bytes().take_while(u8::is_ascii_lowercase).count());
        if let Some(place) = BEFORE.iter().position(|known| *known == name) {
            key.tag(SUFFIX_BEFORE);
            key.count(place);
        } else if let Some(place) = AFTER.iter().position(|known| *known == name) {
            key.tag(SUFFIX_AFTER);
            key.count(place);
        } else {
            return Err("a suffix that is one of alpha, beta, pre, rc, cvs, svn, git, hg, p");
        }
        let (digits, beyond) = split_digits(beyond);
        if !digits.is_empty() {
            key.tag(SUFFIX_NUMBER);
            key.number(digits);
        }
        rest = beyond;
    }
    Ok(rest)
}

fn hash<'a>(rest: &'a str, key: &mut Key) -> Result<&'a str, Expected> {
    let Some(after) = rest.strip_prefix('~') else { return Ok(rest) };
    let (hash, beyond) = after.split_at(after.bytes().take_while(u8::is_ascii_hexdigit).count());
    if hash.is_empty() {
        return Err("a commit's hash after '~'");
    }
    key.tag(HASH);
    key.text(hash);
    Ok(beyond)
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Apk;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn suffixes_stand_around_the_release() {
        assert_rising(
            Apk,
            &[
                &["1.2_alpha"],
                &["1.2_alpha-r1"],
                &["1.2_alpha1"],
                &["1.2_beta2"],
                &["1.2_pre2"],
                &["1.2_rc1"],
                &["1.2"],
                &["1.2-r0"],
                &["1.2-r2"],
                &["1.2-r10"],
                &["1.2~0a1b-r0"],
                &["1.2_git20230101"],
                &["1.2_p"],
                &["1.2_p1_rc1"],
                &["1.2_p1"],
                &["1.2_p1_p1"],
                &["1.2b_rc1"],
                &["1.2b"],
                &["1.2.0"],
                &["1.2.1"],
                &["1.10"],
            ],
        );
    }

    #[test]
    fn a_leading_zero_makes_a_number_a_fraction() {
        assert_rising(Apk, &[&["1.0"], &["1.003"], &["1.01"], &["1.02"], &["1.1"], &["01.2", "1.2"]]);
    }

    #[test]
    fn refuses_what_apk_refuses() {
        let refused =
            ["", "a", "1.", "1..2", "1.2_foo", "1.2bc", "1.2b1", "1.2-1", "1.2-r", "1.2-r1-r2", "1.2~", "v1"];
        assert_refused(Apk, &refused);
        assert_refused(Apk, &["1.2_p1.3", "1.2_", "1.2A", "1.2-r1_p1", "1.2~ab~cd", "1.2_p1~xyz"]);
    }
}

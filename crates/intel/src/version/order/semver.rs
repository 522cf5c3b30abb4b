//! Semantic Versioning 2.0, <https://semver.org/spec/v2.0.0.html>.
//!
//! Read more widely than written: `v` or `=` in front, one or two numbers instead of three (the others are 0), and
//! leading zeros are let pass, since tags and advisories have them. Build metadata is checked and does not count.

use super::Expected;
use crate::version::key::{Key, is_number};

const LEAST: u8 = 1;
const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;

/// The parts of a semantic version.
pub(super) struct Parts<'a> {
    numbers: [&'a str; 3],
    prerelease: Option<&'a str>,
    build: Option<&'a str>,
}

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    parts(text)?.key(key);
    Ok(())
}

pub(super) fn parts(text: &str) -> Result<Parts<'_>, Expected> {
    let text = text.strip_prefix('=').unwrap_or(text);
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (text, build) = cut(text, '+');
    let (core, prerelease) = cut(text, '-');
    let mut numbers = ["0"; 3];
    let mut fields = core.split('.');
    for number in &mut numbers {
        let Some(field) = fields.next() else { break };
        if !is_number(field) {
            return Err("numbers, as in 1.2.3");
        }
        *number = field;
    }
    if fields.next().is_some() {
        return Err("at most three numbers, as in 1.2.3");
    }
    for list in [prerelease, build].into_iter().flatten() {
        if !list.split('.').all(is_identifier) {
            return Err("identifiers of letters, digits and '-', joined by '.'");
        }
    }
    Ok(Parts { numbers, prerelease, build })
}

impl Parts<'_> {
    /// Everything but build metadata.
    pub(super) fn key(&self, key: &mut Key) {
        for number in self.numbers {
            key.number(number);
        }
        match self.prerelease {
            Some(list) => {
                key.tag(PRERELEASE);
                identifiers(list, key);
            }
            None => key.tag(RELEASE),
        }
    }

    /// Build metadata, for the one order in which it counts; none is less than any.
    pub(super) fn build_key(&self, key: &mut Key) {
        match self.build {
            Some(list) => identifiers(list, key),
            None => key.tag(LEAST),
        }
    }
}

fn identifiers(list: &str, key: &mut Key) {
    for identifier in list.split('.') {
        if is_number(identifier) {
            key.tag(NUMBER);
            key.number(identifier);
        } else {
            key.tag(TEXT);
            key.text(identifier);
        }
    }
    key.tag(LEAST);
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// What stands before the first `mark`, and what after it.
pub(super) fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

#[cfg(test)]
mod tests {
    use crate::version::Order::SemVer;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn rises_as_the_specification_says() {
        assert_rising(
            SemVer,
            &[
                &["0.0.0-0"],
                &["0.0.0", "0"],
                &["1.0.0-alpha"],
                &["1.0.0-alpha.1"],
                &["1.0.0-alpha.beta"],
                &["1.0.0-beta"],
                &["1.0.0-beta.2"],
                &["1.0.0-beta.11"],
                &["1.0.0-rc.1", "1.0.0-rc.1+build.7"],
                &["1.0.0", "v1.0.0", "1", "v1", "1.0", "1.0.0+20130313144700", "=v1.0.0", "01.0.0"],
                &["2.0.0"],
                &["2.1.0"],
                &["2.1.1"],
                &["18446744073709551616.0.0"],
            ],
        );
    }

    #[test]
    fn an_identifier_with_a_hyphen_is_text_and_a_number_is_less_than_text() {
        assert_rising(SemVer, &[&["1.0.0-9"], &["1.0.0--1"], &["1.0.0-0-0"], &["1.0.0-A"], &["1.0.0-a"]]);
    }

    #[test]
    fn refuses_what_has_no_place() {
        let refused =
            ["", "v", "1.2.3.4", "1.2.", ".1", "1.2.x", "*", "1.0.0-", "1.0.0+", "1.0.0-a..b", "1.0.0-ü"];
        assert_refused(SemVer, &refused);
        assert_refused(SemVer, &["-1.0.0", "1.0.0 beta", "latest", "1.0.0-a+b+c", "٣.0.0"]);
    }
}

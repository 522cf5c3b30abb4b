//! Python's PEP 440, now <https://packaging.python.org/en/latest/specifications/version-specifiers/>.

use super::Expected;
use crate::version::key::{Key, is_number, split_digits};

const EXPECTED: Expected = "[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]";

/// Ends a list: the shorter is less.
const END: u8 = 0;
const MORE: u8 = 1;

/// Where a version without a prerelease stands among those that have one.
mod pre {
    pub(super) const DEV_ONLY: u8 = 0;
    pub(super) const ALPHA: u8 = 1;
    pub(super) const BETA: u8 = 2;
    pub(super) const CANDIDATE: u8 = 3;
    pub(super) const NONE: u8 = 4;
}

mod post {
    pub(super) const NONE: u8 = 0;
    pub(super) const SOME: u8 = 1;
}

mod dev {
    pub(super) const SOME: u8 = 0;
    pub(super) const NONE: u8 = 1;
}

mod local {
    pub(super) const TEXT: u8 = 1;
    pub(super) const NUMBER: u8 = 2;
}

const PRE_NAMES: [(&str, u8); 8] = [
    ("alpha", pre::ALPHA),
    ("a", pre::ALPHA),
    ("beta", pre::BETA),
    ("b", pre::BETA),
    ("preview", pre::CANDIDATE),
    ("pre", pre::CANDIDATE),
    ("c", pre::CANDIDATE),
    ("rc", pre::CANDIDATE),
];

const POST_NAMES: [(&str, u8); 3] = [("post", post::SOME), ("rev", post::SOME), ("r", post::SOME)];

const DEV_NAMES: [(&str, u8); 1] = [("dev", dev::SOME)];

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix('v').unwrap_or(&lower);
    let rest = epoch(rest, key);
    let rest = release(rest, key)?;
    let (pre, rest) = stage(rest, &PRE_NAMES);
    let (post, rest) = post_number(rest);
    let (dev, rest) = stage(rest, &DEV_NAMES);

    match (pre, post, dev) {
        (Some((stage, number)), _, _) => {
            key.tag(stage);
            key.number(number);
        }
        (None, None, Some(_)) => key.tag(pre::DEV_ONLY),
        (None, ..) => key.tag(pre::NONE),
    }
    let tagged = |found: Option<(u8, &str)>, none: u8, key: &mut Key| match found {
        Some((tag, number)) => {
            key.tag(tag);
            key.number(number);
        }
        None => key.tag(none),
    };
    tagged(post, post::NONE, key);
    tagged(dev, dev::NONE, key);
    local_label(rest, key)
}

fn epoch<'a>(text: &'a str, key: &mut Key) -> &'a str {
    match text.split_once('!') {
        Some((epoch, rest)) if is_number(epoch) => {
            key.number(epoch);
            rest
        }
        _ => {
            key.number("");
            text
        }
    }
}

/// The numbers, without zeros at their end.
fn release<'a>(text: &'a str, key: &mut Key) -> Result<&'a str, Expected> {
    let (first, mut rest) = split_digits(text);
    if first.is_empty() {
        return Err(EXPECTED);
    }
    let mut numbers = vec![first];
    while let Some(after) = rest.strip_prefix('.') {
        let (number, beyond) = split_digits(after);
        if number.is_empty() {
            break;
        }
        numbers.push(number);
        rest = beyond;
    }
    while numbers.last().is_some_and(|number| number.bytes().all(|digit| digit == b'0')) {
        numbers.pop();
    }
    for number in numbers {
        key.tag(MORE);
        key.number(number);
    }
    key.tag(END);
    Ok(rest)
}

/// One of `names` with a separator before it and a number after it, each of which may be absent.
fn stage<'a>(text: &'a str, names: &[(&str, u8)]) -> (Option<(u8, &'a str)>, &'a str) {
    let after = without_separator(text);
    for (name, tag) in names {
        if let Some(rest) = after.strip_prefix(name) {
            let (number, rest) = split_digits(without_separator(rest));
            return (Some((*tag, number)), rest);
        }
    }
    (None, text)
}

/// A post release, also in its short form `-1`.
fn post_number(text: &str) -> (Option<(u8, &str)>, &str) {
    if let Some(after) = text.strip_prefix('-') {
        let (number, rest) = split_digits(after);
        if !number.is_empty() {
            return (Some((post::SOME, number)), rest);
        }
    }
    stage(text, &POST_NAMES)
}

fn without_separator(text: &str) -> &str {
    text.strip_prefix(['-', '_', '.']).unwrap_or(text)
}

fn local_label(text: &str, key: &mut Key) -> Result<(), Expected> {
    if text.is_empty() {
        return Ok(());
    }
    let label = text.strip_prefix('+').ok_or(EXPECTED)?;
    for part in label.split(['-', '_', '.']) {
        if is_number(part) {
            key.tag(local::NUMBER);
            key.number(part);
        } else if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            key.tag(local::TEXT);
            key.text(part);
        } else {
            return Err(EXPECTED);
        }
    }
    key.tag(END);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Pep440;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn rises_as_the_specification_says() {
        assert_rising(
            Pep440,
            &[
                &["0", "0.0.0"],
                &["1.dev0", "1.0.dev", "v1.0-dev0"],
                &["1.0.dev456"],
                &["1.0a1.dev1"],
                &["1.0a1", "1.0.alpha1", "1.0-ALPHA_1", " 1.0a1 "],
                &["1.0a2.dev456"],
                &["1.0a12"],
                &["1.0b1.dev456"],
                &["1.0b2", "1.0beta2"],
                &["1.0b2.post345.dev456"],
                &["1.0b2.post345", "1.0b2-345"],
                &["1.0rc1.dev456"],
                &["1.0rc1", "1.0c1", "1.0pre1", "1.0-preview-1"],
                &["1.0", "1", "1.0.0", "V1.0"],
                &["1.0+abc.5"],
                &["1.0+abc.7"],
                &["1.0+5"],
                &["1.0.post456.dev34"],
                &["1.0.post456", "1.0-456", "1.0rev456", "1.0.r456"],
                &["1.0.15"],
                &["1.1.dev1"],
                &["1!0.1"],
            ],
        );
    }

    #[test]
    fn refuses_what_the_specification_refuses() {
        let refused =
            ["", "v", "1.", ".1", "1..2", "!1", "a!1", "1.0+", "1.0+a..b", "1.0+a+b", "1.0x", "2004d"];
        assert_refused(Pep440, &refused);
        assert_refused(
            Pep440,
            &["1.0-final", "1.0.dev1.post1", "1.0 a1", "1.0-1-1", "dev", "1!", "1.0+ü", "*"],
        );
    }
}

//! `NuGet`, <https://learn.microsoft.com/nuget/concepts/package-versioning>.
//!
//! Up to four numbers, labels compared without case, build metadata left out. A label is a number if it is one of 32
//! bits with or without a sign, as .NET reads it: a label like `20240131093000` is text, and compares as text.

use super::Expected;
use super::semver::cut;
use crate::version::key::{Key, is_number};

const END: u8 = 1;
const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;
const NEGATIVE: u8 = 2;
const NUMBER: u8 = 3;
const TEXT: u8 = 4;

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let (text, metadata) = cut(text, '+');
    let (core, labels) = cut(text, '-');
    let mut fields = core.split('.');
    for place in 0..4 {
        match fields.next() {
            Some(number) if is_number(number) => key.number(number),
            None if place > 0 => key.number(""),
            _ => return Err("up to four numbers, as in 1.2.3.4"),
        }
    }
    if fields.next().is_some() {
        return Err("up to four numbers, as in 1.2.3.4");
    }
    for list in [labels, metadata].into_iter().flatten() {
        if !list.split('.').all(is_label) {
            return Err("labels of letters, digits and '-', joined by '.'");
        }
    }
    let Some(labels) = labels else {
        key.tag(RELEASE);
        return Ok(());
    };
    key.tag(PRERELEASE);
    for text in labels.split('.') {
        label(text, key);
    }
    key.tag(END);
    Ok(())
}

fn label(text: &str, key: &mut Key) {
    match text.parse::<i32>() {
        Ok(number) if number < 0 => {
            key.tag(NEGATIVE);
            key.falling_number(&number.unsigned_abs().to_string());
        }
        Ok(number) => {
            key.tag(NUMBER);
            key.number(&number.to_string());
        }
        Err(_) => {
            key.tag(TEXT);
            key.text(&text.to_ascii_uppercase());
        }
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use crate::version::Order::NuGet;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn rises_as_the_documentation_says() {
        assert_rising(
            NuGet,
            &[
                &["0.9.9"],
                &["1.0.0--5"],
                &["1.0.0-0", "1.0.0-00"],
                &["1.0.0-1"],
                &["1.0.0-alpha", "1.0.0-Alpha", "1.0.0-ALPHA+meta"],
                &["1.0.0-alpha.1"],
                &["1.0.0-alpha.2"],
                &["1.0.0-beta"],
                &["1.0.0-beta.2147483647"],
                &["1.0.0-beta.10000000000"],
                &["1.0.0-beta.9999999999"],
                &["1.0.0-rc"],
                &["1.0.0", "1", "1.0", "1.0.0.0", "01.00", "1.0.0+build"],
                &["1.0.0.1"],
                &["1.0.1"],
                &["1.0.1.1-a"],
                &["1.0.1.1"],
            ],
        );
    }

    #[test]
    fn refuses_what_nuget_refuses() {
        assert_refused(
            NuGet,
            &["", "1.2.3.4.5", "1.", "1.0-", "1.0+", "1.0-a..b", "1.0-a_b", "x", "1.x", "1.0.0-é"],
        );
    }
}

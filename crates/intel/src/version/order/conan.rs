//! Conan 2, <https://docs.conan.io/2/tutorial/versioning/version_ranges.html>.
//!
//! Items joined by `.`, zeros at the end left out, then a prerelease after the first `-` and a build after the last
//! `+`, which counts: none is less than any.
//!
//! Conan compares a number with a text as texts, so its order runs in a circle: `9 < 10 < 10a < 9`. Here an item is a
//! number and the text behind it (`9 < 9a < 10 < 10a`), which is how the recipes mean it, and one that begins with no
//! digit is more, an empty one less.

use super::Expected;
use crate::version::key::{Key, split_digits};

const END: u8 = 1;
const EMPTY: u8 = 2;
const NUMBER: u8 = 3;
const TEXT: u8 = 4;

const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;
const NO_BUILD: u8 = 0;
const BUILD: u8 = 1;

#[expect(clippy::unnecessary_wraps, reason = "all orders have this shape, and Conan takes any text")]
pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let (text, build) = text.rsplit_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (text, prerelease) = super::semver::cut(text, '-');
    items(text, key);
    match prerelease {
        Some(list) => {
            key.tag(PRERELEASE);
            items(list, key);
        }
        None => key.tag(RELEASE),
    }
    match build {
        Some(list) => {
            key.tag(BUILD);
            items(list, key);
        }
        None => key.tag(NO_BUILD),
    }
    Ok(())
}

fn items(text: &str, key: &mut Key) {
    let items: Vec<&str> = text.split('.').collect();
    let end = items.iter().rposition(|item| !is_zero(item)).map_or(0, |last| last + 1);
    for item in &items[..end] {
        let (digits, rest) = split_digits(item);
        if item.is_empty() {
            key.tag(EMPTY);
            continue;
        }
        if digits.is_empty() {
            key.tag(TEXT);
        } else {
            key.tag(NUMBER);
            key.number(digits);
        }
        key.text(rest);
    }
    key.tag(END);
}

fn is_zero(item: &str) -> bool {
    !item.is_empty() && item.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Conan;
    use crate::version::order::assert_rising;

    #[test]
    fn letters_behind_a_number_come_after_it() {
        assert_rising(
            Conan,
            &[
                &["1.1.1-alpha"],
                &["1.1.1-alpha.1"],
                &["1.1.1-rc"],
                &["1.1.1", "1.1.1.0"],
                &["1.1.1+build"],
                &["1.1.1a"],
                &["1.1.1k"],
                &["1.1.2"],
                &["1.1.9a"],
                &["1.1.10"],
                &["9e"],
                &["cci.20210118"],
                &["system"],
            ],
        );
    }
}

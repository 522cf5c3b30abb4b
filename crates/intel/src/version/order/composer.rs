//! Composer, <https://getcomposer.org/doc/articles/versions.md>: its normal form, compared by PHP's `version_compare`.
//!
//! A release has four numbers or is a date, then a stability with numbers of its own, then `dev`. A numeric branch
//! (`1.x-dev`) stands after all releases of its line. Composer does not compare a branch that has a name (`dev-main`)
//! with releases at all; here such stand before all releases, by name.

use super::Expected;
use crate::version::key::{Key, is_number, split_digits};

const EXPECTED: Expected =
    "up to four numbers or a date with -dev, -alphaN, -betaN, -RCN or -patchN, or dev-NAME";

const BRANCH: u8 = 1;
const DEV: u8 = 2;
const ALPHA: u8 = 3;
const BETA: u8 = 4;
const CANDIDATE: u8 = 5;
const END: u8 = 6;
const NUMBER: u8 = 7;
const PATCH: u8 = 8;

/// Longer names before those that begin them.
const STABILITIES: [(&str, Stability); 9] = [
    ("stable", Stability::Stable),
    ("beta", Stability::Tag(BETA)),
    ("b", Stability::Tag(BETA)),
    ("rc", Stability::Tag(CANDIDATE)),
    ("alpha", Stability::Tag(ALPHA)),
    ("a", Stability::Tag(ALPHA)),
    ("patch", Stability::Tag(PATCH)),
    ("pl", Stability::Tag(PATCH)),
    ("p", Stability::Tag(PATCH)),
];

#[derive(Clone, Copy)]
enum Stability {
    /// Nothing is said.
    Unnamed,
    /// It is called stable, and Composer takes it for the release itself, whatever follows.
    Stable,
    Tag(u8),
}

/// The number of an `x` in a branch.
const ANY: &str = "9999999";

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let text = text.split_once(" as ").map_or(text, |(version, _)| version.trim_end());
    let lower = without_stability_flag(text).to_ascii_lowercase();
    if let Some(name) = branch(text, &lower) {
        key.tag(BRANCH);
        key.text(name);
        return Ok(());
    }
    let lower = match lower.split_once('+') {
        Some((version, build)) if !version.is_empty() && !build.is_empty() => version,
        _ => &lower,
    };
    let plain = lower.strip_prefix('v').unwrap_or(lower);
    let (numbers, rest) = classical(plain)
        .filter(|(_, rest)| Modifier::new(rest).is_some())
        .or_else(|| date(plain))
        .unwrap_or_default();
    match Modifier::new(rest) {
        Some(modifier) if !numbers.is_empty() => {
            write(&numbers, key);
            modifier.write(key);
        }
        _ => {
            write(&numeric_branch(plain).ok_or(EXPECTED)?, key);
            key.tag(DEV);
        }
    }
    key.tag(END);
    Ok(())
}

fn write(numbers: &[&str], key: &mut Key) {
    for number in numbers {
        key.tag(NUMBER);
        key.number(number);
    }
}

/// `@dev` and the like say what may be installed, not which version it is.
fn without_stability_flag(text: &str) -> &str {
    match text.rsplit_once('@') {
        Some((version, flag))
            if ["stable", "rc", "beta", "alpha", "dev"]
                .iter()
                .any(|known| flag.eq_ignore_ascii_case(known)) =>
        {
            version
        }
        _ => text,
    }
}

fn branch<'a>(text: &'a str, lower: &str) -> Option<&'a str> {
    if let Some(name) = lower.strip_prefix("dev-") {
        let start = "dev-".len();
        return text.get(start..start + name.len());
    }
    ["master", "trunk", "default"].contains(&text).then_some(text)
}

/// One to four numbers, the first of at most five digits; those that are missing are 0.
fn classical(text: &str) -> Option<(Vec<&str>, &str)> {
    let (first, mut rest) = split_digits(text);
    if first.is_empty() || first.len() > 5 {
        return None;
    }
    let mut numbers = vec![first];
    while numbers.len() < 4 {
        let Some((number, after)) = rest.strip_prefix('.').map(split_digits) else { break };
        if number.is_empty() {
            break;
        }
        numbers.push(number);
        rest = after;
    }
    numbers.resize(4, "0");
    Some((numbers, rest))
}

/// A year, then pairs of digits, with `.`, `:`, `-` or nothing between them, then perhaps numbers of up to three
/// digits. A separator separates numbers; without one the digits are one number.
fn date(text: &str) -> Option<(Vec<&str>, &str)> {
    // The grammar is ambiguous; as in Composer the longest reading is tried first, and the first that fits whole wins.
    let mut ends = Vec::new();
    if !is_number(text.get(..4)?) {
        return None;
    }
    pairs(text, 4, 0, &mut ends);
    let end = ends.into_iter().find(|end| Modifier::new(&text[*end..]).is_some())?;
    let numbers = text[..end].split(['.', ':', '-']).collect();
    Some((numbers, &text[end..]))
}

/// Where the date may end, the preferred first.
fn pairs(text: &str, place: usize, count: usize, ends: &mut Vec<usize>) {
    if count < 6
        && let Some(next) = digits_at(text, place, 2)
    {
        pairs(text, next, count + 1, ends);
    }
    if count > 0 {
        tail(text, place, 0, ends);
    }
}

fn tail(text: &str, place: usize, count: usize, ends: &mut Vec<usize>) {
    if count < 2 {
        for width in [3, 2, 1] {
            if let Some(next) = digits_at(text, place, width) {
                tail(text, next, count + 1, ends);
            }
        }
    }
    ends.push(place);
}

/// The end of so many digits at a place, with or without a separator before them.
fn digits_at(text: &str, place: usize, width: usize) -> Option<usize> {
    let rest = text.get(place..)?;
    let separator = usize::from(rest.starts_with(['.', ':', '-']));
    let digits = rest.get(separator..separator + width)?;
    is_number(digits).then_some(place + separator + width)
}

/// `1.2.x-dev`: an `x` or nothing is any number.
fn numeric_branch(text: &str) -> Option<Vec<&str>> {
    let name = text.strip_suffix("dev")?;
    let name = name.strip_suffix(['.', '-']).unwrap_or(name);
    let mut numbers = Vec::new();
    for (place, field) in name.split('.').enumerate() {
        numbers.push(match field {
            "x" | "*" if place > 0 => ANY,
            number if is_number(number) => number,
            _ => return None,
        });
    }
    if numbers.len() > 4 {
        return None;
    }
    numbers.resize(4, ANY);
    Some(numbers)
}

/// What may follow the numbers.
struct Modifier<'a> {
    stability: Stability,
    numbers: Vec<&'a str>,
    dev: bool,
}

impl<'a> Modifier<'a> {
    fn new(text: &'a str) -> Option<Self> {
        // The separator may belong to the stability or to `dev`, so both readings are tried.
        let after = text.strip_prefix(['.', '_', '-']).unwrap_or(text);
        [after, text].into_iter().find_map(|text| {
            let named = STABILITIES
                .iter()
                .filter_map(|(name, stability)| Some((text.strip_prefix(name)?, *stability)));
            for (mut rest, stability) in named {
                let mut numbers = Vec::new();
                loop {
                    let (number, beyond) = split_digits(rest.strip_prefix(['.', '-']).unwrap_or(rest));
                    if number.is_empty() {
                        break;
                    }
                    numbers.push(number);
                    rest = beyond;
                }
                if let Some(dev) = ends_with_dev(rest) {
                    return Some(Self { stability, numbers, dev });
                }
            }
            ends_with_dev(text).map(|dev| Self { stability: Stability::Unnamed, numbers: Vec::new(), dev })
        })
    }

    fn write(&self, key: &mut Key) {
        match self.stability {
            Stability::Stable => return,
            Stability::Tag(tag) => {
                key.tag(tag);
                write(&self.numbers, key);
            }
            Stability::Unnamed => {}
        }
        if self.dev {
            key.tag(DEV);
        }
    }
}

fn ends_with_dev(text: &str) -> Option<bool> {
    match text {
        "" => Some(false),
        "dev" | ".dev" | "-dev" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Composer;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn rises_by_stability() {
        assert_rising(
            Composer,
            &[
                &["dev-feature/x"],
                &["dev-master", "master"],
                &["1.0.0-dev", "1-dev", "1.0.0.0-DEV"],
                &["1.0.0-alpha1-dev"],
                &["1.0.0-alpha1", "1.0a1", "v1.0.0.alpha.1", "1.0-ALPHA-1"],
                &["1.0.0-beta2", "1.0.0b2", "1.0_beta2"],
                &["1.0.0-beta.10"],
                &["1.0.0-RC1", "1.0.0-rc1", "1.0RC1"],
                &["1.0.0", "1", "v1.0", "1.0.0.0", "1.0.0-stable", "1.0.0+build", "1.0.0@dev", "1.0 as 2.0"],
                &["1.0.0-patch1", "1.0.0-p1", "1.0pl1"],
                &["1.0.1"],
                &["1.x-dev", "1.*-dev"],
                &["2.0"],
                &["20100102"],
                &["20100102.0.3"],
            ],
        );
    }

    #[test]
    fn refuses_what_composer_refuses() {
        assert_refused(
            Composer,
            &["", "a", "1.0.0-meh", "1.0.0.0.0", "feature-foo-dev", "1.0 .2", "1.0.0<1", "1..0"],
        );
    }
}

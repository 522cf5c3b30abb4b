//! Maven's `ComparableVersion`, <https://maven.apache.org/pom.html#version-order-specification>.
//!
//! A version is a list of items; a hyphen, or a change between letters and digits, begins a list within the list,
//! which is always the last item of the one around it. So the whole is a chain of flat lists.
//!
//! Maven compares item by item and fills the shorter list with nothing, to which 0 is equal. On odd versions that
//! order runs in a circle: `1 < 1-sp < 1.0.alpha.1 < 1`, since a 0 is more than any qualifier, and yet nothing. Here
//! what a version goes on with stands first of all before or after nothing, and then by its kind.

use super::Expected;
use crate::version::key::{Key, is_number};

const BELOW_TEXT: u8 = 1;
const BELOW_LIST: u8 = 2;
const BELOW_ZERO: u8 = 3;
const NOTHING: u8 = 4;
const ABOVE_TEXT: u8 = 5;
const ABOVE_LIST: u8 = 6;
const NUMBER: u8 = 7;

/// The known qualifiers; what stands before the release is less than it, and an unknown one is more than all.
const QUALIFIERS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", RELEASE_NAME, "sp"];
const RELEASE_NAME: &str = "";
const RELEASE: usize = 5;

#[derive(PartialEq, Eq)]
enum Item {
    /// The list that is the last item begins.
    List,
    Number(String),
    Qualifier(String),
}

#[expect(clippy::unnecessary_wraps, reason = "all orders have this shape, and Maven takes any text")]
pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let mut items = items(lists(&text.to_lowercase()));
    // Whether what begins with an item is more than nothing: by the first item that differs from nothing.
    let mut above = vec![false; items.len() + 1];
    for (place, item) in items.iter().enumerate().rev() {
        above[place] = item.sign().unwrap_or(above[place + 1]);
    }
    for (item, above) in items.drain(..).zip(above) {
        item.write(above, key);
    }
    key.tag(NOTHING);
    Ok(())
}

/// The chain in one row, without what is equal to nothing at the end of a list.
fn items(lists: Vec<Vec<Item>>) -> Vec<Item> {
    let mut items = Vec::new();
    for mut list in lists {
        while list.last().is_some_and(|item| item.sign().is_none()) {
            list.pop();
        }
        items.extend(list);
        items.push(Item::List);
    }
    while items.last() == Some(&Item::List) {
        items.pop();
    }
    items
}

/// The chain of lists, each the last item of the one before it.
fn lists(text: &str) -> Vec<Vec<Item>> {
    let mut lists = Lists { all: Vec::new(), open: Vec::new() };
    let mut start = 0;
    let mut in_number = false;
    for (place, c) in text.char_indices() {
        let token = &text[start..place];
        match c {
            '.' | '-' => {
                lists.open.push(if token.is_empty() { Item::zero() } else { Item::new(token) });
                start = place + 1;
                if c == '-' {
                    lists.begin();
                }
            }
            _ if c.is_ascii_digit() => {
                if !in_number && !token.is_empty() {
                    lists.begin_unless_empty();
                    lists.open.push(Item::before_number(token));
                    lists.begin();
                    start = place;
                }
                in_number = true;
            }
            _ => {
                if in_number && !token.is_empty() {
                    lists.open.push(Item::new(token));
                    lists.begin();
                    start = place;
                }
                in_number = false;
            }
        }
    }
    let token = &text[start..];
    if !token.is_empty() {
        if !is_number(token) {
            lists.begin_unless_empty();
        }
        lists.open.push(Item::new(token));
    }
    lists.begin();
    lists.all
}

struct Lists {
    all: Vec<Vec<Item>>,
    open: Vec<Item>,
}

impl Lists {
    fn begin(&mut self) {
        self.all.push(std::mem::take(&mut self.open));
    }

    fn begin_unless_empty(&mut self) {
        if !self.open.is_empty() {
            self.begin();
        }
    }
}

impl Item {
    fn zero() -> Self {
        Self::Number(String::new())
    }

    fn new(token: &str) -> Self {
        if is_number(token) {
            return Self::Number(token.trim_start_matches('0').to_owned());
        }
        Self::Qualifier(
            match token {
                "ga" | "final" | "release" => RELEASE_NAME,
                "cr" => "rc",
                other => other,
            }
            .to_owned(),
        )
    }

    /// A qualifier with a number behind it may be one letter.
    fn before_number(token: &str) -> Self {
        Self::new(match token {
            "a" => "alpha",
            "b" => "beta",
            "m" => "milestone",
            other => other,
        })
    }

    /// Whether it is more than nothing; none if it is equal to nothing.
    fn sign(&self) -> Option<bool> {
        match self {
            Self::List => None,
            Self::Number(digits) => (!digits.is_empty()).then_some(true),
            Self::Qualifier(name) => match rank(name) {
                RELEASE => None,
                rank => Some(rank > RELEASE),
            },
        }
    }

    fn write(&self, above: bool, key: &mut Key) {
        match self {
            Self::List => key.tag(if above { ABOVE_LIST } else { BELOW_LIST }),
            Self::Number(_) if !above => key.tag(BELOW_ZERO),
            Self::Number(digits) => {
                key.tag(NUMBER);
                key.number(digits);
            }
            Self::Qualifier(name) => {
                key.tag(if above { ABOVE_TEXT } else { BELOW_TEXT });
                let rank = rank(name);
                key.count(rank);
                if rank == QUALIFIERS.len() {
                    key.text(name);
                }
            }
        }
    }
}

fn rank(name: &str) -> usize {
    QUALIFIERS.iter().position(|known| *known == name).unwrap_or(QUALIFIERS.len())
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Maven;
    use crate::version::order::assert_rising;

    #[test]
    fn rises_as_the_documentation_says() {
        assert_rising(
            Maven,
            &[
                &["1-alpha-1", "1-a1", "1.0-alpha1", "1.0.0.a1", "1.0alpha1"],
                &["1-alpha-2"],
                &["1-beta-1", "1-b1"],
                &["1-milestone-1", "1-m1"],
                &["1-rc", "1-cr", "1-RC"],
                &["1-rc-1", "1-cr1"],
                &["1-SNAPSHOT", "1.0-SNAPSHOT"],
                &[
                    "1",
                    "1.0",
                    "1.0.0",
                    "1-0",
                    "1.ga",
                    "1-ga",
                    "1.final",
                    "1-FINAL",
                    "1-release",
                    "1.0-0",
                    "1-",
                ],
                &["1-sp"],
                &["1-sp-1", "1-sp1"],
                &["1-jre8"],
                &["1-xyz"],
                &["1-1", "1.0-1", "1.0.0-1"],
                &["1-2"],
                &["1.0.1"],
                &["1.1"],
                &["1.10"],
                &["99999999999999999999999"],
            ],
        );
    }

    #[test]
    fn stands_in_one_place_where_maven_runs_in_a_circle() {
        assert_rising(Maven, &[&["1.0.alpha.1"], &["1"], &["1-sp"], &["1.0.1"]]);
        assert_rising(Maven, &[&["1-alpha"], &["1"], &["1.sp.1"]]);
    }

    #[test]
    fn any_text_has_a_place() {
        assert_rising(
            Maven,
            &[&["alpha"], &["-", "0", "....", "----", "0.0-0"], &["foo"], &["zzz-1"], &["1"]],
        );
        for text in ["${project.version}", "ü.1", "1..2", "-.-.-1", "a1b2c3-.-"] {
            assert_rising(Maven, &[&[text]]);
        }
    }
}

//! Haskell's Package Versioning Policy, <https://pvp.haskell.org>: numbers joined by `.`; the shorter is less.

use super::Expected;
use crate::version::key::{Key, is_number};

const END: u8 = 0;
const MORE: u8 = 1;

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    for number in text.split('.') {
        if !is_number(number) {
            return Err("numbers joined by '.', as in 1.2.3.4");
        }
        key.tag(MORE);
        key.number(number);
    }
    key.tag(END);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Hackage;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn the_shorter_is_less() {
        assert_rising(Hackage, &[&["0.9"], &["1"], &["1.0"], &["1.0.0"], &["1.2"], &["1.10"], &["2"]]);
        assert_refused(Hackage, &["", "1.", "a", "1.a", "1..2", "1-2"]);
    }
}

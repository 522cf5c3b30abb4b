//! Debian's dpkg, <https://www.debian.org/doc/debian-policy/ch-controlfields.html#version>.
//!
//! `[epoch:]upstream[-revision]`; each of the last two is read as a run of other characters, a number, a run, and so
//! on. In a run `~` is less than its end, letters are more, and all else is more than letters.

use super::Expected;
use crate::version::key::{Key, is_number, split_digits};

const TILDE: u8 = 1;
const END: u8 = 2;
/// Letters keep their value and what is no letter goes above them.
const OTHERS: u8 = 0x80;

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    if !is_number(epoch) {
        return Err("an epoch that is a number, as in 1:2.3-4");
    }
    key.number(epoch);
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return Err("a revision after the last '-'"),
        Some(split) => split,
        None => (rest, ""),
    };
    if upstream.is_empty() {
        return Err("an upstream version, as in 1:2.3-4");
    }
    let sound = |text: &str, marks: &[u8]| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
    };
    if !sound(upstream, b".+-~:") || !sound(revision, b".+~") {
        return Err("letters, digits, and '.', '+', '~' (before a revision also '-' and ':')");
    }
    part(upstream, key);
    part(revision, key);
    Ok(())
}

/// No revision is revision 0, and a version that ends in letters has a 0 after them.
fn part(text: &str, key: &mut Key) {
    let mut rest = text;
    loop {
        let end = rest.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
        let (run, after) = rest.split_at(end);
        for byte in run.bytes() {
            key.tag(match byte {
                b'~' => TILDE,
                letter if letter.is_ascii_alphabetic() => letter,
                other => OTHERS | other,
            });
        }
        key.tag(END);
        let (number, after) = split_digits(after);
        key.number(number);
        if after.is_empty() {
            break;
        }
        rest = after;
    }
    // What goes on after a number goes on with a run, so this ends the part as an empty run would.
    key.tag(END);
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Dpkg;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn rises_as_the_policy_says() {
        assert_rising(Dpkg, &[&["1~~"], &["1~~a"], &["1~"], &["1", "0:1", "1-0", "01", "1-00"], &["1a"]]);
        assert_rising(
            Dpkg,
            &[
                &["0", "0-0", "0:0-0"],
                &["0-1"],
                &["1.0~beta1~svn1245"],
                &["1.0~beta1"],
                &["1.0~rc1-1"],
                &["1.0"],
                &["1.0-1~deb12u1"],
                &["1.0-1"],
                &["1.0-1+b1"],
                &["1.0-1.1"],
                &["1.0-10"],
                &["1.0a"],
                &["1.0+dfsg-1"],
                &["1.0.0"],
                &["1.2.3-4-5"],
                &["9"],
                &["10"],
                &["1:0.1", "01:0.1"],
            ],
        );
    }

    #[test]
    fn refuses_what_is_no_version() {
        assert_refused(Dpkg, &["", ":1", "a:1", "1:", "1-", "-1", "1_2", "1 2", "1-2:3", "ü"]);
    }
}

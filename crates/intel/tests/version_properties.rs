//! What holds in every order, whatever the text.

use std::cmp::Ordering;
use std::collections::HashSet;

use floodmark_intel::version::{MAX_LEN, Order, Version, VersionError};

/// Texts of characters that mean something in some order, the same in every run.
fn texts(count: usize) -> Vec<String> {
    const CHARACTERS: &[&str] = &[
        "0",
        "0",
        "1",
        "2",
        "9",
        "10",
        "007",
        ".",
        ".",
        "-",
        "-",
        "_",
        "~",
        "^",
        "+",
        ":",
        "!",
        "a",
        "b",
        "rc",
        "alpha",
        "dev",
        "post",
        "v",
        "p",
        "r",
        "x",
        "sp",
        "Z",
        "ü",
        "@",
        " ",
        "-r1",
        "99999999999999999999",
    ];
    let mut state = 0x5eed_u64;
    let mut next = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % bound
    };
    (0..count).map(|_| (0..=next(7)).map(|_| CHARACTERS[next(CHARACTERS.len())]).collect()).collect()
}

fn versions(order: Order) -> Vec<Version> {
    texts(12_000).iter().filter_map(|text| Version::parse(text, order).ok()).take(220).collect()
}

#[test]
fn every_order_is_total() {
    for order in Order::ALL {
        let versions = versions(order);
        assert!(versions.len() > 50, "{order}: {}", versions.len());
        for a in &versions {
            for b in &versions {
                assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a:?} {b:?}");
                assert_eq!(a.cmp(b) == Ordering::Equal, a == b, "{a:?} {b:?}");
                for c in versions.iter().step_by(5) {
                    assert!(!(a <= b && b <= c) || a <= c, "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}

#[test]
fn equal_versions_hash_equally() {
    for order in Order::ALL {
        let versions = versions(order);
        let mut sorted = versions.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(versions.into_iter().collect::<HashSet<_>>().len(), sorted.len(), "{order}");
    }
}

#[test]
fn a_version_shows_what_was_written() {
    for order in Order::ALL {
        for text in texts(3_000) {
            if let Ok(version) = Version::parse(&text, order) {
                assert_eq!(version.to_string(), text);
            }
        }
    }
}

#[test]
fn absurd_texts_end_with_a_version_or_an_error() {
    for order in Order::ALL {
        for piece in ["1", "1.", "a1", "-", ".", "~", "1-", "1.x-", "1:", "é", "20", "2010.01", "+", "0."] {
            for length in [1, MAX_LEN / 2, MAX_LEN] {
                let mut text = piece.repeat(length / piece.len());
                text.push_str(if length % 2 == 0 { "" } else { "1" });
                let _ = Version::parse(&text, order);
            }
        }
        let long = "1".repeat(MAX_LEN + 1);
        assert_eq!(Version::parse(&long, order), Err(VersionError::TooLong { bytes: MAX_LEN + 1 }));
        assert!(Version::parse(&long[1..], order).is_ok() || order == Order::Composer, "{order}");
        for text in ["", " ", "1\u{0}", "1\n2", "\u{7f}"] {
            let error = Version::parse(text, order).unwrap_err().to_string();
            assert!(error.contains("expected"), "{error}");
        }
    }
}

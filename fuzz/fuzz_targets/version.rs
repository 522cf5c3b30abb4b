//! Version orders: the first byte chooses one, the lines after it are versions and the events of a range.
#![no_main]

use floodmark_intel::version::{Ecosystem, Event, Order, Range, RangeKind, Version};

const ECOSYSTEMS: [&str; 15] = [
    "npm",
    "Go",
    "Pub",
    "PyPI",
    "Maven",
    "NuGet",
    "RubyGems",
    "Packagist",
    "Debian:12",
    "AlmaLinux:9",
    "Alpine:v3.20",
    "Arch Linux",
    "CRAN",
    "Hackage",
    "ConanCenter",
];

libfuzzer_sys::fuzz_target!(|input: (u8, &str)| {
    let chosen = usize::from(input.0) % Order::ALL.len();
    let versions: Vec<Version> =
        input.1.lines().take(8).filter_map(|line| Version::parse(line, Order::ALL[chosen]).ok()).collect();
    for a in &versions {
        for b in &versions {
            assert_eq!(a.cmp(b), b.cmp(a).reverse());
            assert_eq!(a == b, a.key() == b.key());
            for c in &versions {
                assert!(!(a <= b && b <= c) || a <= c, "{a:?} {b:?} {c:?}");
            }
        }
    }
    let Ok(ecosystem) = ECOSYSTEMS[chosen].parse::<Ecosystem>() else { return };
    let events = input.1.lines().enumerate().map(|(place, line)| match place % 4 {
        0 => Event::Introduced(line),
        1 => Event::Fixed(line),
        2 => Event::LastAffected(line),
        _ => Event::Limit(line),
    });
    if let Ok(range) = Range::new(RangeKind::Ecosystem, &ecosystem, events) {
        for version in &versions {
            let fix = range.fix_for(version).unwrap_or_default();
            assert!(fix.is_none_or(|fix| fix > version), "{version:?} is mended by {fix:?}");
        }
    }
});

//! Numbers, sizes and times, as people read them.

use floodmark_case::{Timestamp, Window};

/// `41022` as `41,022`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Bytes in powers of ten (`312.4 GB`), as clouds bill them.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `1 key`, `2 keys`; the plural is given where it is not the singular with an `s`.
pub fn counted(number: u64, singular: &str) -> String {
    let noun = match (number, singular.strip_suffix('y')) {
        (1, _) => return format!("1 {singular}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if singular.ends_with('s') => format!("{singular}es"),
        _ => format!("{singular}s"),
    };
    format!("{} {noun}", thousands(number))
}

/// `2026-03-19`.
pub(crate) fn day(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d").to_string()
}

/// `18:24:11`.
pub(crate) fn clock(instant: Timestamp) -> String {
    instant.strftime("%H:%M:%S").to_string()
}

/// `2026-03-19 18:24:11`.
pub fn second(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `2026-03-19 18:24`.
pub(crate) fn minute(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M").to_string()
}

/// From when to when, to the minute, with the parts that repeat left away; in UTC, which it does not say.
pub(crate) fn window(window: Window) -> String {
    let (from, to) = (minute(window.from), minute(window.to));
    if from == to {
        return from;
    }
    if day(window.from) == day(window.to) {
        return format!("{from} – {}", window.to.strftime("%H:%M"));
    }
    format!("{from} – {to}")
}

/// How long it lasted: `4 d 14 h`, `2 h 5 min`, `12 s`.
pub(crate) fn length(window: Window) -> String {
    let seconds = u64::try_from(window.to.as_second().saturating_sub(window.from.as_second())).unwrap_or(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, 0) => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, 0, _) => format!("{} d", thousands(days)),
        _ => format!("{} d {hours} h", thousands(days)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(
            ["0", "999", "1,000", "41,022", "1,234,567"].join(" "),
            [0, 999, 1000, 41_022, 1_234_567].map(thousands).join(" ")
        );
        assert_eq!(
            [0, 999, 1000, 999_949, 999_950, 312_400_000_000].map(bytes).join("; "),
            "0 B; 999 B; 1.0 kB; 999.9 kB; 1.0 MB; 312.4 GB"
        );
        assert_eq!(bytes(u64::MAX), "18.4 EB");
        assert_eq!(
            [counted(1, "key"), counted(2, "key"), counted(3, "policy"), counted(0, "address")].join("; "),
            "1 key; 2 keys; 3 policies; 0 addresses"
        );
    }

    #[test]
    fn a_window_says_no_more_than_it_must() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let between = |a, b| window(Window::between(at(a), at(b)));
        assert_eq!(between("2026-03-19T18:24:11Z", "2026-03-19T18:24:50Z"), "2026-03-19 18:24");
        assert_eq!(between("2026-03-19T18:24:11Z", "2026-03-19T19:00:00Z"), "2026-03-19 18:24 – 19:00");
        assert_eq!(
            between("2026-03-19T18:24:11Z", "2026-03-20T19:00:00Z"),
            "2026-03-19 18:24 – 2026-03-20 19:00"
        );
        assert_eq!(
            length(Window::between(at("2026-03-19T00:00:00Z"), at("2026-03-23T14:10:00Z"))),
            "4 d 14 h"
        );
    }
}

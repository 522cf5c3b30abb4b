//! Instants as the engine counts them.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Microseconds since 1970-01-01T00:00:00Z: eight bytes, ordered, cheap to bucket.
///
/// CloudTrail gives whole seconds; S3 and VPC logs too; GuardDuty and SIEM exports give fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

impl Time {
    /// Before everything.
    pub const MIN: Self = Self(i64::MIN);
    /// After everything.
    pub const MAX: Self = Self(i64::MAX);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This many seconds later (earlier, if negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Reads RFC 3339 (`2026-03-19T18:40:12Z`, with or without a fraction or an offset), and what data lakes make of
    /// it (`2026-03-19 18:40:12.000`, perhaps with ` UTC`): all times in AWS's logs are UTC.
    pub fn parse(text: &str) -> Option<Self> {
        parse_utc_seconds(text.as_bytes())
            .or_else(|| text.parse::<Timestamp>().ok().map(Self::from))
            .or_else(|| parse_without_zone(text))
    }

    /// The same instant in the vocabulary of a case; the ends of time are clamped to what it can hold.
    pub fn to_timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_timestamp().fmt(f)
    }
}

/// A date and a clock that name no zone.
fn parse_without_zone(text: &str) -> Option<Time> {
    let civil = text.strip_suffix("UTC").unwrap_or(text).trim_end();
    let (_, clock) = civil.split_once(['T', ' '])?;
    if !clock.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')) {
        return None; // a zone that the general parser refused
    }
    let civil: DateTime = civil.parse().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok().map(Time::from)
}

/// The form that nearly every log uses, `YYYY-MM-DDTHH:MM:SSZ`, without the cost of a general parser.
fn parse_utc_seconds(text: &[u8]) -> Option<Time> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', i0, i1, b':', s0, s1, b'Z'] = text
    else {
        return None;
    };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    let two = |tens, ones| Some(digit(tens)? * 10 + digit(ones)?);
    let (year, month, day) = (two(y0, y1)? * 100 + two(y2, y3)?, two(m0, m1)?, two(d0, d1)?);
    let (hour, minute, second) = (two(h0, h1)?, two(i0, i1)?, two(s0, s1)?);
    let in_range =
        (1..=12).contains(&month) && (1..=28).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if !in_range {
        return None; // days 29 to 31 and leap seconds go through the general parser, which knows the calendar
    }
    Some(Time::from_seconds(days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second))
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_form_agrees_with_the_general_parser_on_every_day_of_a_century() {
        let mut instant = Time::from_seconds(0);
        while instant < Time::from_seconds(3_200_000_000) {
            let text = instant.to_string();
            assert_eq!(Time::parse(&text), Some(instant), "{text}");
            instant = instant.plus_seconds(86_400 + 3_661);
        }
    }

    #[test]
    fn a_time_without_a_zone_is_utc() {
        let expected = Time::parse("2026-03-19T18:40:12.5Z");
        for text in ["2026-03-19 18:40:12.5", "2026-03-19T18:40:12.500000000", "2026-03-19 18:40:12.500 UTC"]
        {
            assert_eq!(Time::parse(text), expected, "{text}");
        }
        for text in ["2026-03-19", "2026-03-19 18:40:12 CET", "2026-02-30 18:40:12", "2026-03-19 25:00:00"] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }

    #[test]
    fn fractions_and_offsets_are_read_and_nonsense_is_not() {
        assert_eq!(Time::parse("1970-01-01T01:00:00.5+01:00"), Some(Time::from_micros(500_000)));
        assert_eq!(
            Time::parse("2024-02-29T00:00:00Z").map(|time| time.to_string()).as_deref(),
            Some("2024-02-29T00:00:00Z")
        );
        for text in ["", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "yesterday", "2026-03-19T24:00:00Z"]
        {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }
}

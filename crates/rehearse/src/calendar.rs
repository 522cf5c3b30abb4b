//! The fortnight: 2026-03-14T00:00Z (a Saturday) to 2026-03-28T00:00Z, in ticks of a quarter of an hour.

use std::fmt::Write;

use floodmark_case::Timestamp;

/// Seconds since the fortnight began.
pub(crate) type Moment = u64;

/// 2026-03-14T00:00:00Z, in Unix seconds.
pub(crate) const START: u64 = 1_773_446_400;
/// How many days the fortnight has.
pub(crate) const DAYS: u64 = 14;
/// How many ticks a day has.
pub(crate) const TICKS_PER_DAY: u64 = 96;
/// How many ticks the fortnight has.
pub(crate) const TICKS: u64 = DAYS * TICKS_PER_DAY;
/// How many seconds a tick has.
pub(crate) const TICK: u64 = 900;
const FIRST_DAY_OF_MONTH: u64 = 14;

/// The moment of a day of March and a time of day.
pub(crate) const fn march(day: u64, hour: u64, minute: u64) -> Moment {
    (day - FIRST_DAY_OF_MONTH) * 86_400 + hour * 3_600 + minute * 60
}

/// The moment as a timestamp.
pub(crate) fn timestamp(at: Moment) -> Timestamp {
    Timestamp::from_second((START + at) as i64).unwrap_or_default()
}

/// Day of March, hour, minute, second.
pub(crate) const fn parts(at: Moment) -> (u64, u64, u64, u64) {
    (FIRST_DAY_OF_MONTH + at / 86_400, at / 3_600 % 24, at / 60 % 60, at % 60)
}

fn two(number: u64, out: &mut String) {
    out.push(char::from(b'0' + (number / 10 % 10) as u8));
    out.push(char::from(b'0' + (number % 10) as u8));
}

/// Appends `2026-03-19T18:40:00Z`.
pub(crate) fn iso(at: Moment, out: &mut String) {
    let (day, hour, minute, second) = parts(at);
    out.push_str("2026-03-");
    two(day, out);
    out.push('T');
    two(hour, out);
    out.push(':');
    two(minute, out);
    out.push(':');
    two(second, out);
    out.push('Z');
}

/// `2026-03-19T18:40:00Z`.
pub(crate) fn iso_text(at: Moment) -> String {
    let mut out = String::with_capacity(20);
    iso(at, &mut out);
    out
}

/// Appends `Mar 19, 2026, 6:40:00 PM`, as IAM and STS write times in their answers.
pub(crate) fn american(at: Moment, out: &mut String) {
    let (day, hour, minute, second) = parts(at);
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = (hour + 11) % 12 + 1;
    let _ = write!(out, "Mar {day}, 2026, {hour}:{minute:02}:{second:02} {half}");
}

/// `2026-03-19-18-40-00`, as S3 names access logs.
pub(crate) fn dashed(at: Moment) -> String {
    let (day, hour, minute, second) = parts(at);
    format!("2026-03-{day:02}-{hour:02}-{minute:02}-{second:02}")
}

/// `19/Mar/2026:18:40:00 +0000`, as S3 access logs write times.
pub(crate) fn apache(at: Moment) -> String {
    let (day, hour, minute, second) = parts(at);
    format!("{day:02}/Mar/2026:{hour:02}:{minute:02}:{second:02} +0000")
}

/// `20260319T1840Z`, as log files are named.
pub(crate) fn compact(at: Moment) -> String {
    let (day, hour, minute, _) = parts(at);
    format!("202603{day:02}T{hour:02}{minute:02}Z")
}

/// When an actor is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rhythm {
    /// Office hours of central Europe, a little in the evening, next to nothing at weekends.
    Office,
    /// Office hours two hours later.
    LateOffice,
    /// A team in another time zone: evening and night.
    Overseas,
    /// Builds: office hours and a nightly run, some at weekends.
    Builds,
    /// Evenly, day and night.
    Always,
    /// A load that follows the visitors of web sites.
    Daylight,
    /// One batch after midnight.
    Nightly,
    /// The first quarter of each hour.
    Hourly,
    /// Sunday night.
    Weekly,
    /// Weekdays around a deployment window in the afternoon.
    Deploys,
}

impl Rhythm {
    /// How much of an actor's work falls into a tick, as a weight.
    pub(crate) fn weight(self, tick: u64) -> u64 {
        let day = tick / TICKS_PER_DAY;
        let weekend = matches!(day % 7, 0 | 1);
        let hour = tick % TICKS_PER_DAY / 4;
        match self {
            Self::Office => office(hour, weekend),
            Self::LateOffice => office((hour + 22) % 24, weekend),
            Self::Overseas => office((hour + 15) % 24, weekend && day.is_multiple_of(7)),
            Self::Builds => office(hour, weekend) + if hour == 2 { 30 } else { 2 },
            Self::Always => 10,
            Self::Daylight => {
                [3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 12, 12, 11, 11, 10, 10, 9, 9, 8, 6, 4]
                    [hour as usize]
            }
            Self::Nightly => u64::from(hour == 1 || hour == 2) * 100 + u64::from(hour == 3) * 30,
            Self::Hourly => u64::from(tick.is_multiple_of(4)) * 10,
            Self::Weekly => u64::from(day % 7 == 1 && hour >= 21) * 10,
            Self::Deploys => {
                if weekend {
                    0
                } else {
                    [(13, 40), (14, 60), (15, 25), (9, 10)]
                        .iter()
                        .find(|at| at.0 == hour)
                        .map_or(0, |at| at.1)
                }
            }
        }
    }
}

fn office(hour: u64, weekend: bool) -> u64 {
    let weekday = match hour {
        7 => 15,
        8 | 12 | 17 => 60,
        9..=11 | 13..=16 => 100,
        18 => 25,
        19..=21 => 6,
        _ => 0,
    };
    if weekend { weekday / 40 } else { weekday }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_each_log_writes_it() {
        let at = march(19, 18, 5) + 7;
        assert_eq!(iso_text(at), "2026-03-19T18:05:07Z");
        assert_eq!(timestamp(at).to_string(), "2026-03-19T18:05:07Z");
        assert_eq!(apache(at), "19/Mar/2026:18:05:07 +0000");
        assert_eq!(compact(at), "20260319T1805Z");
        let mut american_time = String::new();
        american(march(20, 0, 30), &mut american_time);
        assert_eq!(american_time, "Mar 20, 2026, 12:30:00 AM");
    }

    #[test]
    fn the_first_day_is_a_saturday_without_office_hours() {
        let work = |day: u64| (day * 96..(day + 1) * 96).map(|tick| Rhythm::Office.weight(tick)).sum::<u64>();
        assert!(work(0) * 10 < work(2) && work(1) * 10 < work(2));
        assert_eq!(work(7), work(0));
    }
}

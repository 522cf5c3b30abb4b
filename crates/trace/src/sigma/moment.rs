//! The parts of a time that rules may ask for.

/// A part of a time: `|minute`, `|hour`, `|day`, `|week`, `|month`, `|year`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum TimePart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl TimePart {
    /// The part of a time such as `2023-07-10T12:20:05Z`, as it is written: the zone is not looked at.
    ///
    /// Weeks are those of ISO 8601. `None` where the text is not a time, or has no clock time to ask for.
    pub(super) fn of(self, text: &str) -> Option<i64> {
        let year = number(text, 0, 4, Some(('-', 4)))?;
        let month = number(text, 5, 7, Some(('-', 7)))?;
        let day = number(text, 8, 10, None)?;
        let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        match self {
            Self::Year => Some(i64::from(date.year())),
            Self::Month => Some(i64::from(date.month())),
            Self::Day => Some(i64::from(date.day())),
            Self::Week => Some(i64::from(date.iso_week_date().week())),
            Self::Hour => clock(text, 11, 24),
            Self::Minute => clock(text, 11, 24).and_then(|_| clock(text, 14, 60)),
        }
    }
}

fn clock(text: &str, from: usize, below: i16) -> Option<i64> {
    let before = text.as_bytes().get(from - 1)?;
    let separated = if from == 11 { matches!(before, b'T' | b't' | b' ') } else { *before == b':' };
    let value = number(text, from, from + 2, None)?;
    (separated && value < below).then_some(i64::from(value))
}

fn number(text: &str, from: usize, to: usize, then: Option<(char, usize)>) -> Option<i16> {
    let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    match then {
        Some((char, at)) if !text.get(at..)?.starts_with(char) => None,
        _ => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_read_as_it_is_written() {
        let of = |part: TimePart| part.of("2023-07-10T12:20:05Z");
        assert_eq!(of(TimePart::Minute), Some(20));
        assert_eq!(of(TimePart::Hour), Some(12));
        assert_eq!(of(TimePart::Day), Some(10));
        assert_eq!(of(TimePart::Week), Some(28));
        assert_eq!(of(TimePart::Month), Some(7));
        assert_eq!(of(TimePart::Year), Some(2023));
        assert_eq!(TimePart::Hour.of("2023-07-10 23:00"), Some(23));
        assert_eq!(TimePart::Hour.of("2023-07-10"), None);
        for wrong in ["", "ä023-07-10", "2023-13-10", "2023/07/10", "2023-07-10x12:00", "yesterday"] {
            assert_eq!(TimePart::Minute.of(wrong), None, "{wrong}");
        }
    }
}

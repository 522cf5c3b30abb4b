//! R's `package_version`: numbers joined by `.` or `-`; zeros at the end do not count.

use super::Expected;
use crate::version::key::{Key, is_number};

const END: u8 = 0;
const MORE: u8 = 1;

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let mut numbers: Vec<&str> = text.split(['.', '-']).collect();
    if !numbers.iter().all(|number| is_number(number)) {
        return Err("numbers joined by '.' or '-', as in 1.2-3");
    }
    while numbers.last().is_some_and(|number| number.bytes().all(|digit| digit == b'0')) {
        numbers.pop();
    }
    for number in numbers {
        key.tag(MORE);
        key.number(number);
    }
    key.tag(END);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Cran;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn zeros_at_the_end_do_not_count() {
        assert_rising(
            Cran,
            &[&["0.9"], &["1", "1.0", "1-0", "01.00", "1.0.0"], &["1.0-1"], &["1.2"], &["1.10"], &["2"]],
        );
        assert_refused(Cran, &["", "1.", "a", "1.a", "1..2", "-1", "1.0+1"]);
    }
}

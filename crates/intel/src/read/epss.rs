//! FIRST's exploit predictions, as CSV: <https://www.first.org/epss/data_stats>.
//!
//! The first line is a comment with the model and the day, the second names the columns `cve,epss,percentile`.

use crate::database::Epss;

/// Whether a text is the table.
pub(super) fn recognises(text: &str) -> bool {
    text.starts_with("#model_version:") || text.starts_with("cve,epss,percentile")
}

/// Reads a table; `Err` says why it is none.
pub fn read(text: &str) -> Result<Table, String> {
    let mut lines = text.lines().enumerate().peekable();
    let comment = lines.next_if(|(_, line)| line.starts_with('#')).map_or("", |(_, line)| line);
    let date = comment.split(',').find_map(|part| part.trim_start_matches('#').strip_prefix("score_date:"));
    let date = date.ok_or("its first line names no day: expected #model_version:…,score_date:…")?.to_owned();
    let header = lines.next().map(|(_, line)| line.trim_end()).unwrap_or_default();
    if header != "cve,epss,percentile" {
        return Err(format!("its columns are {header:?}: expected cve,epss,percentile"));
    }
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        match row(line.trim_end()) {
            Some(row) => rows.push(row),
            None => problems.push(format!(
                "line {}: it is no row: expected a CVE and two numbers from 0 to 1",
                number + 1
            )),
        }
    }
    Ok((date, rows, problems))
}

/// The day, the rows, and what is wrong with others.
pub type Table = (String, Vec<(Box<str>, Epss)>, Vec<String>);

fn row(line: &str) -> Option<(Box<str>, Epss)> {
    let mut cells = line.split(',');
    let (cve, score, percentile) = (cells.next()?, cells.next()?, cells.next()?);
    let right = cve.starts_with("CVE-") && cve.len() <= 32 && cells.next().is_none();
    right.then_some(())?;
    Some((cve.into(), Epss { score: share(score)?, percentile: share(percentile)? }))
}

/// A number from 0 to 1, in hundred-thousandths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 1")]
fn share(text: &str) -> Option<u32> {
    let share: f64 = text.parse().ok()?;
    (0.0..=1.0).contains(&share).then(|| (share * f64::from(Epss::ONE)).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "#model_version:v2025.03.14,score_date:2026-03-23T12:55:00Z\ncve,epss,percentile\n\
                         CVE-2026-33634,0.91234,0.99871\nCVE-1,1e-05,0\nnonsense\nCVE-2,1.5,0\n";

    #[test]
    fn rows_are_read_and_a_wrong_one_is_told_with_its_line() {
        let (date, rows, problems) = read(TABLE).expect("a table");
        assert_eq!(date, "2026-03-23T12:55:00Z");
        assert_eq!(rows[0], ("CVE-2026-33634".into(), Epss { score: 91_234, percentile: 99_871 }));
        assert_eq!(rows[1], ("CVE-1".into(), Epss { score: 1, percentile: 0 }));
        assert_eq!(rows.len(), 2);
        assert!(problems[0].starts_with("line 5") && problems[1].starts_with("line 6"), "{problems:?}");
    }

    #[test]
    fn a_table_without_a_day_or_with_other_columns_is_none() {
        assert!(read("cve,epss,percentile\nCVE-1,0,0\n").is_err());
        assert!(read("#model_version:x,score_date:2026\ncve,risk\n").is_err());
        assert!(read("").is_err());
    }
}

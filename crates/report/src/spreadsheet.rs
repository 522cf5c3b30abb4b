//! The timeline as CSV (RFC 4180), safe to open in a spreadsheet.

use std::io::Write;

use floodmark_case::{Answer, Citation, TimelineRow};

use crate::{ReportError, inert, wording};

const HEADER: [&str; 17] = [
    "from",
    "to",
    "credential",
    "call",
    "outcome",
    "error",
    "count",
    "account",
    "region",
    "address",
    "user_agent",
    "resources",
    "resource_count",
    "bytes_out",
    "techniques",
    "findings",
    "citations",
];

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(HEADER).map_err(error)?;
    for row in &answer.story.timeline {
        csv.write_record(fields(row)).map_err(error)?;
    }
    csv.flush()?;
    Ok(())
}

fn fields(row: &TimelineRow) -> [String; 17] {
    [
        row.window.from.to_string(),
        row.window.to.to_string(),
        cell(&row.credential),
        cell(&row.call),
        wording::outcome(row.outcome).to_owned(),
        cell(row.error.as_deref().unwrap_or_default()),
        row.count.to_string(),
        cell(&row.account),
        cell(&row.region),
        cell(&row.address),
        cell(&row.user_agent),
        cell(&row.resources.join(" ")),
        row.resource_count.to_string(),
        row.bytes_out.to_string(),
        cell(&row.techniques.join(" ")),
        cell(&row.findings.join(" ")),
        cell(&citations(&row.citations)),
    ]
}

fn citations(citations: &[Citation]) -> String {
    citations
        .iter()
        .map(|citation| format!("{} {}", citation.evidence, citation.place))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Text that no spreadsheet takes for a formula: what begins like one, also behind spaces or as a full-width sign,
/// gets an apostrophe in front. Source: OWASP, "CSV Injection".
fn cell(text: &str) -> String {
    let begins_a_formula = text.starts_with(['\t', '\r', '\n'])
        || text.trim_start().starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠']);
    let apostrophe = if begins_a_formula { "'" } else { "" };
    format!("{apostrophe}{}", inert(text))
}

fn error(error: csv::Error) -> ReportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ReportError::Write(error),
        other => ReportError::Write(std::io::Error::other(format!("{other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_does_not_any_more() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|calc", "\u{feff}=1"] {
            let shown = cell(text);
            assert!(shown.starts_with(['\'', '\\']), "{text:?} became {shown:?}");
        }
        assert_eq!(cell("s3:GetObject"), "s3:GetObject");
    }
}

//! Events in a CSV table with a header: what Lake saves to S3, Athena's results, the console's event history, Splunk.

use std::io::{self, BufRead};

use serde_json::Value;

use super::{Reading, columns, records};

/// No row may be longer.
const MAX_ROW: usize = 4 << 20;

/// Columns beyond this many are passed over.
const MAX_COLUMNS: usize = 512;

/// Columns that hold a whole record as JSON.
const WHOLE: [&str; 5] = ["eventJson", "_raw", "CloudTrailEvent", "@message", "event.original"];

/// Whether a line is the header of a table of events.
pub(super) fn recognises(line: &str) -> bool {
    let mut names = Vec::new();
    // A header may go on in the next line, inside a quoted name; then what is here must do.
    let _ = row(&mut line.as_bytes(), &mut names);
    names.iter().any(|name| WHOLE.contains(&name.as_str()))
        || columns::make_an_event(names.iter().map(String::as_str))
}

/// Reads all rows. They are counted as lines would be if no field held a newline: the header is line 1.
pub(super) fn read(stream: &mut dyn BufRead, reading: &mut Reading<'_>) -> io::Result<()> {
    let mut header = Vec::new();
    row(stream, &mut header)?;
    let whole = WHOLE.iter().find_map(|name| header.iter().position(|column| column == name));
    let mut fields = Vec::new();
    for number in 2_u32.. {
        fields.clear();
        match row(stream, &mut fields) {
            Ok(false) => break,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                reading.problem(number, &error.to_string());
                continue;
            }
            other => drop(other?),
        }
        if fields.len() != header.len() && !fields.iter().all(String::is_empty) {
            let (is, should) = (fields.len(), header.len());
            reading.problem(
                number,
                &format!("has {is} fields; expected {should}, as the header has: read as far as they go"),
            );
        }
        match whole.and_then(|column| fields.get(column)) {
            Some(text) if text.starts_with('{') => records::read(text, number, reading),
            _ if fields.iter().all(String::is_empty) => {}
            _ => {
                let cells = header.iter().map(String::as_str).zip(fields.drain(..).map(Value::String));
                records::read(&columns::event_json(cells), number, reading);
            }
        }
    }
    Ok(())
}

/// Reads one row of RFC 4180 CSV; `false` at the end.
fn row(stream: &mut (impl BufRead + ?Sized), fields: &mut Vec<String>) -> io::Result<bool> {
    let mut field = Vec::new();
    let mut size = 0;
    let (mut quoted, mut after_quote, mut began) = (false, false, false);
    loop {
        let more = stream.fill_buf()?;
        if more.is_empty() {
            if began {
                finish(&mut field, fields);
            }
            if quoted && !after_quote {
                return Err(unreadable("ends inside a quoted field; expected a closing quote"));
            }
            break;
        }
        began = true;
        let mut taken = 0;
        let mut ended = false;
        for &byte in more {
            taken += 1;
            size += 1;
            match byte {
                b'"' if quoted && !after_quote => after_quote = true,
                b'"' if after_quote => {
                    after_quote = false;
                    field.push(byte);
                }
                b'"' if field.is_empty() || field == b"\xef\xbb\xbf" => {
                    field.clear();
                    quoted = true;
                }
                b',' if !quoted || after_quote => {
                    finish(&mut field, fields);
                    (quoted, after_quote) = (false, false);
                }
                b'\n' if !quoted || after_quote => {
                    finish(&mut field, fields);
                    ended = true;
                    break;
                }
                _ if size < MAX_ROW => field.push(byte),
                _ => {}
            }
        }
        stream.consume(taken);
        if ended {
            break;
        }
    }
    if size >= MAX_ROW {
        return Err(unreadable("is longer than 4 MiB, which no row of events is"));
    }
    Ok(began)
}

fn unreadable(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn finish(field: &mut Vec<u8>, fields: &mut Vec<String>) {
    if fields.len() >= MAX_COLUMNS {
        return field.clear();
    }
    let text = String::from_utf8_lossy(field);
    fields.push(text.trim_start_matches('\u{feff}').trim_end_matches('\r').to_owned());
    field.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_hold_commas_quotes_and_newlines() {
        let mut text = "\u{feff}\"a\",\"b \"\"c\"\", d\ne\",\r\nx,,y".as_bytes();
        let mut first = Vec::new();
        assert!(row(&mut text, &mut first).expect("a row"));
        assert_eq!(first, ["a", "b \"c\", d\ne", ""]);
        let mut second = Vec::new();
        assert!(row(&mut text, &mut second).expect("a row"));
        assert_eq!(second, ["x", "", "y"]);
        assert!(!row(&mut text, &mut second).expect("the end"));
    }
}

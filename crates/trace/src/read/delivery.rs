//! What CloudTrail delivers, `{"Records":[{…},{…}]}` on one line, read without detour.
//!
//! Nearly all that is ever read is of this form, so it has a reader of its own, which knows again what it has seen: the
//! layouts of records ([`layout`]), and callers ([`callers`]). It accepts nothing that `serde_json` would not; whatever it
//! does not know is [`Strange`], and left to others.

mod callers;
mod layout;
mod learn;
mod member;

use crate::event::Wire;
use crate::json::scan::{Result, Scan, Strange, is_one_line};
use callers::Callers;
use layout::Layouts;

/// What was seen in deliveries, kept from file to file.
#[derive(Debug, Default)]
pub(super) struct Seen {
    layouts: Layouts,
    callers: Callers,
}

/// A delivery, record by record.
pub(super) struct Delivery<'t, 's> {
    scan: Scan<'t>,
    is_first: bool,
    seen: &'s mut Seen,
}

impl<'t, 's> Delivery<'t, 's> {
    /// A delivery before its first record; `None` if the text is something else.
    pub(super) fn open(text: &'t str, seen: &'s mut Seen) -> Option<Self> {
        let text = text.trim_ascii();
        let mut scan = Scan { text, at: 0 };
        for token in ["{", "\"Records\"", ":", "["] {
            scan.token(token).ok()?;
        }
        is_one_line(text.as_bytes()).then_some(Self { scan, is_first: true, seen })
    }

    /// The next record, in the place of one that is no longer needed; `None` behind the last, where nothing follows.
    pub(super) fn next(&mut self, mut place: Box<Wire<'t>>) -> Result<Option<Box<Wire<'t>>>> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.scan.token("]").is_ok() {
            self.scan.token("}")?;
            return if self.scan.peek().is_none() { Ok(None) } else { Err(Strange) };
        }
        if !is_first {
            self.scan.token(",")?;
        }
        place.clear();
        self.seen.layouts.record(&mut self.scan, &mut self.seen.callers, &mut place)?;
        Ok(Some(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All records, and whether there was nothing but records.
    fn records(text: &str, seen: &mut Seen) -> (Vec<String>, bool) {
        let mut records = Vec::new();
        let Some(mut delivery) = Delivery::open(text, seen) else { return (records, false) };
        let mut place = Box::default();
        loop {
            match delivery.next(std::mem::take(&mut place)) {
                Ok(Some(mut wire)) => {
                    wire.same_caller = 0;
                    records.push(format!("{wire:?}"));
                    place = wire;
                }
                Ok(None) => return (records, true),
                Err(Strange) => return (records, false),
            }
        }
    }

    /// What has seen these records.
    fn having_seen(records: &[&str]) -> Seen {
        let mut seen = Seen::default();
        for record in records {
            Delivery::open(&format!(r#"{{"Records":[{record}]}}"#), &mut seen)
                .expect("a delivery")
                .next(Box::default())
                .expect("a record");
        }
        seen
    }

    fn as_serde_reads_it(record: &str) -> Option<String> {
        serde_json::from_str::<Wire<'_>>(record).ok().map(|wire| format!("{wire:?}"))
    }

    const RECORD: &str = r#"{"userIdentity":{"type":"IAMUser","n":[1,-2.50,true,{}],"m":{"a":[[],"x"]}},"eventTime":"2026-03-19T18:40:12Z","awsRegion":null,"userAgent":12,"errorCode":"","eventName":{"a":1}, "k\u0065y" : [ "a\"b" , { } , null ] ,"sourceIPAddress":"\u00e9\n","tlsDetails":{"v":"1"},"é":false}"#;

    /// One byte left out, or made another.
    fn altered(text: &str) -> impl Iterator<Item = String> {
        let bytes = text.as_bytes();
        let altered = (0..bytes.len()).flat_map(move |at| {
            [&b""[..], b"\"", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b" ", b"\n", b"e"]
                .map(|byte| [&bytes[..at], byte, &bytes[at + 1..]].concat())
        });
        altered.filter_map(|bytes| String::from_utf8(bytes).ok())
    }

    #[test]
    fn records_are_what_the_general_parser_makes_of_them() {
        let other = RECORD.replace("IAMUser", "Root");
        let text = format!(r#" {{"Records" : [{RECORD},{RECORD} , {other},{{}},{RECORD}]}} "#);
        let expected =
            [RECORD, RECORD, &other, "{}", RECORD].map(|record| as_serde_reads_it(record).expect("a record"));
        let mut seen = Seen::default();
        for _ in 0..2 {
            assert_eq!(records(&text, &mut seen), (expected.to_vec(), true));
        }
        assert_eq!(records(r#"{"Records":[]}"#, &mut seen), (Vec::new(), true));
    }

    /// What is read is what the general parser reads, or nothing: by one that has seen nothing, one that has seen the
    /// sound record, and one that has seen everything that came before.
    #[test]
    fn nothing_is_accepted_that_the_general_parser_refuses() {
        let mut everything = having_seen(&[RECORD]);
        let mut accepted = [0; 3];
        for record in altered(RECORD) {
            let text = format!(r#"{{"Records":[{record}]}}"#);
            let (mut nothing, mut sound) = (Seen::default(), having_seen(&[RECORD]));
            for (seen, accepted) in [&mut nothing, &mut sound, &mut everything].into_iter().zip(&mut accepted)
            {
                if let (read, true) = records(&text, seen)
                    && let [read] = &read[..]
                {
                    assert_eq!(Some(read), as_serde_reads_it(&record).as_ref(), "{record}");
                    *accepted += 1;
                }
            }
        }
        assert!(accepted[0] > 1_000, "{accepted:?}");
        assert_eq!(accepted, [accepted[0]; 3]);
    }

    #[test]
    fn endless_variety_is_read_and_does_not_fill_the_memory() {
        let list = |length: usize| vec![r#"{"a":"b","c":[1]}"#; length].join(",");
        let mut seen = Seen::default();
        let varied = (0..3_000).map(|number| {
            format!(
                r#"{{"eventName":"x","requestParameters":{{"name-{number}":[{}]}},"n-{number}":1}}"#,
                list(number % 100)
            )
        });
        for record in varied.chain([RECORD.to_owned()]) {
            let text = format!(r#"{{"Records":[{record},{record}]}}"#);
            let expected = as_serde_reads_it(&record).expect("a record");
            assert_eq!(records(&text, &mut seen), (vec![expected.clone(), expected], true));
        }
        assert!(seen.layouts.pieces() <= layout::MOST, "{}", seen.layouts.pieces());
        let long = format!(r#"{{"requestParameters":{{"a":[{}]}},"eventName":"x"}}"#, list(100_000));
        let text = format!(r#"{{"Records":[{long}]}}"#);
        assert_eq!(records(&text, &mut seen), (vec![as_serde_reads_it(&long).expect("a record")], true));
        assert!(seen.layouts.pieces() <= layout::MOST);
    }

    #[test]
    fn what_is_bottomless_cut_short_or_followed_by_more_is_left_to_others() {
        let deep = format!(r#"{{"Records":[{{"a":{}{}}}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let mut seen = having_seen(&[RECORD]);
        assert_eq!(records(&deep, &mut seen), (Vec::new(), false));
        let whole = format!(r#"{{"Records":[{RECORD}]}}"#);
        for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            assert!(!records(&whole[..end], &mut seen).1);
            assert!(!records(&whole[..end], &mut Seen::default()).1);
        }
        assert!(!records(&format!("{whole}{{}}"), &mut seen).1);
        assert!(!records(&format!("{{\"Records\":[{RECORD}],\"more\":1}}"), &mut seen).1);
    }
}

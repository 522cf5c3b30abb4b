//! What CloudTrail delivers, `{"Records":[{…},{…}]}` on one line, read without detour.
//!
//! Nearly all that is ever read is of this form, so it has a reader of its own: it expects the members of a record in the
//! order of the last one, and passes over a caller that it has just seen by comparing bytes. It accepts nothing that
//! `serde_json` would not; whatever it does not know is [`Strange`], and left to others.

mod member;

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::event::Wire;
use crate::json::Json;
use crate::json::scan::{Result, Scan, Strange, is_one_line};
use member::{Field, Members};

/// A delivery, record by record.
pub(super) struct Delivery<'t> {
    scan: Scan<'t>,
    is_first: bool,
    members: Members<'t>,
    callers: Recent<'t>,
    connections: Recent<'t>,
}

impl<'t> Delivery<'t> {
    /// A delivery before its first record; `None` if the text is something else.
    pub(super) fn open(text: &'t str) -> Option<Self> {
        let text = text.trim_ascii();
        let mut scan = Scan { text, at: 0 };
        for token in ["{", "\"Records\"", ":", "["] {
            scan.token(token).ok()?;
        }
        is_one_line(text.as_bytes()).then(|| Self {
            scan,
            is_first: true,
            members: Members::default(),
            callers: Recent::default(),
            connections: Recent::default(),
        })
    }

    /// The next record, in the place of one that is no longer needed; `None` behind the last, where nothing follows.
    pub(super) fn next(&mut self, place: Box<Wire<'t>>) -> Result<Option<Box<Wire<'t>>>> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.scan.token("]").is_ok() {
            self.scan.token("}")?;
            return if self.scan.peek().is_none() { Ok(None) } else { Err(Strange) };
        }
        if !is_first {
            self.scan.token(",")?;
        }
        self.record(place).map(Some)
    }

    fn record(&mut self, mut wire: Box<Wire<'t>>) -> Result<Box<Wire<'t>>> {
        wire.clear();
        self.scan.token("{")?;
        if self.scan.token("}").is_ok() {
            return Ok(wire);
        }
        self.members.begin();
        loop {
            let field = self.members.next(&mut self.scan)?;
            self.member(&mut wire, field)?;
            if !self.scan.byte(b',') {
                return self.scan.token("}").map(|()| wire);
            }
        }
    }

    fn member(&mut self, wire: &mut Wire<'t>, field: Field<'t>) -> Result<()> {
        let scan = &mut self.scan;
        match field {
            Field::Time => wire.time = plain(scan, wire, "eventTime")?,
            Field::Id => wire.id = plain(scan, wire, "eventID")?,
            Field::Source => wire.source = plain(scan, wire, "eventSource")?,
            Field::Name => wire.name = plain(scan, wire, "eventName")?,
            Field::Region => wire.region = plain(scan, wire, "awsRegion")?,
            Field::Address => wire.address = plain(scan, wire, "sourceIPAddress")?,
            Field::Agent => wire.agent = plain(scan, wire, "userAgent")?,
            Field::Account => wire.account = plain(scan, wire, "recipientAccountId")?,
            Field::Error => {
                wire.error = Some(plain(scan, wire, "errorCode")?).filter(|code| !code.is_empty());
            }
            Field::Identity => {
                let (caller, same) = self.callers.value(scan)?;
                (wire.identity, wire.same_caller) = (Some(caller), same);
            }
            Field::Request => wire.request = Some(Json::new(scan.value()?)),
            Field::Response => wire.response = Some(Json::new(scan.value()?)),
            Field::Additional => wire.additional = Some(Json::new(scan.value()?)),
            Field::Resources => wire.resources = Some(Json::new(scan.value()?)),
            Field::Connection(key) => wire.others.push((key, self.connections.value(scan)?.0)),
            Field::Other(key) => wire.others.push((key, Json::new(scan.value()?))),
        }
        Ok(())
    }
}

/// The text of a field that has a place of its own in a record.
fn plain<'t>(scan: &mut Scan<'t>, wire: &mut Wire<'t>, key: &'static str) -> Result<Cow<'t, str>> {
    if scan.peek() != Some(b'"') {
        return Ok(wire.plain(key.into(), Json::new(scan.value()?)));
    }
    let text = scan.string()?.text()?;
    Ok(if text.is_empty() { wire.plain(key.into(), Json::new("\"\"")) } else { text })
}

/// The last few different objects that stood in one place of a record, each with a number of its own.
#[derive(Default)]
struct Recent<'t> {
    objects: [(&'t str, u64); 8],
    oldest: usize,
}

impl<'t> Recent<'t> {
    /// Passes over a value that is often one of these. Values of one number are the same to the byte; 0 is none.
    fn value(&mut self, scan: &mut Scan<'t>) -> Result<(Json<'t>, u64)> {
        let from = scan.at;
        let rest = scan.text.get(from..).ok_or(Strange)?;
        // An object says itself where it ends, so text that begins with all of it has it there.
        let is_here = |(object, number): &&(&str, u64)| *number != 0 && rest.starts_with(object);
        if let Some(&(object, number)) = self.objects.iter().find(is_here) {
            scan.at += object.len();
            return Ok((Json::new(scan.since(from)?), number));
        }
        let value = scan.value()?;
        let number = if value.starts_with('{') { self.add(value) } else { 0 };
        Ok((Json::new(value), number))
    }

    fn add(&mut self, object: &'t str) -> u64 {
        // Never the same twice, since readers of other texts compare these numbers too.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        self.objects[self.oldest] = (object, number);
        self.oldest = (self.oldest + 1) % self.objects.len();
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All records, and whether there was nothing but records.
    fn records(text: &str) -> (Vec<String>, bool) {
        let mut records = Vec::new();
        let Some(mut delivery) = Delivery::open(text) else { return (records, false) };
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

    fn as_serde_reads_it(record: &str) -> Option<String> {
        serde_json::from_str::<Wire<'_>>(record).ok().map(|wire| format!("{wire:?}"))
    }

    const RECORD: &str = r#"{"userIdentity":{"type":"IAMUser","n":[1,-2.50,true,{}],"m":{"a":[[],"x"]}},"eventTime":"2026-03-19T18:40:12Z","awsRegion":null,"userAgent":12,"errorCode":"","eventName":{"a":1}, "k\u0065y" : [ "a\"b" , { } , null ] ,"sourceIPAddress":"\u00e9\n","tlsDetails":{"v":"1"},"é":false}"#;

    #[test]
    fn records_are_what_the_general_parser_makes_of_them() {
        let other = RECORD.replace("IAMUser", "Root");
        let text = format!(r#" {{"Records" : [{RECORD},{RECORD} , {other},{{}},{RECORD}]}} "#);
        let expected =
            [RECORD, RECORD, &other, "{}", RECORD].map(|record| as_serde_reads_it(record).expect("a record"));
        assert_eq!(records(&text), (expected.to_vec(), true));
        assert_eq!(records(r#"{"Records":[]}"#), (Vec::new(), true));
    }

    /// One byte left out, or made another: what is read is what the general parser reads, or nothing.
    #[test]
    fn nothing_is_accepted_that_the_general_parser_refuses() {
        let altered = (0..RECORD.len()).flat_map(|at| {
            [&b""[..], b"\"", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b" ", b"\n", b"e"]
                .map(|byte| [&RECORD.as_bytes()[..at], byte, &RECORD.as_bytes()[at + 1..]].concat())
        });
        for record in altered.filter_map(|bytes| String::from_utf8(bytes).ok()) {
            let text = format!(r#"{{"Records":[{record}]}}"#);
            if let (read, true) = records(&text)
                && let [read] = &read[..]
            {
                assert_eq!(Some(read), as_serde_reads_it(&record).as_ref(), "{record}");
            }
        }
    }

    #[test]
    fn what_is_bottomless_cut_short_or_followed_by_more_is_left_to_others() {
        let deep = format!(r#"{{"Records":[{{"a":{}{}}}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(records(&deep), (Vec::new(), false));
        let whole = format!(r#"{{"Records":[{RECORD}]}}"#);
        for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            assert!(!records(&whole[..end]).1);
        }
        assert!(!records(&format!("{whole}{{}}")).1);
        assert!(!records(&format!("{{\"Records\":[{RECORD}],\"more\":1}}")).1);
    }
}

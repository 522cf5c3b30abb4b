//! S3 server access logs: one request a line, fields between spaces, some in quotes.

use std::borrow::Cow;
use std::io::{self, BufRead};

use super::Reading;
use super::lines::each_line;
use crate::place::Place;
use crate::time::Time;

/// One request to a bucket.
///
/// Text is empty, and a number `None`, where the log has `-` or no such field. Source: Amazon S3 User Guide, "Amazon S3
/// server access log format".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct S3Access<'a> {
    /// When it came in.
    pub time: Time,
    /// The canonical user id of the bucket's owner.
    pub owner: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// Where it came from.
    pub address: &'a str,
    /// The canonical user id, or the ARN of the IAM principal; empty for an anonymous request.
    pub requester: &'a str,
    /// The request id: the same as in CloudTrail's `requestID`.
    pub request_id: &'a str,
    /// `REST.GET.OBJECT`, `REST.COPY.OBJECT_GET`, `S3.EXPIRE.OBJECT`, `BATCH.DELETE.OBJECT`, …
    pub operation: &'a str,
    /// The object, decoded.
    pub key: Cow<'a, str>,
    /// The first line of the HTTP request.
    pub request: &'a str,
    /// The HTTP status.
    pub status: Option<u16>,
    /// S3's error code.
    pub error: &'a str,
    /// The bytes of the answer, without protocol overhead.
    pub bytes_sent: Option<u64>,
    /// The size of the whole object.
    pub object_size: Option<u64>,
    /// Milliseconds from the request to the last byte of the answer.
    pub total_ms: Option<u64>,
    /// Milliseconds that S3 worked on the request.
    pub turn_around_ms: Option<u64>,
    /// The HTTP `Referer`.
    pub referer: &'a str,
    /// The HTTP `User-Agent`.
    pub agent: &'a str,
    /// The version of the object that was asked for.
    pub version: &'a str,
    /// The extended request id.
    pub host_id: &'a str,
    /// `SigV2`, `SigV4`.
    pub signature: &'a str,
    /// The TLS cipher; empty for plain HTTP.
    pub cipher: &'a str,
    /// `AuthHeader`, `QueryString` for a presigned URL; empty for an unauthenticated request.
    pub authentication: &'a str,
    /// The endpoint that was asked.
    pub host: &'a str,
    /// `TLSv1.2`, `TLSv1.3`.
    pub tls: &'a str,
    /// The access point, if one was used.
    pub access_point: &'a str,
    /// `Yes` if the request was allowed by an ACL alone.
    pub acl_required: &'a str,
    /// Whether a number of bytes is none.
    pub miscounted: bool,
}

impl S3Access<'_> {
    /// Whether it read an object's content: a GET, or the reading half of a copy, that was answered with it.
    ///
    /// What is sent with a refusal or a redirection is no object.
    pub fn is_object_read(&self) -> bool {
        let reads = matches!(
            self.operation,
            "REST.GET.OBJECT" | "REST.COPY.OBJECT_GET" | "REST.COPY.PART_GET" | "REST.SELECT.OBJECT"
        );
        reads && self.status.is_none_or(|status| (200..300).contains(&status))
    }
}

/// Whether a line is of this format.
pub(super) fn recognises(line: &str) -> bool {
    S3Access::parse(line).is_some()
}

/// Reads all lines.
pub(super) fn read(stream: &mut dyn BufRead, reading: &mut Reading<'_>) -> io::Result<()> {
    each_line(stream, |number, line| {
        let Some(access) = line.and_then(S3Access::parse) else {
            return reading.problem(number, "is no S3 server access log record");
        };
        if access.miscounted {
            reading.problem(number, "has bytes that are no count; expected digits or `-`: read without them");
        }
        reading.saw("s3-access-log", access.time);
        reading.sink.object_read(&access, Place { input: reading.input, record: number });
    })
}

impl<'a> S3Access<'a> {
    /// Reads one line; `None` if it is no such record, down to the time and the operation.
    ///
    /// Referer and user agent are the caller's own text and may hold quotes, which S3 does not escape: everything before
    /// them is found from the left, everything behind them from the line's last quote, so that neither can be forged.
    pub fn parse(line: &'a str) -> Option<Self> {
        let (owner, rest) = line.trim_start().split_once(' ')?;
        let (bucket, rest) = rest.split_once(" [")?;
        let (time, rest) = rest.split_once("] ")?;
        let time = parse_time(time)?;
        let mut left = Fields(rest);
        let (address, requester, request_id) = (left.next(), left.next(), left.next());
        let (operation, key) = (left.next(), left.next());
        if bucket.contains(' ') || !operation.contains('.') {
            return None;
        }
        let request = left.next_quoted();
        let (status, error) = (left.next(), left.next());
        let mut miscounted = false;
        let mut bytes = || {
            let text = left.next();
            let bytes = text.parse().ok();
            miscounted |= bytes.is_none() && !text.is_empty();
            bytes
        };
        let (bytes_sent, object_size) = (bytes(), bytes());
        let (total_ms, turn_around_ms) = (left.number(), left.number());
        let (referer, agent, tail) = callers_text(left.0);
        let mut tail = Fields(tail);
        Some(Self {
            time,
            owner: present(owner),
            bucket: present(bucket),
            address,
            requester,
            request_id,
            operation,
            key: decoded_key(key),
            request,
            status: status.parse().ok(),
            error,
            bytes_sent,
            object_size,
            total_ms,
            turn_around_ms,
            referer,
            agent,
            version: tail.next(),
            host_id: tail.next(),
            signature: tail.next(),
            cipher: tail.next(),
            authentication: tail.next(),
            host: tail.next(),
            tls: tail.next(),
            access_point: tail.next(),
            acl_required: tail.next(),
            miscounted,
        })
    }
}

/// The fields that are left of a line.
struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    /// The next field, empty for `-` and behind the end.
    fn next(&mut self) -> &'a str {
        let (field, rest) = self.0.split_once(' ').unwrap_or((self.0, ""));
        self.0 = rest;
        present(field)
    }

    fn number(&mut self) -> Option<u64> {
        self.next().parse().ok()
    }

    /// The next field, which may stand in quotes.
    fn next_quoted(&mut self) -> &'a str {
        let Some(inner) = self.0.strip_prefix('"') else { return self.next() };
        let (field, rest) = inner.split_once("\" ").unwrap_or((inner.trim_end_matches('"'), ""));
        self.0 = rest;
        present(field)
    }
}

/// Referer, user agent and what stands behind them.
fn callers_text(rest: &str) -> (&str, &str, &str) {
    let Some(last) = rest.rfind('"') else {
        let mut fields = Fields(rest);
        return (fields.next(), fields.next(), fields.0);
    };
    let (quoted, tail) = (&rest[..last], rest[last + 1..].trim_start());
    if let Some(agent) = quoted.strip_prefix("- \"") {
        return ("", present(agent), tail);
    }
    let quoted = quoted.strip_prefix('"').unwrap_or(quoted);
    let Some((referer, agent)) = quoted.split_once("\" \"") else {
        // Only the referer stands in quotes: the user agent is the first field of the tail.
        let mut fields = Fields(tail);
        return (present(quoted), fields.next(), fields.0);
    };
    (present(referer), present(agent), tail)
}

fn present(field: &str) -> &str {
    if field == "-" { "" } else { field }
}

/// The key as the object is called. S3 logs it URL-encoded, and twice so where it holds what must be encoded.
fn decoded_key(key: &str) -> Cow<'_, str> {
    match percent_decoded(key) {
        None => key.into(),
        Some(once) => percent_decoded(&once).unwrap_or(once).into(),
    }
}

/// Decodes `%XX`; `None` if there is nothing to decode, or something that is no such escape or no UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    let mut any = false;
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
        any = true;
    }
    if any { String::from_utf8(bytes).ok() } else { None }
}

/// `06/Feb/2019:00:00:38 +0000`.
fn parse_time(text: &str) -> Option<Time> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (date, rest) = text.split_once(':')?;
    let (clock, offset) = rest.split_once(' ')?;
    let mut date = date.split('/');
    let (day, month, year) = (date.next()?, date.next()?, date.next()?);
    let month = MONTHS.iter().zip(1..).find_map(|(name, number)| (*name == month).then_some(number))?;
    if offset == "+0000" {
        return Time::of_log(&format!("{year}-{month:02}-{day}T{clock}Z"));
    }
    let (hours, minutes) = (offset.get(..3)?, offset.get(3..)?);
    Time::of_log(&format!("{year}-{month:02}-{day}T{clock}{hours}:{minutes}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "0a1b bucket-1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 arn:aws:iam::123456789012:user/x 3E57427F3EXAMPLE \
        REST.GET.OBJECT a%2520b/%25C3%25A4.csv \"GET /bucket-1/a%20b?x=1 HTTP/1.1\" 206 - 113 226 7 6 \"-\" \"aws-cli/2.0\" v1 \
        aGVsbG8= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader bucket-1.s3.amazonaws.com TLSV1.2 arn:aws:s3:::ap Yes new fields";

    #[test]
    fn every_documented_field_is_read() {
        let access = S3Access::parse(LINE).expect("a record");
        assert_eq!(access.time.to_string(), "2019-02-06T00:00:38Z");
        assert_eq!((access.bucket, access.address, &*access.key), ("bucket-1", "192.0.2.3", "a b/ä.csv"));
        assert_eq!((access.status, access.error, access.bytes_sent), (Some(206), "", Some(113)));
        assert_eq!(
            (access.object_size, access.total_ms, access.turn_around_ms),
            (Some(226), Some(7), Some(6))
        );
        assert_eq!((access.referer, access.agent, access.version), ("", "aws-cli/2.0", "v1"));
        assert_eq!(
            (access.authentication, access.tls, access.acl_required),
            ("AuthHeader", "TLSV1.2", "Yes")
        );
        assert!(access.is_object_read());
    }

    #[test]
    fn what_was_refused_or_redirected_is_no_read() {
        for (status, error, is_read) in
            [("200", "-", true), ("403", "AccessDenied", false), ("307", "-", false)]
        {
            let line = LINE.replace("206 -", &format!("{status} {error}"));
            assert_eq!(S3Access::parse(&line).expect("a record").is_object_read(), is_read, "{status}");
        }
    }

    #[test]
    fn old_short_lines_are_read_and_other_text_is_not() {
        let short = LINE.split(" SigV4").next().expect("a part");
        let access = S3Access::parse(short).expect("a record");
        assert_eq!((access.host_id, access.signature, access.acl_required), ("aGVsbG8=", "", ""));
        for text in
            ["", "-", "a b c", "a b [06/Feb/2019:00:00:38 +0000]", "a b [x] c d e f.g h", "2 1 eni- - -"]
        {
            assert_eq!(S3Access::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_user_agent_with_quotes_cannot_forge_other_fields() {
        let forged = LINE.replace("aws-cli/2.0", "x\" - fake SigV2 - - evil.example \"y");
        let access = S3Access::parse(&forged).expect("a record");
        assert_eq!((access.signature, access.host), ("SigV4", "bucket-1.s3.amazonaws.com"));
        assert!(access.agent.starts_with("x\" - fake"));
    }

    #[test]
    fn times_with_an_offset_and_keys_with_a_percent_sign_are_read_as_they_are() {
        assert_eq!(parse_time("06/Feb/2019:01:00:38 +0100"), Time::parse("2019-02-06T00:00:38Z"));
        assert_eq!(parse_time("06/Foo/2019:01:00:38 +0100"), None);
        assert_eq!(decoded_key("100%25-sure"), "100%-sure");
        assert_eq!(decoded_key("100%"), "100%");
    }
}

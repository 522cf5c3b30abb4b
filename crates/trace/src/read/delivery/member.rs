//! The members of a record: which come, and which is expected next.

use std::borrow::Cow;

use crate::json::scan::{Result, Scan, Strange};

/// What a member of a record is, by its name.
#[derive(Debug, Clone)]
pub(super) enum Field<'t> {
    Time,
    Id,
    Source,
    Name,
    Region,
    Address,
    Agent,
    Account,
    Error,
    Identity,
    Request,
    Response,
    Additional,
    Resources,
    /// `tlsDetails`, which recurs as callers do.
    Connection(Cow<'t, str>),
    Other(Cow<'t, str>),
}

impl<'t> Field<'t> {
    fn named(name: Cow<'t, str>) -> Self {
        match &*name {
            "eventTime" => Self::Time,
            "eventID" => Self::Id,
            "eventSource" => Self::Source,
            "eventName" => Self::Name,
            "awsRegion" => Self::Region,
            "sourceIPAddress" => Self::Address,
            "userAgent" => Self::Agent,
            "recipientAccountId" => Self::Account,
            "errorCode" => Self::Error,
            "userIdentity" => Self::Identity,
            "requestParameters" => Self::Request,
            "responseElements" => Self::Response,
            "additionalEventData" => Self::Additional,
            "resources" => Self::Resources,
            "tlsDetails" => Self::Connection(name),
            _ => Self::Other(name),
        }
    }
}

/// The members seen so far in a text. Records of one text nearly always have them in the same few orders, so a name is
/// first compared with those that came behind its predecessor the last times.
#[derive(Default)]
pub(super) struct Members<'t> {
    known: Vec<Member<'t>>,
    /// What the first member of a record was.
    first: Successors,
    /// The member of this record that was read last.
    last: Option<usize>,
}

struct Member<'t> {
    /// The name with its quotes and the colon.
    raw: &'t str,
    field: Field<'t>,
    next: Successors,
}

/// What came next the last times, latest first; numbers of members.
#[derive(Clone, Copy, Default)]
struct Successors([Option<u8>; 2]);

/// How many members are remembered: records have half as many, and a search for an unexpected one must stay short.
const MOST: usize = 64;

impl<'t> Members<'t> {
    /// A record begins.
    pub(super) fn begin(&mut self) {
        self.last = None;
    }

    /// Passes over the name of the next member; behind it stands the value.
    pub(super) fn next(&mut self, scan: &mut Scan<'t>) -> Result<Field<'t>> {
        let rest = scan.rest();
        let expected = self.successors().0;
        let is_here = |&number: &u8| {
            self.known.get(usize::from(number)).is_some_and(|known| begins_with(rest, known.raw.as_bytes()))
        };
        if let Some(number) = expected.into_iter().flatten().find(is_here) {
            let known = &self.known[usize::from(number)];
            scan.at += known.raw.len();
            scan.spaces();
            let field = known.field.clone();
            self.came(number);
            return Ok(field);
        }
        self.unexpected(scan)
    }

    fn unexpected(&mut self, scan: &mut Scan<'t>) -> Result<Field<'t>> {
        let from = scan.at;
        let name = scan.string()?.text()?;
        if scan.peek() != Some(b':') {
            self.last = None;
            return if scan.byte(b':') { Ok(Field::named(name)) } else { Err(Strange) };
        }
        scan.at += 1;
        let raw = scan.since(from)?;
        scan.spaces();
        let number = match self.known.iter().position(|known| known.raw == raw) {
            Some(number) => number,
            None if self.known.len() < MOST => {
                self.known.push(Member { raw, field: Field::named(name), next: Successors::default() });
                self.known.len() - 1
            }
            None => {
                self.last = None;
                return Ok(Field::named(name));
            }
        };
        let field = self.known[number].field.clone();
        self.came(u8::try_from(number).map_err(|_| Strange)?);
        Ok(field)
    }

    fn successors(&mut self) -> &mut Successors {
        match self.last.and_then(|last| self.known.get_mut(last)) {
            Some(last) => &mut last.next,
            None => &mut self.first,
        }
    }

    /// Takes note of what the next member was.
    fn came(&mut self, number: u8) {
        let next = self.successors();
        if next.0[0] != Some(number) {
            next.0 = [Some(number), next.0[0]];
        }
        self.last = Some(usize::from(number));
    }
}

/// Whether text begins with a name. Names are of 8 to 32 bytes nearly always, which takes two comparisons of words.
fn begins_with(text: &[u8], name: &[u8]) -> bool {
    fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        Some((bytes.first_chunk()?, bytes.last_chunk()?))
    }
    let Some(text) = text.get(..name.len()) else { return false };
    match name.len() {
        8..16 => ends::<8>(text) == ends::<8>(name),
        16..=32 => ends::<16>(text) == ends::<16>(name),
        _ => text == name,
    }
}

//! One CloudTrail event, as the engine works on it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use foldhash::fast::RandomState;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::identity::Identity;
use crate::json::{Json, Name};
use crate::shape::{Shape, Shapes};
use crate::time::Time;

/// One event, borrowed from the bytes that it was read from.
///
/// Parameters stay raw JSON until something asks for them. Text is empty where the record does not have it.
/// Source: AWS CloudTrail User Guide, "CloudTrail record contents".
#[derive(Debug)]
pub struct Event<'a> {
    /// `eventTime`.
    pub time: Time,
    /// Who called; shared between the many events of one session.
    pub identity: Rc<Identity>,
    /// What it has in common with other events.
    pub shape: Shape,
    /// Everything as it was written.
    pub wire: Box<Wire<'a>>,
    /// The members of `requestParameters`, once something has asked for them.
    request_members: OnceCell<Vec<Member<'a>>>,
}

/// A member of an object.
pub type Member<'a> = (Cow<'a, str>, Json<'a>);

/// The top-level fields of a record as they were written: scalars as text, everything else as raw JSON.
#[derive(Debug, Default)]
pub struct Wire<'a> {
    /// `eventTime`.
    pub time: Cow<'a, str>,
    /// `eventID`.
    pub id: Cow<'a, str>,
    /// `eventSource`: `s3.amazonaws.com`.
    pub source: Cow<'a, str>,
    /// `eventName`: `GetObject`.
    pub name: Cow<'a, str>,
    /// `awsRegion`.
    pub region: Cow<'a, str>,
    /// `sourceIPAddress`: an address, or the name of a service.
    pub address: Cow<'a, str>,
    /// `userAgent`.
    pub agent: Cow<'a, str>,
    /// `errorCode`; `None` if the call succeeded.
    pub error: Option<Cow<'a, str>>,
    /// `recipientAccountId`: the account in whose log it is.
    pub account: Cow<'a, str>,
    /// `userIdentity`.
    pub identity: Option<Json<'a>>,
    /// `requestParameters`.
    pub request: Option<Json<'a>>,
    /// `responseElements`.
    pub response: Option<Json<'a>>,
    /// `additionalEventData`.
    pub additional: Option<Json<'a>>,
    /// `resources`.
    pub resources: Option<Json<'a>>,
    /// All other fields, in their order, and of those above what is no text: `eventType`, `sharedEventID`, `readOnly`, `tlsDetails`, …
    pub others: Vec<Member<'a>>,
    /// A number that records have in common only if their `userIdentity` is the same to the byte; 0 if nothing is known.
    pub(crate) same_caller: u64,
    /// How many of the others are fields of those above that hold no text.
    pub odd: u32,
}

impl<'a> Event<'a> {
    /// The service's short name: `s3` for `s3.amazonaws.com`.
    pub fn service(&self) -> &str {
        self.wire.source.strip_suffix(".amazonaws.com").unwrap_or(&self.wire.source)
    }

    /// The call as IAM writes it: `s3:GetObject`.
    pub fn call(&self) -> String {
        format!("{}:{}", self.service(), self.wire.name)
    }

    /// A value in `requestParameters`, by path: the text of a string, number or boolean.
    pub fn request(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        let Some(members) = self.request_members.get() else { return self.wire.request?.at(path)?.scalar() };
        let (first, rest) = path.split_first()?;
        let (_, value) = members.iter().find(|(name, _)| name == first)?;
        value.at(rest)?.scalar()
    }

    /// The members of `requestParameters`, in order; read once.
    pub fn request_members(&self) -> &[Member<'a>] {
        self.request_members.get_or_init(|| self.wire.request.map(Json::members).unwrap_or_default())
    }

    /// A value in `responseElements`, by path.
    pub fn response(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        self.wire.response?.at(path)?.scalar()
    }

    /// A value in `additionalEventData`, by path.
    pub fn additional(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        self.wire.additional?.at(path)?.scalar()
    }

    /// A further top-level field that is a scalar (`sharedEventID`, `eventType`, `readOnly`).
    pub fn other(&self, name: &str) -> Option<Cow<'a, str>> {
        let (_, value) = self.wire.others.iter().find(|(key, _)| key == name)?;
        value.scalar()
    }

    /// Whether the call was refused for want of permission.
    pub fn is_denied(&self) -> bool {
        self.wire.error.as_deref().is_some_and(|code| {
            ["AccessDenied", "UnauthorizedOperation", "UnauthorizedAccess", "Forbidden", "NotAuthorized"]
                .iter()
                .any(|word| code.contains(word))
        })
    }

    /// Whether the call was carried out.
    pub fn succeeded(&self) -> bool {
        self.wire.error.is_none()
    }
}

impl<'a> Wire<'a> {
    /// The text of a field that has a place of its own. What is no text, or empty, is kept among the others, since a
    /// rule may ask whether it is there.
    pub(crate) fn plain(&mut self, key: Cow<'a, str>, value: Json<'a>) -> Cow<'a, str> {
        let text = value.scalar().unwrap_or_default();
        if text.is_empty() {
            self.others.push((key, value));
            self.odd += 1;
        }
        text
    }

    /// A record without fields, and room for as many others as records have.
    pub(crate) fn with_room() -> Self {
        Self { others: Vec::with_capacity(12), ..Self::default() }
    }

    /// Empties the record, and keeps its room.
    pub(crate) fn clear(&mut self) {
        let mut others = std::mem::take(&mut self.others);
        others.clear();
        *self = Self { others, ..Self::default() };
    }
}

impl<'de> Deserialize<'de> for Wire<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(WireVisitor)
    }
}

struct WireVisitor;

impl<'de> Visitor<'de> for WireVisitor {
    type Value = Wire<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CloudTrail record, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut wire = Wire::with_room();
        while let Some(Name(key)) = map.next_key()? {
            match &*key {
                "eventTime" => wire.time = wire.plain(key, map.next_value()?),
                "eventID" => wire.id = wire.plain(key, map.next_value()?),
                "eventSource" => wire.source = wire.plain(key, map.next_value()?),
                "eventName" => wire.name = wire.plain(key, map.next_value()?),
                "awsRegion" => wire.region = wire.plain(key, map.next_value()?),
                "sourceIPAddress" => wire.address = wire.plain(key, map.next_value()?),
                "userAgent" => wire.agent = wire.plain(key, map.next_value()?),
                "recipientAccountId" => wire.account = wire.plain(key, map.next_value()?),
                "errorCode" => {
                    wire.error = Some(wire.plain(key, map.next_value()?)).filter(|code| !code.is_empty());
                }
                "userIdentity" => wire.identity = Some(map.next_value()?),
                "requestParameters" => wire.request = Some(map.next_value()?),
                "responseElements" => wire.response = Some(map.next_value()?),
                "additionalEventData" => wire.additional = Some(map.next_value()?),
                "resources" => wire.resources = Some(map.next_value()?),
                _ => wire.others.push((key, map.next_value()?)),
            }
        }
        Ok(wire)
    }
}

/// Where exporters put the time when they take `eventTime` away, best first. Source: the date filter of Logstash.
const TIMESTAMPS: [&str; 2] = ["@timestamp", "_time"];

/// When the call was made: `eventTime`, or what an exporter made of it.
fn time_of(wire: &Wire<'_>) -> Option<Time> {
    if !wire.time.is_empty() {
        return Time::of_log(&wire.time);
    }
    TIMESTAMPS.iter().find_map(|name| {
        let (_, value) = wire.others.iter().find(|(key, _)| key == name)?;
        Time::of_log(&value.scalar()?)
    })
}

/// Makes events from records: reads the time, and keeps the identities that it has seen, since sessions call often.
#[derive(Debug, Default)]
pub struct Events {
    callers: HashMap<Box<str>, Caller, RandomState>,
    /// How many callers were met, those included that are no longer kept.
    met: u32,
    /// The last callers by [`Wire::same_caller`], each where its number leads: the next event's is nearly always here.
    recent: Vec<Option<(u64, Caller)>>,
    unknown: Rc<Identity>,
    shapes: Shapes,
}

/// A caller, and the number that it has here; 0 is nobody's.
#[derive(Debug, Clone)]
struct Caller {
    number: u32,
    identity: Rc<Identity>,
}

/// How many callers are found by a number alone.
const RECENT_CALLERS: usize = 1_024;

/// How many callers are kept before the store starts anew, so that a hostile log cannot fill the memory.
const KEPT_CALLERS: usize = 8_192;

impl Events {
    /// An event from the fields of a record; `None` if its time is none that a log can have.
    ///
    /// A record without `recipientAccountId` (the first versions of the format, tables without that column) counts as
    /// one of its caller's account.
    pub fn event<'a>(&mut self, mut wire: Box<Wire<'a>>) -> Option<Event<'a>> {
        let time = time_of(&wire)?;
        let caller = match &wire.identity {
            Some(value) => self.caller(value.raw(), wire.same_caller),
            None => Caller { number: 0, identity: Rc::clone(&self.unknown) },
        };
        if wire.account.is_empty() {
            wire.account = Cow::Owned(caller.identity.account.to_string());
        }
        let shape = self.shapes.of(caller.number, &wire);
        Some(Event { time, identity: caller.identity, shape, wire, request_members: OnceCell::new() })
    }

    fn caller(&mut self, raw: &str, same: u64) -> Caller {
        let place = usize::try_from(same).unwrap_or_default() % RECENT_CALLERS;
        if let Some(Some((number, caller))) = self.recent.get(place)
            && *number == same
        {
            return caller.clone();
        }
        let caller = match self.callers.get(raw) {
            Some(known) => known.clone(),
            None => self.meet(raw),
        };
        if same != 0 {
            self.recent.resize(RECENT_CALLERS, None);
            self.recent[place] = Some((same, caller.clone()));
        }
        caller
    }

    fn meet(&mut self, raw: &str) -> Caller {
        if self.callers.len() >= KEPT_CALLERS {
            self.callers.clear();
        }
        self.met = self.met.wrapping_add(1).max(1);
        let identity = Rc::new(Identity::parse(raw).unwrap_or_default());
        let caller = Caller { number: self.met, identity };
        self.callers.insert(raw.into(), caller.clone());
        caller
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> Event<'_> {
        let wire = serde_json::from_str(json).expect("a record");
        Events::default().event(Box::new(wire)).expect("a time")
    }

    #[test]
    fn known_fields_parameters_and_others_are_found() {
        let event = event(
            r#"{"eventTime":"2026-03-19T18:40:12Z","eventSource":"s3.amazonaws.com","eventName":"GetObject",
               "userIdentity":{"accessKeyId":"AKIA1"},"requestParameters":{"bucketName":"b","n":{"m":[1]},"k":"a\/b"},
               "responseElements":null,"readOnly":true,"sharedEventID":"s-1","errorCode":"AccessDenied"}"#,
        );
        assert_eq!(event.call(), "s3:GetObject");
        assert_eq!(event.identity.credential(), "AKIA1");
        assert_eq!(event.request(&["bucketName"]).as_deref(), Some("b"));
        assert_eq!(event.request(&["k"]).as_deref(), Some("a/b"));
        assert_eq!(event.request(&["n", "m"]), None);
        assert_eq!(event.response(&["x"]), None);
        assert_eq!(
            (event.other("readOnly").as_deref(), event.other("sharedEventID").as_deref()),
            (Some("true"), Some("s-1"))
        );
        assert!(event.is_denied());
    }

    #[test]
    fn the_time_of_a_record_without_one_is_that_of_its_exporter() {
        let exported = event(r#"{"@timestamp":"2026-03-19T18:40:12.000Z","eventName":"GetObject"}"#);
        assert_eq!(Some(exported.time), Time::parse("2026-03-19T18:40:12Z"));
        let wire = serde_json::from_str(r#"{"@timestamp":"2026-03-19T18:40:12Z","eventTime":"soon"}"#);
        assert!(Events::default().event(wire.expect("a record")).is_none());
    }

    #[test]
    fn a_record_that_names_no_account_is_one_of_its_callers() {
        let of = |recipient: &str| {
            let identity = r#""userIdentity":{"accountId":"111122223333"}"#;
            let text = format!(r#"{{"eventTime":"2026-03-19T18:40:12Z",{identity}{recipient}}}"#);
            event(&text).wire.account.into_owned()
        };
        assert_eq!(of(""), "111122223333");
        assert_eq!(of(r#","recipientAccountId":"444455556666""#), "444455556666");
    }

    #[test]
    fn a_record_with_odd_types_is_still_an_event() {
        let event = event(
            r#"{"eventTime":"2026-03-19T18:40:12Z","eventName":{"a":[1,{}]},"awsRegion":null,"userAgent":12,"errorCode":""}"#,
        );
        assert_eq!((&*event.wire.name, &*event.wire.region, &*event.wire.agent), ("", "", "12"));
        assert!(event.succeeded());
    }
}

//! Events written by hand, for tests.

use crate::engine::births::BirthsFold;
use crate::engine::lineage::{Inside, Lineage, SightingsFold, Start};
use crate::event::{Event, Events};
use crate::place::Place;

/// A record: `time` is `HH:MM:SS` on one day, `who` one of the identities below, `call` `service:Name`, `rest` further
/// fields as JSON, each with a leading comma.
pub(crate) fn record(time: &str, who: &str, call: &str, rest: &str) -> String {
    let (service, name) = call.split_once(':').expect("service:Name");
    let id = super::stable_hash(&format!("{time}{who}{call}{rest}"));
    let address = if rest.contains("sourceIPAddress") { "" } else { r#","sourceIPAddress":"198.51.100.9""# };
    let account = if rest.contains("recipientAccountId") { "" } else { r#","recipientAccountId":"111""# };
    format!(
        r#"{{"eventTime":"2026-03-19T{time}Z","eventID":"e-{id:x}","eventSource":"{service}.amazonaws.com",
            "eventName":"{name}","awsRegion":"eu-west-1","userIdentity":{who}{address}{account}{rest}}}"#
    )
}

/// A user with a key.
pub(crate) fn user(name: &str, key: &str) -> String {
    format!(
        r#"{{"type":"IAMUser","principalId":"AIDA-{name}","arn":"arn:aws:iam::111:user/{name}","accountId":"111",
            "accessKeyId":"{key}","userName":"{name}"}}"#
    )
}

/// A session of a role in account 111 with a key.
pub(crate) fn session(role: &str, name: &str, key: &str) -> String {
    format!(
        r#"{{"type":"AssumedRole","principalId":"AROA-{role}:{name}","accountId":"111","accessKeyId":"{key}",
            "arn":"arn:aws:sts::111:assumed-role/{role}/{name}","sessionContext":{{"sessionIssuer":{{"type":"Role",
            "arn":"arn:aws:iam::111:role/{role}","userName":"{role}"}}}}}}"#
    )
}

/// A service.
pub(crate) fn service(name: &str) -> String {
    format!(r#"{{"type":"AWSService","invokedBy":"{name}.amazonaws.com"}}"#)
}

/// The fields of an `AssumeRole` that succeeded.
pub(crate) fn assumed(role: &str, name: &str, key: &str) -> String {
    format!(
        r#","requestParameters":{{"roleArn":"arn:aws:iam::111:role/{role}","roleSessionName":"{name}"}},
            "responseElements":{{"credentials":{{"accessKeyId":"{key}"}},"assumedRoleUser":{{
            "assumedRoleId":"AROA-{role}:{name}","arn":"arn:aws:sts::111:assumed-role/{role}/{name}"}}}}"#
    )
}

/// Runs over the events of records, with places in their order.
pub(crate) fn each(records: &[String], mut look: impl FnMut(&Event<'_>, Place)) {
    let mut events = Events::default();
    for (number, record) in (0..).zip(records) {
        let wire = serde_json::from_str(record).unwrap_or_else(|error| panic!("{error}: {record}"));
        let event = events.event(wire).expect("a time");
        look(&event, Place { input: 0, record: number });
    }
}

/// The lineage that these records show from these starts.
pub(crate) fn lineage(records: &[String], starts: &[Start]) -> Lineage {
    lineage_with(records, starts, Inside::default())
}

/// The same with a choice of what counts inside of compute.
pub(crate) fn lineage_with(records: &[String], starts: &[Start], inside: Inside) -> Lineage {
    let (mut births, mut sightings) = (BirthsFold::default(), SightingsFold::default());
    each(records, |event, place| {
        births.observe(event, place);
        sightings.observe(event, place);
    });
    Lineage::trace(births, sightings, starts, inside)
}

/// A start that was given.
pub(crate) fn start(id: &str) -> Start {
    Start { id: id.to_owned(), ..Start::default() }
}

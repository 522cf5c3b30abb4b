//! CloudTrail Insights events: a call rate or an error rate out of the ordinary. They name no caller.

use std::borrow::Cow;

use super::Reading;
use crate::event::Wire;
use crate::json::Json;
use crate::place::Place;
use crate::time::Time;

/// One Insights event: the start or the end of an anomaly.
///
/// Text is empty where the record does not have it. Source: AWS CloudTrail User Guide, "CloudTrail record contents for
/// Insights events".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insight<'a> {
    /// `eventTime`.
    pub time: Time,
    /// `eventID`.
    pub id: Cow<'a, str>,
    /// `sharedEventID`: the same for the start and the end of one anomaly.
    pub shared_id: Cow<'a, str>,
    /// `recipientAccountId`.
    pub account: Cow<'a, str>,
    /// `awsRegion`.
    pub region: Cow<'a, str>,
    /// `insightDetails.state`: `Start` or `End`.
    pub state: Cow<'a, str>,
    /// `insightDetails.insightType`: `ApiCallRateInsight` or `ApiErrorRateInsight`.
    pub kind: Cow<'a, str>,
    /// `insightDetails.eventSource`: the service that was called.
    pub source: Cow<'a, str>,
    /// `insightDetails.eventName`: the call.
    pub name: Cow<'a, str>,
    /// `insightDetails.errorCode`, of an error-rate insight.
    pub error: Cow<'a, str>,
}

/// Whether a record is an Insights event.
pub(super) fn is_insight(wire: &Wire<'_>) -> bool {
    wire.others.iter().any(|(key, value)| {
        matches!(
            (&**key, value.raw()),
            ("eventCategory", r#""Insight""#) | ("eventType", r#""AwsCloudTrailInsight""#)
        )
    })
}

/// Hands an Insights event on.
pub(super) fn read(wire: &Wire<'_>, number: u32, reading: &mut Reading<'_>) {
    let Some(time) = Time::parse(&wire.time) else {
        return reading.problem(number, "`eventTime` is missing or no time; expected RFC 3339");
    };
    let other = |name: &str| wire.others.iter().find(|(key, _)| key == name).map(|&(_, value)| value);
    let text = |value: Option<Cow<'_, str>>| value.unwrap_or_default().into_owned().into();
    let detail = |name: &str| {
        text(other("insightDetails").and_then(|details| details.get(name)).and_then(Json::scalar))
    };
    let insight = Insight {
        time,
        id: wire.id.clone(),
        shared_id: text(other("sharedEventID").and_then(Json::scalar)),
        account: wire.account.clone(),
        region: wire.region.clone(),
        state: detail("state"),
        kind: detail("insightType"),
        source: detail("eventSource"),
        name: detail("eventName"),
        error: detail("errorCode"),
    };
    reading.saw("cloudtrail-insight", time);
    reading.sink.insight(&insight, Place { input: reading.input, record: number });
}

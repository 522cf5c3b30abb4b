//! GuardDuty findings, as exported to S3, as `get-findings` prints them, or inside an `EventBridge` event.

use super::Reading;
use super::records::text_of;
use crate::event::Wire;
use crate::json::Json;
use crate::place::Place;
use crate::time::Time;

/// One GuardDuty finding, flattened to what the engine asks of it.
///
/// Text is empty where the finding does not have it. The keys are lower camel case in exports and events, upper camel
/// case in the API; both are read. Source: Amazon GuardDuty User Guide, "Finding details"; API reference, `Finding`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GuardDutyFinding {
    /// `id`.
    pub id: String,
    /// `arn`.
    pub arn: String,
    /// `type`: `UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS`.
    pub kind: String,
    /// `severity`, 1 to 10; 0 where it is no number.
    pub severity: f64,
    /// `title`.
    pub title: String,
    /// `description`.
    pub description: String,
    /// `accountId`.
    pub account: String,
    /// `region`.
    pub region: String,
    /// `createdAt`.
    pub created: Time,
    /// `updatedAt`; the time of creation where it is absent.
    pub updated: Time,
    /// `service.eventFirstSeen`; the time of creation where it is absent.
    pub first_seen: Time,
    /// `service.eventLastSeen`; the time of the update where it is absent.
    pub last_seen: Time,
    /// `service.count`: how often it was seen.
    pub count: u64,
    /// `service.archived`.
    pub is_archived: bool,
    /// `resource.resourceType`: `AccessKey`, `Instance`, `S3Bucket`, …
    pub resource_type: String,
    /// `resource.accessKeyDetails.accessKeyId`.
    pub access_key: String,
    /// `resource.accessKeyDetails.principalId`.
    pub principal_id: String,
    /// `resource.accessKeyDetails.userName`: for a role session, the role's name.
    pub user_name: String,
    /// `resource.accessKeyDetails.userType`: `IAMUser`, `AssumedRole`, `Root`, …
    pub user_type: String,
    /// `resource.instanceDetails.instanceId`.
    pub instance: String,
    /// The names in `resource.s3BucketDetails`.
    pub buckets: Vec<String>,
    /// `service.action.actionType`: `AWS_API_CALL`, `NETWORK_CONNECTION`, `DNS_REQUEST`, …
    pub action: String,
    /// `service.action.awsApiCallAction.serviceName`: `iam.amazonaws.com`.
    pub called_service: String,
    /// `service.action.awsApiCallAction.api`: `CreateAccessKey`.
    pub called: String,
    /// The other side's address, of whichever action.
    pub remote_ip: String,
}

/// How many buckets of one finding are kept.
const MAX_BUCKETS: usize = 100;

/// Whether a record is a finding.
pub(super) fn is_finding(wire: &Wire<'_>) -> bool {
    let has = |name: &str| wire.others.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    has("type") && has("severity") && has("service") && (has("resource") || has("schemaVersion"))
}

/// Hands a finding on.
pub(super) fn read(wire: &Wire<'_>, number: u32, reading: &mut Reading<'_>) {
    let Some(finding) = finding(wire) else {
        return reading.problem(number, "is a GuardDuty finding without a `createdAt` or `updatedAt` time; expected RFC 3339, in the years 2006 to 2099");
    };
    reading.saw("guardduty", finding.last_seen);
    reading.sink.guardduty(&finding, Place { input: reading.input, record: number });
}

fn finding(wire: &Wire<'_>) -> Option<GuardDutyFinding> {
    let member = |name: &str| {
        let (_, value) = wire.others.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    };
    let text = |name: &str| member(name).copied().and_then(text_of).unwrap_or_default();
    let object = |name: &str| member(name).copied().unwrap_or_else(|| Json::new("{}"));
    let (service, resource) = (object("service"), object("resource"));
    let time = |text: &str| Time::of_log(text);
    let at = |path: &[&str]| find(service, path).and_then(text_of).unwrap_or_default();
    let of = |path: &[&str]| find(resource, path).and_then(text_of).unwrap_or_default();
    let updated = time(&text("updatedAt")).or_else(|| time(&text("createdAt")))?;
    let created = time(&text("createdAt")).unwrap_or(updated);
    let buckets = find(resource, &["s3BucketDetails"]).map(bucket_names).unwrap_or_default();
    Some(GuardDutyFinding {
        id: text("id"),
        arn: text("arn"),
        kind: text("type"),
        severity: text("severity").parse().ok().filter(|severity: &f64| severity.is_finite()).unwrap_or(0.0),
        title: text("title"),
        description: text("description"),
        account: text("accountId"),
        region: text("region"),
        created,
        updated,
        first_seen: time(&at(&["eventFirstSeen"])).unwrap_or(created),
        last_seen: time(&at(&["eventLastSeen"])).unwrap_or(updated),
        count: at(&["count"]).parse().unwrap_or(1),
        is_archived: at(&["archived"]) == "true",
        resource_type: of(&["resourceType"]),
        access_key: of(&["accessKeyDetails", "accessKeyId"]),
        principal_id: of(&["accessKeyDetails", "principalId"]),
        user_name: of(&["accessKeyDetails", "userName"]),
        user_type: of(&["accessKeyDetails", "userType"]),
        instance: of(&["instanceDetails", "instanceId"]),
        buckets,
        action: at(&["action", "actionType"]),
        called_service: at(&["action", "awsApiCallAction", "serviceName"]),
        called: at(&["action", "awsApiCallAction", "api"]),
        remote_ip: remote_ip(service),
    })
}

/// The remote address of whichever action a finding has.
fn remote_ip(service: Json<'_>) -> String {
    const ACTIONS: [&[&str]; 5] = [
        &["action", "awsApiCallAction", "remoteIpDetails"],
        &["action", "networkConnectionAction", "remoteIpDetails"],
        &["action", "kubernetesApiCallAction", "remoteIpDetails"],
        &["action", "rdsLoginAttemptAction", "remoteIpDetails"],
        &["action", "portProbeAction", "portProbeDetails", "remoteIpDetails"],
    ];
    let mut details = ACTIONS.iter().filter_map(|path| find(service, path));
    let address = |details: Json<'_>| {
        let of = |name| find(details, &[name]).and_then(text_of).filter(|address| !address.is_empty());
        of("ipAddressV4").or_else(|| of("ipAddressV6"))
    };
    details.find_map(address).unwrap_or_default()
}

fn bucket_names(details: Json<'_>) -> Vec<String> {
    let buckets = details.elements().into_iter();
    buckets.filter_map(|bucket| find(bucket, &["name"]).and_then(text_of)).take(MAX_BUCKETS).collect()
}

/// The value at a path of keys, whatever their case; of an array on the way, the first element counts.
fn find<'a>(json: Json<'a>, path: &[&str]) -> Option<Json<'a>> {
    let json = if json.raw().starts_with('[') { *json.elements().first()? } else { json };
    let Some((first, rest)) = path.split_first() else { return Some(json) };
    let (_, value) = json.members().into_iter().find(|(key, _)| key.eq_ignore_ascii_case(first))?;
    if rest.is_empty() { Some(value) } else { find(value, rest) }
}

//! Events whose fields are columns: CloudTrail Lake and Athena rows, the console's history, Sentinel, flattened exports.
//!
//! They are turned back into the JSON of an event, as far as the columns go.

use serde_json::{Map, Value};

/// The top-level fields of a record, as CloudTrail spells them.
const FIELDS: [&str; 28] = [
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "requestID",
    "eventID",
    "readOnly",
    "resources",
    "eventType",
    "apiVersion",
    "recipientAccountId",
    "serviceEventDetails",
    "sharedEventID",
    "vpcEndpointId",
    "managementEvent",
    "eventCategory",
    "sessionCredentialFromConsole",
    "tlsDetails",
    "insightDetails",
];

/// Columns that have other names, in lower case without blanks, and where they belong. Sources: Microsoft Learn,
/// "`AWSCloudTrail` table"; the CSV that the console's event history gives.
const RENAMED: [(&str, &str); 23] = [
    ("useridentitytype", "userIdentity.type"),
    ("useridentityprincipalid", "userIdentity.principalId"),
    ("useridentityarn", "userIdentity.arn"),
    ("useridentityaccountid", "userIdentity.accountId"),
    ("useridentityinvokedby", "userIdentity.invokedBy"),
    ("useridentityaccesskeyid", "userIdentity.accessKeyId"),
    ("useridentityusername", "userIdentity.userName"),
    ("sessionmfaauthenticated", "userIdentity.sessionContext.attributes.mfaAuthenticated"),
    ("sessioncreationdate", "userIdentity.sessionContext.attributes.creationDate"),
    ("sessionissuertype", "userIdentity.sessionContext.sessionIssuer.type"),
    ("sessionissuerprincipalid", "userIdentity.sessionContext.sessionIssuer.principalId"),
    ("sessionissuerarn", "userIdentity.sessionContext.sessionIssuer.arn"),
    ("sessionissueraccountid", "userIdentity.sessionContext.sessionIssuer.accountId"),
    ("sessionissuerusername", "userIdentity.sessionContext.sessionIssuer.userName"),
    ("awseventid", "eventID"),
    ("awsrequestid", "requestID"),
    ("eventtypename", "eventType"),
    ("username", "userIdentity.userName"),
    ("awsaccesskey", "userIdentity.accessKeyId"),
    ("accesskeyid", "userIdentity.accessKeyId"),
    ("arn", "userIdentity.arn"),
    ("principalid", "userIdentity.principalId"),
    ("useridentityprincipal", "userIdentity.principalId"),
];

/// The fields of `userIdentity`, which Lake and Athena write in lower case.
const IDENTITY_FIELDS: [&str; 20] = [
    "principalId",
    "accountId",
    "accessKeyId",
    "userName",
    "invokedBy",
    "sessionContext",
    "sessionIssuer",
    "creationDate",
    "mfaAuthenticated",
    "webIdFederationData",
    "federatedProvider",
    "sourceIdentity",
    "ec2RoleDelivery",
    "ec2IssuedInVpc",
    "identityProvider",
    "inScopeOf",
    "issuerType",
    "credentialsIssuedTo",
    "onBehalfOf",
    "credentialId",
];

/// The fields that hold fields, whose names flatteners put before those of their members.
const HOLDERS: [&str; 5] =
    ["userIdentity", "requestParameters", "responseElements", "additionalEventData", "tlsDetails"];

/// The objects in `userIdentity`, which stand before a member's name where a flattener joined them without a sign.
const IN_IDENTITY: [&str; 4] = ["sessionContext", "sessionIssuer", "attributes", "webIdFederationData"];

/// How deep dots and braces may nest.
const MAX_DEPTH: usize = 16;

/// Whether columns of these names can make an event.
pub(super) fn make_an_event<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let (mut source, mut name, mut time) = (false, false, false);
    for column in names.map(normal) {
        source |= column == "eventsource";
        name |= column == "eventname";
        time |= column == "eventtime" || column == "timegenerated";
    }
    source && name && time
}

/// The JSON of an event, from the names and the texts of its columns; a text that is JSON itself is taken as such.
pub(super) fn event_json<'a>(columns: impl Iterator<Item = (&'a str, Value)>) -> String {
    let mut event = Map::new();
    for (name, value) in columns {
        let path = path_of(name);
        let value = match (path.as_str(), value) {
            (_, Value::String(text)) if matches!(text.as_str(), "" | "null" | "-") => continue,
            // The CSV of flaws.cloud fills the gap.
            ("errorCode", Value::String(text)) if text == "NoError" => continue,
            (path, value) if path.ends_with("ccountId") => account_id(value),
            ("eventTime", Value::String(text)) if !event.contains_key("eventTime") => {
                Value::String(rfc3339(&text))
            }
            (_, Value::Null) | ("eventTime", _) => continue,
            (path, Value::String(text)) => structured(path, text),
            (_, other) => other,
        };
        put(&mut event, &path, value);
    }
    Value::Object(event).to_string()
}

/// A column's name in lower case, without blanks and underlines.
fn normal(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_')).flat_map(char::to_lowercase).collect()
}

fn path_of(name: &str) -> String {
    if name.contains('.') {
        return name.to_owned();
    }
    let normal = normal(name);
    if normal == "timegenerated" {
        return "eventTime".to_owned();
    }
    let spelled = FIELDS.iter().find(|field| field.eq_ignore_ascii_case(&normal));
    let renamed = || RENAMED.iter().find(|(column, _)| *column == normal).map(|(_, path)| *path);
    match spelled.copied().or_else(renamed) {
        Some(path) => path.to_owned(),
        None => joined(name).unwrap_or_else(|| name.to_owned()),
    }
}

/// The path of a member that a flattener joined with its holder: `requestParametersbucketName`,
/// `userIdentity_sessionContext_sessionIssuer_userName`.
fn joined(name: &str) -> Option<String> {
    let holder = HOLDERS.iter().find(|holder| name.starts_with(**holder))?;
    let mut rest = &name[holder.len()..];
    let mut path = (*holder).to_owned();
    if let Some(members) = rest.strip_prefix('_') {
        return Some(format!("{path}.{}", members.replace('_', ".")));
    }
    while let Some(inner) =
        IN_IDENTITY.iter().find(|inner| path.starts_with("userIdentity") && rest.starts_with(**inner))
    {
        path = format!("{path}.{inner}");
        rest = &rest[inner.len()..];
    }
    (!rest.is_empty()).then(|| format!("{path}.{rest}"))
}

/// An account id that a table took for a number: `811596193553.0`, or without its zeros in front.
fn account_id(value: Value) -> Value {
    let text = match &value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return value,
    };
    let digits = text.strip_suffix(".0").unwrap_or(&text);
    if digits.is_empty() || digits.len() > 12 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return value;
    }
    Value::String(format!("{digits:0>12}"))
}

fn put(event: &mut Map<String, Value>, path: &str, value: Value) {
    let mut keys = path.splitn(MAX_DEPTH, '.').peekable();
    let mut map = event;
    while let Some(key) = keys.next() {
        if keys.peek().is_none() {
            map.insert(key.to_owned(), value);
            return;
        }
        let inner = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { return };
        map = inner;
    }
}

/// `2026-03-19 18:40:12.000`, which Lake writes, as RFC 3339; other text as it is.
fn rfc3339(text: &str) -> String {
    let text = text.trim();
    match text.split_once(' ') {
        Some((date, clock)) if date.len() == 10 => {
            let clock = clock.trim_end_matches("UTC").trim_end();
            let zone = if clock.ends_with('Z') || clock.contains('+') { "" } else { "Z" };
            format!("{date}T{clock}{zone}")
        }
        _ => text.to_owned(),
    }
}

/// The value that a text stands for: JSON, or a struct as Trino prints it (`{type=IAMUser, arn=null}`), or itself.
fn structured(path: &str, text: String) -> Value {
    let trimmed = text.trim();
    if !trimmed.starts_with(['{', '[']) {
        return Value::String(text);
    }
    if let Ok(value) = serde_json::from_str(trimmed) {
        return value;
    }
    let is_struct = FIELDS.contains(&path);
    if is_struct { printed(trimmed, path == "userIdentity", MAX_DEPTH) } else { Value::String(text) }
}

fn printed(text: &str, is_identity: bool, depth: usize) -> Value {
    let inner = |open, close| text.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    if text == "null" {
        return Value::Null;
    }
    if depth == 0 {
        return Value::String(text.to_owned());
    }
    if let Some(inner) = inner('[', ']') {
        let parts = split(inner, |_| true);
        return parts.map(|part| printed(part, is_identity, depth - 1)).collect();
    }
    let Some(inner) = inner('{', '}') else { return Value::String(text.to_owned()) };
    let members = split(inner, starts_member).filter_map(|part| part.split_once('='));
    let spelled = |key: &str| {
        let known = IDENTITY_FIELDS.iter().find(|field| is_identity && field.eq_ignore_ascii_case(key));
        known.map_or(key, |field| *field).to_owned()
    };
    Value::Object(
        members.map(|(key, value)| (spelled(key), printed(value, is_identity, depth - 1))).collect(),
    )
}

/// Whether text starts with `key=`.
fn starts_member(text: &str) -> bool {
    let is_key = |key: &str| !key.is_empty() && key.len() < 128 && !key.contains([' ', '{', '}', ',']);
    text.split_once('=').is_some_and(|(key, _)| is_key(key))
}

/// Splits at each `, ` outside of brackets behind which something `begins`.
fn split(text: &str, begins: impl Fn(&str) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = Some(text).filter(|text| !text.is_empty());
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let mut depth = 0_i64;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b',' if depth == 0 => {
                    let Some(behind) = text[at..].strip_prefix(", ").filter(|rest| begins(rest)) else {
                        continue;
                    };
                    rest = Some(behind);
                    return Some(&text[..at]);
                }
                _ => {}
            }
        }
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(columns: &[(&str, &str)]) -> Value {
        let columns = columns.iter().map(|(name, text)| (*name, Value::String((*text).to_owned())));
        serde_json::from_str(&event_json(columns)).expect("JSON")
    }

    #[test]
    fn a_row_of_lake_becomes_an_event() {
        let event = event(&[
            ("eventTime", "2026-03-19 18:40:12.000"),
            ("eventName", "GetObject"),
            (
                "useridentity",
                "{type=AssumedRole, arn=arn:aws:sts::1:assumed-role/ci/x, accesskeyid=ASIA1, invokedby=null, \
                sessioncontext={attributes={creationdate=2026-03-19 18:00:00.000}, sessionissuer={username=ci, arn=a}}}",
            ),
            ("requestParameters", "{bucketName=b, key=a, b=c, tags=[x, y]}"),
            ("responseElements", "null"),
            ("resources", "[{\"ARN\":\"arn:1\"}]"),
        ]);
        assert_eq!(event["eventTime"], "2026-03-19T18:40:12.000Z");
        assert_eq!(event["userIdentity"]["accessKeyId"], "ASIA1");
        assert_eq!(event["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "ci");
        assert_eq!(event["requestParameters"]["bucketName"], "b");
        assert_eq!(event["requestParameters"]["tags"][1], "y");
        assert_eq!(event["resources"][0]["ARN"], "arn:1");
        assert!(event.get("responseElements").is_none());
    }

    #[test]
    fn columns_of_sentinel_of_the_console_and_with_dots_find_their_places() {
        let event = event(&[
            ("TimeGenerated", "2026-03-19T18:40:12Z"),
            ("UserIdentityAccessKeyId", "AKIA1"),
            ("Source IP address", "192.0.2.1"),
            ("userIdentity.sessionContext.attributes.mfaAuthenticated", "false"),
            ("requestParameters.a.b", "1"),
            ("requestParameters.a", "lost to the deeper one"),
        ]);
        assert_eq!(event["eventTime"], "2026-03-19T18:40:12Z");
        assert_eq!(event["userIdentity"]["accessKeyId"], "AKIA1");
        assert_eq!(event["sourceIPAddress"], "192.0.2.1");
        assert_eq!(event["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"], "false");
    }

    #[test]
    fn columns_joined_without_a_sign_find_their_places() {
        let event = event(&[
            ("userIdentityaccountId", "11596193553.0"),
            ("userIdentitysessionContextsessionIssueruserName", "app"),
            ("userIdentity_sessionContext_attributes_mfaAuthenticated", "false"),
            ("requestParametersinstanceType", "p3.16xlarge"),
            ("errorCode", "NoError"),
        ]);
        assert_eq!(event["userIdentity"]["accountId"], "011596193553");
        assert_eq!(event["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "app");
        assert_eq!(event["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"], "false");
        assert_eq!(event["requestParameters"]["instanceType"], "p3.16xlarge");
        assert!(event.get("errorCode").is_none());
    }

    #[test]
    fn nested_brackets_end_at_a_bound() {
        let deep = "{a=".repeat(100_000) + &"}".repeat(100_000);
        assert!(printed(&deep, false, MAX_DEPTH).is_object());
    }
}

//! A CloudTrail event as the Sigma engine asks it: straight from the raw JSON, no tree.

use std::borrow::Cow;

use crate::event::Event;
use crate::json::Json;
use crate::shape::{Shape, TEXTS};
use crate::sigma::{FieldPath, Fields, Presence, See, Slot, Value, visit_raw, visit_raw_scalars};

/// The top-level fields that an [`Event`] holds in places of their own; the slot of a path is its index here, plus one.
const SLOTS: [&str; 14] = [
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "recipientAccountId",
    "eventTime",
    "eventID",
    "userIdentity",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "resources",
];

/// The slot of a field path, by its first segment. What an event's [`Shape`] is made of recurs with it.
pub fn slot(path: &str) -> Slot {
    let first = path.split('.').next().unwrap_or(path);
    let number = SLOTS.iter().zip(1..).find_map(|(name, slot)| (*name == first).then_some(slot)).unwrap_or(0);
    Slot { number, recurs: TEXTS.contains(&path) || number == IDENTITY }
}

const IDENTITY: u32 = 10;

impl Fields for Event<'_> {
    fn selector(&self) -> (&str, &str) {
        (&self.wire.source, &self.wire.name)
    }

    fn shape(&self) -> Option<Shape> {
        Some(self.shape)
    }

    fn visit(&self, path: &FieldPath, see: See<'_>) -> Presence {
        let wire = &self.wire;
        let lazy = match path.slot() {
            1 => return self.scalar(path, &wire.source, see),
            2 => return self.scalar(path, &wire.name, see),
            3 => return self.scalar(path, &wire.region, see),
            4 => return self.scalar(path, &wire.address, see),
            5 => return self.scalar(path, &wire.agent, see),
            6 => return self.scalar(path, wire.error.as_deref().unwrap_or_default(), see),
            7 => return self.scalar(path, &wire.account, see),
            8 => return self.scalar(path, &wire.time, see),
            9 => return self.scalar(path, &wire.id, see),
            IDENTITY => match self.known_identity(path.as_str()) {
                Some(known) => return scalar_at_end(known, see),
                None => &wire.identity,
            },
            11 if path.len() > 1 => return self.visit_request(path, see),
            11 => &wire.request,
            12 => &wire.response,
            13 => &wire.additional,
            14 => &wire.resources,
            _ => return self.visit_others(path, see),
        };
        lazy.map_or(Presence::Absent, |json| visit_raw(json.raw(), path, 1, see))
    }

    fn visit_all(&self, see: See<'_>) {
        let wire = &self.wire;
        let texts = [
            &wire.source,
            &wire.name,
            &wire.region,
            &wire.address,
            &wire.agent,
            &wire.account,
            &wire.time,
            &wire.id,
        ];
        for text in texts.into_iter().chain(&wire.error) {
            if !text.is_empty() && see(Value::Text(text)).is_break() {
                return;
            }
        }
        let known = [&wire.identity, &wire.request, &wire.response, &wire.additional, &wire.resources];
        let values = known.into_iter().flatten().chain(wire.others.iter().map(|(_, value)| value));
        for value in values {
            visit_raw_scalars(value.raw(), see);
        }
    }
}

impl Event<'_> {
    fn scalar(&self, path: &FieldPath, text: &str, see: See<'_>) -> Presence {
        match (text, path.len()) {
            // What is no text, or empty, stands among the others.
            ("", _) => self.visit_others(path, see),
            (_, 1) => scalar_at_end(text, see),
            _ => Presence::Absent,
        }
    }

    /// The fields of the identity that rules ask most, already read; `None` for others and where they are empty.
    fn known_identity(&self, path: &str) -> Option<&str> {
        let identity = &self.identity;
        let text = match path {
            "userIdentity.type" => &identity.kind,
            "userIdentity.arn" => &identity.arn,
            "userIdentity.accountId" => &identity.account,
            "userIdentity.accessKeyId" => &identity.access_key,
            "userIdentity.userName" => &identity.user_name,
            "userIdentity.invokedBy" => &identity.invoked_by,
            "userIdentity.principalId" => &identity.principal_id,
            "userIdentity.sessionContext.sessionIssuer.type" => &identity.issuer_kind,
            "userIdentity.sessionContext.sessionIssuer.arn" => &identity.issuer_arn,
            "userIdentity.sessionContext.sessionIssuer.userName" => &identity.issuer_name,
            _ => return None,
        };
        Some(&**text).filter(|text| !text.is_empty() || identity.is_plain)
    }

    fn visit_request(&self, path: &FieldPath, see: See<'_>) -> Presence {
        // Rules ask many fields of the same parameters; their members are found once.
        visit_members(self.request_members(), path, 1, see)
    }

    fn visit_others(&self, path: &FieldPath, see: See<'_>) -> Presence {
        visit_members(&self.wire.others, path, 0, see)
    }
}

/// Shows what lies at the segments of the path from number `from` on, below these members.
fn visit_members(
    members: &[(Cow<'_, str>, Json<'_>)],
    path: &FieldPath,
    from: usize,
    see: See<'_>,
) -> Presence {
    let mut presence = Presence::Absent;
    for (key, value) in members {
        for to in (from + 1..=path.len()).filter(|&to| path.key(from, to) == key) {
            if visit_raw(value.raw(), path, to, see) == Presence::Present {
                presence = Presence::Present;
            }
        }
    }
    presence
}

fn scalar_at_end(text: &str, see: See<'_>) -> Presence {
    if text.is_empty() {
        return Presence::Absent;
    }
    let _ = see(Value::Text(text));
    Presence::Present
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::event::Events;
    use crate::sigma::JsonFields;

    /// Asserts that an event shows at a path what the tree shows there.
    fn assert_seen_alike(event: &Event<'_>, tree: &serde_json::Value, path: &str) {
        let path = FieldPath::with_slot(path, slot(path));
        let look = |fields: &dyn Fields| {
            let mut seen = Vec::new();
            let presence = fields.visit(&path, &mut |value| {
                seen.push(format!("{value:?}"));
                ControlFlow::Continue(())
            });
            (presence, seen)
        };
        assert_eq!(look(event), look(&JsonFields::new(tree)), "{}", path.as_str());
    }

    /// A field may be there without text, and then a rule can tell it from one that is not.
    #[test]
    fn what_is_null_or_empty_is_not_what_is_absent() {
        let text = r#"{"eventTime":"2026-03-19T18:40:12Z","eventSource":"","eventName":{"n":[1,"x"]},"awsRegion":null,
            "sourceIPAddress":[],"userAgent":"","errorCode":"","recipientAccountId":1.50,"eventID":null,"userIdentity":
            {"type":null,"arn":"","accountId":{"a":1}},"requestParameters":null,"responseElements":"","resources":[]}"#;
        let tree: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let one_line = text.replace('\n', "");
        let event =
            Events::default().event(serde_json::from_str(&one_line).expect("a record")).expect("a time");
        let paths = SLOTS.into_iter().chain(["eventName.n", "userIdentity.type", "userIdentity.arn"]);
        let deeper =
            ["userIdentity.accountId.a", "userIdentity.userName", "awsRegion.x", "requestParameters.x"];
        for path in paths.chain(deeper).filter(|path| *path != "recipientAccountId") {
            assert_seen_alike(&event, &tree, path);
        }
    }

    /// Whatever the tree reader of the engine shows, this one shows.
    #[test]
    fn the_raw_event_shows_what_its_tree_shows() {
        let text = r#"{"eventTime":"2026-03-19T18:40:12Z","eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress",
            "awsRegion":"eu-west-1","userIdentity":{"type":"IAMUser","accessKeyId":"AKIA1","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}},
            "requestParameters":{"ipPermissions":{"items":[{"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"},{"cidrIp":"0.0.0.0/0"}]}},{"n":5}]},
            "a.b":{"c":"dotted"},"empty":{},"none":null,"list":[],"text":"a\"b\u00e9","nested":[["x"],["y",[true]]]},
            "resources":[{"ARN":"arn:1"},{"ARN":"arn:2"}],"readOnly":false,"tlsDetails":{"tlsVersion":"TLSv1.3"}}"#;
        let tree: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let event = Events::default().event(serde_json::from_str(text).expect("a record")).expect("a time");
        for path in [
            "eventName",
            "awsRegion",
            "errorCode",
            "userIdentity.type",
            "userIdentity.sessionContext.attributes.mfaAuthenticated",
            "userIdentity.absent",
            "requestParameters.ipPermissions.items.ipRanges.items.cidrIp",
            "requestParameters.a.b.c",
            "requestParameters.ipPermissions.items.n",
            "requestParameters.empty",
            "requestParameters.none",
            "requestParameters.list",
            "requestParameters.text",
            "requestParameters.nested",
            "requestParameters.ipPermissions",
            "resources.ARN",
            "readOnly",
            "tlsDetails.tlsVersion",
            "tlsDetails",
            "absent.at.all",
            "requestParameters",
        ] {
            assert_seen_alike(&event, &tree, path);
        }
    }
}

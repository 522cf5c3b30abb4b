//! A CloudTrail event as the Sigma engine asks it: straight from the raw JSON, no tree.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::event::{Event, raw};
use crate::sigma::{FieldPath, Fields, Presence, See, Value, composite_text};

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

/// Arrays and objects nested deeper than this hold nothing that a rule could ask for.
const MAX_DEPTH: u32 = 64;

/// The slot of a field path, by its first segment; 0 for fields without a place of their own.
pub fn slot(path: &str) -> u32 {
    let first = path.split('.').next().unwrap_or(path);
    SLOTS.iter().zip(1..).find_map(|(name, slot)| (*name == first).then_some(slot)).unwrap_or(0)
}

impl Fields for Event<'_> {
    fn selector(&self) -> (&str, &str) {
        (&self.wire.source, &self.wire.name)
    }

    fn visit(&self, path: &FieldPath, see: See<'_>) -> Presence {
        let wire = &self.wire;
        let lazy = match path.slot() {
            1 => return scalar(path, &wire.source, see),
            2 => return scalar(path, &wire.name, see),
            3 => return scalar(path, &wire.region, see),
            4 => return scalar(path, &wire.address, see),
            5 => return scalar(path, &wire.agent, see),
            6 => return wire.error.as_ref().map_or(Presence::Absent, |code| scalar(path, code, see)),
            7 => return scalar(path, &wire.account, see),
            8 => return scalar(path, &wire.time, see),
            9 => return scalar(path, &wire.id, see),
            10 => match self.known_identity(path.as_str()) {
                Some(known) => return scalar_at_end(known, see),
                None => &wire.identity,
            },
            11 => &wire.request,
            12 => &wire.response,
            13 => &wire.additional,
            14 => &wire.resources,
            _ => return self.visit_others(path, see),
        };
        let Some(json) = lazy.as_ref().and_then(raw) else { return Presence::Absent };
        let mut walk = Walk { path, see, presence: Presence::Absent };
        let _ = walk.descend(json, 1, 0);
        walk.presence
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
            if each_scalar(raw(value).unwrap_or_default(), see, 0).is_break() {
                return;
            }
        }
    }
}

impl Event<'_> {
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
        Some(&**text).filter(|text| !text.is_empty())
    }

    fn visit_others(&self, path: &FieldPath, see: See<'_>) -> Presence {
        let mut walk = Walk { path, see, presence: Presence::Absent };
        for (key, value) in &self.wire.others {
            for to in 1..=path.len() {
                if path.key(0, to) == key && walk.descend(raw(value).unwrap_or_default(), to, 0).is_break() {
                    return walk.presence;
                }
            }
        }
        walk.presence
    }
}

fn scalar(path: &FieldPath, text: &str, see: See<'_>) -> Presence {
    if path.len() > 1 { Presence::Absent } else { scalar_at_end(text, see) }
}

fn scalar_at_end(text: &str, see: See<'_>) -> Presence {
    if text.is_empty() {
        return Presence::Absent;
    }
    let _ = see(Value::Text(text));
    Presence::Present
}

struct Walk<'p, 's> {
    path: &'p FieldPath,
    see: See<'s>,
    presence: Presence,
}

impl Walk<'_, '_> {
    /// Shows what lies at the segments of the path from number `from` on.
    fn descend(&mut self, json: &str, from: usize, depth: u32) -> ControlFlow<()> {
        if depth > MAX_DEPTH {
            return ControlFlow::Continue(());
        }
        if from >= self.path.len() {
            self.presence = Presence::Present;
            return show(json, self.see, depth);
        }
        match json.as_bytes().first() {
            Some(b'{') => {
                for (key, value) in sonic_rs::to_object_iter(json).flatten() {
                    let Some(inner) = raw(&value) else { continue };
                    for to in from + 1..=self.path.len() {
                        if self.path.key(from, to) == key {
                            self.descend(inner, to, depth + 1)?;
                        }
                    }
                }
                ControlFlow::Continue(())
            }
            Some(b'[') => sonic_rs::to_array_iter(json)
                .flatten()
                .try_for_each(|value| self.descend(raw(&value).unwrap_or_default(), from, depth + 1)),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn show(json: &str, see: See<'_>, depth: u32) -> ControlFlow<()> {
    match json.as_bytes().first() {
        Some(b'[') if depth <= MAX_DEPTH => sonic_rs::to_array_iter(json)
            .flatten()
            .try_for_each(|value| show(raw(&value).unwrap_or_default(), see, depth + 1)),
        Some(b'{') if sonic_rs::to_object_iter(json).next().is_none() => ControlFlow::Continue(()),
        Some(b'{') => see(Value::Composite(&composite_text(json))),
        _ => show_scalar(json, see),
    }
}

fn each_scalar(json: &str, see: See<'_>, depth: u32) -> ControlFlow<()> {
    if depth > MAX_DEPTH {
        return ControlFlow::Continue(());
    }
    let mut inner =
        |value: &sonic_rs::LazyValue<'_>| each_scalar(raw(value).unwrap_or_default(), see, depth + 1);
    match json.as_bytes().first() {
        Some(b'[') => sonic_rs::to_array_iter(json).flatten().try_for_each(|value| inner(&value)),
        Some(b'{') => sonic_rs::to_object_iter(json).flatten().try_for_each(|(_, value)| inner(&value)),
        Some(b'n') | None => ControlFlow::Continue(()),
        _ => show_scalar(json, see),
    }
}

fn show_scalar(json: &str, see: See<'_>) -> ControlFlow<()> {
    match json.as_bytes().first() {
        Some(b'"') => {
            let inner = &json[1..json.len().saturating_sub(1)];
            if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
                return see(Value::Text(inner));
            }
            let decoded: Cow<'_, str> = sonic_rs::from_str::<String>(json).map_or(inner.into(), Into::into);
            see(Value::Text(&decoded))
        }
        Some(b't') => see(Value::Bool(true)),
        Some(b'f') => see(Value::Bool(false)),
        Some(b'n') | None => see(Value::Null),
        Some(_) => see(Value::Number(json)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Events;
    use crate::sigma::JsonFields;

    /// Whatever the tree reader of the engine shows, this one shows.
    #[test]
    fn the_raw_event_shows_what_its_tree_shows() {
        let text = r#"{"eventTime":"2026-03-19T18:40:12Z","eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress",
            "awsRegion":"eu-west-1","userIdentity":{"type":"IAMUser","accessKeyId":"AKIA1","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}},
            "requestParameters":{"ipPermissions":{"items":[{"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"},{"cidrIp":"0.0.0.0/0"}]}},{"n":5}]},
            "a.b":{"c":"dotted"},"empty":{},"none":null,"list":[],"text":"a\"b\u00e9","nested":[["x"],["y",[true]]]},
            "resources":[{"ARN":"arn:1"},{"ARN":"arn:2"}],"readOnly":false,"tlsDetails":{"tlsVersion":"TLSv1.3"}}"#;
        let tree: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let event = Events::default().event(sonic_rs::from_str(text).expect("a record")).expect("a time");
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
            let path = FieldPath::with_slot(path, slot(path));
            let look = |fields: &dyn Fields| {
                let mut seen = Vec::new();
                let presence = fields.visit(&path, &mut |value| {
                    seen.push(format!("{value:?}"));
                    ControlFlow::Continue(())
                });
                (presence, seen)
            };
            assert_eq!(look(&event), look(&JsonFields::new(&tree)), "{}", path.as_str());
        }
    }
}

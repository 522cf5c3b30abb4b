//! Who made a call.

use std::cell::Cell;

use serde::Deserialize;

use crate::engine::births::look::plain;
use crate::engine::hits::event_number;
use crate::json::Json;

/// The `userIdentity` of a CloudTrail record, flattened to what the engine asks of it.
///
/// Text is empty where the record does not have it. Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// `Root`, `IAMUser`, `AssumedRole`, `FederatedUser`, `AWSAccount`, `AWSService`, `SAMLUser`, `WebIdentityUser`,
    /// `IdentityCenterUser`, `Role`, `Directory`, `Unknown`.
    pub kind: Box<str>,
    /// The unique id of the entity (`AIDA…`, `AROA…:session-name`).
    pub principal_id: Box<str>,
    /// The ARN of the principal; of a role session it is the session's (`arn:aws:sts::…:assumed-role/ROLE/SESSION`).
    pub arn: Box<str>,
    /// The account that owns the entity.
    pub account: Box<str>,
    /// The access key that signed the call (`AKIA…`, `ASIA…`).
    pub access_key: Box<str>,
    /// The friendly name of a user.
    pub user_name: Box<str>,
    /// The service that made the call on somebody's behalf.
    pub invoked_by: Box<str>,
    /// `sessionContext.sessionIssuer.type`: `Role`, `Root`, `IAMUser`.
    pub issuer_kind: Box<str>,
    /// `sessionContext.sessionIssuer.arn`: the role or user that the session was issued to.
    pub issuer_arn: Box<str>,
    /// `sessionContext.sessionIssuer.userName`.
    pub issuer_name: Box<str>,
    /// `sessionContext.attributes.creationDate`, as written.
    pub session_created: Box<str>,
    /// `sessionContext.attributes.mfaAuthenticated`.
    pub mfa: Option<bool>,
    /// `sessionContext.sourceIdentity`.
    pub source_identity: Box<str>,
    /// `sessionContext.webIdFederationData.federatedProvider`, or the SAML provider.
    pub federated_provider: Box<str>,
    /// `sessionContext.ec2RoleDelivery`: `1.0` or `2.0` for a session that an instance got from its metadata service.
    pub ec2_role_delivery: Box<str>,
    /// `inScopeOf.credentialsIssuedTo`: the function, task or instance that the session was issued to.
    pub issued_to: Box<str>,
    /// Whether every field above that is empty is absent, rather than written as something that is no text.
    pub is_plain: bool,
    /// The [`event_number`] of [`Self::credential`], the path of an ARN left away.
    pub number: u64,
}

impl Identity {
    /// Reads the raw JSON of a `userIdentity`; `None` if it is no JSON object. Fields of a wrong type count as absent.
    pub fn parse(raw: &str) -> Option<Self> {
        let wire: Wire<'_> = serde_json::from_str(raw).ok()?;
        let session = object::<WireSession<'_>>(wire.session_context);
        let issuer = object::<WireIssuer<'_>>(session.session_issuer);
        let attributes = object::<WireAttributes<'_>>(session.attributes);
        let federation = object::<WireFederation<'_>>(session.web_id_federation_data);
        let scope = object::<WireScope<'_>>(wire.in_scope_of);
        let is_plain = Cell::new(true);
        let text = |value: Option<Json<'_>>| text(value, &is_plain);
        let provider = text(federation.federated_provider);
        let mut identity = Self {
            kind: text(wire.kind),
            principal_id: text(wire.principal_id),
            arn: text(wire.arn),
            account: text(wire.account_id),
            access_key: text(wire.access_key_id),
            user_name: text(wire.user_name),
            invoked_by: text(wire.invoked_by),
            issuer_kind: text(issuer.kind),
            issuer_arn: text(issuer.arn),
            issuer_name: text(issuer.user_name),
            session_created: text(attributes.creation_date),
            mfa: match &*text(attributes.mfa_authenticated) {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            source_identity: text(session.source_identity),
            federated_provider: if provider.is_empty() { text(wire.identity_provider) } else { provider },
            ec2_role_delivery: text(session.ec2_role_delivery),
            issued_to: text(scope.credentials_issued_to),
            is_plain: true,
            number: 0,
        };
        identity.is_plain = is_plain.get();
        identity.number = event_number(&plain(identity.credential()));
        Some(identity)
    }

    /// What names the credential best: the access key, or else the principal, or else the service.
    pub fn credential(&self) -> &str {
        [&self.access_key, &self.arn, &self.principal_id, &self.invoked_by, &self.account]
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("", |name| name)
    }

    /// The lasting principal behind a session: the role for a role session, the user for a user; else the ARN.
    pub fn principal(&self) -> &str {
        if self.issuer_arn.is_empty() { &self.arn } else { &self.issuer_arn }
    }

    /// The last part of a role session's name (`arn:aws:sts::1:assumed-role/ROLE/SESSION` → `SESSION`).
    pub fn session_name(&self) -> Option<&str> {
        self.arn.contains(":assumed-role/").then(|| self.arn.rsplit('/').next()).flatten()
    }

    /// Whether an AWS service made the call by itself.
    pub fn is_service(&self) -> bool {
        &*self.kind == "AWSService"
            || (self.access_key.is_empty() && !self.invoked_by.is_empty() && self.arn.is_empty())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Json<'a>>,
    #[serde(borrow)]
    principal_id: Option<Json<'a>>,
    #[serde(borrow)]
    arn: Option<Json<'a>>,
    #[serde(borrow)]
    account_id: Option<Json<'a>>,
    #[serde(borrow)]
    access_key_id: Option<Json<'a>>,
    #[serde(borrow)]
    user_name: Option<Json<'a>>,
    #[serde(borrow)]
    invoked_by: Option<Json<'a>>,
    #[serde(borrow)]
    identity_provider: Option<Json<'a>>,
    #[serde(borrow)]
    session_context: Option<Json<'a>>,
    #[serde(borrow)]
    in_scope_of: Option<Json<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WireSession<'a> {
    #[serde(borrow)]
    session_issuer: Option<Json<'a>>,
    #[serde(borrow)]
    attributes: Option<Json<'a>>,
    #[serde(borrow)]
    web_id_federation_data: Option<Json<'a>>,
    #[serde(borrow)]
    source_identity: Option<Json<'a>>,
    #[serde(borrow)]
    ec2_role_delivery: Option<Json<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WireIssuer<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Json<'a>>,
    #[serde(borrow)]
    arn: Option<Json<'a>>,
    #[serde(borrow)]
    user_name: Option<Json<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WireAttributes<'a> {
    #[serde(borrow)]
    creation_date: Option<Json<'a>>,
    #[serde(borrow)]
    mfa_authenticated: Option<Json<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WireFederation<'a> {
    #[serde(borrow)]
    federated_provider: Option<Json<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WireScope<'a> {
    #[serde(borrow)]
    credentials_issued_to: Option<Json<'a>>,
}

/// An object read from raw JSON; the default where it is absent or something else.
fn object<'a, T: Default + Deserialize<'a>>(value: Option<Json<'a>>) -> T {
    value.and_then(|value| serde_json::from_str(value.raw()).ok()).unwrap_or_default()
}

/// The text of a string, number or boolean; empty for anything else.
///
/// Clears `is_plain` where there is a value, but no text.
fn text(value: Option<Json<'_>>, is_plain: &Cell<bool>) -> Box<str> {
    let text = value.and_then(Json::scalar).unwrap_or_default();
    if text.is_empty() && value.is_some() {
        is_plain.set(false);
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_session_is_flattened_to_its_role_and_session_name() {
        let identity = Identity::parse(
            r#"{"type":"AssumedRole","principalId":"AROA1:deploy","arn":"arn:aws:sts::1:assumed-role/ci/deploy",
                "accountId":"1","accessKeyId":"ASIA1","sessionContext":{"sessionIssuer":{"type":"Role","arn":
                "arn:aws:iam::1:role/ci","userName":"ci"},"attributes":{"creationDate":"2026-03-19T18:00:00Z",
                "mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}}"#,
        )
        .expect("an object");
        assert_eq!(identity.credential(), "ASIA1");
        assert_eq!(identity.principal(), "arn:aws:iam::1:role/ci");
        assert_eq!(identity.session_name(), Some("deploy"));
        assert_eq!(identity.mfa, Some(false));
        assert_eq!(&*identity.ec2_role_delivery, "2.0");
    }

    #[test]
    fn fields_of_a_wrong_type_count_as_absent_and_escapes_are_read() {
        let identity =
            Identity::parse(r#"{"type":7,"arn":{"a":1},"userName":"a\u0062\"c","sessionContext":"no"}"#);
        let identity = identity.expect("an object");
        assert_eq!((&*identity.kind, &*identity.arn, &*identity.user_name), ("7", "", "ab\"c"));
        assert_eq!(Identity::parse("[1]"), None);
    }
}

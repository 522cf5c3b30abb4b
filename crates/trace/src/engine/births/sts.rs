//! Sessions from the Security Token Service.

use std::borrow::Cow;

use floodmark_case::CredentialKind;

use crate::event::Event;

use super::look::{account_of, first, leaf, partition_of, plain};
use super::{Draft, Nature};

/// `AssumeRole` and its SAML and web-identity forms.
pub(super) fn assume_role<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let request = event.wire.request.as_ref();
    let response = event.wire.response.as_ref();
    let role = first(request, &[&["roleArn"]]);
    let session_arn = first(response, &[&["assumedRoleUser", "arn"]]);
    let session = match first(request, &[&["roleSessionName"]]) {
        name if !name.is_empty() => name,
        _ => Cow::Owned(leaf(&session_arn).to_owned()),
    };
    let principal = if session_arn.is_empty() { session_of(&role, &session) } else { session_arn };
    let key = first(response, &[&["credentials", "accessKeyId"]]);
    let mut draft = Draft::new(
        if key.is_empty() { principal.clone() } else { key },
        CredentialKind::RoleSession,
        Nature::Minted,
    );
    draft.provider = match event.service_provider() {
        provider if !provider.is_empty() => provider,
        _ => Cow::Borrowed(&*event.identity.invoked_by),
    };
    draft.account = Cow::Owned(account_of(&role).to_owned());
    draft.principal_id = first(response, &[&["assumedRoleUser", "assumedRoleId"]]);
    draft.principal = principal;
    draft.role = role;
    draft.session = session;
    vec![draft]
}

/// `AssumeRoot`: the root user of a member account, for a task.
pub(super) fn assume_root<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let target = first(event.wire.request.as_ref(), &[&["targetPrincipal"]]);
    let account =
        if target.starts_with("arn:") { account_of(&target).to_owned() } else { target.to_string() };
    let root = format!("arn:{}:iam::{account}:root", partition_of(&event.identity.arn));
    let key = first(event.wire.response.as_ref(), &[&["credentials", "accessKeyId"]]);
    let child = if key.is_empty() { Cow::Owned(root.clone()) } else { key };
    let mut draft = Draft::new(child, CredentialKind::Root, Nature::Minted);
    draft.principal = Cow::Owned(root);
    draft.account = Cow::Owned(account);
    vec![draft]
}

/// `GetSessionToken`: the same user again.
pub(super) fn session_token<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let key = first(event.wire.response.as_ref(), &[&["credentials", "accessKeyId"]]);
    if key.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(key, CredentialKind::SessionToken, Nature::Minted);
    draft.principal = Cow::Borrowed(&*event.identity.arn);
    draft.account = Cow::Borrowed(&*event.identity.account);
    vec![draft]
}

/// `GetFederationToken`: a federated user with at most the caller's rights.
pub(super) fn federation_token<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let response = event.wire.response.as_ref();
    let user = first(response, &[&["federatedUser", "arn"]]);
    let key = first(response, &[&["credentials", "accessKeyId"]]);
    if key.is_empty() && user.is_empty() {
        return Vec::new();
    }
    let child = if key.is_empty() { user.clone() } else { key };
    let mut draft = Draft::new(child, CredentialKind::FederationToken, Nature::Minted);
    draft.principal = user;
    draft.account = Cow::Borrowed(&*event.identity.account);
    draft.session = first(event.wire.request.as_ref(), &[&["name"]]);
    vec![draft]
}

/// The ARN of a session of a role.
fn session_of(role: &str, session: &str) -> Cow<'static, str> {
    let role = plain(role);
    Cow::Owned(format!(
        "arn:{}:sts::{}:assumed-role/{}/{session}",
        partition_of(&role),
        account_of(&role),
        leaf(&role)
    ))
}

impl Event<'_> {
    /// The identity provider through which a session came: of SAML the provider's ARN, of web identity its ARN or name.
    fn service_provider(&self) -> Cow<'_, str> {
        let saml = first(self.wire.request.as_ref(), &[&["principalArn"], &["providerId"]]);
        if !saml.is_empty() {
            return saml;
        }
        let web = first(self.wire.response.as_ref(), &[&["provider"]]);
        if web.is_empty() { Cow::Borrowed(&*self.identity.federated_provider) } else { web }
    }
}

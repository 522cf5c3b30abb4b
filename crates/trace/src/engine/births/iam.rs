//! Keys, passwords, trust and providers in IAM.

use std::borrow::Cow;

use floodmark_case::{Confidence, CredentialKind};

use crate::event::Event;

use super::look::{deep, first, partition_of, plain};
use super::{Draft, Nature, policy};

/// `CreateAccessKey`, for oneself or another user.
pub(super) fn create_access_key<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let key = first(event.wire.response.as_ref(), &[&["accessKey", "accessKeyId"]]);
    if key.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(key, CredentialKind::LongLivedKey, Nature::Minted);
    draft.principal = Cow::Owned(user(event));
    vec![draft]
}

/// `UpdateAccessKey` to `Active`.
pub(super) fn update_access_key<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let key = first(event.wire.request.as_ref(), &[&["accessKeyId"]]);
    let status = first(event.wire.request.as_ref(), &[&["status"]]);
    if key.is_empty() || status != "Active" {
        return Vec::new();
    }
    let mut draft = Draft::new(key, CredentialKind::LongLivedKey, Nature::Revived);
    draft.principal = Cow::Owned(user(event));
    draft.confidence = Confidence::Medium;
    vec![draft]
}

/// `CreateLoginProfile`, `UpdateLoginProfile`, `ChangePassword`: whoever set the password knows it.
pub(super) fn password<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let user = user(event);
    let mut draft =
        Draft::new(format!("{user}#login-profile"), CredentialKind::LoginProfile, Nature::Password);
    draft.principal = Cow::Owned(user);
    vec![draft]
}

/// `CreateUser`: nothing to act with yet, but whatever key of it is seen later is the maker's.
pub(super) fn create_user<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let user = user(event);
    let mut draft = Draft::new(user.clone(), CredentialKind::Principal, Nature::Principal);
    draft.principal = Cow::Owned(user);
    vec![draft]
}

/// `CreateRole`, `UpdateAssumeRolePolicy`: whom the policy names may assume the role from now on.
pub(super) fn trust<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let request = event.wire.request.as_ref();
    let arn = first(event.wire.response.as_ref(), &[&["role", "arn"]]);
    let role = if arn.is_empty() {
        let name = first(request, &[&["roleName"]]);
        format!("arn:{}:iam::{}:role/{name}", partition_of(&event.identity.arn), event.wire.account)
    } else {
        plain(&arn).into_owned()
    };
    let document = first(request, &[&["policyDocument"], &["assumeRolePolicyDocument"]]);
    let mut draft = Draft::new(format!("{role}#trust"), CredentialKind::Trust, Nature::Trust);
    draft.trusted = policy::allowed_principals(&document).join("\n");
    draft.principal = Cow::Owned(role.clone());
    draft.role = Cow::Owned(role);
    vec![draft]
}

/// `CreateSAMLProvider`, `CreateOpenIDConnectProvider`.
pub(super) fn provider_made<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    provider(event, Nature::ProviderMade, Confidence::High)
}

/// A change of the metadata, thumbprint or audience of a provider that others use too.
pub(super) fn provider_changed<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    provider(event, Nature::ProviderChanged, Confidence::Medium)
}

/// SSH keys, signing certificates, service-specific credentials (also Bedrock's API keys).
pub(super) fn service_credential<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let response = event.wire.response.as_ref();
    let id = ["serviceSpecificCredentialId", "sSHPublicKeyId", "certificateId"]
        .into_iter()
        .map(|key| deep(response, key))
        .find(|id| !id.is_empty());
    let Some(id) = id else { return Vec::new() };
    let mut draft = Draft::new(id, CredentialKind::Principal, Nature::Minted);
    draft.principal = Cow::Owned(user(event));
    vec![draft]
}

fn provider<'e>(event: &'e Event<'_>, nature: Nature, confidence: Confidence) -> Vec<Draft<'e>> {
    let paths: [&[&str]; 2] = [&["sAMLProviderArn"], &["openIDConnectProviderArn"]];
    let arn = match first(event.wire.response.as_ref(), &paths) {
        arn if !arn.is_empty() => arn,
        _ => first(event.wire.request.as_ref(), &paths),
    };
    if arn.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(arn.clone(), CredentialKind::Trust, nature);
    draft.principal.clone_from(&arn);
    draft.provider = arn;
    draft.confidence = confidence;
    vec![draft]
}

/// The ARN of the user that a call is about: the one it names, or else the caller.
fn user(event: &Event<'_>) -> String {
    let identity = &event.identity;
    let named = match first(event.wire.request.as_ref(), &[&["userName"]]) {
        name if !name.is_empty() => name,
        _ => first(
            event.wire.response.as_ref(),
            &[&["accessKey", "userName"], &["loginProfile", "userName"], &["user", "userName"]],
        ),
    };
    if named.is_empty() {
        return plain(&identity.arn).into_owned();
    }
    let account = if event.wire.account.is_empty() { &identity.account } else { &*event.wire.account };
    format!("arn:{}:iam::{account}:user/{named}", partition_of(&identity.arn))
}

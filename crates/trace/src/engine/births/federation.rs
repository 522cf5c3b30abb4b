//! Console, federation, Roles Anywhere, Identity Center, Cognito, devices.

use std::borrow::Cow;

use floodmark_case::{Confidence, CredentialKind};

use crate::event::Event;

use super::look::{all, deep, first, leaf, partition_of, plain};
use super::{Draft, Nature};

/// A login to the console that succeeded: of a user or the root user with the password, of a session with itself.
pub(super) fn console_login<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let answer = first(event.wire.response.as_ref(), &[&["ConsoleLogin"]]);
    if answer != "Success" {
        return Vec::new();
    }
    let mut drafts = console(event);
    let identity = &event.identity;
    for draft in &mut drafts {
        if matches!(&*identity.kind, "IAMUser" | "Root") {
            draft.parent = Some(Cow::Owned(format!("{}#login-profile", plain(&identity.arn))));
        }
    }
    drafts
}

/// `GetSigninToken`: keys turned into a login to the console.
pub(super) fn signin_token<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    console(event)
}

/// `SwitchRole`: a login to the console as a role, by somebody who is in the console already.
pub(super) fn switch_role<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let mut drafts = console(event);
    for draft in &mut drafts {
        let before = event.additional(&["SwitchFrom"]).unwrap_or_default();
        draft.parent = Some(Cow::Owned(plain(&before).into_owned()));
    }
    drafts
}

/// The root user's password was reset.
pub(super) fn root_password<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let account =
        if event.identity.account.is_empty() { &*event.wire.account } else { &*event.identity.account };
    let root = format!("arn:{}:iam::{account}:root", partition_of(&event.identity.arn));
    let mut draft =
        Draft::new(format!("{root}#login-profile"), CredentialKind::LoginProfile, Nature::Password);
    draft.principal = Cow::Owned(root);
    vec![draft]
}

/// Roles Anywhere: a new certificate authority whose certificates open roles.
pub(super) fn trust_anchor_made<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    trust_anchor(event, Nature::ProviderMade, Confidence::High)
}

/// Roles Anywhere: a certificate authority changed or enabled.
pub(super) fn trust_anchor_changed<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    trust_anchor(event, Nature::ProviderChanged, Confidence::Medium)
}

/// Roles Anywhere: which roles certificates open.
pub(super) fn anywhere_profile<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let arn = match deep(event.wire.response.as_ref(), "profileArn") {
        arn if !arn.is_empty() => arn,
        _ => first(event.wire.request.as_ref(), &[&["profileId"], &["name"]]),
    };
    if arn.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(arn.clone(), CredentialKind::Trust, Nature::ProviderMade);
    draft.principal.clone_from(&arn);
    draft.provider = arn;
    vec![draft]
}

/// Roles Anywhere: a session for a certificate.
pub(super) fn anywhere_session<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let response = event.wire.response.as_ref();
    let key = deep(response, "accessKeyId");
    let session = deep(response, "arn");
    if key.is_empty() && session.is_empty() {
        return Vec::new();
    }
    let request = event.wire.request.as_ref();
    let child = if key.is_empty() { session.clone() } else { key };
    let mut draft = Draft::new(child, CredentialKind::RoleSession, Nature::Minted);
    draft.provider = first(request, &[&["trustAnchorArn"], &["profileArn"]]);
    draft.role = first(request, &[&["roleArn"]]);
    draft.session = Cow::Owned(leaf(&session).to_owned());
    draft.principal = session;
    vec![draft]
}

/// Identity Center: a principal of the directory may have a role in an account.
pub(super) fn account_assignment<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let request = event.wire.request.as_ref();
    let set = first(request, &[&["permissionSetArn"]]);
    let principal = first(request, &[&["principalId"]]);
    let target = first(request, &[&["targetId"]]);
    if set.is_empty() || principal.is_empty() {
        return Vec::new();
    }
    let mut draft =
        Draft::new(format!("{set}#assigned/{principal}/{target}"), CredentialKind::Trust, Nature::Principal);
    draft.principal = set;
    draft.account = target;
    draft.confidence = Confidence::Medium;
    vec![draft]
}

/// Identity Center: keys handed out by the access portal; the log does not name them, only account and role.
pub(super) fn portal_credentials<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let details = event.wire.others.iter().find(|(name, _)| name == "serviceEventDetails");
    let details = details.map(|(_, value)| value);
    let account = first(details, &[&["account_id"]]);
    let role = first(details, &[&["role_name"]]);
    if role.is_empty() {
        return Vec::new();
    }
    let user = &event.identity.user_name;
    let mut draft = Draft::new(
        format!("identity-center/{account}/{role}/{user}"),
        CredentialKind::Principal,
        Nature::Made,
    );
    draft.session = Cow::Borrowed(user);
    draft.principal = role;
    draft.account = account;
    draft.confidence = Confidence::Medium;
    vec![draft]
}

/// Identity Center: a user of the directory, whose role sessions bear its name.
pub(super) fn directory_user<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let name = match first(event.wire.request.as_ref(), &[&["userName"]]) {
        name if !name.is_empty() && name != "HIDDEN_DUE_TO_SECURITY_REASONS" => name,
        _ => deep(event.wire.response.as_ref(), "userId"),
    };
    if name.is_empty() {
        return Vec::new();
    }
    let mut draft =
        Draft::new(format!("identity-center/user/{name}"), CredentialKind::Principal, Nature::Principal);
    draft.session = name;
    vec![draft]
}

/// Cognito: keys for an identity of a pool.
pub(super) fn cognito_credentials<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let key = first(event.wire.response.as_ref(), &[&["credentials", "accessKeyId"]]);
    if key.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(key, CredentialKind::RoleSession, Nature::Minted);
    draft.session = first(event.wire.request.as_ref(), &[&["identityId"]]);
    vec![draft]
}

/// AWS `IoT`: a session for a device's certificate; the log names role and session, not the key.
pub(super) fn iot_credentials<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let key = deep(event.wire.response.as_ref(), "accessKeyId");
    if key.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(key, CredentialKind::RoleSession, Nature::Minted);
    draft.role = deep(event.wire.request.as_ref(), "roleArn");
    vec![draft]
}

/// What a login to the console is called.
pub(crate) fn login_id(event: &Event<'_>) -> String {
    format!("{}#console/{}", plain(&event.identity.arn), event.time)
}

fn console<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let identity = &event.identity;
    let arn = plain(&identity.arn);
    if arn.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(login_id(event), CredentialKind::ConsoleLogin, Nature::Console);
    draft.principal = arn;
    draft.account = Cow::Borrowed(&*identity.account);
    vec![draft]
}

fn trust_anchor<'e>(event: &'e Event<'_>, nature: Nature, confidence: Confidence) -> Vec<Draft<'e>> {
    let arn = deep(event.wire.response.as_ref(), "trustAnchorArn");
    let arn = if arn.is_empty() {
        all(event.wire.request.as_ref(), &["trustAnchorId"]).into_iter().next().unwrap_or_default()
    } else {
        arn
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

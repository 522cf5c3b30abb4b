//! Words for people in place of the identifiers of the vocabulary.

use floodmark_case::{CredentialKind, GapKind, LeftoverKind, Outcome, Severity, TimelineRow};

use crate::quantity::thousands;

pub(crate) const fn credential_kind(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::LongLivedKey => "access key",
        CredentialKind::RoleSession => "role session",
        CredentialKind::SessionToken => "session token",
        CredentialKind::FederationToken => "federation token",
        CredentialKind::ConsoleLogin => "console login",
        CredentialKind::LoginProfile => "console password",
        CredentialKind::ComputeRole => "role of a machine",
        CredentialKind::Root => "root user",
        CredentialKind::Trust => "trust",
        CredentialKind::Principal => "principal",
    }
}

/// `role session of app`; the kind alone where nothing says whose it is.
pub(crate) fn kind_and_owner(kind: CredentialKind, owner: &str) -> String {
    let kind = credential_kind(kind);
    if owner.is_empty() { kind.to_owned() } else { format!("{kind} of {owner}") }
}

pub(crate) const fn leftover_kind(kind: LeftoverKind) -> &'static str {
    match kind {
        LeftoverKind::AccessKey => "access key",
        LeftoverKind::User => "user",
        LeftoverKind::Role => "role",
        LeftoverKind::GroupMembership => "group membership",
        LeftoverKind::Policy => "policy",
        LeftoverKind::PolicyAttachment => "attached policy",
        LeftoverKind::LoginProfile => "console password",
        LeftoverKind::MfaDevice => "second factor",
        LeftoverKind::Trust => "trust",
        LeftoverKind::Share => "share",
        LeftoverKind::ResourcePolicy => "resource policy",
        LeftoverKind::Function => "function",
        LeftoverKind::Compute => "machine",
        LeftoverKind::KeyMaterial => "key material",
        LeftoverKind::Network => "network opening",
        LeftoverKind::Copy => "copy of data",
        LeftoverKind::Detection => "detection weakened",
        LeftoverKind::Automation => "automation",
        LeftoverKind::DataLoss => "data lost",
        LeftoverKind::Other => "other change",
    }
}

pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    }
}

pub(crate) const fn gap_kind(kind: GapKind) -> &'static str {
    match kind {
        GapKind::Hours => "hours without logs",
        GapKind::Region => "region without logs",
        GapKind::Account => "account without logs",
        GapKind::DataEvents => "data events off",
        GapKind::LoggingStopped => "logging stopped",
        GapKind::Integrity => "log missing or altered",
    }
}

/// A mark of a severity that needs no colour.
pub(crate) const fn severity_mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Informational => "INFO",
    }
}

/// `privilege-escalation`, `privilege_escalation` or `PrivilegeEscalation`-like tags as `Privilege escalation`.
pub(crate) fn tactic(tag: &str) -> String {
    let spaced = tag.strip_prefix("attack.").unwrap_or(tag).replace(['-', '_'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An identifier, short enough to be read aloud: the last part of an ARN, any other as it is.
pub(crate) fn short(id: &str) -> &str {
    if !id.starts_with("arn:") {
        return id;
    }
    id.splitn(6, ':').nth(5).filter(|last| !last.is_empty()).unwrap_or(id)
}

/// The end of a credential's identifier, as much as it takes to tell it from the others at a glance.
pub(crate) fn tag(id: &str) -> String {
    crate::fit::keep_tail(&crate::inert(short(id)), 9)
}

/// What a timeline row says, in a line.
pub(crate) fn row_message(row: &TimelineRow) -> String {
    let mut parts = vec![row.call.clone()];
    if row.count > 1 {
        parts.push(format!("×{}", thousands(row.count)));
    }
    if row.outcome != Outcome::Success {
        parts.push(outcome(row.outcome).to_owned());
        parts.extend(row.error.as_ref().map(|error| format!("({error})")));
    }
    if let Some(first) = row.resources.first() {
        parts.push(format!("on {first}"));
        let more = row.resource_count.saturating_sub(1);
        parts.extend((more > 0).then(|| format!("and {} more", thousands(more))));
    }
    parts.push(format!("by {}", row.credential));
    parts.extend((!row.address.is_empty()).then(|| format!("from {}", row.address)));
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_of_an_arn_is_its_last_part() {
        assert_eq!(short("arn:aws:iam::111122223333:user/ci"), "user/ci");
        assert_eq!(short("arn:aws:s3:::bucket/key"), "bucket/key");
        assert_eq!(short("AKIAIOSFODNN7EXAMPLE"), "AKIAIOSFODNN7EXAMPLE");
        assert_eq!(short("arn:broken"), "arn:broken");
    }

    #[test]
    fn tactics_read_as_words() {
        assert_eq!(tactic("attack.privilege-escalation"), "Privilege escalation");
        assert_eq!(tactic(""), "");
    }
}

//! The response of the 25th, which misses some things, and the tries that come after it.

use super::foothold::secret_arn;
use super::takeover::ADMINISTRATOR_POLICY;
use super::{Hands, Intruder};
use crate::calendar::Moment;
use crate::identity::{self, Caller, Holder, Role};
use crate::organisation::account;
use crate::people::{RESPONDER, desk, permission_set};
use crate::pipelines::stolen_key;
use crate::rng::word;

fn responder(intruder: &Intruder<'_>, account: usize, at: Moment) -> Caller {
    let org = intruder.org;
    let (address, agent) = desk(org, RESPONDER);
    let role = Role::new(account, permission_set(org, "AdministratorAccess", account));
    let key = org.unique_id("ASIA", &[word("responder"), account as u64]);
    let session = format!("{}@corp.example", org.person(RESPONDER));
    identity::session(org, &role, &session, &key, at, &Holder::Asker).at(&address, agent)
}

const DENY_ALL: &str = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}"#;
const DENY_OLDER: &str = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"DateLessThan\":{\"aws:TokenIssueTime\":\"2026-03-25T09:30:00Z\"}}}]}"#;

/// Keys are switched off, sessions revoked, the new user deleted. The function, its key, the trust, the shares, the
/// bucket policy and the instance are not seen.
pub(super) fn revoke(intruder: &mut Intruder<'_>, hands: &Hands) {
    let at = intruder.clock.response;
    let lead = responder(intruder, account::HOSTING, at - 600);
    let (stolen_user, victim, made) =
        (intruder.names.stolen.clone(), intruder.names.victim.clone(), intruder.names.made.clone());
    let key = stolen_key(intruder.org);
    let operator = intruder.names.operator.clone();
    let calls = [
        (
            0,
            "cloudtrail:LookupEvents",
            format!(
                r#"{{"lookupAttributes":[{{"attributeKey":"AccessKeyId","attributeValue":"{key}"}}],"maxResults":50}}"#
            ),
        ),
        (
            120,
            "iam:UpdateAccessKey",
            format!(r#"{{"userName":"{stolen_user}","accessKeyId":"{key}","status":"Inactive"}}"#),
        ),
        (
            180,
            "iam:PutUserPolicy",
            format!(
                r#"{{"userName":"{stolen_user}","policyName":"quarantine","policyDocument":"{DENY_ALL}"}}"#
            ),
        ),
        (
            300,
            "iam:UpdateAccessKey",
            format!(r#"{{"userName":"{victim}","accessKeyId":"{}","status":"Inactive"}}"#, hands.victim.key),
        ),
        (
            900,
            "iam:DeleteAccessKey",
            format!(r#"{{"userName":"{victim}","accessKeyId":"{}"}}"#, hands.victim.key),
        ),
        (1_500, "iam:DeleteLoginProfile", format!(r#"{{"userName":"{made}"}}"#)),
        (
            1_540,
            "iam:DeleteAccessKey",
            format!(r#"{{"userName":"{made}","accessKeyId":"{}"}}"#, hands.made.key),
        ),
        (
            1_570,
            "iam:DetachUserPolicy",
            format!(r#"{{"userName":"{made}","policyArn":"{ADMINISTRATOR_POLICY}"}}"#),
        ),
        (1_600, "iam:DeleteUser", format!(r#"{{"userName":"{made}"}}"#)),
    ];
    for (offset, call, request) in calls {
        intruder.script.call(at + offset, account::HOSTING, &lead, call).request(request).put();
        intruder.lines_of_responders += 1;
    }
    let data = responder(intruder, account::DATA, at + 1_900);
    intruder
        .script
        .call(at + 2_000, account::DATA, &data, "iam:PutRolePolicy")
        .request(format!(
            r#"{{"roleName":"{}","policyName":"AWSRevokeOlderSessions","policyDocument":"{DENY_OLDER}"}}"#,
            operator.name()
        ))
        .put();
    intruder.lines_of_responders += 1;
    let arn = intruder.user(account::HOSTING, &made);
    let undone = [
        (hands.victim.key.clone(), 900),
        (format!("{arn}#login-profile"), 1_500),
        (hands.made.key.clone(), 1_540),
        (format!("{arn}#attached/{ADMINISTRATOR_POLICY}"), 1_570),
        (arn, 1_600),
    ];
    for (resource, offset) in undone {
        intruder.undo(&resource, "responders", at + offset);
    }
    intruder.milestone(at + 120, "The stolen key is switched off; the second key, the new user and the role sessions follow within the hour");
}

/// The keys are tried again, and refused.
pub(super) fn dead_keys(intruder: &mut Intruder<'_>, hands: &Hands) {
    let at = intruder.clock.response + 3 * 3_600;
    let stolen = intruder.caller(
        account::HOSTING,
        &intruder.names.stolen.clone(),
        &stolen_key(intruder.org),
        1,
        intruder.manner.kit.cli,
    );
    let operator = hands
        .carriers
        .iter()
        .find(|carrier| carrier.account == account::DATA)
        .map(|carrier| carrier.caller.clone());
    let why = "with an explicit deny in an identity-based policy";
    let tries = [(0, "s3:ListBuckets"), (12, "iam:ListUsers"), (15 * 3_600, "sts:GetSessionToken")];
    for (offset, call) in tries {
        intruder.script.call(at + offset, account::HOSTING, &stolen, call).denied(why).put();
    }
    let arn = secret_arn(intruder, account::DATA, "prod/etl/source");
    if let Some(operator) = operator {
        intruder
            .script
            .call(at + 1_800, account::DATA, &operator, "secretsmanager:GetSecretValue")
            .request(r#"{"secretId":"prod/etl/source"}"#)
            .denied(why)
            .put();
        intruder.reach(arn, &[floodmark_case::Access::Denied]);
    }
    intruder.milestone(at, "The dead keys are tried again, and refused");
}

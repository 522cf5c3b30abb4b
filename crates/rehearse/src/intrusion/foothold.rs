//! The second act: a key for somebody else, a session token, and the secrets that are within reach.

use floodmark_case::{Access, CredentialKind, LeftoverKind};

use super::{Hands, Intruder, Left, Tainted};
use crate::calendar::Moment;
use crate::chores::access_key;
use crate::identity::{self, Caller};
use crate::organisation::account;
use crate::pipelines::stolen_key;
use crate::template::secret_suffix;

/// A key for an existing user, and what it is first used for.
pub(super) fn second_key(intruder: &mut Intruder<'_>, hands: &mut Hands) {
    let stolen = stolen_key(intruder.org);
    let (user, victim) = (intruder.names.stolen.clone(), intruder.names.victim.clone());
    let at = intruder.clock.second_key;
    let thief = intruder.caller(account::HOSTING, &user, &stolen, 1, intruder.manner.kit.library);
    let arn = intruder.user(account::HOSTING, &victim);
    intruder
        .script
        .call(at - 50, account::HOSTING, &thief, "iam:ListAccessKeys")
        .request(format!(r#"{{"userName":"{victim}"}}"#))
        .put();
    let key = intruder.key("AKIA", "victim");
    make_key(intruder, &thief, at, account::HOSTING, &victim, &key);
    intruder.milestone(at, format!("A second key is made for the existing user {victim}"));
    hands.victim = intruder.caller(account::HOSTING, &victim, &key, 2, intruder.manner.kit.library);
    let second = hands.victim.clone();
    intruder.script.call(at + 300, account::HOSTING, &second, "sts:GetCallerIdentity").put();

    let token = session_token(intruder, &second, &victim, at + 480, "foothold");
    let token = token.at(&intruder.address(2), intruder.manner.kit.cli);
    intruder.touch(arn, &[Access::Changed, Access::Read, Access::Created]);
    let mut when = at + 700;
    intruder
        .script
        .call(when, account::HOSTING, &token, "secretsmanager:ListSecrets")
        .request(r#"{"maxResults":100}"#)
        .put();
    for name in ["prod/web/database", "prod/web/cms-admin", "prod/newsletter/provider"] {
        when += 9 + intruder.script.rng.below(20);
        read_secret(intruder, &token, when, account::HOSTING, name);
    }
    for name in ["prod/idp/client", "prod/analytics/warehouse"] {
        when += 9;
        denied_secret(intruder, &token, when, account::HOSTING, name);
    }
    for name in ["/web/prod/database/url", "/web/prod/session-key"] {
        when += 14;
        read_parameter(intruder, &token, when, account::HOSTING, name);
    }
}

/// A key for a user: the event, the credential, what it reached, what it leaves.
pub(super) fn make_key(
    intruder: &mut Intruder<'_>,
    by: &Caller,
    at: Moment,
    account: usize,
    user: &str,
    key: &str,
) {
    intruder
        .script
        .call(at, account, by, "iam:CreateAccessKey")
        .request(format!(r#"{{"userName":"{user}"}}"#))
        .response(access_key(user, key, at))
        .put();
    let principal = intruder.user(account, user);
    intruder.taint(Tainted {
        id: key,
        aliases: &[],
        kind: CredentialKind::LongLivedKey,
        principal: principal.clone(),
        account,
        parents: &[&by.key],
        how: "iam:CreateAccessKey",
        fell: at,
        required: true,
    });
    intruder.reach(key, &[Access::Created]);
    intruder.touch(principal, &[Access::Changed, Access::Created, Access::Read]);
    intruder.leave(Left {
        kinds: &[LeftoverKind::AccessKey],
        resource: key.to_owned(),
        account,
        region: None,
        since: at,
        by: &by.key,
        call: "iam:CreateAccessKey",
        required: true,
    });
}

/// Temporary keys of a user, from a long-lived one.
pub(super) fn session_token(
    intruder: &mut Intruder<'_>,
    by: &Caller,
    user: &str,
    at: Moment,
    purpose: &str,
) -> Caller {
    let key = intruder.key("ASIA", purpose);
    let mut response = String::from("{");
    crate::event::credentials(&key, at + 129_600, &mut intruder.script.rng, &mut response);
    response.push('}');
    intruder
        .script
        .call(at, account::HOSTING, by, "sts:GetSessionToken")
        .request(r#"{"durationSeconds":129600}"#)
        .response(response)
        .put();
    let principal = intruder.user(account::HOSTING, user);
    intruder.touch(principal.clone(), &[Access::Executed, Access::Read, Access::Changed]);
    intruder.touch(key.as_str(), &[Access::Created]);
    intruder.taint(Tainted {
        id: &key,
        aliases: &[],
        kind: CredentialKind::SessionToken,
        principal,
        account: account::HOSTING,
        parents: &[&by.key],
        how: "sts:GetSessionToken",
        fell: at,
        required: true,
    });
    identity::user_session(intruder.org, account::HOSTING, user, &key, at, "false").at(&by.address, &by.agent)
}

/// The ARN of a secret, without its random suffix.
pub(super) fn secret_arn(intruder: &Intruder<'_>, account: usize, name: &str) -> String {
    format!("arn:aws:secretsmanager:{}:{}:secret:{name}", intruder.home(), intruder.id(account))
}

/// A secret is read, by its name or by its ARN.
pub(super) fn read_secret(intruder: &mut Intruder<'_>, by: &Caller, at: Moment, account: usize, name: &str) {
    let arn = secret_arn(intruder, account, name);
    let id = if intruder.script.rng.permille(500) {
        format!("{arn}-{}", secret_suffix(intruder.org, account, name))
    } else {
        name.to_owned()
    };
    intruder
        .script
        .call(at, account, by, "secretsmanager:GetSecretValue")
        .request(format!(r#"{{"secretId":"{id}"}}"#))
        .put();
    intruder.reach(arn, &[Access::Read]);
}

/// A secret is asked for, and refused.
pub(super) fn denied_secret(
    intruder: &mut Intruder<'_>,
    by: &Caller,
    at: Moment,
    account: usize,
    name: &str,
) {
    let arn = secret_arn(intruder, account, name);
    intruder
        .script
        .call(at, account, by, "secretsmanager:GetSecretValue")
        .request(format!(r#"{{"secretId":"{name}"}}"#))
        .denied(&format!("on resource: {name} because no identity-based policy allows the secretsmanager:GetSecretValue action"))
        .put();
    intruder.reach(arn, &[Access::Denied]);
}

/// A parameter is read.
pub(super) fn read_parameter(
    intruder: &mut Intruder<'_>,
    by: &Caller,
    at: Moment,
    account: usize,
    name: &str,
) {
    let owner = intruder.id(account);
    let arn = format!("arn:aws:ssm:{}:{owner}:parameter{name}", intruder.home());
    intruder
        .script
        .call(at, account, by, "ssm:GetParameter")
        .request(format!(r#"{{"name":"{name}","withDecryption":true}}"#))
        .resources(format!(r#"{{"accountId":"{owner}","ARN":"{arn}"}}"#))
        .put();
    intruder.reach(arn, &[Access::Read]);
}

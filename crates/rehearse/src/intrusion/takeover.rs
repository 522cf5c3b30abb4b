//! A user of the intruder's own, and a role that trusts an account outside.

use floodmark_case::{Access, CredentialKind, LeftoverKind};

use super::foothold::{denied_secret, make_key, read_secret};
use super::lateral::assumed;
use super::{Carrier, Hands, Intruder, Left, Tainted};
use crate::calendar::{Moment, iso_text};
use crate::chores::american_text;
use crate::identity::{self, Caller};
use crate::organisation::{Organisation, account};
use crate::rng::word;
use crate::script::Assume;

pub(super) const ADMINISTRATOR_POLICY: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A user with a password, all rights and a key; and a login with that password.
pub(super) fn new_user(intruder: &mut Intruder<'_>, hands: &mut Hands) {
    let (at, by, name) = (intruder.clock.new_user, hands.victim.clone(), intruder.names.made.clone());
    create_user(intruder, &by, at, &name);
    let arn = intruder.user(account::HOSTING, &name);
    intruder
        .script
        .call(at + 20, account::HOSTING, &by, "iam:CreateLoginProfile")
        .request(format!(r#"{{"userName":"{name}","passwordResetRequired":false}}"#))
        .response(format!(
            r#"{{"loginProfile":{{"userName":"{name}","createDate":"{}","passwordResetRequired":false}}}}"#,
            american_text(at + 20)
        ))
        .put();
    intruder
        .script
        .call(at + 41, account::HOSTING, &by, "iam:AttachUserPolicy")
        .request(format!(r#"{{"userName":"{name}","policyArn":"{ADMINISTRATOR_POLICY}"}}"#))
        .put();
    let profile = format!("{arn}#login-profile");
    intruder.touch(ADMINISTRATOR_POLICY, &[Access::Shared, Access::Changed, Access::Read]);
    intruder.touch(arn.clone(), &[Access::Executed]);
    intruder.taint(Tainted {
        id: &profile,
        aliases: &[],
        kind: CredentialKind::LoginProfile,
        principal: arn.clone(),
        account: account::HOSTING,
        parents: &[&by.key],
        how: "iam:CreateLoginProfile",
        fell: at + 20,
        required: true,
    });
    intruder.reach(arn.clone(), &[Access::Changed, Access::Shared, Access::Created]);
    for (kind, resource, since, call) in [
        (LeftoverKind::LoginProfile, profile.clone(), at + 20, "iam:CreateLoginProfile"),
        (
            LeftoverKind::PolicyAttachment,
            format!("{arn}#attached/{ADMINISTRATOR_POLICY}"),
            at + 41,
            "iam:AttachUserPolicy",
        ),
    ] {
        intruder.leave(Left {
            kinds: &[kind],
            resource,
            account: account::HOSTING,
            region: None,
            since,
            by: &by.key,
            call,
            required: true,
        });
    }
    let key = intruder.key("AKIA", "made");
    make_key(intruder, &by, at + 66, account::HOSTING, &name, &key);
    hands.made = intruder.caller(account::HOSTING, &name, &key, 3, intruder.manner.kit.library);
    intruder.milestone(at, format!("The user {name} is made, with a password, a key and all rights"));
    sign_in(intruder, &arn, &profile, at + 1_900);
}

pub(super) fn create_user(intruder: &mut Intruder<'_>, by: &Caller, at: Moment, name: &str) {
    let arn = intruder.user(account::HOSTING, name);
    let id = identity::user_id(intruder.org, account::HOSTING, name);
    intruder
        .script
        .call(at, account::HOSTING, by, "iam:CreateUser")
        .request(format!(r#"{{"userName":"{name}","path":"/"}}"#))
        .response(format!(r#"{{"user":{{"path":"/","userName":"{name}","userId":"{id}","arn":"{arn}","createDate":"{}"}}}}"#, american_text(at)))
        .put();
    intruder.reach(arn.clone(), &[Access::Created]);
    intruder.leave(Left {
        kinds: &[LeftoverKind::User],
        resource: arn,
        account: account::HOSTING,
        region: None,
        since: at,
        by: &by.key,
        call: "iam:CreateUser",
        required: true,
    });
}

fn sign_in(intruder: &mut Intruder<'_>, arn: &str, profile: &str, at: Moment) {
    let name = intruder.names.made.clone();
    let caller =
        identity::signing_in(intruder.org, account::HOSTING, &name).at(&intruder.address(4), BROWSER);
    intruder
        .script
        .call(at, account::HOSTING, &caller, "signin:ConsoleLogin")
        .response(r#"{"ConsoleLogin":"Success"}"#)
        .extra(r#""LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true","MobileVersion":"No","MFAUsed":"No""#)
        .put();
    let key = intruder.key("ASIA", "console");
    let login = format!("{arn}#console/{}", iso_text(at));
    intruder.taint(Tainted {
        id: &login,
        aliases: &[&key],
        kind: CredentialKind::ConsoleLogin,
        principal: arn.to_owned(),
        account: account::HOSTING,
        parents: &[profile],
        how: "signin:ConsoleLogin",
        fell: at,
        required: true,
    });
    let console = identity::user_session(intruder.org, account::HOSTING, &name, &key, at, "false")
        .at(&intruder.address(4), BROWSER);
    let host = format!(r#"{{"Host":"s3.{}.amazonaws.com"}}"#, intruder.home());
    let calls = [
        ("iam:GetAccountSummary", String::new()),
        ("iam:ListUsers", r#"{"maxItems":100}"#.to_owned()),
        ("s3:ListBuckets", host),
        ("ec2:DescribeInstances", r#"{"maxResults":100}"#.to_owned()),
        ("cloudtrail:DescribeTrails", r#"{"includeShadowTrails":true}"#.to_owned()),
        ("guardduty:ListDetectors", String::new()),
    ];
    for (step, (call, request)) in calls.into_iter().enumerate() {
        let when = at + 15 + step as u64 * 21;
        intruder.script.call(when, account::HOSTING, &console, call).request(request).put();
    }
    read_secret(intruder, &console, at + 400, account::HOSTING, "shared/registry/robot");
    intruder.milestone(at, format!("{name} signs in to the console, without a second factor"));
}

/// A role is made to trust an account outside, and assumed from there.
pub(super) fn trust(intruder: &mut Intruder<'_>, hands: &mut Hands) {
    let (at, by, role) = (intruder.clock.trust, hands.made.clone(), intruder.names.keeper.clone());
    let (outside, arn) = (intruder.org.outside.clone(), role.arn(intruder.org));
    let name = role.name();
    intruder
        .script
        .call(at - 30, account::HOSTING, &by, "iam:GetRole")
        .request(format!(r#"{{"roleName":"{name}"}}"#))
        .put();
    let document = format!(
        r#"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"backup.amazonaws.com\"}},\"Action\":\"sts:AssumeRole\"}},{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"arn:aws:iam::{outside}:root\"}},\"Action\":\"sts:AssumeRole\"}}]}}"#
    );
    intruder
        .script
        .call(at, account::HOSTING, &by, "iam:UpdateAssumeRolePolicy")
        .request(format!(r#"{{"roleName":"{name}","policyDocument":"{document}"}}"#))
        .put();
    let id = format!("{arn}#trust");
    intruder.taint(Tainted {
        id: &id,
        aliases: &[],
        kind: CredentialKind::Trust,
        principal: arn.clone(),
        account: account::HOSTING,
        parents: &[&by.key],
        how: "iam:UpdateAssumeRolePolicy",
        fell: at,
        required: true,
    });
    intruder.reach(arn.clone(), &[Access::Changed, Access::Shared]);
    intruder.touch(arn.clone(), &[Access::Read]);
    intruder.leave(Left {
        kinds: &[LeftoverKind::Trust],
        resource: id.clone(),
        account: account::HOSTING,
        region: None,
        since: at,
        by: &by.key,
        call: "iam:UpdateAssumeRolePolicy",
        required: true,
    });
    intruder.milestone(at, format!("The role {name} is made to trust the account {outside}"));
    let first = from_outside(intruder, at + 1_300, "keeper", &by.key);
    for name in ["prod/search/api", "prod/etl/source"] {
        denied_secret(intruder, &first, at + 1_500, account::HOSTING, name);
    }
    let haul = intruder.clock.haul;
    let second = from_outside(intruder, haul, "keeper haul", &by.key);
    hands.carriers.push(Carrier {
        caller: second,
        account: account::HOSTING,
        from: haul + 120,
        until: haul + 11 * 3_600,
    });
}

/// The account outside assumes the role; only our log of it is here.
fn from_outside(intruder: &mut Intruder<'_>, at: Moment, purpose: &str, by: &str) -> Caller {
    let (role, outside) = (intruder.names.keeper.clone(), intruder.org.outside.clone());
    let key = intruder.key("ASIA", purpose);
    let asker = Caller {
        address: intruder.address(5),
        agent: intruder.manner.kit.cli.to_owned(),
        ..Caller::default()
    };
    let principal = unknown_principal(intruder.org);
    let caller = intruder.script.assume(&Assume {
        at,
        asker: &asker,
        asker_account: account::HOSTING,
        principal: &principal,
        outside: Some(&outside),
        role: &role,
        session: "restore",
        key: &key,
        hours: 12,
    });
    let arn = role.arn(intruder.org);
    assumed(intruder, &key, &role, at, &format!("{arn}#trust"));
    if let Some(session) = intruder.truth.credentials.last_mut() {
        session.parents.extend([by.to_owned(), arn]);
    }
    caller
}

/// The user of the account outside.
fn unknown_principal(org: &Organisation) -> String {
    org.unique_id("AIDA", &[word("outside")])
}

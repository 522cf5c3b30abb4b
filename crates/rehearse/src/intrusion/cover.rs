//! What was meant to stay unseen: things made and deleted again, and a trail that stands still for a while.

use std::fmt::Write;

use floodmark_case::{Access, CredentialKind};

use super::foothold::{make_key, session_token};
use super::lateral::{chained, into};
use super::takeover::create_user;
use super::{Carrier, Hands, Intruder, Tainted, window};
use crate::identity;
use crate::organisation::{account, region};
use crate::truth::{Blindness, Unknowable};

/// A user with a key, and a policy on another, both gone within the hour.
pub(super) fn passing(intruder: &mut Intruder<'_>, hands: &Hands) {
    let (at, by) = (intruder.clock.passing, hands.made.clone());
    let name = format!("{}-tmp", intruder.names.made);
    create_user(intruder, &by, at, &name);
    let key = intruder.key("AKIA", "passing");
    make_key(intruder, &by, at + 20, account::HOSTING, &name, &key);
    let caller = intruder.caller(account::HOSTING, &name, &key, 5, intruder.manner.kit.cli);
    intruder.script.call(at + 90, account::HOSTING, &caller, "sts:GetCallerIdentity").put();
    intruder
        .script
        .call(at + 120, account::HOSTING, &caller, "s3:ListBuckets")
        .denied("because no identity-based policy allows the s3:ListAllMyBuckets action")
        .put();
    let arn = intruder.user(account::HOSTING, &name);
    intruder
        .script
        .call(at + 1_500, account::HOSTING, &by, "iam:DeleteAccessKey")
        .request(format!(r#"{{"userName":"{name}","accessKeyId":"{key}"}}"#))
        .put();
    intruder
        .script
        .call(at + 1_530, account::HOSTING, &by, "iam:DeleteUser")
        .request(format!(r#"{{"userName":"{name}"}}"#))
        .put();
    intruder.undo(&key, "intruder", at + 1_500);
    intruder.undo(&arn, "intruder", at + 1_530);
    intruder.reach(key, &[Access::Deleted]);
    intruder.reach(arn, &[Access::Deleted]);

    let (victim, policy) = (intruder.names.victim.clone(), intruder.manner.kit.policy);
    let arn = intruder.user(account::HOSTING, &victim);
    intruder
        .script
        .call(at + 300, account::HOSTING, &by, "iam:PutUserPolicy")
        .request(format!(r#"{{"userName":"{victim}","policyName":"{policy}","policyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}]}}"}}"#))
        .put();
    intruder
        .script
        .call(at + 1_600, account::HOSTING, &by, "iam:DeleteUserPolicy")
        .request(format!(r#"{{"userName":"{victim}","policyName":"{policy}"}}"#))
        .put();
    intruder.undo(&format!("{arn}#inline/{policy}"), "intruder", at + 1_600);
    intruder.reach(arn.clone(), &[Access::Changed, Access::Created, Access::Shared]);
    intruder.touch(arn, &[Access::Deleted]);
    intruder.milestone(at, "A user and a policy are made and deleted again");
}

/// New sessions for the night; then the trail of one region is stopped, and started again.
pub(super) fn stop_logging(intruder: &mut Intruder<'_>, hands: &mut Hands) {
    let at = intruder.clock.cover;
    let second = hands.victim.clone();
    let victim = intruder.names.victim.clone();
    let token = session_token(intruder, &second, &victim, at, "haul token");
    hands.carriers.push(Carrier {
        caller: token,
        account: account::HOSTING,
        from: at + 600,
        until: at + 30 * 3_600,
    });
    federate(intruder, hands, at + 120);
    let operator = into(intruder, &second, at + 240, &intruder.names.operator.clone(), "operator haul");
    hands.carriers.push(Carrier {
        caller: operator.clone(),
        account: account::DATA,
        from: at + 900,
        until: at + 10 * 3_600,
    });

    let (from, until) = intruder.clock.dark;
    let name = intruder.org.regions[region::DARK];
    let trail =
        format!("arn:aws:cloudtrail:{name}:{}:trail/organisation-{name}", intruder.id(account::AUDIT));
    for (purpose, call, when) in [
        ("auditor stop", "cloudtrail:StopLogging", from),
        ("auditor start", "cloudtrail:StartLogging", until),
    ] {
        let auditor = chained(intruder, &operator, when - 90, purpose);
        intruder
            .script
            .call(when, account::AUDIT, &auditor, call)
            .region(region::DARK)
            .request(format!(r#"{{"name":"{trail}"}}"#))
            .put();
    }
    intruder.reach(trail.clone(), &[Access::Changed, Access::Deleted]);
    intruder.touch(trail.clone(), &[Access::Changed, Access::Created, Access::Executed]);
    intruder.undo(&trail, "intruder", until);
    intruder.truth.unknowable.push(Unknowable {
        kind: Blindness::LoggingStopped,
        what: name.to_owned(),
        window: Some(window(from, until)),
        why: format!("the organisation's trail of {name} was stopped: no account's events of that region are logged; server access logs went on"),
        at_most: None,
    });
    intruder.milestone(from, format!("The trail of {name} is stopped"));
    intruder.milestone(until, format!("The trail of {name} is started again"));
}

fn federate(intruder: &mut Intruder<'_>, hands: &mut Hands, at: u64) {
    let (by, victim) = (hands.victim.clone(), intruder.names.victim.clone());
    let (key, name) = (intruder.key("ASIA", "federated"), "restore-check");
    let id = intruder.id(account::HOSTING);
    let arn = format!("arn:aws:sts::{id}:federated-user/{name}");
    let mut response = String::from("{");
    crate::event::credentials(&key, at + 129_600, &mut intruder.script.rng, &mut response);
    let _ = write!(
        response,
        r#","federatedUser":{{"federatedUserId":"{id}:{name}","arn":"{arn}"}},"packedPolicySize":4}}"#
    );
    intruder
        .script
        .call(at, account::HOSTING, &by, "sts:GetFederationToken")
        .request(format!(r#"{{"name":"{name}","durationSeconds":129600,"policy":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}]}}"}}"#))
        .response(response)
        .put();
    intruder.touch(arn.clone(), &[Access::Created, Access::Executed]);
    intruder.taint(Tainted {
        id: &key,
        aliases: &[],
        kind: CredentialKind::FederationToken,
        principal: arn,
        account: account::HOSTING,
        parents: &[&by.key],
        how: "sts:GetFederationToken",
        fell: at,
        required: true,
    });
    let caller = identity::federated(intruder.org, account::HOSTING, &victim, name, &key, at)
        .at(&intruder.address(6), intruder.manner.kit.library);
    hands.carriers.push(Carrier {
        caller,
        account: account::HOSTING,
        from: at + 900,
        until: at + 30 * 3_600,
    });
}

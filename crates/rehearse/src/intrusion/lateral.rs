//! The third act: into two further accounts, and from one of them into a third.

use floodmark_case::{Access, CredentialKind, LeftoverKind};

use super::foothold::read_secret;
use super::{Hands, Intruder, Left, Tainted};
use crate::calendar::Moment;
use crate::identity::{Caller, Role, user_id};
use crate::organisation::{account, region};
use crate::script::Assume;
use crate::template::pooled;

/// The data account and the mail account, and the audit account from the data account.
pub(super) fn further_accounts(intruder: &mut Intruder<'_>, hands: &mut Hands) {
    let at = intruder.clock.lateral;
    let operator = into(intruder, &hands.victim.clone(), at, &intruder.names.operator.clone(), "operator");
    hands.operator = operator.clone();
    let calls = ["sts:GetCallerIdentity", "s3:ListBuckets", "rds:DescribeDBSnapshots", "ec2:DescribeVolumes"];
    for (step, call) in calls.into_iter().enumerate() {
        intruder.script.call(at + 40 + step as u64 * 7, account::DATA, &operator, call).put();
    }
    snapshots(intruder, &operator, at + 300);
    let auditor = chained(intruder, &operator, at + 900, "auditor");
    for (step, call) in ["cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors"].into_iter().enumerate()
    {
        intruder.script.call(at + 960 + step as u64 * 11, account::AUDIT, &auditor, call).put();
    }
    let postmaster =
        into(intruder, &hands.victim.clone(), at + 1_500, &intruder.names.postmaster.clone(), "postmaster");
    intruder.script.call(at + 1_540, account::MAIL, &postmaster, "secretsmanager:ListSecrets").put();
    for (step, name) in ["prod/mail/smtp-relay", "prod/mail/dkim"].into_iter().enumerate() {
        read_secret(intruder, &postmaster, at + 1_560 + step as u64 * 12, account::MAIL, name);
    }
    intruder.milestone(at, "With the second key into the data, audit and mail accounts");
}

/// The second key assumes a role in another account.
pub(super) fn into(
    intruder: &mut Intruder<'_>,
    by: &Caller,
    at: Moment,
    role: &Role,
    purpose: &str,
) -> Caller {
    let key = intruder.key("ASIA", purpose);
    let session = intruder.names.session.clone();
    let principal = user_id(intruder.org, account::HOSTING, &intruder.names.victim);
    let asker = by.at(&intruder.address(2), intruder.manner.kit.cli);
    let caller = intruder.script.assume(&Assume {
        at,
        asker: &asker,
        asker_account: account::HOSTING,
        principal: &principal,
        outside: None,
        role,
        session: &session,
        key: &key,
        hours: 12,
    });
    assumed(intruder, &key, role, at, &by.key);
    caller
}

/// The operator's session assumes the auditor's role.
pub(super) fn chained(intruder: &mut Intruder<'_>, by: &Caller, at: Moment, purpose: &str) -> Caller {
    let (operator, auditor) = (intruder.names.operator.clone(), intruder.names.auditor.clone());
    let session = intruder.names.session.clone();
    let key = intruder.key("ASIA", purpose);
    let principal = format!("{}:{session}", operator.unique_id(intruder.org));
    let caller = intruder.script.assume(&Assume {
        at,
        asker: by,
        asker_account: account::DATA,
        principal: &principal,
        outside: None,
        role: &auditor,
        session: &session,
        key: &key,
        hours: 1,
    });
    assumed(intruder, &key, &auditor, at, &by.key);
    caller
}

/// Enters a session of a role.
pub(super) fn assumed(intruder: &mut Intruder<'_>, key: &str, role: &Role, at: Moment, parent: &str) {
    let arn = role.arn(intruder.org);
    intruder.taint(Tainted {
        id: key,
        aliases: &[],
        kind: CredentialKind::RoleSession,
        principal: arn.clone(),
        account: role.account,
        parents: &[parent],
        how: "sts:AssumeRole",
        fell: at,
        required: true,
    });
    intruder.reach(arn, &[Access::Executed]);
}

/// A snapshot is made and shared, and a database's snapshot is shared.
fn snapshots(intruder: &mut Intruder<'_>, by: &Caller, at: Moment) {
    let outside = intruder.org.outside.clone();
    let (volume, snapshot) =
        (pooled(intruder.org, "vol", account::DATA, 3), pooled(intruder.org, "snap", account::DATA, 900));
    let owner = intruder.id(account::DATA);
    let prefix = format!("arn:aws:ec2:{}:{owner}", intruder.home());
    intruder
        .script
        .call(at, account::DATA, by, "ec2:CreateSnapshot")
        .request(format!(r#"{{"volumeId":"{volume}","description":"{}"}}"#, intruder.manner.kit.label))
        .response(format!(r#"{{"snapshotId":"{snapshot}","volumeId":"{volume}","status":"pending","volumeSize":"500","ownerId":"{owner}","encrypted":false}}"#))
        .put();
    intruder
        .script
        .call(at + 240, account::DATA, by, "ec2:ModifySnapshotAttribute")
        .request(format!(r#"{{"snapshotId":"{snapshot}","createVolumePermission":{{"add":{{"items":[{{"userId":"{outside}"}}]}}}},"attributeType":"CREATE_VOLUME_PERMISSION"}}"#))
        .response(r#"{"_return":true}"#)
        .put();
    let arn = format!("{prefix}:snapshot/{snapshot}");
    intruder.reach(arn.clone(), &[Access::Created]);
    intruder.reach(arn.clone(), &[Access::Shared]);
    intruder.touch(format!("{arn}#shared/{outside}"), &[Access::Shared, Access::Created, Access::Changed]);
    intruder.touch(format!("{prefix}:volume/{volume}"), &[Access::Read]);
    for (kind, resource, since, call) in [
        (LeftoverKind::Copy, arn.clone(), at, "ec2:CreateSnapshot"),
        (LeftoverKind::Share, format!("{arn}#shared/{outside}"), at + 240, "ec2:ModifySnapshotAttribute"),
    ] {
        intruder.leave(Left {
            kinds: &[kind],
            resource,
            account: account::DATA,
            region: Some(region::HOME),
            since,
            by: &by.key,
            call,
            required: true,
        });
    }
    let name = format!("warehouse-{}", intruder.org.suffix);
    intruder
        .script
        .call(at + 330, account::DATA, by, "rds:ModifyDBSnapshotAttribute")
        .request(format!(r#"{{"dBSnapshotIdentifier":"{name}","attributeName":"restore","valuesToAdd":["{outside}"]}}"#))
        .response(format!(r#"{{"dBSnapshotIdentifier":"{name}","dBSnapshotAttributes":[{{"attributeName":"restore","attributeValues":["{outside}"]}}]}}"#))
        .put();
    let arn = format!("arn:aws:rds:{}:{}:snapshot:{name}", intruder.home(), intruder.id(account::DATA));
    intruder.reach(arn.clone(), &[Access::Shared]);
    intruder.touch(format!("{arn}#shared/{outside}"), &[Access::Shared, Access::Created, Access::Changed]);
    intruder.leave(Left {
        kinds: &[LeftoverKind::Share],
        resource: format!("{arn}#shared/{outside}"),
        account: account::DATA,
        region: Some(region::HOME),
        since: at + 330,
        by: &by.key,
        call: "rds:ModifyDBSnapshotAttribute",
        required: true,
    });
    intruder.milestone(at + 240, "Two snapshots of the data account are shared with an account outside");
}

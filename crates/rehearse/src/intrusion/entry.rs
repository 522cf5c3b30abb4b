//! The first act: the stolen key is tried, and hours later the account is looked over.

use floodmark_case::{Access, CredentialKind};

use super::{Intruder, Tainted};
use crate::organisation::{account, region};
use crate::pipelines::stolen_key;

/// The key is tried from three addresses.
pub(super) fn validate(intruder: &mut Intruder<'_>) {
    let (breach, user, key) =
        (intruder.clock.breach, intruder.names.stolen.clone(), stolen_key(intruder.org));
    let principal = intruder.user(account::HOSTING, &user);
    intruder.taint(Tainted {
        id: &key,
        aliases: &[],
        kind: CredentialKind::LongLivedKey,
        principal,
        account: account::HOSTING,
        parents: &[],
        how: "stolen",
        fell: breach,
        required: true,
    });
    for (number, offset) in [0, 2_100, 10_900].into_iter().enumerate() {
        let caller = intruder.caller(account::HOSTING, &user, &key, number, intruder.manner.kit.validator);
        intruder.script.call(breach + offset, account::HOSTING, &caller, "sts:GetCallerIdentity").put();
    }
    intruder.milestone(breach, format!("The key of {user} is tried from outside for the first time"));
}

/// The sweep: what there is to take.
pub(super) fn sweep(intruder: &mut Intruder<'_>) {
    let (user, key) = (intruder.names.stolen.clone(), stolen_key(intruder.org));
    let caller = intruder.caller(account::HOSTING, &user, &key, 1, intruder.manner.kit.library);
    let mut at = intruder.clock.sweep;
    intruder.milestone(
        at,
        "The account is looked over: users, roles, instances, functions, databases, buckets, secrets",
    );
    let host = format!(r#"{{"Host":"s3.{}.amazonaws.com"}}"#, intruder.home());
    let calls = [
        ("sts:GetCallerIdentity", String::new()),
        ("iam:ListUsers", r#"{"maxItems":1000}"#.to_owned()),
        ("iam:ListRoles", r#"{"maxItems":1000}"#.to_owned()),
        ("iam:ListAttachedUserPolicies", format!(r#"{{"userName":"{user}"}}"#)),
        ("iam:ListGroupsForUser", format!(r#"{{"userName":"{user}"}}"#)),
        ("ec2:DescribeInstances", r#"{"maxResults":1000,"instancesSet":{},"filterSet":{}}"#.to_owned()),
        ("lambda:ListFunctions20150331", r#"{"maxItems":50}"#.to_owned()),
        ("rds:DescribeDBInstances", r#"{"maxRecords":100}"#.to_owned()),
        ("route53:ListHostedZones", String::new()),
        ("s3:ListBuckets", host),
        ("ecs:ListClusters", r#"{"maxResults":100}"#.to_owned()),
        ("ecs:ListTaskDefinitions", r#"{"maxResults":100}"#.to_owned()),
        ("secretsmanager:ListSecrets", r#"{"maxResults":100}"#.to_owned()),
        ("ssm:DescribeParameters", r#"{"maxResults":50}"#.to_owned()),
    ];
    for (call, request) in calls {
        at += 2 + intruder.script.rng.below(7);
        intruder.script.call(at, account::HOSTING, &caller, call).request(request).put();
    }
    for region in [region::SECOND, region::DARK, region::FAR] {
        at += 3 + intruder.script.rng.below(5);
        intruder
            .script
            .call(at, account::HOSTING, &caller, "ec2:DescribeInstances")
            .region(region)
            .request(r#"{"maxResults":1000,"instancesSet":{},"filterSet":{}}"#)
            .put();
    }
    for call in ["organizations:ListAccounts", "iam:GetAccountAuthorizationDetails"] {
        at += 4;
        intruder
            .script
            .call(at, account::HOSTING, &caller, call)
            .denied("because no identity-based policy allows the action")
            .put();
    }
    for bucket in intruder.org.buckets.iter().filter(|bucket| bucket.account == account::HOSTING).take(6) {
        at += 1 + intruder.script.rng.below(3);
        intruder
            .script
            .call(at, account::HOSTING, &caller, "s3:GetBucketPublicAccessBlock")
            .region(bucket.region)
            .request(format!(r#"{{"bucketName":"{}","publicAccessBlock":""}}"#, bucket.name))
            .put();
        let resource = format!("arn:aws:s3:::{}", bucket.name);
        intruder.touch(resource, &[Access::Read]);
    }
    let principal = intruder.user(account::HOSTING, &user);
    intruder.touch(principal, &[Access::Read]);
}

//! A bucket that an account outside may read from now on.

use floodmark_case::{Access, LeftoverKind};

use super::{Hands, Intruder, Left};
use crate::entities::Logged;
use crate::organisation::{account, region};

/// The policy of a hosted bucket is changed.
pub(super) fn bucket_policy(intruder: &mut Intruder<'_>, hands: &Hands) {
    let (at, by) = (intruder.clock.policy, hands.made.clone());
    let org = intruder.org;
    let Some(bucket) = org.buckets.iter().find(|bucket| {
        bucket.account == account::HOSTING && bucket.logged == Logged::Trail && bucket.region == region::HOME
    }) else {
        return;
    };
    let (name, outside) = (&bucket.name, &org.outside);
    let owner = intruder.id(account::HOSTING);
    let arn = format!("arn:aws:s3:::{name}");
    for call in ["s3:GetBucketPolicy", "s3:PutBucketPolicy"] {
        let put = call.ends_with("PutBucketPolicy");
        let request = if put {
            format!(
                r#"{{"bucketName":"{name}","Host":"{name}.s3.{}.amazonaws.com","policy":"","bucketPolicy":{{"Version":"2012-10-17","Statement":[{{"Sid":"restore","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{outside}:root"}},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["{arn}","{arn}/*"]}}]}}}}"#,
                intruder.home()
            )
        } else {
            format!(
                r#"{{"bucketName":"{name}","Host":"{name}.s3.{}.amazonaws.com","policy":""}}"#,
                intruder.home()
            )
        };
        intruder
            .script
            .call(at + if put { 45 } else { 0 }, account::HOSTING, &by, call)
            .request(request)
            .resources(format!(r#"{{"accountId":"{owner}","type":"AWS::S3::Bucket","ARN":"{arn}"}}"#))
            .put();
    }
    intruder.reach(arn.clone(), &[Access::Shared, Access::Changed]);
    for (kind, resource, required) in [
        (LeftoverKind::ResourcePolicy, format!("{arn}#policy"), true),
        (LeftoverKind::Share, format!("{arn}#shared/{outside}"), false),
    ] {
        intruder.leave(Left {
            kinds: &[kind, LeftoverKind::Share],
            resource,
            account: account::HOSTING,
            region: Some(region::HOME),
            since: at + 45,
            by: &by.key,
            call: "s3:PutBucketPolicy",
            required,
        });
    }
    intruder.milestone(at + 45, format!("The bucket {name} is opened to the account {outside}"));
}

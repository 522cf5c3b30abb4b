//! CloudTrail digest files: what was delivered in an hour, with the hash of each file, chained and signed.

use serde::Deserialize;

use super::Reading;
use super::records::text_of;
use crate::event::Wire;
use crate::place::Place;
use crate::time::Time;

/// One digest file, as it says of itself.
///
/// Source: AWS CloudTrail User Guide, "CloudTrail digest file structure".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// `awsAccountId`.
    pub account: String,
    /// `digestStartTime`.
    pub start: Time,
    /// `digestEndTime`.
    pub end: Time,
    /// `digestEndTime` as written, which is what is signed.
    pub end_text: String,
    /// Where it was delivered.
    pub object: S3Object,
    /// `digestPublicKeyFingerprint`, lower-case hex.
    pub fingerprint: String,
    /// `digestSignatureAlgorithm`: `SHA256withRSA`.
    pub algorithm: String,
    /// The digest before it; `None` at the beginning of a chain.
    pub previous: Option<Previous>,
    /// The log files of its hour.
    pub logs: Vec<NamedLog>,
}

/// An object in S3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct S3Object {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
}

/// What a digest says of the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// `previousDigestS3Bucket` and `previousDigestS3Object`.
    pub object: S3Object,
    /// `previousDigestHashValue`, lower-case hex.
    pub hash: String,
    /// `previousDigestSignature`, hex.
    pub signature: String,
}

/// What a digest says of a log file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedLog {
    /// `s3Bucket` and `s3Object`.
    pub object: S3Object,
    /// `hashValue`: the SHA-256 of the file's uncompressed content, lower-case hex.
    pub hash: String,
}

/// Whether a path is that of a digest file, by the name that CloudTrail gives it.
pub fn is_digest_path(path: &str) -> bool {
    path.rsplit(['/', '\\']).next().is_some_and(|name| name.contains("_CloudTrail-Digest_"))
}

/// Whether a record is a digest.
pub(super) fn is_digest(wire: &Wire<'_>) -> bool {
    let has = |name: &str| wire.others.iter().any(|(key, _)| key == name);
    has("digestS3Object") && has("logFiles") && has("digestEndTime")
}

/// Hands a digest on.
pub(super) fn read(wire: &Wire<'_>, number: u32, reading: &mut Reading<'_>) {
    let Some(digest) = digest(wire) else {
        return reading.problem(number, "is a CloudTrail digest without a list of log files or an end time");
    };
    reading.saw("cloudtrail-digest", digest.end);
    reading.sink.digest(&digest, Place { input: reading.input, record: number });
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLog {
    #[serde(default)]
    s3_bucket: String,
    s3_object: String,
    hash_value: String,
}

fn digest(wire: &Wire<'_>) -> Option<Digest> {
    let text = |name: &str| {
        let (_, value) = wire.others.iter().find(|(key, _)| key == name)?;
        text_of(*value).filter(|text| !text.is_empty())
    };
    let or_empty = |name: &str| text(name).unwrap_or_default();
    let (_, logs) = wire.others.iter().find(|(key, _)| key == "logFiles")?;
    let logs: Vec<WireLog> = serde_json::from_str(logs.raw()).ok()?;
    let end_text = text("digestEndTime")?;
    let end = Time::parse(&end_text)?;
    let previous = text("previousDigestS3Object").map(|key| Previous {
        object: S3Object { bucket: or_empty("previousDigestS3Bucket"), key },
        hash: or_empty("previousDigestHashValue").to_ascii_lowercase(),
        signature: or_empty("previousDigestSignature"),
    });
    Some(Digest {
        account: or_empty("awsAccountId"),
        start: Time::parse(&or_empty("digestStartTime")).unwrap_or(end),
        end,
        end_text,
        object: S3Object { bucket: or_empty("digestS3Bucket"), key: or_empty("digestS3Object") },
        fingerprint: or_empty("digestPublicKeyFingerprint").to_ascii_lowercase(),
        algorithm: or_empty("digestSignatureAlgorithm"),
        previous,
        logs: logs
            .into_iter()
            .map(|log| NamedLog {
                object: S3Object { bucket: log.s3_bucket, key: log.s3_object },
                hash: log.hash_value.to_ascii_lowercase(),
            })
            .collect(),
    })
}

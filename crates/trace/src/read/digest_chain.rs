//! Whether log files are what CloudTrail delivered: digests against files, against each other, against signatures.
//!
//! Pure: it is given what was read and hashed. Source: AWS CloudTrail User Guide, "Custom implementations of CloudTrail
//! log file integrity validation". All hashes are over uncompressed content.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use floodmark_case::EvidenceId;

use super::digest::{Digest, S3Object};
pub use crate::read::digest_keys::{KeyError, PublicKeys};

/// A digest file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDigest {
    /// The input's name.
    pub path: String,
    /// The SHA-256 as found.
    pub evidence: EvidenceId,
    /// The SHA-256 of its uncompressed content; `None` if not all of it could be read.
    pub content: Option<EvidenceId>,
    /// What it says.
    pub digest: Digest,
    /// Its own signature in hex (the object's `x-amz-meta-signature`), where it came with the copy.
    pub signature: Option<String>,
}

/// Any file among the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// The input's name.
    pub path: String,
    /// The SHA-256 of its uncompressed content; `None` if not all of it could be read.
    pub content: Option<EvidenceId>,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Check {
    /// The digest that speaks of it: its input's name.
    pub digest: String,
    /// What it speaks of, as `s3://bucket/key`.
    pub object: String,
    /// The input that is this object, if it is here.
    pub found: Option<String>,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A log file is what was delivered.
    Verified,
    /// A log file is not what was delivered, or could not be read to its end.
    Altered {
        /// The hash that the digest names.
        expected: String,
        /// The hash of what is here; `None` if it could not be read to its end.
        found: Option<String>,
    },
    /// A log file is named by a digest and not here, though the folder in which it should be is.
    Missing,
    /// A log file is named by a digest, but the inputs do not reach to where it should be.
    OutsideInputs,
    /// The digest before this one is what this one says.
    Linked,
    /// The digest before this one is not what this one says: one of them was altered.
    LinkBroken {
        /// The hash that this digest names.
        expected: String,
        /// The hash of the digest that is here.
        found: Option<String>,
    },
    /// The digest before this one is not here, though older ones are, or the folder in which it should be is.
    LinkMissing,
    /// The digest before this one is older than what is here.
    ChainStart,
    /// This digest names none before it although there are older ones: logging or validation was off in between.
    ChainRestarted,
    /// CloudTrail signed this digest.
    Signed,
    /// The signature does not fit this digest: it was altered or forged.
    SignatureWrong,
    /// The signature could not be checked, and why.
    SignatureUnchecked(String),
}

impl Verdict {
    /// Whether it says that evidence was altered or taken away.
    pub fn is_bad(&self) -> bool {
        matches!(
            self,
            Self::Altered { .. }
                | Self::Missing
                | Self::LinkBroken { .. }
                | Self::LinkMissing
                | Self::SignatureWrong
        )
    }
}

/// Checks all digests against all files.
///
/// `roots` are the paths that the inputs were looked for in: a file that a digest names is missing only if it should lie
/// below one of them. The checks come sorted, each once.
pub fn check(
    digests: &[FoundDigest],
    files: &[FoundFile],
    roots: &[PathBuf],
    keys: Option<&PublicKeys>,
) -> Vec<Check> {
    let evidence = Evidence::new(digests, files, roots);
    let mut checks = BTreeSet::new();
    for digest in digests {
        evidence.check_logs(digest, &mut checks);
        evidence.check_link(digest, &mut checks);
        if let Some(keys) = keys {
            evidence.check_signature(digest, keys, &mut checks);
        }
    }
    checks.into_iter().collect()
}

struct Evidence<'a> {
    digests: &'a [FoundDigest],
    files: BTreeMap<&'a str, Vec<&'a FoundFile>>,
    by_object: BTreeMap<&'a S3Object, Vec<&'a FoundDigest>>,
    /// The beginning of each chain that is here: its oldest end time.
    oldest: BTreeMap<String, crate::time::Time>,
    folders: BTreeSet<&'a Path>,
    roots: &'a [PathBuf],
}

impl<'a> Evidence<'a> {
    fn new(digests: &'a [FoundDigest], files: &'a [FoundFile], roots: &'a [PathBuf]) -> Self {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for file in files {
            by_name.entry(plain_name(&file.path)).or_default().push(file);
        }
        let mut by_object: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut oldest = BTreeMap::new();
        for digest in digests {
            by_object.entry(&digest.digest.object).or_default().push(digest);
            let end = digest.digest.end;
            let first = oldest.entry(chain(&digest.digest.object)).or_insert(end);
            *first = end.min(*first);
        }
        let folders = files.iter().filter_map(|file| Path::new(&file.path).parent()).collect();
        Self { digests, files: by_name, by_object, oldest, folders, roots }
    }

    fn check_logs(&self, digest: &FoundDigest, checks: &mut BTreeSet<Check>) {
        for log in &digest.digest.logs {
            let object = url(&log.object);
            let copies = self.files.get(plain_name(&log.object.key)).map_or(&[][..], Vec::as_slice);
            let copies: Vec<_> =
                copies.iter().filter(|file| same_place(&file.path, &log.object.key)).collect();
            for file in &copies {
                let found = file.content.map(|hash| hash.to_string());
                let verdict = if found.as_deref() == Some(&log.hash) {
                    Verdict::Verified
                } else {
                    Verdict::Altered { expected: log.hash.clone(), found }
                };
                let found = Some(file.path.clone());
                checks.insert(Check { digest: digest.path.clone(), object: object.clone(), found, verdict });
            }
            if copies.is_empty() {
                let is_covered = self.covers(digest, &log.object.key);
                let verdict = if is_covered { Verdict::Missing } else { Verdict::OutsideInputs };
                checks.insert(Check { digest: digest.path.clone(), object, found: None, verdict });
            }
        }
    }

    /// Whether the inputs reach to where the object of this key should be, judged by where the digest is.
    fn covers(&self, digest: &FoundDigest, key: &str) -> bool {
        let bucket = bucket_folder(&digest.path, &digest.digest.object.key);
        if let Some(bucket) = bucket {
            let expected = Path::new(bucket).join(key);
            return self.roots.iter().any(|root| expected.starts_with(root));
        }
        // Copies without their folders: covered if other logs of this digest's bucket lie beside it.
        let Some(folder) = Path::new(&digest.path).parent() else { return false };
        let named = |log: &super::digest::NamedLog| self.files.get(plain_name(&log.object.key));
        self.folders.contains(folder)
            && self
                .digests
                .iter()
                .flat_map(|other| &other.digest.logs)
                .filter_map(named)
                .flatten()
                .any(|file| Path::new(&file.path).parent() == Some(folder))
    }

    fn check_link(&self, found: &FoundDigest, checks: &mut BTreeSet<Check>) {
        let digest = &found.digest;
        let has_older = self.oldest.get(&chain(&digest.object)).is_some_and(|oldest| *oldest < digest.end);
        let mut tell = |object, path, verdict| {
            checks.insert(Check { digest: found.path.clone(), object, found: path, verdict });
        };
        let Some(previous) = &digest.previous else {
            let verdict = if has_older { Verdict::ChainRestarted } else { Verdict::ChainStart };
            return tell(url(&digest.object), None, verdict);
        };
        let object = url(&previous.object);
        let copies = self.by_object.get(&previous.object).map_or(&[][..], Vec::as_slice);
        for copy in copies {
            let hashes = [copy.content, Some(copy.evidence)];
            let is_same = hashes.iter().flatten().any(|hash| hash.to_string() == previous.hash);
            let verdict = if is_same {
                Verdict::Linked
            } else {
                let found = copy.content.map(|hash| hash.to_string());
                Verdict::LinkBroken { expected: previous.hash.clone(), found }
            };
            tell(object.clone(), Some(copy.path.clone()), verdict);
        }
        if copies.is_empty() {
            let verdict = if has_older { Verdict::LinkMissing } else { Verdict::ChainStart };
            tell(object, None, verdict);
        }
    }

    fn check_signature(&self, found: &FoundDigest, keys: &PublicKeys, checks: &mut BTreeSet<Check>) {
        let next = self.digests.iter().filter_map(|next| next.digest.previous.as_ref());
        let signature = next
            .filter(|previous| previous.object == found.digest.object)
            .map(|previous| &previous.signature)
            .chain(&found.signature)
            .find(|signature| !signature.is_empty());
        let verdict = match (signature, found.content) {
            (None, _) => Verdict::SignatureUnchecked(
                "its signature is in the metadata of its S3 object, and no later digest is here that repeats it"
                    .to_owned(),
            ),
            (_, None) => Verdict::SignatureUnchecked("it could not be read to its end".to_owned()),
            (Some(signature), Some(content)) => {
                match keys.verify(&found.digest, &signed_text(&found.digest, content), signature) {
                    Ok(()) => Verdict::Signed,
                    Err(KeyError::Wrong) => Verdict::SignatureWrong,
                    Err(error) => Verdict::SignatureUnchecked(error.to_string()),
                }
            }
        };
        let object = url(&found.digest.object);
        checks.insert(Check { digest: found.path.clone(), object, found: Some(found.path.clone()), verdict });
    }
}

/// What CloudTrail signs.
fn signed_text(digest: &Digest, content: EvidenceId) -> String {
    let S3Object { bucket, key } = &digest.object;
    let previous = digest.previous.as_ref().map_or("null", |previous| &previous.signature);
    format!("{}\n{bucket}/{key}\n{content}\n{previous}", digest.end_text)
}

fn url(object: &S3Object) -> String {
    format!("s3://{}/{}", object.bucket, object.key)
}

/// The last part of a path, without the ending of a compression that a copy may have lost.
fn plain_name(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
}

/// Whether a path may be that of a key: as far up as both say `AWSLogs/…`, they agree.
fn same_place(path: &str, key: &str) -> bool {
    let tail = |text: &str| {
        let at = text.find("AWSLogs/")?;
        text[at..].rsplit_once('/').map(|(folder, _)| folder.to_owned())
    };
    match (tail(path), tail(key)) {
        (Some(path), Some(key)) => path == key,
        _ => true,
    }
}

/// The folder that stands for the bucket, if a path ends with the object's key.
fn bucket_folder<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    let key = key.strip_suffix(".gz").unwrap_or(key);
    let path = path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(path);
    let folder = path.strip_suffix(key)?;
    (folder.is_empty() || folder.ends_with('/')).then_some(folder)
}

/// What digests of one chain share: all of their key but the dates.
fn chain(object: &S3Object) -> String {
    let name = plain_name(&object.key);
    let without_time = name.rsplit_once('_').map_or(name, |(trail, _)| trail);
    let folder = object.key.split("/CloudTrail-Digest/").next().unwrap_or_default();
    format!("{}/{folder}/{without_time}", object.bucket)
}

//! Digest files: hashes, the chain, signatures.

mod read_support;

use std::path::Path;
use std::process::Command;

use floodmark_case::EvidenceId;
use floodmark_trace::read::Worker;
use floodmark_trace::read::digest::is_digest_path;
use floodmark_trace::read::digest_chain::{FoundDigest, FoundFile, PublicKeys, Verdict, check};
use floodmark_trace::read::inputs::inputs;
use read_support::{EVENT, Kept, gzip, put};

const LOGS: &str = "AWSLogs/1/CloudTrail/eu-west-1/2026/03/19";
const DIGESTS: &str = "AWSLogs/1/CloudTrail-Digest/eu-west-1/2026/03/19";

/// The object key of the digest of an hour.
fn digest_key(hour: u32) -> String {
    format!("{DIGESTS}/1_CloudTrail-Digest_eu-west-1_trail_eu-west-1_20260319T{hour:02}0000Z.json.gz")
}

fn log_key(hour: u32) -> String {
    format!("{LOGS}/1_CloudTrail_eu-west-1_20260319T{hour:02}05Z_abc{hour}.json.gz")
}

/// Bytes in hex.
struct Hex<'a>(&'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A key of RSA, made by openssl; signs in the place of CloudTrail.
struct Signer {
    folder: tempfile::TempDir,
}

impl Signer {
    /// `None`, and a loud line, where there is no openssl.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let signer = Self { folder };
        let made = signer.openssl(&[
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-out",
            "key.pem",
        ]);
        if made.is_none() {
            eprintln!("SKIPPED: no openssl, so no signature was made and none checked");
        }
        made.map(|()| signer)
    }

    fn openssl(&self, arguments: &[&str]) -> Option<()> {
        let run = Command::new("openssl").args(arguments).current_dir(self.folder.path()).output().ok()?;
        run.status.success().then_some(())
    }

    /// The signature in hex.
    fn sign(&self, text: &str) -> String {
        std::fs::write(self.folder.path().join("text"), text).expect("a file");
        self.openssl(&["dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "text"]).expect("signed");
        let bytes = std::fs::read(self.folder.path().join("signature")).expect("a signature");
        Hex(&bytes).to_string()
    }

    /// What `aws cloudtrail list-public-keys` would print.
    fn keys(&self) -> PublicKeys {
        self.openssl(&[
            "rsa",
            "-in",
            "key.pem",
            "-RSAPublicKey_out",
            "-outform",
            "DER",
            "-out",
            "public.der",
        ])
        .expect("a key");
        self.openssl(&["base64", "-A", "-in", "public.der", "-out", "public.b64"]).expect("a key");
        let value = std::fs::read_to_string(self.folder.path().join("public.b64")).expect("a key");
        PublicKeys::parse(&format!(r#"{{"PublicKeyList":[{{"Value":"{value}","Fingerprint":"F1"}}]}}"#))
            .expect("keys")
    }
}

/// Writes log files and digests of three hours, as CloudTrail would; gives the last digest's signature.
fn deliver(root: &Path, signer: Option<&Signer>) -> String {
    let mut previous = String::from(
        r#""previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestSignature":null"#,
    );
    let mut previous_signature = "null".to_owned();
    for hour in 1..=3 {
        let log = format!("{{\"Records\":[{EVENT}]}}{}", " ".repeat(hour as usize));
        put(root, &log_key(hour), &gzip(log.as_bytes()));
        let end = format!("2026-03-19T{hour:02}:00:00Z");
        let digest = format!(
            r#"{{"awsAccountId":"1","digestStartTime":"2026-03-19T{:02}:00:00Z","digestEndTime":"{end}","digestS3Bucket":"bucket","digestS3Object":"{}","digestPublicKeyFingerprint":"f1","digestSignatureAlgorithm":"SHA256withRSA",{previous},"logFiles":[{{"s3Bucket":"bucket","s3Object":"{}","hashValue":"{}","hashAlgorithm":"SHA-256"}}]}}"#,
            hour - 1,
            digest_key(hour),
            log_key(hour),
            EvidenceId::of(log.as_bytes()),
        );
        put(root, &digest_key(hour), &gzip(digest.as_bytes()));
        let hash = EvidenceId::of(digest.as_bytes());
        let text = format!("{end}\nbucket/{}\n{hash}\n{previous_signature}", digest_key(hour));
        previous_signature = signer.map_or_else(|| "00".to_owned(), |signer| signer.sign(&text));
        previous = format!(
            r#""previousDigestS3Bucket":"bucket","previousDigestS3Object":"{}","previousDigestHashValue":"{hash}","previousDigestSignature":"{previous_signature}""#,
            digest_key(hour)
        );
    }
    previous_signature
}

/// What the checks say, as `object's last part: verdict`.
fn verdicts(root: &Path, keys: Option<&PublicKeys>, newest: Option<&str>) -> Vec<(String, Verdict)> {
    let roots = [root.to_owned()];
    let (paths, unread) = inputs(&roots);
    assert_eq!(unread, []);
    let mut worker = Worker::hashing_content();
    let (mut digests, mut files) = (Vec::new(), Vec::new());
    for path in &paths {
        let mut kept = Kept::default();
        let outcome = worker.read(path, 0, &mut kept);
        files.push(FoundFile { path: path.name.clone(), content: outcome.content });
        let Some(input) = outcome.input else { continue };
        for digest in kept.digests {
            assert!(is_digest_path(&path.name));
            let signature = newest.filter(|_| path.name.contains("T030000Z")).map(str::to_owned);
            let (path, content) = (path.name.clone(), outcome.content);
            digests.push(FoundDigest { path, evidence: input.evidence, content, digest, signature });
        }
    }
    let name = |object: &str| object.rsplit(['/', '_']).next().unwrap_or_default().to_owned();
    check(&digests, &files, &roots, keys)
        .into_iter()
        .map(|check| (name(&check.object), check.verdict))
        .collect()
}

#[test]
fn what_was_delivered_is_verified_link_by_link() {
    let root = tempfile::tempdir().expect("a folder");
    deliver(root.path(), None);
    let verdicts = verdicts(root.path(), None, None);
    let count = |wanted: &Verdict| verdicts.iter().filter(|(_, verdict)| verdict == wanted).count();
    assert_eq!((count(&Verdict::Verified), count(&Verdict::Linked), count(&Verdict::ChainStart)), (3, 2, 1));
    assert_eq!(verdicts.len(), 6);
}

#[test]
fn how_much_was_verified_is_said() {
    let root = tempfile::tempdir().expect("a folder");
    deliver(root.path(), None);
    put(root.path(), &log_key(1), &gzip(format!("{{\"Records\":[{EVENT},{EVENT}]}}").as_bytes()));
    let answer = floodmark_trace::trace(&floodmark_trace::Request {
        paths: vec![root.path().to_owned()],
        at_hand: Vec::new(),
        from: Vec::new(),
        since: None,
        rules: Vec::new(),
        builtin_rules: false,
        placeholders: floodmark_trace::sigma::Placeholders::default(),
        public_keys: None,
        threads: std::num::NonZero::<usize>::MIN,
        progress: floodmark_trace::Progress::default(),
    });
    let said: Vec<&str> = answer
        .findings
        .iter()
        .filter(|finding| finding.severity == floodmark_case::Severity::Informational)
        .map(|finding| finding.explanation.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "2 of 3 CloudTrail files that were read are what was delivered, by their SHA-256; 0 of 2 links from digest to \
          digest are broken; signatures were not checked, since no public keys were given"
        ]
    );
}

#[test]
fn altered_and_missing_logs_and_digests_are_told() {
    let root = tempfile::tempdir().expect("a folder");
    deliver(root.path(), None);
    put(root.path(), &log_key(1), &gzip(b"{\"Records\":[]}"));
    std::fs::remove_file(root.path().join(log_key(2))).expect("removed");
    let verdicts_then = verdicts(root.path(), None, None);
    let of = |name: &str| {
        verdicts_then.iter().find(|(object, _)| object == name).map(|(_, verdict)| verdict.clone())
    };
    assert!(matches!(of("abc1.json.gz"), Some(Verdict::Altered { found: Some(_), .. })), "{verdicts_then:?}");
    assert_eq!(of("abc2.json.gz"), Some(Verdict::Missing));
    assert_eq!(of("abc3.json.gz"), Some(Verdict::Verified));
    std::fs::remove_file(root.path().join(digest_key(2))).expect("removed");
    let after = verdicts(root.path(), None, None);
    assert!(after.contains(&("20260319T020000Z.json.gz".to_owned(), Verdict::LinkMissing)), "{after:?}");
}

#[test]
fn a_digest_that_was_altered_breaks_the_link_behind_it() {
    let root = tempfile::tempdir().expect("a folder");
    deliver(root.path(), None);
    let path = root.path().join(digest_key(2));
    let mut text = String::new();
    let file = std::fs::File::open(&path).expect("a file");
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).expect("text");
    let emptied = text.split("\"logFiles\"").next().expect("a part").to_owned() + "\"logFiles\":[]}";
    std::fs::write(&path, gzip(emptied.as_bytes())).expect("written");
    let verdicts = verdicts(root.path(), None, None);
    let broken = verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::LinkBroken { .. })).count();
    assert_eq!(broken, 1, "{verdicts:?}");
}

#[test]
fn logs_outside_of_what_was_given_are_not_called_missing() {
    let root = tempfile::tempdir().expect("a folder");
    deliver(root.path(), None);
    let verdicts = verdicts(&root.path().join(DIGESTS), None, None);
    assert_eq!(verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::OutsideInputs).count(), 3);
}

#[test]
fn signatures_are_checked_with_the_public_keys() {
    let Some(signer) = Signer::new() else { return };
    let root = tempfile::tempdir().expect("a folder");
    let newest = deliver(root.path(), Some(&signer));
    let keys = signer.keys();
    let count = |verdicts: &[(String, Verdict)], wanted: &Verdict| {
        verdicts.iter().filter(|(_, verdict)| verdict == wanted).count()
    };
    let from_chain = verdicts(root.path(), Some(&keys), None);
    assert_eq!(count(&from_chain, &Verdict::Signed), 2, "{from_chain:?}");
    assert!(from_chain.iter().any(|(_, verdict)| matches!(verdict, Verdict::SignatureUnchecked(_))));
    assert_eq!(count(&verdicts(root.path(), Some(&keys), Some(&newest)), &Verdict::Signed), 3);
    let other = Signer::new().expect("a key").keys();
    assert_eq!(count(&verdicts(root.path(), Some(&other), Some(&newest)), &Verdict::SignatureWrong), 3);
    let unknown = verdicts(root.path(), Some(&PublicKeys::default()), Some(&newest));
    assert_eq!(
        unknown.iter().filter(|(_, verdict)| matches!(verdict, Verdict::SignatureUnchecked(_))).count(),
        3
    );
}

//! Signatures of minisign, made with a secret key file of minisign: <https://jedisct1.github.io/minisign/#signature-format>.
//!
//! ```text
//! secret key  base64 of  Ed | kdf | B2 | salt (32) | opslimit (8) | memlimit (8) | keynum (8) | key (64) | checksum (32)
//! signature   base64 of  ED | keynum (8) | Ed25519 over the BLAKE2b-512 of the file (64)
//!             base64 of  Ed25519 over the signature and the trusted comment (64)
//! ```
//!
//! With a password the kdf is `Sc`: the last three fields are hidden by a stream that scrypt makes of it. Verifying is that of
//! `minisign-verify`.

mod base64;
mod kdf;

use std::fmt;
use std::io::{self, Read};

use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2b512, Digest};

use self::base64::{decoded, encoded};

/// What every line that is not signed begins with.
const UNTRUSTED: &str = "untrusted comment: ";

/// The length of a secret key file's second line, decoded.
const KEY_BYTES: usize = 158;

/// Where what a password hides begins.
const HIDDEN: usize = 54;

/// The most bytes of a trusted comment; minisign reads no more.
const MOST_COMMENT: usize = 8192;

/// Why something could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// It is no secret key.
    #[error("is no secret key of minisign: {0}")]
    NoKey(&'static str),
    /// Its password has to be known.
    #[error("the secret key has a password; expected one")]
    NeedsPassword,
    /// The password is another one, or the key was damaged.
    #[error("the password is not that of the secret key, or the key is damaged")]
    WrongPassword,
    /// Turning the password into the key would take too much.
    #[error("the secret key asks for {0} MiB of memory for its password; expected at most 1024")]
    TooCostly(u64),
    /// The comment cannot be signed.
    #[error("the trusted comment has line breaks or more than {MOST_COMMENT} bytes; expected one line")]
    Comment,
    /// What is signed could not be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A secret key as its file holds it, with or without a password.
pub struct KeyFile {
    bytes: [u8; KEY_BYTES],
}

/// A secret key that signs. It shows itself to nobody.
pub struct SecretKey {
    number: [u8; 8],
    key: ed25519_compact::SecretKey,
}

impl KeyFile {
    /// Reads a file as minisign writes it: a comment, and a line of base64.
    pub fn read(text: &str) -> Result<Self, SignError> {
        let mut lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
        let comment = lines.next().unwrap_or_default();
        if !comment.starts_with(UNTRUSTED.trim_end()) {
            return Err(SignError::NoKey("its first line is no comment; expected `untrusted comment: ...`"));
        }
        let line = lines.next().ok_or(SignError::NoKey("it has one line; expected two"))?;
        let bytes = decoded(line).ok_or(SignError::NoKey("its second line is no base64"))?;
        let bytes: [u8; KEY_BYTES] = bytes
            .try_into()
            .map_err(|_| SignError::NoKey("its second line is not as long as a secret key"))?;
        match (&bytes[..2], &bytes[2..4], &bytes[4..6]) {
            (b"Ed", b"Sc" | [0, 0], b"B2") => Ok(Self { bytes }),
            _ => Err(SignError::NoKey(
                "it is made in a way that is not known; expected Ed25519, scrypt and BLAKE2b",
            )),
        }
    }

    /// Whether it has a password.
    pub fn has_password(&self) -> bool {
        &self.bytes[2..4] == b"Sc"
    }

    /// The key, opened with its password; one without a password needs none.
    pub fn open(&self, password: Option<&[u8]>) -> Result<SecretKey, SignError> {
        let mut hidden: [u8; KEY_BYTES - HIDDEN] = std::array::from_fn(|at| self.bytes[HIDDEN + at]);
        if self.has_password() {
            let stream = kdf::stream(
                password.ok_or(SignError::NeedsPassword)?,
                &self.bytes[6..38],
                number(&self.bytes[38..46]),
                number(&self.bytes[46..54]),
            )?;
            hidden.iter_mut().zip(stream).for_each(|(byte, other)| *byte ^= other);
        }
        let mut checksum = Blake2b::<U32>::new();
        checksum.update(&self.bytes[..2]);
        checksum.update(&hidden[..72]);
        // The last field of a key without a password is no checksum in every version of minisign.
        let is_whole = checksum.finalize().as_slice() == &hidden[72..]
            || (!self.has_password() && hidden[72..] == [0; 32]);
        if !is_whole {
            return Err(SignError::WrongPassword);
        }
        let key =
            ed25519_compact::SecretKey::from_slice(&hidden[8..72]).map_err(|_| SignError::WrongPassword)?;
        let pair = ed25519_compact::KeyPair::from_seed(key.seed());
        if pair.sk.as_ref() != &hidden[8..72] {
            return Err(SignError::NoKey("its two halves do not belong together"));
        }
        Ok(SecretKey { number: std::array::from_fn(|at| hidden[at]), key })
    }
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|at| bytes.get(at).copied().unwrap_or_default()))
}

impl SecretKey {
    /// The text of the `.minisig` file for what is read.
    pub fn sign(&self, mut stream: impl Read, trusted_comment: &str) -> Result<String, SignError> {
        if trusted_comment.len() > MOST_COMMENT || trusted_comment.contains(['\n', '\r', '\0']) {
            return Err(SignError::Comment);
        }
        let mut hash = Blake2b512::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match stream.read(&mut buffer)? {
                0 => break,
                read => hash.update(&buffer[..read]),
            }
        }
        let signature = self.key.sign(hash.finalize(), None);
        let mut told = [b"ED".as_slice(), &self.number, signature.as_ref()].concat();
        let first = encoded(&told);
        told.drain(..10);
        told.extend_from_slice(trusted_comment.as_bytes());
        let all = encoded(self.key.sign(&told, None).as_ref());
        let number = u64::from_le_bytes(self.number);
        Ok(format!(
            "{UNTRUSTED}signature from floodmark, of the key {number:016X}\n{first}\ntrusted comment: {trusted_comment}\n{all}\n"
        ))
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").field("has_password", &self.has_password()).finish_non_exhaustive()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key file of a seed, without a password or with a scrypt of little cost.
    fn key_file(kdf: [u8; 2], password: &[u8]) -> String {
        let pair = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([7; 32]));
        let mut hidden = [[9; 8].as_slice(), pair.sk.as_ref()].concat();
        let mut checksum = Blake2b::<U32>::new();
        checksum.update(b"Ed");
        checksum.update(&hidden);
        hidden.extend_from_slice(&checksum.finalize());
        let (salt, operations, memory) = ([3; 32], 32_768_u64, 16_777_216_u64);
        if &kdf == b"Sc" {
            let stream = kdf::stream(password, &salt, operations, memory).expect("of little cost");
            hidden.iter_mut().zip(stream).for_each(|(byte, other)| *byte ^= other);
        }
        let head =
            [b"Ed".as_slice(), &kdf, b"B2", &salt, &operations.to_le_bytes(), &memory.to_le_bytes()].concat();
        format!("untrusted comment: minisign encrypted secret key\n{}\n", encoded(&[head, hidden].concat()))
    }

    fn public_key() -> minisign_verify::PublicKey {
        let pair = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([7; 32]));
        let line = encoded(&[b"Ed".as_slice(), &[9; 8], pair.pk.as_ref()].concat());
        minisign_verify::PublicKey::from_base64(&line).expect("a public key")
    }

    #[test]
    fn what_is_signed_is_verified_by_the_library_of_minisign() {
        for (kdf, password) in [([0, 0], None), (*b"Sc", Some(b"secret".as_slice()))] {
            let file = KeyFile::read(&key_file(kdf, b"secret")).expect("a key file");
            assert_eq!(file.has_password(), password.is_some());
            let key = file.open(password).expect("opened");
            for content in [b"".as_slice(), b"content", &vec![0xff; 200_000]] {
                let text = key.sign(content, "file:intel.db").expect("signed");
                let signature = minisign_verify::Signature::decode(&text).expect("a signature");
                assert_eq!(signature.trusted_comment(), "file:intel.db");
                public_key().verify(content, &signature, false).expect("it holds");
                assert!(public_key().verify(b"other", &signature, false).is_err());
            }
            assert!(key.sign(b"".as_slice(), "two\nlines").is_err());
        }
    }

    #[test]
    fn a_key_opens_with_its_password_alone_and_shows_itself_to_nobody() {
        let file = KeyFile::read(&key_file(*b"Sc", b"secret")).expect("a key file");
        assert!(matches!(file.open(None), Err(SignError::NeedsPassword)));
        assert!(matches!(file.open(Some(b"wrong")), Err(SignError::WrongPassword)));
        let key = file.open(Some(b"secret")).expect("opened");
        assert_eq!(format!("{file:?} {key:?}"), "KeyFile { has_password: true, .. } SecretKey { .. }");
    }

    #[test]
    fn what_is_no_key_file_is_refused_with_what_was_expected() {
        let good = key_file([0, 0], b"");
        for cut in 0..good.trim_end().len() {
            assert!(KeyFile::read(&good[..cut]).is_err(), "cut at {cut}");
        }
        let line = good.lines().nth(1).expect("the key");
        let with = |at: usize, bytes: &[u8]| {
            let mut all = decoded(line).expect("base64");
            all[at..at + bytes.len()].copy_from_slice(bytes);
            format!("untrusted comment: x\n{}\n", encoded(&all))
        };
        for (text, why) in [
            (with(0, b"RS"), "not known"),
            (with(2, b"Ar"), "not known"),
            ("comment\nline\n".to_owned(), "no comment"),
            ("untrusted comment: minisign public key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n".to_owned(), "not as long"),
            ("untrusted comment: x\n!\n".to_owned(), "no base64"),
        ] {
            let error = KeyFile::read(&text).expect_err(&text).to_string();
            assert!(error.contains(why), "{error}");
        }
        // A byte of the key, of its public half, of the checksum.
        for at in [60, 100, 130] {
            let file = KeyFile::read(&with(at, &[0x55])).expect("a key file");
            assert!(file.open(None).is_err(), "{at}");
        }
    }

    #[test]
    fn a_key_that_asks_for_endless_memory_or_time_is_refused() {
        for (operations, memory) in [(u64::MAX, u64::MAX), (1 << 40, 1 << 41), (1 << 50, 1 << 20)] {
            let refused = kdf::stream(b"", &[0; 32], operations, memory);
            assert!(matches!(refused, Err(SignError::TooCostly(_))), "{operations} {memory}");
        }
    }
}

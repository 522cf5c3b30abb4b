//! CloudTrail's public keys, and the signatures of its digests.

use std::collections::BTreeMap;

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;

use super::digest::Digest;

/// The public keys that signed digests, by fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys(BTreeMap<String, Vec<u8>>);

/// Why a list of keys, or a signature, is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The list is not what `aws cloudtrail list-public-keys` prints.
    #[error("no list of public keys as `aws cloudtrail list-public-keys` prints it: {0}")]
    List(String),
    /// No key of the list has the fingerprint that the digest names.
    #[error("no public key with the fingerprint {0} was given (they differ by region and change over time)")]
    Unknown(String),
    /// The digest names another algorithm than the one that there is.
    #[error("the signature algorithm {0} is not known; expected SHA256withRSA")]
    Algorithm(String),
    /// The signature is not valid.
    #[error("the signature does not fit")]
    Wrong,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireList {
    public_key_list: Vec<WireKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireKey {
    fingerprint: String,
    value: String,
}

impl PublicKeys {
    /// Reads what `aws cloudtrail list-public-keys` prints: JSON, with each key in DER (PKCS #1), base64.
    pub fn parse(json: &str) -> Result<Self, KeyError> {
        let list: WireList = serde_json::from_str(json).map_err(|error| KeyError::List(error.to_string()))?;
        let key = |key: WireKey| {
            let value = base64(&key.value)
                .ok_or_else(|| KeyError::List(format!("the key {} is no base64", key.fingerprint)))?;
            Ok((key.fingerprint.to_ascii_lowercase(), value))
        };
        list.public_key_list.into_iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// Adds the keys of another list: another region's, or another time's.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Checks the signature, in hex, of the text that stands for a digest.
    pub(super) fn verify(&self, digest: &Digest, text: &str, signature: &str) -> Result<(), KeyError> {
        if !digest.algorithm.eq_ignore_ascii_case("SHA256withRSA") {
            return Err(KeyError::Algorithm(digest.algorithm.clone()));
        }
        let key =
            self.0.get(&digest.fingerprint).ok_or_else(|| KeyError::Unknown(digest.fingerprint.clone()))?;
        let signature = hex(signature.trim()).ok_or(KeyError::Wrong)?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(text.as_bytes(), &signature)
            .map_err(|_| KeyError::Wrong)
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// Standard base64, with or without padding and line breaks.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches(['=', '\n', '\r', ' ']).bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\n' | b'\r' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_hex_are_decoded_and_other_text_refused() {
        assert_eq!(base64("Zmxvb2Rt\nYXJr").as_deref(), Some(&b"floodmark"[..]));
        assert_eq!(base64("Zg==").as_deref(), Some(&b"f"[..]));
        assert_eq!(base64("Z g="), None);
        assert_eq!(hex("00fF").as_deref(), Some(&[0, 255][..]));
        assert_eq!((hex("0"), hex("zz")), (None, None));
    }
}

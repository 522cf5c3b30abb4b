//! Hashes that a format records of a component.

use std::fmt;

/// A hash of what a component was delivered as.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash {
    algorithm: Algorithm,
    digest: Box<[u8]>,
}

/// How a hash is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// Its name as `CycloneDX` writes it: `SHA-256`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// By its name, in any case, with or without its hyphen.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "md5" => Self::Md5,
            "sha1" | "sha-1" => Self::Sha1,
            "sha256" | "sha-256" => Self::Sha256,
            "sha384" | "sha-384" => Self::Sha384,
            "sha512" | "sha-512" => Self::Sha512,
            _ => return None,
        })
    }
}

impl Hash {
    /// How it is made.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its hexadecimal digits, in lower case.
    pub fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let pairs = self.digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        pairs.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
    }

    /// A SHA-256.
    pub fn sha256(digest: [u8; 32]) -> Self {
        Self { algorithm: Algorithm::Sha256, digest: digest.into() }
    }

    /// From hexadecimal digits, if they are as many as the algorithm makes.
    pub fn from_hex(algorithm: Algorithm, hex: &str) -> Option<Self> {
        if hex.len() != 2 * algorithm.bytes() {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        };
        let digest: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(byte).collect();
        Some(Self { algorithm, digest: digest?.into() })
    }

    /// From an algorithm and hexadecimal digits with `:` or `=` between them, as pip and poetry write it: `sha256:ba78…`.
    pub fn from_labelled(text: &str) -> Option<Self> {
        let (name, hex) = text.split_once([':', '='])?;
        Self::from_hex(Algorithm::named(name)?, hex)
    }

    /// All that Subresource Integrity names, <https://www.w3.org/TR/SRI/>: `sha512-…base64…`, several with spaces between.
    pub fn from_integrity(text: &str) -> impl Iterator<Item = Self> {
        text.split_ascii_whitespace().take(8).filter_map(|one| {
            let (name, base64) = one.split_once('-')?;
            let base64 = base64.split_once('?').map_or(base64, |(base64, _)| base64);
            Self::from_base64(Algorithm::named(name)?, base64)
        })
    }

    /// From base64 with the standard alphabet, if it is as long as the algorithm makes it.
    pub fn from_base64(algorithm: Algorithm, text: &str) -> Option<Self> {
        let text = text.trim_end_matches('=');
        if text.len() != (algorithm.bytes() * 8).div_ceil(6) {
            return None;
        }
        let (mut digest, mut held, mut bits) = (Vec::with_capacity(algorithm.bytes()), 0_u32, 0);
        for byte in text.bytes() {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            held = held << 6 | u32::from(six);
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                digest.push(u8::try_from(held >> bits & 0xff).ok()?);
            }
        }
        Some(Self { algorithm, digest: digest.into() })
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.as_str(), self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "abc", from FIPS 180-4.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn one_digest_is_equal_in_every_spelling() {
        let hex = Hash::from_hex(Algorithm::Sha256, ABC).expect("a hash");
        assert_eq!(Hash::from_labelled(&format!("sha256:{}", ABC.to_uppercase())), Some(hex.clone()));
        assert_eq!(Hash::from_labelled(&format!("SHA-256={ABC}")), Some(hex.clone()));
        let integrity = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=?x nothing md5-!";
        assert_eq!(Hash::from_integrity(integrity).collect::<Vec<_>>(), std::slice::from_ref(&hex));
        assert_eq!(hex.hex(), ABC);
    }

    #[test]
    fn what_is_too_short_too_long_or_no_digit_is_none() {
        let (long, odd) = (format!("sha1:{ABC}"), format!("md5:{}", "é".repeat(16)));
        for text in ["sha256:ba78", "sha256:", "sha3:00", &long, &odd] {
            assert_eq!(Hash::from_labelled(text), None, "{text}");
        }
        assert_eq!(Hash::from_base64(Algorithm::Md5, &"*".repeat(22)), None);
    }
}

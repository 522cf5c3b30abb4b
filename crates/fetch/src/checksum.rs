//! The checksums that servers send with a file, and what they say of it.

use sha2::{Digest as _, Sha256};

use crate::client::Answer;
use crate::digest::hex;

/// What the headers of an answer say that the file is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Announced {
    /// The length of the whole file.
    pub(crate) bytes: Option<u64>,
    /// In hexadecimal.
    pub(crate) sha256: Option<String>,
    /// CRC-32C, as Google's storage sends it.
    pub(crate) crc32c: Option<u32>,
}

/// Computes what is compared.
pub(crate) struct Checksum {
    bytes: u64,
    sha256: Sha256,
    crc32c: u32,
    table: [u32; 256],
}

impl Announced {
    /// What an answer says of the whole file.
    pub(crate) fn by(answer: &Answer) -> Self {
        let text = |name: &str| answer.header(name).map(str::to_owned);
        // An encoded body would have another length and another hash than the file.
        if text("content-encoding").is_some_and(|encoding| encoding != "identity") {
            return Self::default();
        }
        let whole = text("content-range").and_then(|range| range.rsplit_once('/')?.1.parse().ok());
        let bytes = whole.or_else(|| (answer.status == 200).then(|| answer.body.content_length()).flatten());
        let google =
            answer.headers.get_all("x-goog-hash").into_iter().filter_map(|header| header.to_str().ok());
        let crc32c = google
            .flat_map(|header| header.split(','))
            .find_map(|one| one.trim().strip_prefix("crc32c=").and_then(crc));
        // As Artifactory and Nexus say it; and S3, where it was asked to keep one of the whole object.
        let sha256 =
            text("x-checksum-sha256").filter(|hash| hash.len() == 64).map(|hash| hash.to_ascii_lowercase());
        Self { bytes, sha256, crc32c }
    }
}

impl Checksum {
    pub(crate) fn new() -> Self {
        Self { bytes: 0, sha256: Sha256::new(), crc32c: !0, table: table() }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.sha256.update(bytes);
        for byte in bytes {
            let index = self.crc32c.to_le_bytes()[0] ^ byte;
            self.crc32c = self.crc32c >> 8 ^ self.table[usize::from(index)];
        }
    }

    /// What differs from what was announced, if anything does.
    pub(crate) fn differs(self, from: &Announced) -> Option<String> {
        if let Some(bytes) = from.bytes.filter(|bytes| *bytes != self.bytes) {
            return Some(format!("has {} bytes; expected {bytes}, as its server says", self.bytes));
        }
        let crc32c = !self.crc32c;
        if let Some(told) = from.crc32c.filter(|told| *told != crc32c) {
            return Some(format!("has the CRC-32C {crc32c:08x}; expected {told:08x}, as its server says"));
        }
        let sha256 = hex(&self.sha256.finalize());
        let told = from.sha256.as_ref().filter(|told| **told != sha256)?;
        Some(format!("has the SHA-256 {sha256}; expected {told}, as its server says"))
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Four bytes in base64, the highest first.
fn crc(text: &str) -> Option<u32> {
    let bytes = crate::docker_config::decoded(text)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// RFC 3720, appendix B.4: the polynomial 0x1edc6f41, bits reflected.
fn table() -> [u32; 256] {
    let mut table = [0; 256];
    for (value, entry) in (0..).zip(table.iter_mut()) {
        *entry = (0..8)
            .fold(value, |rest: u32, _| if rest & 1 == 1 { rest >> 1 ^ 0x82f6_3b78 } else { rest >> 1 });
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Checksum {
        let mut checksum = Checksum::new();
        bytes.chunks(3).for_each(|piece| checksum.update(piece));
        checksum
    }

    #[test]
    fn crc32c_is_that_of_rfc_3720() {
        let check = |bytes: &[u8], crc32c: u32| {
            of(bytes).differs(&Announced { crc32c: Some(crc32c), ..Announced::default() })
        };
        assert_eq!(check(b"123456789", 0xe306_9283), None);
        assert_eq!(check(&[0; 32], 0x8a91_36aa), None);
        assert_eq!(crc("4waSgw=="), Some(0xe306_9283));
        assert!(check(b"123456780", 0xe306_9283).expect("it differs").contains("CRC-32C"));
    }

    #[test]
    fn length_and_sha256_are_compared() {
        let announced = Announced { bytes: Some(3), ..Announced::default() };
        assert_eq!(of(b"abc").differs(&announced), None);
        assert!(of(b"ab").differs(&announced).is_some());
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let announced = Announced { sha256: Some(hash.into()), ..Announced::default() };
        assert_eq!(of(b"abc").differs(&announced), None);
        assert!(of(b"abd").differs(&announced).is_some());
    }
}

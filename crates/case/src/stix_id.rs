//! Identifiers of STIX 2.1 that are the same for the same thing: for answers, and for what is exported of what is known.

use serde_json::Value;
use sha1::{Digest, Sha1};

/// The namespace that STIX 2.1 sets for observables (section 2.9).
const OBSERVABLES: [u8; 16] =
    [0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7];

/// Floodmark's own namespace: UUID version 5 of `https://floodmark.invalid/stix` in the namespace of URLs.
const OWN: [u8; 16] =
    [0x5c, 0x3a, 0x88, 0xc2, 0xef, 0x66, 0x56, 0x36, 0x95, 0xe3, 0x5e, 0x32, 0x8c, 0xfb, 0x91, 0x7e];

/// The identifier of an observable, from the properties that STIX says contribute to it.
///
/// The properties must stand in the order of their names, as canonical JSON (RFC 8785) wants.
pub fn observable(kind: &str, contributing: &Value) -> String {
    format!("{kind}--{}", uuid(OBSERVABLES, contributing.to_string().as_bytes()))
}

/// The identifier of an object of ours, from what makes it this one.
pub fn own(kind: &str, name: &str) -> String {
    format!("{kind}--{}", uuid(OWN, format!("{kind} {name}").as_bytes()))
}

/// UUID version 5 (RFC 9562, section 5.5).
fn uuid(namespace: [u8; 16], name: &[u8]) -> String {
    let digest = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn hex(bytes: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The namespace of URLs, RFC 9562, section 6.6.
    const URLS: [u8; 16] =
        [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

    #[test]
    fn the_own_namespace_is_what_it_says() {
        assert_eq!(uuid(URLS, b"https://floodmark.invalid/stix").replace('-', ""), hex(OWN));
    }

    #[test]
    fn an_address_has_the_identifier_that_others_give_it() {
        // As OASIS's own library, stix2 3.0.2, makes it.
        let id = observable("ipv4-addr", &serde_json::json!({ "value": "198.51.100.3" }));
        assert_eq!(id, "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    }
}

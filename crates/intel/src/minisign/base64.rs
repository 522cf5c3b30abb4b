//! Base64 with the standard alphabet and padding, RFC 4648, section 4.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let held =
            three.iter().fold(0_u32, |held, byte| held << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let six = (held >> (18 - 6 * at) & 63) as usize;
            text.push(if at <= three.len() { char::from(ALPHABET[six]) } else { '=' });
        }
    }
    text
}

/// The bytes of a text, if it is base64 to its end.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (count, bare) =
        (text.len() / 4, |four: &[u8]| four.iter().rev().take_while(|byte| **byte == b'=').count());
    for (number, four) in text.chunks(4).enumerate() {
        let padding = bare(four);
        if padding > 2 || (padding > 0 && number + 1 < count) {
            return None;
        }
        let mut held = 0_u32;
        for byte in &four[..4 - padding] {
            let six = ALPHABET.iter().position(|letter| letter == byte)?;
            held = held << 6 | u32::try_from(six).ok()?;
        }
        held <<= 6 * padding;
        // What padding cuts off is nothing.
        let kept = 3 - padding;
        if held & ((1 << (8 * padding)) - 1) != 0 {
            return None;
        }
        bytes.extend_from_slice(&held.to_be_bytes()[1..=kept]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_rfc_hold_in_both_directions() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encoded(plain.as_bytes()), text);
            assert_eq!(decoded(text).as_deref(), Some(plain.as_bytes()));
        }
        for wrong in ["Zg", "Zg=", "Z===", "====", "Zh==", "Zg==Zg==", "Zm9\n", "Zm9é"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }
}

//! The modifiers that rewrite a value: base64, UTF-16, and the dashes of Windows command lines.

use super::pattern::Token;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The forms of a dash that Windows programs take for one another.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// How many dashes of one value are varied; each makes five times as many values.
const MAX_DASHES: usize = 6;

/// The byte order and mark of a UTF-16 modifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Utf16 {
    Little,
    Big,
    /// Little-endian after a byte order mark.
    Marked,
}

/// Base64 of a value without wildcards.
pub(super) fn base64(tokens: &[Token]) -> Result<Vec<Token>, String> {
    Ok(vec![Token::Literal(encode(plain(tokens)?))])
}

/// The parts of the base64 of any text around the value that do not depend on that text, one for each of
/// the three places at which the value can begin within a group of three bytes. Where a single byte leaves no such
/// part, there is none: what is empty would be found in every text.
pub(super) fn base64_offsets(tokens: &[Token]) -> Result<Vec<Vec<Token>>, String> {
    let value = plain(tokens)?;
    if value.is_empty() {
        return Err("an empty value can't be found in base64".to_owned());
    }
    let shifted = |shift: usize| {
        let mut bytes = vec![b' '; shift];
        bytes.extend_from_slice(value);
        let encoded = encode(&bytes);
        let start = [0, 2, 3][shift];
        let tail = [0, 3, 2][(value.len() + shift) % 3];
        let end = encoded.len().saturating_sub(tail).max(start);
        (start < end).then(|| vec![Token::Literal(encoded[start..end].to_vec())])
    };
    Ok((0..3).filter_map(shifted).collect())
}

/// The value in UTF-16; wildcards stay between the encoded parts.
pub(super) fn utf16(tokens: &[Token], form: Utf16) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    if form == Utf16::Marked {
        out.push(Token::Literal(vec![0xff, 0xfe]));
    }
    for token in tokens {
        let Token::Literal(bytes) = token else {
            out.push(token.clone());
            continue;
        };
        let text = std::str::from_utf8(bytes)
            .map_err(|_| "a value that is encoded already can't be UTF-16".to_owned())?;
        let units = text.encode_utf16();
        let encoded: Vec<u8> = match form {
            Utf16::Big => units.flat_map(u16::to_be_bytes).collect(),
            Utf16::Little | Utf16::Marked => units.flat_map(u16::to_le_bytes).collect(),
        };
        push_literal(&mut out, encoded);
    }
    Ok(out)
}

/// The value with each dash that begins a word in each of its five forms.
pub(super) fn dashes(tokens: &[Token]) -> Result<Vec<Vec<Token>>, String> {
    let mut all: Vec<Vec<Token>> = vec![Vec::new()];
    let mut varied = 0;
    for token in tokens {
        let text = match token {
            Token::Literal(bytes) => {
                std::str::from_utf8(bytes).map_err(|_| "an encoded value has no dashes".to_owned())?
            }
            wildcard => {
                for value in &mut all {
                    value.push(wildcard.clone());
                }
                continue;
            }
        };
        for (piece, is_dash) in split_at_dashes(text) {
            let forms: Vec<String> = if is_dash {
                varied += 1;
                DASHES.iter().map(char::to_string).collect()
            } else {
                vec![piece.to_owned()]
            };
            if varied > MAX_DASHES {
                return Err(format!("`windash` varies at most {MAX_DASHES} dashes of one value"));
            }
            all = vary(&all, &forms);
        }
    }
    Ok(all)
}

fn vary(values: &[Vec<Token>], forms: &[String]) -> Vec<Vec<Token>> {
    let joined = |value: &Vec<Token>, form: &String| {
        let mut longer = value.clone();
        push_literal(&mut longer, form.clone().into_bytes());
        longer
    };
    values.iter().flat_map(|value| forms.iter().map(move |form| joined(value, form))).collect()
}

/// The text in pieces; a dash that stands before a word and not after one is a piece of its own.
fn split_at_dashes(text: &str) -> Vec<(&str, bool)> {
    let is_word = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, char) in text.char_indices() {
        let end = at + char.len_utf8();
        if DASHES.contains(&char) && !is_word(before) && is_word(text[end..].chars().next()) {
            pieces.push((&text[start..at], false));
            pieces.push((&text[at..end], true));
            start = end;
        }
        before = Some(char);
    }
    pieces.push((&text[start..], false));
    pieces
}

fn push_literal(out: &mut Vec<Token>, bytes: Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(Token::Literal(last)) => last.extend(bytes),
        _ => out.push(Token::Literal(bytes)),
    }
}

fn plain(tokens: &[Token]) -> Result<&[u8], String> {
    match tokens {
        [] => Ok(b""),
        [Token::Literal(bytes)] => Ok(bytes),
        _ => Err("a value with wildcards can't be encoded".to_owned()),
    }
}

fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place) & 63) as usize;
            out.push(if place <= group.len() { ALPHABET[index] } else { b'=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::pattern::tokens;
    use super::*;

    fn text(tokens: &[Token]) -> String {
        let [Token::Literal(bytes)] = tokens else { panic!("{tokens:?}") };
        String::from_utf8(bytes.clone()).unwrap()
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, encoded) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(text(&base64(&tokens(plain)).unwrap()), encoded);
        }
        assert!(base64(&tokens("a*")).is_err());
    }

    #[test]
    fn one_of_the_three_offsets_is_found_wherever_the_value_stands() {
        let forms: Vec<String> =
            base64_offsets(&tokens("http://")).unwrap().iter().map(|form| text(form)).collect();
        assert_eq!(forms, ["aHR0cDovL", "h0dHA6Ly", "odHRwOi8v"]);
        for before in ["", "a", "ab", "abc"] {
            let whole = String::from_utf8(encode(format!("{before}http://x.y").as_bytes())).unwrap();
            assert!(forms.iter().any(|form| whole.contains(form)), "{whole}");
        }
    }

    #[test]
    fn a_single_byte_is_found_only_where_it_leaves_a_mark() {
        let forms: Vec<String> =
            base64_offsets(&tokens("a")).unwrap().iter().map(|form| text(form)).collect();
        assert_eq!(forms, ["Y", "h"]);
        assert!(base64_offsets(&tokens("")).is_err());
    }

    #[test]
    fn utf16_is_written_in_either_order_and_with_a_mark() {
        assert_eq!(utf16(&tokens("cm"), Utf16::Little).unwrap(), [Token::Literal(b"c\0m\0".to_vec())]);
        assert_eq!(utf16(&tokens("cm"), Utf16::Big).unwrap(), [Token::Literal(b"\0c\0m".to_vec())]);
        assert_eq!(utf16(&tokens("c"), Utf16::Marked).unwrap(), [Token::Literal(b"\xff\xfec\0".to_vec())]);
    }

    #[test]
    fn only_a_dash_that_begins_a_word_is_varied() {
        let forms: Vec<String> =
            dashes(&tokens("-param-name")).unwrap().iter().map(|form| text(form)).collect();
        assert_eq!(forms, ["-param-name", "/param-name", "–param-name", "—param-name", "―param-name"]);
        assert_eq!(dashes(&tokens("-a -b")).unwrap().len(), 25);
        assert!(dashes(&tokens("-a -b -c -d -e -f -g")).is_err());
    }
}

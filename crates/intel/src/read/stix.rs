//! Indicators of a STIX 2.1 bundle: <https://docs.oasis-open.org/cti/stix/v2.1/stix-v2.1.html>.
//!
//! Of a pattern, each comparison `path = 'value'` and `path IN (…)` on an address, a host name, a URL, a hash, a file's name
//! or an address of mail is taken. Where the pattern joins comparisons otherwise than by `OR`, each counts only together
//! with the others, and says so.

use serde_json::Value;

use super::mentions::{Mentioned, Mentions};
use crate::observable::ObservableKind;

/// Whether a tree is a bundle.
pub(super) fn recognises(tree: &Value) -> bool {
    tree.get("type").is_some_and(|kind| kind == "bundle") && tree.get("objects").is_some_and(Value::is_array)
}

/// The indicators of a bundle, in its order.
pub fn read(tree: &Value) -> Mentions {
    let mut all = Mentions::default();
    for (place, object) in tree.get("objects").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let at = format!("objects[{place}]");
        if object.get("type").is_none_or(|kind| kind != "indicator") {
            all.passed += 1;
        } else if object.get("revoked").is_some_and(|revoked| revoked == true) {
            all.withdrawn += 1;
        } else {
            indicator(object, &at, &mut all);
        }
    }
    all
}

fn indicator(object: &Value, at: &str, all: &mut Mentions) {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let time = |key: &str| text(key).and_then(|time| time.parse().ok());
    if let Some(other) = text("pattern_type").filter(|kind| *kind != "stix") {
        all.lose(at, format!("its pattern is in {other:?}: expected stix"));
        return;
    }
    let Some(pattern) = text("pattern") else {
        all.lose(at, "it has no \"pattern\"");
        return;
    };
    let pattern = match Pattern::parse(pattern) {
        Ok(pattern) => pattern,
        Err(why) => {
            all.lose(at, format!("its pattern cannot be read: {why}"));
            return;
        }
    };
    for (path, value) in &pattern.equal {
        let Some(kind) = kind(path) else {
            all.lose(at, format!("{path:?} is nothing that is asked for"));
            continue;
        };
        // An address may be a range of them.
        let kind =
            if kind == ObservableKind::Ip && value.contains('/') { ObservableKind::Network } else { kind };
        let about = text("name").or_else(|| text("description")).unwrap_or_default();
        all.push(
            at,
            kind,
            value,
            Mentioned {
                id: text("id").map(str::to_owned),
                about: about.to_owned(),
                from: time("valid_from"),
                until: time("valid_until"),
                only_with_others: pattern.joined && pattern.equal.len() + pattern.others > 1,
            },
        );
    }
    if pattern.others > 0 {
        all.lose(at, format!("{} of its comparisons are otherwise than by = and IN", pattern.others));
    }
}

fn kind(path: &str) -> Option<ObservableKind> {
    Some(match path {
        "ipv4-addr:value" | "ipv6-addr:value" => ObservableKind::Ip,
        "domain-name:value" => ObservableKind::Domain,
        "url:value" => ObservableKind::Url,
        "email-addr:value" => ObservableKind::Email,
        "file:name" => ObservableKind::FileName,
        _ if path.starts_with("file:hashes.") => ObservableKind::Hash,
        _ => return None,
    })
}

/// The comparisons of a pattern.
#[derive(Default)]
struct Pattern {
    equal: Vec<(String, String)>,
    /// How many compare in another way.
    others: usize,
    /// Whether any are joined otherwise than by `OR`.
    joined: bool,
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, String> {
        let mut pattern = Self::default();
        let mut tokens = Tokens(text);
        let (mut path, mut negated) = (String::new(), false);
        while let Some(token) = tokens.next()? {
            match token {
                Token::Word("AND" | "FOLLOWEDBY") => pattern.joined = true,
                Token::Word("NOT") => negated = true,
                Token::Word("IN") => {
                    let values = tokens.set()?;
                    pattern.compared(&path, values, negated);
                    negated = false;
                }
                Token::Word("LIKE" | "MATCHES" | "ISSUBSET" | "ISSUPERSET") => {
                    tokens.next()?;
                    pattern.others += 1;
                    negated = false;
                }
                Token::Word(word) if word.contains(':') => path = word.replace('\'', ""),
                // `OR`, and qualifiers: WITHIN 5 SECONDS, REPEATS 2 TIMES, START t'…' STOP t'…'.
                Token::Word(_) | Token::Text(_) | Token::Sign("[" | "]" | "(" | ")" | ",") => {}
                Token::Sign("=") => match tokens.next()? {
                    Some(Token::Text(value)) => {
                        pattern.compared(&path, vec![value], negated);
                        negated = false;
                    }
                    _ => pattern.others += 1,
                },
                Token::Sign(_) => {
                    tokens.next()?;
                    pattern.others += 1;
                    negated = false;
                }
            }
        }
        if pattern.equal.is_empty() && pattern.others == 0 {
            return Err("it compares nothing".to_owned());
        }
        Ok(pattern)
    }

    fn compared(&mut self, path: &str, values: Vec<String>, negated: bool) {
        if negated {
            self.others += 1;
        } else {
            self.equal.extend(values.into_iter().map(|value| (path.to_owned(), value)));
        }
    }
}

enum Token<'t> {
    /// A keyword, a path with its quoted parts, a number.
    Word(&'t str),
    Text(String),
    Sign(&'t str),
}

struct Tokens<'t>(&'t str);

impl<'t> Tokens<'t> {
    fn next(&mut self) -> Result<Option<Token<'t>>, String> {
        self.0 = self.0.trim_start();
        let Some(first) = self.0.chars().next() else { return Ok(None) };
        if first == '\'' {
            return self.quoted().map(|text| Some(Token::Text(text)));
        }
        let signs = ["!=", ">=", "<=", "=", "<", ">", "[", "]", "(", ")", ","];
        if let Some(sign) = signs.iter().find(|sign| self.0.starts_with(**sign)) {
            let (sign, rest) = self.0.split_at(sign.len());
            self.0 = rest;
            return Ok(Some(Token::Sign(sign)));
        }
        let mut end = 0;
        let mut in_quotes = false;
        // A list index in a path, as in `extensions[0]`, does not end it.
        for (at, letter) in self.0.char_indices() {
            match letter {
                '\'' => in_quotes = !in_quotes,
                _ if in_quotes => {}
                '[' if at > 0 => {}
                ']' if self.0[..at].rfind('[').is_some_and(|open| open > 0) => {}
                letter if letter.is_whitespace() || "!=<>()[],".contains(letter) => break,
                _ => {}
            }
            end = at + letter.len_utf8();
        }
        if end == 0 {
            return Err(format!("{first:?} is out of place"));
        }
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        Ok(Some(Token::Word(word)))
    }

    /// A text in quotes, in which a backslash takes the next letter as it is.
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let mut letters = self.0.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => text.extend(letters.next().map(|(_, letter)| letter)),
                '\'' => {
                    self.0 = &self.0[at + 1..];
                    return Ok(text);
                }
                letter => text.push(letter),
            }
        }
        Err("a text has no end".to_owned())
    }

    /// The values between parentheses.
    fn set(&mut self) -> Result<Vec<String>, String> {
        let mut values = Vec::new();
        loop {
            match self.next()? {
                Some(Token::Text(value)) => values.push(value),
                Some(Token::Sign(")")) => return Ok(values),
                Some(Token::Sign("(" | ",") | Token::Word(_)) => {}
                Some(Token::Sign(sign)) => return Err(format!("{sign:?} stands in a set")),
                None => return Err("a set has no end".to_owned()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> (Vec<(String, String)>, usize, bool) {
        let pattern = Pattern::parse(pattern).expect("a pattern");
        (pattern.equal, pattern.others, pattern.joined)
    }

    fn pair(path: &str, value: &str) -> (String, String) {
        (path.to_owned(), value.to_owned())
    }

    #[test]
    fn comparisons_are_taken_out_of_a_pattern() {
        assert_eq!(
            of("[ipv4-addr:value = '198.51.100.1']"),
            (vec![pair("ipv4-addr:value", "198.51.100.1")], 0, false)
        );
        assert_eq!(
            of("[file:hashes.'SHA-256' = 'ab' OR file:hashes.MD5='cd']"),
            (vec![pair("file:hashes.SHA-256", "ab"), pair("file:hashes.MD5", "cd")], 0, false)
        );
        assert_eq!(
            of(
                "([domain-name:value IN ('a.example', 'b.example')] FOLLOWEDBY [url:value = 'http://x/\\'y']) WITHIN 5 SECONDS"
            ),
            (
                vec![
                    pair("domain-name:value", "a.example"),
                    pair("domain-name:value", "b.example"),
                    pair("url:value", "http://x/'y")
                ],
                0,
                true
            )
        );
        assert_eq!(of("[url:value LIKE 'http://%' AND file:size > 10 AND NOT domain-name:value = 'a']").1, 3);
        assert_eq!(
            of("[process:image_ref.name != 'x' OR url:value = 'u']"),
            (vec![pair("url:value", "u")], 1, false)
        );
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for bad in ["", "[", "[url:value = 'x", "[domain-name:value IN ('a'", "hello"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }
}

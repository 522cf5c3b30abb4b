//! How a server says which credentials it wants: `WWW-Authenticate`, RFC 9110 section 11.6.1.

/// A challenge that can be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// User and password, in each request.
    Basic,
    /// A token that another service gives out,
    /// <https://distribution.github.io/distribution/spec/auth/token/>.
    Bearer {
        /// The address of that service.
        realm: String,
        /// What the registry is called there.
        service: Option<String>,
    },
}

/// The longest header that is read.
const MOST_BYTES: usize = 4096;

/// The first challenge that can be met, `Bearer` before `Basic`.
pub(crate) fn challenge<'h>(headers: impl Iterator<Item = &'h str>) -> Option<Challenge> {
    let all: Vec<Challenge> = headers.filter(|header| header.len() <= MOST_BYTES).filter_map(parse).collect();
    let bearer = all.iter().position(|one| *one != Challenge::Basic);
    all.into_iter().nth(bearer.unwrap_or(0))
}

/// One header with one challenge; what follows a second one belongs to nobody.
fn parse(header: &str) -> Option<Challenge> {
    let header = header.trim();
    let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service) = (None, None);
    let mut rest = rest;
    while let Some((name, value, behind)) = parameter(rest) {
        match name.to_ascii_lowercase().as_str() {
            "realm" if realm.is_none() => realm = Some(value),
            "service" if service.is_none() => service = Some(value),
            _ => {}
        }
        rest = behind;
    }
    Some(Challenge::Bearer { realm: realm?, service })
}

/// The next `name=value` or `name="value"`, and what stands behind it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let text = text.trim_start_matches([' ', '\t', ',']);
    let (name, rest) = text.split_once('=')?;
    let name = name.trim();
    if name.is_empty() || name.contains([' ', ',', '"']) {
        return None;
    }
    let Some(quoted) = rest.trim_start().strip_prefix('"') else {
        let end = rest.find(',').unwrap_or(rest.len());
        return Some((name, rest[..end].trim().to_owned(), &rest[end..]));
    };
    let mut value = String::new();
    let mut signs = quoted.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((name, value, &quoted[at + 1..])),
            '\\' => value.extend(signs.next().map(|(_, sign)| sign)),
            sign => value.push(sign),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Option<Challenge> {
        challenge([header].into_iter())
    }

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer { realm: realm.into(), service: service.map(Into::into) }
    }

    #[test]
    fn challenges_of_registries_are_understood() {
        let docker = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a:pull""#;
        assert_eq!(of(docker), Some(bearer("https://auth.docker.io/token", Some("registry.docker.io"))));
        assert_eq!(of(r#"bearer service=x, realm="a\"b" , error=y"#), Some(bearer("a\"b", Some("x"))));
        assert_eq!(of("Basic realm=\"registry\""), Some(Challenge::Basic));
        assert_eq!(of("basic"), Some(Challenge::Basic));
        let both = ["Basic realm=x", "Bearer realm=\"https://a\""];
        assert_eq!(challenge(both.into_iter()), Some(bearer("https://a", None)));
        assert_eq!(of("Bearer realm=\"a\",realm=\"b\""), Some(bearer("a", None)), "the first one counts");
    }

    #[test]
    fn what_is_no_challenge_is_none() {
        for header in [
            "",
            "Bearer",
            "Bearer service=x",
            "Bearer realm=\"never ends",
            "Negotiate abc",
            "Bearer \"\"",
            "Bearer =",
        ] {
            assert_eq!(of(header), None, "{header}");
        }
        assert_eq!(of(&format!("Bearer realm=\"{}\"", "a".repeat(5000))), None);
    }
}

//! The credentials that `docker login` wrote: `auths` in `config.json`,
//! <https://docs.docker.com/reference/cli/docker/login/>.
//!
//! Those that a helper keeps (`credsStore`, `credHelpers`) are behind a program, and no program is run.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::reference::Reference;
use crate::secret::Secret;

/// The longest file that is read.
pub(crate) const MOST_BYTES: u64 = 1 << 20;

/// User and password for one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// As the header that carries them.
    pub(crate) basic: Secret,
}

/// What Docker's names for its own registry are.
const HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

#[derive(Deserialize)]
struct Config<'a> {
    #[serde(default, borrow)]
    auths: BTreeMap<String, Entry<'a>>,
    #[serde(default, rename = "credHelpers")]
    helpers: BTreeMap<String, String>,
    #[serde(default, rename = "credsStore")]
    store: Option<String>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    /// Where it lies in the file: the secrets of other registries are not copied.
    #[serde(default, borrow)]
    auth: Option<&'a RawValue>,
    #[serde(default, rename = "identitytoken")]
    identity_token: Option<IgnoredAny>,
}

/// The credentials for the registry of a reference; none if the file has no entry for it. An error never holds a secret.
pub(crate) fn credentials(bytes: &[u8], of: &Reference) -> Result<Option<Credentials>, String> {
    let config: Config<'_> = serde_json::from_slice(bytes).map_err(|error| {
        format!("is no configuration of docker (line {}): expected JSON with `auths`", error.line())
    })?;
    let wanted = |key: &str| is_for(key, of.registry());
    let helper = config.helpers.iter().find(|(key, _)| wanted(key)).map(|(_, helper)| helper);
    let entry = config.auths.iter().find(|(key, _)| wanted(key)).map(|(_, entry)| entry);
    let auth =
        entry.and_then(|entry| entry.auth).map(|auth| auth.get().trim_matches('"').replace("\\/", "/"));
    let Some(auth) = auth.filter(|auth| !auth.is_empty()) else {
        if entry.is_some_and(|entry| entry.identity_token.is_some()) {
            return Err(format!("has an identity token for {}, which is not used", of.registry()));
        }
        return match helper.or(config.store.as_ref().filter(|_| entry.is_some())) {
            Some(helper) => Err(format!(
                "leaves the credentials for {} to the helper {helper:?}, a program, and none is run",
                of.registry()
            )),
            None => Ok(None),
        };
    };
    let plain = decoded(&auth).filter(|plain| plain.contains(&b':') && !plain.contains(&b'\n'));
    if plain.is_none() {
        let why = "has an `auth` that is wrong: expected user:password in base64";
        return Err(format!("{why}, for {}", of.registry()));
    }
    Ok(Some(Credentials { basic: Secret::new(format!("Basic {}", auth.trim())) }))
}

/// Whether a key of the file means a registry: a host, or a URL that begins with it.
fn is_for(key: &str, registry: &str) -> bool {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let (host, path) = key.split_once('/').unwrap_or((key, ""));
    // A longer path is for a part of the registry only. Docker writes its own versions of the protocol behind the host.
    if !matches!(path.trim_end_matches('/'), "" | "v1" | "v2") {
        return false;
    }
    host.eq_ignore_ascii_case(registry)
        || (registry == HUB[0] && HUB.iter().any(|hub| host.eq_ignore_ascii_case(hub)))
}

/// Base64 as RFC 4648 section 4 has it.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 {
        return None;
    }
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, of: &str) -> Result<Option<String>, String> {
        let of: Reference = of.parse().expect("a reference");
        let found = credentials(config.as_bytes(), &of)?;
        Ok(found.map(|found| found.basic.reveal().to_owned()))
    }

    #[test]
    fn the_entry_of_the_registry_is_taken_and_no_other() {
        let config = r#"{"auths": {"https://index.docker.io/v1/": {"auth": "dTpw"}, "ghcr.io": {"auth": "YTpi"},
            "quay.io/team": {"auth": "YzpkZQ=="}, "localhost:5000": {"auth": "YzpkZQ=="}}, "credsStore": "desktop"}"#;
        assert_eq!(found(config, "docker.io/a/b"), Ok(Some("Basic dTpw".into())));
        assert_eq!(found(config, "ghcr.io/a/b"), Ok(Some("Basic YTpi".into())));
        assert_eq!(found(config, "localhost:5000/a"), Ok(Some("Basic YzpkZQ==".into())));
        for other in ["quay.io/team/a", "localhost:5001/a", "ghcr.io.example/a"] {
            assert_eq!(found(config, other), Ok(None), "{other}");
        }
    }

    #[test]
    fn what_a_helper_keeps_is_told_and_secrets_are_not() {
        let store = r#"{"auths": {"ghcr.io": {}}, "credsStore": "desktop"}"#;
        assert!(found(store, "ghcr.io/a").expect_err("a helper").contains("helper \"desktop\""));
        let helper = r#"{"credHelpers": {"123.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login"}}"#;
        assert!(
            found(helper, "123.dkr.ecr.eu-west-1.amazonaws.com/a")
                .expect_err("a helper")
                .contains("ecr-login")
        );
        for wrong in [
            r#"{"auths": {"ghcr.io": {"auth": "c2VjcmV0"}}}"#,
            r#"{"auths": {"ghcr.io": {"auth": "c2VjcmV0c2VjcmV0OnNlY3JldA"}}}"#,
            r#"{"auths": {"ghcr.io": {"auth": "c2Vj\ncmV0OnNlY3JldA=="}}}"#,
            r#"{"auths": "c2VjcmV0"}"#,
        ] {
            let error = found(wrong, "ghcr.io/a").expect_err("wrong");
            assert!(!error.contains("c2V") && !error.contains("secret"), "{error}");
        }
        let secret = Credentials { basic: Secret::new("Basic dTpw") };
        assert!(!format!("{secret:?}").contains("dTpw"));
    }

    #[test]
    fn base64_is_read_as_it_is_written() {
        for (text, plain) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmE=", "fooba")]
        {
            assert_eq!(decoded(text).as_deref(), Some(plain.as_bytes()));
        }
        for wrong in ["Z", "Zg", "====", "Zm9!", "Z=g="] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }
}

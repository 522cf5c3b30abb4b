//! Under which ecosystem a package stands in the database.

use std::borrow::Cow;

use crate::advisory::{package_name, release};
use crate::version::Ecosystem;

/// Repositories, by the ranges over their commits.
pub(super) const GIT: &str = "GIT";

/// The ecosystem as it is compared; one that is not known, as it is written.
pub(super) fn ecosystem_key(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |ecosystem: Ecosystem| known_key(&ecosystem))
}

/// The ecosystem as it is compared.
pub(super) fn known_key(ecosystem: &Ecosystem) -> String {
    match ecosystem.suffix() {
        Some(suffix) => format!("{}:{}", ecosystem.name(), release(ecosystem.name(), suffix)),
        None => ecosystem.name().to_owned(),
    }
}

/// The name without the suffix.
pub(super) fn family(ecosystem: &str) -> &str {
    ecosystem.split_once(':').map_or(ecosystem, |(name, _)| name)
}

/// The name under which a package stands. Of npm, `JSONStream` and `jsonstream` are two packages and stand together, since
/// a purl names both in the same way.
pub(super) fn name_key<'n>(family: &str, name: &'n str) -> Cow<'n, str> {
    match family {
        NPM => name.to_lowercase().into(),
        _ => package_name(family, name),
    }
}

/// Where names that stand together may be those of several packages.
pub(super) const NPM: &str = "npm";

/// Where a version is asked for. Of an advisory that stands under several keys, the first says whether it is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) text: String,
    /// Whether what is fixed here is fixed for subscribers only, and the version is none of theirs.
    pub(super) is_for_others: bool,
}

/// The keys of a version: its release, Ubuntu's Pro, and what names a package without a release.
pub(super) fn keys(ecosystem: &Ecosystem, version: &str) -> Vec<Key> {
    let exact = known_key(ecosystem);
    let plain = exact.strip_prefix("Ubuntu:").filter(|release| !release.starts_with("Pro"));
    let is_fips = version.to_ascii_lowercase().contains("fips");
    let services: &[&str] = if is_fips { &["FIPS-updates:", "FIPS:", ""] } else { &[""] };
    let is_for_others = !is_fips && !version.contains("esm");
    let pro = plain.into_iter().flat_map(|release| {
        services
            .iter()
            .map(move |service| Key { text: format!("Ubuntu:Pro:{service}{release}"), is_for_others })
    });
    let own = |text: &str| Key { text: text.to_owned(), is_for_others: false };
    let mut keys: Vec<Key> = pro.collect();
    keys.insert(if is_for_others { 0 } else { keys.len() }, own(&exact));
    keys.extend((exact != ecosystem.name()).then(|| own(ecosystem.name())));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_for_subscribers_is_asked_there_first() {
        let keys = |ecosystem: &str, version: &str| -> Vec<String> {
            let keys = keys(&ecosystem.parse().expect("known"), version);
            keys.into_iter()
                .map(|key| format!("{}{}", key.text, if key.is_for_others { "*" } else { "" }))
                .collect()
        };
        assert_eq!(keys("Ubuntu:22.04:LTS", "1.2-3"), ["Ubuntu:22.04", "Ubuntu:Pro:22.04*", "Ubuntu"]);
        assert_eq!(
            keys("Ubuntu:18.04:LTS", "1.2-3ubuntu1+esm2"),
            ["Ubuntu:Pro:18.04", "Ubuntu:18.04", "Ubuntu"]
        );
        assert_eq!(
            keys("Ubuntu:20.04:LTS", "1.1.1f-1ubuntu2.fips.7"),
            [
                "Ubuntu:Pro:FIPS-updates:20.04",
                "Ubuntu:Pro:FIPS:20.04",
                "Ubuntu:Pro:20.04",
                "Ubuntu:20.04",
                "Ubuntu"
            ]
        );
        assert_eq!(keys("Ubuntu:Pro:18.04:LTS", "1"), ["Ubuntu:Pro:18.04", "Ubuntu"]);
        assert_eq!(keys("Debian:12", "1"), ["Debian:12", "Debian"]);
        assert_eq!(keys("npm", "1-esm.1"), ["npm"]);
    }
}

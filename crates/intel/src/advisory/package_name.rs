//! Names of packages and releases in the form in which they are compared.

use std::borrow::Cow;

/// The name of a package as its ecosystem compares it. `ecosystem` is the name without suffix, as OSV spells it.
///
/// | ecosystem | what does not count |
/// | --- | --- |
/// | PyPI | case; which of `-`, `_`, `.`, and how many ([PEP 503](https://peps.python.org/pep-0503/#normalized-names)) |
/// | crates.io | case; `-` or `_` (the registry lets no two crates differ in these only) |
/// | NuGet, Packagist, `GitHub Actions`, VSCode, Hex | case |
/// | SwiftURL, GIT | scheme, `.git` and `/` at the end; case of the host, and on GitHub and GitLab of the path |
/// | all others, npm and Go among them | nothing: `JSONStream` and `jsonstream` are two packages |
pub fn package_name<'n>(ecosystem: &str, name: &'n str) -> Cow<'n, str> {
    match ecosystem {
        "PyPI" => python(name).into(),
        "crates.io" => name.to_ascii_lowercase().replace('_', "-").into(),
        "NuGet" | "Packagist" | "GitHub Actions" | "VSCode" | "Hex" => name.to_lowercase().into(),
        "SwiftURL" | "GIT" => repository(name).into(),
        _ => name.into(),
    }
}

/// The release of a distribution as it is compared: without the `LTS` of Ubuntu, and Alpine's with its `v`.
///
/// `ecosystem` is the name without suffix, `suffix` what stands behind it.
pub fn release<'s>(ecosystem: &str, suffix: &'s str) -> Cow<'s, str> {
    match ecosystem {
        "Ubuntu" => suffix.strip_suffix(":LTS").unwrap_or(suffix).into(),
        "Alpine" if suffix.starts_with(|first: char| first.is_ascii_digit()) => format!("v{suffix}").into(),
        _ => suffix.into(),
    }
}

fn python(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            letter => normal.extend(letter.to_lowercase()),
        }
    }
    normal
}

fn repository(name: &str) -> String {
    let name = name.split_once("://").map_or(name, |(_, name)| name).trim_end_matches('/');
    let name = name.strip_suffix(".git").unwrap_or(name);
    let (host, path) = name.split_once('/').unwrap_or((name, ""));
    let host = host.to_lowercase();
    let path = match host.as_str() {
        "github.com" | "gitlab.com" => path.to_lowercase(),
        _ => path.to_owned(),
    };
    if path.is_empty() { host } else { format!("{host}/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_their_ecosystem_does() {
        for (ecosystem, one, other) in [
            ("PyPI", "Zope.Interface__x", "zope-interface-x"),
            ("crates.io", "Serde_JSON", "serde-json"),
            ("NuGet", "Newtonsoft.Json", "newtonsoft.json"),
            ("Packagist", "Symfony/HTTP-Kernel", "symfony/http-kernel"),
            ("SwiftURL", "https://GitHub.com/Apple/swift-nio.git", "github.com/apple/swift-nio"),
            ("GIT", "https://git.example/A/b/", "git.example/A/b"),
        ] {
            assert_eq!(package_name(ecosystem, one), package_name(ecosystem, other), "{ecosystem}");
        }
    }

    #[test]
    fn names_that_are_two_packages_stay_two() {
        for (ecosystem, one, other) in [
            ("npm", "JSONStream", "jsonstream"),
            ("Go", "github.com/Azure/x", "github.com/azure/x"),
            ("Maven", "Org.example:a", "org.example:a"),
            ("PyPI", "ab", "a-b"),
            ("GIT", "git.example/A", "git.example/a"),
        ] {
            assert_ne!(package_name(ecosystem, one), package_name(ecosystem, other), "{ecosystem}");
        }
    }

    #[test]
    fn releases_are_compared_without_their_labels() {
        assert_eq!(release("Ubuntu", "22.04:LTS"), "22.04");
        assert_eq!(release("Ubuntu", "Pro:22.04:LTS"), "Pro:22.04");
        assert_eq!(release("Alpine", "3.20"), "v3.20");
        assert_eq!(release("Debian", "12"), "12");
    }
}

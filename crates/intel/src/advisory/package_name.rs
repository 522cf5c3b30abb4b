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

/// The release of a distribution as it is compared. `ecosystem` is the name without suffix, `suffix` what stands behind
/// it.
///
/// | ecosystem | as OSV writes it | as it is compared |
/// | --- | --- | --- |
/// | Ubuntu | `22.04:LTS`, `Pro:22.04:LTS` | `22.04`, `Pro:22.04` |
/// | Alpine | `v3.20`, `3.20` | `v3.20` |
/// | Red Hat | `enterprise_linux:9::appstream`, `enterprise_linux:10.1`, `rhel_eus:9.2::baseos` | `enterprise_linux:9`, `enterprise_linux:10`, `rhel_eus:9.2`: one for all channels |
/// | SUSE | `Linux Enterprise Module for Basesystem 15 SP5`, `Linux Enterprise Server 15 SP5-LTSS` | `Linux Enterprise 15 SP5`: one for all modules and extensions |
pub fn release<'s>(ecosystem: &str, suffix: &'s str) -> Cow<'s, str> {
    match ecosystem {
        "Ubuntu" => suffix.strip_suffix(":LTS").unwrap_or(suffix).into(),
        "Alpine" if suffix.starts_with(|first: char| first.is_ascii_digit()) => format!("v{suffix}").into(),
        "Red Hat" => red_hat(suffix),
        "SUSE" => suse(suffix),
        _ => suffix.into(),
    }
}

/// The tail of a CPE without the channel, which nothing on a system tells of a package. Minor releases follow each other
/// in one stream.
fn red_hat(suffix: &str) -> Cow<'_, str> {
    let product = suffix.split_once("::").map_or(suffix, |(product, _channel)| product);
    match product.strip_prefix("enterprise_linux:").and_then(|version| version.split_once('.')) {
        // Before the third release, a minor one was one of its own.
        Some((major, _minor)) if major != "2" => format!("enterprise_linux:{major}").into(),
        _ => product.into(),
    }
}

/// What a package is of (server, module, extension), and for how long it is supported, is told by nothing on a system.
/// Micro is a distribution of its own.
fn suse(suffix: &str) -> Cow<'_, str> {
    let Some(product) = suffix.strip_prefix("Linux Enterprise ").filter(|name| !name.starts_with("Micro"))
    else {
        return suffix.into();
    };
    let words: Vec<&str> = product.split(' ').map(|word| word.split('-').next().unwrap_or(word)).collect();
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let is_pack = |word: &str| word.strip_prefix("SP").is_some_and(is_number);
    match words[..] {
        [.., release, pack] if is_number(release) && is_pack(pack) => {
            format!("Linux Enterprise {release} {pack}").into()
        }
        [.., release] if is_number(release) => format!("Linux Enterprise {release}").into(),
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
    fn releases_are_compared_without_labels_channels_and_modules() {
        for (ecosystem, suffix, expected) in [
            ("Ubuntu", "22.04:LTS", "22.04"),
            ("Ubuntu", "Pro:22.04:LTS", "Pro:22.04"),
            ("Ubuntu", "Pro:FIPS-updates:20.04:LTS", "Pro:FIPS-updates:20.04"),
            ("Alpine", "3.20", "v3.20"),
            ("Debian", "12", "12"),
            ("Red Hat", "enterprise_linux:9::appstream", "enterprise_linux:9"),
            ("Red Hat", "enterprise_linux:7::server", "enterprise_linux:7"),
            ("Red Hat", "enterprise_linux:10.1", "enterprise_linux:10"),
            ("Red Hat", "enterprise_linux:2.1::as", "enterprise_linux:2.1"),
            ("Red Hat", "rhel_eus:9.2::baseos", "rhel_eus:9.2"),
            ("Red Hat", "openshift:4.16::el9", "openshift:4.16"),
            ("SUSE", "Linux Enterprise Server 15 SP5", "Linux Enterprise 15 SP5"),
            ("SUSE", "Linux Enterprise Server 15 SP4-LTSS", "Linux Enterprise 15 SP4"),
            ("SUSE", "Linux Enterprise Server LTSS Extended Security 12 SP5", "Linux Enterprise 12 SP5"),
            ("SUSE", "Linux Enterprise Module for Basesystem 15 SP5", "Linux Enterprise 15 SP5"),
            ("SUSE", "Linux Enterprise Module for Public Cloud 12", "Linux Enterprise 12"),
            ("SUSE", "Linux Enterprise Server 16.0", "Linux Enterprise 16.0"),
            ("SUSE", "Linux Enterprise Micro 5.5", "Linux Enterprise Micro 5.5"),
            ("SUSE", "Linux Micro 6.2", "Linux Micro 6.2"),
            ("SUSE", "Manager Server 4.3", "Manager Server 4.3"),
            ("openSUSE", "Leap 15.5", "Leap 15.5"),
        ] {
            assert_eq!(release(ecosystem, suffix), expected, "{ecosystem} {suffix}");
        }
    }
}

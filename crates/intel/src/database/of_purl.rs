//! Which package of the database a purl names.

use super::{Database, DatabaseError, Matches, Name, Question};
use crate::purl::Purl;
use crate::version::Ecosystem;

/// Types of purls whose packages have one ecosystem.
const ECOSYSTEMS: [(&str, &str); 18] = [
    ("bitnami", "Bitnami"),
    ("cargo", "crates.io"),
    ("composer", "Packagist"),
    ("conan", "ConanCenter"),
    ("cran", "CRAN"),
    ("gem", "RubyGems"),
    ("githubactions", "GitHub Actions"),
    ("golang", "Go"),
    ("hackage", "Hackage"),
    ("hex", "Hex"),
    ("julia", "Julia"),
    ("maven", "Maven"),
    ("npm", "npm"),
    ("nuget", "NuGet"),
    ("pub", "Pub"),
    ("pypi", "PyPI"),
    ("swift", "SwiftURL"),
    ("vscode-extension", "VSCode"),
];

/// Distributions by type and namespace.
const DISTRIBUTIONS: [(&str, &str, &str); 17] = [
    ("alpm", "arch", "Arch Linux"),
    ("apk", "alpaquita", "Alpaquita"),
    ("apk", "alpine", "Alpine"),
    ("apk", "chainguard", "Chainguard"),
    ("apk", "minimos", "MinimOS"),
    ("apk", "wolfi", "Wolfi"),
    ("deb", "debian", "Debian"),
    ("deb", "ubuntu", "Ubuntu"),
    ("rpm", "almalinux", "AlmaLinux"),
    ("rpm", "azurelinux", "Azure Linux"),
    ("rpm", "mageia", "Mageia"),
    ("rpm", "openeuler", "openEuler"),
    ("rpm", "opensuse", "openSUSE"),
    ("rpm", "photon", "Photon OS"),
    ("rpm", "redhat", "Red Hat"),
    ("rpm", "rocky", "Rocky Linux"),
    ("rpm", "suse", "SUSE"),
];

/// A package as the database is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageName {
    /// The ecosystem, of a distribution with its release if the purl names one.
    pub ecosystem: Ecosystem,
    /// The name.
    pub name: String,
}

impl PackageName {
    /// Which package a purl names; `None` where no ecosystem of OSV has packages of its type.
    ///
    /// The release of a distribution is taken from the qualifier `distro`, where that holds a number (`debian-12`,
    /// `alpine-3.20.3`, `ubuntu-22.04`); a code name is none.
    pub fn of(purl: &Purl) -> Option<Self> {
        let path = purl.package().strip_prefix("pkg:")?.split_once('/')?.1;
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some((_, ecosystem)) = ECOSYSTEMS.iter().find(|(kind, _)| *kind == purl.kind()) {
            let name = match purl.kind() {
                "maven" => format!("{namespace}:{name}"),
                _ => path.to_owned(),
            };
            return Some(Self { ecosystem: ecosystem.parse().ok()?, name });
        }
        let known = |(kind, distribution, _): &&(&str, &str, &str)| {
            *kind == purl.kind() && *distribution == namespace
        };
        let (_, _, distribution) = DISTRIBUTIONS.iter().find(known)?;
        let release = purl.qualifier("distro").and_then(|distro| release(distribution, &distro));
        let ecosystem = match release {
            Some(release) => format!("{distribution}:{release}"),
            None => (*distribution).to_owned(),
        };
        Some(Self { ecosystem: ecosystem.parse().ok()?, name: name.to_owned() })
    }
}

impl Database {
    /// What touches the version that a purl names; `None` where it names no version, or no package of an ecosystem.
    /// The qualifiers `epoch` and `rpmmod` count.
    pub fn matches_purl(&self, purl: &Purl) -> Result<Option<Matches>, DatabaseError> {
        let Some((package, version)) = PackageName::of(purl).zip(purl.version()) else { return Ok(None) };
        let version = match purl.qualifier("epoch").filter(|epoch| epoch != "0") {
            Some(epoch) => format!("{epoch}:{version}"),
            None => version.to_owned(),
        };
        let module = purl.qualifier("rpmmod");
        let (ecosystem, name) = (&package.ecosystem, Name::OfPurl(&package.name));
        self.ask(&Question { ecosystem, name, version: &version, module: module.as_deref() }).map(Some)
    }
}

/// The release in the form in which OSV writes it, from `name-number`.
fn release(distribution: &str, distro: &str) -> Option<String> {
    let number = distro.rsplit_once('-').map_or(distro, |(_, number)| number);
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let parts: Vec<&str> = number.split('.').collect();
    Some(match distribution {
        "AlmaLinux" | "Azure Linux" | "Debian" | "Mageia" | "Rocky Linux" => parts[0].to_owned(),
        "openSUSE" => format!("Leap {number}"),
        "Red Hat" => format!("enterprise_linux:{}", parts[0]),
        "SUSE" => match parts[..] {
            [release @ ("12" | "15"), pack] => format!("Linux Enterprise Server {release} SP{pack}"),
            _ => format!("Linux Enterprise Server {number}"),
        },
        "Alpine" => format!("v{}", parts[..parts.len().min(2)].join(".")),
        _ => number.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(purl: &str) -> Option<(String, String)> {
        let package = PackageName::of(&purl.parse().expect("a purl"))?;
        Some((package.ecosystem.to_string(), package.name))
    }

    #[test]
    fn a_purl_names_a_package_of_an_ecosystem() {
        for (purl, ecosystem, name) in [
            ("pkg:npm/%40ctrl/tinycolor@4.1.1", "npm", "@ctrl/tinycolor"),
            ("pkg:golang/github.com/Azure/x@v1", "Go", "github.com/Azure/x"),
            ("pkg:maven/org.example/a@1", "Maven", "org.example:a"),
            ("pkg:cargo/serde@1.0.0", "crates.io", "serde"),
            ("pkg:deb/debian/zlib@1?distro=debian-12", "Debian:12", "zlib"),
            ("pkg:deb/debian/zlib@1?distro=bookworm", "Debian", "zlib"),
            ("pkg:deb/ubuntu/zlib@1?distro=ubuntu-22.04", "Ubuntu:22.04", "zlib"),
            ("pkg:apk/alpine/zlib@1?distro=alpine-3.20.3", "Alpine:v3.20", "zlib"),
            ("pkg:rpm/redhat/bash@5?distro=redhat-9.4", "Red Hat:enterprise_linux:9", "bash"),
            ("pkg:rpm/suse/bash@5?distro=sles-15.5", "SUSE:Linux Enterprise Server 15 SP5", "bash"),
            ("pkg:rpm/opensuse/bash@5?distro=opensuse-leap-15.5", "openSUSE:Leap 15.5", "bash"),
            ("pkg:rpm/azurelinux/bash@5?distro=azurelinux-3.0", "Azure Linux:3", "bash"),
            ("pkg:rpm/almalinux/podman@1?distro=almalinux-9.3", "AlmaLinux:9", "podman"),
        ] {
            assert_eq!(of(purl), Some((ecosystem.to_owned(), name.to_owned())), "{purl}");
        }
        assert_eq!(of("pkg:generic/a@1"), None);
        assert_eq!(of("pkg:deb/elsewhere/a@1"), None);
    }
}

//! The registries of programming languages: how each names a package.

use floodmark_intel::compromise::Malformed;
use floodmark_intel::purl::Purl;

use super::Component;

/// A registry of packages. Distributions are none: their purls name the release, and their readers make them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Registry {
    /// crates.io.
    Crates,
    /// `CocoaPods`.
    CocoaPods,
    /// `ConanCenter`.
    Conan,
    /// CRAN.
    Cran,
    /// GitHub Actions: `owner/name`, `owner/name/path`.
    GitHubActions,
    /// Go modules: `github.com/owner/name/v2`.
    Go,
    /// Hackage.
    Hackage,
    /// Hex.
    Hex,
    /// Maven: `group:artifact`.
    Maven,
    /// npm: `name`, `@scope/name`.
    Npm,
    /// `NuGet`.
    NuGet,
    /// Packagist: `vendor/name`.
    Packagist,
    /// pub.dev.
    Pub,
    /// `PyPI`.
    PyPi,
    /// `RubyGems`.
    RubyGems,
    /// Swift packages, by the URL of their repository without its scheme: `github.com/apple/swift-nio`.
    Swift,
}

impl Registry {
    /// The component of a name, as the registry and OSV write it, and a version, if one is known.
    ///
    /// Names that the registry does not tell apart give equal purls.
    pub fn component(self, name: &str, version: Option<&str>) -> Result<Component, Malformed> {
        let split = self.separator().and_then(|separator| name.rsplit_once(separator));
        let (namespace, base) = split.map_or((None, name), |(namespace, base)| (Some(namespace), base));
        let purl = Purl::new(self.purl_type(), namespace, base, version)?;
        let ecosystem = self.ecosystem().and_then(|ecosystem| ecosystem.parse().ok());
        Ok(Component::new(purl, name, ecosystem))
    }

    /// The registry whose purls have this type.
    pub fn of_purl_type(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|registry| registry.purl_type() == kind)
    }

    /// A name as the registry writes it, of one with `/` between namespace and name.
    pub fn written(self, name: &str) -> String {
        match (self, name.rsplit_once('/')) {
            (Self::Maven, Some((group, artifact))) => format!("{group}:{artifact}"),
            _ => name.to_owned(),
        }
    }

    /// All of them.
    const ALL: [Self; 16] = [
        Self::Crates,
        Self::CocoaPods,
        Self::Conan,
        Self::Cran,
        Self::GitHubActions,
        Self::Go,
        Self::Hackage,
        Self::Hex,
        Self::Maven,
        Self::Npm,
        Self::NuGet,
        Self::Packagist,
        Self::Pub,
        Self::PyPi,
        Self::RubyGems,
        Self::Swift,
    ];

    /// The type of its purls.
    pub const fn purl_type(self) -> &'static str {
        match self {
            Self::Crates => "cargo",
            Self::CocoaPods => "cocoapods",
            Self::Conan => "conan",
            Self::Cran => "cran",
            Self::GitHubActions => "githubactions",
            Self::Go => "golang",
            Self::Hackage => "hackage",
            Self::Hex => "hex",
            Self::Maven => "maven",
            Self::Npm => "npm",
            Self::NuGet => "nuget",
            Self::Packagist => "composer",
            Self::Pub => "pub",
            Self::PyPi => "pypi",
            Self::RubyGems => "gem",
            Self::Swift => "swift",
        }
    }

    /// Its name in OSV, if it has one.
    pub const fn ecosystem(self) -> Option<&'static str> {
        Some(match self {
            Self::Crates => "crates.io",
            Self::CocoaPods => return None,
            Self::Conan => "ConanCenter",
            Self::Cran => "CRAN",
            Self::GitHubActions => "GitHub Actions",
            Self::Go => "Go",
            Self::Hackage => "Hackage",
            Self::Hex => "Hex",
            Self::Maven => "Maven",
            Self::Npm => "npm",
            Self::NuGet => "NuGet",
            Self::Packagist => "Packagist",
            Self::Pub => "Pub",
            Self::PyPi => "PyPI",
            Self::RubyGems => "RubyGems",
            Self::Swift => "SwiftURL",
        })
    }

    /// What stands between namespace and name.
    const fn separator(self) -> Option<char> {
        match self {
            Self::Maven => Some(':'),
            Self::GitHubActions | Self::Go | Self::Npm | Self::Packagist | Self::Swift => Some('/'),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_purls_as_their_registry_splits_them() {
        for (registry, name, version, purl) in [
            (Registry::Npm, "@ctrl/tinycolor", "4.1.1", "pkg:npm/%40ctrl/tinycolor@4.1.1"),
            (Registry::Npm, "left-pad", "1.3.0", "pkg:npm/left-pad@1.3.0"),
            (Registry::PyPi, "Flask_SQLAlchemy", "3.1.1", "pkg:pypi/flask-sqlalchemy@3.1.1"),
            (Registry::Crates, "serde", "1.0.0+x", "pkg:cargo/serde@1.0.0%2Bx"),
            (Registry::Go, "github.com/a/B/v2", "v2.0.0", "pkg:golang/github.com/a/B/v2@v2.0.0"),
            (Registry::Maven, "org.a:b", "1", "pkg:maven/org.a/b@1"),
            (Registry::Packagist, "Symfony/Http", "v6", "pkg:composer/symfony/http@v6"),
            (Registry::GitHubActions, "actions/cache/save", "v4", "pkg:githubactions/actions/cache/save@v4"),
        ] {
            let component = registry.component(name, Some(version)).expect("a component");
            assert_eq!(component.purl.as_str(), purl);
            assert_eq!((component.name.as_str(), component.version.as_deref()), (name, Some(version)));
            assert_eq!(component.ecosystem.map(|one| one.to_string()).as_deref(), registry.ecosystem());
        }
    }

    #[test]
    fn a_name_that_is_none_is_an_error() {
        assert!(Registry::Npm.component("", None).is_err() && Registry::Npm.component("@a/", None).is_err());
    }
}

//! The orders that ecosystems put their versions in.

mod alpm;
mod apk;
mod composer;
mod conan;
mod cran;
mod dpkg;
mod evr;
mod gem;
mod go;
mod hackage;
mod maven;
mod nuget;
mod pep440;
mod pub_dart;
mod rpm;
mod semver;

use std::fmt;

use super::key::Key;
use super::{MAX_LEN, VersionError};

/// What a text should have been.
type Expected = &'static str;

/// One way to order versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Order {
    /// Semantic Versioning 2.0: npm, crates.io, Hex, `SwiftURL`, GitHub Actions and others. Short forms (`v1`, `1.2`)
    /// stand where their missing numbers are 0.
    SemVer,
    /// Go modules: Semantic Versioning, pseudo-versions, `+incompatible`, and the toolchain's own `go1.21rc2`.
    Go,
    /// Dart's Pub: Semantic Versioning in which build metadata counts.
    Pub,
    /// Python, PEP 440.
    Pep440,
    /// Maven's `ComparableVersion`.
    Maven,
    /// `NuGet`: Semantic Versioning with up to four numbers and without case.
    NuGet,
    /// `RubyGems`' `Gem::Version`.
    Gem,
    /// Composer, as Packagist shows it.
    Composer,
    /// Debian's dpkg.
    Dpkg,
    /// RPM, with epoch, version and release.
    Rpm,
    /// Alpine's apk-tools 3.
    Apk,
    /// Arch's libalpm.
    Alpm,
    /// R packages.
    Cran,
    /// Haskell packages.
    Hackage,
    /// Conan 2.
    Conan,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::SemVer,
        Self::Go,
        Self::Pub,
        Self::Pep440,
        Self::Maven,
        Self::NuGet,
        Self::Gem,
        Self::Composer,
        Self::Dpkg,
        Self::Rpm,
        Self::Apk,
        Self::Alpm,
        Self::Cran,
        Self::Hackage,
        Self::Conan,
    ];

    /// The key of a version.
    pub(super) fn key(self, written: &str) -> Result<Box<[u8]>, VersionError> {
        if written.len() > MAX_LEN {
            return Err(VersionError::TooLong { bytes: written.len() });
        }
        let text = written.trim();
        let mut key = Key::default();
        let read = if text.is_empty() {
            Err("at least one character")
        } else if text.chars().any(char::is_control) {
            Err("no control characters")
        } else {
            self.read(text, &mut key)
        };
        match read {
            Ok(()) => Ok(key.finish()),
            Err(expected) => Err(VersionError::Malformed { text: written.into(), order: self, expected }),
        }
    }

    fn read(self, text: &str, key: &mut Key) -> Result<(), Expected> {
        match self {
            Self::SemVer => semver::key(text, key),
            Self::Go => go::key(text, key),
            Self::Pub => pub_dart::key(text, key),
            Self::Pep440 => pep440::key(text, key),
            Self::Maven => maven::key(text, key),
            Self::NuGet => nuget::key(text, key),
            Self::Gem => gem::key(text, key),
            Self::Composer => composer::key(text, key),
            Self::Dpkg => dpkg::key(text, key),
            Self::Rpm => rpm::key(text, key),
            Self::Apk => apk::key(text, key),
            Self::Alpm => alpm::key(text, key),
            Self::Cran => cran::key(text, key),
            Self::Hackage => hackage::key(text, key),
            Self::Conan => conan::key(text, key),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SemVer => "semver",
            Self::Go => "Go",
            Self::Pub => "Pub",
            Self::Pep440 => "PEP 440",
            Self::Maven => "Maven",
            Self::NuGet => "NuGet",
            Self::Gem => "RubyGems",
            Self::Composer => "Composer",
            Self::Dpkg => "dpkg",
            Self::Rpm => "RPM",
            Self::Apk => "apk",
            Self::Alpm => "alpm",
            Self::Cran => "R",
            Self::Hackage => "Hackage",
            Self::Conan => "Conan",
        })
    }
}

/// Asserts that the versions of each list rise, and those of each inner list are equal.
#[cfg(test)]
pub(crate) fn assert_rising(order: Order, rising: &[&[&str]]) {
    use super::Version;
    let parse = |text: &&str| Version::parse(text, order).expect(text);
    let groups: Vec<Vec<Version>> = rising.iter().map(|group| group.iter().map(parse).collect()).collect();
    for (place, group) in groups.iter().enumerate() {
        for version in group {
            assert!(group.iter().all(|same| same == version), "{group:?} are equal");
            for later in groups[place + 1..].iter().flatten() {
                assert!(version < later, "{version:?} < {later:?}");
            }
        }
    }
}

/// Asserts that none of the texts is a version.
#[cfg(test)]
pub(crate) fn assert_refused(order: Order, texts: &[&str]) {
    for text in texts {
        assert!(super::Version::parse(text, order).is_err(), "{text:?} is no {order} version");
    }
}

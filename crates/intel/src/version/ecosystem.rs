//! The ecosystems of the OSV schema, <https://ossf.github.io/osv-schema/#defined-ecosystems>.

use std::fmt;
use std::str::FromStr;

use super::{EcosystemError, Order, Version, VersionError};

/// The names, and the order of each where one is known.
///
/// `Arch Linux` is ours: OSV has no name for it. Docker's hardened images and `TuxCare` rest on distributions with
/// different orders and do not say which.
const NAMES: [(&str, Option<Order>); 49] = [
    ("AlmaLinux", Some(Order::Rpm)),
    ("Alpaquita", Some(Order::Apk)),
    ("Alpine", Some(Order::Apk)),
    ("Android", None),
    ("Arch Linux", Some(Order::Alpm)),
    ("Azure Linux", Some(Order::Rpm)),
    ("BellSoft Hardened Containers", Some(Order::Apk)),
    ("Bioconductor", Some(Order::Cran)),
    ("Bitnami", Some(Order::SemVer)),
    ("Chainguard", Some(Order::Apk)),
    ("CleanStart", Some(Order::Apk)),
    ("ConanCenter", Some(Order::Conan)),
    ("CRAN", Some(Order::Cran)),
    ("crates.io", Some(Order::SemVer)),
    ("Debian", Some(Order::Dpkg)),
    ("Docker Hardened Images", None),
    ("Echo", Some(Order::Dpkg)),
    ("FreeBSD", None),
    ("GHC", Some(Order::Hackage)),
    ("GIT", None),
    ("GitHub Actions", Some(Order::SemVer)),
    ("Go", Some(Order::Go)),
    ("Hackage", Some(Order::Hackage)),
    ("Hex", Some(Order::SemVer)),
    ("Julia", Some(Order::SemVer)),
    ("Kubernetes", Some(Order::SemVer)),
    ("Linux", None),
    ("Mageia", Some(Order::Rpm)),
    ("Maven", Some(Order::Maven)),
    ("MinimOS", Some(Order::Apk)),
    ("npm", Some(Order::SemVer)),
    ("NuGet", Some(Order::NuGet)),
    ("opam", None),
    ("openEuler", Some(Order::Rpm)),
    ("openSUSE", Some(Order::Rpm)),
    ("OSS-Fuzz", None),
    ("Packagist", Some(Order::Composer)),
    ("Photon OS", Some(Order::Rpm)),
    ("Pub", Some(Order::Pub)),
    ("PyPI", Some(Order::Pep440)),
    ("Red Hat", Some(Order::Rpm)),
    ("Rocky Linux", Some(Order::Rpm)),
    ("RubyGems", Some(Order::Gem)),
    ("SUSE", Some(Order::Rpm)),
    ("SwiftURL", Some(Order::SemVer)),
    ("TuxCare", None),
    ("Ubuntu", Some(Order::Dpkg)),
    ("VSCode", Some(Order::SemVer)),
    ("Wolfi", Some(Order::Apk)),
];

/// Builds patched packages of other ecosystems and names them in its suffix: `Root:Alpine:3.18`.
const ROOT: &str = "Root";

/// An ecosystem of OSV with its suffix: `PyPI`, `Debian:12`, `Alpine:v3.20`, `Ubuntu:24.04:LTS`.
///
/// Parsed from and displayed as OSV spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ecosystem {
    name: &'static str,
    suffix: Option<Box<str>>,
    order: Option<Order>,
}

impl Ecosystem {
    /// The name without the suffix.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What stands after the first `:`, most often a release of a distribution.
    pub fn suffix(&self) -> Option<&str> {
        self.suffix.as_deref()
    }

    /// The order of its versions, if one is known.
    pub fn order(&self) -> Option<Order> {
        self.order
    }

    /// Reads a version of this ecosystem.
    pub fn version(&self, text: &str) -> Result<Version, VersionError> {
        Version::parse(text, self.known_order()?)
    }

    pub(super) fn known_order(&self) -> Result<Order, VersionError> {
        self.order.ok_or_else(|| VersionError::NoOrder { ecosystem: self.to_string().into() })
    }
}

impl FromStr for Ecosystem {
    type Err = EcosystemError;

    fn from_str(text: &str) -> Result<Self, EcosystemError> {
        let (name, suffix) = match text.split_once(':') {
            Some((name, suffix)) => (name, Some(suffix)),
            None => (text, None),
        };
        let unknown = || EcosystemError { name: text.into() };
        let (name, order) = if name == ROOT {
            let base = suffix.and_then(|suffix| suffix.split(':').next()).ok_or_else(unknown)?;
            (ROOT, listed(base).ok_or_else(unknown)?.1)
        } else {
            listed(name).ok_or_else(unknown)?
        };
        Ok(Self { name, suffix: suffix.map(Into::into), order })
    }
}

fn listed(name: &str) -> Option<(&'static str, Option<Order>)> {
    NAMES.into_iter().find(|(known, _)| *known == name)
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        self.suffix.iter().try_for_each(|suffix| write!(f, ":{suffix}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_is_kept_and_changes_no_order() {
        for (text, name, suffix, order) in [
            ("Debian:12", "Debian", Some("12"), Order::Dpkg),
            ("Alpine:v3.20", "Alpine", Some("v3.20"), Order::Apk),
            ("AlmaLinux:9", "AlmaLinux", Some("9"), Order::Rpm),
            ("Ubuntu:24.04:LTS", "Ubuntu", Some("24.04:LTS"), Order::Dpkg),
            ("Red Hat:rhel_aus:8.4::appstream", "Red Hat", Some("rhel_aus:8.4::appstream"), Order::Rpm),
            ("Maven:https://repo.example/maven2", "Maven", Some("https://repo.example/maven2"), Order::Maven),
            ("PyPI", "PyPI", None, Order::Pep440),
        ] {
            let ecosystem: Ecosystem = text.parse().unwrap();
            assert_eq!(
                (ecosystem.name(), ecosystem.suffix(), ecosystem.order()),
                (name, suffix, Some(order))
            );
            assert_eq!(ecosystem.to_string(), text);
        }
    }

    #[test]
    fn root_has_the_order_of_what_it_patches() {
        assert_eq!("Root:Alpine:3.18".parse::<Ecosystem>().unwrap().order(), Some(Order::Apk));
        assert_eq!("Root:npm".parse::<Ecosystem>().unwrap().order(), Some(Order::SemVer));
        assert!("Root".parse::<Ecosystem>().is_err() && "Root:".parse::<Ecosystem>().is_err());
    }

    #[test]
    fn what_is_unknown_says_so() {
        assert!(["", "pypi", "Debian 12", ":12"].iter().all(|text| text.parse::<Ecosystem>().is_err()));
        let android: Ecosystem = "Android".parse().unwrap();
        assert!(matches!(android.version("1"), Err(VersionError::NoOrder { .. })));
    }
}

//! The packages that distributions build from: most of their advisories are about those.

use super::Component;

/// The source package that a distribution built a component from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its version, as its distribution compares versions: with the epoch, if there is one.
    pub version: String,
}

/// What the advisories of an ecosystem are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// What is installed.
    Installed,
    /// What it was built from.
    Source,
    /// The one or the other.
    Either,
}

impl Component {
    /// The same, built from this source package.
    #[must_use]
    pub fn built_from(self, source: Source) -> Self {
        Self { source: Some(Box::new(source)), ..self }
    }

    /// The names, each with its version, by which the advisories of its ecosystem are to be asked for.
    ///
    /// Those of Red Hat and `AlmaLinux` name what is installed, all others that are known source packages. Of Photon OS it
    /// is not known.
    pub fn advised(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let about = self.ecosystem.as_ref().map_or(About::Installed, |ecosystem| About::of(ecosystem.name()));
        let own = (self.name.as_str(), self.version.as_deref());
        let source = self.source.as_ref().map(|source| (source.name.as_str(), Some(source.version.as_str())));
        let source = source.filter(|source| about != About::Installed && *source != own);
        let own = (about != About::Source || source.is_none()).then_some(own);
        own.into_iter().chain(source)
    }
}

impl About {
    fn of(ecosystem: &str) -> Self {
        match ecosystem {
            "Alpaquita"
            | "Alpine"
            | "Azure Linux"
            | "BellSoft Hardened Containers"
            | "Chainguard"
            | "Debian"
            | "Echo"
            | "Mageia"
            | "MinimOS"
            | "openEuler"
            | "openSUSE"
            | "Rocky Linux"
            | "SUSE"
            | "Ubuntu"
            | "Wolfi" => Self::Source,
            "Photon OS" => Self::Either,
            _ => Self::Installed,
        }
    }
}

#[cfg(test)]
mod tests {
    use floodmark_intel::purl::Purl;

    use super::*;

    fn advised(ecosystem: &str, source: Option<(&str, &str)>) -> Vec<(String, Option<String>)> {
        let purl = Purl::new("deb", None, "libssl3", Some("3.0.1")).expect("a purl");
        let mut component = Component::new(purl, "libssl3", ecosystem.parse().ok());
        component.source =
            source.map(|(name, version)| Box::new(Source { name: name.into(), version: version.into() }));
        component.advised().map(|(name, version)| (name.into(), version.map(Into::into))).collect()
    }

    #[test]
    fn advisories_are_asked_by_the_name_that_their_distribution_writes() {
        let pair = |name: &str, version: &str| (name.to_owned(), Some(version.to_owned()));
        let (own, source) = (pair("libssl3", "3.0.1"), pair("openssl", "1:3.0"));
        let built = Some(("openssl", "1:3.0"));
        assert_eq!(advised("Debian:12", built), std::slice::from_ref(&source));
        assert_eq!(advised("AlmaLinux:9", built), std::slice::from_ref(&own));
        for of_sources in [
            "Rocky Linux:9",
            "Ubuntu:24.04:LTS",
            "Alpine:v3.20",
            "SUSE:Linux Enterprise Server 15 SP5",
            "Wolfi",
        ] {
            assert_eq!(advised(of_sources, built), std::slice::from_ref(&source), "{of_sources}");
        }
        assert_eq!(advised("Red Hat:enterprise_linux:9", built), std::slice::from_ref(&own));
        assert_eq!(advised("Photon OS:5.0", built), [own.clone(), source]);
        assert_eq!(advised("Debian:12", None), std::slice::from_ref(&own));
        assert_eq!(advised("Debian:12", Some(("libssl3", "3.0.1"))), [own]);
    }
}

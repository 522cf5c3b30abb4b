//! The distribution that a root file system is of, as `os-release(5)` tells, and where its advisories are found.

use floodmark_intel::compromise::Malformed;
use floodmark_intel::purl::Purl;
use floodmark_intel::version::Ecosystem;

use super::{Component, Scope, Source};

/// The longest value that is kept.
const MOST_BYTES: usize = 200;

/// Debian's releases of which advisories are published, by their code names: testing has no `VERSION_ID`.
const DEBIAN: [(&str, &str); 9] = [
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
];

/// Ubuntu's, for those that are built on it and have numbers of their own.
const UBUNTU: [(&str, &str); 9] = [
    ("trusty", "14.04:LTS"),
    ("xenial", "16.04:LTS"),
    ("bionic", "18.04:LTS"),
    ("focal", "20.04:LTS"),
    ("jammy", "22.04:LTS"),
    ("noble", "24.04:LTS"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04:LTS"),
];

/// A distribution and its release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distro {
    id: String,
    id_like: Vec<String>,
    name: String,
    version: String,
    version_id: String,
    build_id: String,
    codename: String,
    ubuntu_codename: String,
    rhel_version: String,
}

/// What the database of a distribution says of one of its packages.
#[derive(Debug, Clone, Copy)]
pub struct Packaged<'p> {
    /// The type of the purl: `deb`, `rpm`.
    pub kind: &'static str,
    /// Its name.
    pub name: &'p str,
    /// Its version as the purl has it.
    pub version: &'p str,
    /// Its architecture, if it is told.
    pub arch: Option<&'p str>,
}

impl Distro {
    /// What an `os-release` file tells: assignments with the quoting of a shell. Lines that are none are passed over, as
    /// `os-release(5)` asks.
    pub fn parse(text: &str) -> Self {
        let mut distro = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.trim().split_once('=') else { continue };
            let value = unquoted(value);
            match key {
                "ID" => distro.id = value.to_ascii_lowercase(),
                "ID_LIKE" => {
                    distro.id_like = value.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
                }
                "NAME" => distro.name = value,
                "VERSION" => distro.version = value,
                "VERSION_ID" => distro.version_id = value,
                "BUILD_ID" => distro.build_id = value,
                "VERSION_CODENAME" => distro.codename = value,
                "UBUNTU_CODENAME" => distro.ubuntu_codename = value,
                "RHEL_VERSION" => distro.rhel_version = value,
                _ => {}
            }
        }
        distro
    }

    /// Whether it says which distribution it is.
    pub fn is_named(&self) -> bool {
        !self.id.is_empty()
    }

    /// Where its advisories are found, as OSV names it: `Debian:12`, `Ubuntu:24.04:LTS`, `Alpine:v3.20`, `AlmaLinux:9`.
    ///
    /// `None` for those that publish none there (Fedora, Amazon Linux, Oracle Linux), and where the release is not told.
    pub fn ecosystem(&self) -> Option<Ecosystem> {
        let major = || self.version_id.split('.').next().filter(|major| !major.is_empty());
        let name = match self.id.as_str() {
            "almalinux" => format!("AlmaLinux:{}", major()?),
            "alpaquita" => format!("Alpaquita:{}", self.version_id),
            "alpine" => format!("Alpine:{}", self.alpine_release()?),
            "arch" | "archarm" => "Arch Linux".to_owned(),
            "azurelinux" | "mariner" => format!("Azure Linux:{}", major()?),
            // Built from the sources of Red Hat, with its versions; CentOS Stream is ahead of them.
            "centos" if !self.name.contains("Stream") => format!("Red Hat:enterprise_linux:{}", major()?),
            "chainguard" => "Chainguard".to_owned(),
            "debian" | "raspbian" => format!("Debian:{}", self.debian_release()?),
            "echo" => "Echo".to_owned(),
            "mageia" => format!("Mageia:{}", major()?),
            "minimos" => "MinimOS".to_owned(),
            "openeuler" => format!("openEuler:{}", self.version.replace(" (", "-").replace(')', "")),
            "opensuse-leap" => format!("openSUSE:Leap {}", self.version_id),
            "opensuse-leap-micro" => format!("openSUSE:Leap Micro {}", self.version_id),
            "opensuse-tumbleweed" => "openSUSE:Tumbleweed".to_owned(),
            "photon" => format!("Photon OS:{}", self.version_id),
            "rhel" => format!("Red Hat:enterprise_linux:{}", major()?),
            // OpenShift's system is made of packages of this release.
            "rhcos" => format!("Red Hat:enterprise_linux:{}", self.rhel_version.split('.').next()?),
            "rocky" => format!("Rocky Linux:{}", major()?),
            "sled" => format!("SUSE:Linux Enterprise Desktop {}", self.service_pack()?),
            "sle_hpc" => format!("SUSE:Linux Enterprise High Performance Computing {}", self.service_pack()?),
            "sles" | "sles_sap" => format!("SUSE:Linux Enterprise Server {}", self.service_pack()?),
            "sle-micro" => format!("SUSE:Linux Enterprise Micro {}", self.version_id),
            "sl-micro" => format!("SUSE:Linux Micro {}", self.version_id),
            "ubuntu" => format!("Ubuntu:{}", self.ubuntu_release()?),
            "wolfi" => "Wolfi".to_owned(),
            _ => self.base()?,
        };
        name.parse().ok()
    }

    /// What a distribution is built on without packages of its own of the same names.
    fn base(&self) -> Option<String> {
        let known = |table: &[(&str, &str)], codename: &str| {
            table.iter().find(|(name, _)| *name == codename).map(|(_, release)| (*release).to_owned())
        };
        let is_like = |id: &str| self.id_like.iter().any(|like| like == id);
        match known(&UBUNTU, &self.ubuntu_codename).filter(|_| is_like("ubuntu")) {
            Some(release) => Some(format!("Ubuntu:{release}")),
            None if is_like("debian") => Some(format!("Debian:{}", known(&DEBIAN, &self.codename)?)),
            None => None,
        }
    }

    fn alpine_release(&self) -> Option<String> {
        let mut parts = self.version_id.split('.');
        let (major, minor) = (parts.next()?, parts.next()?);
        // `3.23.0_alpha20250612` is what edge calls itself.
        if self.version_id.contains("_alpha") {
            return Some("edge".to_owned());
        }
        Some(format!("v{major}.{minor}"))
    }

    fn debian_release(&self) -> Option<&str> {
        if !self.version_id.is_empty() {
            return self.version_id.split('.').next();
        }
        DEBIAN.iter().find(|(name, _)| *name == self.codename).map(|(_, release)| *release)
    }

    fn ubuntu_release(&self) -> Option<String> {
        let (year, month) = self.version_id.split_once('.')?;
        let year: u32 = year.parse().ok()?;
        let is_long = year.is_multiple_of(2) && month == "04";
        Some(format!("{}{}", self.version_id, if is_long { ":LTS" } else { "" }))
    }

    /// `15.5` is `15 SP5` where advisories are published; from 16 on there are no service packs.
    fn service_pack(&self) -> Option<String> {
        match self.version_id.split_once('.') {
            Some((major, _)) if major.parse().is_ok_and(|major: u32| major > 15) => {
                Some(self.version_id.clone())
            }
            Some((major, "0")) => Some(major.to_owned()),
            Some((major, pack)) => Some(format!("{major} SP{pack}")),
            None => (!self.version_id.is_empty()).then(|| self.version_id.clone()),
        }
    }

    /// A package of this distribution. `source` is what it was built from and, for the purl, how its kind writes that.
    pub fn component(
        &self,
        package: Packaged<'_>,
        upstream: Option<(Source, &str)>,
    ) -> Result<Component, Malformed> {
        // Those that roll have no version, but a build: `arch-rolling`.
        let release = [self.version_id.as_str(), &self.build_id].into_iter().find(|text| !text.is_empty());
        let distro = match release.filter(|_| self.is_named()) {
            Some(release) => format!("{}-{release}", self.id),
            None => self.id.clone(),
        };
        let purl = Purl::new(package.kind, self.namespace(), package.name, Some(package.version))?
            .qualified([
                ("arch", package.arch.unwrap_or_default()),
                ("distro", &distro),
                ("upstream", upstream.as_ref().map_or("", |(_, text)| *text)),
            ])?;
        let component = Component::new(purl, package.name, self.ecosystem()).scoped(Scope::Runtime);
        Ok(match upstream {
            Some((source, _)) => component.built_from(source),
            None => component,
        })
    }

    /// The vendor in a purl.
    fn namespace(&self) -> Option<&str> {
        match self.id.as_str() {
            "" => None,
            "rhcos" | "rhel" => Some("redhat"),
            "opensuse-leap" | "opensuse-leap-micro" | "opensuse-tumbleweed" => Some("opensuse"),
            "sled" | "sles" | "sles_sap" | "sle_hpc" | "sle-micro" | "sl-micro" => Some("suse"),
            id => Some(id),
        }
    }
}

/// A value without its quotes and the backslashes in them, no longer than is kept.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    let inner = quote.and_then(|quote| value.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(value);
    let mut plain = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        let letter =
            if letter == '\\' && quote != Some('\'') { letters.next().unwrap_or('\\') } else { letter };
        if plain.len() + letter.len_utf8() > MOST_BYTES {
            break;
        }
        plain.push(letter);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecosystem(text: &str) -> Option<String> {
        Distro::parse(text).ecosystem().map(|ecosystem| ecosystem.to_string())
    }

    #[test]
    fn each_release_has_its_advisories_where_osv_has_them() {
        for (text, expected) in [
            ("ID=debian\nVERSION_ID=\"12\"", Some("Debian:12")),
            ("ID=debian\nVERSION_CODENAME=forky", Some("Debian:14")),
            ("ID=debian\nVERSION_CODENAME=sid", None),
            ("ID=raspbian\nID_LIKE=debian\nVERSION_ID=\"11\"", Some("Debian:11")),
            ("ID=ubuntu\nVERSION_ID=\"24.04\"", Some("Ubuntu:24.04:LTS")),
            ("ID=ubuntu\nVERSION_ID=\"24.10\"", Some("Ubuntu:24.10")),
            ("ID=ubuntu\nVERSION_ID=\"25.04\"", Some("Ubuntu:25.04")),
            (
                "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=\"22\"\nUBUNTU_CODENAME=noble",
                Some("Ubuntu:24.04:LTS"),
            ),
            ("ID=kali\nID_LIKE=debian\nVERSION_CODENAME=kali-rolling", None),
            ("ID=alpine\nVERSION_ID=3.20.3", Some("Alpine:v3.20")),
            ("ID=alpine\nVERSION_ID=3.23.0_alpha20250612", Some("Alpine:edge")),
            ("ID=wolfi\nVERSION_ID=\"20230201\"", Some("Wolfi")),
            ("ID=chainguard\nVERSION_ID=\"20230214\"", Some("Chainguard")),
            ("ID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"", Some("AlmaLinux:9")),
            ("ID='rocky'\nVERSION_ID='9.4'", Some("Rocky Linux:9")),
            ("ID=\"rhel\"\nVERSION_ID=\"8.10\"", Some("Red Hat:enterprise_linux:8")),
            ("NAME=\"CentOS Linux\"\nID=\"centos\"\nVERSION_ID=\"7\"", Some("Red Hat:enterprise_linux:7")),
            ("NAME=\"CentOS Stream\"\nID=\"centos\"\nVERSION_ID=\"9\"", None),
            ("ID=\"opensuse-leap\"\nVERSION_ID=\"15.5\"", Some("openSUSE:Leap 15.5")),
            ("ID=\"sles\"\nVERSION_ID=\"15.5\"", Some("SUSE:Linux Enterprise Server 15 SP5")),
            ("ID=\"sles\"\nVERSION_ID=\"12\"", Some("SUSE:Linux Enterprise Server 12")),
            ("ID=\"sles\"\nVERSION_ID=\"16.0\"", Some("SUSE:Linux Enterprise Server 16.0")),
            ("ID=\"sled\"\nVERSION_ID=\"15.7\"", Some("SUSE:Linux Enterprise Desktop 15 SP7")),
            ("ID=\"sle-micro\"\nVERSION_ID=\"5.5\"", Some("SUSE:Linux Enterprise Micro 5.5")),
            ("ID=\"sl-micro\"\nVERSION_ID=\"6.1\"", Some("SUSE:Linux Micro 6.1")),
            ("ID=\"opensuse-leap-micro\"\nVERSION_ID=\"5.5\"", Some("openSUSE:Leap Micro 5.5")),
            ("ID=\"rhcos\"\nVERSION_ID=\"4.16\"\nRHEL_VERSION=\"9.4\"", Some("Red Hat:enterprise_linux:9")),
            ("ID=mariner\nVERSION_ID=\"2.0\"", Some("Azure Linux:2")),
            ("ID=azurelinux\nVERSION_ID=\"3.0\"", Some("Azure Linux:3")),
            ("ID=\"mageia\"\nVERSION_ID=\"9\"", Some("Mageia:9")),
            ("ID=photon\nVERSION_ID=5.0", Some("Photon OS:5.0")),
            ("ID=minimos\nVERSION_ID=\"20241031\"", Some("MinimOS")),
            ("ID=echo", Some("Echo")),
            ("ID=alpaquita\nVERSION_ID=stream", Some("Alpaquita:stream")),
            ("ID=\"openEuler\"\nVERSION=\"22.03 (LTS-SP1)\"", Some("openEuler:22.03-LTS-SP1")),
            ("ID=fedora\nVERSION_ID=40", None),
            ("ID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"", None),
            ("ID=arch\nBUILD_ID=rolling", Some("Arch Linux")),
            ("", None),
            ("ID=ubuntu\nVERSION_ID=x", None),
        ] {
            assert_eq!(ecosystem(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn quotes_and_backslashes_are_those_of_a_shell_and_values_are_bounded() {
        assert_eq!(unquoted(r#""a \"b\" \$c""#), r#"a "b" $c"#);
        assert_eq!(unquoted(r"'a\b'"), r"a\b");
        assert_eq!(unquoted("\""), "\"");
        assert_eq!(unquoted(&"é".repeat(1000)).len(), 200);
    }
}

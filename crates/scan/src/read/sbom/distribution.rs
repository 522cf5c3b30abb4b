//! Packages of distributions by their purls: `distro` tells the release, `upstream` what they were built from.

use floodmark_intel::purl::Purl;

use crate::component::{Component, Distro, Source};

/// The types of their purls.
pub(super) const KINDS: [&str; 4] = ["alpm", "apk", "deb", "rpm"];

/// The component of such a purl.
pub(super) fn component(purl: Purl) -> Component {
    let full = purl.full_name();
    let (vendor, name) = full.rsplit_once('/').unwrap_or(("", &full));
    let ecosystem = distro(vendor, &purl.qualifier("distro").unwrap_or_default()).ecosystem();
    let epoch = purl.qualifier("epoch").filter(|epoch| epoch != "0");
    let with_epoch =
        |version: &str| epoch.as_ref().map_or(version.to_owned(), |epoch| format!("{epoch}:{version}"));
    let version = purl.version().map(with_epoch);
    let source = purl.qualifier("upstream").and_then(|upstream| {
        let (name, version) = match upstream.strip_suffix(".src.rpm") {
            Some(package) => {
                let (rest, release) = package.rsplit_once('-')?;
                let (name, number) = rest.rsplit_once('-')?;
                (name.to_owned(), with_epoch(&format!("{number}-{release}")))
            }
            None => match upstream.split_once('@') {
                Some((name, version)) => (name.to_owned(), version.to_owned()),
                None => (upstream, version.clone()?),
            },
        };
        Some(Source { name, version })
    });
    let mut component = Component::new(purl, name, ecosystem);
    component.version = version;
    match source {
        Some(source) => component.built_from(source),
        None => component,
    }
}

/// `debian-12`, `opensuse-leap-15.5`, `jammy`; the vendor is that of the purl.
fn distro(vendor: &str, text: &str) -> Distro {
    let (id, release) = text.rsplit_once('-').unwrap_or((vendor, text));
    let id = match id {
        "redhat" => "rhel",
        "amazon" => "amzn",
        id => id,
    };
    let key =
        if release.starts_with(|c: char| c.is_ascii_digit()) { "VERSION_ID" } else { "VERSION_CODENAME" };
    Distro::parse(&format!("ID={id}\nID_LIKE={id}\n{key}={release}\nUBUNTU_CODENAME={release}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_epoch_and_source_are_those_that_the_databases_themselves_tell() {
        for (purl, version, ecosystem, source) in [
            (
                "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc",
                "2.36-9+deb12u10",
                Some("Debian:12"),
                Some(("glibc", "2.36-9+deb12u10")),
            ),
            (
                "pkg:deb/debian/bsdutils@2.38.1?distro=bookworm&upstream=util-linux%402.38",
                "2.38.1",
                Some("Debian:12"),
                Some(("util-linux", "2.38")),
            ),
            (
                "pkg:rpm/almalinux/bind-libs@9.16.23-18.el9_4?distro=almalinux-9.4&epoch=32&upstream=bind-9.16.23-18.el9_4.src.rpm",
                "32:9.16.23-18.el9_4",
                Some("AlmaLinux:9"),
                Some(("bind", "32:9.16.23-18.el9_4")),
            ),
            (
                "pkg:rpm/redhat/bash@5.1-9.el9?distro=redhat-9.4&epoch=0",
                "5.1-9.el9",
                Some("Red Hat:enterprise_linux:9"),
                None,
            ),
            ("pkg:apk/alpine/musl@1.2.5-r0?distro=alpine-3.20.3", "1.2.5-r0", Some("Alpine:v3.20"), None),
            ("pkg:deb/ubuntu/curl@8.5?distro=ubuntu-24.04", "8.5", Some("Ubuntu:24.04:LTS"), None),
            ("pkg:deb/debian/curl@8.5", "8.5", None, None),
        ] {
            let component = component(purl.parse().expect("a purl"));
            assert_eq!(component.version.as_deref(), Some(version), "{purl}");
            assert_eq!(component.ecosystem.map(|one| one.to_string()).as_deref(), ecosystem, "{purl}");
            let built = component.source.as_ref().map(|one| (one.name.as_str(), one.version.as_str()));
            assert_eq!(built, source, "{purl}");
        }
    }
}

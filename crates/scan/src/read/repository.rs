//! Repositories by their URL: hooks, modules and resources of pipelines are run from a checkout of one.

use floodmark_intel::compromise::TagRef;
use floodmark_intel::purl::Purl;

use crate::component::{Component, RefKind, Reference};

/// Hosts whose repositories have a type of purl of their own.
const HOSTS: [(&str, &str); 3] =
    [("github.com", "github"), ("bitbucket.org", "bitbucket"), ("gitlab.com", "gitlab")];

/// The component of a repository at a tag, branch or commit, and at a path in it; without a reference it is the newest of
/// its default branch.
pub(super) fn component(url: &str, reference: Option<&str>, path: &str) -> Result<Component, String> {
    let (kind, reference) =
        reference.filter(|text| !text.is_empty()).map_or((RefKind::Branch, None), |text| {
            let (kind, reference) = RefKind::of(text);
            (kind, Some(reference))
        });
    let (host, place) =
        parted(url).ok_or_else(|| format!("names `{url}`; expected the URL of a repository"))?;
    let (namespace, name) = place.rsplit_once('/').unwrap_or(("", place));
    let known = HOSTS.iter().find(|(known, _)| host.eq_ignore_ascii_case(known)).map(|(_, kind)| *kind);
    let purl = match known {
        Some(kind) if !namespace.is_empty() => Purl::new(kind, Some(namespace), name, reference),
        _ => Purl::new("generic", None, name, reference)
            .and_then(|purl| purl.qualified([("vcs_url", format!("git+https://{host}/{place}").as_str())])),
    };
    let purl = purl.and_then(|purl| purl.within(path)).map_err(|error| error.to_string())?;
    let release = reference
        .filter(|_| known == Some("github"))
        .and_then(|reference| format!("{}@{reference}", place.to_ascii_lowercase()).parse::<TagRef>().ok());
    let name = if known.is_some() { place.to_owned() } else { format!("{host}/{place}") };
    Ok(Component::new(purl, name, None).referred(Reference::Repository { release, kind }))
}

/// Host and path: of `https://host/a/b.git`, `ssh://git@host:22/a/b`, `git@host:a/b`, `host/a/b`. What stands before the
/// host in a URL may be a password, and is left out.
fn parted(url: &str) -> Option<(&str, &str)> {
    let url = url.strip_prefix("git+").unwrap_or(url);
    let (rest, is_url) = url.split_once("://").map_or((url, false), |(_, rest)| (rest, true));
    let rest = rest.split(['?', '#']).next()?;
    let authority = rest.find('/').unwrap_or(rest.len());
    let rest = rest[..authority].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    // `git@host:a/b` has a colon where a URL has a slash; in a URL a port stands behind it.
    let (host, path) = match rest.split_once(':') {
        Some((host, path)) if !is_url && !host.contains('/') => (host, path),
        _ => {
            let (host, path) = rest.split_once('/')?;
            (host.split(':').next()?, path)
        }
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_host =
        host == "localhost" || (host.contains('.') && host.starts_with(|c: char| c.is_ascii_alphanumeric()));
    (is_host && !path.is_empty() && !path.contains(char::is_whitespace)).then_some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_is_one_component_in_every_spelling() {
        for url in [
            "https://github.com/psf/Black",
            "https://github.com/psf/black.git/",
            "git@github.com:psf/black.git",
            "ssh://git@github.com:22/psf/black",
            "git+https://user:secret@github.com/psf/black",
            "github.com/psf/black",
        ] {
            let component = component(url, Some("24.1.0"), "").expect("a repository");
            assert_eq!(component.purl.as_str(), "pkg:github/psf/black@24.1.0", "{url}");
            let Some(Reference::Repository { release: Some(release), kind }) = component.reference.as_deref()
            else {
                panic!("{url}")
            };
            assert_eq!((release.key().as_str(), *kind), ("psf/black@24.1.0", RefKind::Tag));
        }
    }

    #[test]
    fn other_hosts_are_named_by_their_url_and_no_reference_is_a_branch() {
        let component =
            component("https://git.example:8443/a/b/c.git", None, "modules/x").expect("a repository");
        assert_eq!(
            component.purl.as_str(),
            "pkg:generic/c?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fa%2Fb%2Fc#modules/x"
        );
        assert_eq!(component.reference.map(|one| one.kind()), Some(RefKind::Branch));
        let gitlab = self::component("https://gitlab.com/a/b/c", Some("main"), "").expect("a repository");
        assert_eq!(gitlab.purl.as_str(), "pkg:gitlab/a/b/c@main");
    }

    #[test]
    fn what_is_no_repository_is_told() {
        for url in ["", "local", "./here", "https://", "https://github.com", "https://github.com/", "a b/c"] {
            assert!(component(url, None, "").is_err(), "{url}");
        }
    }
}

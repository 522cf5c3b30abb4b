//! Where a package of npm came from, as its lock files spell it.

use crate::component::{Component, Registry};

/// Where a package came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin<'a> {
    /// A registry, or a mirror of one: what has the paths of a registry is taken for a mirror of the public one.
    Registry,
    /// A git repository, with the commit where it is known.
    Git(&'a str),
    /// An archive at a URL that is no registry's.
    Url(&'a str),
    /// The disk.
    Local,
}

impl<'a> Origin<'a> {
    /// Of what a lock file says a package was resolved to: a URL, a path, or the name of an archive.
    pub(super) fn of(resolved: &'a str) -> Self {
        let bare = resolved.split_once('#').map_or(resolved, |(bare, _)| bare);
        let is_web = bare.starts_with("https://") || bare.starts_with("http://");
        let local = ["file:", "link:", "portal:", "workspace:", "./", "../", "/"];
        let git = ["git+", "git:", "git@", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:"];
        let hosted = |host: &str| bare.split("://").nth(1).is_some_and(|rest| rest.starts_with(host));
        match () {
            () if local.iter().any(|start| bare.starts_with(start)) => Self::Local,
            () if git.iter().any(|start| bare.starts_with(start)) => Self::Git(resolved),
            () if !is_web => Self::Registry,
            () if has_extension(bare, "git") || hosted("codeload.github.com/") => Self::Git(resolved),
            () if bare.contains("/-/") || hosted("npm.pkg.github.com/download/") => Self::Registry,
            () => Self::Url(resolved),
        }
    }

    /// The component of a package from there.
    pub(super) fn component(self, name: &str, version: Option<&str>) -> Result<Component, String> {
        let mut component = Registry::Npm.component(name, version).map_err(|error| error.to_string())?;
        let qualifier = match self {
            Self::Registry => return Ok(component),
            Self::Local => return Ok(component.unregistered()),
            Self::Git(url) => ("vcs_url", url),
            Self::Url(url) => ("download_url", url),
        };
        component.purl = component.purl.qualified([qualifier]).map_err(|error| error.to_string())?;
        Ok(component.unregistered())
    }
}

/// The name of the package that a registry has at this URL: `@s/a` of `https://…/@s/a/-/a-1.0.0.tgz`.
///
/// It is what was delivered, whatever a lock file calls it.
pub(super) fn delivered(url: &str) -> Option<String> {
    let (path, _) = url.split_once("/-/")?;
    let (before, name) = path.rsplit_once('/')?;
    if let Some((scope, name)) = name.split_once("%2f").or_else(|| name.split_once("%2F")) {
        return Some(format!("{scope}/{name}"));
    }
    let scope = before.rsplit('/').next().filter(|scope| scope.starts_with('@'));
    Some(scope.map_or_else(|| name.to_owned(), |scope| format!("{scope}/{name}")))
}

/// Name and range of `name@range`, `@scope/name@range`; no range where none stands.
pub(super) fn descriptor(text: &str) -> (&str, Option<&str>) {
    let start = usize::from(text.starts_with('@'));
    match text[start..].split_once('@') {
        Some((name, range)) => (&text[..start + name.len()], Some(range)),
        None => (text, None),
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_registry_gave_is_told_from_what_it_did_not() {
        for (resolved, origin) in [
            ("https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#0a1b", Origin::Registry),
            ("https://artifactory.example/api/npm/npm/@s/a/-/a-1.0.0.tgz", Origin::Registry),
            ("a-1.0.0.tgz#0a1b", Origin::Registry),
            ("^1.0.0", Origin::Registry),
            ("git+ssh://git@h/a.git#1a2b", Origin::Git("git+ssh://git@h/a.git#1a2b")),
            ("https://h/a.git#1a2b", Origin::Git("https://h/a.git#1a2b")),
            (
                "https://codeload.github.com/o/a/tar.gz/1a2b",
                Origin::Git("https://codeload.github.com/o/a/tar.gz/1a2b"),
            ),
            ("https://h/a-1.0.0.tgz", Origin::Url("https://h/a-1.0.0.tgz")),
            ("file:../a", Origin::Local),
        ] {
            assert_eq!(Origin::of(resolved), origin, "{resolved}");
        }
    }

    #[test]
    fn the_url_of_a_registry_tells_what_it_delivers() {
        for (url, name) in [
            ("https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#0a1b", Some("a")),
            ("https://h/api/npm/npm/@s/a/-/a-1.0.0.tgz", Some("@s/a")),
            ("https://h/@s%2fa/-/a-1.0.0.tgz", Some("@s/a")),
            ("https://h/a-1.0.0.tgz", None),
        ] {
            assert_eq!(delivered(url).as_deref(), name, "{url}");
        }
    }

    #[test]
    fn a_descriptor_is_split_behind_its_name() {
        assert_eq!(descriptor("@s/a@npm:b@^1"), ("@s/a", Some("npm:b@^1")));
        assert_eq!(descriptor("a@1"), ("a", Some("1")));
        assert_eq!(descriptor("@s/a"), ("@s/a", None));
        assert_eq!(descriptor(""), ("", None));
    }
}

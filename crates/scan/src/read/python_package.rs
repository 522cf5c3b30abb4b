//! How Python names packages and tells where they came from.

use floodmark_intel::advisory::package_name;

use crate::component::{Component, Registry};

/// Where a package came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin<'a> {
    /// An index; every one is taken for a mirror of the public one.
    Index,
    /// A repository, with the commit where it is known: `git+https://…@1a2b`.
    Repository(&'a str),
    /// An archive at a URL that is no index's.
    Url(&'a str),
    /// The disk.
    Local,
}

impl Origin<'_> {
    /// The component of a package from there.
    pub(super) fn component(self, name: &str, version: Option<&str>) -> Result<Component, String> {
        let mut component = Registry::PyPi.component(name, version).map_err(|error| error.to_string())?;
        let qualifier = match self {
            Self::Index => return Ok(component),
            Self::Local => return Ok(component.unregistered()),
            Self::Repository(url) => ("vcs_url", url),
            Self::Url(url) => ("download_url", url),
        };
        component.purl = component.purl.qualified([qualifier]).map_err(|error| error.to_string())?;
        Ok(component.unregistered())
    }
}

/// A name as names are compared, <https://packaging.python.org/en/latest/specifications/name-normalization/>.
pub(super) fn canonical(name: &str) -> String {
    package_name("PyPI", name).into_owned()
}

/// The canonical name in front of a requirement, <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>:
/// `flask` of `Flask[async]>=3; python_version < "4"`.
pub(super) fn required(requirement: &str) -> Option<String> {
    let requirement = requirement.trim_start();
    let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let length = requirement.bytes().position(|byte| !is_named(byte)).unwrap_or(requirement.len());
    Some(canonical(&requirement[..length])).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_requirement_is_what_stands_before_anything_else() {
        for (requirement, name) in [
            ("Flask[async]>=3; python_version < \"4\"", Some("flask")),
            ("ruamel.yaml.clib @ https://h/x", Some("ruamel-yaml-clib")),
            ("a__b~=1", Some("a-b")),
            (">=1", None),
            ("", None),
        ] {
            assert_eq!(required(requirement).as_deref(), name, "{requirement}");
        }
    }
}

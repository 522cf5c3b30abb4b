//! One requirement, <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>, or the place of one.

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Requirement {
    /// The name; none where only a place is given that does not tell it.
    pub(in super::super) name: Option<String>,
    /// The version, if exactly one will do.
    pub(in super::super) version: Option<String>,
    pub(in super::super) source: Source,
}

/// Where it comes from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) enum Source {
    /// The index that pip is set up with.
    #[default]
    Index,
    /// A repository.
    Repository(String),
    /// An archive, or a folder.
    Archive(String),
}

/// Reads a requirement; what is wrong is told in words that begin with a verb.
pub(in super::super) fn requirement(text: &str) -> Result<Requirement, String> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    if is_place(text, name, rest) {
        return Ok(placed(None, text));
    }
    if !is_name(name) {
        return Err(format!("is no requirement: {:?}; expected a name", shortened(text)));
    }
    let rest = match rest.strip_prefix('[') {
        None => rest,
        Some(extras) => {
            let (_, rest) = extras.split_once(']').ok_or_else(|| {
                format!("is no requirement: {:?}; expected `]` behind the extras", shortened(text))
            })?;
            rest.trim_start()
        }
    };
    if let Some(url) = rest.strip_prefix('@') {
        // A marker behind a URL needs a blank before it.
        let url = url.trim().split_once(" ;").map_or(url.trim(), |(url, _)| url.trim());
        return Ok(placed(Some(name), url));
    }
    let specifier = rest.split_once(';').map_or(rest, |(specifier, _)| specifier).trim();
    let specifier =
        specifier.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(specifier);
    let mut version = None;
    for clause in specifier.split(',').map(str::trim).filter(|clause| !clause.is_empty()) {
        let at = clause.find(|c: char| !"<>=!~".contains(c)).unwrap_or(clause.len());
        let (operator, operand) = clause.split_at(at);
        match (operator, operand.trim()) {
            ("==" | "===", exact) if is_version(exact) => version = Some(exact.to_owned()),
            ("==" | "===" | "!=" | "<" | "<=" | ">" | ">=" | "~=", operand)
                if !operand.is_empty() && !operand.contains(' ') => {}
            _ => {
                return Err(format!(
                    "is no requirement: {:?}; expected versions behind the name",
                    shortened(text)
                ));
            }
        }
    }
    Ok(Requirement { name: Some(name.to_owned()), version, source: Source::Index })
}

/// The name and version that a file of a distribution carries, be it a wheel or a source archive.
pub(in super::super) fn of_file(file: &str) -> Option<(&str, &str)> {
    if let Some(stem) = file.strip_suffix(".whl") {
        let mut parts = stem.split('-');
        return Some((parts.next()?, parts.next()?))
            .filter(|(name, version)| is_name(name) && is_version(version));
    }
    let stem = [".tar.gz", ".zip", ".tar.bz2", ".tgz"].iter().find_map(|end| file.strip_suffix(end))?;
    stem.rsplit_once('-').filter(|(name, version)| is_name(name) && is_version(version))
}

fn placed(name: Option<&str>, place: &str) -> Requirement {
    let (url, fragment) = place.split_once('#').unwrap_or((place, ""));
    let egg = fragment.split('&').find_map(|pair| pair.strip_prefix("egg="));
    let egg = egg.map(|egg| egg.split_once('[').map_or(egg, |(name, _)| name));
    let file = url.split_once('?').map_or(url, |(url, _)| url).rsplit('/').next().and_then(of_file);
    let name =
        name.or(egg).or(file.map(|(name, _)| name)).filter(|name| is_name(name)).map(ToOwned::to_owned);
    let version = file.map(|(_, version)| version.to_owned());
    let is_repository = ["git", "hg", "svn", "bzr"]
        .iter()
        .any(|kind| url.strip_prefix(kind).is_some_and(|rest| rest.starts_with('+')));
    let source = if is_repository {
        Source::Repository(url.to_owned())
    } else if url.starts_with("https://files.pythonhosted.org/") && version.is_some() {
        Source::Index
    } else {
        Source::Archive(url.to_owned())
    };
    Requirement { name, version, source }
}

/// Whether a text is a place rather than a name: a URL, a path, the file of a distribution.
fn is_place(text: &str, name: &str, rest: &str) -> bool {
    let url = rest.starts_with("://") || (rest.starts_with('+') && rest.contains("://"));
    let path = text.starts_with(['.', '/', '~']) || rest.starts_with('/') || rest.starts_with('\\');
    url || path || of_file(name).is_some() || text.starts_with("file:")
}

/// PEP 508: letters, digits and `._-`, the first and last of them letter or digit.
fn is_name(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    ends(text.bytes().next())
        && ends(text.bytes().last())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn is_version(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'v')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!+-_".contains(&byte))
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_where_exactly_one_will_do() {
        for (text, name, version) in [
            ("a", "a", None),
            ("a==1.0", "a", Some("1.0")),
            ("a == 1!2.0+local.1", "a", Some("1!2.0+local.1")),
            ("A.b_c[x,y]===1", "A.b_c", Some("1")),
            ("a (==1.0)", "a", Some("1.0")),
            ("a==1.*", "a", None),
            ("a>=1,!=1.5,<2; python_version<'3'", "a", None),
            ("a>=1,==1.4", "a", Some("1.4")),
            ("a~=1.4.2", "a", None),
            ("a @ https://h/a-2.0.tar.gz ; os_name=='nt'", "a", Some("2.0")),
            ("a-1.0-py3-none-any.whl", "a", Some("1.0")),
        ] {
            let found = requirement(text).expect(text);
            assert_eq!((found.name.as_deref(), found.version.as_deref()), (Some(name), version), "{text}");
        }
    }

    #[test]
    fn what_is_no_requirement_is_refused() {
        for text in ["==1", "a=1", "a ==", "a[b", "-a", "a b", "é==1", "a==1 b==2"] {
            assert!(requirement(text).is_err(), "{text}: {:?}", requirement(text));
        }
    }

    #[test]
    fn places_tell_their_name_if_they_can() {
        for (text, name) in [
            ("git+https://h/x.git#egg=x[y]&subdirectory=z", Some("x")),
            ("git+https://h/x.git", None),
            ("./dir", None),
            ("../w/pkg-1.0-py3-none-any.whl", Some("pkg")),
            ("C:\\a\\b", None),
        ] {
            assert_eq!(requirement(text).map(|one| one.name).unwrap_or_default().as_deref(), name, "{text}");
        }
    }
}

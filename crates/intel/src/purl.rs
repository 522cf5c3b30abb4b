//! Package URLs: <https://github.com/package-url/purl-spec>.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::compromise::Malformed;
use crate::compromise::text::text_schema;

/// The longest text in bytes that is taken for a purl.
pub const MAX_LEN: usize = 4096;

/// A package, with or without a version: `pkg:npm/%40ctrl/tinycolor@4.1.1`.
///
/// Held, compared and displayed in the canonical form of the specification, so that two purls are equal when they mean the
/// same. Qualifiers and subpath belong to it, and are left out of [`Purl::package`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    text: Box<str>,
    /// Its parts, where they are not spelled so in the text.
    decoded: Option<Box<Decoded>>,
}

/// Parts of a purl that somebody asks for again and again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Decoded {
    package: Box<str>,
    version: Option<Box<str>>,
}

/// A purl taken apart, every part decoded.
#[derive(Default)]
struct Parts {
    kind: String,
    namespace: Vec<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Vec<String>,
}

impl Purl {
    /// The purl of a package by its type (`npm`, `deb`), its namespace with `/` between the segments, its name and its
    /// version, none of them encoded. The canonical form is made as the type asks: lower case, `-` for `_`.
    pub fn new(
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Self, Malformed> {
        let parts = Parts {
            kind: kind.to_ascii_lowercase(),
            namespace: segments(namespace.unwrap_or_default()),
            name: name.to_owned(),
            version: version.filter(|version| !version.is_empty()).map(ToOwned::to_owned),
            ..Parts::default()
        };
        parts.finish().ok_or_else(|| malformed(name))
    }

    /// The same purl with these qualifiers added (`arch`, `distro`, `vcs_url`); an empty value takes its key away.
    pub fn qualified<'a>(
        self,
        qualifiers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Malformed> {
        let mut parts = taken_apart(&self.text).ok_or_else(|| malformed(&self.text))?;
        for (key, value) in qualifiers {
            parts.qualifiers.insert(key.to_ascii_lowercase(), value.to_owned());
        }
        parts.finish().ok_or_else(|| malformed(&self.text))
    }

    /// The same purl of what lies at a path within the package: `init` of `github/codeql-action`.
    pub fn within(self, path: &str) -> Result<Self, Malformed> {
        let mut parts = taken_apart(&self.text).ok_or_else(|| malformed(&self.text))?;
        parts.subpath = segments(path);
        parts.subpath.retain(|segment| !matches!(segment.as_str(), "." | ".."));
        parts.finish().ok_or_else(|| malformed(&self.text))
    }

    /// The same purl without its version.
    #[must_use]
    pub fn unversioned(self) -> Self {
        let bare = taken_apart(&self.text).map(|parts| Parts { version: None, ..parts });
        bare.and_then(Parts::finish).unwrap_or(self)
    }

    /// Whether the other is what this names: the same package, and equal in version, qualifiers and subpath as far as this
    /// has them.
    pub fn covers(&self, other: &Self) -> bool {
        if self.package() != other.package()
            || (self.version().is_some() && self.version() != other.version())
        {
            return false;
        }
        let (Some(own), Some(others)) = (taken_apart(&self.text), taken_apart(&other.text)) else {
            return false;
        };
        own.qualifiers.iter().all(|(key, value)| others.qualifiers.get(key) == Some(value))
            && (own.subpath.is_empty() || own.subpath == others.subpath)
    }

    /// The purl in its canonical form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The type: `npm`.
    pub fn kind(&self) -> &str {
        let rest = self.text.get("pkg:".len()..).unwrap_or_default();
        rest.split_once('/').map_or(rest, |(kind, _)| kind)
    }

    /// The package without its version, decoded and brought into the form in which its ecosystem compares names.
    pub fn package(&self) -> &str {
        self.decoded.as_deref().map_or_else(|| spelled(&self.text).0, |decoded| &decoded.package)
    }

    /// The version, decoded.
    pub fn version(&self) -> Option<&str> {
        self.decoded.as_deref().map_or_else(|| spelled(&self.text).1, |decoded| decoded.version.as_deref())
    }

    /// Namespace and name with `/` between them, decoded, as the canonical form has them: `@ctrl/tinycolor`.
    pub fn full_name(&self) -> String {
        let path: Option<Vec<String>> =
            taken_apart(&self.text).map(|parts| parts.namespace.into_iter().chain([parts.name]).collect());
        path.unwrap_or_default().join("/")
    }

    /// The path within the package, decoded.
    pub fn subpath(&self) -> Option<String> {
        let parts = taken_apart(&self.text)?;
        (!parts.subpath.is_empty()).then(|| parts.subpath.join("/"))
    }

    /// The value of a qualifier, decoded.
    pub fn qualifier(&self, key: &str) -> Option<String> {
        let (_, qualifiers) = self.text.split_once('?')?;
        let qualifiers = qualifiers.split_once('#').map_or(qualifiers, |(before, _)| before);
        let value = qualifiers.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))?;
        decode(value)
    }
}

text_schema!(Purl, "^pkg:[A-Za-z][A-Za-z0-9.+-]*/.+$");

fn malformed(text: &str) -> Malformed {
    Malformed::new("a purl", text, "pkg:type/name@version, such as pkg:npm/%40ctrl/tinycolor@4.1.1")
}

impl From<Purl> for String {
    fn from(purl: Purl) -> Self {
        purl.text.into()
    }
}

impl FromStr for Purl {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        taken_apart(text).and_then(Parts::finish).ok_or_else(|| malformed(text))
    }
}

fn taken_apart(text: &str) -> Option<Parts> {
    if text.len() > MAX_LEN || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let rest = text.strip_prefix("pkg:")?.trim_start_matches('/');
    let (rest, subpath) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, path) = rest.split_once('/')?;
    let path = path.trim_matches('/');
    // The `@` of an npm scope may stand unencoded: only one behind the last slash, or behind a name, begins a version.
    let name_at = path.rfind('/').map_or(0, |slash| slash + 1);
    let (path, version) = match path[name_at..].rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => {
            (&path[..name_at + name.len()], Some(decode(version).filter(|version| !version.is_empty())?))
        }
        Some(_) => return None,
        None => (path, None),
    };
    let mut namespace = path
        .split('/')
        .map(|part| decode(part).filter(|part| !part.is_empty()))
        .collect::<Option<Vec<_>>>()?;
    let name = namespace.pop()?;
    let mut parts = Parts { kind: kind.to_ascii_lowercase(), namespace, name, version, ..Parts::default() };
    for pair in qualifiers.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=')?;
        if parts.qualifiers.insert(key.to_ascii_lowercase(), decode(value)?).is_some() {
            return None;
        }
    }
    for segment in subpath.split('/').filter(|segment| !segment.is_empty()) {
        let segment = decode(segment)?;
        if segment.contains('/') {
            return None;
        }
        if !matches!(segment.as_str(), "." | "..") {
            parts.subpath.push(segment);
        }
    }
    Some(parts)
}

/// The package and the version in the text of a purl, as they are spelled there.
fn spelled(text: &str) -> (&str, Option<&str>) {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    match text[..end].split_once('@') {
        Some((package, version)) => (package, Some(version)),
        None => (&text[..end], None),
    }
}

impl Parts {
    /// The purl, if the parts are those of one.
    fn finish(mut self) -> Option<Purl> {
        let named = |text: &str, more: &[u8]| {
            text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
        };
        self.qualifiers.retain(|_, value| !value.is_empty());
        let keyed = self.qualifiers.keys().all(|key| named(key, b".-_"));
        if !named(&self.kind, b".-") || !keyed || self.name.is_empty() {
            return None;
        }
        self.normalise();
        let path: Vec<&str> = self.namespace.iter().map(String::as_str).chain([self.name.as_str()]).collect();
        let package = format!("pkg:{}/{}", self.kind, compared(&self.kind, &path.join("/")));
        let encoded: Vec<String> = path.iter().map(|segment| encode(segment)).collect();
        let mut text = format!("pkg:{}/{}", self.kind, encoded.join("/"));
        if let Some(version) = &self.version {
            text.push('@');
            text.push_str(&encode(version));
        }
        for (nth, (key, value)) in self.qualifiers.iter().enumerate() {
            text.push(if nth == 0 { '?' } else { '&' });
            text.push_str(key);
            text.push('=');
            text.push_str(&encode(value));
        }
        for (nth, segment) in self.subpath.iter().enumerate() {
            text.push(if nth == 0 { '#' } else { '/' });
            text.push_str(&encode(segment));
        }
        if text.len() > MAX_LEN {
            return None;
        }
        let is_spelled = spelled(&text) == (&package, self.version.as_deref());
        let decoded = || Box::new(Decoded { package: package.into(), version: self.version.map(Into::into) });
        Some(Purl { decoded: (!is_spelled).then(decoded), text: text.into() })
    }

    /// What the definition of the type asks of names, <https://github.com/package-url/purl-spec/tree/main/types>.
    fn normalise(&mut self) {
        let lower = |text: &mut String| *text = text.to_lowercase();
        match self.kind.as_str() {
            "alpm" | "apk" | "bitbucket" | "brew" | "composer" | "deb" | "github" | "githubactions"
            | "hex" => {
                self.namespace.iter_mut().for_each(lower);
                lower(&mut self.name);
            }
            "bitnami" | "oci" | "pub" | "npm" => lower(&mut self.name),
            "pypi" => self.name = self.name.to_lowercase().replace('_', "-"),
            "huggingface" => self.version.iter_mut().for_each(lower),
            "rpm" | "qpkg" => self.namespace.iter_mut().for_each(lower),
            _ => {}
        }
    }
}

/// The name as the ecosystem compares it.
fn compared(kind: &str, name: &str) -> String {
    match kind {
        // PEP 503: runs of `-`, `_` and `.` are one hyphen.
        "pypi" => {
            let parts: Vec<_> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
            parts.join("-").to_lowercase()
        }
        "npm" | "github" | "githubactions" | "vscode-extension" | "bitbucket" | "composer" | "docker"
        | "hex" => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|segment| !segment.is_empty()).map(ToOwned::to_owned).collect()
}

/// Everything but letters, digits, `.-_~` and `:` is encoded.
fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = tail else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit(*high)? * 16 + digit(*low)?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> serde::Deserialize<'de> for Purl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(text: &str) -> Purl {
        text.parse().expect("a purl")
    }

    #[test]
    fn a_scope_may_be_encoded_or_not() {
        let (encoded, plain) =
            (purl("pkg:npm/%40ctrl/tinycolor@4.1.1"), purl("pkg:npm/@ctrl/tinycolor@4.1.1"));
        assert_eq!(encoded, plain);
        assert_eq!((encoded.package(), encoded.version()), ("pkg:npm/@ctrl/tinycolor", Some("4.1.1")));
        assert_eq!(purl("pkg:npm/@ctrl/tinycolor").version(), None);
    }

    #[test]
    fn names_are_compared_as_their_ecosystem_does() {
        assert_eq!(purl("pkg:PyPI/Guardrails__AI@1").package(), "pkg:pypi/guardrails-ai");
        assert_eq!(purl("pkg:golang/github.com/Azure/x@v1").package(), "pkg:golang/github.com/Azure/x");
    }

    #[test]
    fn qualifiers_do_not_belong_to_the_version() {
        let purl = purl("pkg:deb/debian/xz-utils@5.6.1%2Breally?arch=amd64#a/b");
        assert_eq!((purl.package(), purl.version()), ("pkg:deb/debian/xz-utils", Some("5.6.1+really")));
        assert_eq!(purl.qualifier("arch").as_deref(), Some("amd64"));
        assert_eq!(purl.qualifier("distro"), None);
    }

    #[test]
    fn a_purl_covers_what_is_as_it_says_and_says_more() {
        for (one, other, covers) in [
            ("pkg:npm/a@1", "pkg:npm/a@1", true),
            ("pkg:npm/a", "pkg:npm/a@1", true),
            ("pkg:npm/a@1", "pkg:npm/a", false),
            ("pkg:npm/a@1", "pkg:npm/a@1.0", false),
            ("pkg:PyPI/Foo_Bar", "pkg:pypi/foo.bar@1", true),
            ("pkg:deb/debian/a@1", "pkg:deb/debian/a@1?arch=amd64&distro=debian-12", true),
            ("pkg:deb/debian/a@1?arch=amd64", "pkg:deb/debian/a@1?arch=amd64&distro=debian-12", true),
            ("pkg:deb/debian/a@1?arch=arm64", "pkg:deb/debian/a@1?arch=amd64", false),
            ("pkg:deb/debian/a?arch=arm64", "pkg:deb/debian/a@1", false),
            ("pkg:golang/x@v1#sub", "pkg:golang/x@v1", false),
        ] {
            assert_eq!(purl(one).covers(&purl(other)), covers, "{one} and {other}");
        }
    }

    #[test]
    fn the_canonical_form_is_that_of_the_specification() {
        for (text, canonical) in [
            ("pkg:npm/@Angular/Animation@12.3.1", "pkg:npm/%40Angular/animation@12.3.1"),
            ("PKG:npm/a", ""),
            ("pkg://GEM/ruby-advisory-db-check@0.12.4", "pkg:gem/ruby-advisory-db-check@0.12.4"),
            ("pkg:PYPI/Django_package@1.11.1.dev1", "pkg:pypi/django-package@1.11.1.dev1"),
            (
                "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?type=zip&classifier=dist",
                "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?classifier=dist&type=zip",
            ),
            (
                "pkg:golang/google.golang.org/genproto@abcdedf#/googleapis/../api/annotations/",
                "pkg:golang/google.golang.org/genproto@abcdedf#googleapis/api/annotations",
            ),
            (
                "pkg:docker/customer/dockerimage@sha256:244fd47e07d1004f0aed9c?repository_url=gcr.io",
                "pkg:docker/customer/dockerimage@sha256:244fd47e07d1004f0aed9c?repository_url=gcr.io",
            ),
            (
                "pkg:rpm/fedora/curl@7.50.3-1.fc25?epoch=1&Arch=i386&distro=",
                "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&epoch=1",
            ),
            ("pkg:GitHub/Package-URL/purl-Spec@244fd47", "pkg:github/package-url/purl-spec@244fd47"),
            (
                "pkg:deb/debian/g++@4:12.2.0-3%2Bb1?arch=amd64",
                "pkg:deb/debian/g%2B%2B@4:12.2.0-3%2Bb1?arch=amd64",
            ),
        ] {
            let found = text.parse::<Purl>().map(|purl| purl.to_string()).unwrap_or_default();
            assert_eq!(found, canonical, "{text}");
        }
    }

    #[test]
    fn a_purl_is_built_from_parts_that_are_not_encoded() {
        let built = Purl::new("npm", Some("@ctrl"), "tinycolor", Some("4.1.1"));
        assert_eq!(built, Ok(purl("pkg:npm/%40ctrl/tinycolor@4.1.1")));
        let built = Purl::new("cargo", None, "a/b c", Some("1+x"));
        assert_eq!(built.as_ref().map(Purl::as_str), Ok("pkg:cargo/a%2Fb%20c@1%2Bx"));
        assert!(Purl::new("cargo", None, "", None).is_err() && Purl::new("", None, "a", None).is_err());
        assert!(Purl::new("cargo", None, &"a".repeat(MAX_LEN), None).is_err());
    }

    #[test]
    fn qualifiers_are_added_sorted_and_encoded() {
        let bare = Purl::new("deb", Some("debian"), "curl", Some("7.88")).expect("a purl");
        let full = bare.qualified([("distro", "debian-12"), ("arch", "amd64"), ("epoch", "")]);
        assert_eq!(
            full.as_ref().map(Purl::as_str),
            Ok("pkg:deb/debian/curl@7.88?arch=amd64&distro=debian-12")
        );
        let url = purl("pkg:cargo/a@1").qualified([("vcs_url", "git+https://h/a?b#c")]).expect("a purl");
        assert_eq!(url.qualifier("vcs_url").as_deref(), Some("git+https://h/a?b#c"));
    }

    #[test]
    fn a_subpath_is_added_without_steps_that_lead_up() {
        let action = Purl::new("githubactions", Some("github"), "codeql-action", Some("v3")).expect("a purl");
        let within = action.clone().within("/a b/../init").expect("a purl");
        assert_eq!(within.as_str(), "pkg:githubactions/github/codeql-action@v3#a%20b/init");
        assert_eq!((within.package(), within.version()), (action.package(), Some("v3")));
        assert_eq!(within.clone().within(""), Ok(action.clone()));
        assert_eq!(within.subpath().as_deref(), Some("a b/init"));
        assert_eq!((action.subpath(), action.full_name().as_str()), (None, "github/codeql-action"));
        assert_eq!(action.unversioned().as_str(), "pkg:githubactions/github/codeql-action");
    }

    #[test]
    fn what_is_no_purl_is_refused() {
        for bad in [
            "",
            "pkg:",
            "pkg:npm",
            "pkg:npm/",
            "npm/a@1",
            "pkg:npm/a@",
            "pkg:npm/%4",
            "pkg:npm/a b",
            "pkg:npm/a//b",
            "pkg:/a",
            "pkg:npm/@1",
            "pkg:npm/%ff",
            "pkg:n&g/a",
            "pkg:npm/a?=b",
            "pkg:npm/a?b=1&b=2",
        ] {
            assert!(bad.parse::<Purl>().is_err(), "{bad}");
        }
    }
}

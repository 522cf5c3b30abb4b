//! An image from a registry: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull>.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use serde::Deserialize;
use ureq::http::{Uri, header};

use crate::challenge::{Challenge, challenge};
use crate::client::{Answer, Client, Redirects, Request};
use crate::digest::Digest;
use crate::docker_config::Credentials;
use crate::error::FetchError;
use crate::job::{ImageAsked, ImageFetched};
use crate::layout::Layout;
use crate::manifest::{Descriptor, MOST_BYTES, Manifest, TYPES};
use crate::origin::{Origin, told};
use crate::secret::Secret;
use crate::transfer::{Bound, Meter};

/// The longest answer that gives out a token, or says what is wrong.
const SHORT: Bound = Bound { bytes: 256 << 10, why: "which is more than such an answer has" };

/// How deep an index may lie in others.
const MOST_INDEXES: usize = 3;

/// After so many failures to speak to the registry the other blobs are not tried.
const MOST_FAILURES: usize = 3;

/// Asks one registry for one repository.
pub(crate) struct Registry<'r, 'm> {
    pub(crate) client: &'r Client,
    pub(crate) asked: &'r ImageAsked,
    pub(crate) credentials: Option<&'r Credentials>,
    /// What is sent with each request, once it is known.
    pub(crate) authorization: Option<Secret>,
    pub(crate) meter: Meter<'m>,
}

/// A manifest that was fetched.
struct Fetched {
    digest: Digest,
    bytes: Vec<u8>,
    manifest: Manifest,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<OneError>,
}

#[derive(Deserialize)]
struct OneError {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl Registry<'_, '_> {
    /// Fetches the image into a folder. A layer that cannot be had is told, and the others are fetched.
    pub(crate) fn pull(mut self, folder: &Path) -> Result<ImageFetched, FetchError> {
        let layout = Layout::create(folder)?;
        let reference = &self.asked.reference;
        let named = reference.digest().or(reference.tag()).unwrap_or("latest").to_owned();
        let top = self.manifest(&named, reference.named_digest())?;
        layout.keep(&top.digest, &top.bytes)?;
        let descriptor = Descriptor {
            media_type: top.manifest.kind().to_owned(),
            digest: top.digest.to_string(),
            size: top.bytes.len() as u64,
            platform: None,
        };
        let (digest, mut image, mut platform) = (top.digest.clone(), top, None);
        for _ in 0..MOST_INDEXES {
            if image.manifest.manifests.is_none() {
                break;
            }
            let chosen =
                image.manifest.choose(&self.asked.platform).map_err(|offered| FetchError::Platform {
                    reference: self.asked.reference.to_string(),
                    platform: self.asked.platform.to_string(),
                    offered,
                })?;
            let wanted = chosen.digest().map_err(|why| self.nonsense(why))?;
            platform = chosen.platform.as_ref().map(ToString::to_string).or(platform);
            image = self.manifest(wanted.as_str(), Some(&wanted))?;
            layout.keep(&image.digest, &image.bytes)?;
        }
        let Some(layers) = image.manifest.layers.take() else {
            return Err(self.nonsense(format!("has more than {MOST_INDEXES} indexes in each other")));
        };
        let missing = self.blobs(&layout, image.manifest.config.into_iter().chain(layers))?;
        layout.finish(descriptor, &self.asked.reference)?;
        Ok(ImageFetched { digest: digest.to_string(), manifest: image.digest.to_string(), platform, missing })
    }

    fn nonsense(&self, why: String) -> FetchError {
        FetchError::nonsense(self.asked.reference.to_string(), why)
    }

    /// A manifest by tag or digest.
    fn manifest(&mut self, named: &str, digest: Option<&Digest>) -> Result<Fetched, FetchError> {
        let answer = self.get(&format!("manifests/{named}"), Some(TYPES))?;
        let what = answer.url.clone();
        let said = answer.header("docker-content-digest").and_then(Digest::parse);
        let bound = Bound { bytes: MOST_BYTES, why: "which is more than a manifest may have" };
        let bytes = self.meter.read(answer, bound)?;
        #[cfg(all(feature = "hostile-reader", target_os = "linux"))]
        if let Some(told) = crate::hostile::read(&bytes) {
            return Err(FetchError::nonsense("hostile reader", told));
        }
        let expected = digest.or(said.as_ref());
        let got = expected.map_or_else(
            || Digest::of(&bytes),
            |expected| {
                let mut hasher = expected.hasher();
                hasher.update(&bytes);
                hasher.finish()
            },
        );
        if let Some(expected) = expected.filter(|expected| **expected != got) {
            let (got, expected) = (got.to_string(), expected.to_string());
            return Err(FetchError::Digest { what, got, expected });
        }
        let manifest = Manifest::parse(&bytes).map_err(|why| FetchError::nonsense(what, why))?;
        Ok(Fetched { digest: got, bytes, manifest })
    }

    /// Each blob once. What cannot be had is told by its digest.
    fn blobs(
        &mut self,
        layout: &Layout<'_>,
        blobs: impl Iterator<Item = Descriptor>,
    ) -> Result<Vec<(String, String)>, FetchError> {
        let (mut seen, mut all, mut missing, mut failures) = (BTreeSet::new(), Vec::new(), Vec::new(), 0);
        for blob in blobs {
            let digest = blob.digest().map_err(|why| self.nonsense(why))?;
            if seen.insert(digest.clone()) {
                all.push((digest, blob.size));
            }
        }
        let sum = all.iter().fold(0_u64, |sum, (_, size)| sum.saturating_add(*size));
        if sum > self.meter.left() {
            return Err(FetchError::TooLong {
                what: format!("{}, with {sum} bytes in {} blobs", self.asked.reference, all.len()),
                most: self.meter.most(),
                why: crate::error::MOST_BYTES,
            });
        }
        for (digest, size) in all {
            let failed = match self.blob(layout, &digest, size) {
                Ok(()) => continue,
                Err(error @ (FetchError::File { .. } | FetchError::Unheard)) => return Err(error),
                Err(error) => error,
            };
            if matches!(failed, FetchError::Connection { .. } | FetchError::Slow { .. }) {
                failures += 1;
            }
            if failures == MOST_FAILURES {
                return Err(failed);
            }
            missing.push((digest.to_string(), failed.to_string()));
        }
        Ok(missing)
    }

    fn blob(&mut self, layout: &Layout<'_>, digest: &Digest, size: u64) -> Result<(), FetchError> {
        let answer = self.get(&format!("blobs/{digest}"), None)?;
        let what = answer.url.clone();
        let mut blob = layout.blob(digest)?;
        let bound = Bound { bytes: size, why: "which is what its manifest says" };
        let got = self.meter.copy(answer, bound, &mut |bytes| blob.write(bytes))?;
        if got != size {
            return Err(FetchError::Cut { what, got, expected: size });
        }
        blob.finish(&what)
    }

    /// Asks, and meets the registry's challenge: at first, and again when a token has run out.
    fn get(&mut self, path: &str, accept: Option<&str>) -> Result<Answer, FetchError> {
        let url = format!("{}/v2/{}/{path}", self.client.home(), self.asked.reference.repository());
        let mut answer = self.ask(&url, accept)?;
        if answer.status == 401 {
            self.authorize(&answer)?;
            answer = self.ask(&url, accept)?;
        }
        match answer.status {
            200 => Ok(answer),
            401 | 403 => {
                let why = match (self.credentials, self.said(answer)) {
                    (Some(_), said) => {
                        format!("it does not take those it was given{}", said.unwrap_or_default())
                    }
                    (None, said) => format!("it was given none{}", said.unwrap_or_default()),
                };
                Err(FetchError::Credentials { registry: self.asked.reference.registry().to_owned(), why })
            }
            status => {
                let url = answer.url.clone();
                let said = self.said(answer).map(|said| said.trim_start_matches([':', ' ']).to_owned());
                Err(FetchError::Status { url, status, said })
            }
        }
    }

    fn ask(&self, url: &str, accept: Option<&str>) -> Result<Answer, FetchError> {
        let headers: Vec<_> = accept.map(|types| (header::ACCEPT, types)).into_iter().collect();
        let authorization = self.authorization.as_ref();
        self.client.get(Request { url, headers: &headers, authorization, redirects: Redirects::Followed })
    }

    /// What the registry says is wrong, to be put behind a sentence.
    fn said(&mut self, answer: Answer) -> Option<String> {
        let bytes = self.meter.read(answer, SHORT).ok()?;
        let errors: Errors = serde_json::from_slice(&bytes).ok()?;
        let first = errors.errors.into_iter().next()?;
        Some(format!(": {} {}", first.code, first.message).chars().take(200).collect())
    }

    fn authorize(&mut self, answer: &Answer) -> Result<(), FetchError> {
        let registry = self.asked.reference.registry().to_owned();
        let refused = |why: String| FetchError::Credentials { registry: registry.clone(), why };
        let headers = answer.headers.get_all(header::WWW_AUTHENTICATE).into_iter();
        let wanted = challenge(headers.filter_map(|header| header.to_str().ok()));
        match (wanted, self.credentials) {
            (None, _) => {
                Err(refused("it asks for them in a way that is not known: expected Basic or Bearer".into()))
            }
            (Some(Challenge::Basic), None) => Err(refused("it was given none".into())),
            // Sent to the registry only: a redirect to another origin loses them.
            (Some(Challenge::Basic), Some(credentials)) => {
                self.authorization = Some(credentials.basic.clone());
                Ok(())
            }
            (Some(Challenge::Bearer { realm, service }), credentials) => {
                let uri: Uri =
                    realm.parse().map_err(|_| refused(format!("its realm {realm:?} is no URL")))?;
                let origin =
                    Origin::of(&uri).map_err(|why| refused(format!("its realm is {}, {why}", told(&uri))))?;
                let home = self.client.home();
                if origin.scheme != home.scheme {
                    return Err(refused(format!("its tokens are given out by {origin}, by another scheme")));
                }
                if credentials.is_some() && !may_know(home, &origin) {
                    let why = format!(
                        "its tokens are given out by {origin}, which is not told the credentials for {registry}"
                    );
                    return Err(refused(why));
                }
                let secret = credentials.map(|credentials| &credentials.basic);
                self.authorization = Some(self.token(&uri, service.as_deref(), secret)?);
                Ok(())
            }
        }
    }

    /// A token to read this repository, and for nothing else that the challenge may name.
    fn token(
        &mut self,
        realm: &Uri,
        service: Option<&str>,
        secret: Option<&Secret>,
    ) -> Result<Secret, FetchError> {
        let scope = format!("repository:{}:pull", self.asked.reference.repository());
        let mut url = realm.to_string();
        url.push(if realm.query().is_some() { '&' } else { '?' });
        if let Some(service) = service {
            let _ = write!(url, "service={}&", escaped(service));
        }
        let _ = write!(url, "scope={}", escaped(&scope));
        let request =
            Request { url: &url, headers: &[], authorization: secret, redirects: Redirects::Refused };
        let answer = self.client.get(request)?;
        let (status, what) = (answer.status, answer.url.clone());
        if status != 200 {
            let registry = self.asked.reference.registry().to_owned();
            let why = format!("{what} gives out no token: it answers {status}");
            return Err(FetchError::Credentials { registry, why });
        }
        let bytes = self.meter.read(answer, SHORT)?;
        // The error of a parser may hold what was parsed.
        let token: Option<Token> = serde_json::from_slice(&bytes).ok();
        let token = token.and_then(|token| token.token.or(token.access_token));
        let is_plain =
            |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        match token.filter(is_plain) {
            Some(token) => Ok(Secret::new(format!("Bearer {token}"))),
            None => Err(FetchError::nonsense(what, "holds no token: expected JSON with `token`")),
        }
    }
}

/// Whether the service that gives out a registry's tokens may be told the credentials for it: it is the same host, or one
/// above it, whose owner owns the registry's name too; and Docker's.
fn may_know(registry: &Origin, realm: &Origin) -> bool {
    let (registry, realm) = (registry.host.as_str(), realm.host.as_str());
    let is_address = |host: &str| host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    let is_above = |realm: &str| {
        realm.contains('.') && registry.strip_suffix(realm).is_some_and(|below| below.ends_with('.'))
    };
    registry == realm
        || (registry, realm) == ("registry-1.docker.io", "auth.docker.io")
        || (!is_address(registry) && is_above(realm))
}

/// A value in a query, RFC 3986.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_for_the_registry_and_who_stands_above_it() {
        let origin =
            |host: &str| Origin::of(&format!("https://{host}/").parse().expect("a URL")).expect("an origin");
        for (registry, realm, may) in [
            ("ghcr.io", "ghcr.io", true),
            ("localhost:5000", "localhost:5001", true),
            ("registry-1.docker.io", "auth.docker.io", true),
            ("registry.gitlab.com", "gitlab.com", true),
            ("gitlab.com", "registry.gitlab.com", false),
            ("ghcr.io", "evil.example", false),
            ("registry-1.docker.io", "auth.docker.io.evil.example", false),
            ("mygitlab.com", "gitlab.com", false),
            ("registry.com", "com", false),
            ("10.1.2.3", "2.3", false),
            ("auth.docker.io", "registry-1.docker.io", false),
        ] {
            assert_eq!(may_know(&origin(registry), &origin(realm)), may, "{registry} {realm}");
        }
    }
}

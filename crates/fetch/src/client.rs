//! One request, and where its answer may come from.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderValue, Uri, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Proxy};

use crate::address::is_public;
use crate::error::FetchError;
use crate::origin::{Origin, told};
use crate::secret::Secret;

/// How long a host may take to be found and reached.
const CONNECTING: Duration = Duration::from_secs(20);

/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 5;

/// The longest headers of an answer.
const HEADER_BYTES: usize = 64 << 10;

/// How the network is reached, as it was read.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) roots: Arc<Vec<Certificate<'static>>>,
    pub(crate) proxy: Option<Proxy>,
    /// The ports that may be asked.
    pub(crate) ports: Vec<u16>,
    /// The ports that are connected to: those, or that of the proxy.
    pub(crate) connects: Vec<u16>,
}

/// Asks the hosts of one origin, and those that it sends on to.
pub(crate) struct Client {
    agent: Agent,
    home: Origin,
    ports: Vec<u16>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'r> {
    pub(crate) url: &'r str,
    /// Further headers.
    pub(crate) headers: &'r [(header::HeaderName, &'r str)],
    /// Sent to the host of the URL, and to no other that it sends on to.
    pub(crate) authorization: Option<&'r Secret>,
    pub(crate) redirects: Redirects,
}

/// Whether redirects are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redirects {
    Followed,
    Refused,
}

/// An answer whose body has not been read.
pub(crate) struct Answer {
    /// Where it is from, as it is told.
    pub(crate) url: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

impl Client {
    /// Asks `home` and those that it sends on to.
    pub(crate) fn new(way: &Way, home: Origin) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::clone(&way.roots)))
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(way.proxy.clone())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("floodmark/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .max_response_header_size(HEADER_BYTES)
            .timeout_resolve(Some(CONNECTING))
            .timeout_connect(Some(CONNECTING))
            .timeout_send_request(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .build();
        let near = way.proxy.as_ref().map_or_else(|| home.host.clone(), |proxy| proxy.host().to_owned());
        let resolver =
            Guarded { home: near, home_is_near: AtomicBool::new(false), names: DefaultResolver::default() };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Self { agent, home, ports: way.ports.clone() }
    }

    /// Where it asks first.
    pub(crate) fn home(&self) -> &Origin {
        &self.home
    }

    /// Asks. Any status is an answer, but for a redirect that is not followed.
    pub(crate) fn get(&self, request: Request<'_>) -> Result<Answer, FetchError> {
        let mut uri: Uri =
            request.url.parse().map_err(|_| FetchError::Asked(format!("{}: is no URL", request.url)))?;
        let first =
            self.allowed(&uri).map_err(|why| FetchError::Asked(format!("{}: is a URL {why}", told(&uri))))?;
        let mut authorization = request.authorization;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.one(&uri, request.headers, authorization)?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let location = answer.headers.get(header::LOCATION).map(HeaderValue::as_bytes);
            let location = String::from_utf8_lossy(location.unwrap_or_default()).into_owned();
            let refused = |why: &str| FetchError::Elsewhere {
                from: told(&uri),
                to: location.split(['?', '#']).next().unwrap_or_default().chars().take(300).collect(),
                why: why.to_owned(),
            };
            if request.redirects == Redirects::Refused {
                return Err(refused("where nothing else may answer"));
            }
            let next = joined(&uri, &location).ok_or_else(|| refused("which is no address"))?;
            if next.scheme() != uri.scheme() {
                return Err(refused("by another scheme"));
            }
            let origin = self.allowed(&next).map_err(refused)?;
            if origin != first {
                authorization = None;
            }
            uri = next;
        }
        Err(FetchError::Elsewhere {
            from: request.url.to_owned(),
            to: told(&uri),
            why: format!("after {MOST_REDIRECTS} others"),
        })
    }

    /// The origin of a URL, if it may be asked.
    fn allowed(&self, uri: &Uri) -> Result<Origin, &'static str> {
        let origin = Origin::of(uri)?;
        if self.ports.contains(&origin.port) { Ok(origin) } else { Err("on a port that is not connected to") }
    }

    fn one(
        &self,
        uri: &Uri,
        headers: &[(header::HeaderName, &str)],
        authorization: Option<&Secret>,
    ) -> Result<Answer, FetchError> {
        let mut asked = self.agent.get(uri);
        for (name, value) in headers {
            asked = asked.header(name, *value);
        }
        if let Some(secret) = authorization {
            asked = asked.header(header::AUTHORIZATION, secret.reveal());
        }
        let answer = asked.call().map_err(|error| FetchError::Connection {
            host: uri.authority().map(ToString::to_string).unwrap_or_default(),
            why: why(&error),
        })?;
        let (parts, body) = answer.into_parts();
        Ok(Answer { url: told(uri), status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

impl Answer {
    /// A header, if it is there once and is text.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        let mut all = self.headers.get_all(name).into_iter();
        let value = all.next()?.to_str().ok()?;
        all.next().is_none().then_some(value)
    }
}

/// What went wrong, without the URL.
fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::HostNotFound => "no such host".into(),
        ureq::Error::ConnectionFailed => "no connection".into(),
        ureq::Error::Timeout(_) => "it did not answer in time".into(),
        error => error.to_string(),
    }
}

/// The address that a `Location` means: a URL, or a path on the same host.
fn joined(from: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next().unwrap_or_default();
    if location.starts_with('/') && !location.starts_with("//") {
        let (scheme, authority) = (from.scheme_str()?, from.authority()?);
        return format!("{scheme}://{authority}{location}").parse().ok();
    }
    location.parse().ok().filter(|uri: &Uri| uri.scheme().is_some() && uri.authority().is_some())
}

/// Finds the addresses of hosts. From a host of the internet nothing leads into the network that we are in.
#[derive(Debug)]
struct Guarded {
    home: String,
    home_is_near: AtomicBool,
    names: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let is_near = |address: IpAddr| !is_public(address);
        if uri.host().is_some_and(|host| host.eq_ignore_ascii_case(&self.home)) {
            self.home_is_near.store(found.iter().any(|one| is_near(one.ip())), Ordering::Relaxed);
            return Ok(found);
        }
        if self.home_is_near.load(Ordering::Relaxed) {
            return Ok(found);
        }
        let mut public = self.empty();
        found.iter().filter(|one| !is_near(one.ip())).for_each(|one| public.push(*one));
        if public.is_empty() {
            let why = "it lies in a private network, to which nothing of the internet may send";
            return Err(ureq::Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, why)));
        }
        Ok(public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The addresses of a URL, if it may be asked by somebody whose home has been asked before.
    fn found(guarded: &Guarded, url: &str) -> Result<usize, String> {
        let uri = url.parse().expect("a URL");
        let timeout = NextTimeout::default();
        let found = guarded.resolve(&uri, &ureq::config::Config::default(), timeout);
        found.map(|found| found.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn from_a_host_of_the_internet_nothing_leads_to_a_private_address() {
        let guarded = |home: &str| Guarded {
            home: home.to_owned(),
            home_is_near: AtomicBool::new(false),
            names: DefaultResolver::default(),
        };
        let far = guarded("1.1.1.1");
        assert_eq!(found(&far, "https://1.1.1.1/"), Ok(1));
        assert_eq!(found(&far, "https://8.8.8.8/"), Ok(1));
        for near in ["http://127.0.0.1/", "http://169.254.169.254/", "https://10.0.0.1/", "https://[::1]/"] {
            let error = found(&far, near).expect_err(near);
            assert!(error.contains("lies in a private network"), "{error}");
        }
        let near = guarded("127.0.0.1");
        assert_eq!(found(&near, "http://127.0.0.1/"), Ok(1));
        assert_eq!(found(&near, "http://10.0.0.1/"), Ok(1), "whoever is near may send to others that are");
    }

    #[test]
    fn a_location_is_joined_to_where_it_is_from() {
        let from: Uri = "https://a.example:8443/v2/x?y=z".parse().expect("a URL");
        for (location, joined_) in [
            ("/b?c=d", Some("https://a.example:8443/b?c=d")),
            ("https://b.example/c#d", Some("https://b.example/c")),
            ("//b.example/c", None),
            ("b/c", None),
            ("", None),
        ] {
            assert_eq!(joined(&from, location).map(|uri| uri.to_string()).as_deref(), joined_, "{location}");
        }
    }
}

//! Where something is asked for: scheme, host and port.

use std::fmt;

use ureq::http::Uri;

/// A scheme that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Without encryption, and so without anybody to trust.
    Http,
    /// With a certificate.
    Https,
}

/// Scheme, host and port; what comes from one is trusted by nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) scheme: Scheme,
    /// In lower case; an address of IPv6 in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Scheme {
    pub(crate) const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Origin {
    /// The origin of a URL: `http` or `https`, with a host and without a user.
    pub(crate) fn of(uri: &Uri) -> Result<Self, &'static str> {
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            _ => return Err("which is neither http nor https"),
        };
        let authority = uri.authority().ok_or("which names no host")?;
        if authority.as_str().contains('@') {
            return Err("which holds credentials");
        }
        let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
        if host.is_empty() {
            return Err("which names no host");
        }
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => scheme.port(),
            _ => authority.port_u16().ok_or("whose port is none")?,
        };
        Ok(Self { scheme, host, port })
    }

    /// Whether the host is this machine, by its name.
    pub(crate) fn is_loopback(host: &str) -> bool {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == self.scheme.port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// A URL as it is told: without what may be a signature.
pub(crate) fn told(uri: &Uri) -> String {
    let text = uri.to_string();
    text.split(['?', '#']).next().unwrap_or_default().chars().take(300).collect()
}

//! What shows in logs and on disks: addresses, host names, URLs, hashes; and who says that they are bad.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What malice shows: an address that it calls, the hash of a file, a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Observable {
    /// What it is.
    pub kind: ObservableKind,
    /// The value.
    pub value: Box<str>,
}

/// What an observable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ObservableKind {
    /// A host name.
    Domain,
    /// An address of mail.
    Email,
    /// The name of a file.
    FileName,
    /// The MD5, SHA-1, SHA-256 or SHA-512 of a file, in hexadecimal digits.
    Hash,
    /// An IP address.
    Ip,
    /// A range of IP addresses, `198.51.100.0/24`.
    Network,
    /// A text in files.
    Text,
    /// A URL.
    Url,
}

impl ObservableKind {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Email => "email",
            Self::FileName => "file-name",
            Self::Hash => "hash",
            Self::Ip => "ip",
            Self::Network => "network",
            Self::Text => "text",
            Self::Url => "url",
        }
    }
}

impl fmt::Display for ObservableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// That a source names an observable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Mention {
    /// The name of the source.
    pub source: String,
    /// Its id there: of an indicator of STIX, an attribute of MISP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The advisory of a malicious package that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<String>,
    /// What it is about: the indicator's name, the event's, or the advisory's summary.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// From when on it counts, as the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// Up to when it counts, as the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// Whether the source calls it bad only together with something else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_with_others: bool,
}

impl Observable {
    /// The observable as it is compared: defanged values (`hxxp`, `[.]`) made whole, case gone where it means nothing. `None`
    /// where the value is none of its kind.
    pub fn new(kind: ObservableKind, value: &str) -> Option<Self> {
        let value = value.trim().replace("[.]", ".").replace("[:]", ":");
        let value = match kind {
            ObservableKind::Ip => value.parse::<IpAddr>().ok()?.to_string(),
            ObservableKind::Network => network(&value)?,
            ObservableKind::Hash => hash(&value)?,
            ObservableKind::Domain => domain(&value)?,
            ObservableKind::Url => url(&value)?,
            ObservableKind::Email => Some(value).filter(|value| value.contains('@'))?.to_lowercase(),
            ObservableKind::FileName | ObservableKind::Text => value,
        };
        let right = (1..=Self::AT_MOST).contains(&value.len()) && !value.contains(char::is_control);
        right.then(|| Self { kind, value: value.into() })
    }

    /// The longest value, in bytes.
    pub const AT_MOST: usize = 4096;

    /// What also answers for it: of a host name its parents, of an address the ranges that hold it, of a URL its host with
    /// these.
    pub fn wider(&self) -> Vec<Self> {
        match self.kind {
            ObservableKind::Domain => parents(&self.value),
            ObservableKind::Ip => self.value.parse().map(networks).unwrap_or_default(),
            ObservableKind::Url => {
                self.host().into_iter().flat_map(|host| [vec![host.clone()], host.wider()].concat()).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Observable {
    /// The host of a URL.
    fn host(&self) -> Option<Self> {
        let (_, rest) = self.value.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit('@').next()?;
        if let Some((address, _)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            return Self::new(ObservableKind::Ip, address);
        }
        let host = host.split(':').next()?;
        Self::new(ObservableKind::Ip, host).or_else(|| Self::new(ObservableKind::Domain, host))
    }
}

fn hash(value: &str) -> Option<String> {
    let right =
        matches!(value.len(), 32 | 40 | 64 | 128) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| value.to_ascii_lowercase())
}

fn domain(value: &str) -> Option<String> {
    let value = value.trim_end_matches('.').to_lowercase();
    let right =
        value.contains('.') && value.len() < 254 && !value.contains(|c: char| c.is_whitespace() || c == '/');
    right.then_some(value)
}

/// With scheme and host in lower case, and without a slash at the end.
fn url(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase().replace("hxxp", "http");
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if host.is_empty() {
        return None;
    }
    Some(format!("{scheme}://{}{}", host.to_lowercase(), path).trim_end_matches('/').to_owned())
}

fn network(value: &str) -> Option<String> {
    let (address, prefix) = value.split_once('/')?;
    let (address, prefix): (IpAddr, u8) = (address.parse().ok()?, prefix.parse().ok()?);
    masked(address, prefix)
}

/// The range of an address by the length of its prefix.
fn masked(address: IpAddr, prefix: u8) -> Option<String> {
    let mask = |bits: u32, width: u32| -> Option<u128> {
        let host = width.checked_sub(bits)?;
        Some(if host >= 128 { 0 } else { (u128::MAX >> (128 - width)) >> host << host })
    };
    match address {
        IpAddr::V4(address) => {
            let masked = u128::from(u32::from(address)) & mask(prefix.into(), 32)?;
            Some(format!("{}/{prefix}", std::net::Ipv4Addr::from(u32::try_from(masked).ok()?)))
        }
        IpAddr::V6(address) => {
            let masked = u128::from(address) & mask(prefix.into(), 128)?;
            Some(format!("{}/{prefix}", std::net::Ipv6Addr::from(masked)))
        }
    }
}

fn networks(address: IpAddr) -> Vec<Observable> {
    let width = if address.is_ipv4() { 32 } else { 128 };
    let all = (0..=width).rev().filter_map(|prefix| masked(address, prefix));
    all.map(|value| Observable { kind: ObservableKind::Network, value: value.into() }).collect()
}

fn parents(host: &str) -> Vec<Observable> {
    let dots = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
    dots.filter(|parent| parent.contains('.'))
        .map(|parent| Observable { kind: ObservableKind::Domain, value: parent.into() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_they_mean() {
        for (kind, one, other) in [
            (ObservableKind::Url, "hxxps://Bad[.]Example/A/", "https://bad.example/A"),
            (ObservableKind::Domain, "Bad.Example.", "bad.example"),
            (ObservableKind::Ip, "2001:DB8:0::1", "2001:db8::1"),
            (ObservableKind::Network, "198.51.100.77/24", "198.51.100.0/24"),
            (ObservableKind::Hash, &"AB".repeat(32), &"ab".repeat(32)),
        ] {
            assert_eq!(Observable::new(kind, one), Observable::new(kind, other), "{one}");
            assert!(Observable::new(kind, one).is_some(), "{one}");
        }
        assert_ne!(
            Observable::new(ObservableKind::Url, "https://a.example/A"),
            Observable::new(ObservableKind::Url, "https://a.example/a")
        );
    }

    #[test]
    fn what_is_none_of_its_kind_is_refused() {
        for (kind, value) in [
            (ObservableKind::Ip, "198.51.100"),
            (ObservableKind::Network, "198.51.100.0/33"),
            (ObservableKind::Network, "2001:db8::/129"),
            (ObservableKind::Hash, "abc"),
            (ObservableKind::Domain, "localhost"),
            (ObservableKind::Url, "no url"),
            (ObservableKind::Url, "http:///"),
            (ObservableKind::Text, ""),
        ] {
            assert_eq!(Observable::new(kind, value), None, "{value}");
        }
    }

    #[test]
    fn a_host_has_parents_and_an_address_has_networks() {
        let values = |kind, value| -> Vec<String> {
            let one: Observable = Observable::new(kind, value).expect("one");
            one.wider().into_iter().map(|one| one.value.into()).collect()
        };
        assert_eq!(values(ObservableKind::Domain, "a.b.example.org"), ["b.example.org", "example.org"]);
        assert_eq!(
            values(ObservableKind::Url, "https://me@a.example.org:8/x"),
            ["a.example.org", "example.org"]
        );
        assert_eq!(values(ObservableKind::Url, "http://[2001:db8::1]:8/x").len(), 130);
        let networks = values(ObservableKind::Ip, "198.51.100.7");
        assert_eq!(
            (networks.len(), networks[8].as_str(), networks[32].as_str()),
            (33, "198.51.100.0/24", "0.0.0.0/0")
        );
        let networks = values(ObservableKind::Ip, "2001:db8::1");
        assert_eq!(
            (networks.len(), networks[96].as_str(), networks[128].as_str()),
            (129, "2001:db8::/32", "::/0")
        );
    }
}

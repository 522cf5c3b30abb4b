//! Patterns of STIX for what shows.

use crate::observable::{Observable, ObservableKind};

/// The pattern for an observable; none for a text, which STIX cannot look for in general.
pub(super) fn pattern(observable: &Observable) -> Option<String> {
    let value = quoted(&observable.value);
    let path = match observable.kind {
        ObservableKind::Domain => "domain-name:value",
        ObservableKind::Email => "email-addr:value",
        ObservableKind::FileName => "file:name",
        ObservableKind::Url => "url:value",
        ObservableKind::Ip | ObservableKind::Network if observable.value.contains(':') => "ipv6-addr:value",
        ObservableKind::Ip | ObservableKind::Network => "ipv4-addr:value",
        ObservableKind::Hash => return hashes([&*observable.value]),
        ObservableKind::Text => return None,
    };
    Some(format!("[{path} = {value}]"))
}

/// The pattern for a file of which one of these hashes is known.
pub(super) fn hashes<'h>(hashes: impl IntoIterator<Item = &'h str>) -> Option<String> {
    let compared: Vec<String> = hashes
        .into_iter()
        .filter_map(|hash| {
            let name = match hash.len() {
                32 => "MD5",
                40 => "'SHA-1'",
                64 => "'SHA-256'",
                128 => "'SHA-512'",
                _ => return None,
            };
            Some(format!("file:hashes.{name} = {}", quoted(hash)))
        })
        .collect();
    (!compared.is_empty()).then(|| format!("[{}]", compared.join(" OR ")))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

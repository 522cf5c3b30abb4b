//! What an advisory is about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an advisory is about, and so what to do where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Worth knowing, and no flaw: unmaintained, unsound, a repair or enhancement that a distribution announces.
    Notice,
    /// A flaw: take the fixed version.
    Vulnerability,
    /// The package was made or taken over to do harm: stop, and treat what it could reach as lost.
    Malicious,
}

impl Class {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Vulnerability => "vulnerability",
            Self::Malicious => "malicious",
        }
    }
}

/// Prefixes of ids under which distributions announce repairs (`bugfix`) and enhancements.
const ANNOUNCEMENTS: [(&str, &str); 8] = [
    ("ALBA-", "bugfix"),
    ("ALEA-", "enhancement"),
    ("RHBA-", "bugfix"),
    ("RHEA-", "enhancement"),
    ("RLBA-", "bugfix"),
    ("RLEA-", "enhancement"),
    ("SUSE-RU-", "bugfix"),
    ("openSUSE-RU-", "bugfix"),
];

/// Prefix of the ids of github.com/ossf/malicious-packages.
pub(super) const MALICIOUS: &str = "MAL-";

/// What an announcement of a distribution is about, told by its id; `None` for all other ids.
pub(super) fn announcement(id: &str) -> Option<&'static str> {
    ANNOUNCEMENTS.iter().find(|(prefix, _)| id.starts_with(prefix)).map(|(_, about)| *about)
}

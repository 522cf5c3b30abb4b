//! What a rule says about itself.

use std::fmt;
use std::sync::Arc;

/// The place of a rule in its [`super::RuleSet`]; detection rules and correlations share the numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(pub(super) u32);

impl RuleIndex {
    /// The index as a number, from 0 without gaps.
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

/// How critical a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Enrichment only.
    Informational,
    /// Notable, rarely an incident.
    Low,
    /// To be reviewed.
    Medium,
    /// To be reviewed promptly.
    High,
    /// Indicates an incident.
    Critical,
}

impl Level {
    /// All, rising.
    pub(super) const ALL: [Self; 5] =
        [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word of the specification.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How mature a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// May be used in production.
    Stable,
    /// Mostly stable.
    Test,
    /// May be noisy.
    Experimental,
    /// Replaced by another rule.
    Deprecated,
    /// Can't be used as it stands.
    Unsupported,
}

impl Status {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::Stable, Self::Test, Self::Experimental, Self::Deprecated, Self::Unsupported];

    /// The word of the specification.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Test => "test",
            Self::Experimental => "experimental",
            Self::Deprecated => "deprecated",
            Self::Unsupported => "unsupported",
        }
    }
}

/// Where a rule stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, as the caller named it.
    pub file: Arc<str>,
    /// The line at which the rule's document begins, or nearer where that is known; from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// The logs a rule is meant for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSource {
    /// Such as `process_creation`.
    pub category: Option<String>,
    /// Such as `aws`.
    pub product: Option<String>,
    /// Such as `cloudtrail`.
    pub service: Option<String>,
}

impl LogSource {
    /// The log source of `CloudTrail`.
    pub fn cloudtrail() -> Self {
        Self { category: None, product: Some("aws".to_owned()), service: Some("cloudtrail".to_owned()) }
    }

    /// Whether a rule for `self` is to be asked on events of `events`.
    ///
    /// What the rule leaves open fits; a category counts only where the rule names no product, since the
    /// events of one product may be of many categories.
    pub fn fits(&self, events: &Self) -> bool {
        let open_or_same = |rule: &Option<String>, events: &Option<String>| match (rule, events) {
            (Some(rule), Some(events)) => rule.eq_ignore_ascii_case(events),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let service_open = events.service.is_none() || open_or_same(&self.service, &events.service);
        let category_counts = self.product.is_none() || events.category.is_some();
        open_or_same(&self.product, &events.product)
            && service_open
            && (!category_counts || open_or_same(&self.category, &events.category))
    }
}

/// What a rule says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// The rule's id, usually a UUID.
    pub id: Option<String>,
    /// The name by which correlations may refer to it.
    pub name: Option<String>,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// The level, where one is given that the specification knows.
    pub level: Option<Level>,
    /// The status, where one is given that the specification knows.
    pub status: Option<Status>,
    /// All tags, as written.
    pub tags: Vec<String>,
    /// ATT&CK techniques from the tags, such as `T1078.004`; sorted.
    pub techniques: Vec<String>,
    /// ATT&CK tactics from the tags, such as `initial-access`; sorted.
    pub tactics: Vec<String>,
    /// References.
    pub references: Vec<String>,
    /// Known false positives.
    pub falsepositives: Vec<String>,
    /// What to do next: the `advice` below our own custom field `floodmark`.
    pub advice: Option<String>,
    /// The author.
    pub author: Option<String>,
    /// The licence, an SPDX expression.
    pub license: Option<String>,
    /// The logs the rule is meant for.
    pub logsource: LogSource,
    /// Where the rule stands.
    pub place: Place,
}

/// The ATT&CK techniques (`attack.t1078.004` is `T1078.004`) and tactics (`attack.initial_access` is
/// `initial-access`) among the tags; groups and software (`attack.g0007`, `attack.s0002`) are neither.
pub(super) fn attack_tags(tags: &[String]) -> (Vec<String>, Vec<String>) {
    let mut techniques = Vec::new();
    let mut tactics = Vec::new();
    for tag in tags {
        let lower = tag.to_ascii_lowercase();
        let Some(name) = lower.strip_prefix("attack.") else { continue };
        let numbered = |prefix: char| {
            name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()))
        };
        if numbered('t') {
            techniques.push(name.to_ascii_uppercase());
        } else if !numbered('g') && !numbered('s') && !name.is_empty() {
            tactics.push(name.replace('_', "-"));
        }
    }
    for list in [&mut techniques, &mut tactics] {
        list.sort();
        list.dedup();
    }
    (techniques, tactics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_apart_into_techniques_and_tactics() {
        let tags =
            ["attack.t1078.004", "attack.initial_access", "attack.g0007", "cve.2024-1", "attack.T1078"];
        let (techniques, tactics) = attack_tags(&tags.map(str::to_owned));
        assert_eq!(techniques, ["T1078", "T1078.004"]);
        assert_eq!(tactics, ["initial-access"]);
    }

    #[test]
    fn a_rule_fits_logs_that_are_at_least_as_narrow() {
        let source = |category: Option<&str>, product: Option<&str>, service: Option<&str>| LogSource {
            category: category.map(str::to_owned),
            product: product.map(str::to_owned),
            service: service.map(str::to_owned),
        };
        let trail = LogSource::cloudtrail();
        assert!(source(None, Some("aws"), Some("cloudtrail")).fits(&trail));
        assert!(source(None, Some("aws"), None).fits(&trail));
        assert!(source(None, None, None).fits(&trail));
        assert!(!source(None, Some("windows"), None).fits(&trail));
        assert!(!source(None, Some("aws"), Some("route53")).fits(&trail));
        assert!(!source(Some("process_creation"), None, None).fits(&trail));
    }
}

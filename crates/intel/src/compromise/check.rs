//! What the types alone do not hold: sources that exist, bounds in order, conflicts with two sides.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::artifact::{Artifact, Identifier};
use super::incident::{Citation, Compromise};
use super::indicator::{Host, Indicator, IndicatorKind, Match, Network, Repository};
use super::text::Key;
use super::window::{Bound, Window};

/// The path of a value from the root of its file.
type Path = Vec<String>;

/// Everything that is wrong with an incident: where, and what was expected.
pub(crate) fn problems(compromise: &Compromise) -> Vec<(Path, String)> {
    let mut check = Check {
        compromise,
        path: Vec::new(),
        found: Vec::new(),
        sides: BTreeMap::new(),
        cited: BTreeSet::new(),
    };
    check.all();
    check.found
}

struct Check<'a> {
    compromise: &'a Compromise,
    path: Path,
    found: Vec<(Path, String)>,
    /// How many sides each conflict has.
    sides: BTreeMap<&'a Key, usize>,
    cited: BTreeSet<&'a Key>,
}

impl<'a> Check<'a> {
    fn all(&mut self) {
        let compromise = self.compromise;
        self.text("name", &compromise.name);
        self.text("summary", &compromise.summary);
        self.each("aliases", &compromise.aliases, |check, alias| check.citations(&alias.sources));
        self.each("actors", &compromise.actors, |check, actor| check.citations(&actor.sources));
        self.each("advisories", &compromise.advisories, |check, advisory| check.citations(&advisory.sources));
        for (key, conflict) in &compromise.conflicts {
            let sides = conflict.sides.len();
            *self.sides.entry(key).or_default() += sides;
            self.under(&["conflicts", key.as_str()], |check| {
                check.each("sides", &conflict.sides, |check, side| check.citations(&side.sources));
            });
        }
        self.artifacts();
        self.each("nesting", &compromise.nestings, |check, nesting| {
            check.citations(&nesting.sources);
            check.bounds(nesting.from, nesting.until);
        });
        self.each("theft", &compromise.thefts, |check, theft| {
            check.citations(&theft.sources);
            for key in &theft.artifacts {
                if !check.compromise.artifacts.iter().any(|artifact| artifact.id == *key) {
                    check.complain(&["artifacts"], format!("`{key}` is not an artifact of this file"));
                }
            }
        });
        self.each("fact", &compromise.facts, |check, fact| {
            check.citations(&fact.sources);
            check.side(fact.conflict.as_ref());
        });
        self.section("network", Network::KEYS, &compromise.network.lists());
        self.section("host", Host::KEYS, &compromise.host.lists());
        self.section("repository", Repository::KEYS, &compromise.repository.lists());
        self.conflicts();
        self.sources();
    }

    fn artifacts(&mut self) {
        let mut ids = BTreeSet::new();
        self.each("artifact", &self.compromise.artifacts, |check, artifact| {
            if !ids.insert(&artifact.id) {
                check.complain(
                    &["id"],
                    format!("`{}` is the id of two artifacts: expected each once", artifact.id),
                );
            }
            check.citations(&artifact.sources);
            check.each("windows", &artifact.windows, Self::window);
            for (key, _, list) in artifact.lists() {
                check.each(key, list, Self::identifier);
            }
            check.contradictions(artifact);
        });
    }

    fn identifier(&mut self, identifier: &'a Identifier) {
        if !identifier.is_named() {
            self.complain(&[], "nothing to find it by: expected a purl, namespace, action, release, commit, image, digest, sha256, sha1 or md5".into());
        }
        if identifier.namespace.as_ref().is_some_and(|purl| purl.version().is_some()) {
            self.complain(&["namespace"], "a namespace has no version".into());
        }
        if !identifier.sources.is_empty() {
            self.citations(&identifier.sources);
        }
        self.each("windows", &identifier.windows, Self::window);
        self.side(identifier.conflict.as_ref());
    }

    /// A commit or hash cannot be bad and good at once; a name can, at two times.
    fn contradictions(&mut self, artifact: &'a Artifact) {
        let contents = |list: &'a [Identifier]| {
            list.iter().flat_map(|one| {
                let commit = one.commit.iter().map(super::CommitId::as_str);
                let digest = one.digest.iter().map(super::ImageDigest::as_str);
                commit.chain(digest).chain(one.sha256.iter().map(super::Sha256::as_str))
            })
        };
        let good: BTreeSet<&str> = contents(&artifact.good).collect();
        for both in contents(&artifact.bad).filter(|content| good.contains(content)) {
            self.complain(&["bad"], format!("`{both}` is bad and good at once"));
        }
    }

    fn window(&mut self, window: &'a Window) {
        if window.from.is_none() && window.to.is_none() {
            self.complain(&[], "a window without a time: expected `from` or `to`".into());
        }
        self.bounds(window.from, window.to);
        if !window.sources.is_empty() {
            self.citations(&window.sources);
        }
        self.side(window.conflict.as_ref());
    }

    fn bounds(&mut self, from: Option<Bound>, to: Option<Bound>) {
        for (key, bound) in [("from", from), ("to", to)] {
            let Some(Bound { earliest: Some(earliest), latest: Some(latest) }) = bound else { continue };
            if earliest > latest {
                self.complain(&[key], format!("earliest {earliest} is after latest {latest}"));
            }
        }
        if let (Some(Bound { earliest: Some(from), .. }), Some(Bound { latest: Some(to), .. })) = (from, to)
            && from >= to
        {
            self.complain(
                &["from"],
                format!("begins at {from} and is over at {to}: expected it to begin before"),
            );
        }
    }

    fn section(&mut self, name: &str, keys: &[&str], lists: &[(IndicatorKind, &'a [Indicator])]) {
        for (key, (kind, list)) in keys.iter().zip(lists) {
            let key = key.replace('_', "-");
            self.under(&[name], |check| check.each(&key, list, |check, one| check.indicator(*kind, one)));
        }
    }

    fn indicator(&mut self, kind: IndicatorKind, indicator: &'a Indicator) {
        self.citations(&indicator.sources);
        self.side(indicator.conflict.as_ref());
        let value = indicator.value.as_str();
        self.text("value", value);
        let expected = match kind {
            IndicatorKind::Ip if value.parse::<IpAddr>().is_err() => "an IP address",
            IndicatorKind::Domain if !is_domain(value) => "a host name in lower case, without scheme or path",
            IndicatorKind::Endpoint if !is_endpoint(value) => "host:port or address:port",
            IndicatorKind::Url if !value.contains('/') => "a URL with a path",
            IndicatorKind::HttpHeader if !value.contains(": ") => "`Name: value`",
            _ => "",
        };
        if !expected.is_empty() && indicator.matches == Match::Whole {
            self.complain(&["value"], format!("{value:?}: expected {expected}"));
        }
    }

    fn conflicts(&mut self) {
        for (key, conflict) in &self.compromise.conflicts {
            let sides = self.sides.get(key).copied().unwrap_or_default();
            if sides < 2 {
                self.complain(
                    &["conflicts", key.as_str()],
                    format!("has {sides} side(s): expected two or more, here or with `conflict = \"{key}\"`"),
                );
            }
            self.under(&["conflicts", key.as_str()], |check| check.text("about", &conflict.about));
        }
    }

    fn sources(&mut self) {
        for (key, source) in &self.compromise.sources {
            self.under(&["sources", key.as_str()], |check| {
                check.text("title", &source.title);
                if source
                    .url
                    .as_ref()
                    .is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://"))
                {
                    check.complain(&["url"], "expected https:// or http://".into());
                }
                if !check.cited.contains(key) {
                    check
                        .complain(&[], "no value cites it: expected one that does, or no such source".into());
                }
            });
        }
        if self.compromise.sources.is_empty() {
            self.complain(&["sources"], "expected at least one source".into());
        }
    }

    fn citations(&mut self, citations: &'a [Citation]) {
        if citations.is_empty() {
            self.complain(&["sources"], "expected at least one source".into());
        }
        self.each("sources", citations, |check, citation| {
            for key in std::iter::once(&citation.source).chain(&citation.via) {
                check.cited.insert(key);
                if !check.compromise.sources.contains_key(key) {
                    check.complain(
                        &[],
                        format!("`{key}` is not a source of this file: expected a key of [sources]"),
                    );
                }
            }
        });
    }

    fn side(&mut self, conflict: Option<&'a Key>) {
        let Some(key) = conflict else { return };
        *self.sides.entry(key).or_default() += 1;
        if !self.compromise.conflicts.contains_key(key) {
            self.complain(
                &["conflict"],
                format!("`{key}` is not a conflict of this file: expected a key of [conflicts]"),
            );
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        if text.trim().is_empty() {
            self.complain(&[key], "is empty: expected a text".into());
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            self.complain(&[key], "holds control characters: expected none".into());
        }
    }

    fn each<T>(&mut self, key: &str, list: &'a [T], mut check: impl FnMut(&mut Self, &'a T)) {
        for (number, one) in list.iter().enumerate() {
            self.under(&[key, &number.to_string()], |this| check(this, one));
        }
    }

    fn under(&mut self, steps: &[&str], check: impl FnOnce(&mut Self)) {
        self.path.extend(steps.iter().map(|step| (*step).to_owned()));
        check(self);
        self.path.truncate(self.path.len() - steps.len());
    }

    fn complain(&mut self, steps: &[&str], what: String) {
        let mut path = self.path.clone();
        path.extend(steps.iter().map(|step| (*step).to_owned()));
        self.found.push((path, what));
    }
}

fn is_domain(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && part.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
            })
    };
    text.contains('.') && text.split('.').all(part) && text.parse::<IpAddr>().is_err()
}

fn is_endpoint(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        port.parse::<u16>().is_ok()
            && (is_domain(host) || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok())
    })
}

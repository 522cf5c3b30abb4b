//! An advisory of OSV, <https://ossf.github.io/osv-schema/>, from its tree.
//!
//! What is missing, `null` or of another type than the schema says costs that part only, and is told; only a document
//! without an id is none.

use jiff::Timestamp;
use serde_json::Value;

use crate::advisory::{
    Advisory, Affected, AffectedRange, FixState, Origin, Package, RangeType, Rating, Reference, Severity,
    Turn,
};
use crate::observable::{Observable, ObservableKind};
use crate::version::Ecosystem;

/// The longest id, in bytes.
const ID_AT_MOST: usize = 256;

/// The longest name of a package or an ecosystem, in bytes.
const NAME_AT_MOST: usize = 4096;

/// How much of what is wrong a note repeats, in bytes.
const REPEATED_AT_MOST: usize = 300;

/// CWE-506, Embedded Malicious Code: what GitHub says of packages that were made to do harm.
const EMBEDDED_MALICIOUS_CODE: &str = "CWE-506";

/// Distributions whose summaries begin with the severity.
const RATED_IN_SUMMARY: [&str; 3] = ["ALSA-", "RHSA-", "RLSA-"];

/// Something that is wrong with a part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The part, as `affected[2].ranges[0]`.
    pub at: String,
    /// What is wrong with it, and what was expected.
    pub what: String,
    /// Whether the part was left out. Otherwise it is kept, and nothing can be concluded from it.
    pub lost: bool,
}

/// Reads an advisory; `Err` says why the tree is none.
pub fn read(tree: &Value) -> Result<(Advisory, Vec<Note>), String> {
    let id = tree.get("id").ok_or("it has no \"id\": expected an advisory of OSV")?;
    let id = id.as_str().filter(|id| is_id(id));
    let id = id.ok_or_else(|| {
        format!("its \"id\" is none: expected a text of at most {ID_AT_MOST} bytes without spaces")
    })?;
    let mut reader = Reader::default();
    let mut advisory = Advisory { id: id.into(), ..Advisory::default() };
    reader.head(tree, &mut advisory);
    for (place, affected) in reader.list(tree, "", "affected").iter().enumerate() {
        let at = format!("affected[{place}]");
        if let Some(affected) = reader.affected(affected, &at, &mut advisory) {
            advisory.affected.push(affected);
        }
    }
    reader.database_specific(tree, &mut advisory);
    if advisory.rating.is_none() && RATED_IN_SUMMARY.iter().any(|prefix| id.starts_with(prefix)) {
        advisory.rating = advisory.summary.split_once(':').and_then(|(word, _)| Rating::named(word));
    }
    Ok((advisory, reader.notes))
}

fn is_id(id: &str) -> bool {
    (1..=ID_AT_MOST).contains(&id.len()) && !id.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Gathers what is wrong on the way.
#[derive(Default)]
struct Reader {
    notes: Vec<Note>,
}

impl Reader {
    fn head(&mut self, tree: &Value, advisory: &mut Advisory) {
        advisory.aliases = self.ids(tree, "aliases");
        advisory.related = self.ids(tree, "related");
        advisory.upstream = self.ids(tree, "upstream");
        advisory.modified = self.time(tree, "modified");
        advisory.published = self.time(tree, "published");
        advisory.withdrawn = self.time(tree, "withdrawn");
        advisory.summary = self.text(tree, "", "summary").unwrap_or_default();
        advisory.details = self.text(tree, "", "details").unwrap_or_default();
        advisory.severity = self.severity(tree, "");
        for (place, reference) in self.list(tree, "", "references").iter().enumerate() {
            let at = format!("references[{place}]");
            let kind = self.text(reference, &at, "type").unwrap_or_else(|| "WEB".into());
            if let Some(url) = self.needed(reference, &at, "url") {
                advisory.references.push(Reference { kind, url });
            }
        }
    }

    fn affected(&mut self, tree: &Value, at: &str, advisory: &mut Advisory) -> Option<Affected> {
        if !tree.is_object() {
            self.lose(at, "it is no object");
            return None;
        }
        let package = match tree.get("package") {
            None | Some(Value::Null) => None,
            Some(package) => {
                let at = format!("{at}.package");
                let (ecosystem, name) =
                    (self.name(package, &at, "ecosystem"), self.name(package, &at, "name"));
                let purl = self.text(package, &at, "purl");
                Some(Package { ecosystem: ecosystem?, name: name?, purl })
            }
        };
        let mut affected = Affected {
            package,
            ranges: Vec::new(),
            versions: self.texts(tree, at, "versions"),
            severity: self.severity(tree, at),
            fix_state: None,
        };
        self.ranges(tree, at, &mut affected);
        for specific in [tree.get("database_specific"), tree.get("ecosystem_specific")].into_iter().flatten()
        {
            let word = |key: &str| specific.get(key).and_then(Value::as_str);
            let state = ["fix_state", "urgency"].into_iter().find_map(|key| word(key).and_then(fix_state));
            affected.fix_state = affected.fix_state.or(state);
            let kind = word("informational").map(Into::into);
            advisory.informational = advisory.informational.take().or(kind);
            let categories = specific.get("categories").and_then(Value::as_array).into_iter().flatten();
            advisory.called_malicious |= categories.into_iter().any(|category| category == "malicious");
        }
        Some(affected)
    }

    fn ranges(&mut self, tree: &Value, at: &str, affected: &mut Affected) {
        let ecosystem: Option<Ecosystem> =
            affected.package.as_ref().and_then(|package| package.ecosystem.parse().ok());
        for (place, range) in self.list(tree, at, "ranges").iter().enumerate() {
            let at = format!("{at}.ranges[{place}]");
            let Some(kind) = self.needed(range, &at, "type") else { continue };
            let kind = match kind.as_ref() {
                "SEMVER" => RangeType::SemVer,
                "ECOSYSTEM" => RangeType::Ecosystem,
                "GIT" => RangeType::Git,
                other => {
                    self.lose(&at, format!("its type is {other:?}: expected SEMVER, ECOSYSTEM or GIT"));
                    continue;
                }
            };
            let repo = self.text(range, &at, "repo");
            let events = self.events(range, &at);
            let range = AffectedRange { kind, repo, events };
            match ecosystem.as_ref().map(|ecosystem| range.compile(ecosystem)) {
                Some(Err(error)) => self.doubt(&at, error.to_string()),
                Some(Ok(Some(compiled))) if range.ends_before(&compiled) => self.doubt(
                    &at,
                    "it ends before it begins: expected \"fixed\" or \"last_affected\" behind an \"introduced\"",
                ),
                _ => {}
            }
            affected.ranges.push(range);
        }
    }

    fn events(&mut self, range: &Value, at: &str) -> Vec<Turn> {
        let mut events = Vec::new();
        for (place, event) in self.list(range, at, "events").iter().enumerate() {
            let at = format!("{at}.events[{place}]");
            let before = events.len();
            events.extend(self.text(event, &at, "introduced").map(Turn::Introduced));
            events.extend(self.text(event, &at, "fixed").map(Turn::Fixed));
            events.extend(self.text(event, &at, "last_affected").map(Turn::LastAffected));
            events.extend(self.text(event, &at, "limit").map(Turn::Limit));
            if events.len() == before {
                self.lose(&at, "it is no event: expected introduced, fixed, last_affected or limit");
            }
        }
        events
    }

    fn severity(&mut self, tree: &Value, at: &str) -> Vec<Severity> {
        let mut all = Vec::new();
        for (place, severity) in self.list(tree, at, "severity").iter().enumerate() {
            let at = joined(at, &format!("severity[{place}]"));
            let (kind, score) = (self.needed(severity, &at, "type"), self.needed(severity, &at, "score"));
            let Some((kind, score)) = kind.zip(score) else { continue };
            let severity = Severity { kind, score };
            if severity.kind.starts_with("CVSS") && severity.score().is_none() {
                self.doubt(&at, format!("{:?} is no whole {} vector", severity.score, severity.kind));
            }
            all.push(severity);
        }
        all
    }

    fn database_specific(&mut self, tree: &Value, advisory: &mut Advisory) {
        let Some(specific) = tree.get("database_specific") else { return };
        advisory.rating = specific.get("severity").and_then(Value::as_str).and_then(Rating::named);
        let weaknesses = specific.get("cwe_ids").and_then(Value::as_array).into_iter().flatten();
        advisory.called_malicious |= weaknesses.into_iter().any(|cwe| cwe == EMBEDDED_MALICIOUS_CODE);
        for (place, origin) in
            self.list(specific, "database_specific", "malicious-packages-origins").iter().enumerate()
        {
            let at = format!("database_specific.malicious-packages-origins[{place}]");
            let Some(source) = self.needed(origin, &at, "source") else { continue };
            let (sha256, id) = (self.text(origin, &at, "sha256"), self.text(origin, &at, "id"));
            advisory.origins.push(Origin { source, sha256, id });
        }
        let Some(observed) = specific.get("iocs") else { return };
        for (key, kind) in [
            ("domains", ObservableKind::Domain),
            ("ips", ObservableKind::Ip),
            ("urls", ObservableKind::Url),
            ("strings", ObservableKind::Text),
        ] {
            let values = self.texts(observed, "database_specific.iocs", key);
            advisory.observables.extend(values.into_iter().map(|value| Observable { kind, value }));
        }
    }

    /// A time; the year 1 stands for none.
    fn time(&mut self, tree: &Value, key: &str) -> Option<Timestamp> {
        let text = self.text(tree, "", key)?;
        let Ok(time) = text.parse::<Timestamp>() else {
            self.lose(key, format!("{text:?} is no time: expected one as in RFC 3339"));
            return None;
        };
        Some(time).filter(|_| !text.starts_with("0001-"))
    }

    fn texts(&mut self, tree: &Value, at: &str, key: &str) -> Vec<Box<str>> {
        let list = self.list(tree, at, key);
        let mut texts = Vec::with_capacity(list.len());
        for (place, value) in list.iter().enumerate() {
            match as_text(value) {
                Some(text) => texts.push(text),
                None => self.lose(&joined(at, &format!("{key}[{place}]")), "it is no text"),
            }
        }
        texts
    }

    /// Other ids. What is none is left out.
    fn ids(&mut self, tree: &Value, key: &str) -> Vec<Box<str>> {
        let texts = self.texts(tree, "", key);
        let (ids, others): (Vec<_>, Vec<_>) = texts.into_iter().partition(|text| is_id(text));
        if !others.is_empty() {
            self.lose(
                key,
                format!(
                    "{} of them are no ids: expected texts of at most {ID_AT_MOST} bytes without spaces",
                    others.len()
                ),
            );
        }
        ids
    }

    /// The name of a package or an ecosystem, which must be there.
    fn name(&mut self, tree: &Value, at: &str, key: &str) -> Option<Box<str>> {
        let name = self.needed(tree, at, key)?;
        if name.len() > NAME_AT_MOST {
            self.lose(
                &joined(at, key),
                format!("it has {} bytes: expected at most {NAME_AT_MOST}", name.len()),
            );
            return None;
        }
        Some(name)
    }

    /// A text that must be there.
    fn needed(&mut self, tree: &Value, at: &str, key: &str) -> Option<Box<str>> {
        if matches!(tree.get(key), None | Some(Value::Null)) {
            self.lose(at, format!("it has no {key:?}"));
            return None;
        }
        self.text(tree, at, key)
    }

    fn text(&mut self, tree: &Value, at: &str, key: &str) -> Option<Box<str>> {
        let value = tree.get(key).filter(|value| !value.is_null())?;
        let text = as_text(value);
        if text.is_none() {
            self.lose(&joined(at, key), "it is no text: expected one, in YAML in quotes");
        }
        text
    }

    fn list<'t>(&mut self, tree: &'t Value, at: &str, key: &str) -> &'t [Value] {
        match tree.get(key) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.lose(&joined(at, key), "it is no list");
                &[]
            }
        }
    }

    fn lose(&mut self, at: &str, what: impl Into<String>) {
        self.notes.push(Note { at: at.to_owned(), what: shortened(what.into()), lost: true });
    }

    fn doubt(&mut self, at: &str, what: impl Into<String>) {
        self.notes.push(Note { at: at.to_owned(), what: shortened(what.into()), lost: false });
    }
}

/// What is wrong may be a text of megabytes.
fn shortened(mut what: String) -> String {
    if what.len() > REPEATED_AT_MOST {
        what.truncate(what.floor_char_boundary(REPEATED_AT_MOST));
        what.push('…');
    }
    what
}

fn joined(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

/// A text, or a whole number that YAML took one for.
fn as_text(value: &Value) -> Option<Box<str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
        _ => None,
    }
}

/// What the words of distributions stand for; Debian's `urgency` tells other things too.
fn fix_state(word: &str) -> Option<FixState> {
    Some(match word.to_ascii_lowercase().replace(['_', ' '], "-").as_str() {
        "not-fixed" | "affected" | "fix-deferred" => FixState::NotFixed,
        "wont-fix" | "will-not-fix" => FixState::WontFix,
        "end-of-life" | "out-of-support-scope" => FixState::EndOfLife,
        "unimportant" => FixState::Unimportant,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::Class;
    use crate::read::{json, yaml};

    fn of(text: &str) -> (Advisory, Vec<Note>) {
        read(&json(text.as_bytes()).expect("JSON")).expect("an advisory")
    }

    #[test]
    fn every_part_is_read() {
        let (advisory, notes) = of(
            r#"{"schema_version":"1.7.0","id":"GHSA-1","modified":"2026-01-02T03:04:05.6Z",
            "published":"0001-01-01T00:00:00Z","aliases":["CVE-1"],"upstream":["CVE-2"],"related":["CVE-3"],"summary":"s",
            "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "affected":[{"package":{"ecosystem":"npm","name":"a","purl":"pkg:npm/a"},
              "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"}]}],"versions":["0.1.0"],
              "database_specific":null,"ecosystem_specific":{"urgency":"unimportant"}}],
            "references":[{"type":"WEB","url":"https://example.org"}],"credits":[{"name":"x"}],
            "database_specific":{"severity":"CRITICAL","cwe_ids":["CWE-79"]}}"#,
        );
        assert_eq!(notes, []);
        assert_eq!((advisory.modified.is_some(), advisory.published), (true, None));
        assert_eq!(advisory.affected[0].fix_state, Some(FixState::Unimportant));
        assert_eq!(
            advisory.affected[0].ranges[0].events,
            [Turn::Introduced("0".into()), Turn::Fixed("1.0.0".into())]
        );
        assert_eq!((advisory.class(), advisory.rating()), (Class::Vulnerability, Some(Rating::Critical)));
        assert_eq!(advisory.flaws().collect::<Vec<_>>(), ["CVE-1", "CVE-2", "CVE-3"]);
    }

    #[test]
    fn a_wrong_part_is_told_and_the_rest_is_kept() {
        let (advisory, notes) = of(
            r#"{"id":"X-1","modified":"soon","aliases":"CVE-1","summary":7.5,"affected":[
            3, {"package":{"name":"a"}}, {"package":{"ecosystem":"npm","name":"b"},"ranges":[
            {"type":"MAGIC","events":[]}, {"type":"SEMVER","events":[{"introduced":"one"}]}, {"type":"SEMVER","events":[{}]}],
            "versions":["1.0.0",null]}], "severity":[{"type":"CVSS_V3","score":"bad"},{"type":"CVSS_V3"}]}"#,
        );
        let told: Vec<_> = notes.iter().map(|note| (note.at.as_str(), note.lost)).collect();
        assert_eq!(
            told,
            [
                ("aliases", true),
                ("modified", true),
                ("summary", true),
                ("severity[0]", false),
                ("severity[1]", true),
                ("affected[0]", true),
                ("affected[1].package", true),
                ("affected[2].versions[1]", true),
                ("affected[2].ranges[0]", true),
                ("affected[2].ranges[1]", false),
                ("affected[2].ranges[2].events[0]", true),
                ("affected[2].ranges[2]", false),
            ]
        );
        assert_eq!(advisory.affected.len(), 1);
        assert_eq!((advisory.affected[0].ranges.len(), advisory.affected[0].versions.len()), (2, 1));
    }

    #[test]
    fn what_has_no_id_is_no_advisory() {
        for text in ["{}", "[]", "3", r#"{"id":""}"#, r#"{"id":"a b"}"#, r#"{"id":["X"]}"#] {
            assert!(read(&json(text.as_bytes()).expect("JSON")).is_err(), "{text}");
        }
    }

    #[test]
    fn malice_is_told_by_id_alias_origin_category_and_weakness() {
        for text in [
            r#"{"id":"MAL-1"}"#,
            r#"{"id":"GHSA-1","aliases":["MAL-1"]}"#,
            r#"{"id":"GHSA-1","database_specific":{"malicious-packages-origins":[{"source":"ghsa"}]}}"#,
            r#"{"id":"GHSA-1","database_specific":{"cwe_ids":["CWE-506"]}}"#,
            r#"{"id":"RUSTSEC-1","affected":[{"database_specific":{"categories":["malicious"]}}]}"#,
        ] {
            assert_eq!(of(text).0.class(), Class::Malicious, "{text}");
        }
    }

    #[test]
    fn yaml_that_would_change_a_version_is_refused_there() {
        let tree = yaml(
            b"id: X-1\naffected:\n- package: {ecosystem: PyPI, name: a}\n  versions: [1.10, 2, '1.20']\n",
        );
        let (advisory, notes) = read(&tree.expect("YAML")).expect("an advisory");
        assert_eq!(advisory.affected[0].versions, ["2".into(), "1.20".into()]);
        assert_eq!(notes[0].at, "affected[0].versions[0]");
    }

    #[test]
    fn a_distribution_rates_in_its_summary() {
        assert_eq!(
            of(r#"{"id":"ALSA-2024:1","summary":"Important: x security update"}"#).0.rating(),
            Some(Rating::High)
        );
        assert_eq!(of(r#"{"id":"GHSA-1","summary":"Important: x"}"#).0.rating(), None);
    }
}

//! A STIX 2.1 bundle: credentials, addresses, techniques, what was seen of them, and a report over all.
//!
//! | in the answer | in the bundle |
//! | --- | --- |
//! | fallen credential | `user-account`; `observed-data` of its calls; `derived-from` the one that begot it |
//! | address | `ipv4-addr` or `ipv6-addr`, and an `indicator` for it |
//! | technique | `attack-pattern` with its reference to ATT&CK |
//! | finding | `sighting` of its technique, with the citations as external references |
//! | verdict | `report` |
//!
//! Source: OASIS, "STIX Version 2.1".

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::IpAddr;

use floodmark_case::{Answer, Citation, Credential, Finding, Timestamp, Window, stix_id as id};
use serde_json::{Value, json};

use crate::json::write_pretty;
use crate::outline::span;
use crate::{ReportError, wording};

/// The most that `number_observed` and `count` may say.
const MOST: u64 = 999_999_999;

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> Result<(), ReportError> {
    let bundle = Bundle::of(answer);
    let id = id::own("bundle", &bundle.report_id);
    write_pretty(&json!({ "type": "bundle", "id": id, "objects": bundle.objects }), out)
}

struct Bundle {
    objects: Vec<Value>,
    /// The identifiers of the objects: each thing is there once.
    ids: BTreeSet<String>,
    /// When it was all made: the last instant of the story, for the same evidence gives the same bundle.
    now: String,
    maker: String,
    report_id: String,
}

impl Bundle {
    fn of(answer: &Answer) -> Self {
        let now = time(span(answer).map_or(Timestamp::UNIX_EPOCH, |window| window.to));
        let maker = id::own("identity", "floodmark");
        let mut bundle = Self {
            objects: Vec::new(),
            ids: BTreeSet::new(),
            now,
            maker: maker.clone(),
            report_id: String::new(),
        };
        bundle.push("identity", &maker, json!({ "name": "Floodmark", "identity_class": "system" }));
        let patterns = bundle.patterns(&answer.findings);
        for finding in &answer.findings {
            bundle.sightings(finding, &patterns);
        }
        let fallen: Vec<&Credential> =
            answer.story.credentials.iter().filter(|credential| credential.tainted).collect();
        let accounts: BTreeMap<&str, String> =
            fallen.iter().map(|credential| (credential.id.as_str(), account_id(credential))).collect();
        let addresses = bundle.addresses(&fallen);
        for credential in &fallen {
            bundle.credential(credential, &accounts, &addresses);
        }
        bundle.report(answer);
        bundle
    }

    fn push(&mut self, kind: &str, id: &str, properties: Value) {
        let mut object = json!({
            "type": kind, "spec_version": "2.1", "id": id, "created": self.now, "modified": self.now,
        });
        if kind != "identity" {
            object["created_by_ref"] = json!(self.maker);
        }
        extend(&mut object, properties);
        self.add(object);
    }

    fn add(&mut self, object: Value) {
        if object["id"].as_str().is_some_and(|id| self.ids.insert(id.to_owned())) {
            self.objects.push(object);
        }
    }

    /// Objects by technique id.
    fn patterns(&mut self, findings: &[Finding]) -> BTreeMap<String, String> {
        let mut phases: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for finding in findings {
            for technique in finding.techniques.iter().filter(|technique| is_technique(technique)) {
                let phases = phases.entry(technique).or_default();
                for phase in finding.tactics.iter().map(|tag| phase(tag)) {
                    if !phase.is_empty() && !phases.contains(&phase) {
                        phases.push(phase);
                    }
                }
            }
        }
        let mut ids = BTreeMap::new();
        for (technique, phases) in phases {
            let id = id::own("attack-pattern", technique);
            ids.insert(technique.to_owned(), id.clone());
            let url = format!("https://attack.mitre.org/techniques/{}/", technique.replace('.', "/"));
            let mut properties = json!({
                "name": technique,
                "description": format!("ATT&CK technique {technique}, as detected by Floodmark."),
                "external_references": [{ "source_name": "mitre-attack", "external_id": technique, "url": url }],
            });
            if !phases.is_empty() {
                let phases: Vec<_> = phases
                    .iter()
                    .map(|phase| json!({ "kill_chain_name": "mitre-attack", "phase_name": phase }))
                    .collect();
                properties["kill_chain_phases"] = json!(phases);
            }
            self.push("attack-pattern", &id, properties);
        }
        ids
    }

    fn sightings(&mut self, finding: &Finding, patterns: &BTreeMap<String, String>) {
        for technique in &finding.techniques {
            let Some(pattern) = patterns.get(technique) else { continue };
            let Some(window) = finding.window else { continue };
            let (first, last) = ordered(window);
            let properties = json!({
                "description": format!("{}: {}", finding.title, finding.explanation),
                "confidence": match finding.confidence.as_str() { "high" => 85, "medium" => 50, _ => 15 },
                "first_seen": first,
                "last_seen": last,
                "count": finding.count.min(MOST),
                "sighting_of_ref": pattern,
                "labels": [finding.severity.as_str()],
                "external_references": references(finding),
            });
            self.push("sighting", &id::own("sighting", &format!("{} {technique}", finding.id)), properties);
        }
    }

    /// Objects by address.
    fn addresses(&mut self, fallen: &[&Credential]) -> BTreeMap<IpAddr, String> {
        let mut first_seen: BTreeMap<IpAddr, Option<Timestamp>> = BTreeMap::new();
        for credential in fallen {
            let seen = credential.used.map(|used| used.from).or(credential.fell);
            for address in credential.addresses.iter().filter_map(|address| address.parse().ok()) {
                let first = first_seen.entry(address).or_insert(seen);
                *first = match (*first, seen) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
        }
        let mut ids = BTreeMap::new();
        for (address, first) in first_seen {
            let kind = if address.is_ipv4() { "ipv4-addr" } else { "ipv6-addr" };
            let value = address.to_string();
            let id = id::observable(kind, &json!({ "value": value }));
            self.add(json!({ "type": kind, "spec_version": "2.1", "id": id, "value": value }));
            let properties = json!({
                "name": format!("Address {value}"),
                "description": "An address from which a fallen credential was used.",
                "indicator_types": ["anomalous-activity"],
                "pattern": format!("[{kind}:value = '{value}']"),
                "pattern_type": "stix",
                "valid_from": first.map_or_else(|| self.now.clone(), time),
            });
            self.push("indicator", &id::own("indicator", &value), properties);
            ids.insert(address, id);
        }
        ids
    }

    fn credential(
        &mut self,
        credential: &Credential,
        accounts: &BTreeMap<&str, String>,
        addresses: &BTreeMap<IpAddr, String>,
    ) {
        let id = account_id(credential);
        self.add(json!({
            "type": "user-account", "spec_version": "2.1", "id": id,
            "user_id": credential.id,
            "account_login": credential.principal,
            "display_name": wording::kind_and_owner(credential.kind, wording::short(&credential.principal)),
        }));
        let parent = credential.parent.as_deref().and_then(|parent| accounts.get(parent));
        if let Some(parent) = parent.filter(|parent| **parent != id) {
            self.relate(&id, "derived-from", Some(&credential.how), parent);
        }
        let Some(used) = credential.used.filter(|_| credential.calls > 0) else { return };
        let (first, last) = ordered(used);
        let known: BTreeMap<&IpAddr, &String> = (credential.addresses.iter())
            .filter_map(|address| addresses.get_key_value(&address.parse::<IpAddr>().ok()?))
            .collect();
        let refs: Vec<_> = std::iter::once(&id).chain(known.values().copied()).collect();
        let properties = json!({
            "first_observed": first,
            "last_observed": last,
            "number_observed": credential.calls.min(MOST),
            "object_refs": refs,
        });
        let observed = id::own("observed-data", &credential.id);
        self.push("observed-data", &observed, properties);
        for address in known.keys() {
            self.relate(&id::own("indicator", &address.to_string()), "based-on", None, &observed);
        }
    }

    fn relate(&mut self, from: &str, kind: &str, why: Option<&str>, to: &str) {
        let mut properties = json!({ "relationship_type": kind, "source_ref": from, "target_ref": to });
        if let Some(why) = why.filter(|why| !why.is_empty()) {
            properties["description"] = json!(why);
        }
        self.push("relationship", &id::own("relationship", &format!("{from} {kind} {to}")), properties);
    }

    fn report(&mut self, answer: &Answer) {
        let refs: Vec<_> = self.objects.iter().map(|object| object["id"].clone()).collect();
        self.report_id = id::own("report", &format!("{}{refs:?}", answer.verdict));
        let properties = json!({
            "name": "What the fallen credentials did",
            "description": answer.verdict,
            "report_types": ["observed-data"],
            "published": self.now,
            "object_refs": refs,
        });
        let id = self.report_id.clone();
        self.push("report", &id, properties);
    }
}

fn extend(object: &mut Value, properties: Value) {
    if let (Some(object), Value::Object(properties)) = (object.as_object_mut(), properties) {
        object.extend(properties);
    }
}

fn account_id(credential: &Credential) -> String {
    id::observable(
        "user-account",
        &json!({ "account_login": credential.principal, "user_id": credential.id }),
    )
}

fn references(finding: &Finding) -> Vec<Value> {
    let cited = finding.citations.iter().map(|Citation { evidence, place }| {
        json!({ "source_name": "evidence", "external_id": format!("sha256:{evidence}"), "description": place })
    });
    let rule =
        json!({ "source_name": "floodmark-finding", "external_id": finding.id, "description": finding.rule });
    std::iter::once(rule).chain(cited).collect()
}

/// `T1098` or `T1098.001`; anything else is not ATT&CK's.
fn is_technique(text: &str) -> bool {
    let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some(rest) = text.strip_prefix('T') else { return false };
    match rest.split_once('.') {
        Some((technique, part)) => digits(technique, 4) && digits(part, 3),
        None => digits(rest, 4),
    }
}

/// A tactic as ATT&CK's kill chain names it: lower case, with hyphens.
fn phase(tag: &str) -> String {
    tag.strip_prefix("attack.").unwrap_or(tag).to_lowercase().replace(['_', ' '], "-")
}

fn ordered(window: Window) -> (String, String) {
    (time(window.from.min(window.to)), time(window.from.max(window.to)))
}

/// A timestamp as STIX writes it; it knows no year before 1.
fn time(instant: Timestamp) -> String {
    let first = Timestamp::from_second(-62_135_596_800).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.max(first).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_attack_s_own_identifiers_are_techniques() {
        assert!(is_technique("T1098") && is_technique("T1098.001"));
        for text in ["", "T", "T109", "T10980", "T1098.1", "T1098.001/../x", "t1098", "T1098.0é"] {
            assert!(!is_technique(text), "{text}");
        }
    }
}

//! The inventory as `CycloneDX` 1.6, <https://cyclonedx.org/docs/1.6/json/>, with what is known against it.
//!
//! Serial number and time are left out: the same evidence gives the same bytes.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use floodmark_case::{
    Answer, Component, ComponentScope, Finding, Flaw, FlawKind, FoundAt, Reference, Severity, VexBy,
    VexStatement, VexStatus,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::ReportError;
use crate::json::{Streamed, write_pretty};

/// The justifications that the format has.
const JUSTIFICATIONS: [&str; 9] = [
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
];

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> Result<(), ReportError> {
    let findings: BTreeMap<&str, &Finding> =
        answer.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let components = &answer.inventory.components;
    let references = references(components);
    let by_purl = by_purl(answer, &references);
    let bom = Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        format: "CycloneDX",
        spec_version: "1.6",
        version: 1,
        metadata: json!({
            "tools": { "components": [{
                "type": "application", "name": "floodmark", "version": env!("CARGO_PKG_VERSION"),
            }] },
        }),
        components: Streamed(|| {
            components.iter().zip(&references).map(|(one, reference)| component(one, reference))
        }),
        vulnerabilities: Streamed(|| {
            let flaws = answer.inventory.flaws.iter();
            flaws.map(|flaw| vulnerability(flaw, findings.get(flaw.finding.as_str()).copied(), &by_purl))
        }),
    };
    write_pretty(&bom, out)
}

/// The document; what is long in it is made as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<C, V> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    spec_version: &'static str,
    version: u32,
    metadata: Value,
    components: C,
    vulnerabilities: V,
}

/// A name for each component within the document: its purl, numbered where two have the same.
fn references(components: &[Component]) -> Vec<Cow<'_, str>> {
    let mut seen: HashMap<&str, u32> = HashMap::with_capacity(components.len());
    let purls = components.iter().map(|component| component.purl.as_str());
    purls
        .map(|purl| {
            let count = seen.entry(purl).or_default();
            *count += 1;
            if *count == 1 { Cow::Borrowed(purl) } else { Cow::Owned(format!("{purl}#{count}")) }
        })
        .collect()
}

/// The names of those that something is known against, by their purl.
fn by_purl<'a>(answer: &'a Answer, references: &'a [Cow<'a, str>]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let flawed = answer.inventory.flaws.iter().map(|flaw| (flaw.component.as_str(), Vec::new()));
    let mut by_purl: BTreeMap<&str, Vec<&str>> = flawed.collect();
    for (one, reference) in answer.inventory.components.iter().zip(references) {
        if let Some(named) = by_purl.get_mut(one.purl.as_str()) {
            named.push(reference);
        }
    }
    by_purl
}

fn component(component: &Component, reference: &str) -> Value {
    let mut told = Map::new();
    let mut tell = |key: &str, value: Value| drop(told.insert(key.to_owned(), value));
    tell("type", json!("library"));
    tell("bom-ref", json!(reference));
    tell("name", json!(component.name));
    if let Some(version) = &component.version {
        tell("version", json!(version));
    }
    let scope = match component.scope {
        ComponentScope::Runtime => Some("required"),
        ComponentScope::Optional => Some("optional"),
        ComponentScope::Build | ComponentScope::Dev => Some("excluded"),
        ComponentScope::Unknown => None,
    };
    if let Some(scope) = scope {
        tell("scope", json!(scope));
    }
    if !component.hashes.is_empty() {
        let hashes = component.hashes.iter();
        let hashes: Vec<Value> =
            hashes.map(|hash| json!({ "alg": hash.algorithm, "content": hash.digest })).collect();
        tell("hashes", json!(hashes));
    }
    tell("purl", json!(component.purl));
    let occurrences: Vec<Value> = component.found.iter().map(occurrence).collect();
    tell("evidence", json!({ "occurrences": occurrences }));
    let mut properties = vec![
        json!({ "name": "floodmark:scope", "value": component.scope.as_str() }),
        json!({ "name": "floodmark:direct", "value": component.direct.to_string() }),
    ];
    properties
        .extend(component.ecosystem.iter().map(|one| json!({ "name": "floodmark:ecosystem", "value": one })));
    properties.extend(
        component.pulled_in_by.iter().map(|by| json!({ "name": "floodmark:pulled-in-by", "value": by })),
    );
    properties
        .extend(component.claimed.iter().map(|one| json!({ "name": "floodmark:claimed", "value": one })));
    properties.extend(component.reference.iter().flat_map(references_to));
    tell("properties", json!(properties));
    Value::Object(told)
}

/// What a component is named by, which the format has no field for.
fn references_to(reference: &Reference) -> Vec<Value> {
    let Reference { kind, name, at, digest, pin } = reference;
    let told = [
        ("floodmark:reference", Some(kind.as_str())),
        ("floodmark:reference:name", name.as_deref()),
        ("floodmark:reference:at", at.as_deref()),
        ("floodmark:reference:digest", digest.as_deref()),
        ("floodmark:reference:pin", Some(pin.as_str())),
    ];
    told.into_iter().filter_map(|(name, value)| Some(json!({ "name": name, "value": value? }))).collect()
}

fn occurrence(found: &FoundAt) -> Value {
    let line: Option<u64> = found.place.strip_prefix("line ").and_then(|line| line.parse().ok());
    let context = format!("{} of SHA-256 {}", found.place, found.evidence);
    match line {
        Some(line) => json!({ "location": found.path, "line": line, "additionalContext": context }),
        None => json!({ "location": found.path, "additionalContext": context }),
    }
}

fn vulnerability(flaw: &Flaw, finding: Option<&Finding>, references: &BTreeMap<&str, Vec<&str>>) -> Value {
    let affected = references.get(flaw.component.as_str()).into_iter().flatten();
    let affected: Vec<Value> = affected.map(|reference| json!({ "ref": reference })).collect();
    let others: Vec<Value> =
        flaw.aliases.iter().map(|alias| json!({ "id": alias, "source": source(alias) })).collect();
    let mut properties = vec![
        json!({ "name": "floodmark:kind", "value": flaw.kind.as_str() }),
        json!({ "name": "floodmark:finding", "value": flaw.finding }),
        json!({ "name": "floodmark:known-exploited", "value": flaw.known_exploited.to_string() }),
    ];
    properties.extend(flaw.epss.map(|epss| json!({ "name": "floodmark:epss", "value": epss.to_string() })));
    properties.extend(flaw.fixed.iter().map(|fixed| json!({ "name": "floodmark:fixed", "value": fixed })));
    let mut told = json!({
        "id": flaw.id,
        "source": match flaw.kind {
            FlawKind::Poisoned | FlawKind::Possible => json!({ "name": "floodmark" }),
            _ => source(&flaw.id),
        },
        "references": others,
        "ratings": [rating(flaw, finding)],
        "description": finding.map_or(flaw.summary.as_str(), |finding| finding.title.as_str()),
        "affects": affected,
        "properties": properties,
    });
    if let Some(finding) = finding {
        told["detail"] = json!(finding.explanation);
        told["recommendation"] = json!(finding.advice);
    }
    match (&flaw.vex, &flaw.set_aside) {
        (Some(vex), _) if counts(vex, flaw) => told["analysis"] = analysis(vex),
        (_, Some(why)) => told["analysis"] = json!({ "detail": why }),
        (_, None) => {}
    }
    told
}

/// Whether a statement is passed on: not what the target says of itself, nor that something is none which is told.
fn counts(vex: &VexStatement, flaw: &Flaw) -> bool {
    let clears = matches!(vex.status, VexStatus::Fixed | VexStatus::NotAffected);
    vex.by == VexBy::Caller && (flaw.set_aside.is_some() || !clears)
}

/// What a VEX document says, in the words of this format.
fn analysis(vex: &VexStatement) -> Value {
    let mut told = json!({ "state": match vex.status {
        VexStatus::Affected => "exploitable",
        VexStatus::UnderInvestigation => "in_triage",
        VexStatus::Fixed => "resolved",
        VexStatus::NotAffected => "not_affected",
    } });
    let said = vex.justification.as_deref();
    let known = said.and_then(|said| match said {
        "component_not_present" | "vulnerable_code_not_present" => Some("code_not_present"),
        "vulnerable_code_not_in_execute_path" => Some("code_not_reachable"),
        "inline_mitigations_already_exist" => Some("protected_by_mitigating_control"),
        _ => JUSTIFICATIONS.into_iter().find(|one| *one == said),
    });
    if let Some(known) = known {
        told["justification"] = json!(known);
    }
    let other = said.filter(|said| known.is_none_or(|known| known != *said));
    let mut detail: Vec<&str> = other.into_iter().chain(vex.detail.as_deref()).collect();
    let place = format!("{}: {} of SHA-256 {}", vex.path, vex.citation.place, vex.citation.evidence);
    let author = vex.author.iter().map(String::as_str);
    detail.extend(author.chain([place.as_str()]));
    told["detail"] = json!(detail.join("; "));
    if let Some(timestamp) = vex.timestamp {
        told["lastUpdated"] = json!(timestamp.to_string());
    }
    told
}

fn source(id: &str) -> Value {
    json!({ "name": "OSV", "url": format!("https://osv.dev/vulnerability/{id}") })
}

fn rating(flaw: &Flaw, finding: Option<&Finding>) -> Value {
    let severity = finding.map_or("unknown", |finding| match finding.severity {
        Severity::Informational => "info",
        other => other.as_str(),
    });
    let mut rating = json!({ "severity": severity });
    if let Some(score) = flaw.score {
        rating["score"] = json!(score);
    }
    if let Some(vector) = &flaw.cvss {
        rating["vector"] = json!(vector);
        rating["method"] = json!(match vector.get(..8) {
            Some("CVSS:3.0") => "CVSSv3",
            Some("CVSS:3.1") => "CVSSv31",
            Some("CVSS:4.0") => "CVSSv4",
            _ => "CVSSv2",
        });
    }
    rating
}

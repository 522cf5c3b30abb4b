//! One incident as objects.

use std::io;

use floodmark_case::stix_id as id;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::identifiers;
use super::pattern::{hashes, pattern};
use super::prose::{behind, confidence, conflict, indicated, references, said_by, statement, times};
use super::{Objects, Stamp, object, relationship, time};
use crate::compromise::{
    Advisory, Artifact, Compromise, Entry, Identifier, Indicator, IndicatorKind, Match, Standing, Verdict,
};
use crate::observable::{Observable, ObservableKind};

pub(super) fn write(entry: &Entry, modified: Option<Timestamp>, objects: &mut Objects) -> io::Result<()> {
    let incident = Incident::of(entry, modified);
    let made = incident.objects();
    for object in &made {
        objects.add(object)?;
    }
    objects.add(&incident.report(&made))
}

struct Incident<'e> {
    id: String,
    compromise: &'e Compromise,
    stamp: Stamp,
    campaign: String,
    malware: String,
}

impl<'e> Incident<'e> {
    fn of(entry: &'e Entry, modified: Option<Timestamp>) -> Self {
        let (id, compromise) = (entry.id.to_string(), &entry.compromise);
        let windows = compromise.artifacts.iter().flat_map(|artifact| {
            artifact.windows.iter().chain(artifact.identifiers().flat_map(|(_, one)| &one.windows))
        });
        let named: Vec<Timestamp> =
            windows.filter(|one| one.standing != Standing::Rejected).flat_map(times).collect();
        let created = named.iter().min().copied().unwrap_or(Timestamp::UNIX_EPOCH);
        let latest = named.iter().max().copied().unwrap_or(created);
        Self {
            campaign: id::own("campaign", &id),
            malware: id::own("malware", &id),
            stamp: Stamp { created, modified: modified.unwrap_or(latest) },
            id,
            compromise,
        }
    }

    fn objects(&self) -> Vec<Value> {
        let mut all = vec![self.campaign(), self.malware()];
        all.push(relationship(self.stamp, &self.campaign, "uses", &self.malware, json!({})));
        all.extend(self.actors());
        all.extend(self.compromise.artifacts.iter().flat_map(|artifact| self.files(artifact)));
        let (shown, told): (Vec<_>, Vec<_>) = self
            .compromise
            .indicators()
            .map(|(kind, one)| (kind, one, observable(kind, one)))
            .partition(|one| one.2.is_some() && one.1.standing != Standing::Rejected);
        let shown = shown.into_iter().filter_map(|(_, indicator, seen)| Some((indicator, seen?)));
        all.extend(shown.filter_map(|(indicator, seen)| self.shown(indicator, &seen)).flatten());
        let told =
            told.into_iter().map(|(kind, one, _)| indicated(self.compromise, &format!("{kind:?}"), one));
        all.extend(self.note("what else gives it away", &told.collect::<Vec<_>>().join("\n"), &[]));
        all.extend(self.notes());
        all
    }

    fn campaign(&self) -> Value {
        let compromise = self.compromise;
        let aliases: Vec<&str> = compromise.aliases.iter().map(|alias| alias.value.as_str()).collect();
        let properties = json!({
            "name": format!("{} compromise", compromise.name),
            "description": compromise.summary,
            "aliases": aliases,
            "first_seen": self.is_dated().then(|| time(self.stamp.created)),
            "external_references": compromise.advisories.iter().map(|one| self.advisory(one)).collect::<Vec<_>>(),
        });
        object("campaign", &self.campaign, self.stamp, properties)
    }

    fn is_dated(&self) -> bool {
        self.stamp.created != Timestamp::UNIX_EPOCH
    }

    fn advisory(&self, advisory: &Advisory) -> Value {
        let id = advisory.id.to_string();
        let name = if id.starts_with("CVE-") { "cve" } else { "osv" };
        let note = behind("; ", advisory.note.as_deref());
        json!({
            "source_name": name,
            "external_id": id,
            "url": format!("https://osv.dev/vulnerability/{id}"),
            "description": format!("named by {}{note}", said_by(self.compromise, &advisory.sources)),
        })
    }

    fn malware(&self) -> Value {
        let compromise = self.compromise;
        let titles: Vec<&str> = compromise.artifacts.iter().map(|artifact| artifact.title.as_str()).collect();
        let aliases: Vec<&str> = compromise.aliases.iter().map(|alias| alias.value.as_str()).collect();
        let properties = json!({
            "name": format!("payload of the {} compromise", compromise.name),
            "description": format!("It was in: {}.", titles.join("; ")),
            "aliases": aliases,
            "malware_types": ["unknown"],
            "is_family": false,
        });
        object("malware", &self.malware, self.stamp, properties)
    }

    fn actors(&self) -> Vec<Value> {
        let actors = self.compromise.actors.iter();
        actors
            .flat_map(|actor| {
                let id = id::own("threat-actor", &actor.value);
                let stamp = Stamp { created: Timestamp::UNIX_EPOCH, modified: Timestamp::UNIX_EPOCH };
                let properties = json!({ "name": actor.value, "threat_actor_types": ["unknown"] });
                let said = json!({
                    "description": actor.note,
                    "confidence": confidence(self.compromise.best_grade(&actor.sources), Standing::Stated),
                    "external_references": references(self.compromise, &actor.sources),
                });
                [
                    object("threat-actor", &id, stamp, properties),
                    relationship(self.stamp, &self.campaign, "attributed-to", &id, said),
                ]
            })
            .collect()
    }

    /// The files of an artifact that are bad or suspect, by their hashes.
    fn files(&self, artifact: &Artifact) -> Vec<Value> {
        let identifiers = artifact.identifiers();
        identifiers
            .filter_map(|(verdict, one)| {
                let (kind, standing) = match verdict {
                    Verdict::Bad => ("malicious-activity", Standing::Stated),
                    Verdict::Suspect => ("anomalous-activity", Standing::Doubtful),
                    Verdict::Good | Verdict::Rejected => return None,
                };
                let known = [
                    one.sha256.as_ref().map(ToString::to_string),
                    one.sha1.as_ref().map(ToString::to_string),
                    one.md5.as_ref().map(ToString::to_string),
                ];
                let known: Vec<String> = known.into_iter().flatten().collect();
                let pattern = hashes(known.iter().map(String::as_str))?;
                let sources = artifact.sources_of(one);
                let windows = artifact.windows_of(one).iter();
                let from = windows
                    .filter(|one| one.standing != Standing::Rejected)
                    .filter_map(|one| one.from?.earliest);
                let properties = json!({
                    "name": file_name(artifact, one),
                    "description": one.note.as_ref().or(artifact.note.as_ref()).unwrap_or(&artifact.title),
                    "indicator_types": [kind],
                    "pattern": pattern,
                    "pattern_type": "stix",
                    "valid_from": time(from.min().unwrap_or(self.stamp.created)),
                    "confidence": confidence(self.compromise.best_grade(sources), standing),
                    "external_references": references(self.compromise, sources),
                });
                Some(self.indicator(&pattern, properties))
            })
            .flatten()
            .collect()
    }

    /// What shows in traffic or on disks.
    fn shown(&self, indicator: &Indicator, seen: &Observable) -> Option<[Value; 2]> {
        let pattern = pattern(seen)?;
        let what = format!("What shows where the payload of the {} compromise ran", self.compromise.name);
        let told: Vec<String> =
            std::iter::once(what).chain(indicator.role.clone()).chain(indicator.note.clone()).collect();
        let properties = json!({
            "name": format!("{} of the {} compromise", seen.value, self.compromise.name),
            "description": told.join(". "),
            "indicator_types": ["malicious-activity"],
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": time(self.stamp.created),
            "confidence": confidence(self.compromise.best_grade(&indicator.sources), indicator.standing),
            "external_references": references(self.compromise, &indicator.sources),
        });
        Some(self.indicator(&pattern, properties))
    }

    fn indicator(&self, pattern: &str, properties: Value) -> [Value; 2] {
        let id = id::own("indicator", &format!("{} {pattern}", self.id));
        [
            object("indicator", &id, self.stamp, properties),
            relationship(self.stamp, &id, "indicates", &self.malware, json!({})),
        ]
    }

    /// Conflicts, thefts and facts.
    fn notes(&self) -> Vec<Value> {
        let compromise = self.compromise;
        let mut notes = Vec::new();
        for (name, one) in &compromise.conflicts {
            let told = conflict(compromise, name.as_str(), one);
            let sides = one.sides.iter().flat_map(|side| &side.sources).cloned().collect::<Vec<_>>();
            notes.extend(self.note(
                &format!("conflict: {}", one.about),
                &told,
                &references(compromise, &sides),
            ));
        }
        for theft in &compromise.thefts {
            let paths =
                if theft.paths.is_empty() { String::new() } else { format!(": {}", theft.paths.join(", ")) };
            let about = format!("what was stolen: {:?}", theft.from);
            let told = format!("{}{paths}", theft.detail);
            notes.extend(self.note(&about, &told, &references(compromise, &theft.sources)));
        }
        for fact in &compromise.facts {
            let about = format!("fact: {}", fact.about);
            notes.extend(self.note(&about, &fact.value, &references(compromise, &fact.sources)));
        }
        let aliases = compromise.aliases.iter().map(|alias| statement(compromise, alias));
        notes.extend(self.note("other names", &aliases.collect::<Vec<_>>().join("\n"), &[]));
        notes
    }

    fn note(&self, about: &str, content: &str, references: &[Value]) -> Option<Value> {
        let id = id::own("note", &format!("{} {about} {content}", self.id));
        let properties = json!({
            "abstract": about, "content": content, "object_refs": [self.campaign], "external_references": references,
        });
        (!content.is_empty()).then(|| object("note", &id, self.stamp, properties))
    }

    fn report(&self, made: &[Value]) -> Value {
        let software = identifiers::ids(self.compromise);
        let made = made.iter().filter_map(|one| one["id"].as_str());
        let refs: Vec<&str> = made.chain(software.iter().map(String::as_str)).collect();
        let sources = self.compromise.sources.iter();
        let references: Vec<Value> = sources
            .map(|(name, source)| {
                let mut reference = json!({
                    "source_name": source.title,
                    "external_id": name.to_string(),
                    "description": format!("grade {}", source.grade.as_str()),
                });
                if let Some(url) = &source.url {
                    reference["url"] = json!(url);
                }
                reference
            })
            .collect();
        let properties = json!({
            "name": format!("The {} compromise", self.compromise.name),
            "description": self.compromise.summary,
            "report_types": ["campaign"],
            "published": time(self.stamp.modified.max(self.stamp.created)),
            "object_refs": refs,
            "external_references": references,
        });
        object("report", &id::own("report", &self.id), self.stamp, properties)
    }
}

fn file_name(artifact: &Artifact, identifier: &Identifier) -> String {
    match &identifier.file {
        Some(file) => format!("{file} of {}", artifact.title),
        None => artifact.title.clone(),
    }
}

/// What STIX has a pattern for that says the same.
fn observable(kind: IndicatorKind, indicator: &Indicator) -> Option<Observable> {
    let kind = match kind {
        IndicatorKind::Domain => ObservableKind::Domain,
        IndicatorKind::Ip if indicator.value.contains('/') => ObservableKind::Network,
        IndicatorKind::Ip => ObservableKind::Ip,
        IndicatorKind::Url => ObservableKind::Url,
        IndicatorKind::FileName => ObservableKind::FileName,
        _ => return None,
    };
    (indicator.matches == Match::Whole).then(|| Observable::new(kind, &indicator.value))?
}

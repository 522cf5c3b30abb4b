//! What an SBOM of any kind lists: components with their ids, and who needs whom.

use std::collections::{BTreeSet, HashMap};

use floodmark_intel::purl::Purl;

use super::super::Reading;
use super::named;
use crate::component::{Component, Hash, Place, Registry, Scope};

/// Kinds of things that are no software, by the names that `CycloneDX` and SPDX have for them.
const NO_SOFTWARE: [&str; 8] = [
    "cryptographic-asset",
    "data",
    "device",
    "file",
    "machine-learning-model",
    "operating-system",
    "operating_system",
    "firmware",
];

/// What Syft calls actions of GitHub, which it names by the purls of their repositories.
const ACTIONS: [&str; 2] = ["github-action", "github-action-workflow"];

/// The property that we give to every component.
const OURS: &str = "floodmark:direct";

/// What an SBOM says of one component.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) id: Option<String>,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) group: String,
    pub(super) version: String,
    pub(super) purl: Option<String>,
    pub(super) cpe: Option<String>,
    pub(super) hashes: Vec<Hash>,
    pub(super) scope: Option<Scope>,
    pub(super) properties: Vec<(String, String)>,
}

/// The components of an SBOM, as they come.
#[derive(Debug, Default)]
pub(super) struct Listed {
    items: Vec<(Place, Result<Component, String>)>,
    /// Those that have neither purl nor CPE, by id: if it is what the SBOM is about, it is no component of it.
    bare: HashMap<String, usize>,
    /// By id.
    numbers: HashMap<String, usize>,
    /// Who needs whom, and for what.
    needs: Vec<(String, String, Option<Scope>)>,
    /// What the SBOM is about.
    subjects: BTreeSet<String>,
    /// How many have no identity, and the first of them.
    nameless: Option<(usize, Place, String)>,
}

impl Listed {
    /// A component that the SBOM lists at this place.
    pub(super) fn add(&mut self, place: Place, facts: Facts) {
        let (id, name) = (facts.id.clone(), facts.name.clone());
        let is_bare = facts.purl.is_none() && facts.cpe.is_none();
        let Some(component) = facts.component() else {
            let (count, ..) = self.nameless.get_or_insert((0, place, name));
            *count += 1;
            return;
        };
        if let Some(id) = id {
            if is_bare {
                self.bare.insert(id.clone(), self.items.len());
            }
            self.numbers.entry(id).or_insert(self.items.len());
        }
        self.items.push((place, component));
    }

    /// What the SBOM is about; what that needs is asked for by the project itself.
    pub(super) fn subject(&mut self, id: impl Into<String>) {
        self.subjects.insert(id.into());
    }

    /// One component needs another.
    pub(super) fn need(&mut self, by: impl Into<String>, id: impl Into<String>, scope: Option<Scope>) {
        self.needs.push((by.into(), id.into(), scope));
    }

    /// An entry that could not be read.
    pub(super) fn broken(&mut self, place: Place, why: String) {
        self.items.push((place, Err(why)));
    }

    /// Hands everything out.
    pub(super) fn finish(mut self, reading: &mut Reading<'_>) {
        let names: Vec<Option<String>> =
            self.items.iter().map(|(_, one)| one.as_ref().ok().map(|one| one.name.clone())).collect();
        for (by, id, scope) in &self.needs {
            let Some((_, Ok(component))) =
                self.numbers.get(id).and_then(|number| self.items.get_mut(*number))
            else {
                continue;
            };
            if let Some(scope) = scope {
                component.scope =
                    if component.scope == Scope::Unknown { *scope } else { component.scope.min(*scope) };
            }
            if self.subjects.contains(by) {
                component.pulled_in_by.direct = true;
            } else if let Some(name) = self.numbers.get(by).and_then(|number| names.get(*number)?.as_ref()) {
                component.pulled_in_by.names.insert(name.clone());
            }
        }
        let left_out: BTreeSet<usize> =
            self.subjects.iter().filter_map(|id| self.bare.get(id)).copied().collect();
        for (number, (place, component)) in self.items.into_iter().enumerate() {
            if !left_out.contains(&number) {
                reading.add(place, component);
            }
        }
        if let Some((count, place, name)) = self.nameless {
            let why = format!(
                "{count} of its entries are files, systems or have no name, of which nothing can be asked (the first: `{name}`)"
            );
            reading.note(&place, &why);
        }
    }
}

impl Facts {
    /// The component, if they name one.
    fn component(self) -> Option<Result<Component, String>> {
        let mut component = match (&self.purl, &self.cpe) {
            (Some(purl), _) => named::component(purl),
            (None, cpe) if !self.name.is_empty() && (cpe.is_some() || !self.is_no_software()) => {
                self.generic(cpe.as_deref())
            }
            _ => return None,
        };
        if let Ok(component) = &mut component {
            self.complete(component);
        }
        Some(component)
    }

    fn is_no_software(&self) -> bool {
        NO_SOFTWARE.iter().any(|kind| self.kind.eq_ignore_ascii_case(kind))
    }

    /// One without a purl is named as such: no registry is known for it.
    fn generic(&self, cpe: Option<&str>) -> Result<Component, String> {
        let group = Some(self.group.as_str()).filter(|group| !group.is_empty());
        let purl = Purl::new("generic", group, &self.name, Some(&self.version))
            .and_then(|purl| purl.qualified([("cpe", cpe.unwrap_or_default())]))
            .map_err(|error| error.to_string())?;
        let name = purl.full_name();
        Ok(Component::new(purl, name, None))
    }

    /// What stands beside the purl, and in properties of ours, of Syft and of the tools of `CycloneDX`.
    fn complete(self, component: &mut Component) {
        if let Some(scope) = self.scope {
            component.scope = scope;
        }
        component.hashes.extend(self.hashes);
        let group = if self.group.is_empty() { String::new() } else { format!("{}/", self.group) };
        // What we wrote says where advisories are found, or is of no registry.
        if self.properties.iter().any(|(key, _)| key == OURS) {
            component.ecosystem = None;
            component.name.clone_from(&self.name);
        }
        for name in [self.name, format!("{group}{}", component.name.rsplit('/').next().unwrap_or_default())] {
            // The purl may have lost the case that the name has.
            if name.eq_ignore_ascii_case(&component.name) {
                component.name = name;
            }
        }
        for (key, value) in self.properties {
            match key.as_str() {
                "floodmark:scope" => component.scope = Scope::named(&value).unwrap_or(component.scope),
                "floodmark:direct" => component.pulled_in_by.direct |= value == "true",
                "floodmark:pulled-in-by" => drop(component.pulled_in_by.names.insert(value)),
                "floodmark:claimed" => drop(component.claimed.insert(value)),
                "floodmark:ecosystem" => component.ecosystem = value.parse().ok(),
                "syft:package:type" if ACTIONS.contains(&value.as_str()) => as_action(component),
                _ if key.starts_with("cdx:") && is_development(&key, &value) => component.scope = Scope::Dev,
                _ => {}
            }
        }
    }
}

/// <https://github.com/CycloneDX/cyclonedx-property-taxonomy>.
fn is_development(key: &str, value: &str) -> bool {
    let is_marked = key.ends_with(":package:development") || key.ends_with(":package:isDevRequirement");
    is_marked && value == "true"
}

/// What Syft names `pkg:github/owner/name@ref` is an action.
pub(super) fn as_action(component: &mut Component) {
    let Some(version) = component.version.as_deref().filter(|_| component.purl.kind() == "github") else {
        return;
    };
    let Ok(action) = Registry::GitHubActions.component(&component.name, Some(version)) else { return };
    let purl = action.purl.within(&component.purl.subpath().unwrap_or_default());
    if let Ok(action) =
        purl.map_err(|error| error.to_string()).and_then(|purl| named::component(purl.as_str()))
    {
        component.purl = action.purl;
        component.ecosystem = action.ecosystem;
        component.reference = action.reference;
    }
}

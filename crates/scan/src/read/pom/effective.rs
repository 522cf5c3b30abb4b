//! What a POM comes to with its parents and its imports.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::model::{Dependency, Key, Model, Parent};
use crate::read::Reading;
use crate::read::reading::{FileNumber, Neighbour};

/// How many parents one behind the other, and how many imports.
const MOST_PARENTS: usize = 32;
const MOST_IMPORTS: usize = 64;

/// How often a property may lead to another, and how long its text may become.
const MOST_STEPS: usize = 16;
const MOST_BYTES: usize = 1024;

/// A POM, then its parent, then that one's.
pub(super) struct Effective {
    line: Vec<(Option<FileNumber>, Model)>,
    managed: HashMap<Key, Dependency>,
    /// Parents and imports that are not in the target.
    pub(super) missing: BTreeSet<String>,
}

impl Effective {
    pub(super) fn of(model: Model, reading: &mut Reading<'_>) -> Self {
        let mut effective = Self::inherited(None, model, reading);
        effective.manage(reading);
        effective
    }

    /// The POM with its parents.
    fn inherited(file: Option<FileNumber>, model: Model, reading: &mut Reading<'_>) -> Self {
        let mut effective =
            Self { line: vec![(file, model)], managed: HashMap::new(), missing: BTreeSet::new() };
        while effective.line.len() <= MOST_PARENTS {
            let Some((file, Model { parent: Some(parent), .. })) = effective.line.last() else { break };
            let parent = parent.clone();
            let found = match file {
                Some(file) => reading.inside(*file, |reading| find_parent(&parent, reading)),
                None => find_parent(&parent, reading),
            };
            let Some(found) = found else {
                effective.missing.insert(format!("the parent {}", named(&parent)));
                break;
            };
            effective.line.push(found);
        }
        effective
    }

    /// Collects what versions are set, the nearest first, then what is imported.
    fn manage(&mut self, reading: &mut Reading<'_>) {
        let all = self.line.iter().flat_map(|(file, model)| model.managed.iter().map(|one| (*file, one)));
        let (mut imports, mut own) = (Vec::new(), Vec::new());
        for (file, managed) in all.map(|(file, one)| (file, self.filled(one))) {
            let is_import = managed.scope.as_deref() == Some("import");
            if is_import { imports.push((file, managed)) } else { own.push(managed) }
        }
        for managed in own {
            self.managed.entry(managed.key()).or_insert(managed);
        }
        for (file, import) in imports.into_iter().take(MOST_IMPORTS) {
            let wanted = Parent {
                group: import.group,
                artifact: import.artifact,
                version: import.version,
                path: None,
            };
            let found = match file {
                Some(file) => reading.inside(file, |reading| find(&wanted, &places(&wanted), reading)),
                None => find(&wanted, &places(&wanted), reading),
            };
            let Some((file, model)) = found else {
                self.missing.insert(format!("the import {}", named(&wanted)));
                continue;
            };
            let imported = Self::inherited(file, model, reading);
            let managed = imported.line.iter().flat_map(|(_, model)| &model.managed);
            for managed in managed.map(|managed| imported.filled(managed)) {
                self.managed.entry(managed.key()).or_insert(managed);
            }
            self.missing.extend(imported.missing);
        }
    }

    /// All that is asked for, with the file where it is; what a nearer POM asks for stands first.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = (Option<FileNumber>, &Dependency)> {
        self.line.iter().flat_map(|(file, model)| model.dependencies.iter().map(|one| (*file, one)))
    }

    /// A dependency with its properties put in and what is managed of it.
    pub(super) fn resolve(&self, dependency: &Dependency) -> Dependency {
        let mut filled = self.filled(dependency);
        if let Some(managed) = self.managed.get(&filled.key()) {
            filled.version = filled.version.or_else(|| managed.version.clone());
            filled.scope = filled.scope.or_else(|| managed.scope.clone());
        }
        filled.version = filled.version.and_then(|version| exact(&version));
        filled
    }

    fn filled(&self, dependency: &Dependency) -> Dependency {
        let fill = |text: &Option<String>| text.as_ref().map(|text| self.fill(text));
        Dependency {
            line: dependency.line,
            group: fill(&dependency.group),
            artifact: fill(&dependency.artifact),
            version: fill(&dependency.version),
            scope: fill(&dependency.scope),
            kind: fill(&dependency.kind),
            classifier: fill(&dependency.classifier),
            is_optional: dependency.is_optional,
        }
    }

    /// A text with its properties put in; one that is not known stays as it is written.
    fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MOST_STEPS {
            let Some((before, after)) = text.split_once("${") else { break };
            let Some((name, after)) = after.split_once('}') else { break };
            let Some(value) = self.property(name) else { break };
            text = format!("{before}{value}{after}");
            if text.len() > MOST_BYTES {
                break;
            }
        }
        text
    }

    fn property(&self, name: &str) -> Option<&str> {
        if let Some(value) = self.line.iter().find_map(|(_, model)| model.properties.get(name)) {
            return Some(value);
        }
        let (_, own) = self.line.first()?;
        let name = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom.")).unwrap_or(name);
        let parent = own.parent.as_ref();
        match name {
            "groupId" => own.group.as_deref().or_else(|| parent?.group.as_deref()),
            "artifactId" => own.artifact.as_deref(),
            "version" => own.version.as_deref().or_else(|| parent?.version.as_deref()),
            "parent.groupId" => parent?.group.as_deref(),
            "parent.version" => parent?.version.as_deref(),
            _ => None,
        }
    }
}

fn find_parent(parent: &Parent, reading: &mut Reading<'_>) -> Option<(Option<FileNumber>, Model)> {
    let is_file = |path: &str| Path::new(path).extension().is_some_and(|end| end == "xml");
    let said = parent.path.iter().map(|path| {
        if is_file(path) { path.clone() } else { format!("{}/pom.xml", path.trim_end_matches('/')) }
    });
    let places: Vec<_> = said.chain(places(parent)).collect();
    find(parent, &places, reading)
}

/// Where a POM may lie that is only named: in a folder of its name, or in the local repository.
fn places(wanted: &Parent) -> Vec<String> {
    let (Some(group), Some(artifact), Some(version)) = (&wanted.group, &wanted.artifact, &wanted.version)
    else {
        return Vec::new();
    };
    let path = format!("{}/{artifact}/{version}/{artifact}-{version}.pom", group.replace('.', "/"));
    let beside = ["", "../", "../../"].map(|up| format!("{up}{artifact}/pom.xml"));
    beside.into_iter().chain([format!("/root/.m2/repository/{path}")]).collect()
}

/// The first POM of these places that is the one that is wanted.
fn find(
    wanted: &Parent,
    places: &[String],
    reading: &mut Reading<'_>,
) -> Option<(Option<FileNumber>, Model)> {
    places.iter().find_map(|place| {
        let Ok(Neighbour::File(file, bytes)) = reading.neighbour(place) else { return None };
        let model = reading.inside(file, |reading| Model::read(&bytes, reading)).ok()?;
        let group = model.group.as_ref().or_else(|| model.parent.as_ref()?.group.as_ref());
        let is_it = model.artifact == wanted.artifact && group == wanted.group.as_ref();
        is_it.then_some((Some(file), model))
    })
}

fn named(parent: &Parent) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    format!("{}:{}:{}", text(&parent.group), text(&parent.artifact), text(&parent.version))
}

/// A version, if it names one: neither a range nor a property that is not known.
fn exact(version: &str) -> Option<String> {
    let inner = version.strip_prefix('[').and_then(|version| version.strip_suffix(']'));
    let version = inner.unwrap_or(version).trim();
    let is_one = !version.is_empty() && !version.contains(['[', '(', ',', ')', ']', '$']);
    is_one.then(|| version.to_owned())
}

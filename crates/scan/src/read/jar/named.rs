//! What an archive is called, by what is in it and by its file name.

use super::manifest::Manifest;
use crate::component::{Component, Registry};
use crate::read::Reading;
use crate::read::nested::Nested;
use crate::read::reading::Neighbour;

/// The longest that a part of a name is, in bytes.
const LONGEST: usize = 256;

/// A module of Maven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Module {
    group: String,
    artifact: String,
    version: Option<String>,
}

impl Module {
    /// What a `pom.properties` says.
    pub(super) fn of_properties(content: &[u8]) -> Result<Self, String> {
        let text = String::from_utf8_lossy(content);
        let value = |key: &str| {
            let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
            let values = lines.filter_map(|line| line.split_once(['=', ':']));
            let value =
                values.into_iter().find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim());
            let is_one = |value: &&str| !value.is_empty() && value.len() <= LONGEST && !value.contains("${");
            value.filter(is_one).map(ToOwned::to_owned)
        };
        let (Some(group), Some(artifact)) = (value("groupId"), value("artifactId")) else {
            return Err("has no `groupId` or no `artifactId`; expected both".to_owned());
        };
        Ok(Self { group, artifact, version: value("version") })
    }

    /// What the place of an archive in a repository of Maven or Gradle says of it: the folders, and the POM beside it.
    pub(super) fn of_place(file: &str, reading: &mut Reading<'_>) -> Option<Self> {
        let path = reading.path().to_owned();
        let folder = |up: usize| Some(path.ancestors().nth(up)?.file_name()?.to_str()?.to_owned());
        let stem = file.rsplit_once('.')?.0;
        // `files-2.1/<group>/<artifact>/<version>/<hash>/<artifact>-<version>.jar`
        if folder(5).as_deref() == Some("files-2.1") {
            return Some(Self { group: folder(4)?, artifact: folder(3)?, version: Some(folder(2)?) });
        }
        // `<group>/<artifact>/<version>/<artifact>-<version>.jar`
        let (version, artifact) = (folder(1)?, folder(2)?);
        if !stem.strip_prefix(&*artifact)?.strip_prefix('-')?.starts_with(&*version) {
            return None;
        }
        let pom = format!("{artifact}-{version}.pom");
        let Ok(Neighbour::File(_, pom)) = reading.neighbour(&pom) else { return None };
        let nested = Nested::xml(&pom, reading).ok()?;
        let project = nested.root().child("project")?;
        let group =
            project.text_of("groupId").or_else(|| project.child("parent")?.text_of("groupId"))?.to_owned();
        let is_it = project.text_of("artifactId") == Some(&*artifact);
        is_it.then_some(Self { group, artifact, version: Some(version) })
    }

    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.group, self.artifact)
    }

    pub(super) fn component(&self) -> Result<Component, String> {
        Registry::Maven.component(&self.name(), self.version.as_deref()).map_err(|error| error.to_string())
    }
}

/// A file name: `commons-text-1.9.jar`.
pub(super) struct Name<'a> {
    stem: &'a str,
    artifact: &'a str,
    version: Option<&'a str>,
}

impl<'a> Name<'a> {
    pub(super) fn of(file: &'a str) -> Self {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let hyphens = stem.match_indices('-').map(|(at, _)| at);
        let is_version = |at: &usize| stem[at + 1..].starts_with(|first: char| first.is_ascii_digit());
        let split = hyphens.into_iter().find(is_version);
        let (artifact, version) = match split {
            Some(at) => (&stem[..at], Some(&stem[at + 1..])),
            None => (stem, None),
        };
        Self { stem, artifact, version }
    }

    /// Which of the modules in an archive is the archive's own: the one that it is called like, or the only one.
    pub(super) fn own<'m>(&self, modules: impl Iterator<Item = &'m Module>) -> Option<usize> {
        let modules: Vec<_> = modules.collect();
        let fits = |module: &Module| {
            let rest = self.stem.strip_prefix(module.artifact.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let called = modules.iter().enumerate().filter(|(_, module)| fits(module));
        let longest = called.max_by_key(|(_, module)| module.artifact.len()).map(|(number, _)| number);
        longest.or((modules.len() == 1 && self.version.is_none()).then_some(0))
    }

    /// What an archive is that no module claims, if its manifest or its name tells a version.
    pub(super) fn guess(&self, manifest: &Manifest) -> Option<Module> {
        let told = manifest.first(&["implementation-version", "bundle-version", "specification-version"]);
        let version = self.version.or(told)?;
        // Many old modules have the name of their group; a guess that is wrong is one that no advisory is about.
        let group = manifest.first(&["implementation-vendor-id"]).filter(|group| is_group(group));
        let group = group.unwrap_or(self.artifact);
        if self.artifact.is_empty() || version.contains(char::is_whitespace) {
            return None;
        }
        let (artifact, version) = (self.artifact.to_owned(), Some(version.to_owned()));
        Some(Module { group: group.to_owned(), artifact, version })
    }
}

/// Whether this may be the group of a module: a domain turned round, and more than that of a vendor.
fn is_group(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.split('.').count() > 2 && text.split('.').all(is_part)
}

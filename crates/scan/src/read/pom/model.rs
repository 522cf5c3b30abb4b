//! What one POM says.

use std::collections::BTreeMap;

use crate::component::Place;
use crate::read::nested::{Nested, Node};
use crate::read::{Broken, Reading};

/// One POM, as it is written.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) group: Option<String>,
    pub(super) artifact: Option<String>,
    pub(super) version: Option<String>,
    pub(super) parent: Option<Parent>,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) managed: Vec<Dependency>,
    pub(super) dependencies: Vec<Dependency>,
}

/// The POM that one inherits from.
#[derive(Debug, Clone, Default)]
pub(super) struct Parent {
    pub(super) group: Option<String>,
    pub(super) artifact: Option<String>,
    pub(super) version: Option<String>,
    /// Where it lies; `None` if it says that it lies in a repository.
    pub(super) path: Option<String>,
}

/// Group, artifact, type and classifier.
pub(super) type Key = (Option<String>, Option<String>, String, Option<String>);

/// What is asked for, or what version it would have.
#[derive(Debug, Clone, Default)]
pub(super) struct Dependency {
    pub(super) line: u32,
    pub(super) group: Option<String>,
    pub(super) artifact: Option<String>,
    pub(super) version: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) classifier: Option<String>,
    pub(super) is_optional: bool,
}

impl Model {
    pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<Self, Broken> {
        let nested = Nested::xml(bytes, reading)?;
        let project = nested.root().children().find(|child| child.key() == "project");
        let project = project.ok_or_else(|| Broken::other("has no `project`", "a POM of Maven"))?;
        let text = |key: &str| project.text_of(key).map(ToOwned::to_owned);
        let mut model = Self {
            group: text("groupId"),
            artifact: text("artifactId"),
            version: text("version"),
            parent: project.child("parent").map(Parent::of),
            ..Self::default()
        };
        for property in project.children_of("properties") {
            let value = property.text().unwrap_or_default();
            model.properties.insert(property.key().to_owned(), value.to_owned());
        }
        let managed = project.child("dependencyManagement");
        let managed = managed.into_iter().flat_map(|managed| managed.children_of("dependencies"));
        model.managed = managed.filter(|one| one.key() == "dependency").map(Dependency::of).collect();
        let asked = project.children_of("dependencies").filter(|one| one.key() == "dependency");
        model.dependencies = asked.map(Dependency::of).collect();
        if let Some(build) = project.child("build") {
            let plugins = build.children_of("plugins").chain(build.children_of("extensions"));
            model
                .dependencies
                .extend(plugins.filter(|one| one.text_of("version").is_some()).map(Dependency::plugin));
        }
        Ok(model)
    }
}

impl Parent {
    fn of(node: Node<'_, '_>) -> Self {
        let text = |key: &str| node.text_of(key).map(ToOwned::to_owned);
        let path = match node.child("relativePath") {
            None => Some("../pom.xml".to_owned()),
            Some(path) => path.text().map(ToOwned::to_owned),
        };
        Self { group: text("groupId"), artifact: text("artifactId"), version: text("version"), path }
    }
}

impl Dependency {
    fn of(node: Node<'_, '_>) -> Self {
        let text = |key: &str| node.text_of(key).map(ToOwned::to_owned);
        let line = match node.line() {
            Place::Line(line) => line,
            Place::Entry(_) | Place::Whole => 1,
        };
        Self {
            line,
            group: text("groupId"),
            artifact: text("artifactId"),
            version: text("version"),
            scope: text("scope"),
            kind: text("type"),
            classifier: text("classifier"),
            is_optional: node.text_of("optional") == Some("true"),
        }
    }

    /// A plugin or an extension of the build.
    fn plugin(node: Node<'_, '_>) -> Self {
        let plugin = Self::of(node);
        let group = plugin.group.or_else(|| Some("org.apache.maven.plugins".to_owned()));
        Self { group, scope: Some("plugin".to_owned()), is_optional: false, ..plugin }
    }

    /// What it is managed by.
    pub(super) fn key(&self) -> Key {
        let kind = self.kind.clone().unwrap_or_else(|| "jar".to_owned());
        (self.group.clone(), self.artifact.clone(), kind, self.classifier.clone())
    }
}

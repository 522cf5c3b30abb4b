//! What a `pyproject.toml` beside a lock file asks for, and in which groups,
//! <https://packaging.python.org/en/latest/specifications/pyproject-toml/>.

use std::collections::BTreeMap;

use super::python_package::{canonical, required};
use super::reading::Neighbour;
use super::toml_tree::{Table, Tree};
use super::{Broken, Reading};
use crate::component::{Place, Scope};

/// What a project asks for.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// What each group is for, by its canonical name.
    pub(super) scopes: BTreeMap<String, Scope>,
    /// What they ask for, by canonical name, and for what: the first in the order of scopes.
    pub(super) asked: BTreeMap<String, Scope>,
}

/// What the `pyproject.toml` beside the file asks for; `None` where there is none, or none that can be read, which is told.
pub(super) fn groups(reading: &mut Reading<'_>) -> Option<Groups> {
    const MANIFEST: &str = "pyproject.toml";
    let read = |reading: &mut Reading<'_>| -> Result<Option<Groups>, Broken> {
        let Neighbour::File(number, bytes) = reading.neighbour(MANIFEST)? else { return Ok(None) };
        let tree = reading.inside(number, |reading| Tree::read(&bytes, reading))?;
        Ok(Some(Groups::of(tree.root())))
    };
    read(reading).unwrap_or_else(|broken| {
        reading.problem(&Place::entry(MANIFEST), &broken.to_string());
        None
    })
}

impl Groups {
    fn of(root: Table<'_, '_>) -> Self {
        let mut groups = Self::default();
        let project = root.table("project");
        let asked = project.into_iter().flat_map(|project| project.array("dependencies"));
        groups.ask(asked.filter_map(|one| one.get_ref().as_str()), Scope::Runtime);
        groups.table(project.and_then(|project| project.table("optional-dependencies")), Scope::Optional);
        groups.table(root.table("dependency-groups"), Scope::Dev);
        let pdm = root.table("tool").and_then(|tool| tool.table("pdm"));
        groups.table(pdm.and_then(|pdm| pdm.table("dev-dependencies")), Scope::Dev);
        groups
    }

    /// Groups by name, each a list of requirements.
    fn table(&mut self, table: Option<Table<'_, '_>>, scope: Scope) {
        for (name, value) in table.into_iter().flat_map(|table| table.entries()) {
            self.scopes.insert(canonical(name), scope);
            let asked = value.get_ref().as_array().into_iter().flat_map(|array| array.iter());
            self.ask(asked.filter_map(|one| one.get_ref().as_str()), scope);
        }
    }

    fn ask<'r>(&mut self, requirements: impl Iterator<Item = &'r str>, scope: Scope) {
        for name in requirements.filter_map(required) {
            let known = self.asked.entry(name).or_insert(scope);
            *known = scope.min(*known);
        }
    }
}

//! What there is: every component once, with all places where it was found.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use floodmark_intel::advisory::package_name;
use floodmark_intel::purl::Purl;
use floodmark_intel::version::Ecosystem;

use crate::component::Component;

/// Components, each once. A fold: the same in whatever order they come and inventories are merged.
///
/// Nearly always there is one of a purl; but purls of npm are in lower case, and a registry is not the only place to come
/// from.
#[derive(Debug, Default)]
pub(crate) struct Inventory(BTreeMap<Purl, BTreeMap<Key, Component>>);

/// What tells components of one purl apart: where they come from, and the name as it is compared there.
type Key = (Option<Ecosystem>, String);

impl Inventory {
    /// Adds a component.
    pub(crate) fn observe(&mut self, component: Component) {
        let Some(known) = self.0.get_mut(&component.purl) else {
            self.0.insert(component.purl.clone(), BTreeMap::from([(key(&component), component)]));
            return;
        };
        // A key is made only where it is needed.
        let same = known.values_mut().next().filter(|first| is_same(first, &component));
        if let Some(same) = same {
            return same.absorb(component);
        }
        match known.entry(key(&component)) {
            Entry::Vacant(free) => {
                free.insert(component);
            }
            Entry::Occupied(mut known) => known.get_mut().absorb(component),
        }
    }

    /// Both as one.
    #[must_use]
    pub(crate) fn merge(self, other: Self) -> Self {
        let (mut more, less) = if self.0.len() < other.0.len() { (other, self) } else { (self, other) };
        let less = less.0.into_values().flat_map(BTreeMap::into_values);
        less.for_each(|component| more.observe(component));
        more
    }

    /// The components, sorted by purl.
    pub(crate) fn finish(self) -> Vec<Component> {
        self.0.into_values().flat_map(BTreeMap::into_values).collect()
    }
}

fn is_same(a: &Component, b: &Component) -> bool {
    a.ecosystem == b.ecosystem && a.name == b.name
}

fn key(component: &Component) -> Key {
    let name = match &component.ecosystem {
        Some(ecosystem) => package_name(ecosystem.name(), &component.name).into_owned(),
        None => component.name.clone(),
    };
    (component.ecosystem.clone(), name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Found, Place, Registry, Scope};

    fn component(name: &str, path: &str, scope: Scope) -> Component {
        let mut component = Registry::PyPi.component(name, Some("1.0")).expect("a component").scoped(scope);
        let evidence = floodmark_case::EvidenceId::of(path.as_bytes());
        component.found.insert(Found { path: path.into(), place: Place::Line(1), evidence, layer: None });
        component.pulled_in_by([path])
    }

    #[test]
    fn names_that_are_two_packages_stay_two_components() {
        let mut inventory = Inventory::default();
        for name in ["JSONStream", "jsonstream"] {
            inventory.observe(Registry::Npm.component(name, Some("1.3.5")).expect("a component"));
        }
        assert_eq!(inventory.finish().len(), 2);
    }

    #[test]
    fn equal_components_are_one_whatever_the_order() {
        let all = || {
            [
                component("Foo_Bar", "b", Scope::Dev),
                component("foo-bar", "a", Scope::Runtime),
                component("other", "a", Scope::Dev),
                component("foo_bar", "c", Scope::Optional),
            ]
        };
        let fold = |components: &[Component]| {
            let mut inventory = Inventory::default();
            components.iter().cloned().for_each(|one| inventory.observe(one));
            inventory
        };
        let whole = fold(&all()).finish();
        assert_eq!(whole.len(), 2);
        assert_eq!((whole[0].found.len(), whole[0].scope), (3, Scope::Runtime));
        for cut in 0..4 {
            let mut turned = all();
            turned.rotate_left(cut);
            let (left, right) = turned.split_at(cut);
            assert_eq!(fold(left).merge(fold(right)).finish(), whole);
        }
    }
}

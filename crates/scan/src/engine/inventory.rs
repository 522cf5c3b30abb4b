//! What there is: every component once, with all places where it was found.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasher;

use floodmark_intel::advisory::package_name;
use floodmark_intel::version::Ecosystem;

use crate::component::Component;

/// Components, each once. A fold: the same in whatever order they come and inventories are merged.
///
/// Nearly always there is one of a purl; but purls of npm are in lower case, and a registry is not the only place to come
/// from.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    components: Vec<Component>,
    /// By the hash of what tells it apart, the component that came last.
    last: HashMap<u64, usize>,
    /// For each component, the one before it with the same hash.
    before: Vec<Option<usize>>,
}

/// What tells components of one purl apart: where they come from, and the name as it is compared there.
type Key<'c> = (Option<&'c Ecosystem>, Cow<'c, str>);

/// While components are moved, so many are held twice.
const AT_ONCE: usize = 1 << 14;

impl Inventory {
    /// Adds components.
    pub(crate) fn extend(&mut self, mut components: Vec<Component>) {
        while let Some(component) = components.pop() {
            self.observe(component);
            if components.len().is_multiple_of(AT_ONCE) {
                components.shrink_to_fit();
            }
        }
    }

    /// Adds a component.
    fn observe(&mut self, component: Component) {
        let hash = self.last.hasher().hash_one((&component.purl, key(&component)));
        let last = self.last.get(&hash).copied();
        let mut next = last;
        while let Some(number) = next {
            let known = &mut self.components[number];
            if is_same(known, &component) {
                return known.absorb(component);
            }
            next = self.before[number];
        }
        self.last.insert(hash, self.components.len());
        self.before.push(last);
        self.components.push(component);
    }

    /// Both as one.
    #[must_use]
    pub(crate) fn merge(self, other: Self) -> Self {
        let is_less = self.components.len() < other.components.len();
        let (mut more, less) = if is_less { (other, self) } else { (self, other) };
        more.extend(less.components);
        more
    }

    /// The components, sorted by purl.
    pub(crate) fn finish(self) -> Vec<Component> {
        let mut components = self.components;
        components.sort_unstable_by(|a, b| a.purl.cmp(&b.purl).then_with(|| key(a).cmp(&key(b))));
        components
    }
}

fn is_same(a: &Component, b: &Component) -> bool {
    a.purl == b.purl && key(a) == key(b)
}

fn key(component: &Component) -> Key<'_> {
    let name = match &component.ecosystem {
        Some(ecosystem) => package_name(ecosystem.name(), &component.name),
        None => Cow::Borrowed(component.name.as_str()),
    };
    (component.ecosystem.as_ref(), name)
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
        for name in ["JSONStream", "jsonstream", "JSONStream"] {
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
            inventory.extend(components.to_vec());
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
